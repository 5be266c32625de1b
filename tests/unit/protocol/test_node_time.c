/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the network's time, and of stations whose memory was restored from an old backup. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/crypto/proof.h"
#include "protocol/link/frame.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define NOON_MS INT64_C(1800000000000) /* some day in 2027 */
#define TIME_BODY_LEN 4
#define TIME_LEN (TIME_BODY_LEN + PROOF_LEN + 2)

static void a_station_without_a_clock_learns_the_time_over_two_hops(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 1);
  int64_t offset_ms = NOON_MS - ether->now_ms;
  ether_set_clock(ether, 1, NOON_MS);
  run_for(ether, 2 * HOUR_MS);
  for (uint16_t i = 2; i <= 3; i++) {
    const struct ether_station *station = &ether->station[i];
    assert_true(station->clock_ms > 0);
    int64_t error_ms = station->clock_unix_ms - (station->clock_ms + offset_ms);
    assert_in_range(error_ms + 1000, 0, 2000);
  }
  ether_free(ether);
}

/* What tells the time, and how long it has been on its way. */
static struct bundle_head put_time(struct keyring *keyring, uint16_t origin, uint32_t counter, int64_t unix_ms,
                                   unsigned delay_ms, uint8_t content[BUNDLE_MAX])
{
  struct bundle_head head = {
      .kind = BUNDLE_TIME, .origin = origin, .dest = STATION_ALL, .counter = counter, .len = TIME_LEN};
  struct proof_label label = {PROOF_TIME, origin, counter, ROUTINE};
  uint16_t self = keyring->self;
  for (unsigned i = 0; i < TIME_BODY_LEN; i++)
    content[i] = (uint8_t)(unix_ms / 1000 >> (24 - 8 * i));
  keyring->self = origin;
  proof_make(keyring, &label, content, TIME_BODY_LEN, content + TIME_BODY_LEN);
  keyring->self = self;
  content[TIME_LEN - 2] = (uint8_t)(delay_ms / 100 >> 8);
  content[TIME_LEN - 1] = (uint8_t)(delay_ms / 100);
  return head;
}

static void hear_time(struct ether *ether, uint16_t relay, uint32_t frame_counter, const struct bundle_head *head,
                      const uint8_t *content, uint16_t to)
{
  inject_bundle(ether, &ether->stations->keyring[relay], relay, frame_counter, head, content, to);
}

static void a_post_cannot_tell_the_time_not_even_in_a_coordinators_name(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 2);
  struct keyring *post = &ether->stations->keyring[2];
  uint8_t content[BUNDLE_MAX];
  struct bundle_head own = put_time(post, 2, 500, NOON_MS, 0, content);
  hear_time(ether, 2, 1000, &own, content, 3);
  struct bundle_head forged = put_time(post, 1, 500, NOON_MS, 0, content);
  hear_time(ether, 2, 1001, &forged, content, 3);
  assert_int_equal(ether->station[3].clock_ms, 0);
  struct bundle_head genuine = put_time(&ether->stations->keyring[1], 1, 500, NOON_MS, 0, content);
  content[3] ^= 1;
  hear_time(ether, 2, 1002, &genuine, content, 3);
  assert_int_equal(ether->station[3].clock_ms, 0);
  content[3] ^= 1;
  hear_time(ether, 2, 1003, &genuine, content, 3);
  assert_true(ether->station[3].clock_ms > 0);
  ether_free(ether);
}

static void what_was_long_on_its_way_tells_no_time(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 3);
  uint8_t content[BUNDLE_MAX];
  struct bundle_head head = put_time(&ether->stations->keyring[1], 1, 500, NOON_MS, 601000, content);
  hear_time(ether, 2, 1000, &head, content, 3);
  assert_int_equal(ether->station[3].clock_ms, 0);
  ether_free(ether);
}

static void an_old_time_played_back_by_a_member_is_not_taken(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 4);
  uint8_t old_content[BUNDLE_MAX], content[BUNDLE_MAX];
  struct keyring *coordinator = &ether->stations->keyring[1];
  struct bundle_head old = put_time(coordinator, 1, 500, NOON_MS, 0, old_content);
  struct bundle_head new = put_time(coordinator, 1, 600, NOON_MS + 6 * HOUR_MS, 0, content);
  hear_time(ether, 2, 1000, &old, old_content, 3);
  run_for(ether, 6 * HOUR_MS);
  hear_time(ether, 2, 1001, &new, content, 3);
  int64_t told_ms = ether->station[3].clock_ms;
  run_for(ether, HOUR_MS);
  hear_time(ether, 2, 1002, &old, old_content, 3);
  hear_time(ether, 2, 1003, &new, content, 3);
  assert_int_equal(ether->station[3].clock_ms, told_ms);
  ether_free(ether);
}

static void an_old_time_is_not_taken_after_a_restart_either(void **state)
{
  (void)state;
  struct ether *ether = line_new(2, 5);
  ether->station[1].store.reserved_upto = 5000;
  ether_start_all(ether);
  uint8_t content[BUNDLE_MAX];
  struct message text = ether_text(2, ROUTINE, "Bonjou");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  run_for(ether, HOUR_MS);
  ether_cut_power(ether, 2);
  ether_start(ether, 2);
  struct bundle_head old = put_time(&ether->stations->keyring[1], 1, 500, NOON_MS, 0, content);
  hear_time(ether, 1, 6000, &old, content, 2);
  assert_int_equal(ether->station[2].clock_ms, 0);
  struct bundle_head new = put_time(&ether->stations->keyring[1], 1, 6001, NOON_MS, 0, content);
  hear_time(ether, 1, 6002, &new, content, 2);
  assert_true(ether->station[2].clock_ms > 0);
  ether_free(ether);
}

/* What a backup holds of a station's memory. */
struct backup {
  struct message outgoing[8];
  struct fake_delivery delivery[8];
  size_t outgoing_count, delivery_count;
  uint32_t reserved_upto;
};

static void back_up(const struct fake_store *store, struct backup *out)
{
  assert_in_range(store->outgoing_count, 1, 8);
  assert_in_range(store->delivery_count, 1, 8);
  memcpy(out->outgoing, store->outgoing, store->outgoing_count * sizeof *store->outgoing);
  memcpy(out->delivery, store->delivery, store->delivery_count * sizeof *store->delivery);
  out->outgoing_count = store->outgoing_count;
  out->delivery_count = store->delivery_count;
  out->reserved_upto = store->reserved_upto;
}

static void put_back(struct fake_store *store, const struct backup *backup)
{
  memcpy(store->outgoing, backup->outgoing, backup->outgoing_count * sizeof *store->outgoing);
  memcpy(store->delivery, backup->delivery, backup->delivery_count * sizeof *store->delivery);
  store->outgoing_count = backup->outgoing_count;
  store->delivery_count = backup->delivery_count;
  store->reserved_upto = backup->reserved_upto;
}

static void exchange(struct ether *ether, uint16_t from, uint16_t to, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    struct message text = ether_text(to, ROUTINE, "Pa gen anyen");
    assert_int_equal(ether_submit(ether, from, &text), 0);
    ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  }
}

/* Station 2 is set back to where it was before 150 messages to station 1. */
static struct ether *with_a_restored_station(uint64_t seed)
{
  struct ether *ether = ether_new(2, seed);
  struct backup *backup = malloc(sizeof *backup);
  assert_non_null(backup);
  ether_start_all(ether);
  exchange(ether, 2, 1, 1);
  back_up(&ether->station[2].store, backup);
  exchange(ether, 2, 1, 150);
  ether_cut_power(ether, 2);
  put_back(&ether->station[2].store, backup);
  free(backup);
  ether->station[2].last_counter = ether->station[2].store.reserved_upto - 1;
  ether_start(ether, 2);
  return ether;
}

static unsigned count_text(struct ether *ether, uint16_t station, const char *text)
{
  unsigned count = 0;
  for (size_t i = 0; i < ether->station[station].store.received_count; i++) {
    const struct text *got = &ether->station[station].store.received[i].message.body.text;
    count += got->len == strlen(text) && !memcmp(got->bytes, text, got->len);
  }
  return count;
}

static void a_restored_station_is_told_and_its_messages_arrive_once(void **state)
{
  (void)state;
  struct ether *ether = with_a_restored_station(6);
  uint32_t set_back = ether->station[2].store.reserved_upto;
  struct message one = ether_text(1, PRIORITY, "Yon"), two = ether_text(1, ROUTINE, "De");
  assert_int_equal(ether_submit(ether, 2, &one), 0);
  assert_int_equal(ether_submit(ether, 2, &two), 0);
  assert_in_range(two.id.counter, 1, 300); /* a number that another message had */
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_true(ether->station[2].store.reserved_upto > set_back + 150);
  assert_non_null(strstr(ether->station[2].warning, "old backup"));
  assert_int_equal(count_text(ether, 1, "Yon"), 1);
  assert_int_equal(count_text(ether, 1, "De"), 1);
  assert_int_equal(state_of(ether, 2, one.id, 1), DELIVERY_CANCELLED); /* under its first number */
  assert_true(ether_is_quiet(ether));
  ether_free(ether);
}

static void a_restored_station_whose_store_gives_nothing_back_does_not_spin(void **state)
{
  (void)state;
  struct ether *ether = with_a_restored_station(7);
  struct message one = ether_text(1, PRIORITY, "Yon"), all = alert_for_all(PRIORITY, "Tout moun");
  assert_int_equal(ether_submit(ether, 2, &one), 0);
  assert_int_equal(ether_submit(ether, 2, &all), 0);
  run_for(ether, 500); /* the burst is on the air */
  ether->station[2].store.fail_load = -EIO;
  run_for(ether, HOUR_MS);
  assert_int_equal(state_of(ether, 2, one.id, 1), DELIVERY_CANCELLED);
  ether->station[2].store.fail_load = 0;
  ether_free(ether);
}

static struct {
  uint8_t bytes[LINK_BURST_MAX];
  size_t len;
} old_burst;

static int keep_first(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)ether, (void)to;
  if (from == 2 && !old_burst.len && !frame_is_hop(bytes, *len)) {
    memcpy(old_burst.bytes, bytes, *len);
    old_burst.len = *len;
  }
  return 1;
}

static void old_frames_played_back_do_not_move_a_live_stations_counter(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 8);
  old_burst.len = 0;
  ether->tamper = keep_first;
  ether_start_all(ether);
  exchange(ether, 2, 1, 100);
  assert_true(old_burst.len > 0);
  uint32_t reserved = ether->station[2].store.reserved_upto;
  uint64_t bursts = ether->bursts;
  for (unsigned i = 0; i < 600; i++) {
    ether_burst(ether, 1, old_burst.bytes, old_burst.len);
    run_for(ether, 1000);
  }
  assert_in_range(ether->bursts - bursts, 1, 10); /* station 1 told it, but once a minute */
  assert_int_equal(ether->station[2].store.reserved_upto, reserved);
  assert_int_equal(ether->station[2].warnings, 0);
  ether_free(ether);
}

static void a_member_cannot_use_up_anothers_numbers(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 9);
  ether_start_all(ether);
  exchange(ether, 2, 1, 3);
  uint32_t reserved = ether->station[2].store.reserved_upto;
  static const uint32_t above[] = {UINT32_MAX - 1, 1 << 30, 1 << 21, 1 << 19, 1 << 19};
  for (uint32_t i = 0; i < 5; i++) {
    uint8_t buf[16];
    struct bit_writer writer;
    struct counter_item item = {.counter = i < 3 ? above[i] : reserved + above[i],
                                .echo = (uint16_t)(ether->station[2].last_counter)};
    bits_writer_init(&writer, buf, sizeof buf);
    counter_item_encode(&item, &writer);
    bits_put_align(&writer);
    inject(ether, &ether->stations->keyring[3], 3, 2, 1000 + i, &writer, 2);
  }
  assert_in_range(ether->station[2].store.reserved_upto, reserved, reserved + (1 << 19) + 100);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_station_without_a_clock_learns_the_time_over_two_hops),
      cmocka_unit_test(a_post_cannot_tell_the_time_not_even_in_a_coordinators_name),
      cmocka_unit_test(what_was_long_on_its_way_tells_no_time),
      cmocka_unit_test(an_old_time_played_back_by_a_member_is_not_taken),
      cmocka_unit_test(an_old_time_is_not_taken_after_a_restart_either),
      cmocka_unit_test(a_restored_station_is_told_and_its_messages_arrive_once),
      cmocka_unit_test(a_restored_station_whose_store_gives_nothing_back_does_not_spin),
      cmocka_unit_test(old_frames_played_back_do_not_move_a_live_stations_counter),
      cmocka_unit_test(a_member_cannot_use_up_anothers_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
