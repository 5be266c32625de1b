/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bit fields in a byte buffer, most significant bit first, for every codec on the air. */
#ifndef PROTOCOL_BASE_BITS_H
#define PROTOCOL_BASE_BITS_H

#include <stddef.h>
#include <stdint.h>

struct bit_writer {
  uint8_t *buf;
  size_t size;  /* bytes */
  size_t bits;  /* written so far */
  int overflow; /* set when a field did not fit; nothing is written past size */
};

struct bit_reader {
  const uint8_t *buf;
  size_t size;
  size_t bits;   /* read so far */
  int underflow; /* set when a read went past the end; such reads return 0 */
};

void bits_writer_init(struct bit_writer *writer, uint8_t *buf, size_t size);
void bits_put(struct bit_writer *writer, uint32_t value, unsigned width); /* width 0..32; value must fit */
void bits_put_bytes(struct bit_writer *writer, const uint8_t *bytes, size_t len);
void bits_put_align(struct bit_writer *writer);       /* zero bits up to the next byte */
size_t bits_put_len(const struct bit_writer *writer); /* bytes begun */

void bits_reader_init(struct bit_reader *reader, const uint8_t *buf, size_t size);
uint32_t bits_get(struct bit_reader *reader, unsigned width);
void bits_get_bytes(struct bit_reader *reader, uint8_t *bytes, size_t len);
void bits_get_align(struct bit_reader *reader);
size_t bits_left(const struct bit_reader *reader); /* bits */

#endif
