/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the test vectors and tables of PROTOCOL.md for the test that replays them. */
#ifndef TESTS_UNIT_PROTOCOL_VECTOR_FILE_H
#define TESTS_UNIT_PROTOCOL_VECTOR_FILE_H

#include <stddef.h>
#include <stdint.h>

#define VECTOR_LINES_MAX 40
#define VECTORS_MAX 200
#define VECTOR_BYTES_MAX 2048

struct vector {
  size_t count;
  const char *key[VECTOR_LINES_MAX], *value[VECTOR_LINES_MAX];
};

struct vector_file {
  char *text;     /* the blocks' lines, cut at their ends */
  char *pristine; /* the document as it is */
  size_t count, stated;
  struct vector vector[VECTORS_MAX];
};

/* Fails the test when the file cannot be read or a block is not understood.  Free with vector_file_free. */
struct vector_file *vector_file_read(const char *path);
void vector_file_free(struct vector_file *file);

/* The value of key, which must be there; the second form gives NULL if it is not. */
const char *vector_get(const struct vector *vector, const char *key);
const char *vector_find(const struct vector *vector, const char *key);
uint32_t vector_number(const struct vector *vector, const char *key);
size_t vector_hex(const struct vector *vector, const char *key, uint8_t out[VECTOR_BYTES_MAX]);

/* Fails the test unless the bytes are those of key. */
void vector_expect(const struct vector *vector, const char *key, const uint8_t *bytes, size_t len);

size_t hex_read(const char *hex, size_t digits, uint8_t *out);

#endif
