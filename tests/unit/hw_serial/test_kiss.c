/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of KISS framing: what is sent comes back, and nothing in a stream does harm. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "hw/modem/kiss.h"

/* Feeds bytes and returns the number of frames; the last one stays in the decoder. */
static int feed(struct kiss_decoder *decoder, const uint8_t *bytes, size_t len)
{
  int frames = 0;
  for (size_t i = 0; i < len; i++) {
    frames += kiss_decode(decoder, bytes[i]);
    assert_true(decoder->len <= KISS_FRAME_MAX);
  }
  return frames;
}

#define FEED(decoder, ...) feed(decoder, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void every_byte_and_port_survives_the_round_trip(void **state)
{
  (void)state;
  uint8_t data[256], wire[KISS_WIRE_MAX];
  for (unsigned i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)i;
  for (unsigned port = 0; port <= 15; port++) {
    struct kiss_decoder decoder;
    kiss_decoder_init(&decoder);
    int len = kiss_encode(wire, sizeof wire, port, KISS_DATA, data, sizeof data);
    assert_true(len > 0);
    assert_int_equal(feed(&decoder, wire, (size_t)len), 1);
    assert_int_equal(decoder.frame[0], port << 4);
    assert_int_equal(decoder.len, 1 + sizeof data);
    assert_memory_equal(decoder.frame + 1, data, sizeof data);
  }
}

static void a_frame_on_the_wire_holds_fend_only_at_its_ends(void **state)
{
  (void)state;
  uint8_t data[KISS_DATA_MAX], wire[KISS_WIRE_MAX];
  memset(data, 0xC0, sizeof data);
  int len = kiss_encode(wire, sizeof wire, 12, KISS_DATA, data, sizeof data);
  assert_int_equal(len, KISS_WIRE_MAX);
  for (int i = 1; i < len - 1; i++)
    assert_int_not_equal(wire[i], 0xC0);
}

static void a_frame_that_does_not_fit_is_refused(void **state)
{
  (void)state;
  uint8_t data[KISS_DATA_MAX + 1] = {0}, wire[KISS_WIRE_MAX + 2];
  assert_int_equal(kiss_encode(wire, sizeof wire, 0, KISS_DATA, data, KISS_DATA_MAX + 1), -EMSGSIZE);
  assert_int_equal(kiss_encode(wire, 2 + 2 * 11 - 1, 0, KISS_DATA, data, 10), -EMSGSIZE);
}

static void noise_before_the_first_fend_is_no_frame(void **state)
{
  (void)state;
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  assert_int_equal(FEED(&decoder, 1, 2, 3, 0xDB, 0x00, 0xC0, 0x00, 0x55, 0xC0), 1);
  assert_int_equal(decoder.len, 2);
  assert_int_equal(decoder.frame[1], 0x55);
}

static void fends_in_a_row_are_no_frames(void **state)
{
  (void)state;
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  assert_int_equal(FEED(&decoder, 0xC0, 0xC0, 0xC0, 0xC0), 0);
  assert_int_equal(FEED(&decoder, 0x00, 0x41, 0xC0, 0x00, 0x42, 0xC0), 2);
  assert_int_equal(decoder.dropped, 0);
}

static void a_broken_escape_drops_its_frame_and_no_other(void **state)
{
  (void)state;
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  assert_int_equal(FEED(&decoder, 0xC0, 0x00, 0xDB, 0x41, 0x42, 0xC0), 0);
  assert_int_equal(decoder.dropped, 1);
  assert_int_equal(FEED(&decoder, 0xC0, 0x00, 0x41, 0xDB, 0xC0), 0);
  assert_int_equal(decoder.dropped, 2);
  assert_int_equal(FEED(&decoder, 0x00, 0x43, 0xC0), 1);
  assert_int_equal(decoder.frame[1], 0x43);
}

static void a_frame_that_is_too_long_is_dropped_and_the_next_one_kept(void **state)
{
  (void)state;
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  kiss_decode(&decoder, 0xC0);
  for (int i = 0; i < 100000; i++)
    assert_int_equal(kiss_decode(&decoder, (uint8_t)(i % 0xC0)), 0);
  assert_int_equal(decoder.dropped, 1);
  assert_int_equal(FEED(&decoder, 0xC0, 0x00, 0x44, 0xC0), 1);
  assert_int_equal(decoder.len, 2);
}

static void the_longest_frame_is_kept(void **state)
{
  (void)state;
  uint8_t data[KISS_DATA_MAX], wire[KISS_WIRE_MAX];
  struct kiss_decoder decoder;
  memset(data, 0xDB, sizeof data);
  kiss_decoder_init(&decoder);
  int len = kiss_encode(wire, sizeof wire, 0, KISS_DATA, data, sizeof data);
  assert_int_equal(feed(&decoder, wire, (size_t)len), 1);
  assert_int_equal(decoder.len, KISS_FRAME_MAX);
}

static void no_truncated_frame_is_delivered_and_the_next_one_is(void **state)
{
  (void)state;
  const uint8_t data[] = {0xC0, 0xDB, 0x11, 0xC0, 0x00, 0xDB, 0xDB, 0x7E};
  uint8_t wire[64];
  int len = kiss_encode(wire, sizeof wire, 3, KISS_DATA, data, sizeof data);
  for (int cut = 0; cut < len; cut++) {
    struct kiss_decoder decoder;
    kiss_decoder_init(&decoder);
    assert_int_equal(feed(&decoder, wire, (size_t)cut), 0);
    feed(&decoder, wire, (size_t)len);
    assert_int_equal(decoder.len, 1 + sizeof data);
    assert_memory_equal(decoder.frame + 1, data, sizeof data);
  }
}

static void random_bytes_do_no_harm(void **state)
{
  (void)state;
  static const uint8_t special[] = {0xC0, 0xDB, 0xDC, 0xDD, 0x00};
  struct test_random random = random_start();
  struct kiss_decoder decoder;
  kiss_decoder_init(&decoder);
  for (int round = 0; round < 100000; round++) {
    uint8_t bytes[64];
    size_t len = random_next(&random) % sizeof bytes;
    for (size_t i = 0; i < len; i++) {
      uint32_t pick = random_next(&random);
      bytes[i] = pick & 0x100 ? special[pick % sizeof special] : (uint8_t)pick;
    }
    feed(&decoder, bytes, len);
  }
  feed(&decoder, (const uint8_t[]){0xC0}, 1);
  assert_int_equal(FEED(&decoder, 0x00, 0x45, 0xC0), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_byte_and_port_survives_the_round_trip),
      cmocka_unit_test(a_frame_on_the_wire_holds_fend_only_at_its_ends),
      cmocka_unit_test(a_frame_that_does_not_fit_is_refused),
      cmocka_unit_test(noise_before_the_first_fend_is_no_frame),
      cmocka_unit_test(fends_in_a_row_are_no_frames),
      cmocka_unit_test(a_broken_escape_drops_its_frame_and_no_other),
      cmocka_unit_test(a_frame_that_is_too_long_is_dropped_and_the_next_one_kept),
      cmocka_unit_test(the_longest_frame_is_kept),
      cmocka_unit_test(no_truncated_frame_is_delivered_and_the_next_one_is),
      cmocka_unit_test(random_bytes_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
