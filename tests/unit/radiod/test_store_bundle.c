/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a station keeps for others and remembers of it, and of its time scale: nothing forgotten comes in
 * again, nothing kept is lost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

#define MINUTE_MS INT64_C(60000)

static struct held_bundle sample_bundle(uint16_t origin, uint32_t counter, uint8_t journey)
{
  struct held_bundle bundle;

  memset(&bundle, 0, sizeof bundle);
  bundle.head = (struct bundle_head){.kind = BUNDLE_SEALED,
                                     .precedence = PRIORITY,
                                     .life = 3,
                                     .journey = journey,
                                     .origin = origin,
                                     .dest = OTHER,
                                     .counter = counter,
                                     .len = (uint16_t)(1 + counter % BUNDLE_MAX)};
  bundle.born_ms = NOW_MS - counter;
  bundle.from = PEER;
  memset(bundle.content, (int)counter, bundle.head.len);
  return bundle;
}

static int keep(struct store *store, const struct held_bundle *bundle)
{
  struct node_store node = store_node(store);

  return node.commit_bundle(node.context, bundle);
}

static int journey_of(struct store *store, uint16_t origin, uint32_t counter)
{
  struct node_store node = store_node(store);

  return node.find_journey(node.context, (struct message_id){origin, counter}, OTHER);
}

static void drop(struct store *store, uint16_t origin, uint32_t counter)
{
  struct node_store node = store_node(store);

  assert_int_equal(node.drop_bundle(node.context, (struct message_id){origin, counter}, OTHER), 0);
}

static void assert_same_bundle(const struct held_bundle *a, const struct held_bundle *b)
{
  assert_memory_equal(&a->head, &b->head, sizeof a->head);
  assert_int_equal(a->born_ms, b->born_ms);
  assert_int_equal(a->from, b->from);
  assert_memory_equal(a->content, b->content, a->head.len);
}

static void bundle_comes_back_as_it_was_kept(void **state)
{
  static const uint16_t lengths[] = {1, 2, BUNDLE_MAX};
  struct store *store = sample_open(*state);
  struct held_bundle read;

  for (uint32_t i = 0; i < 3; i++) {
    struct held_bundle bundle = sample_bundle(PEER, 10 + i, 200);
    bundle.head.len = lengths[i];
    bundle.head.kind = (uint8_t)(i % BUNDLE_KIND_COUNT);
    bundle.born_ms = i ? NOW_MS : -5000; /* older than this station */
    assert_int_equal(keep(store, &bundle), 0);
    store = sample_reopen(*state, store);
    struct node_store node = store_node(store);
    assert_int_equal(node.load_bundle(node.context, (struct message_id){PEER, 10 + i}, OTHER, &read), 0);
    assert_same_bundle(&read, &bundle);
  }
  store_close(store);
}

static int count_bundle(void *context, const struct held_bundle *bundle)
{
  uint32_t *last = context;

  assert_true(bundle->head.counter > *last); /* oldest first */
  *last = bundle->head.counter;
  return 0;
}

static void restart_tells_what_was_not_dropped(void **state)
{
  struct store *store = sample_open(*state);
  uint32_t last = 0;

  for (uint32_t i = 1; i <= 5; i++) {
    struct held_bundle bundle = sample_bundle(PEER, i, 1);
    assert_int_equal(keep(store, &bundle), 0);
  }
  drop(store, PEER, 5);
  store = sample_reopen(*state, store);
  assert_int_equal(store_each_bundle(store, count_bundle, &last), 0);
  assert_int_equal(last, 4);
  store_close(store);
}

static void dropped_bundle_stays_known(void **state)
{
  struct held_bundle bundle = sample_bundle(PEER, 7, 18), read;
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);

  assert_int_equal(journey_of(store, PEER, 7), -ENOENT);
  assert_int_equal(keep(store, &bundle), 0);
  drop(store, PEER, 7);
  assert_int_equal(node.load_bundle(node.context, (struct message_id){PEER, 7}, OTHER, &read), -ENOENT);
  store = sample_reopen(*state, store);
  assert_int_equal(journey_of(store, PEER, 7), 18);
  assert_int_equal(journey_of(store, PEER, 6), -ENOENT);
  assert_int_equal(journey_of(store, OTHER, 7), -ENOENT);
  store_close(store);
}

static void later_journey_takes_the_place_of_the_earlier(void **state)
{
  struct held_bundle first = sample_bundle(PEER, 7, 3), second = sample_bundle(PEER, 7, 19);
  struct store *store = sample_open(*state);
  uint32_t last = 0;

  second.from = OTHER;
  assert_int_equal(keep(store, &first), 0);
  assert_int_equal(keep(store, &second), 0);
  assert_int_equal(journey_of(store, PEER, 7), 19);
  assert_int_equal(store_each_bundle(store, count_bundle, &last), 0);
  assert_int_equal(last, 7); /* once */
  store_close(store);
}

static void impossible_bundles_are_refused(void **state)
{
  struct store *store = sample_open(*state);
  struct held_bundle bundle = sample_bundle(PEER, 1, 1);

  bundle.head.len = 0;
  assert_int_equal(keep(store, &bundle), -EINVAL);
  bundle.head.len = BUNDLE_MAX + 1;
  assert_int_equal(keep(store, &bundle), -EINVAL);
  bundle.head.len = 5;
  bundle.head.kind = BUNDLE_KIND_COUNT;
  assert_int_equal(keep(store, &bundle), -EINVAL);
  assert_int_equal(journey_of(store, PEER, 1), -ENOENT);
  store_close(store);
}

/* Keeps and drops count bundles of PEER from counter first on. */
static void pass_on(struct store *store, uint32_t first, uint32_t count)
{
  for (uint32_t i = first; i < first + count; i++) {
    struct held_bundle bundle = sample_bundle(PEER, i, 1);
    assert_int_equal(keep(store, &bundle), 0);
    drop(store, PEER, i);
  }
}

static void memory_ends_after_its_time_and_not_before(void **state)
{
  struct store *store = sample_open(*state);

  store_note_time(store, NOW_MS);
  pass_on(store, 100, 10);
  store_note_time(store, NOW_MS + NODE_STORE_MEMORY_MS - MINUTE_MS);
  assert_int_equal(store_forget(store, 100), 0);
  assert_int_equal(journey_of(store, PEER, 100), 1);
  store_note_time(store, NOW_MS + NODE_STORE_MEMORY_MS + MINUTE_MS);
  assert_int_equal(store_forget(store, 100), 10);
  store_close(store);
}

static void what_was_forgotten_never_comes_in_again(void **state)
{
  struct store *store = sample_open(*state);

  store_note_time(store, NOW_MS);
  pass_on(store, 100, 3);
  store_note_time(store, NOW_MS + NODE_STORE_MEMORY_MS + MINUTE_MS);
  assert_int_equal(store_forget(store, 100), 3);
  store = sample_reopen(*state, store);
  for (uint32_t counter = 1; counter <= 102; counter++)
    assert_int_equal(journey_of(store, PEER, counter), JOURNEY_LAST);
  assert_int_equal(journey_of(store, PEER, 103), -ENOENT);
  assert_int_equal(journey_of(store, OTHER, 100), -ENOENT);
  store_close(store);
}

static void forgetting_goes_in_small_steps_as_bundles_come(void **state)
{
  struct store *store = sample_open(*state);

  store_note_time(store, NOW_MS);
  pass_on(store, 100, 40);
  store_note_time(store, NOW_MS + NODE_STORE_MEMORY_MS + MINUTE_MS);
  pass_on(store, 1000, 1);
  assert_int_equal(journey_of(store, PEER, 139), 1); /* not all at once */
  pass_on(store, 1001, 20);
  assert_int_equal(journey_of(store, PEER, 139), JOURNEY_LAST);
  assert_int_equal(journey_of(store, PEER, 1000), 1);
  store_close(store);
}

static void what_is_still_kept_is_not_forgotten(void **state)
{
  struct held_bundle bundle = sample_bundle(PEER, 7, 5), read;
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);

  store_note_time(store, NOW_MS);
  assert_int_equal(keep(store, &bundle), 0);
  store_note_time(store, NOW_MS + 3 * NODE_STORE_MEMORY_MS);
  assert_int_equal(store_forget(store, 100), 0);
  assert_int_equal(journey_of(store, PEER, 7), 5);
  assert_int_equal(node.load_bundle(node.context, (struct message_id){PEER, 7}, OTHER, &read), 0);
  store_close(store);
}

static void copies_for_two_stations_are_kept_apart(void **state)
{
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct held_bundle first = sample_bundle(PEER, 7, 3), second = first, read;

  second.head.dest = STATION_ALL;
  second.head.journey = 0;
  assert_int_equal(keep(store, &first), 0);
  assert_int_equal(keep(store, &second), 0);
  assert_int_equal(node.find_journey(node.context, (struct message_id){PEER, 7}, OTHER), 3);
  assert_int_equal(node.find_journey(node.context, (struct message_id){PEER, 7}, STATION_ALL), 0);
  assert_int_equal(node.drop_bundle(node.context, (struct message_id){PEER, 7}, OTHER), 0);
  assert_int_equal(node.load_bundle(node.context, (struct message_id){PEER, 7}, STATION_ALL, &read), 0);
  assert_int_equal(read.head.dest, STATION_ALL);
  store_close(store);
}

static void proof_ends_the_doubt_about_an_alert(void **state)
{
  struct message alert = sample_alert(PEER, 9, "dlo ap monte");
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct store_entry entry;

  alert.is_unproven = 1;
  sample_receive(store, &alert);
  store = sample_reopen(*state, store);
  node = store_node(store);
  assert_int_equal(store_get(store, alert.id, &entry), 0);
  assert_int_equal(entry.message.is_unproven, 1);
  /* What came unproven may have been forged: the proven content takes its place. */
  struct message proven = sample_alert(PEER, 9, "dlo ap desann");
  assert_int_equal(node.prove_received(node.context, &proven), 0);
  assert_int_equal(store_get(store, alert.id, &entry), 0);
  assert_int_equal(entry.message.is_unproven, 0);
  assert_string_equal(entry.message.body.alert.text.bytes, "dlo ap desann");
  assert_int_equal(node.prove_received(node.context, &alert), -EALREADY);
  proven.id.counter++;
  assert_int_equal(node.prove_received(node.context, &proven), -ENOENT);
  store_close(store);
}

static int count_waiting(void *context, const struct message *message, uint16_t recipient, enum delivery_state state,
                         uint32_t attempts)
{
  (void)message;
  (void)recipient;
  (void)state;
  (void)attempts;
  ++*(int *)context;
  return 0;
}

static void custody_is_no_end_and_tells_who_has_it(void **state)
{
  static const uint16_t recipients[] = {OTHER};
  struct message message = sample_text(US, 3, "lwen");
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  int waiting = 0;

  sample_send(store, &message, recipients, 1);
  assert_int_equal(node.commit_delivery(node.context, message.id, OTHER, DELIVERY_CUSTODY, 1, NOW_MS), 0);
  assert_int_equal(store_note_via(store, message.id, OTHER, PEER), 0);
  assert_int_equal(node.commit_delivery(node.context, message.id, OTHER, DELIVERY_SENT, 2, NOW_MS), 0);
  struct store_delivery delivery = sample_delivery(store, message.id, OTHER);
  assert_int_equal(delivery.state, DELIVERY_CUSTODY); /* never back to sent */
  assert_int_equal(delivery.via, PEER);
  assert_int_equal(store_each_waiting(store, count_waiting, &waiting), 0);
  assert_int_equal(waiting, 1);
  assert_int_equal(store_count_waiting(store), 1);
  assert_int_equal(node.commit_delivery(node.context, message.id, OTHER, DELIVERY_DELIVERED, 2, NOW_MS), 0);
  assert_int_equal(store_count_waiting(store), 0);
  store_close(store);
}

static int count_entry(void *context, const struct store_entry *entry)
{
  (void)entry;
  ++*(int *)context;
  return 0;
}

static void keys_are_not_shown_to_people(void **state)
{
  static const struct {
    int kind, count;
  } cases[] = {{0, 0}, {-1, 0}, {MESSAGE_KEY, 1}};
  struct message key = {.id = {PEER, 5}, .dest = US, .kind = MESSAGE_KEY, .born_ms = NOW_MS};
  struct store *store = sample_open(*state);
  struct store_entry entry;

  key.body.key.epoch = 9;
  memset(key.body.key.secret, 0xab, sizeof key.body.key.secret);
  sample_receive(store, &key);
  assert_int_equal(store_count_unread(store), 0);
  for (size_t i = 0; i < 3; i++) {
    const struct store_filter filter = {.kind = cases[i].kind, .limit = 10};
    int count = 0;
    assert_int_equal(store_list(store, &filter, count_entry, &count), 0);
    assert_int_equal(count, cases[i].count);
  }
  assert_int_equal(store_get(store, key.id, &entry), 0);
  assert_memory_equal(&entry.message.body.key, &key.body.key, sizeof key.body.key);
  store_close(store);
}

static void clock_is_never_behind_the_log(void **state)
{
  const struct store_clock saved = {"a-boot", 5000, NOW_MS};
  struct store_clock read;
  struct store *store = sample_open(*state);

  assert_int_equal(store_read_clock(store, &read), -ENOENT);
  assert_int_equal(store_save_clock(store, &saved), 0);
  store = sample_reopen(*state, store);
  assert_int_equal(store_read_clock(store, &read), 0);
  assert_string_equal(read.boot, "a-boot");
  assert_int_equal(read.boot_ms, 5000);
  assert_int_equal(read.node_ms, NOW_MS);
  assert_int_equal(store_add_event(store, NOW_MS + 700, STORE_INFO, "test", "x"), 0);
  assert_int_equal(store_read_clock(store, &read), 0);
  assert_int_equal(read.boot_ms, 5700);
  assert_int_equal(read.node_ms, NOW_MS + 700);
  struct message message = sample_text(PEER, 1, "x"); /* comes later than that */
  sample_receive(store, &message);
  assert_int_equal(store_read_clock(store, &read), 0);
  assert_int_equal(read.node_ms, sample_reception(PEER, 1).now_ms);
  store_close(store);
}

static void eras_are_told_newest_first(void **state)
{
  const struct store_era unknown = {NOW_MS, 0, CLOCK_UNKNOWN}, known = {NOW_MS, -12345, CLOCK_NETWORK},
                         earlier = {5, 7, CLOCK_SYSTEM};
  struct store_era read[4];
  struct store *store = sample_open(*state);

  assert_int_equal(store_save_era(store, &unknown), 0);
  assert_int_equal(store_save_era(store, &earlier), 0);
  assert_int_equal(store_read_eras(store, read, 4), 2);
  assert_int_equal(read[0].source, CLOCK_UNKNOWN);
  assert_int_equal(store_save_era(store, &known), 0);
  assert_int_equal(store_read_eras(store, read, 4), 2);
  assert_int_equal(read[0].offset_ms, -12345);
  assert_int_equal(read[0].source, CLOCK_NETWORK);
  assert_int_equal(read[1].from_ms, 5);
  assert_int_equal(store_read_eras(store, read, 1), 1);
  store_close(store);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(bundle_comes_back_as_it_was_kept),
      CASE(restart_tells_what_was_not_dropped),
      CASE(dropped_bundle_stays_known),
      CASE(later_journey_takes_the_place_of_the_earlier),
      CASE(impossible_bundles_are_refused),
      CASE(memory_ends_after_its_time_and_not_before),
      CASE(what_was_forgotten_never_comes_in_again),
      CASE(forgetting_goes_in_small_steps_as_bundles_come),
      CASE(what_is_still_kept_is_not_forgotten),
      CASE(proof_ends_the_doubt_about_an_alert),
      CASE(copies_for_two_stations_are_kept_apart),
      CASE(custody_is_no_end_and_tells_who_has_it),
      CASE(keys_are_not_shown_to_people),
      CASE(clock_is_never_behind_the_log),
      CASE(eras_are_told_newest_first),
  };

  return cmocka_run_group_tests_name("store_bundle", tests, NULL, NULL);
}
