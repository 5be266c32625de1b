/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasure-coded pieces: what rebuilds a content and what does not. */
#include <errno.h>
#include <string.h>

#include "protocol/link/pieces.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define PIECE_COUNT (PIECE_INDEX_MAX + 1)

static void fill(uint64_t *random, uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)test_random(random);
}

/* All piece numbers in random order. */
static void shuffle(uint64_t *random, uint8_t order[PIECE_COUNT])
{
  for (unsigned i = 0; i < PIECE_COUNT; i++) {
    unsigned j = test_random_below(random, i + 1);
    order[i] = order[j];
    order[j] = (uint8_t)i;
  }
}

/* The product in GF(2^8), bit by bit: long multiplication, then division by the polynomial 0x11d. */
static uint8_t slow_product(unsigned a, unsigned b)
{
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; bit++)
    product ^= (b >> bit & 1) * (a << bit);
  for (unsigned bit = 15; bit-- > 8;)
    product ^= (product >> bit & 1) * (0x11du << (bit - 8));
  return (uint8_t)product;
}

static void expect_rebuilt(const struct piece_collector *collector, const uint8_t *content, size_t len)
{
  uint8_t rebuilt[BUNDLE_MAX + 1];
  memset(rebuilt, 0xee, sizeof rebuilt);
  assert_int_equal(piece_collector_read(collector, rebuilt), 0);
  assert_memory_equal(rebuilt, content, len);
  for (size_t i = len; i < sizeof rebuilt; i++)
    assert_int_equal(rebuilt[i], 0xee);
}

static void expect_random_pieces_rebuild(uint64_t *random, size_t len)
{
  uint8_t content[BUNDLE_MAX], order[PIECE_COUNT], piece[PIECE_LEN];
  struct piece_collector collector;
  unsigned needed = pieces_needed(len);
  fill(random, content, len);
  shuffle(random, order);
  piece_collector_init(&collector, len);
  for (unsigned i = 0; i < needed; i++) {
    uint8_t early[BUNDLE_MAX];
    assert_int_equal(piece_collector_lacks(&collector), needed - i);
    assert_int_equal(piece_collector_read(&collector, early), -EAGAIN);
    piece_make(content, len, order[i], piece);
    assert_int_equal(piece_collector_add(&collector, order[i], piece), 1);
  }
  assert_int_equal(piece_collector_lacks(&collector), 0);
  expect_rebuilt(&collector, content, len);
}

static void any_set_of_enough_pieces_rebuilds(void **state)
{
  (void)state;
  uint64_t random = test_seed("any_set_of_enough_pieces_rebuilds");
  for (int round = 0; round < 200; round++)
    expect_random_pieces_rebuild(&random, 1 + test_random_below(&random, BUNDLE_MAX));
}

static void every_length_near_a_whole_piece_is_rebuilt_to_its_last_byte(void **state)
{
  (void)state;
  uint64_t random = test_seed("every_length_near_a_whole_piece_is_rebuilt_to_its_last_byte");
  for (unsigned pieces = 1; pieces <= PIECES_SOURCE_MAX; pieces++) {
    size_t whole = (size_t)pieces * PIECE_LEN;
    assert_int_equal(pieces_needed(whole), pieces);
    assert_int_equal(pieces_needed(whole - 1), pieces);
    assert_int_equal(pieces_needed(whole - PIECE_LEN + 1), pieces);
    expect_random_pieces_rebuild(&random, whole);
    expect_random_pieces_rebuild(&random, whole - 1);
    expect_random_pieces_rebuild(&random, whole - PIECE_LEN + 1);
  }
}

static void the_first_pieces_are_the_content_itself(void **state)
{
  (void)state;
  uint64_t random = test_seed("the_first_pieces_are_the_content_itself");
  uint8_t content[3 * PIECE_LEN] = {0}, piece[PIECE_LEN];
  size_t len = 2 * PIECE_LEN + 5;
  fill(&random, content, len);
  for (unsigned i = 0; i < 3; i++) {
    piece_make(content, len, i, piece);
    assert_memory_equal(piece, content + i * PIECE_LEN, PIECE_LEN);
  }
}

static void a_short_content_is_its_own_and_every_other_piece(void **state)
{
  (void)state;
  static const uint8_t content[] = "un";
  uint8_t first[PIECE_LEN], piece[PIECE_LEN];
  piece_make(content, sizeof content, 0, first);
  for (unsigned i = 1; i < PIECE_COUNT; i++) {
    piece_make(content, sizeof content, i, piece);
    assert_memory_equal(piece, first, PIECE_LEN);
  }
}

/* Two source pieces a, b lie on the line a + (a - b) * x. */
static void repair_pieces_of_two_lie_on_their_line(void **state)
{
  (void)state;
  uint64_t random = test_seed("repair_pieces_of_two_lie_on_their_line");
  uint8_t content[2 * PIECE_LEN], piece[PIECE_LEN];
  fill(&random, content, sizeof content);
  for (unsigned x = 0; x < PIECE_COUNT; x++) {
    piece_make(content, sizeof content, x, piece);
    for (size_t i = 0; i < PIECE_LEN; i++) {
      uint8_t slope = content[i] ^ content[PIECE_LEN + i];
      assert_int_equal(piece[i], content[i] ^ slow_product(slope, x));
    }
  }
}

/* The polynomial x^(k-1) + 1 has the right degree for k pieces: all its values are pieces of one content. */
static void repair_pieces_lie_on_a_polynomial_of_the_highest_degree(void **state)
{
  (void)state;
  uint8_t value[PIECE_COUNT], content[PIECES_SOURCE_MAX * PIECE_LEN], piece[PIECE_LEN];
  for (unsigned needed = 1; needed <= PIECES_SOURCE_MAX; needed++) {
    for (unsigned x = 0; x < PIECE_COUNT; x++) {
      value[x] = 1;
      for (unsigned power = 1; power < needed; power++)
        value[x] = slow_product(value[x], x);
      value[x] ^= 1;
    }
    for (unsigned i = 0; i < needed; i++)
      memset(content + (size_t)i * PIECE_LEN, value[i], PIECE_LEN);
    for (unsigned x = needed; x < PIECE_COUNT; x += 1 + needed / 8) {
      piece_make(content, (size_t)needed * PIECE_LEN, x, piece);
      for (size_t i = 0; i < PIECE_LEN; i++)
        assert_int_equal(piece[i], value[x]);
    }
  }
}

static void the_same_piece_again_does_not_help(void **state)
{
  (void)state;
  uint64_t random = test_seed("the_same_piece_again_does_not_help");
  uint8_t content[3 * PIECE_LEN], piece[PIECE_LEN], other[PIECE_LEN] = {0};
  struct piece_collector collector;
  static const unsigned index[] = {200, 1, 90};
  fill(&random, content, sizeof content);
  piece_collector_init(&collector, sizeof content);
  for (unsigned i = 0; i < 3; i++) {
    piece_make(content, sizeof content, index[i], piece);
    assert_int_equal(piece_collector_add(&collector, index[i], piece), 1);
    assert_int_equal(piece_collector_add(&collector, index[i], piece), 0);
    assert_int_equal(piece_collector_add(&collector, index[0], other), 0);
    assert_int_equal(piece_collector_lacks(&collector), 2 - i);
  }
  expect_rebuilt(&collector, content, sizeof content);
}

static void pieces_beyond_enough_change_nothing(void **state)
{
  (void)state;
  uint64_t random = test_seed("pieces_beyond_enough_change_nothing");
  uint8_t content[BUNDLE_MAX], piece[PIECE_LEN];
  struct piece_collector collector;
  fill(&random, content, sizeof content);
  piece_collector_init(&collector, sizeof content);
  for (unsigned i = 0; i < PIECE_COUNT; i++) {
    piece_make(content, sizeof content, i, piece);
    assert_int_equal(piece_collector_add(&collector, i, piece), i < PIECES_SOURCE_MAX);
  }
  expect_rebuilt(&collector, content, sizeof content);
}

static void one_piece_too_few_gives_nothing(void **state)
{
  (void)state;
  uint8_t content[BUNDLE_MAX] = {1}, piece[PIECE_LEN], out[BUNDLE_MAX], before[BUNDLE_MAX];
  struct piece_collector collector;
  memset(out, 0xee, sizeof out);
  memset(before, 0xee, sizeof before);
  piece_collector_init(&collector, sizeof content);
  for (unsigned i = 1; i < PIECES_SOURCE_MAX; i++) {
    piece_make(content, sizeof content, i, piece);
    assert_int_equal(piece_collector_add(&collector, i, piece), 1);
  }
  assert_int_equal(piece_collector_lacks(&collector), 1);
  assert_int_equal(piece_collector_read(&collector, out), -EAGAIN);
  assert_memory_equal(out, before, sizeof out);
}

static void pieces_of_different_contents_give_neither(void **state)
{
  (void)state;
  uint8_t one[2 * PIECE_LEN], two[2 * PIECE_LEN], piece[PIECE_LEN], out[2 * PIECE_LEN];
  struct piece_collector collector;
  memset(one, 1, sizeof one);
  memset(two, 2, sizeof two);
  piece_collector_init(&collector, sizeof one);
  piece_make(one, sizeof one, 4, piece);
  piece_collector_add(&collector, 4, piece);
  piece_make(two, sizeof two, 5, piece);
  piece_collector_add(&collector, 5, piece);
  assert_int_equal(piece_collector_read(&collector, out), 0);
  assert_memory_not_equal(out, one, sizeof out);
  assert_memory_not_equal(out, two, sizeof out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_set_of_enough_pieces_rebuilds),
      cmocka_unit_test(every_length_near_a_whole_piece_is_rebuilt_to_its_last_byte),
      cmocka_unit_test(the_first_pieces_are_the_content_itself),
      cmocka_unit_test(a_short_content_is_its_own_and_every_other_piece),
      cmocka_unit_test(repair_pieces_of_two_lie_on_their_line),
      cmocka_unit_test(repair_pieces_lie_on_a_polynomial_of_the_highest_degree),
      cmocka_unit_test(the_same_piece_again_does_not_help),
      cmocka_unit_test(pieces_beyond_enough_change_nothing),
      cmocka_unit_test(one_piece_too_few_gives_nothing),
      cmocka_unit_test(pieces_of_different_contents_give_neither),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
