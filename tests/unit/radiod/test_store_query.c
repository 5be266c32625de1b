/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what people read from the store: lists, deliveries, peers and the event log. */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

static const uint16_t both[] = {PEER, OTHER};

struct seen {
  size_t count, stop_at;
  int stop_with;
  int64_t last_row;
  uint32_t counter[32];
};

static int note(struct seen *seen, uint32_t counter)
{
  assert_true(seen->count < 32);
  seen->counter[seen->count++] = counter;
  return seen->stop_at && seen->count == seen->stop_at ? seen->stop_with : 0;
}

static int see_entry(void *context, const struct store_entry *entry)
{
  struct seen *seen = context;

  seen->last_row = entry->row;
  return note(seen, entry->message.id.counter);
}

static int see_waiting(void *context, const struct message *message, uint16_t recipient, enum delivery_state state,
                       uint32_t attempts)
{
  (void)state;
  (void)attempts;
  return note(context, message->id.counter * 10 + recipient);
}

/* Out: text 1, status 2; in: text 3 (PEER), receipt 4 (PEER), status 5 (OTHER), alert 6 (PEER). */
static struct store *filled(struct scratch *scratch)
{
  struct store *store = sample_open(scratch);
  struct message text = sample_text(US, 1, "a"), status = sample_status(US, 2, "24"), in = sample_text(PEER, 3, "b");
  struct message receipt = sample_receipt(PEER, 4, RECEIPT_READ, 1, ""), other = sample_status(OTHER, 5, "12");
  struct message alert = sample_alert(PEER, 6, "c");

  sample_send(store, &text, both, 1);
  sample_send(store, &status, both, 2);
  sample_receive(store, &in);
  sample_receive(store, &receipt);
  sample_receive(store, &other);
  sample_receive(store, &alert);
  return store;
}

static void expect(struct store *store, struct store_filter filter, size_t count, const uint32_t *counters)
{
  struct seen seen = {0};

  assert_int_equal(store_list(store, &filter, see_entry, &seen), 0);
  assert_int_equal(seen.count, count);
  assert_memory_equal(seen.counter, counters, count * sizeof *counters);
}

#define LIST(...)                                                                                                    \
  sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[])                                           \
  {                                                                                                                  \
    __VA_ARGS__                                                                                                      \
  }

static void lists_are_filtered_newest_first(void **state)
{
  struct store *store = filled(*state);

  expect(store, (struct store_filter){.limit = 20}, LIST(6, 5, 3, 2, 1));
  expect(store, (struct store_filter){.kind = -1, .limit = 20}, LIST(6, 5, 4, 3, 2, 1));
  expect(store, (struct store_filter){.box = STORE_BOX_IN, .limit = 20}, LIST(6, 5, 3));
  expect(store, (struct store_filter){.box = STORE_BOX_OUT, .limit = 20}, LIST(2, 1));
  expect(store, (struct store_filter){.kind = MESSAGE_STATUS, .limit = 20}, LIST(5, 2));
  expect(store, (struct store_filter){.kind = MESSAGE_RECEIPT, .limit = 20}, LIST(4));
  expect(store, (struct store_filter){.station = OTHER, .limit = 20}, LIST(5, 2));
  expect(store, (struct store_filter){.station = PEER, .box = STORE_BOX_OUT, .limit = 20}, LIST(2, 1));
  expect(store, (struct store_filter){.limit = 2}, LIST(6, 5));
  store_close(store);
}

static void pages_follow_each_other(void **state)
{
  struct store *store = filled(*state);
  struct store_filter filter = {.limit = 2};
  struct seen seen = {0};

  for (int page = 0; page < 4; page++) {
    assert_int_equal(store_list(store, &filter, see_entry, &seen), 0);
    filter.before_row = seen.last_row;
  }
  assert_int_equal(seen.count, 5);
  store_close(store);
}

static void walks_end_when_told(void **state)
{
  struct store *store = filled(*state);
  struct store_filter filter = {.limit = 20};
  struct seen seen = {.stop_at = 2, .stop_with = 1}, failing = {.stop_at = 1, .stop_with = -ECANCELED};

  assert_int_equal(store_list(store, &filter, see_entry, &seen), 0);
  assert_int_equal(seen.count, 2);
  assert_int_equal(store_list(store, &filter, see_entry, &failing), -ECANCELED);
  store_close(store);
}

static void unread_follows_the_officer(void **state)
{
  struct store *store = filled(*state);
  struct message_id id = {PEER, 3};
  struct store_entry entry;

  assert_int_equal(store_count_unread(store), 3);
  expect(store, (struct store_filter){.unread_only = 1, .limit = 20}, LIST(6, 5, 3));
  assert_int_equal(store_mark_local(store, id, RECEIPT_ACTED, 9, NOW_MS), 0);
  assert_int_equal(store_mark_local(store, id, RECEIPT_READ, 1, NOW_MS), 0); /* never back */
  assert_int_equal(store_mark_local(store, id, RECEIPT_REFUSED, 1, NOW_MS), 0);
  store = sample_reopen(*state, store);
  assert_int_equal(store_get(store, id, &entry), 0);
  assert_int_equal(entry.local_step, RECEIPT_ACTED);
  assert_int_equal(entry.local_officer, 9);
  assert_int_equal(store_count_unread(store), 2);
  assert_int_equal(store_mark_local(store, (struct message_id){US, 1}, RECEIPT_READ, 1, NOW_MS), -ENOENT);
  assert_int_equal(store_mark_local(store, (struct message_id){PEER, 77}, RECEIPT_READ, 1, NOW_MS), -ENOENT);
  assert_int_equal(store_mark_local(store, id, RECEIPT_STEP_COUNT, 1, NOW_MS), -EINVAL);
  store_close(store);
}

static void late_message_can_still_be_read(void **state)
{
  struct store *store = filled(*state);
  struct message_id id = {PEER, 3};
  struct store_entry entry;

  assert_int_equal(store_mark_local(store, id, RECEIPT_EXPIRED, 0, NOW_MS), 0);
  assert_int_equal(store_count_unread(store), 2);
  assert_int_equal(store_mark_local(store, id, RECEIPT_READ, 4, NOW_MS), 0);
  assert_int_equal(store_get(store, id, &entry), 0);
  assert_int_equal(entry.local_step, RECEIPT_READ);
  store_close(store);
}

static void waiting_deliveries_come_oldest_first(void **state)
{
  struct store *store = sample_open(*state);
  struct message first = sample_text(US, 9, "a"), second = sample_text(US, 4, "b");
  struct node_store node = store_node(store);
  struct seen seen = {0};

  sample_send(store, &first, both, 2);
  sample_send(store, &second, both, 2);
  assert_int_equal(node.commit_delivery(node.context, first.id, PEER, DELIVERY_DELIVERED, 1, NOW_MS), 0);
  assert_int_equal(node.commit_delivery(node.context, second.id, OTHER, DELIVERY_SENT, 1, NOW_MS), 0);
  store = sample_reopen(*state, store);
  assert_int_equal(store_each_waiting(store, see_waiting, &seen), 0);
  assert_int_equal(seen.count, 3);
  assert_memory_equal(seen.counter, ((const uint32_t[]){93, 42, 43}), 12);
  assert_int_equal(store_count_waiting(store), 3);
  store_close(store);
}

static int cancel_it(void *context, const struct message *message, uint16_t recipient, enum delivery_state state,
                     uint32_t attempts)
{
  struct node_store node = store_node(context);

  assert_int_not_equal(state, DELIVERY_CANCELLED);
  return node.commit_delivery(node.context, message->id, recipient, DELIVERY_CANCELLED, attempts, NOW_MS);
}

static void walk_may_change_what_it_walks(void **state)
{
  struct store *store = filled(*state);

  assert_int_equal(store_each_waiting(store, cancel_it, store), 0);
  assert_int_equal(store_count_waiting(store), 0);
  store_close(store);
}

static void last_report_is_found_per_station(void **state)
{
  struct store *store = filled(*state);
  struct store_entry entry;

  assert_int_equal(store_last_report(store, STORE_BOX_OUT, 0, &entry), 0);
  assert_int_equal(entry.message.id.counter, 2);
  assert_int_equal(store_last_report(store, STORE_BOX_IN, OTHER, &entry), 0);
  assert_int_equal(entry.message.id.counter, 5);
  assert_int_equal(store_last_report(store, STORE_BOX_IN, PEER, &entry), -ENOENT);
  store_close(store);
}

static int see_peer(void *context, const struct store_peer *peer)
{
  *(struct store_peer *)context = *peer;
  return 0;
}

static void peers_keep_their_highest_counter(void **state)
{
  struct store *store = sample_open(*state);
  struct store_peer heard = {PEER, 50, NOW_MS, 35, -20, 1, 2}, got = {0};
  struct message message = sample_text(PEER, 80, "x");

  assert_int_equal(store_peer_heard(store, &heard), 0);
  sample_receive(store, &message);
  assert_int_equal(store_each_peer(store, see_peer, &got), 0);
  assert_int_equal(got.top_counter, 80);
  assert_int_equal(got.peer_snr_cb, -20); /* a reception tells nothing of the way back */
  assert_int_equal(got.snr_cb, -35);
  heard.snr_cb = 60;
  assert_int_equal(store_peer_heard(store, &heard), 0);
  store = sample_reopen(*state, store);
  assert_int_equal(store_each_peer(store, see_peer, &got), 0);
  assert_int_equal(got.station, PEER);
  assert_int_equal(got.top_counter, 80);
  assert_int_equal(got.snr_cb, 60);
  store_close(store);
}

static int see_event(void *context, const struct store_event *event)
{
  *(struct store_event *)context = *event;
  return 1;
}

static void events_are_one_clean_line(void **state)
{
  struct store *store = sample_open(*state);
  struct store_event event;
  char text[600];

  assert_int_equal(store_add_event(store, NOW_MS, STORE_WARNING, "channel\x1bhf", "a\r\nb\x07\xff\xc2\x9b\xc3\xa9"),
                   0);
  assert_int_equal(store_each_event(store, 0, 1, see_event, &event), 0);
  assert_string_equal(event.source, "channel hf");
  assert_string_equal(event.text, "a  b    \xc3\xa9");
  assert_int_equal(event.level, STORE_WARNING);
  assert_int_equal(event.at_ms, NOW_MS);
  memset(text, 'x', sizeof text);
  for (size_t i = 1; i + 2 < sizeof text; i += 2)
    memcpy(text + i, "\xc3\xa9", 2);
  text[sizeof text - 1] = '\0';
  assert_int_equal(store_add_event(store, NOW_MS, STORE_INFO, text, text), 0);
  store = sample_reopen(*state, store);
  assert_int_equal(store_each_event(store, 0, 1, see_event, &event), 0);
  assert_int_equal(strlen(event.text), 255); /* x and 127 whole letters */
  assert_int_equal(strlen(event.source), 31);
  store_close(store);
}

static void event_log_is_append_only(void **state)
{
  struct store *store = sample_open(*state);
  struct scratch *scratch = *state;
  sqlite3 *db;

  assert_int_equal(store_add_event(store, NOW_MS, STORE_INFO, "store", "x"), 0);
  assert_int_equal(store_add_event(store, NOW_MS, (enum store_level)9, "store", "x"), -EINVAL);
  store_close(store);
  assert_int_equal(sqlite3_open(scratch_path(scratch, "radiod.db"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "UPDATE event SET text = 'y'", NULL, NULL, NULL), SQLITE_CONSTRAINT);
  assert_int_equal(sqlite3_exec(db, "DELETE FROM event", NULL, NULL, NULL), SQLITE_CONSTRAINT);
  sqlite3_close(db);
}

static int see_event_count(void *context, const struct store_event *event)
{
  (void)event;
  ++*(int *)context;
  return 0;
}

static void events_are_paged(void **state)
{
  struct store *store = sample_open(*state);
  struct store_event event;
  int count = 0;

  for (int i = 0; i < 5; i++)
    assert_int_equal(store_add_event(store, NOW_MS + i, STORE_INFO, "store", "x"), 0);
  assert_int_equal(store_each_event(store, 0, 1, see_event, &event), 0);
  assert_int_equal(store_each_event(store, event.row, 3, see_event_count, &count), 0);
  assert_int_equal(count, 3);
  store_close(store);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(lists_are_filtered_newest_first),
      CASE(pages_follow_each_other),
      CASE(walks_end_when_told),
      CASE(unread_follows_the_officer),
      CASE(late_message_can_still_be_read),
      CASE(waiting_deliveries_come_oldest_first),
      CASE(walk_may_change_what_it_walks),
      CASE(last_report_is_found_per_station),
      CASE(peers_keep_their_highest_counter),
      CASE(events_are_one_clean_line),
      CASE(event_log_is_append_only),
      CASE(events_are_paged),
  };

  return cmocka_run_group_tests_name("store_query", tests, NULL, NULL);
}
