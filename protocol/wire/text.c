/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as people write it, and how it travels: UTF-8 in, the very same bytes out. */
#include "protocol/wire/text.h"

#include <errno.h>
#include <string.h>

#define MODEL_BITS 4
#define MODEL_RAW 0 /* UTF-8 as it is */
#define LENGTH_BITS 10

/* Length of the well-formed UTF-8 sequence at bytes (Unicode 15, table 3-7), or 0. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
  unsigned char first = bytes[0];
  if (first < 0x80)
    return 1;
  size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || left < len)
    return 0;
  unsigned char low = 0x80,
                high = 0xbf; /* range of the second byte: no over-long forms, surrogates, or above 10FFFF */
  if (first == 0xe0)
    low = 0xa0;
  else if (first == 0xed)
    high = 0x9f;
  else if (first == 0xf0)
    low = 0x90;
  else if (first == 0xf4)
    high = 0x8f;
  if (bytes[1] < low || bytes[1] > high)
    return 0;
  for (size_t i = 2; i < len; i++)
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
  return len;
}

static int is_forbidden_control(const unsigned char *at, size_t len)
{
  if (len == 1)
    return (*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f;
  return len == 2 && at[0] == 0xc2 && at[1] < 0xa0; /* C1 */
}

int text_count_chars(const char *bytes, size_t len)
{
  const unsigned char *at = (const unsigned char *)bytes;
  int chars = 0;
  for (size_t i = 0; i < len; chars++) {
    size_t step = utf8_sequence(at + i, len - i);
    if (!step || is_forbidden_control(at + i, step))
      return -EILSEQ;
    i += step;
  }
  return chars;
}

int text_set(struct text *text, const char *bytes, size_t len)
{
  if (len > TEXT_MAX_BYTES)
    return -EMSGSIZE;
  int chars = text_count_chars(bytes, len);
  if (chars < 0)
    return chars;
  if (chars > TEXT_MAX_CHARS)
    return -EMSGSIZE;
  memcpy(text->bytes, bytes, len);
  text->bytes[len] = 0;
  text->len = (uint16_t)len;
  return 0;
}

void text_encode(const struct text *text, struct bit_writer *out)
{
  bits_put(out, MODEL_RAW, MODEL_BITS);
  bits_put(out, text->len, LENGTH_BITS);
  bits_put_bytes(out, (const uint8_t *)text->bytes, text->len);
}

int text_decode(struct text *text, struct bit_reader *in)
{
  uint32_t model = bits_get(in, MODEL_BITS);
  if (in->underflow)
    return -EBADMSG;
  if (model != MODEL_RAW)
    return -EPROTONOSUPPORT;
  uint32_t len = bits_get(in, LENGTH_BITS);
  if (in->underflow || len > TEXT_MAX_BYTES || len * 8 > bits_left(in))
    return -EBADMSG;
  char bytes[TEXT_MAX_BYTES];
  bits_get_bytes(in, (uint8_t *)bytes, len);
  return text_set(text, bytes, len) ? -EBADMSG : 0;
}
