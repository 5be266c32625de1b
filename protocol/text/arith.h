/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic coding (Witten, Neal and Cleary 1987) into bits: choices of known odds become the fewest bits, and the
 * reader knows where they end without being told a length. */
#ifndef PROTOCOL_TEXT_ARITH_H
#define PROTOCOL_TEXT_ARITH_H

#include <stdint.h>

#include "protocol/base/bits.h"

#define ARITH_TOTAL_MAX 65536

struct arith_writer {
  struct bit_writer *out;
  uint32_t low, high;
  uint32_t waiting; /* bits that hang on the next one */
};

void arith_writer_init(struct arith_writer *writer, struct bit_writer *out);

/* Writes the choice that begins at begin and is width wide of total (2..ARITH_TOTAL_MAX; width at least 1). */
void arith_put(struct arith_writer *writer, uint32_t begin, uint32_t width, uint32_t total);

/* Ends the code: whatever bits follow belong to somebody else. */
void arith_finish(struct arith_writer *writer);

struct arith_reader {
  struct bit_reader *in;
  struct bit_reader ahead; /* reads before the code's end is known; zeros beyond the end of in */
  uint32_t low, high, code;
};

void arith_reader_init(struct arith_reader *reader, struct bit_reader *in);

/* The place within total of the choice that comes next; then arith_take what it turned out to be. */
uint32_t arith_peek(const struct arith_reader *reader, uint32_t total);
void arith_take(struct arith_reader *reader, uint32_t begin, uint32_t width, uint32_t total);

/* Ends the code and leaves in behind it.  in->underflow is set if the code was longer than its bits. */
void arith_end(struct arith_reader *reader);

/* A number 0..count-1 whose values are as likely as each other; count up to ARITH_TOTAL_MAX. */
void arith_put_uniform(struct arith_writer *writer, uint32_t value, uint32_t count);
uint32_t arith_get_uniform(struct arith_reader *reader, uint32_t count);

#endif
