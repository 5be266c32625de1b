/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as people write it, and how it travels: UTF-8 in, the very same bytes out. */
#include "protocol/wire/text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "protocol/text/codec.h"
#include "protocol/text/utf8.h"

static int is_forbidden_control(uint32_t code_point)
{
  return (code_point < 0x20 && code_point != '\n' && code_point != '\t') || (code_point >= 0x7f && code_point < 0xa0);
}

int text_count_chars(const char *bytes, size_t len)
{
  int chars = 0;
  for (size_t i = 0; i < len; chars++) {
    uint32_t code_point;
    size_t step = utf8_decode(&code_point, bytes + i, len - i);
    if (!step || is_forbidden_control(code_point))
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
  int err = text_code_write(out, text->bytes, text->len);
  assert(!err);
  (void)err;
}

int text_decode(struct text *text, struct bit_reader *in)
{
  char bytes[TEXT_MAX_BYTES];
  size_t len;
  int err = text_code_read(bytes, sizeof bytes, &len, in);
  if (err)
    return err;
  return text_set(text, bytes, len) ? -EBADMSG : 0;
}
