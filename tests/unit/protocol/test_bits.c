/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bit fields: order, alignment, and no step beyond the buffer. */
#include <string.h>

#include "protocol/base/bits.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static void fields_are_written_most_significant_bit_first(void **state)
{
  (void)state;
  uint8_t buf[4];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  bits_put(&writer, 1, 1);
  bits_put(&writer, 2, 3);
  bits_put(&writer, 0xabc, 12);
  assert_memory_equal(buf, ((uint8_t[]){0xaa, 0xbc}), 2);
  assert_int_equal(bits_put_len(&writer), 2);
}

static void alignment_leaves_zero_bits(void **state)
{
  (void)state;
  uint8_t buf[2] = {0xff, 0xff};
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  bits_put(&writer, 1, 1);
  bits_put_align(&writer);
  bits_put_align(&writer);
  bits_put(&writer, 1, 1);
  assert_memory_equal(buf, ((uint8_t[]){0x80, 0x80}), 2);
}

static void a_field_that_does_not_fit_is_left_out_and_stays_an_overflow(void **state)
{
  (void)state;
  uint8_t buf[3] = {0, 0, 0x55};
  struct bit_writer writer;
  bits_writer_init(&writer, buf, 2);
  bits_put(&writer, 0x7fff, 15);
  bits_put(&writer, 3, 2);
  assert_true(writer.overflow);
  bits_put(&writer, 1, 1); /* would fit, but the order would be wrong */
  assert_memory_equal(buf, ((uint8_t[]){0xff, 0xfe, 0x55}), 3);
}

static void a_read_beyond_the_end_gives_zero_and_stays_an_underflow(void **state)
{
  (void)state;
  const uint8_t buf[1] = {0xff};
  struct bit_reader reader;
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(bits_get(&reader, 7), 0x7f);
  assert_int_equal(bits_left(&reader), 1);
  assert_int_equal(bits_get(&reader, 2), 0);
  assert_true(reader.underflow);
  assert_int_equal(bits_get(&reader, 1), 0);
  assert_int_equal(bits_get(&reader, 0), 0);
}

static void an_empty_buffer_holds_nothing(void **state)
{
  (void)state;
  uint8_t none;
  struct bit_writer writer;
  struct bit_reader reader;
  bits_writer_init(&writer, &none, 0);
  bits_put(&writer, 0, 0);
  assert_false(writer.overflow);
  bits_put(&writer, 0, 1);
  assert_true(writer.overflow);
  bits_reader_init(&reader, &none, 0);
  assert_int_equal(bits_get(&reader, 0), 0);
  assert_false(reader.underflow);
  assert_int_equal(bits_get(&reader, 1), 0);
  assert_true(reader.underflow);
}

static void random_fields_come_back(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_fields_come_back");
  for (int round = 0; round < 2000; round++) {
    uint8_t buf[256];
    unsigned width[60];
    uint32_t value[60];
    struct bit_writer writer;
    struct bit_reader reader;
    bits_writer_init(&writer, buf, sizeof buf);
    for (int i = 0; i < 60; i++) {
      width[i] = test_random_below(&random, 33);
      value[i] = (uint32_t)test_random(&random) & (uint32_t)((UINT64_C(1) << width[i]) - 1);
      bits_put(&writer, value[i], width[i]);
    }
    assert_false(writer.overflow);
    bits_reader_init(&reader, buf, bits_put_len(&writer));
    for (int i = 0; i < 60; i++)
      assert_int_equal(bits_get(&reader, width[i]), value[i]);
    assert_false(reader.underflow);
    assert_true(bits_left(&reader) < 8);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_are_written_most_significant_bit_first),
      cmocka_unit_test(alignment_leaves_zero_bits),
      cmocka_unit_test(a_field_that_does_not_fit_is_left_out_and_stays_an_overflow),
      cmocka_unit_test(a_read_beyond_the_end_gives_zero_and_stays_an_underflow),
      cmocka_unit_test(an_empty_buffer_holds_nothing),
      cmocka_unit_test(random_fields_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
