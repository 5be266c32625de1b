/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the vectors of PROTOCOL.md to the bit codecs, for the tests that replay them. */
#ifndef TESTS_UNIT_PROTOCOL_VECTOR_CODEC_H
#define TESTS_UNIT_PROTOCOL_VECTOR_CODEC_H

#include "protocol/base/bits.h"
#include "tests/unit/protocol/vector_file.h"

/* What an encoder writes. */
struct out {
  uint8_t bytes[VECTOR_BYTES_MAX];
  struct bit_writer writer;
};

struct bit_writer *begin(struct out *out);

/* Fails the test unless the vector's "hex" was written. */
void expect(const struct vector *v, struct out *out);

/* What a decoder reads. */
struct in {
  uint8_t bytes[VECTOR_BYTES_MAX];
  struct bit_reader reader;
};

struct bit_reader *open_hex(const struct vector *v, struct in *in);

/* Fails the test unless all is used except the zero bits up to the last whole byte. */
void expect_end(struct in *in);

/* Reads decimal numbers, one space between two.  Returns how many. */
size_t take_numbers(const char *text, uint32_t *out, size_t max);

#endif
