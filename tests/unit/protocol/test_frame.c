/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: who can open what, short tags, long sources, counters recovered over wraps, key epochs, and everything that
 * must be refused. */
#include <errno.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define FAR STATION_MAX /* a station whose number takes two bytes */

static struct stations *stations;
static struct keyring far_keyring;
static struct replay_window window; /* of the receiver for every source */

static const struct replay_window *find_window(void *context, uint16_t station)
{
  (void)context;
  return station != 4 ? &window : NULL;
}

static struct keyring *keyring_of(uint16_t number)
{
  return number == FAR ? &far_keyring : &stations->keyring[number];
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
  int sealed = frame_seal(keyring_of(from), &frame, burst.bytes);
  assert_int_equal(sealed, frame_len(from, len, is_short));
  burst.len = (size_t)sealed;
  return burst;
}

static int open_as(uint16_t self, const struct burst *burst, struct frame *out)
{
  return frame_open(keyring_of(self), burst->bytes, burst->len, find_window, NULL, out);
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
  struct station_secrets secrets;
  struct directory_entry entry = {.sector = -1, .department = -1, .callsign = "FAR", .name = "Far"};
  char why[128];
  stations = stations_new(4);
  memset(&window, 0, sizeof window);
  secrets = stations->secrets[4];
  secrets.number = entry.number = FAR;
  secrets.box_secret[0] ^= 8;
  int err = station_public_keys(&secrets, entry.box_key, entry.sign_key);
  if (!err)
    err = directory_add(&stations->directory, &entry, why, sizeof why);
  return err ? err : keyring_init(&far_keyring, &secrets, &stations->directory);
}

static int tear_down(void **state)
{
  (void)state;
  keyring_wipe(&far_keyring);
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
  assert_int_equal(frame_open(keyring_of(2), burst.bytes, burst.len, find_window, NULL, &frame), -EBADMSG);
}

static void a_short_tag_on_a_long_frame_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst longest = seal(1, 2, 5, 1, FRAME_SHORT_MAX - 8), longer = seal(1, 2, 6, 1, FRAME_SHORT_MAX - 7);
  assert_int_equal(open_as(2, &longest, &frame), 0);
  assert_int_equal(open_as(2, &longer, &frame), -EPERM);
}

static void an_empty_frame_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst near = seal(1, 2, 5, 0, 0), far = seal(FAR, 2, 5, 0, 0), is_short = seal(FAR, 2, 6, 1, 0);
  assert_int_equal(open_as(2, &near, &frame), -EBADMSG);
  assert_int_equal(open_as(2, &far, &frame), -EBADMSG);
  assert_int_equal(open_as(2, &is_short, &frame), -EBADMSG);
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
    burst.bytes[1] = (uint8_t)source; /* 251..254 make a number of two bytes with the one that follows */
    assert_int_equal(open_as(2, &burst, &frame), source == 1 ? 0 : source == 3 ? -EKEYREJECTED : -ENOENT);
  }
}

static void a_station_without_a_window_is_unknown(void **state)
{
  (void)state;
  struct frame frame;
  struct burst burst = seal(4, 2, 5, 0, 20); /* the directory has it, but find_window does not */
  assert_int_equal(open_as(2, &burst, &frame), -ENOENT);
}

static void the_claimed_source_is_read_without_a_key(void **state)
{
  (void)state;
  struct burst near = seal(3, 2, 5, 0, 20), far = seal(FAR, 2, 5, 0, 20);
  assert_int_equal(frame_source(near.bytes, near.len), 3);
  assert_int_equal(frame_source(far.bytes, far.len), FAR);
  assert_int_equal(frame_source(far.bytes, 2), STATION_NONE);
  assert_int_equal(frame_source(near.bytes, 1), STATION_NONE);
  assert_int_equal(frame_source(near.bytes, 0), STATION_NONE);
  near.bytes[1] = STATION_ALL;
  assert_int_equal(frame_source(near.bytes, near.len), STATION_NONE);
}

static void a_source_of_two_bytes_costs_one_byte(void **state)
{
  (void)state;
  struct frame frame;
  struct burst near = seal(1, 2, 5, 0, 20), far = seal(FAR, 2, 5, 0, 20), hop = seal(FAR, FRAME_TO_ALL, 6, 1, 5);
  assert_int_equal(far.len, near.len + 1);
  assert_int_equal(open_as(2, &far, &frame), 0);
  assert_int_equal(frame.source, FAR);
  assert_int_equal(frame.counter, 5);
  assert_int_equal(frame.len, 20);
  assert_int_equal(hop.len, FRAME_SHORT_MAX);
  assert_int_equal(open_as(3, &hop, &frame), 0);
  assert_int_equal(frame.len, 5);
  struct burst back = seal(2, FAR, 7, 0, 20);
  assert_int_equal(open_as(FAR, &back, &frame), 0);
  assert_int_equal(frame.source, 2);
}

static void every_flipped_bit_of_a_frame_with_a_long_source_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  for (int hop = 0; hop <= 1; hop++) {
    struct burst burst = seal(FAR, hop ? FRAME_TO_ALL : 2, 5, hop, 5);
    for (size_t bit = 0; bit < burst.len * 8; bit++) {
      if (bit >= 5 && bit < 8)
        continue; /* the modem's */
      burst.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
      assert_true(open_as(2, &burst, &frame) < 0);
      burst.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
    for (size_t len = 0; len < burst.len; len++)
      assert_true(frame_open(keyring_of(2), burst.bytes, len, find_window, NULL, &frame) < 0);
  }
}

static void the_longest_burst_opens_whatever_the_source(void **state)
{
  (void)state;
  struct frame frame;
  struct burst near = seal(1, 2, 5, 0, FRAME_PLAIN_MAX), far = seal(FAR, 2, 5, 0, FRAME_PLAIN_MAX - 1);
  assert_int_equal(near.len, LINK_BURST_MAX);
  assert_int_equal(far.len, LINK_BURST_MAX);
  assert_int_equal(open_as(2, &near, &frame), 0);
  assert_int_equal(open_as(2, &far, &frame), 0);
}

static void another_epoch_is_refused(void **state)
{
  (void)state;
  struct frame frame;
  struct burst burst = seal(1, FRAME_TO_ALL, 5, 0, 20);
  struct hop_key *hop = &stations->keyring[2].hop[KEYRING_CURRENT];
  hop->epoch = 2;
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
  hop->epoch = 3; /* the same parity, but in the tag */
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
}

static const uint8_t secret_2[KEYRING_KEY_LEN] = {2}, secret_3[KEYRING_KEY_LEN] = {3},
                     secret_4[KEYRING_KEY_LEN] = {4};

static void expect_epoch(uint16_t self, const struct burst *burst, enum frame_epoch epoch)
{
  struct frame frame;
  assert_int_equal(open_as(self, burst, &frame), 0);
  assert_int_equal(frame.epoch_is, epoch);
}

static void hop_frames_open_under_the_previous_and_the_next_epoch(void **state)
{
  (void)state;
  struct keyring *sender = keyring_of(1), *receiver = keyring_of(2);
  struct frame frame;
  struct burst first = seal(1, FRAME_TO_ALL, 1, 0, 20);
  assert_int_equal(keyring_add_epoch(sender, 2, secret_2), 0);
  assert_int_equal(keyring_begin_epoch(sender), 0);
  struct burst second = seal(1, FRAME_TO_ALL, 2, 1, 5);
  assert_int_equal(first.bytes[0] & 0x20, 0x20);
  assert_int_equal(second.bytes[0] & 0x20, 0);
  expect_epoch(2, &first, FRAME_EPOCH_CURRENT);
  assert_int_equal(open_as(2, &second, &frame), -EKEYREJECTED); /* the new key has not come yet */
  assert_int_equal(keyring_add_epoch(receiver, 2, secret_2), 0);
  expect_epoch(2, &second, FRAME_EPOCH_NEXT);
  assert_int_equal(keyring_begin_epoch(receiver), 0);
  expect_epoch(2, &first, FRAME_EPOCH_PREVIOUS);
  expect_epoch(2, &second, FRAME_EPOCH_CURRENT);
  assert_int_equal(keyring_add_epoch(receiver, 3, secret_3), 0); /* as odd as the previous one */
  expect_epoch(2, &first, FRAME_EPOCH_PREVIOUS);
  assert_int_equal(keyring_add_epoch(sender, 3, secret_3), 0);
  assert_int_equal(keyring_begin_epoch(sender), 0);
  struct burst third = seal(1, FRAME_TO_ALL, 3, 0, 20);
  expect_epoch(2, &third, FRAME_EPOCH_NEXT);
  keyring_end_epoch(receiver);
  assert_int_equal(open_as(2, &first, &frame), -EKEYREJECTED);
  expect_epoch(2, &second, FRAME_EPOCH_CURRENT);
  expect_epoch(2, &third, FRAME_EPOCH_NEXT);
  assert_int_equal(keyring_add_epoch(receiver, 4, secret_4), 0);
  assert_int_equal(keyring_begin_epoch(receiver), 0);
  assert_int_equal(open_as(2, &second, &frame), -EKEYREJECTED); /* two epochs back */
}

/* A place without a key is all zero, and so is a key that everybody can guess. */
static void an_epoch_that_is_not_held_opens_nothing(void **state)
{
  (void)state;
  struct frame frame;
  memset(&keyring_of(1)->hop[KEYRING_CURRENT].key, 0, sizeof(struct seal_key));
  keyring_of(1)->hop[KEYRING_CURRENT].epoch = 0;
  struct burst burst = seal(1, FRAME_TO_ALL, 2, 0, 20);
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
}

static void the_wrong_secret_for_an_epoch_opens_nothing(void **state)
{
  (void)state;
  struct frame frame;
  assert_int_equal(keyring_add_epoch(keyring_of(1), 2, secret_2), 0);
  assert_int_equal(keyring_begin_epoch(keyring_of(1)), 0);
  assert_int_equal(keyring_add_epoch(keyring_of(2), 2, secret_3), 0);
  struct burst burst = seal(1, FRAME_TO_ALL, 2, 0, 20);
  assert_int_equal(open_as(2, &burst, &frame), -EKEYREJECTED);
}

static void pairwise_frames_do_not_care_about_epochs(void **state)
{
  (void)state;
  struct frame frame;
  assert_int_equal(keyring_add_epoch(keyring_of(1), 2, secret_2), 0);
  assert_int_equal(keyring_begin_epoch(keyring_of(1)), 0);
  struct burst even = seal(1, 2, 5, 0, 20);
  assert_int_equal(open_as(2, &even, &frame), 0); /* which is still in epoch 1 */
  assert_int_equal(frame.epoch_is, FRAME_EPOCH_CURRENT);
  struct burst odd = seal(2, 1, 5, 1, 5);
  assert_int_equal(open_as(1, &odd, &frame), 0);
  assert_int_equal((even.bytes[0] | odd.bytes[0]) & 0x20, 0);
  odd.bytes[0] |= 0x20;
  assert_int_equal(open_as(1, &odd, &frame), -EPROTONOSUPPORT);
}

static void a_revoked_station_is_refused_under_every_key(void **state)
{
  (void)state;
  struct frame frame;
  assert_int_equal(keyring_add_epoch(keyring_of(1), 2, secret_2), 0);
  assert_int_equal(keyring_add_epoch(keyring_of(2), 2, secret_2), 0);
  struct burst pair = seal(1, 2, 5, 0, 20), hop = seal(1, FRAME_TO_ALL, 6, 1, 6);
  assert_int_equal(keyring_begin_epoch(keyring_of(1)), 0);
  struct burst next = seal(1, FRAME_TO_ALL, 7, 0, 20);
  assert_int_equal(open_as(2, &pair, &frame), 0);
  assert_int_equal(open_as(2, &next, &frame), 0);
  keyring_drop_peer(keyring_of(2), 1);
  assert_int_equal(open_as(2, &pair, &frame), -ENOENT);
  assert_int_equal(open_as(2, &hop, &frame), -ENOENT);
  assert_int_equal(open_as(2, &next, &frame), -ENOENT);
  assert_int_equal(open_as(3, &hop, &frame), 0); /* which was not told yet */
  struct frame answer = {.source = 2, .dest = 1, .counter = 1, .len = 1};
  uint8_t out[32];
  assert_int_equal(frame_seal(keyring_of(2), &answer, out), -ENOENT);
}

static void a_station_that_left_the_directory_is_refused_under_every_key(void **state)
{
  (void)state;
  struct frame frame;
  char why[128];
  struct burst pair = seal(1, 2, 5, 0, 20), hop = seal(1, FRAME_TO_ALL, 6, 1, 6);
  assert_int_equal(open_as(2, &pair, &frame), 0);
  assert_int_equal(directory_remove(&stations->directory, 1, why, sizeof why), 0);
  assert_int_equal(open_as(2, &pair, &frame), -ENOENT);
  assert_int_equal(open_as(2, &hop, &frame), -ENOENT);
}

static void a_sender_without_a_key_for_the_addressee_says_so(void **state)
{
  (void)state;
  struct frame frame = {.source = 1, .dest = 9, .counter = 1, .len = 1};
  uint8_t out[32];
  assert_int_equal(frame_seal(keyring_of(1), &frame, out), -ENOENT);
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

static void a_station_restored_from_an_old_backup_is_known_to_be_behind(void **state)
{
  (void)state;
  static const uint32_t tops[] = {1000, 70000, 500000, 0x7fffffff}, backs[] = {64, 999, 40000, 69999, 400000};
  uint32_t counter;
  for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
    for (size_t j = 0; j < sizeof backs / sizeof *backs; j++) {
      if (backs[j] >= tops[i])
        continue;
      struct burst burst = seal(1, 2, tops[i] - backs[j], 0, 20);
      assert_int_equal(open_after(tops[i], &burst, &counter), -EALREADY);
      assert_int_equal(counter, tops[i] - backs[j]);
      assert_true(replay_is_behind(&window, counter));
    }
  struct burst too_far = seal(1, 2, 1000000 - 9 * 65536, 0, 20), is_short = seal(1, 2, 1000000 - 70000, 1, 4);
  assert_int_equal(open_after(1000000, &too_far, &counter), -EADDRNOTAVAIL);
  assert_int_equal(open_after(1000000, &is_short, &counter), -EADDRNOTAVAIL);
}

static void the_highest_counter_opens_and_nothing_wraps(void **state)
{
  (void)state;
  uint32_t counter;
  struct burst last = seal(1, 2, UINT32_MAX, 0, 20), first = seal(1, 2, 5, 0, 20);
  assert_int_equal(open_after(UINT32_MAX - 1, &last, &counter), 0);
  assert_int_equal(counter, UINT32_MAX);
  assert_int_equal(open_after(UINT32_MAX, &first, &counter), -EADDRNOTAVAIL);
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
      burst.bytes[1] = round % 3 ? 1 : 254; /* FAR is 254 255 */
      burst.bytes[2] |= round % 3 ? 0 : 0xff;
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
      FRAME_TEST(an_empty_frame_is_refused),
      FRAME_TEST(another_version_is_said_to_be_one),
      FRAME_TEST(an_unknown_source_is_refused),
      FRAME_TEST(a_station_without_a_window_is_unknown),
      FRAME_TEST(the_claimed_source_is_read_without_a_key),
      FRAME_TEST(a_source_of_two_bytes_costs_one_byte),
      FRAME_TEST(every_flipped_bit_of_a_frame_with_a_long_source_is_refused),
      FRAME_TEST(the_longest_burst_opens_whatever_the_source),
      FRAME_TEST(another_epoch_is_refused),
      FRAME_TEST(hop_frames_open_under_the_previous_and_the_next_epoch),
      FRAME_TEST(an_epoch_that_is_not_held_opens_nothing),
      FRAME_TEST(the_wrong_secret_for_an_epoch_opens_nothing),
      FRAME_TEST(pairwise_frames_do_not_care_about_epochs),
      FRAME_TEST(a_revoked_station_is_refused_under_every_key),
      FRAME_TEST(a_station_that_left_the_directory_is_refused_under_every_key),
      FRAME_TEST(a_sender_without_a_key_for_the_addressee_says_so),
      FRAME_TEST(the_counter_is_recovered_over_wraps),
      FRAME_TEST(a_counter_too_far_ahead_is_not_found),
      FRAME_TEST(first_contact_finds_a_counter_that_ran_far),
      FRAME_TEST(a_short_tag_gives_a_forger_two_tries_only),
      FRAME_TEST(what_was_heard_before_is_told_as_such),
      FRAME_TEST(a_station_restored_from_an_old_backup_is_known_to_be_behind),
      FRAME_TEST(the_highest_counter_opens_and_nothing_wraps),
      FRAME_TEST(random_bursts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
