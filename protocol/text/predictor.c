/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predicts a text bit by bit along the code tree, from counts in the indexes, mixed. */
#include "protocol/text/predictor.h"

#include <string.h>

#include "protocol/text/counts.h"
#include "protocol/text/logistic.h"

/* Orders whose counts are inputs; the longest context that is known, the word and the two words are inputs besides.
 */
static const uint8_t exact_order[] = {0, 1, 2, 3, 4, 5, 6};
static const uint8_t folded_order[] = {1, 2, 3, 4, 5, 6, 8};

enum input {
  INPUT_EXACT,
  INPUT_FOLDED = INPUT_EXACT + sizeof exact_order,
  INPUT_LONGEST_EXACT = INPUT_FOLDED + sizeof folded_order,
  INPUT_LONGEST_FOLDED,
  INPUT_WORD,
  INPUT_WORDS,
  INPUT_PLAIN,
  INPUT_BIAS = INPUT_PLAIN + TEXT_PLAIN_INPUTS,
};

_Static_assert(INPUT_PLAIN == TEXT_COUNT_INPUTS, "all inputs from counts are named");

#define BIAS 256

void text_learned_init(struct text_learned *learned)
{
  memset(learned, 0, sizeof *learned);
  for (size_t i = 0; i < sizeof learned->count / sizeof(uint16_t); i++)
    (&learned->count[0][0][0])[i] = text_count_prior(i % TEXT_COUNT_STATES);
  for (size_t i = 0; i < sizeof learned->plain / sizeof(uint16_t); i++)
    (&learned->plain[0][0][0])[i] = PROB_ONE / 2;
  for (size_t i = 0; i < sizeof learned->weight / sizeof(int32_t); i++)
    (&learned->weight[0][0][0])[i] = 65536 / 6;
  for (size_t i = 0; i < sizeof learned->final / sizeof(int32_t); i++)
    (&learned->final[0][0])[i] = 65536 / TEXT_MIXES;
}

static unsigned kind_of(const struct text_predictor *p, unsigned symbol)
{
  return p->tables->kind[symbol];
}

static unsigned at_most(unsigned value, unsigned most)
{
  return value < most ? value : most;
}

static unsigned longest(const struct text_range *range, unsigned orders)
{
  while (orders && range[orders].begin == range[orders].end)
    orders--;
  return orders;
}

/* 0: small letters or none; 1: the letter before is a capital that begins the word; 2: two capitals at least. */
static unsigned case_state(const struct text_predictor *p)
{
  unsigned now = p->tables->is_upper[p->recent[0]], before = p->tables->is_upper[p->recent[1]];
  return now ? 1 + before : 0;
}

static unsigned accent_state(const struct text_predictor *p)
{
  return at_most(p->mark_seen, 3) * 4 + at_most(p->mark_missed, 3);
}

/* Which states of the plain inputs, and which weights, hold for the next character. */
static void choose(struct text_predictor *p)
{
  unsigned kind = kind_of(p, p->recent[0]), kind2 = kind_of(p, p->recent[1]);
  unsigned upper = case_state(p) * 2 + p->upper_word;
  p->place[0] = upper * 8 + at_most(p->word, 2) * 2 + (p->chars == 0);
  p->place[1] = accent_state(p) * 4 + case_state(p);
  p->place[2] = at_most(kind * TEXT_KIND_COUNT + kind2, TEXT_PLAIN_STATES - 1);
  p->place[3] = at_most(p->chars / 8, 15) * 4 + (kind == TEXT_KIND_POINT) * 2 + (kind2 == TEXT_KIND_POINT);
  p->choice[1] = at_most(p->longest_exact, 12) * 8 +
                 at_most(p->longest_folded - at_most(p->longest_exact, p->longest_folded), 7);
  p->choice[2] = at_most(p->word, 9) * TEXT_KIND_COUNT * 2 + kind * 2 + p->upper_word;
  p->choice[3] = accent_state(p) * 16 + upper * 2 + (p->word == 0);
  p->choice[4] = p->recent[0];
}

static void begin_character(struct text_predictor *p)
{
  p->node = 0;
  memcpy(p->exact_at, p->exact, sizeof p->exact);
  memcpy(p->folded_at, p->folded, sizeof p->folded);
  p->longest_exact = longest(p->exact, TEXT_EXACT_ORDERS);
  p->longest_folded = longest(p->folded, TEXT_FOLDED_ORDERS);
  choose(p);
}

/* Counts at the present node of a context, in the range of its bits. */
static struct text_counts count(const struct text_range *at, const struct text_range *ones)
{
  uint32_t one = ones->end - ones->begin;
  return (struct text_counts){at->end - at->begin - one, one};
}

static void find_ones(const struct text_index *index, unsigned node, const struct text_range *at,
                      struct text_range *ones, unsigned orders)
{
  for (unsigned k = 0; k <= orders; k++) {
    if (at[k].begin == at[k].end)
      ones[k] = (struct text_range){0, 0};
    else if (k && at[k].begin == at[k - 1].begin && at[k].end == at[k - 1].end)
      ones[k] = ones[k - 1];
    else
      ones[k] =
          (struct text_range){text_index_ones(index, node, at[k].begin), text_index_ones(index, node, at[k].end)};
  }
}

static void set_count_input(struct text_predictor *p, unsigned input, const struct text_range *at,
                            const struct text_range *ones, unsigned length)
{
  struct text_counts counts = count(at, ones);
  p->from[input] = NULL;
  p->input[input] = 0;
  if (!(counts.zeros + counts.ones))
    return;
  int32_t rest;
  unsigned state = text_count_state(&counts, p->tables->stretch, &rest);
  p->from[input] = &p->learned->count[input][at_most(length, TEXT_LONGEST_STATES - 1)][state];
  p->input[input] = p->tables->stretch[*p->from[input] >> 4] + rest;
}

static void set_inputs(struct text_predictor *p)
{
  for (unsigned i = 0; i < sizeof exact_order; i++)
    set_count_input(p, INPUT_EXACT + i, &p->exact_at[exact_order[i]], &p->exact_ones[exact_order[i]], 0);
  for (unsigned i = 0; i < sizeof folded_order; i++)
    set_count_input(p, INPUT_FOLDED + i, &p->folded_at[folded_order[i]], &p->folded_ones[folded_order[i]], 0);
  unsigned order = p->longest_exact;
  set_count_input(p, INPUT_LONGEST_EXACT, &p->exact_at[order], &p->exact_ones[order], order);
  order = p->longest_folded;
  set_count_input(p, INPUT_LONGEST_FOLDED, &p->folded_at[order], &p->folded_ones[order], order);
  order = at_most(p->word + 1, TEXT_FOLDED_ORDERS);
  set_count_input(p, INPUT_WORD, &p->folded_at[order], &p->folded_ones[order], order);
  order = at_most(p->word + p->words_before + 1, TEXT_FOLDED_ORDERS);
  set_count_input(p, INPUT_WORDS, &p->folded_at[order], &p->folded_ones[order], order);
  for (unsigned i = 0; i < TEXT_PLAIN_INPUTS; i++) {
    p->from[INPUT_PLAIN + i] = &p->learned->plain[i][p->node][p->place[i]];
    p->input[INPUT_PLAIN + i] = p->tables->stretch[*p->from[INPUT_PLAIN + i] >> 4];
  }
  p->input[INPUT_BIAS] = BIAS;
  p->from[INPUT_BIAS] = NULL;
}

static int32_t dot(const int32_t *weight, const int32_t *input, unsigned count)
{
  int64_t sum = 0;
  for (unsigned i = 0; i < count; i++)
    sum += (int64_t)weight[i] * input[i];
  sum /= 65536;
  return (int32_t)(sum > LOGIT_MAX ? LOGIT_MAX : sum < -LOGIT_MAX ? -LOGIT_MAX : sum);
}

uint32_t text_predict(struct text_predictor *p)
{
  unsigned node = (unsigned)p->node;
  find_ones(&p->tables->exact, node, p->exact_at, p->exact_ones, TEXT_EXACT_ORDERS);
  find_ones(&p->tables->folded, node, p->folded_at, p->folded_ones, TEXT_FOLDED_ORDERS);
  set_inputs(p);
  p->choice[0] = node;
  for (unsigned m = 0; m < TEXT_MIXES; m++) {
    p->mixed[m] = dot(p->learned->weight[m][p->choice[m]], p->input, TEXT_INPUTS);
    p->prob[m] = logistic_squash(p->mixed[m]);
  }
  p->final = logistic_squash(dot(p->learned->final[node], p->mixed, TEXT_MIXES));
  return p->final;
}

static void train(int32_t *weight, const int32_t *input, unsigned count, int32_t error, int32_t rate)
{
  for (unsigned i = 0; i < count; i++)
    weight[i] += (int32_t)(((int64_t)input[i] * error * rate + (1 << 19)) >> 20);
}

static void learn(struct text_predictor *p, int bit)
{
  int32_t target = bit ? PROB_ONE - 1 : 0;
  train(p->learned->final[p->node], p->mixed, TEXT_MIXES, target - (int32_t)p->final, p->pace.final_rate);
  for (unsigned m = 0; m < TEXT_MIXES; m++)
    train(p->learned->weight[m][p->choice[m]], p->input, TEXT_INPUTS, target - (int32_t)p->prob[m], p->pace.mix_rate);
  for (unsigned i = 0; i < TEXT_INPUTS; i++)
    if (p->from[i])
      *p->from[i] = (uint16_t)(*p->from[i] + (target - *p->from[i]) / (1 << p->pace.map_shift));
}

static void step(struct text_range *at, const struct text_range *ones, unsigned orders, int bit)
{
  for (unsigned k = 0; k <= orders; k++) {
    at[k].begin = bit ? ones[k].begin : at[k].begin - ones[k].begin;
    at[k].end = bit ? ones[k].end : at[k].end - ones[k].end;
  }
}

/* Contexts grow by the character that was found: those of order k become order k + 1. */
static void grow(struct text_range *range, const struct text_range *at, unsigned orders, uint32_t first)
{
  for (unsigned k = orders; k > 0; k--)
    range[k] = (struct text_range){first + at[k - 1].begin, first + at[k - 1].end};
}

/* A capital or small letter with or without its accent: what this writer does. */
static void note_habits(struct text_predictor *p, unsigned symbol)
{
  const struct text_tables *tables = p->tables;
  if (tables->is_marked[symbol])
    p->mark_seen = (uint8_t)at_most(p->mark_seen + 1u, 3);
  if (tables->kind[symbol] == TEXT_KIND_LETTER)
    p->upper_word = p->word == 1 ? tables->is_upper[symbol] : p->upper_word && tables->is_upper[symbol];
}

static void end_character(struct text_predictor *p, unsigned symbol)
{
  const struct text_tables *tables = p->tables;
  grow(p->exact, p->exact_at, TEXT_EXACT_ORDERS, tables->exact.first[symbol]);
  p->chars++;
  int is_letter = tables->kind[symbol] == TEXT_KIND_LETTER;
  if (is_letter)
    p->word++;
  else if (p->word) {
    p->words_before = p->word + 1;
    p->word = 0;
  } else
    p->words_before++;
  note_habits(p, symbol);
  memmove(p->recent + 1, p->recent, sizeof p->recent - 1);
  p->recent[0] = (uint8_t)symbol;
  begin_character(p);
}

/* The class is known: folded contexts grow by it now, before the symbol within the class is told. */
static void end_class(struct text_predictor *p, unsigned class)
{
  grow(p->folded, p->folded_at, TEXT_FOLDED_ORDERS, p->tables->folded.first[class]);
}

int text_update(struct text_predictor *p, int bit)
{
  learn(p, bit);
  const struct text_tables *tables = p->tables;
  step(p->exact_at, p->exact_ones, TEXT_EXACT_ORDERS, bit);
  step(p->folded_at, p->folded_ones, TEXT_FOLDED_ORDERS, bit);
  int16_t child = tables->node[p->node].child[bit], class = tables->node_class[p->node];
  /* A letter that mostly has an accent here was written without. */
  if (child < 0 && class >= 0 && !tables->is_marked[~child] && !tables->is_upper[~child] &&
      (p->final > PROB_ONE / 2) != bit)
    p->mark_missed = (uint8_t)at_most(p->mark_missed + 1u, 3);
  if (child >= 0) {
    if (class < 0 && tables->node_class[child] >= 0)
      end_class(p, (unsigned)tables->node_class[child]);
    p->node = child;
    return -1;
  }
  unsigned symbol = (unsigned)~child;
  if (class < 0)
    end_class(p, tables->class_of[symbol]);
  end_character(p, symbol);
  return (int)symbol;
}

void text_predictor_init(struct text_predictor *p, const struct text_tables *tables, struct text_learned *learned,
                         struct text_pace pace)
{
  memset(p, 0, sizeof *p);
  p->tables = tables;
  p->learned = learned;
  p->pace = pace;
  /* All of the text, then what follows the end of a message. */
  p->exact[0] = p->folded[0] = (struct text_range){0, tables->length};
  uint32_t messages = tables->symbol_count > 1 ? tables->exact.first[1] : tables->length;
  p->exact[1] = p->folded[1] = (struct text_range){0, messages};
  begin_character(p);
}
