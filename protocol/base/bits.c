/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bit fields in a byte buffer, most significant bit first, for every codec on the air. */
#include "protocol/base/bits.h"

#include <assert.h>
#include <string.h>

void bits_writer_init(struct bit_writer *writer, uint8_t *buf, size_t size)
{
  *writer = (struct bit_writer){.buf = buf, .size = size};
  memset(buf, 0, size);
}

void bits_put(struct bit_writer *writer, uint32_t value, unsigned width)
{
  assert(width <= 32 && (width == 32 || value >> width == 0));
  if (writer->overflow || writer->bits + width > writer->size * 8) {
    writer->overflow = 1;
    return;
  }
  for (unsigned i = width; i-- > 0;) {
    if (value >> i & 1)
      writer->buf[writer->bits / 8] |= (uint8_t)(0x80 >> writer->bits % 8);
    writer->bits++;
  }
}

void bits_put_bytes(struct bit_writer *writer, const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    bits_put(writer, bytes[i], 8);
}

void bits_put_align(struct bit_writer *writer)
{
  writer->bits = (writer->bits + 7) / 8 * 8;
}

size_t bits_put_len(const struct bit_writer *writer)
{
  return (writer->bits + 7) / 8;
}

void bits_reader_init(struct bit_reader *reader, const uint8_t *buf, size_t size)
{
  *reader = (struct bit_reader){.buf = buf, .size = size};
}

uint32_t bits_get(struct bit_reader *reader, unsigned width)
{
  assert(width <= 32);
  if (reader->underflow || reader->bits + width > reader->size * 8) {
    reader->underflow = 1;
    return 0;
  }
  uint32_t value = 0;
  for (unsigned i = 0; i < width; i++, reader->bits++)
    value = value << 1 | (reader->buf[reader->bits / 8] >> (7 - reader->bits % 8) & 1);
  return value;
}

void bits_get_bytes(struct bit_reader *reader, uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)bits_get(reader, 8);
}

void bits_get_align(struct bit_reader *reader)
{
  reader->bits = (reader->bits + 7) / 8 * 8;
}

size_t bits_left(const struct bit_reader *reader)
{
  return reader->size * 8 - reader->bits;
}
