/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the AX.25 reader: the input is a frame that a TNC heard, and an address that a person wrote. */
#include <string.h>

#include "hw/modem/ax25.h"
#include "tests/fuzz/fuzz.h"

#define ADDRESS_MAX 32

static void check_frame(const uint8_t *data, size_t size)
{
  uint8_t wire[AX25_FRAME_MAX];
  struct ax25_frame frame, again;
  if (ax25_unwrap(&frame, data, size))
    return;
  FUZZ_CHECK(frame.info >= data && frame.info + frame.info_len <= data + size);
  int len = ax25_wrap(wire, &frame.to, &frame.from, frame.info, frame.info_len);
  if (frame.info_len > AX25_INFO_MAX) {
    FUZZ_CHECK(len < 0);
    return;
  }
  FUZZ_CHECK(len == (int)(AX25_HEADER_LEN + frame.info_len) && !ax25_unwrap(&again, wire, (size_t)len));
  FUZZ_CHECK(ax25_address_equal(&again.to, &frame.to) && ax25_address_equal(&again.from, &frame.from));
  FUZZ_CHECK(again.info_len == frame.info_len && !memcmp(again.info, frame.info, frame.info_len));
}

static void check_address(const uint8_t *data, size_t size)
{
  char text[ADDRESS_MAX] = "", written[ADDRESS_MAX];
  struct ax25_address address, again;
  memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
  if (ax25_address_parse(&address, text))
    return;
  FUZZ_CHECK(strlen(address.call) >= 1 && strlen(address.call) <= 6 && address.ssid <= 15);
  snprintf(written, sizeof written, "%s-%u", address.call, address.ssid);
  FUZZ_CHECK(!ax25_address_parse(&again, written) && ax25_address_equal(&again, &address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check_frame(data, size);
  check_address(data, size);
  return 0;
}
