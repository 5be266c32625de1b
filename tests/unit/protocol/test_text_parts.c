/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the text code, each alone: arithmetic coder, log odds, counts, UTF-8 and the block of tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/arith.h"
#include "protocol/text/builtin.h"
#include "protocol/text/counts.h"
#include "protocol/text/logistic.h"
#include "protocol/text/tables.h"
#include "protocol/text/tables_block.h"
#include "protocol/text/utf8.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define CHOICES 400
#define CODE_MAX 4096

struct choice {
  uint32_t begin, width, total;
};

/* A code that is being written. */
struct coding {
  uint8_t code[CODE_MAX];
  struct bit_writer bits;
  struct arith_writer writer;
};

static void coding_begin(struct coding *coding)
{
  bits_writer_init(&coding->bits, coding->code, sizeof coding->code);
  arith_writer_init(&coding->writer, &coding->bits);
}

/* Of any odds, those at both ends of what is allowed among them. */
static struct choice random_choice(uint64_t *random)
{
  uint32_t total = 2 + test_random_below(random, ARITH_TOTAL_MAX - 1);
  switch (test_random_below(random, 4)) {
  case 0:
    return (struct choice){0, ARITH_TOTAL_MAX - 1, ARITH_TOTAL_MAX};
  case 1:
    return (struct choice){ARITH_TOTAL_MAX - 1, 1, ARITH_TOTAL_MAX};
  default: {
    uint32_t begin = test_random_below(random, total);
    return (struct choice){begin, 1 + test_random_below(random, total - begin), total};
  }
  }
}

static void check_choices(struct bit_reader *in, const struct choice *choice, size_t count)
{
  struct arith_reader reader;
  arith_reader_init(&reader, in);
  for (size_t i = 0; i < count; i++) {
    assert_in_range(arith_peek(&reader, choice[i].total), choice[i].begin, choice[i].begin + choice[i].width - 1);
    arith_take(&reader, choice[i].begin, choice[i].width, choice[i].total);
  }
  arith_end(&reader);
}

static void choices_of_any_odds_come_back_and_the_code_ends_where_it_ends(void **state)
{
  (void)state;
  uint64_t random = test_seed("choices_of_any_odds_come_back_and_the_code_ends_where_it_ends");
  for (int round = 0; round < 300; round++) {
    struct choice choice[CHOICES];
    size_t count = test_random_below(&random, CHOICES + 1);
    uint32_t mark = (uint32_t)test_random(&random);
    struct coding coding;
    coding_begin(&coding);
    for (size_t i = 0; i < count; i++) {
      choice[i] = random_choice(&random);
      arith_put(&coding.writer, choice[i].begin, choice[i].width, choice[i].total);
    }
    arith_finish(&coding.writer);
    size_t end = coding.bits.bits;
    bits_put(&coding.bits, mark, 32);
    struct bit_reader bit_reader;
    bits_reader_init(&bit_reader, coding.code, bits_put_len(&coding.bits));
    check_choices(&bit_reader, choice, count);
    assert_int_equal(bit_reader.bits, end);
    assert_int_equal(bits_get(&bit_reader, 32), mark);
  }
}

/* Two bits at most beyond what the odds demand. */
static void sure_choices_cost_nothing_and_even_ones_a_bit(void **state)
{
  (void)state;
  struct coding coding;
  coding_begin(&coding);
  for (int i = 0; i < 1000; i++)
    arith_put(&coding.writer, 0, ARITH_TOTAL_MAX, ARITH_TOTAL_MAX);
  for (unsigned i = 0; i < 64; i++)
    arith_put_uniform(&coding.writer, i & 1, 2);
  arith_finish(&coding.writer);
  assert_in_range(coding.bits.bits, 64, 66);
}

static void a_code_that_is_cut_off_is_told(void **state)
{
  (void)state;
  struct coding coding;
  coding_begin(&coding);
  for (uint32_t i = 0; i < 20; i++)
    arith_put_uniform(&coding.writer, i * 2731, ARITH_TOTAL_MAX);
  arith_finish(&coding.writer);
  for (size_t len = 0; len <= bits_put_len(&coding.bits); len++) {
    struct bit_reader bit_reader;
    struct arith_reader reader;
    bits_reader_init(&bit_reader, coding.code, len);
    arith_reader_init(&reader, &bit_reader);
    for (int i = 0; i < 20; i++)
      assert_in_range(arith_get_uniform(&reader, ARITH_TOTAL_MAX), 0, ARITH_TOTAL_MAX - 1);
    arith_end(&reader);
    assert_int_equal(bit_reader.underflow, len < bits_put_len(&coding.bits));
  }
}

/* Whatever the bits say, a place is within its total and the coder's range stays sound. */
static void random_bits_give_places_within_the_total(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bits_give_places_within_the_total");
  for (int round = 0; round < 200; round++) {
    uint8_t code[64];
    struct bit_reader bit_reader;
    struct arith_reader reader;
    for (size_t i = 0; i < sizeof code; i++)
      code[i] = (uint8_t)test_random(&random);
    bits_reader_init(&bit_reader, code, test_random_below(&random, sizeof code + 1));
    arith_reader_init(&reader, &bit_reader);
    for (int i = 0; i < CHOICES; i++) {
      uint32_t total = 2 + test_random_below(&random, ARITH_TOTAL_MAX - 1);
      assert_in_range(arith_get_uniform(&reader, total), 0, total - 1);
      assert_true(reader.low <= reader.code && reader.code <= reader.high);
    }
  }
}

static void probability_rises_with_log_odds_and_is_never_certain(void **state)
{
  (void)state;
  for (int32_t logit = -LOGIT_MAX - 10; logit <= LOGIT_MAX + 10; logit++) {
    assert_in_range(logistic_squash(logit), 1, PROB_ONE - 1);
    assert_true(logistic_squash(logit) <= logistic_squash(logit + 1));
    assert_in_range(logistic_squash(logit) + logistic_squash(-logit), PROB_ONE - 1, PROB_ONE + 1);
  }
  assert_int_equal(logistic_squash(0), PROB_ONE / 2);
  assert_int_equal(logistic_squash(INT32_MAX), logistic_squash(LOGIT_MAX));
  assert_int_equal(logistic_squash(INT32_MIN), logistic_squash(-LOGIT_MAX));
}

static void log_odds_are_the_inverse_of_probability(void **state)
{
  (void)state;
  for (int32_t logit = -LOGIT_MAX; logit <= LOGIT_MAX; logit++)
    assert_int_equal(logistic_squash(logistic_stretch(logistic_squash(logit))), logistic_squash(logit));
  int32_t before = -LOGIT_MAX;
  for (uint32_t prob = 1; prob < PROB_ONE; prob++) {
    int32_t logit = logistic_stretch(prob);
    assert_in_range(logit + LOGIT_MAX, before + LOGIT_MAX, 2 * LOGIT_MAX);
    before = logit;
  }
  assert_int_equal(logistic_stretch(1), -LOGIT_MAX);
  assert_int_equal(logistic_stretch(PROB_ONE - 1), LOGIT_MAX);
}

static void open_builtin(struct text_tables *tables)
{
  assert_int_equal(text_tables_open(tables, text_builtin_block, text_builtin_len), 0);
}

static void check_state(const struct text_counts *counts, const int16_t *stretch)
{
  int32_t rest = INT32_MAX;
  assert_in_range(text_count_state(counts, stretch, &rest), 1, 255);
  assert_in_range(rest + LOGIT_MAX, 0, 2 * LOGIT_MAX);
}

static void every_pair_of_counts_has_a_state(void **state)
{
  (void)state;
  struct text_tables tables;
  open_builtin(&tables);
  static const uint32_t large[] = {0, 1, 999, 1000, 65535, 65536, 1u << 20, INT32_MAX};
  for (uint32_t total = 1; total < 400; total++)
    for (uint32_t ones = 0; ones <= total; ones++)
      check_state(&(struct text_counts){total - ones, ones}, tables.stretch);
  for (size_t i = 1; i < sizeof large / sizeof *large; i++)
    for (size_t k = 0; k < sizeof large / sizeof *large; k++) {
      check_state(&(struct text_counts){large[i], large[k]}, tables.stretch);
      check_state(&(struct text_counts){large[k], large[i]}, tables.stretch);
    }
}

static void small_counts_have_a_state_each(void **state)
{
  (void)state;
  struct text_tables tables;
  uint8_t seen[256] = {0};
  open_builtin(&tables);
  for (uint32_t total = 1; total <= 4; total++)
    for (uint32_t ones = 0; ones <= total; ones++) {
      int32_t rest;
      unsigned found = text_count_state(&(struct text_counts){total - ones, ones}, tables.stretch, &rest);
      assert_int_equal(seen[found]++, 0);
      assert_int_equal(rest, 0);
    }
}

static unsigned state_of(uint32_t zeros, uint32_t ones, const int16_t *stretch)
{
  int32_t rest;
  return text_count_state(&(struct text_counts){zeros, ones}, stretch, &rest);
}

static void never_is_not_the_same_as_once_in_a_million(void **state)
{
  (void)state;
  struct text_tables tables;
  open_builtin(&tables);
  for (uint32_t total = 5; total < 2000000; total += 1 + total / 5) {
    assert_int_not_equal(state_of(total, 0, tables.stretch), state_of(total - 1, 1, tables.stretch));
    assert_int_not_equal(state_of(0, total, tables.stretch), state_of(1, total - 1, tables.stretch));
  }
}

static uint16_t prior_of(uint32_t zeros, uint32_t ones, const int16_t *stretch)
{
  return text_count_prior(state_of(zeros, ones, stretch));
}

static void more_ones_make_a_one_likelier_at_first_guess(void **state)
{
  (void)state;
  struct text_tables tables;
  open_builtin(&tables);
  for (uint32_t total = 1; total < 2000; total += 1 + total / 7) {
    assert_in_range(prior_of(total, 0, tables.stretch), 1, PROB_ONE / 4);
    assert_in_range(prior_of(0, total, tables.stretch), PROB_ONE * 3 / 4, PROB_ONE - 1);
    uint16_t before = 1;
    for (uint32_t ones = 1; ones < total; ones++) {
      uint16_t prior = prior_of(total - ones, ones, tables.stretch);
      assert_in_range(prior, before, PROB_ONE - 1);
      before = prior;
    }
  }
}

static void every_code_point_has_one_sequence_or_none(void **state)
{
  (void)state;
  for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
    char bytes[UTF8_LEN_MAX];
    uint32_t back = UINT32_MAX;
    size_t len = utf8_encode(bytes, code_point);
    int surrogate = code_point >= 0xd800 && code_point < 0xe000;
    size_t want = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    if (len != want || utf8_is_scalar(code_point) == surrogate ||
        utf8_decode(&back, bytes, len) != (surrogate ? 0 : len) || (!surrogate && back != code_point) ||
        utf8_decode(NULL, bytes, len - 1))
      fail_msg("U+%04X", (unsigned)code_point);
  }
  assert_false(utf8_is_scalar(0x110000));
  assert_false(utf8_is_scalar(UINT32_MAX));
}

/* All there are of two bytes, and the borders of table 3-7 for longer ones. */
static void what_is_not_well_formed_is_no_sequence(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "\xe0\x9f\xbf",     "\xe0\x80\x80",     "\xed\xa0\x80", "\xef\xbf", "\xef\xbf\x41", "\xf0\x8f\xbf\xbf",
      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80", "\xfe",     "\xff",         "\xf0\x9f\x9a"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(utf8_decode(NULL, wrong[i], strlen(wrong[i])), 0);
  for (unsigned first = 0x80; first < 0x100; first++)
    for (unsigned second = 0; second < 0x100; second++) {
      const char bytes[] = {(char)first, (char)second};
      int good = first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;
      assert_int_equal(utf8_decode(NULL, bytes, 2), good ? 2 : 0);
    }
}

/* A head says all that the length depends on: changed, it does not fit any more. */
static void a_block_of_another_kind_or_length_is_refused(void **state)
{
  (void)state;
  struct text_tables tables;
  uint64_t *block = malloc(text_builtin_len);
  struct text_block_head *head = (struct text_block_head *)block;
  memcpy(block, text_builtin_block, text_builtin_len);
  assert_int_equal(text_tables_open(&tables, block, text_builtin_len), 0);
  assert_int_equal(text_tables_open(&tables, block, 0), -EINVAL);
  assert_int_equal(text_tables_open(&tables, block, sizeof *head - 1), -EINVAL);
  assert_int_equal(text_tables_open(&tables, block, text_builtin_len - 8), -EINVAL);
  uint32_t *const fields[] = {&head->magic,      &head->len,       &head->symbol_count, &head->class_count,
                              &head->node_count, &head->bit_words, &head->learned_len};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    *fields[i] += 64;
    assert_int_equal(text_tables_open(&tables, block, text_builtin_len), -EINVAL);
    *fields[i] -= 64;
  }
  head->magic = __builtin_bswap32(head->magic);
  assert_int_equal(text_tables_open(&tables, block, text_builtin_len), -EINVAL);
  free(block);
}

static void every_symbol_is_found_by_its_character_and_by_its_turns(void **state)
{
  (void)state;
  struct text_tables tables;
  open_builtin(&tables);
  assert_int_equal(text_symbol_of(&tables, 0x691c), TEXT_ESCAPE);
  assert_int_equal(text_symbol_of(&tables, UINT32_MAX), TEXT_ESCAPE);
  for (unsigned symbol = 0; symbol < tables.symbol_count; symbol++) {
    int16_t node = 0;
    if (symbol > TEXT_ESCAPE)
      assert_int_equal(text_symbol_of(&tables, tables.code_point[symbol]), symbol);
    for (unsigned steps = 0; node >= 0; steps++) {
      assert_in_range(steps, 0, TEXT_SYMBOLS_MAX);
      node = tables.node[node].child[text_node_turn(&tables, node, symbol)];
    }
    assert_int_equal(~node, symbol);
  }
}

/* The rank of a node is what its bits say when they are counted one by one. */
static void ones_are_counted_as_one_by_one(void **state)
{
  (void)state;
  struct text_tables tables;
  open_builtin(&tables);
  const struct text_index *const indexes[] = {&tables.exact, &tables.folded};
  for (size_t i = 0; i < 2; i++) {
    uint32_t ones = 0;
    for (uint32_t at = 0; at < 2000; at++) {
      assert_int_equal(text_index_ones(indexes[i], 0, at), ones);
      ones += (uint32_t)text_index_bit(indexes[i], 0, at);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(choices_of_any_odds_come_back_and_the_code_ends_where_it_ends),
      cmocka_unit_test(sure_choices_cost_nothing_and_even_ones_a_bit),
      cmocka_unit_test(a_code_that_is_cut_off_is_told),
      cmocka_unit_test(random_bits_give_places_within_the_total),
      cmocka_unit_test(probability_rises_with_log_odds_and_is_never_certain),
      cmocka_unit_test(log_odds_are_the_inverse_of_probability),
      cmocka_unit_test(every_pair_of_counts_has_a_state),
      cmocka_unit_test(small_counts_have_a_state_each),
      cmocka_unit_test(never_is_not_the_same_as_once_in_a_million),
      cmocka_unit_test(more_ones_make_a_one_likelier_at_first_guess),
      cmocka_unit_test(every_code_point_has_one_sequence_or_none),
      cmocka_unit_test(what_is_not_well_formed_is_no_sequence),
      cmocka_unit_test(a_block_of_another_kind_or_length_is_refused),
      cmocka_unit_test(every_symbol_is_found_by_its_character_and_by_its_turns),
      cmocka_unit_test(ones_are_counted_as_one_by_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
