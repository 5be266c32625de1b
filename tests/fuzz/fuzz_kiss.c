/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the KISS decoder: the input is what a TNC says. */
#include <string.h>

#include "hw/modem/kiss.h"
#include "tests/fuzz/fuzz.h"

/* The encoder takes every command that KISS knows; a frame of one survives encoding and decoding. */
static void check_round_trip(const struct kiss_decoder *from)
{
  uint8_t wire[KISS_WIRE_MAX];
  struct kiss_decoder decoder;
  unsigned port = from->frame[0] >> 4, command = from->frame[0] & 15;
  int len = kiss_encode(wire, sizeof wire, port, command, from->frame + 1, from->len - 1), frames = 0;
  FUZZ_CHECK(len > 0);
  kiss_decoder_init(&decoder);
  for (int i = 0; i < len; i++)
    frames += kiss_decode(&decoder, wire[i]);
  FUZZ_CHECK(frames == 1 && decoder.len == from->len && !memcmp(decoder.frame, from->frame, from->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  for (size_t i = 0; i < size; i++)
    if (kiss_decode(&decoder, data[i])) {
      FUZZ_CHECK(decoder.len >= 1 && decoder.len <= KISS_FRAME_MAX);
      check_round_trip(&decoder);
    }
  return 0;
}
