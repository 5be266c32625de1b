/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the tables of the text model from a training text; used when radiod is built, and by the trainer. */
#ifndef PROTOCOL_TEXT_MODEL_BUILD_H
#define PROTOCOL_TEXT_MODEL_BUILD_H

#include <stddef.h>
#include <stdint.h>

/* A training text in symbols, as prepare.py writes it. */
struct corpus {
  uint32_t version;
  uint32_t symbol_count, class_count;
  uint32_t code_point[256]; /* of each symbol, as in struct text_tables, and so are the next four */
  const uint8_t *class_of, *is_upper, *is_marked, *kind; /* likewise */
  const uint8_t *text;                                   /* messages, each ended by TEXT_END */
  size_t length;
};

/* Reads a corpus from the bytes of its file, which must stay.  Returns 0 or -EBADMSG. */
int corpus_open(struct corpus *corpus, const uint8_t *bytes, size_t len);

/* Returns a block for text_tables_open, to be freed by the caller; NULL if memory is short. */
void *tables_build(const struct corpus *corpus, const void *learned, size_t learned_len, size_t *len);

#endif
