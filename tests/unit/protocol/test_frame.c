/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: who can open what, short tags, counters recovered over wraps, and everything that must be refused. */
#include <errno.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static struct stations *stations;
static struct replay_window window; /* of the receiver for every source */

static const struct replay_window *find_window(void *context, uint16_t station)
{
  (void)context;
  return station >= 1 && station <= 3 ? &window : NULL;
}

struct burst {
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
};

static struct burst seal(uint16_t from, uint16_t dest, uint32_t counter, int is_short, size_t len)
{
  struct frame frame = {.source = from, .dest = dest, .counter = counter, .is_short = (uint8_t)is_short, .len = len};
  struct burst burst;
  memset(frame.plain, 0x31, len);
  int sealed = frame_seal(&stations->keyring[from], &frame, burst.bytes);
  assert_int_equal(sealed, frame_len(len, is_short));
  burst.len = (size_t)sealed;
  return burst;
}

static int open_as(uint16_t self, const struct burst *burst, struct frame *out)
{
  return frame_open(&stations->keyring[self], burst->bytes, burst->len, find_window, NULL, out);
}

/* Opens as station 2, from which the window is set to top. */
static int open_after(uint32_t top, const struct burst *burst, uint32_t *counter)
{
  struct frame frame = {0};
  memset(&window, 0, sizeof window);
  if (top)
    replay_restore(&window, top);
  int err = open_as(2, burst, &frame);
  *counter = frame.counter;
  return err;
}

static int set_up(void **state)
{
  (void)state;
  stations = stations_new(3);
  memset(&window, 0, sizeof window);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  stations_free(stations);
  return 0;
}

static void a_frame_opens_at_its_addressee_and_a_hop_frame_everywhere(void **state)
{
  (void)state;
  struct frame frame;
  struct burst pair = seal(1, 2, 5, 0, 20), hop = seal(1, FRAME_TO_ALL, 6, 1, 6);
  assert_int_equal(open_as(2, &pair, &frame), 0);
  assert_int_equal(frame.source, 1);
  assert_int_equal(frame.dest, 2);
  assert_int_equal(frame.counter, 5);
  assert_int_equal(frame.len, 20);
  assert_false(frame_is_hop(pair.bytes, pair.len));
  assert_true(frame_is_hop(hop.bytes, hop.len));
  assert_false(frame_is_hop(hop.bytes, 0));
  assert_int_equal(open_as(2, &hop, &frame), 0);
  assert_int_equal(open_as(3, &hop, &frame), 0);
  assert_int_equal(frame.dest, FRAME_TO_ALL);
}

static void a_frame_for_another_station_is_not_ours(void **state)
{
  (void)state;
  struct frame frame = {.len = 77};
  struct burst burst = seal(1, 2, 5, 0, 20);
  assert_int_equal(open_as(3, &burst, &frame), -EADDRNOTAVAIL);
  assert_int_equal(open_as(1, &burst, &frame), -ENOENT); /* our own, come back */
  assert_int_equal(frame.len, 77);                       /* untouched */
}

static void every_flipped_bit_is_refused(void **state)
{
  (void)state;
  for (int is_short = 0; is_short <= 1; is_short++)
    for (int hop = 0; hop <= 1; hop++) {
      struct burst burst = seal(1, hop ? FRAME_TO_ALL : 2, 5, is_short, is_short ? 6 : 40);
      struct frame frame = {.len = 77};
      for (size_t bit = 0; bit < burst.len * 8; bit++) {
        if (bit >= 5 && bit < 8)
          continue; /* the modem's */
        burst.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_true(open_as(2, &burst, &frame) < 0);
        assert_int_equal(frame.len, 77);
        burst.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
      }
      burst.bytes[0] |= 7;
      assert_int_equal(open_as(2, &burst, &frame), 0);
    }
}

static void every_length_but_the_true_one_is_refused(void **state)
{
  (void)state;
  struct burst burst = seal(1, 2, 5, 0, 40);
  struct frame frame;
  size_t true_len = burst.len;
  memset(burst.bytes + true_len, 0, sizeof burst.bytes - true_len);
  for (burst.len = 0; burst.len <= sizeof burst.bytes; burst.len++)
    if (burst.len != true_len)
      assert_true(open_as(2, &burst, &frame) < 0);
  burst.len = LINK_BURST_MAX + 1;
  assert_int_equal(frame_open(&stations->keyring[2], burst.bytes, burst.len, find_window, NULL, &frame), -EBADMSG);
}

static void a_short_tag_on_a_long_frame_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst longest = seal(1, 2, 5, 1, FRAME_SHORT_MAX - 8), longer = seal(1, 2, 6, 1, FRAME_SHORT_MAX - 7);
  assert_int_equal(open_as(2, &longest, &frame), 0);
  assert_int_equal(open_as(2, &longer, &frame), -EPERM);
}

static void another_version_is_said_to_be_one(void **state)
{
  (void)state;
  struct frame frame;
  struct burst burst = seal(1, 2, 5, 0, 20);
  for (unsigned version = 1; version < 4; version++) {
    burst.bytes[0] = (uint8_t)((burst.bytes[0] & 0x3f) | version << 6);
    assert_int_equal(open_as(2, &burst, &frame), -EPROTONOSUPPORT);
  }
}

static void an_unknown_source_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst burst = seal(1, FRAME_TO_ALL, 5, 0, 20);
  for (unsigned source = 0; source < 256; source++) {
    burst.bytes[1] = (uint8_t)source;
    assert_int_equal(open_as(2, &burst, &frame), source == 1 ? 0 : source == 3 ? -EKEYREJECTED : -ENOENT);
  }
}

static void another_epoch_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst burst = seal(1, FRAME_TO_ALL, 5, 0, 20);
  stations->keyring[2].epoch = 2;
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
  stations->keyring[2].epoch = 3; /* the same parity, but in the tag */
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
}

static void a_sender_without_a_key_for_the_addressee_says_so(void **state)
{
  (void)state;
  struct frame frame = {.source = 1, .dest = 9, .counter = 1, .len = 1};
  uint8_t out[32];
  assert_int_equal(frame_seal(&stations->keyring[1], &frame, out), -ENOENT);
}

static void the_counter_is_recovered_over_wraps(void **state)
{
  (void)state;
  static const uint32_t tops[] = {1, 100, 32767, 32768, 65535, 65536, 65537, 200000, 0x7fffffff};
  static const uint32_t steps[] = {1, 2, 63, 32767, 32768, 65535, 65536, 65537, 100000, 7 * 65536};
  uint32_t counter;
  for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
    for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
      struct burst burst = seal(1, 2, tops[i] + steps[j], 0, 20);
      assert_int_equal(open_after(tops[i], &burst, &counter), 0);
      assert_int_equal(counter, tops[i] + steps[j]);
    }
}

static void a_counter_too_far_ahead_is_not_found(void **state)
{
  (void)state;
  uint32_t counter;
  struct burst near = seal(1, 2, 1000 + 7 * 65536 + 32767, 0, 20), far = seal(1, 2, 1000 + 9 * 65536, 0, 20);
  assert_int_equal(open_after(1000, &near, &counter), 0);
  assert_int_equal(open_after(1000, &far, &counter), -EADDRNOTAVAIL);
}

static void first_contact_finds_a_counter_that_ran_far(void **state)
{
  (void)state;
  uint32_t counter;
  struct burst burst = seal(1, 2, 255 * 65536 + 77, 0, 20), farther = seal(1, 2, 256 * 65536 + 77, 0, 20);
  assert_int_equal(open_after(0, &burst, &counter), 0);
  assert_int_equal(counter, 255 * 65536 + 77);
  assert_int_equal(open_after(0, &farther, &counter), -EADDRNOTAVAIL);
}

static void a_short_tag_gives_a_forger_two_tries_only(void **state)
{
  (void)state;
  uint32_t counter;
  struct burst near = seal(1, 2, 1000 + 65536, 1, 4), far = seal(1, 2, 1000 + 2 * 65536, 1, 4);
  assert_int_equal(open_after(1000, &near, &counter), 0);
  assert_int_equal(open_after(1000, &far, &counter), -EADDRNOTAVAIL);
  far = seal(1, 2, 2 * 65536 + 5, 1, 4);
  assert_int_equal(open_after(0, &far, &counter), -EADDRNOTAVAIL);
}

static void what_was_heard_before_is_told_as_such(void **state)
{
  (void)state;
  uint32_t counter;
  struct burst burst = seal(1, 2, 5, 0, 20);
  assert_int_equal(open_after(5, &burst, &counter), -EALREADY);
  assert_int_equal(counter, 5);
  assert_int_equal(open_after(4, &burst, &counter), 0);
  assert_int_equal(open_after(70, &burst, &counter), -EALREADY); /* older than the window */
}

static void random_bursts_are_refused(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bursts_are_refused");
  for (int round = 0; round < 20000; round++) {
    struct burst burst = {.len = test_random_below(&random, 64)};
    struct frame frame = {.len = 77};
    for (size_t i = 0; i < burst.len; i++)
      burst.bytes[i] = (uint8_t)test_random(&random);
    if (round % 2) {
      burst.bytes[0] &= 0x3f;
      burst.bytes[1] = 1;
    }
    assert_true(open_as(2, &burst, &frame) < 0);
    assert_int_equal(frame.len, 77);
  }
}

#define FRAME_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      FRAME_TEST(a_frame_opens_at_its_addressee_and_a_hop_frame_everywhere),
      FRAME_TEST(a_frame_for_another_station_is_not_ours),
      FRAME_TEST(every_flipped_bit_is_refused),
      FRAME_TEST(every_length_but_the_true_one_is_refused),
      FRAME_TEST(a_short_tag_on_a_long_frame_is_refused),
      FRAME_TEST(another_version_is_said_to_be_one),
      FRAME_TEST(an_unknown_source_is_refused),
      FRAME_TEST(another_epoch_is_refused),
      FRAME_TEST(a_sender_without_a_key_for_the_addressee_says_so),
      FRAME_TEST(the_counter_is_recovered_over_wraps),
      FRAME_TEST(a_counter_too_far_ahead_is_not_found),
      FRAME_TEST(first_contact_finds_a_counter_that_ran_far),
      FRAME_TEST(a_short_tag_gives_a_forger_two_tries_only),
      FRAME_TEST(what_was_heard_before_is_told_as_such),
      FRAME_TEST(random_bursts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
