/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the text model knows, read-only: an alphabet, a code tree, two indexes of the training text, and what was
 * learned of how far to trust them.
 *
 * An index answers, for any run of characters, how often each next character followed it in the training text: an
 * FM-index (Ferragina and Manzini 2000) of the text read backwards, whose wavelet tree (Grossi, Gupta and Vitter
 * 2003) has the shape of the code tree.  So one step down the tree gives both counts of a binary decision for a
 * context of any length, and the leaf gives the context longer by one. */
#ifndef PROTOCOL_TEXT_TABLES_H
#define PROTOCOL_TEXT_TABLES_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_SYMBOLS_MAX 256
#define TEXT_END 0    /* symbol: the message ends */
#define TEXT_ESCAPE 1 /* symbol: a character outside of the alphabet, told by its code point */

/* The code of a symbol tells its class first (a letter whatever its case and accents; any digit), then which of the
 * class.  A child is the number of a node, or ~symbol. */
struct text_node {
  int16_t child[2];
};

struct text_index {
  const uint64_t *bits;   /* of all nodes, one after the other, least significant bit first */
  const uint32_t *rank;   /* ones before each 256 of them */
  const uint32_t *start;  /* of each node: its first bit */
  const uint32_t *before; /* of each node: ones before its first bit */
  const uint32_t
      *first; /* of each symbol (exact index) or class (folded index): where the contexts begin that end in it */
};

struct text_range { /* of contexts in sorted order, or of a node's bits */
  uint32_t begin, end;
};

struct text_learned; /* predictor.h */

struct text_tables {
  uint32_t version;      /* of the model, 1..13: what one station writes, another can read only with the same */
  uint32_t symbol_count; /* 2 and more */
  uint32_t class_count;
  uint32_t node_count;        /* symbol_count - 1; node 0 is the root */
  uint32_t length;            /* characters of the training text */
  const uint32_t *code_point; /* of each symbol but the first two, ascending */
  const uint8_t *class_of;    /* of each symbol */
  const uint8_t *is_upper;    /* of each symbol: 1 if a capital letter */
  const uint8_t *is_marked;   /* of each symbol: 1 if it has an accent */
  const uint8_t *kind;        /* of each symbol: enum text_kind */
  const int16_t *node_class;  /* of each node: the class whose symbols it tells apart, or -1 */
  const struct text_node *node;
  const int16_t *stretch;   /* log odds of a probability's upper 12 bits */
  struct text_index exact;  /* contexts are characters */
  struct text_index folded; /* contexts are classes */
  const struct text_learned *learned;
};

enum text_kind {
  TEXT_KIND_END,
  TEXT_KIND_LETTER,
  TEXT_KIND_DIGIT,
  TEXT_KIND_SPACE,
  TEXT_KIND_POINT,
  TEXT_KIND_OTHER,
  TEXT_KIND_COUNT
};

/* Takes a block of tables that text_tables_build made, aligned to 8 bytes, which must stay.  Returns 0, or -EINVAL if
 * it is not one of this machine and version of the software. */
int text_tables_open(struct text_tables *tables, const void *block, size_t len);

/* Which of a node's children the code of a symbol takes: 0 or 1.  The symbol is below the node. */
int text_node_turn(const struct text_tables *tables, int16_t node, unsigned symbol);

/* Ones among the first count bits of a node. */
uint32_t text_index_ones(const struct text_index *index, unsigned node, uint32_t count);

/* Whether bit number at of a node is a one. */
int text_index_bit(const struct text_index *index, unsigned node, uint32_t at);

/* The symbol of a character, or TEXT_ESCAPE. */
unsigned text_symbol_of(const struct text_tables *tables, uint32_t code_point);

#endif
