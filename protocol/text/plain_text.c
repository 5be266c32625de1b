/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters that no model knows better: each about as likely as any other of its kind. */
#include "protocol/text/plain_text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "protocol/text/utf8.h"

/* Kinds of characters: where their code points begin, and how likely they are, of TOTAL.  The end is a kind too. */
static const struct kind {
  uint32_t begin, count, weight;
} kinds[] = {
    {0x20, 0x5f, 220}, /* printable ASCII */
    {0, 0x20, 2},      {0x7f, 1, 1}, {0x80, 0x780, 11}, {0x800, 0xf800, 8}, {0x10000, 0x100000, 6},
};
#define KINDS (sizeof kinds / sizeof *kinds)
#define TOTAL 256
#define END_WEIGHT 8 /* what the kinds leave */

#define LOW_BITS 16 /* a code point's place within its kind goes in two parts if it has more */

static uint32_t begin_of(size_t kind)
{
  uint32_t begin = 0;
  for (size_t i = 0; i < kind; i++)
    begin += kinds[i].weight;
  return begin;
}

static void put_place(struct arith_writer *out, uint32_t place, uint32_t count)
{
  if (count > 1u << LOW_BITS) {
    arith_put_uniform(out, place >> LOW_BITS, count >> LOW_BITS);
    count = 1u << LOW_BITS;
  }
  arith_put_uniform(out, place & (UINT32_MAX >> LOW_BITS), count);
}

static uint32_t get_place(struct arith_reader *in, uint32_t count)
{
  uint32_t high = 0;
  if (count > 1u << LOW_BITS) {
    high = arith_get_uniform(in, count >> LOW_BITS) << LOW_BITS;
    count = 1u << LOW_BITS;
  }
  return high | arith_get_uniform(in, count);
}

void plain_text_put(struct arith_writer *out, const char *bytes, size_t len)
{
  for (size_t i = 0; i < len;) {
    uint32_t code_point = 0;
    size_t step = utf8_decode(&code_point, bytes + i, len - i);
    assert(step);
    i += step;
    size_t kind = 0;
    while (code_point - kinds[kind].begin >= kinds[kind].count)
      kind++;
    arith_put(out, begin_of(kind), kinds[kind].weight, TOTAL);
    if (kinds[kind].count > 1)
      put_place(out, code_point - kinds[kind].begin, kinds[kind].count);
  }
  arith_put(out, TOTAL - END_WEIGHT, END_WEIGHT, TOTAL);
}

/* Reads a code point.  Returns 1, 0 (the end) or -EBADMSG. */
static int get_code_point(uint32_t *code_point, struct arith_reader *in)
{
  uint32_t at = arith_peek(in, TOTAL);
  for (size_t kind = 0; kind < KINDS; kind++) {
    uint32_t begin = begin_of(kind);
    if (at >= begin + kinds[kind].weight)
      continue;
    arith_take(in, begin, kinds[kind].weight, TOTAL);
    *code_point = kinds[kind].begin + (kinds[kind].count > 1 ? get_place(in, kinds[kind].count) : 0);
    return utf8_is_scalar(*code_point) ? 1 : -EBADMSG;
  }
  arith_take(in, TOTAL - END_WEIGHT, END_WEIGHT, TOTAL);
  return 0;
}

int plain_text_get(char *bytes, size_t size, struct arith_reader *in)
{
  size_t len = 0;
  for (;;) {
    uint32_t code_point;
    char sequence[UTF8_LEN_MAX];
    int got = get_code_point(&code_point, in);
    if (got < 0 || in->in->underflow)
      return -EBADMSG;
    if (!got)
      return (int)len;
    size_t step = utf8_encode(sequence, code_point);
    if (step > size - len)
      return -EBADMSG;
    memcpy(bytes + len, sequence, step);
    len += step;
  }
}
