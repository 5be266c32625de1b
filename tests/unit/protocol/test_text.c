/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: what is UTF-8 and what is not, limits, and hostile lengths. */
#include <errno.h>
#include <string.h>

#include "protocol/text/codec.h"
#include "protocol/wire/text.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static void well_formed_text_is_counted_in_characters(void **state)
{
  (void)state;
  assert_int_equal(text_count_chars("", 0), 0);
  assert_int_equal(text_count_chars("a\tb\nc", 5), 5);
  assert_int_equal(text_count_chars("é", 2), 1);
  assert_int_equal(text_count_chars("≈", 3), 1);
  assert_int_equal(text_count_chars("\xf0\x9f\x9a\x91", 4), 1);
  assert_int_equal(text_count_chars("\xf4\x8f\xbf\xbf", 4), 1); /* U+10FFFF */
  assert_int_equal(text_count_chars("\xed\x9f\xbf", 3), 1);     /* U+D7FF */
  assert_int_equal(text_count_chars("\xee\x80\x80", 3), 1);     /* U+E000 */
}

static void what_is_not_utf8_or_controls_a_terminal_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x41",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x89",
                                      "\xe2\x89\x41",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x9f\x9a",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\x1b[2J",
                                      "\r",
                                      "\x7f",
                                      "\xc2\x85",
                                      "\xc2\x9b"};
  struct text text = {.len = 1, .bytes = "k"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(text_count_chars(wrong[i], strlen(wrong[i])), -EILSEQ);
    assert_int_equal(text_set(&text, wrong[i], strlen(wrong[i])), -EILSEQ);
    assert_string_equal(text.bytes, "k");
  }
  assert_int_equal(text_set(&text, "a\0b", 3), -EILSEQ);
}

static void the_limit_is_200_characters_of_whatever_width(void **state)
{
  (void)state;
  char bytes[4 * 201];
  struct text text = {0};
  for (size_t i = 0; i < 201; i++)
    memcpy(bytes + 4 * i, "\xf0\x9f\x9a\x91", 4);
  assert_int_equal(text_set(&text, bytes, 800), 0);
  assert_int_equal(text.len, 800);
  assert_int_equal(text.bytes[800], 0);
  assert_int_equal(text_set(&text, bytes, 804), -EMSGSIZE);
  memset(bytes, 'x', sizeof bytes);
  assert_int_equal(text_set(&text, bytes, 200), 0);
  assert_int_equal(text_set(&text, bytes, 201), -EMSGSIZE);
  assert_int_equal(text_set(&text, bytes, 100000), -EMSGSIZE);
  assert_int_equal(text.len, 200);
}

/* The first four bits choose the form: 8..13 are models to come; 15 and then 1..14 something else to come, 15 what
 * only text_pack writes. */
static void an_unknown_model_is_said_to_be_unknown(void **state)
{
  (void)state;
  struct text text = {.len = 1, .bytes = "k"};
  for (unsigned first = 0x80; first < 0x100; first++) {
    const uint8_t buf[4] = {(uint8_t)first, 0, 0, 0};
    struct bit_reader reader;
    if (first >> 4 == 14 || first == 0xf0)
      continue;
    bits_reader_init(&reader, buf, sizeof buf);
    assert_int_equal(text_decode(&text, &reader), -EPROTONOSUPPORT);
  }
  assert_string_equal(text.bytes, "k");
}

static void nothing_is_no_text(void **state)
{
  (void)state;
  const uint8_t buf[1] = {0};
  struct text text = {.len = 1, .bytes = "k"};
  struct bit_reader reader;
  bits_reader_init(&reader, buf, 0);
  assert_int_equal(text_decode(&text, &reader), -EBADMSG);
  assert_string_equal(text.bytes, "k");
}

/* What a message cannot have is refused although the code can say it. */
static void more_than_200_characters_or_a_control_character_is_refused(void **state)
{
  (void)state;
  char bytes[201];
  uint8_t buf[600];
  struct text text = {.len = 1, .bytes = "k"};
  struct bit_writer writer;
  struct bit_reader reader;
  memset(bytes, 'x', sizeof bytes);
  for (size_t len = 200; len <= 201; len++) {
    bits_writer_init(&writer, buf, sizeof buf);
    assert_int_equal(text_code_write(&writer, bytes, len), 0);
    bits_reader_init(&reader, buf, bits_put_len(&writer));
    assert_int_equal(text_decode(&text, &reader), len > 200 ? -EBADMSG : 0);
  }
  bits_writer_init(&writer, buf, sizeof buf);
  assert_int_equal(text_code_write(&writer, "a\x1b[2J", 5), 0);
  bits_reader_init(&reader, buf, bits_put_len(&writer));
  assert_int_equal(text_decode(&text, &reader), -EBADMSG);
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  struct text text, read;
  uint8_t buf[64];
  struct bit_writer writer;
  struct bit_reader reader;
  assert_int_equal(text_set(&text, "Belladère ouvert", strlen("Belladère ouvert")), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  text_encode(&text, &writer);
  for (size_t len = 0; len < bits_put_len(&writer); len++) {
    bits_reader_init(&reader, buf, len);
    assert_int_equal(text_decode(&read, &reader), -EBADMSG);
  }
}

static void random_bytes_are_refused_or_valid(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_are_refused_or_valid");
  for (int round = 0; round < 2000; round++) {
    uint8_t buf[40];
    struct text text;
    struct bit_reader reader;
    size_t len = test_random_below(&random, sizeof buf + 1);
    for (size_t i = 0; i < len; i++)
      buf[i] = (uint8_t)test_random(&random);
    if (len > 1) {
      buf[0] = 0;
      buf[1] &= 0x7f;
    }
    bits_reader_init(&reader, buf, len);
    if (text_decode(&text, &reader))
      continue;
    assert_in_range(text_count_chars(text.bytes, text.len), 0, TEXT_MAX_CHARS);
    assert_int_equal(text.bytes[text.len], 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(well_formed_text_is_counted_in_characters),
      cmocka_unit_test(what_is_not_utf8_or_controls_a_terminal_is_refused),
      cmocka_unit_test(the_limit_is_200_characters_of_whatever_width),
      cmocka_unit_test(an_unknown_model_is_said_to_be_unknown),
      cmocka_unit_test(nothing_is_no_text),
      cmocka_unit_test(more_than_200_characters_or_a_control_character_is_refused),
      cmocka_unit_test(every_truncation_is_refused),
      cmocka_unit_test(random_bytes_are_refused_or_valid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
