/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a zero and a one followed a context, as a small number that a probability is learned for. */
#ifndef PROTOCOL_TEXT_COUNTS_H
#define PROTOCOL_TEXT_COUNTS_H

#include <stdint.h>

struct text_counts {
  uint32_t zeros, ones;
};

/* State of counts, 1..255; not both may be 0.  rest: log odds by which they differ from the middle of the state. */
unsigned text_count_state(const struct text_counts *counts, const int16_t *stretch, int32_t *rest);

/* A first guess of the probability of a one in a state. */
uint16_t text_count_prior(unsigned state);

#endif
