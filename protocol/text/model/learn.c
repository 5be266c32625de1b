/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning of the text model: moves what the predictor trusts towards what came. */
#include "protocol/text/model/learn.h"

#include <stddef.h>

#include "protocol/text/counts.h"
#include "protocol/text/logistic.h"

#define PROBS (offsetof(struct text_learned, weight) / sizeof(uint16_t))
#define WEIGHTS ((sizeof(struct text_learned) - offsetof(struct text_learned, weight)) / sizeof(int32_t))

_Static_assert(offsetof(struct text_learned, weight) % sizeof(int32_t) == 0, "no gap before the weights");

static void fill_counts(uint16_t *prob, size_t count)
{
  for (size_t i = 0; i < count; i++)
    prob[i] = text_count_prior(i % TEXT_COUNT_STATES);
}

static void fill_weights(int32_t *weight, size_t count, int32_t value)
{
  for (size_t i = 0; i < count; i++)
    weight[i] = value;
}

void learned_init(struct text_learned *learned)
{
  fill_counts(&learned->count[0][0], sizeof learned->count / sizeof(uint16_t));
  fill_counts(&learned->longer[0][0][0], sizeof learned->longer / sizeof(uint16_t));
  for (size_t i = 0; i < sizeof learned->place / sizeof(uint16_t); i++)
    (&learned->place[0][0][0])[i] = PROB_ONE / 2;
  fill_weights(&learned->weight[0][0][0], sizeof learned->weight / sizeof(int32_t), PROB_ONE / 6);
  fill_weights(&learned->last[0][0], sizeof learned->last / sizeof(int32_t), PROB_ONE / TEXT_MIXES);
}

/* Towards less coding cost along its gradient (Mahoney 2005): error times input. */
static void move_weights(int32_t *weight, const int32_t *input, unsigned count, int32_t error, int32_t rate)
{
  for (unsigned i = 0; i < count; i++)
    weight[i] += (int32_t)(((int64_t)input[i] * error * rate + (1 << 19)) >> 20);
}

void learn(struct text_learned *learned, const struct text_predictor *p, struct learn_pace pace, int bit)
{
  int32_t target = bit ? PROB_ONE - 1 : 0;
  move_weights(learned->last[p->node], p->mixed, TEXT_MIXES, target - (int32_t)p->last, pace.last_rate);
  for (unsigned m = 0; m < TEXT_MIXES; m++)
    move_weights(learned->weight[m][p->choice[m]], p->input, TEXT_INPUTS, target - (int32_t)p->prob[m],
                 pace.mix_rate);
  for (unsigned i = 0; i < TEXT_INPUTS; i++)
    if (p->from[i]) {
      uint16_t *prob = (uint16_t *)learned + (p->from[i] - (const uint16_t *)p->learned);
      *prob = (uint16_t)(*prob + (target - *prob) / (1 << pace.count_shift));
    }
}

void learned_write(uint8_t out[LEARNED_FILE_LEN], const struct text_learned *learned)
{
  const uint16_t *prob = (const uint16_t *)learned;
  for (size_t i = 0; i < PROBS; i++, out += 2)
    for (int byte = 0; byte < 2; byte++)
      out[byte] = (uint8_t)(prob[i] >> 8 * byte);
  const int32_t *weight = &learned->weight[0][0][0];
  for (size_t i = 0; i < WEIGHTS; i++, out += 4)
    for (int byte = 0; byte < 4; byte++)
      out[byte] = (uint8_t)((uint32_t)weight[i] >> 8 * byte);
}

void learned_read(struct text_learned *learned, const uint8_t in[LEARNED_FILE_LEN])
{
  uint16_t *prob = (uint16_t *)learned;
  for (size_t i = 0; i < PROBS; i++, in += 2)
    prob[i] = (uint16_t)(in[0] | in[1] << 8);
  int32_t *weight = &learned->weight[0][0][0];
  for (size_t i = 0; i < WEIGHTS; i++, in += 4)
    weight[i] = (int32_t)(in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24);
}
