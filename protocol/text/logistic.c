/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probabilities and their log odds in integers, the same on every machine, for the text model. */
#include "protocol/text/logistic.h"

#define STEP 64 /* log odds between two entries of the table */

/* 65536 / (1 + exp(-x / 256)), x from -2048 in steps of 64, rounded. */
static const uint16_t squash_at[65] = {22,    28,    36,    47,    60,    77,    98,    126,   162,   208,   267,
                                       342,   439,   562,   720,   922,   1179,  1506,  1921,  2446,  3108,  3938,
                                       4971,  6249,  7812,  9702,  11955, 14595, 17625, 21025, 24743, 28693, 32768,
                                       36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598,
                                       62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194, 65269,
                                       65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514};

uint32_t logistic_squash(int32_t logit)
{
  int32_t x = (logit > LOGIT_MAX ? LOGIT_MAX : logit < -LOGIT_MAX ? -LOGIT_MAX : logit) + 32 * STEP;
  uint32_t low = squash_at[x / STEP], high = squash_at[x / STEP + 1];
  return low + ((high - low) * (uint32_t)(x % STEP) + STEP / 2) / STEP;
}

/* The inverse by bisection over the table: exact, and as good on every machine. */
int32_t logistic_stretch(uint32_t prob)
{
  int32_t low = -LOGIT_MAX, high = LOGIT_MAX;
  while (low < high) {
    int32_t middle = (low + high + LOGIT_MAX * 2) / 2 - LOGIT_MAX;
    if (logistic_squash(middle) < prob)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}
