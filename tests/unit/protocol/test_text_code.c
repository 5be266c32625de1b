/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text code as a whole: every text comes back exactly, hostile bits do no harm, and the codes are the same on
 * every machine. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/arith.h"
#include "protocol/text/builtin.h"
#include "protocol/text/codec.h"
#include "protocol/text/phrases.h"
#include "protocol/text/predictor.h"
#include "protocol/text/utf8.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define CODE_MAX 4096
#define ROUNDS 100 /* a text costs milliseconds under sanitizers */

/* None of them is a phrase.  DIGEST is of their codes. */
static const char *const texts[] = {
    "Camion citerne en panne au kilomètre 14, la file recule jusqu'au pont. Besoin d'une dépanneuse avant 18h.",
    "camion citerne en panne au kilometre 14 la file recule jusquau pont besoin dune depaneuse avant 18h",
    "Kamyon sitèn nan an pàn nan kilomèt 14 la, ran an rive jouk sou pon an. Nou bezwen yon depanaj avan 6è.",
    "kamyon siten an pan sou wout la, pon an bouche, n ap tann",
    "Camión cisterna averiado en el kilómetro 14, la fila llega hasta el puente. ¿Pueden mandar una grúa?",
    "camion averiado km 14 manden grua antes d las 6",
    "Tanker broken down at kilometre 14, the queue is back to the bridge. Need a tow before 18:00.",
    "TANKER DOWN KM 14. QUEUE TO BRIDGE. SEND TOW.",
    "Jean-Baptiste Augustin, CIN 003-412-887-1, plaque AA-41827, tel 3712-4408, 09h35 le 12/11.",
    "Dorvil: m wè l, he was at la aduana con dos maletas, li pati.",
    "+509 3712-4408 / 13,8 V / 7.5 km / 25 000 gdes / 50%",
    "",
    "a",
    "\n",
    " ",
    "ààààà",
    "Ñandú, œuvre, Straße, žluťoučký",
    "検問所は閉鎖", /* not in the alphabet */
    "\xf0\x9f\x9a\x91 \xf0\x9f\x9a\x91",
    "0123456789abcdef0123456789abcdef",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "{\"kind\":\"text\",\"at\":1732}",
    "tab\tand\x01control\x7f",
};
#define TEXTS (sizeof texts / sizeof *texts)

/* Changes with the model (a new TEXT_MODEL_VERSION), and then only. */
#define DIGEST "49919e91aa05048052181f7d28d6df410b181822ece42fdaa9c207700213ef80"

/* In memory of exactly this size, where a sanitizer sees every step beyond it. */
static void *copy_of(const void *bytes, size_t len)
{
  void *copy = malloc(len ? len : 1);
  assert_non_null(copy);
  return len ? memcpy(copy, bytes, len) : copy;
}

/* Packs, sees that it costs at most a byte, and that it comes back. */
static void check_pack(const char *bytes, size_t len)
{
  char *text = copy_of(bytes, len), *back = malloc(len ? len : 1);
  uint8_t *out = malloc(len + 1);
  size_t packed_len = text_pack(out, text, len), back_len = SIZE_MAX;
  assert_in_range(packed_len, 1, len + 1);
  uint8_t *packed = copy_of(out, packed_len);
  assert_int_equal(text_unpack(back, len, &back_len, packed, packed_len), 0);
  assert_int_equal(back_len, len);
  assert_memory_equal(back, bytes, len);
  free(packed);
  free(out);
  free(back);
  free(text);
}

/* Returns the number of bits. */
static size_t write_text(uint8_t code[CODE_MAX], const char *bytes, size_t len)
{
  struct bit_writer writer;
  bits_writer_init(&writer, code, CODE_MAX);
  assert_int_equal(text_code_write(&writer, bytes, len), 0);
  assert_false(writer.overflow);
  return writer.bits;
}

static void texts_in_four_languages_come_back_exactly(void **state)
{
  (void)state;
  for (size_t i = 0; i < TEXTS; i++)
    check_pack(texts[i], strlen(texts[i]));
}

static void texts_of_the_domain_cost_half_of_their_bytes_at_most(void **state)
{
  (void)state;
  uint8_t out[256];
  size_t bytes = 0, packed = 0;
  for (size_t i = 0; i < 8; i++) {
    bytes += strlen(texts[i]);
    packed += text_pack(out, texts[i], strlen(texts[i]));
  }
  assert_in_range(packed, 1, bytes / 2);
}

static void code_points_at_the_limits_of_each_length_come_back(void **state)
{
  (void)state;
  static const uint32_t limits[] = {0,     1,      0x1f,   0x20,   0x7e,   0x7f,    0x80,    0x7ff,
                                    0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x1f691, 0x10ffff};
  char all[sizeof limits / sizeof *limits * UTF8_LEN_MAX];
  size_t len = 0;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    size_t step = utf8_encode(all + len, limits[i]);
    check_pack(all + len, step);
    len += step;
  }
  check_pack(all, len);
  uint8_t code[CODE_MAX];
  char back[sizeof all];
  size_t back_len;
  struct bit_reader reader;
  bits_reader_init(&reader, code, (write_text(code, all, len) + 7) / 8);
  assert_int_equal(text_code_read(back, sizeof back, &back_len, &reader), 0);
  assert_int_equal(back_len, len);
  assert_memory_equal(back, all, len);
}

static uint32_t random_code_point(uint64_t *random)
{
  static const uint32_t below[] = {0x80, 0x800, 0x10000, 0x110000};
  for (;;) {
    uint32_t code_point = test_random_below(random, below[test_random_below(random, 4)]);
    if (utf8_is_scalar(code_point))
      return code_point;
  }
}

static size_t random_utf8(char *out, size_t chars, uint64_t *random)
{
  size_t len = 0;
  for (size_t i = 0; i < chars; i++)
    len += utf8_encode(out + len, random_code_point(random));
  return len;
}

static void random_utf8_comes_back_exactly(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_utf8_comes_back_exactly");
  for (int round = 0; round < ROUNDS; round++) {
    char bytes[50 * UTF8_LEN_MAX];
    check_pack(bytes, random_utf8(bytes, test_random_below(&random, 50), &random));
  }
}

static void random_bytes_come_back_exactly(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_come_back_exactly");
  for (int round = 0; round < 500; round++) {
    char bytes[300];
    size_t len = test_random_below(&random, sizeof bytes + 1);
    for (size_t i = 0; i < len; i++)
      bytes[i] = (char)test_random(&random);
    check_pack(bytes, len);
  }
}

/* A domain text with one byte changed: what half looks like a text. */
static void a_text_with_a_broken_byte_comes_back_exactly(void **state)
{
  (void)state;
  uint64_t random = test_seed("a_text_with_a_broken_byte_comes_back_exactly");
  for (int round = 0; round < ROUNDS; round++) {
    char bytes[256];
    const char *text = texts[test_random_below(&random, 10)];
    size_t len = strlen(text);
    memcpy(bytes, text, len);
    bytes[test_random_below(&random, (uint32_t)len)] = (char)test_random(&random);
    check_pack(bytes, len);
  }
}

static void the_longest_text_comes_back_and_a_longer_one_as_bytes(void **state)
{
  (void)state;
  char bytes[TEXT_BYTES_MAX + 1];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = texts[0][i % 60];
  bytes[TEXT_BYTES_MAX - 1] = bytes[TEXT_BYTES_MAX] = '.';
  while (!utf8_decode(NULL, bytes + TEXT_BYTES_MAX - 2, 1))
    bytes[TEXT_BYTES_MAX - 2] = '.';
  check_pack(bytes, TEXT_BYTES_MAX);
  check_pack(bytes, TEXT_BYTES_MAX + 1);
}

static void a_text_too_long_or_not_utf8_is_refused_and_nothing_written(void **state)
{
  (void)state;
  static const char *const wrong[] = {"\x80",         "a\xc0\xaf",    "\xc2",         "ab\xe2\x89",
                                      "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x9f\x9a", "\xf4\x90\x80\x80",
                                      "\xff",         "a\xf5z"};
  uint8_t code[CODE_MAX];
  char bytes[TEXT_BYTES_MAX + 1];
  struct bit_writer writer;
  bits_writer_init(&writer, code, sizeof code);
  bits_put(&writer, 5, 3);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(text_code_write(&writer, wrong[i], strlen(wrong[i])), -EILSEQ);
  memset(bytes, 'e', sizeof bytes);
  assert_int_equal(text_code_write(&writer, bytes, sizeof bytes), -EMSGSIZE);
  assert_int_equal(writer.bits, 3);
  assert_false(writer.overflow);
}

static void a_text_that_does_not_fit_its_buffer_is_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < TEXTS; i++) {
    size_t len = strlen(texts[i]), back_len = 77;
    if (!len)
      continue;
    uint8_t packed[256];
    char *back = malloc(len - 1 ? len - 1 : 1);
    size_t packed_len = text_pack(packed, texts[i], len);
    assert_int_equal(text_unpack(back, len - 1, &back_len, packed, packed_len), -EBADMSG);
    assert_int_equal(back_len, 77);
    free(back);
  }
}

static void check_read(struct bit_reader *reader, const char *text, size_t end)
{
  char back[512];
  size_t len;
  assert_int_equal(text_code_read(back, sizeof back, &len, reader), 0);
  assert_int_equal(len, strlen(text));
  assert_memory_equal(back, text, len);
  assert_int_equal(reader->bits, end);
}

static void the_reader_stands_exactly_behind_each_text(void **state)
{
  (void)state;
  uint64_t random = test_seed("the_reader_stands_exactly_behind_each_text");
  for (int round = 0; round < ROUNDS; round++) {
    uint8_t code[CODE_MAX];
    const char *text[] = {texts[test_random_below(&random, TEXTS)], texts[test_random_below(&random, TEXTS)]};
    unsigned offset = test_random_below(&random, 9);
    uint32_t before = test_random_below(&random, 1u << offset), after = (uint32_t)test_random(&random);
    size_t end[2];
    struct bit_writer writer;
    bits_writer_init(&writer, code, sizeof code);
    bits_put(&writer, before, offset);
    for (int i = 0; i < 2; i++) {
      assert_int_equal(text_code_write(&writer, text[i], strlen(text[i])), 0);
      end[i] = writer.bits;
    }
    bits_put(&writer, after, 32);
    uint8_t *exact = copy_of(code, bits_put_len(&writer));
    struct bit_reader reader;
    bits_reader_init(&reader, exact, bits_put_len(&writer));
    assert_int_equal(bits_get(&reader, offset), before);
    check_read(&reader, text[0], end[0]);
    check_read(&reader, text[1], end[1]);
    assert_int_equal(bits_get(&reader, 32), after);
    free(exact);
  }
}

/* Reads code of exactly len bytes into a buffer of exactly size, and checks what must always hold.  Returns what
 * text_code_read said. */
static int read_hostile(const uint8_t *code, size_t len, size_t size)
{
  uint8_t *exact = copy_of(code, len);
  char *back = malloc(size ? size : 1);
  struct bit_reader reader;
  size_t back_len = SIZE_MAX;
  bits_reader_init(&reader, exact, len);
  int err = text_code_read(back, size, &back_len, &reader);
  if (err) {
    assert_true(err == -EBADMSG || err == -EPROTONOSUPPORT);
    assert_true(back_len == SIZE_MAX);
  } else {
    assert_in_range(back_len, 0, size);
    assert_false(reader.underflow);
    assert_in_range(reader.bits, 1, 8 * len);
    for (size_t i = 0, step; i < back_len; i += step)
      assert_true((step = utf8_decode(NULL, back + i, back_len - i)) > 0);
  }
  free(back);
  free(exact);
  return err;
}

static void a_truncated_text_is_refused_or_ends_before_the_cut(void **state)
{
  (void)state;
  unsigned cuts = 0, refused = 0;
  for (size_t i = 0; i < TEXTS; i += 3) {
    uint8_t code[CODE_MAX];
    size_t len = (write_text(code, texts[i], strlen(texts[i])) + 7) / 8;
    for (size_t cut = 0; cut < len; cut++, cuts++)
      refused += read_hostile(code, cut, 800) == -EBADMSG;
  }
  assert_true(refused * 10 >= cuts * 9);
}

static void random_bits_are_refused_or_a_text(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bits_are_refused_or_a_text");
  for (int round = 0; round < 4 * ROUNDS; round++) {
    uint8_t code[64];
    size_t len = test_random_below(&random, sizeof code + 1);
    for (size_t i = 0; i < sizeof code; i++)
      code[i] = (uint8_t)test_random(&random);
    if (round % 4 == 0)
      code[0] &= 0x7f; /* the model */
    else if (round % 4 == 1)
      code[0] = 0xf0; /* plain characters */
    else if (round % 4 == 2)
      code[0] = 0xe0 | (code[0] & 0xf); /* a phrase */
    read_hostile(code, len, test_random_below(&random, 801));
  }
}

/* Bits that always choose what the model finds likeliest, or least likely, go as far as the buffer and no further. */
static void one_bit_again_and_again_ends(void **state)
{
  (void)state;
  static const uint8_t fills[] = {0x00, 0x7f, 0x55, 0x2a};
  for (size_t i = 0; i < sizeof fills; i++) {
    uint8_t code[256];
    memset(code, fills[i], sizeof code);
    read_hostile(code, sizeof code, 800);
    memset(code + 1, 0xff, sizeof code - 1);
    read_hostile(code, sizeof code, 800);
  }
}

/* The first four bits choose: 8..13 are models to come (14 is a phrase); behind 15 four more, 0 plain characters. */
static void a_form_that_is_unknown_is_said_to_be(void **state)
{
  (void)state;
  for (unsigned first = 0x80; first < 0x100; first++) {
    const uint8_t code[] = {(uint8_t)first, 0x12, 0x34, 0x56};
    if (first >> 4 == 14 || first == 0xf0)
      continue;
    assert_int_equal(read_hostile(code, sizeof code, 100), -EPROTONOSUPPORT);
    char back[4];
    size_t len;
    if (first != 0xff)
      assert_int_equal(text_unpack(back, sizeof back, &len, code, sizeof code), -EPROTONOSUPPORT);
  }
}

static void nothing_at_all_is_no_text(void **state)
{
  (void)state;
  char back[1];
  size_t len = 7;
  assert_int_equal(text_unpack(back, 0, &len, (const uint8_t *)"", 0), -EBADMSG);
  assert_int_equal(len, 7);
}

static void put_symbol(struct arith_writer *out, struct text_predictor *predictor, unsigned symbol)
{
  int found;
  do {
    uint32_t one = text_predict(predictor);
    int bit = text_node_turn(predictor->tables, predictor->node, symbol);
    arith_put(out, bit ? 0 : one, bit ? one : 65536 - one, 65536);
    found = text_update(predictor, bit);
  } while (found < 0);
}

/* A text of one escaped character; width is the size that the escape claims to have, 0..3. */
static size_t write_escape(uint8_t code[CODE_MAX], unsigned width, uint32_t code_point)
{
  static const uint8_t bits[] = {7, 11, 16, 21};
  struct text_tables tables;
  struct text_predictor predictor;
  struct bit_writer bit_writer;
  struct arith_writer writer;
  assert_int_equal(text_tables_open(&tables, text_builtin_block, text_builtin_len), 0);
  text_predictor_init(&predictor, &tables, tables.learned);
  bits_writer_init(&bit_writer, code, CODE_MAX);
  arith_writer_init(&writer, &bit_writer);
  arith_put(&writer, 0, 8, 16);
  put_symbol(&writer, &predictor, TEXT_ESCAPE);
  arith_put_uniform(&writer, width, 4);
  for (unsigned left = bits[width]; left-- > 0;)
    arith_put_uniform(&writer, code_point >> left & 1, 2);
  put_symbol(&writer, &predictor, TEXT_END);
  arith_finish(&writer);
  return bits_put_len(&bit_writer);
}

static void an_escape_that_has_a_shorter_form_or_no_character_is_refused(void **state)
{
  (void)state;
  static const struct {
    uint32_t code_point;
    unsigned width;
    int err;
  } cases[] = {
      {0x691c, 2, 0},          {0x1f691, 3, 0},         {0x01, 0, 0},
      {'e', 0, -EBADMSG},      {0xe9, 1, -EBADMSG},     {0x691c, 3, -EBADMSG},
      {0x01, 1, -EBADMSG},     {0xd800, 2, -EBADMSG},   {0xdfff, 2, -EBADMSG},
      {0x110000, 3, -EBADMSG}, {0x1fffff, 3, -EBADMSG},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t code[CODE_MAX];
    size_t len = write_escape(code, cases[i].width, cases[i].code_point);
    assert_int_equal(read_hostile(code, len, 8), cases[i].err);
  }
}

/* Plain characters of three bytes are 8 of 256, from 234 on; the end is the last 8. */
static int read_plain_of_three_bytes(uint32_t code_point)
{
  uint8_t code[CODE_MAX];
  struct bit_writer bit_writer;
  struct arith_writer writer;
  bits_writer_init(&bit_writer, code, sizeof code);
  arith_writer_init(&writer, &bit_writer);
  arith_put_uniform(&writer, 15, 16);
  arith_put_uniform(&writer, 0, 16);
  arith_put(&writer, 234, 8, 256);
  arith_put_uniform(&writer, code_point - 0x800, 0xf800);
  arith_put(&writer, 248, 8, 256);
  arith_finish(&writer);
  return read_hostile(code, bits_put_len(&bit_writer), 8);
}

static void half_of_a_surrogate_pair_is_refused_among_plain_characters(void **state)
{
  (void)state;
  assert_int_equal(read_plain_of_three_bytes(0xd7ff), 0);
  assert_int_equal(read_plain_of_three_bytes(0xd800), -EBADMSG);
  assert_int_equal(read_plain_of_three_bytes(0xdfff), -EBADMSG);
  assert_int_equal(read_plain_of_three_bytes(0xe000), 0);
}

static void the_codes_are_the_same_on_every_machine(void **state)
{
  (void)state;
  crypto_generichash_state hash;
  uint8_t digest[crypto_generichash_BYTES];
  char hex[2 * sizeof digest + 1];
  crypto_generichash_init(&hash, NULL, 0, sizeof digest);
  for (size_t i = 0; i < TEXTS; i++) {
    uint8_t code[CODE_MAX];
    struct phrase phrase;
    assert_int_equal(phrase_match(&phrase, texts[i], strlen(texts[i])), -ENOENT);
    size_t bits = write_text(code, texts[i], strlen(texts[i]));
    const uint8_t size[] = {(uint8_t)(bits >> 8), (uint8_t)bits};
    crypto_generichash_update(&hash, size, sizeof size);
    crypto_generichash_update(&hash, code, (bits + 7) / 8);
  }
  crypto_generichash_final(&hash, digest, sizeof digest);
  assert_string_equal(sodium_bin2hex(hex, sizeof hex, digest, sizeof digest), DIGEST);
}

static void the_tables_are_of_the_version_on_air(void **state)
{
  (void)state;
  struct text_tables tables;
  assert_int_equal(text_tables_open(&tables, text_builtin_block, text_builtin_len), 0);
  assert_int_equal(tables.version, TEXT_MODEL_VERSION);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_in_four_languages_come_back_exactly),
      cmocka_unit_test(texts_of_the_domain_cost_half_of_their_bytes_at_most),
      cmocka_unit_test(code_points_at_the_limits_of_each_length_come_back),
      cmocka_unit_test(random_utf8_comes_back_exactly),
      cmocka_unit_test(random_bytes_come_back_exactly),
      cmocka_unit_test(a_text_with_a_broken_byte_comes_back_exactly),
      cmocka_unit_test(the_longest_text_comes_back_and_a_longer_one_as_bytes),
      cmocka_unit_test(a_text_too_long_or_not_utf8_is_refused_and_nothing_written),
      cmocka_unit_test(a_text_that_does_not_fit_its_buffer_is_refused),
      cmocka_unit_test(the_reader_stands_exactly_behind_each_text),
      cmocka_unit_test(a_truncated_text_is_refused_or_ends_before_the_cut),
      cmocka_unit_test(random_bits_are_refused_or_a_text),
      cmocka_unit_test(one_bit_again_and_again_ends),
      cmocka_unit_test(a_form_that_is_unknown_is_said_to_be),
      cmocka_unit_test(nothing_at_all_is_no_text),
      cmocka_unit_test(an_escape_that_has_a_shorter_form_or_no_character_is_refused),
      cmocka_unit_test(half_of_a_surrogate_pair_is_refused_among_plain_characters),
      cmocka_unit_test(the_codes_are_the_same_on_every_machine),
      cmocka_unit_test(the_tables_are_of_the_version_on_air),
  };
  return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
