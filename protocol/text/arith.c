/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic coding (Witten, Neal and Cleary 1987) into bits. */
#include "protocol/text/arith.h"

#define HALF 0x80000000u
#define QUARTER 0x40000000u

void arith_writer_init(struct arith_writer *writer, struct bit_writer *out)
{
  *writer = (struct arith_writer){.out = out, .low = 0, .high = UINT32_MAX};
}

/* The part of low..high that a choice owns. */
static void narrow(uint32_t *low, uint32_t *high, uint32_t begin, uint32_t width, uint32_t total)
{
  uint64_t range = (uint64_t)*high - *low + 1;
  *high = (uint32_t)(*low + range * (begin + width) / total - 1);
  *low = (uint32_t)(*low + range * begin / total);
}

static void put_bit(struct arith_writer *writer, unsigned bit)
{
  bits_put(writer->out, bit, 1);
  for (; writer->waiting; writer->waiting--)
    bits_put(writer->out, !bit, 1);
}

void arith_put(struct arith_writer *writer, uint32_t begin, uint32_t width, uint32_t total)
{
  narrow(&writer->low, &writer->high, begin, width, total);
  for (;;) {
    if (writer->high < HALF || writer->low >= HALF) {
      put_bit(writer, writer->low >= HALF);
    } else if (writer->low >= QUARTER && writer->high < HALF + QUARTER) {
      writer->waiting++;
      writer->low -= QUARTER;
      writer->high -= QUARTER;
    } else {
      return;
    }
    writer->low <<= 1;
    writer->high = writer->high << 1 | 1;
  }
}

void arith_finish(struct arith_writer *writer)
{
  writer->waiting++;
  put_bit(writer, writer->low >= QUARTER);
}

static uint32_t next_bit(struct arith_reader *reader)
{
  return bits_left(&reader->ahead) ? bits_get(&reader->ahead, 1) : 0;
}

void arith_reader_init(struct arith_reader *reader, struct bit_reader *in)
{
  *reader = (struct arith_reader){.in = in, .ahead = *in, .low = 0, .high = UINT32_MAX};
  for (int i = 0; i < 32; i++)
    reader->code = reader->code << 1 | next_bit(reader);
}

uint32_t arith_peek(const struct arith_reader *reader, uint32_t total)
{
  uint64_t range = (uint64_t)reader->high - reader->low + 1;
  return (uint32_t)((((uint64_t)reader->code - reader->low + 1) * total - 1) / range);
}

void arith_take(struct arith_reader *reader, uint32_t begin, uint32_t width, uint32_t total)
{
  narrow(&reader->low, &reader->high, begin, width, total);
  for (;;) {
    if (reader->low >= QUARTER && reader->high < HALF + QUARTER) {
      reader->low -= QUARTER;
      reader->high -= QUARTER;
      reader->code -= QUARTER;
    } else if (reader->high >= HALF && reader->low < HALF) {
      return;
    }
    reader->low <<= 1;
    reader->high = reader->high << 1 | 1;
    reader->code = reader->code << 1 | next_bit(reader);
    bits_get(reader->in, 1); /* the writer has written a bit, or will, for each of these */
  }
}

void arith_end(struct arith_reader *reader)
{
  bits_get(reader->in, 2);
}

void arith_put_uniform(struct arith_writer *writer, uint32_t value, uint32_t count)
{
  arith_put(writer, value, 1, count);
}

uint32_t arith_get_uniform(struct arith_reader *reader, uint32_t count)
{
  uint32_t value = arith_peek(reader, count);
  arith_take(reader, value, 1, count);
  return value;
}
