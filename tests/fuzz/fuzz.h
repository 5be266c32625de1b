/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets share: the fuzzer's bytes taken piece by piece, checks that end the process, round trips. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/base/bits.h"
#include "protocol/wire/text.h"

/* libFuzzer calls this once for each input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is.  No assert: it would vanish with NDEBUG. */
#define FUZZ_CHECK(condition)                                                                                        \
  do {                                                                                                               \
    if (!(condition)) {                                                                                              \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                 \
      abort();                                                                                                       \
    }                                                                                                                \
  } while (0)

struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

/* Big-endian, of so many bytes; what is missing counts as zero. */
uint32_t fuzz_take_number(struct fuzz_input *in, unsigned bytes);
/* The next want bytes, or as many as there are; their number in *len. */
const uint8_t *fuzz_take_bytes(struct fuzz_input *in, size_t want, size_t *len);

/* One item type's codec, its struct behind void pointers. */
struct fuzz_codec {
  size_t size; /* of the struct */
  int (*decode)(void *out, struct bit_reader *in, void *context);
  void (*encode)(const void *in, struct bit_writer *out, void *context);
  void *context;
};

/* Decodes data.  A refusal must leave out untouched; what was accepted must come out of encoder and decoder again as
 * it went in.  Returns what decode said; out holds the decoded struct on 0. */
int fuzz_codec_check(const struct fuzz_codec *codec, const uint8_t *data, size_t size, void *out);

/* What text_decode lets through is what text_set would take. */
void fuzz_check_text(const struct text *text);

#define FUZZ_PATH_MAX 32

/* A file in memory (mode 0600) for readers that want a path.  Returns its descriptor, to be closed. */
int fuzz_file_open(const uint8_t *data, size_t size, char path[FUZZ_PATH_MAX]);

#endif
