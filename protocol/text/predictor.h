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

#define TEXT_COUNT_INPUTS 18 /* from counts in the indexes */
#define TEXT_PLAIN_INPUTS 4  /* from the place in the message alone */
#define TEXT_INPUTS (TEXT_COUNT_INPUTS + TEXT_PLAIN_INPUTS + 1)
#define TEXT_COUNT_STATES 256
#define TEXT_LONGEST_STATES 16 /* lengths of the longest context, beside its counts */
#define TEXT_PLAIN_STATES 64
#define TEXT_MIXES 5
#define TEXT_MIX_STATES 256

/* What training fixes: probabilities (16 bits) and weights (65536: 1). */
struct text_learned {
  uint16_t count[TEXT_COUNT_INPUTS][TEXT_LONGEST_STATES][TEXT_COUNT_STATES];
  uint16_t plain[TEXT_PLAIN_INPUTS][TEXT_SYMBOLS_MAX][TEXT_PLAIN_STATES];
  int32_t weight[TEXT_MIXES][TEXT_MIX_STATES][TEXT_INPUTS];
  int32_t final[TEXT_SYMBOLS_MAX][TEXT_MIXES];
};

/* How fast the predictor learns from what it sees, as right shifts; and where the learned values are kept. */
struct text_pace {
  unsigned map_shift;
  int32_t mix_rate, final_rate;
};

struct text_predictor {
  const struct text_tables *tables;
  struct text_learned *learned; /* the caller's: training goes on in it */
  struct text_pace pace;

  /* The message so far. */
  struct text_range exact[TEXT_EXACT_ORDERS + 1], folded[TEXT_FOLDED_ORDERS + 1];
  unsigned chars;              /* since its begin */
  unsigned word, words_before; /* letters since the word's begin; the same and the word before with its end */
  uint8_t recent[4];           /* symbols, newest first */
  uint8_t upper_word, mark_seen, mark_missed;

  /* The character that is being predicted. */
  int16_t node;
  struct text_range exact_at[TEXT_EXACT_ORDERS + 1], folded_at[TEXT_FOLDED_ORDERS + 1];
  unsigned longest_exact, longest_folded;
  uint32_t place[TEXT_PLAIN_INPUTS]; /* states of this character */
  uint32_t choice[TEXT_MIXES];

  /* The bit that is being predicted. */
  int32_t input[TEXT_INPUTS];
  uint16_t *from[TEXT_INPUTS]; /* the probability behind the input; NULL: none */
  struct text_range exact_ones[TEXT_EXACT_ORDERS + 1], folded_ones[TEXT_FOLDED_ORDERS + 1];
  int32_t mixed[TEXT_MIXES];
  uint32_t prob[TEXT_MIXES];
  uint32_t final;
};

/* Begins a message.  learned begins as tables->learned; what a message changes in it is lost with it. */
void text_predictor_init(struct text_predictor *predictor, const struct text_tables *tables,
                         struct text_learned *learned, struct text_pace pace);

/* The probability that the next bit is a one, 1..65535. */
uint32_t text_predict(struct text_predictor *predictor);

/* The bit was this.  Returns the symbol if it is complete now, else -1. */
int text_update(struct text_predictor *predictor, int bit);

/* The learned values before any training. */
void text_learned_init(struct text_learned *learned);

#endif
