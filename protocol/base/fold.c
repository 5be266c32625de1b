/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters without case and accent. */
#include "protocol/base/fold.h"

unsigned char fold_letter(const char **at)
{
  static const char latin1[] =
      "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"; /* U+00C0..U+00FF */
  unsigned char c = (unsigned char)*(*at)++;
  if (c == 0xc3 && ((unsigned char)**at & 0xc0) == 0x80)
    return (unsigned char)latin1[(unsigned char)*(*at)++ - 0x80];
  return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}
