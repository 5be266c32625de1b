/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: every part of the context counts, and a repeated counter gives nothing away but equality. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/siv.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static const struct seal_key key = {{1, 2, 3}, {4, 5, 6}};
static const struct siv_context usual = {0x20, 1, 2, 3, 4};

static int opens(const struct siv_context *context, const uint8_t *sealed, size_t len)
{
  uint8_t plain[64];
  return siv_open(&key, context, SIV_TAG_LONG, sealed, len, plain);
}

static void every_part_of_the_context_is_covered(void **state)
{
  (void)state;
  uint8_t sealed[SIV_TAG_LONG + 5];
  siv_seal(&key, &usual, SIV_TAG_LONG, (const uint8_t *)"plain", 5, sealed);
  assert_int_equal(opens(&usual, sealed, sizeof sealed), 0);
  struct siv_context other = usual;
  other.flags ^= 0x08;
  assert_int_equal(opens(&other, sealed, sizeof sealed), -EBADMSG);
  other = usual;
  other.source++;
  assert_int_equal(opens(&other, sealed, sizeof sealed), -EBADMSG);
  other = usual;
  other.dest = 0;
  assert_int_equal(opens(&other, sealed, sizeof sealed), -EBADMSG);
  other = usual;
  other.epoch += 2;
  assert_int_equal(opens(&other, sealed, sizeof sealed), -EBADMSG);
  other = usual;
  other.counter += 0x10000;
  assert_int_equal(opens(&other, sealed, sizeof sealed), -EBADMSG);
}

static void what_does_not_open_leaves_no_plain_text(void **state)
{
  (void)state;
  uint8_t sealed[SIV_TAG_SHORT + 5], plain[5];
  siv_seal(&key, &usual, SIV_TAG_SHORT, (const uint8_t *)"plain", 5, sealed);
  sealed[0] ^= 1;
  memset(plain, 0x55, sizeof plain);
  assert_int_equal(siv_open(&key, &usual, SIV_TAG_SHORT, sealed, sizeof sealed, plain), -EBADMSG);
  assert_memory_equal(plain, ((uint8_t[5]){0}), sizeof plain);
  assert_int_equal(siv_open(&key, &usual, SIV_TAG_SHORT, sealed, SIV_TAG_SHORT - 1, plain), -EBADMSG);
  assert_int_equal(siv_open(&key, &usual, SIV_TAG_SHORT, sealed, 0, plain), -EBADMSG);
}

static void a_repeated_counter_shows_equality_and_nothing_else(void **state)
{
  (void)state;
  uint8_t a[SIV_TAG_LONG + 8], b[SIV_TAG_LONG + 8], c[SIV_TAG_LONG + 8], same = 0;
  siv_seal(&key, &usual, SIV_TAG_LONG, (const uint8_t *)"message1", 8, a);
  siv_seal(&key, &usual, SIV_TAG_LONG, (const uint8_t *)"message1", 8, b);
  siv_seal(&key, &usual, SIV_TAG_LONG, (const uint8_t *)"message2", 8, c);
  assert_memory_equal(a, b, sizeof a);
  for (size_t i = SIV_TAG_LONG; i < sizeof a; i++)
    same += a[i] == c[i]; /* under a repeated keystream seven of eight would be */
  assert_true(same < 4);
}

static void random_plain_texts_come_back_at_both_tag_lengths(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_plain_texts_come_back_at_both_tag_lengths");
  for (int round = 0; round < 2000; round++) {
    size_t tag_len = round % 2 ? SIV_TAG_LONG : SIV_TAG_SHORT, len = test_random_below(&random, 200);
    uint8_t plain[200], sealed[208], read[200];
    struct siv_context context = {(uint8_t)test_random(&random), (uint16_t)test_random(&random),
                                  (uint16_t)test_random(&random), (uint32_t)test_random(&random),
                                  (uint32_t)test_random(&random)};
    for (size_t i = 0; i < len; i++)
      plain[i] = (uint8_t)test_random(&random);
    siv_seal(&key, &context, tag_len, plain, len, sealed);
    assert_int_equal(siv_open(&key, &context, tag_len, sealed, tag_len + len, read), 0);
    assert_memory_equal(read, plain, len);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_part_of_the_context_is_covered),
      cmocka_unit_test(what_does_not_open_leaves_no_plain_text),
      cmocka_unit_test(a_repeated_counter_shows_equality_and_nothing_else),
      cmocka_unit_test(random_plain_texts_come_back_at_both_tag_lengths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
