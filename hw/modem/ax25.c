/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AX.25 UI frames around bursts. */
#include "hw/modem/ax25.h"

#include <errno.h>
#include <string.h>

enum {
  ADDRESS_LEN = 7,
  CALL_LEN = 6,
  ADDRESSES_MAX = 10, /* destination, source, eight digipeaters */
  CONTROL_UI = 0x03,
  PID_NO_LAYER_3 = 0xF0,
  SSID_RESERVED = 0x60, /* two bits that are one unless a network uses them */
  SSID_COMMAND = 0x80,  /* in the destination's SSID byte: this is a command, as UI frames are (2.2, section 6.1.2) */
  LAST_ADDRESS = 0x01,
};

static char to_upper(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int is_call_char(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Reads the number after the hyphen.  Returns it, or -EINVAL. */
static int parse_ssid(const char *text)
{
  int ssid = 0;
  size_t digits = strlen(text);
  if (digits < 1 || digits > 2)
    return -EINVAL;
  for (; *text; text++) {
    if (*text < '0' || *text > '9')
      return -EINVAL;
    ssid = ssid * 10 + (*text - '0');
  }
  return ssid <= 15 ? ssid : -EINVAL;
}

int ax25_address_parse(struct ax25_address *out, const char *text)
{
  struct ax25_address address = {0};
  size_t len = 0;
  for (; *text && *text != '-'; text++) {
    if (len == CALL_LEN || !is_call_char(to_upper(*text)))
      return -EINVAL;
    address.call[len++] = to_upper(*text);
  }
  if (len == 0)
    return -EINVAL;
  int ssid = *text == '-' ? parse_ssid(text + 1) : 0;
  if (ssid < 0)
    return ssid;
  address.ssid = (uint8_t)ssid;
  *out = address;
  return 0;
}

int ax25_address_equal(const struct ax25_address *a, const struct ax25_address *b)
{
  return strcmp(a->call, b->call) == 0 && a->ssid == b->ssid;
}

static void put_address(uint8_t *out, const struct ax25_address *address, unsigned flags)
{
  size_t len = strlen(address->call);
  for (size_t i = 0; i < CALL_LEN; i++)
    out[i] = (uint8_t)((i < len ? address->call[i] : ' ') << 1);
  out[CALL_LEN] = (uint8_t)(SSID_RESERVED | address->ssid << 1 | flags);
}

int ax25_wrap(uint8_t *out, const struct ax25_address *to, const struct ax25_address *from, const uint8_t *info,
              size_t len)
{
  if (len > AX25_INFO_MAX)
    return -EMSGSIZE;
  put_address(out, to, SSID_COMMAND);
  put_address(out + ADDRESS_LEN, from, LAST_ADDRESS);
  out[2 * ADDRESS_LEN] = CONTROL_UI;
  out[2 * ADDRESS_LEN + 1] = PID_NO_LAYER_3;
  memcpy(out + AX25_HEADER_LEN, info, len);
  return (int)(AX25_HEADER_LEN + len);
}

/* Reads seven bytes.  Returns 0 or -EBADMSG. */
static int get_address(struct ax25_address *out, const uint8_t *in)
{
  struct ax25_address address = {0};
  size_t len = 0;
  for (size_t i = 0; i < CALL_LEN; i++) {
    char c = (char)(in[i] >> 1);
    int is_padding = c == ' ' && i > 0;
    int follows_padding = len < i;
    if (in[i] & 1 || (!is_padding && (follows_padding || !is_call_char(c))))
      return -EBADMSG;
    if (!is_padding)
      address.call[len++] = c;
  }
  address.ssid = in[CALL_LEN] >> 1 & 15;
  *out = address;
  return 0;
}

/* Returns the number of addresses in front of the control byte, or -EBADMSG. */
static int count_addresses(const uint8_t *frame, size_t len)
{
  for (int count = 1; count <= ADDRESSES_MAX; count++) {
    if (len < (size_t)count * ADDRESS_LEN)
      return -EBADMSG;
    if (frame[count * ADDRESS_LEN - 1] & LAST_ADDRESS)
      return count >= 2 ? count : -EBADMSG;
  }
  return -EBADMSG;
}

int ax25_unwrap(struct ax25_frame *out, const uint8_t *frame, size_t len)
{
  struct ax25_frame found;
  struct ax25_address digipeater;
  int count = count_addresses(frame, len);
  if (count < 0)
    return count;
  size_t control = (size_t)count * ADDRESS_LEN;
  if (len < control + 2 || len - control - 2 > AX25_INFO_MAX)
    return -EBADMSG;
  if (frame[control] != CONTROL_UI || frame[control + 1] != PID_NO_LAYER_3)
    return -EBADMSG;
  if (get_address(&found.to, frame) || get_address(&found.from, frame + ADDRESS_LEN))
    return -EBADMSG;
  for (int i = 2; i < count; i++)
    if (get_address(&digipeater, frame + i * ADDRESS_LEN))
      return -EBADMSG;
  found.info = frame + control + 2;
  found.info_len = len - control - 2;
  *out = found;
  return 0;
}
