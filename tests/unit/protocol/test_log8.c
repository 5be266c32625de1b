/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The count code: nearest, monotonic, within five per cent. */
#include <stdlib.h>

#include "protocol/wire/log8.h"
#include "tests/unit/protocol/cmocka_all.h"

static uint32_t distance(uint8_t code, uint32_t count)
{
  uint32_t value = log8_decode(code);
  return value > count ? value - count : count - value;
}

static void every_count_gets_the_nearest_code(void **state)
{
  (void)state;
  for (uint32_t count = 0; count <= LOG8_MAX_COUNT; count++) {
    uint8_t code = log8_encode(count);
    assert_int_not_equal(code, LOG8_UNKNOWN);
    for (unsigned other = 0; other < LOG8_UNKNOWN; other++)
      assert_true(distance((uint8_t)other, count) >= distance(code, count));
  }
}

static void the_error_is_at_most_five_per_cent_and_none_below_64(void **state)
{
  (void)state;
  for (uint32_t count = 0; count <= LOG8_MAX_COUNT; count++) {
    uint8_t code = log8_encode(count);
    assert_true(distance(code, count) * 20 <= count);
    if (count < 64) {
      assert_int_equal(log8_decode(code), count);
      assert_true(log8_is_exact(code));
    }
    if (count > 64)
      assert_false(log8_is_exact(code));
  }
}

static void every_code_is_the_code_of_its_count(void **state)
{
  (void)state;
  for (unsigned code = 0; code < LOG8_UNKNOWN; code++) {
    assert_int_equal(log8_encode(log8_decode((uint8_t)code)), code);
    assert_true(code == 0 || log8_decode((uint8_t)code) > log8_decode((uint8_t)(code - 1)));
  }
  assert_int_equal(log8_decode(127), 190); /* the corners of the domain guide */
  assert_int_equal(log8_decode(128), 192);
  assert_int_equal(log8_decode(191), 696);
  assert_int_equal(log8_decode(192), 704);
  assert_int_equal(log8_decode(254), LOG8_MAX_COUNT);
}

static void counts_beyond_the_last_code_are_unknown(void **state)
{
  (void)state;
  assert_int_equal(log8_encode(LOG8_MAX_COUNT + 32), 254);
  for (uint32_t count = LOG8_MAX_COUNT + 33; count <= 6000; count++)
    assert_int_equal(log8_encode(count), LOG8_UNKNOWN);
  assert_int_equal(log8_encode(UINT32_MAX), LOG8_UNKNOWN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_count_gets_the_nearest_code),
      cmocka_unit_test(the_error_is_at_most_five_per_cent_and_none_below_64),
      cmocka_unit_test(every_code_is_the_code_of_its_count),
      cmocka_unit_test(counts_beyond_the_last_code_are_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
