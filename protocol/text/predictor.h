/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predicts a text bit by bit along the code tree: many contexts each say what they saw in the training text, and a
 * gated mix (Mattern 2012, as in Mahoney's PAQ) learns whom to believe where.  It forgets everything between
 * messages.
 *
 * The order of calls is the same for writing and reading: text_predict, then text_update with the bit. */
#ifndef PROTOCOL_TEXT_PREDICTOR_H
#define PROTOCOL_TEXT_PREDICTOR_H

#include "protocol/text/tables.h"

#define TEXT_EXACT_ORDERS 12  /* longest context kept, characters */
#define TEXT_FOLDED_ORDERS 20 /* likewise, in classes */

#define TEXT_COUNT_INPUTS 14 /* from counts of fixed orders */
#define TEXT_LONG_INPUTS 4   /* from counts of contexts of any length */
#define TEXT_PLACE_INPUTS 4  /* from the place in the message alone */
#define TEXT_INPUTS (TEXT_COUNT_INPUTS + TEXT_LONG_INPUTS + TEXT_PLACE_INPUTS + 1)
#define TEXT_COUNT_STATES 256
#define TEXT_LENGTHS 16 /* of contexts: 15 and more are one */
#define TEXT_PLACE_STATES 64
#define TEXT_MIXES 5
#define TEXT_MIX_STATES 256

/* What training fixes: probabilities (16 bits) and weights (65536: 1).  Nodes are numbered as in the code tree. */
struct text_learned {
  uint16_t count[TEXT_COUNT_INPUTS][TEXT_COUNT_STATES];
  uint16_t longer[TEXT_LONG_INPUTS][TEXT_LENGTHS][TEXT_COUNT_STATES];
  uint16_t place[TEXT_PLACE_INPUTS][TEXT_SYMBOLS_MAX][TEXT_PLACE_STATES];
  int32_t weight[TEXT_MIXES][TEXT_MIX_STATES][TEXT_INPUTS];
  int32_t last[TEXT_SYMBOLS_MAX][TEXT_MIXES];
};

struct text_predictor {
  const struct text_tables *tables;
  const struct text_learned *learned;

  /* The message so far. */
  struct text_range exact[TEXT_EXACT_ORDERS + 1], folded[TEXT_FOLDED_ORDERS + 1];
  unsigned chars;              /* since its begin */
  unsigned word, words_before; /* letters since the word's begin; the same and the word before with its end */
  uint8_t recent[2];           /* symbols, newest first */
  uint8_t upper_word, mark_seen, mark_missed;

  /* The character that is being predicted. */
  int16_t node;
  struct text_range exact_at[TEXT_EXACT_ORDERS + 1], folded_at[TEXT_FOLDED_ORDERS + 1];
  unsigned longest_exact, longest_folded;
  uint32_t place[TEXT_PLACE_INPUTS]; /* states of this character */
  uint32_t choice[TEXT_MIXES];

  /* The bit that is being predicted. */
  int32_t input[TEXT_INPUTS];
  const uint16_t *from[TEXT_INPUTS]; /* the probability behind the input; NULL: none */
  struct text_range exact_ones[TEXT_EXACT_ORDERS + 1], folded_ones[TEXT_FOLDED_ORDERS + 1];
  int32_t mixed[TEXT_MIXES];
  uint32_t prob[TEXT_MIXES];
  uint32_t last;
};

/* Begins a message.  learned is tables->learned, or what a trainer is making of it. */
void text_predictor_init(struct text_predictor *predictor, const struct text_tables *tables,
                         const struct text_learned *learned);

/* The probability that the next bit is a one, 1..65535. */
uint32_t text_predict(struct text_predictor *predictor);

/* The bit was this.  Returns the symbol if it is complete now, else -1. */
int text_update(struct text_predictor *predictor, int bit);

#endif
