/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of AX.25 UI frames: bit-exact out, and only well-formed UI frames in. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "hw/modem/ax25.h"

/* To RADIOD from HH2ABC-7, worked by hand from AX.25 2.2, section 3.12. */
static const uint8_t example[] = {'R' << 1, 'A' << 1, 'D' << 1, 'I' << 1, 'O' << 1, 'D' << 1,
                                  0xE0,     'H' << 1, 'H' << 1, '2' << 1, 'A' << 1, 'B' << 1,
                                  'C' << 1, 0x6F,     0x03,     0xF0,     0x58,     0x59};

static struct ax25_address address(const char *text)
{
  struct ax25_address out;
  assert_int_equal(ax25_address_parse(&out, text), 0);
  return out;
}

static void a_frame_is_wrapped_bit_by_bit_as_the_standard_says(void **state)
{
  (void)state;
  uint8_t frame[AX25_FRAME_MAX];
  struct ax25_address to = address("RADIOD"), from = address("hh2abc-7");
  assert_int_equal(ax25_wrap(frame, &to, &from, example + AX25_HEADER_LEN, 2), sizeof example);
  assert_memory_equal(frame, example, sizeof example);
}

static void every_length_survives_the_round_trip(void **state)
{
  (void)state;
  uint8_t info[AX25_INFO_MAX + 1], frame[AX25_FRAME_MAX];
  struct ax25_address to = address("K1-15"), from = address("HH2A");
  for (size_t i = 0; i < sizeof info; i++)
    info[i] = (uint8_t)(i * 7);
  for (size_t len = 0; len <= AX25_INFO_MAX; len++) {
    struct ax25_frame found;
    int used = ax25_wrap(frame, &to, &from, info, len);
    assert_int_equal(used, AX25_HEADER_LEN + len);
    assert_int_equal(ax25_unwrap(&found, frame, (size_t)used), 0);
    assert_true(ax25_address_equal(&found.to, &to));
    assert_true(ax25_address_equal(&found.from, &from));
    assert_int_equal(found.info_len, len);
    assert_memory_equal(found.info, info, len);
  }
  assert_int_equal(ax25_wrap(frame, &to, &from, info, AX25_INFO_MAX + 1), -EMSGSIZE);
}

static void callsigns_that_are_none_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",        "-1",    "HH2ABCD",  "HH2A-",       "HH2A-16", "HH2A-1x",
                                    "HH2A--1", "HH2 A", "HH2A-007", "HH2\xC3\x89", "HH2A/P",  "-"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct ax25_address untouched = {.call = "KEEP", .ssid = 3};
    assert_int_equal(ax25_address_parse(&untouched, bad[i]), -EINVAL);
    assert_string_equal(untouched.call, "KEEP");
  }
}

static void the_ssid_is_part_of_the_name(void **state)
{
  (void)state;
  struct ax25_address a = address("HH2A-1"), b = address("HH2A-2"), c = address("HH2A-01");
  assert_false(ax25_address_equal(&a, &b));
  assert_true(ax25_address_equal(&a, &c));
}

static void every_truncation_of_the_header_is_refused(void **state)
{
  (void)state;
  struct ax25_frame found;
  for (size_t len = 0; len < AX25_HEADER_LEN; len++) {
    uint8_t *copy = malloc(len + 1);
    memcpy(copy, example, len);
    assert_int_equal(ax25_unwrap(&found, copy, len), -EBADMSG);
    free(copy);
  }
}

/* The example with digipeaters between its source and its control byte.  Returns the length. */
static size_t with_digipeaters(uint8_t *out, int count)
{
  memcpy(out, example, 14);
  size_t len = 14;
  out[13] = (uint8_t)(out[13] & ~1);
  for (int i = 0; i < count; i++, len += 7) {
    memcpy(out + len, example + 7, 7);
    out[len + 6] = (uint8_t)(0xE0 | (i == count - 1)); /* already repeated */
  }
  memcpy(out + len, example + 14, sizeof example - 14);
  return len + sizeof example - 14;
}

static void up_to_eight_digipeaters_are_tolerated(void **state)
{
  (void)state;
  uint8_t frame[7 * 12 + 4];
  for (int count = 1; count <= 9; count++) {
    struct ax25_frame found;
    size_t len = with_digipeaters(frame, count);
    if (count == 9) {
      assert_int_equal(ax25_unwrap(&found, frame, len), -EBADMSG);
      continue;
    }
    assert_int_equal(ax25_unwrap(&found, frame, len), 0);
    assert_int_equal(found.info_len, 2);
    assert_memory_equal(found.info, "XY", 2);
  }
}

static void other_controls_pids_and_letters_are_refused(void **state)
{
  (void)state;
  struct ax25_frame found;
  for (int value = 0; value < 256; value++) {
    uint8_t frame[sizeof example];
    memcpy(frame, example, sizeof frame);
    frame[14] = (uint8_t)value;
    assert_int_equal(ax25_unwrap(&found, frame, sizeof frame), value == 0x03 ? 0 : -EBADMSG);
    memcpy(frame, example, sizeof frame);
    frame[15] = (uint8_t)value;
    assert_int_equal(ax25_unwrap(&found, frame, sizeof frame), value == 0xF0 ? 0 : -EBADMSG);
    memcpy(frame, example, sizeof frame);
    frame[7] = (uint8_t)value;
    int letter = value >> 1, is_call = (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    assert_int_equal(ax25_unwrap(&found, frame, sizeof frame), is_call && !(value & 1) ? 0 : -EBADMSG);
  }
}

static void too_much_information_is_refused(void **state)
{
  (void)state;
  uint8_t frame[AX25_FRAME_MAX + 1];
  struct ax25_frame found;
  memset(frame, 0, sizeof frame);
  memcpy(frame, example, sizeof example);
  assert_int_equal(ax25_unwrap(&found, frame, AX25_FRAME_MAX), 0);
  assert_int_equal(ax25_unwrap(&found, frame, AX25_FRAME_MAX + 1), -EBADMSG);
}

static void random_bytes_do_no_harm(void **state)
{
  (void)state;
  struct test_random random = random_start();
  for (int round = 0; round < 100000; round++) {
    size_t len = random_next(&random) % 120;
    uint8_t *bytes = malloc(len + 1); /* on the heap: the sanitizer sees a read beyond it */
    for (size_t i = 0; i < len; i++)
      bytes[i] = i < sizeof example && random_next(&random) % 8 ? example[i] : (uint8_t)random_next(&random);
    struct ax25_frame found;
    if (ax25_unwrap(&found, bytes, len) == 0) {
      assert_true(found.info >= bytes && found.info + found.info_len == bytes + len);
      assert_true(strlen(found.from.call) <= 6);
    }
    free(bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_frame_is_wrapped_bit_by_bit_as_the_standard_says),
      cmocka_unit_test(every_length_survives_the_round_trip),
      cmocka_unit_test(callsigns_that_are_none_are_refused),
      cmocka_unit_test(the_ssid_is_part_of_the_name),
      cmocka_unit_test(every_truncation_of_the_header_is_refused),
      cmocka_unit_test(up_to_eight_digipeaters_are_tolerated),
      cmocka_unit_test(other_controls_pids_and_letters_are_refused),
      cmocka_unit_test(too_much_information_is_refused),
      cmocka_unit_test(random_bytes_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
