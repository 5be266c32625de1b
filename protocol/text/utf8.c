/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, well-formed only (Unicode 15, table 3-7). */
#include "protocol/text/utf8.h"

size_t utf8_decode(uint32_t *code_point, const char *text, size_t left)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *bytes = (const unsigned char *)text;
  if (!left)
    return 0;
  unsigned first = bytes[0];
  size_t len = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
  if (!len || left < len)
    return 0;
  uint32_t value = len == 1 ? first : first & (0x7fu >> len);
  for (size_t i = 1; i < len; i++) {
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
    value = value << 6 | (bytes[i] & 0x3f);
  }
  if (value < least[len] || !utf8_is_scalar(value))
    return 0;
  if (code_point)
    *code_point = value;
  return len;
}

size_t utf8_encode(char out[UTF8_LEN_MAX], uint32_t code_point)
{
  static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  for (size_t i = len; i-- > 1; code_point >>= 6)
    out[i] = (char)(0x80 | (code_point & 0x3f));
  out[0] = (char)(lead[len] | code_point);
  return len;
}

int utf8_is_scalar(uint32_t code_point)
{
  return code_point < 0xd800 || (code_point >= 0xe000 && code_point <= 0x10ffff);
}
