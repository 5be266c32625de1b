/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning of the text model: moves what the predictor trusts towards what came. */
#ifndef PROTOCOL_TEXT_MODEL_LEARN_H
#define PROTOCOL_TEXT_MODEL_LEARN_H

#include "protocol/text/predictor.h"

/* Bytes of struct text_learned in a file: little-endian, member after member. */
#define LEARNED_FILE_LEN sizeof(struct text_learned)

struct learn_pace {
  unsigned count_shift;        /* probabilities move by 1 / 2^shift of their error */
  int32_t mix_rate, last_rate; /* of weights; 7 is what lpaq begins with */
};

void learned_init(struct text_learned *learned);

/* The bit that predictor, whose learned values these are, has just predicted was this. */
void learn(struct text_learned *learned, const struct text_predictor *predictor, struct learn_pace pace, int bit);

void learned_write(uint8_t out[LEARNED_FILE_LEN], const struct text_learned *learned);
void learned_read(struct text_learned *learned, const uint8_t in[LEARNED_FILE_LEN]);

#endif
