/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a zero and a one followed a context, as a small number that a probability is learned for. */
#include "protocol/text/counts.h"

#include "protocol/text/logistic.h"

#define EXACT_MAX 4 /* up to so many have a state for each pair */
#define LEVELS 26   /* of the share of ones: none, all, and 24 between */
#define LEVEL_LOGITS (2 * (LOGIT_MAX + 1) / (LEVELS - 2))

/* Totals where the next class of totals begins. */
static const uint16_t class_begin[] = {5, 7, 10, 16, 32, 80, 250, 1000, UINT16_MAX};

static unsigned level_of(const struct text_counts *counts, const int16_t *stretch, int32_t *rest)
{
  *rest = 0;
  if (!counts->ones)
    return 0;
  if (!counts->zeros)
    return LEVELS - 1;
  uint64_t total = (uint64_t)counts->zeros + counts->ones;
  int32_t logit = stretch[(uint32_t)(counts->ones * UINT64_C(4095) / total)] + LOGIT_MAX + 1;
  int32_t level = logit / LEVEL_LOGITS;
  level = level > LEVELS - 3 ? LEVELS - 3 : level;
  *rest = logit - level * LEVEL_LOGITS - LEVEL_LOGITS / 2;
  return (unsigned)level + 1;
}

unsigned text_count_state(const struct text_counts *counts, const int16_t *stretch, int32_t *rest)
{
  uint32_t total = counts->zeros + counts->ones;
  if (total <= EXACT_MAX) {
    *rest = 0;
    return total * (total + 1) / 2 + counts->ones; /* 1..14 */
  }
  unsigned class = 0;
  while (total >= class_begin[class + 1] && class_begin[class + 1] != UINT16_MAX)
    class ++;
  return 15 + class * LEVELS + level_of(counts, stretch, rest);
}

uint16_t text_count_prior(unsigned state)
{
  if (state < 15) {
    unsigned total = 1;
    while ((total + 1) * (total + 2) / 2 <= state)
      total++;
    unsigned ones = state - total * (total + 1) / 2;
    return (uint16_t)(PROB_ONE * (2 * ones + 1) / (2 * total + 2));
  }
  unsigned level = (state - 15) % LEVELS;
  if (level == 0)
    return PROB_ONE / 64;
  if (level == LEVELS - 1)
    return PROB_ONE - PROB_ONE / 64;
  return (uint16_t)logistic_squash((int32_t)((level - 1) * LEVEL_LOGITS + LEVEL_LOGITS / 2) - LOGIT_MAX - 1);
}
