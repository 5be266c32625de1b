/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for the text model where a test is about phrases: characters as they are, an end after them. */
#include "protocol/text/model_text.h"

#include <errno.h>

#define END 256
#define SYMBOLS 257

void model_text_put(struct arith_writer *out, const char *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    arith_put_uniform(out, (unsigned char)bytes[i], SYMBOLS);
  arith_put_uniform(out, END, SYMBOLS);
}

int model_text_get(char *bytes, size_t size, struct arith_reader *in)
{
  for (size_t len = 0; len <= size; len++) {
    uint32_t symbol = arith_get_uniform(in, SYMBOLS);
    if (symbol == END)
      return (int)len;
    if (len < size)
      bytes[len] = (char)symbol;
  }
  return -EBADMSG;
}
