/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the vectors of PROTOCOL.md to the bit codecs. */
#include "tests/unit/protocol/vector_codec.h"

#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"

struct bit_writer *begin(struct out *out)
{
  bits_writer_init(&out->writer, out->bytes, sizeof out->bytes);
  return &out->writer;
}

void expect(const struct vector *v, struct out *out)
{
  assert_false(out->writer.overflow);
  vector_expect(v, "hex", out->bytes, bits_put_len(&out->writer));
}

struct bit_reader *open_hex(const struct vector *v, struct in *in)
{
  bits_reader_init(&in->reader, in->bytes, vector_hex(v, "hex", in->bytes));
  return &in->reader;
}

void expect_end(struct in *in)
{
  assert_false(in->reader.underflow);
  assert_true(bits_left(&in->reader) < 8);
  assert_int_equal(bits_get(&in->reader, (unsigned)bits_left(&in->reader)), 0);
}

size_t take_numbers(const char *text, uint32_t *out, size_t max)
{
  size_t count = 0;
  char *end;
  for (; *text; text = *end ? end + 1 : end) {
    assert_true(count < max);
    out[count++] = (uint32_t)strtoul(text, &end, 10);
    assert_true(end != text);
  }
  return count;
}
