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
  INPUT_PLACE,
  INPUT_BIAS = INPUT_PLACE + TEXT_PLACE_INPUTS,
};

_Static_assert(INPUT_LONGEST_EXACT == TEXT_COUNT_INPUTS && INPUT_PLACE == TEXT_COUNT_INPUTS + TEXT_LONG_INPUTS,
               "all inputs from counts are named");

#define BIAS 256
#define MARKS_MAX 3 /* of accents, seen or missed: more say no more */

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
  return p->mark_seen * 4u + p->mark_missed;
}

/* Which states of the inputs from the place, and which weights, hold for the next character. */
static void choose(struct text_predictor *p)
{
  unsigned kind = p->tables->kind[p->recent[0]], kind2 = p->tables->kind[p->recent[1]];
  unsigned upper = case_state(p) * 2 + p->upper_word;
  p->place[0] = upper * 8 + at_most(p->word, 2) * 2 + (p->chars == 0);
  p->place[1] = accent_state(p) * 4 + case_state(p);
  p->place[2] = kind * TEXT_KIND_COUNT + kind2;
  p->place[3] = at_most(p->chars / 8, 15) * 4 + (kind == TEXT_KIND_POINT) * 2 + (kind2 == TEXT_KIND_POINT);
  p->choice[1] = p->longest_exact * 8 + at_most(p->longest_folded - at_most(p->longest_exact, p->longest_folded), 7);
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

/* The ones of a node within a range of its bits. */
static struct text_range ones_within(const struct text_index *index, unsigned node, struct text_range at)
{
  struct text_range ones = {text_index_ones(index, node, at.begin), 0};
  ones.end = at.end - at.begin == 1 ? ones.begin + (uint32_t)text_index_bit(index, node, at.begin)
                                    : text_index_ones(index, node, at.end);
  return ones;
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
      ones[k] = ones_within(index, node, at[k]);
  }
}

/* An input from the counts of a context; learned has a probability for each state of them. */
static void set_count_input(struct text_predictor *p, unsigned input, const struct text_range *at,
                            const struct text_range *ones, const uint16_t *learned)
{
  struct text_counts counts = count(at, ones);
  p->from[input] = NULL;
  p->input[input] = 0;
  if (!(counts.zeros + counts.ones))
    return;
  int32_t rest;
  unsigned state = text_count_state(&counts, p->tables->stretch, &rest);
  p->from[input] = &learned[state];
  p->input[input] = p->tables->stretch[learned[state] >> 4] + rest;
}

static void set_folded_input(struct text_predictor *p, unsigned input, unsigned order)
{
  order = at_most(order, TEXT_FOLDED_ORDERS);
  set_count_input(p, input, &p->folded_at[order], &p->folded_ones[order],
                  p->learned->longer[input - INPUT_LONGEST_EXACT][at_most(order, TEXT_LENGTHS - 1)]);
}

static void set_inputs(struct text_predictor *p)
{
  const struct text_learned *learned = p->learned;
  for (unsigned i = 0; i < sizeof exact_order; i++)
    set_count_input(p, INPUT_EXACT + i, &p->exact_at[exact_order[i]], &p->exact_ones[exact_order[i]],
                    learned->count[INPUT_EXACT + i]);
  for (unsigned i = 0; i < sizeof folded_order; i++)
    set_count_input(p, INPUT_FOLDED + i, &p->folded_at[folded_order[i]], &p->folded_ones[folded_order[i]],
                    learned->count[INPUT_FOLDED + i]);
  unsigned order = p->longest_exact;
  set_count_input(p, INPUT_LONGEST_EXACT, &p->exact_at[order], &p->exact_ones[order], learned->longer[0][order]);
  set_folded_input(p, INPUT_LONGEST_FOLDED, p->longest_folded);
  set_folded_input(p, INPUT_WORD, p->word + 1);
  set_folded_input(p, INPUT_WORDS, p->word + p->words_before + 1);
  for (unsigned i = 0; i < TEXT_PLACE_INPUTS; i++) {
    p->from[INPUT_PLACE + i] = &learned->place[i][p->node][p->place[i]];
    p->input[INPUT_PLACE + i] = p->tables->stretch[*p->from[INPUT_PLACE + i] >> 4];
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
  p->last = logistic_squash(dot(p->learned->last[node], p->mixed, TEXT_MIXES));
  return p->last;
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
    p->mark_seen = (uint8_t)at_most(p->mark_seen + 1u, MARKS_MAX);
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
  p->recent[1] = p->recent[0];
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
  const struct text_tables *tables = p->tables;
  step(p->exact_at, p->exact_ones, TEXT_EXACT_ORDERS, bit);
  step(p->folded_at, p->folded_ones, TEXT_FOLDED_ORDERS, bit);
  int16_t child = tables->node[p->node].child[bit], class = tables->node_class[p->node];
  /* A letter that mostly has an accent here was written without. */
  if (child < 0 && class >= 0 && !tables->is_marked[~child] && !tables->is_upper[~child] &&
      (p->last > PROB_ONE / 2) != bit)
    p->mark_missed = (uint8_t)at_most(p->mark_missed + 1u, MARKS_MAX);
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

void text_predictor_init(struct text_predictor *p, const struct text_tables *tables,
                         const struct text_learned *learned)
{
  memset(p, 0, sizeof *p);
  p->tables = tables;
  p->learned = learned;
  /* All of the text, then what follows the end of a message. */
  p->exact[0] = p->folded[0] = (struct text_range){0, tables->length};
  p->exact[1] = p->folded[1] = (struct text_range){0, tables->exact.first[TEXT_END + 1]};
  begin_character(p);
}
