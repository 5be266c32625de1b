/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what the node commits: whole, once, and still there when the store is opened again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

static const uint16_t both[] = {PEER, OTHER};

static void counters_are_reserved_for_good(void **state)
{
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  uint32_t first = 0;

  assert_int_equal(store_first_counter(store, &first), 0);
  assert_int_equal(first, 1);
  assert_int_equal(node.reserve_counters(node.context, 4000000000u), 0);
  assert_int_equal(node.reserve_counters(node.context, 64), 0); /* never back */
  store = sample_reopen(*state, store);
  assert_int_equal(store_first_counter(store, &first), 0);
  assert_int_equal(first, 4000000000u);
  store_close(store);
}

static void every_kind_comes_back_whole(void **state)
{
  struct store *store = sample_open(*state);
  struct message sent[] = {
      sample_text(US, 10, "Bonjou! \xc3\x80 midi, ramas."),
      sample_status(US, 11, "24.2"),
      sample_alert(US, 12, "D\xc3\xa9gaje nou"),
      sample_receipt(US, 13, RECEIPT_REFUSED, 0x12345678, "pa gen gaz"),
  };

  for (size_t i = 0; i < 4; i++) {
    struct message got;

    sample_send(store, &sent[i], both, 2);
    store = sample_reopen(*state, store);
    struct node_store node = store_node(store);
    assert_int_equal(node.load_outgoing(node.context, sent[i].id, &got), 0);
    assert_same_message(&sent[i], &got);
  }
  store_close(store);
}

static void longest_text_fits(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(US, 10, ""), got;
  struct node_store node = store_node(store);
  char text[TEXT_MAX_BYTES];

  for (size_t i = 0; i < sizeof text; i += 4)
    memcpy(text + i, "\xf0\x9f\x9a\xa2", 4);
  assert_int_equal(text_set(&message.body.text, text, sizeof text), 0);
  sample_send(store, &message, both, 2);
  assert_int_equal(node.load_outgoing(node.context, message.id, &got), 0);
  assert_same_message(&message, &got);
  store_close(store);
}

static void received_message_keeps_how_it_came(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(PEER, 99, "rapid");
  struct store_entry entry;

  sample_receive(store, &message);
  store = sample_reopen(*state, store);
  assert_int_equal(store_get(store, message.id, &entry), 0);
  assert_same_message(&message, &entry.message);
  assert_false(entry.outgoing);
  assert_int_equal(entry.reception.from, PEER);
  assert_int_equal(entry.reception.channel, 1);
  assert_int_equal(entry.reception.mode, 2);
  assert_int_equal(entry.reception.snr_cb, -35);
  assert_int_equal(entry.reception.frame_counter, 99);
  assert_int_equal(entry.stored_ms, NOW_MS + 50099);
  assert_int_equal(entry.local_step, RECEIPT_RECEIVED);
  store_close(store);
}

static void duplicates_are_told_and_change_nothing(void **state)
{
  struct store *store = sample_open(*state);
  struct message first = sample_text(PEER, 5, "one"), second = sample_text(PEER, 5, "two");
  struct message own = sample_text(US, 5, "mine");
  struct reception reception = sample_reception(PEER, 77);
  struct node_store node = store_node(store);
  struct store_entry entry;

  sample_receive(store, &first);
  sample_send(store, &own, both, 2);
  assert_int_equal(node.commit_received(node.context, &second, &reception), -EEXIST);
  assert_int_equal(node.commit_outgoing(node.context, &own, both, 2), -EEXIST);
  assert_int_equal(store_get(store, first.id, &entry), 0);
  assert_same_message(&first, &entry.message);
  assert_int_equal(store_count_waiting(store), 2);
  store_close(store);
}

static void half_an_outgoing_message_is_none(void **state)
{
  static const uint16_t twice[] = {PEER, PEER}, nobody[] = {PEER, 0};
  struct store *store = sample_open(*state);
  struct message message = sample_text(US, 5, "x");
  struct node_store node = store_node(store);
  struct store_entry entry;

  assert_int_equal(node.commit_outgoing(node.context, &message, twice, 2), -EINVAL);
  assert_int_equal(node.commit_outgoing(node.context, &message, nobody, 2), -EINVAL);
  assert_int_equal(store_get(store, message.id, &entry), -ENOENT);
  assert_int_equal(store_count_waiting(store), 0);
  sample_send(store, &message, both, 2); /* and the way is free */
  store_close(store);
}

static void impossible_messages_are_refused(void **state)
{
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct message text = sample_text(US, 5, "x"), status = sample_status(US, 6, "12"), receipt;

  text.kind = 9;
  assert_int_equal(node.commit_outgoing(node.context, &text, both, 2), -EINVAL);
  text = sample_text(US, 5, "x");
  text.precedence = 4;
  assert_int_equal(node.commit_outgoing(node.context, &text, both, 2), -EINVAL);
  text = sample_text(US, 5, "x");
  text.body.text.len = UINT16_MAX;
  assert_int_equal(node.commit_outgoing(node.context, &text, both, 2), -EINVAL);
  status.body.status.state = 200;
  assert_int_equal(node.commit_outgoing(node.context, &status, both, 2), -EINVAL);
  receipt = sample_receipt(US, 7, RECEIPT_STEP_COUNT, 1, "");
  assert_int_equal(node.commit_outgoing(node.context, &receipt, both, 2), -EINVAL);
  assert_int_equal(store_count_waiting(store), 0);
  store_close(store);
}

static void incoming_message_is_not_outgoing(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(PEER, 5, "x"), got;
  struct node_store node = store_node(store);

  sample_receive(store, &message);
  assert_int_equal(node.load_outgoing(node.context, message.id, &got), -ENOENT);
  assert_int_equal(node.load_outgoing(node.context, (struct message_id){US, 1}, &got), -ENOENT);
  store_close(store);
}

static void move(struct store *store, struct message_id id, enum delivery_state to, uint32_t attempts,
                 enum delivery_state expected)
{
  struct node_store node = store_node(store);

  assert_int_equal(node.commit_delivery(node.context, id, PEER, to, attempts, NOW_MS + 100 + attempts), 0);
  assert_int_equal(sample_delivery(store, id, PEER).state, expected);
}

static void deliveries_only_rise(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(US, 5, "x");
  struct node_store node = store_node(store);

  sample_send(store, &message, both, 2);
  move(store, message.id, DELIVERY_SENT, 1, DELIVERY_SENT);
  move(store, message.id, DELIVERY_QUEUED, 2, DELIVERY_SENT);
  assert_int_equal(sample_delivery(store, message.id, PEER).attempts, 2);
  move(store, message.id, DELIVERY_DELIVERED, 3, DELIVERY_DELIVERED);
  move(store, message.id, DELIVERY_SENT, 1, DELIVERY_DELIVERED);
  assert_int_equal(sample_delivery(store, message.id, PEER).attempts, 3);
  assert_int_equal(sample_delivery(store, message.id, PEER).changed_ms, NOW_MS + 103);
  move(store, message.id, DELIVERY_CANCELLED, 3, DELIVERY_DELIVERED);
  move(store, message.id, DELIVERY_EXPIRED, 3, DELIVERY_DELIVERED);
  move(store, message.id, DELIVERY_ACTED, 3, DELIVERY_ACTED);
  move(store, message.id, DELIVERY_REFUSED, 3, DELIVERY_ACTED);
  move(store, message.id, DELIVERY_READ, 3, DELIVERY_ACTED);
  assert_int_equal(sample_delivery(store, message.id, OTHER).state, DELIVERY_QUEUED);
  assert_int_equal(node.commit_delivery(node.context, message.id, 77, DELIVERY_SENT, 1, 0), -ENOENT);
  assert_int_equal(node.commit_delivery(node.context, message.id, PEER, DELIVERY_STATE_COUNT, 1, 0), -EINVAL);
  store_close(store);
}

static void ended_waiting_yields_only_to_the_recipients_word(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(US, 5, "x"), receipt = sample_receipt(PEER, 8, RECEIPT_READ, 5, "");

  sample_send(store, &message, both, 2);
  move(store, message.id, DELIVERY_CANCELLED, 1, DELIVERY_CANCELLED);
  move(store, message.id, DELIVERY_SENT, 2, DELIVERY_CANCELLED);
  move(store, message.id, DELIVERY_EXPIRED, 2, DELIVERY_CANCELLED);
  assert_int_equal(store_count_waiting(store), 1);
  sample_receive(store, &receipt);
  assert_int_equal(sample_delivery(store, message.id, PEER).state, DELIVERY_READ);
  store_close(store);
}

static void receipts_only_rise(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_alert(US, 0x1ffff, "dlo");
  struct message read = sample_receipt(PEER, 20, RECEIPT_READ, 0xffff, "");
  struct message acted = sample_receipt(PEER, 21, RECEIPT_ACTED, 0xffff, "f\xc3\xa8t");
  struct message again = sample_receipt(PEER, 22, RECEIPT_READ, 0xffff, "");

  sample_send(store, &message, both, 2);
  sample_receive(store, &read);
  assert_int_equal(sample_delivery(store, message.id, PEER).state, DELIVERY_READ);
  sample_receive(store, &acted);
  sample_receive(store, &again);
  store = sample_reopen(*state, store);
  struct store_delivery delivery = sample_delivery(store, message.id, PEER);
  assert_int_equal(delivery.state, DELIVERY_ACTED);
  assert_int_equal(delivery.officer, 7);
  assert_string_equal(delivery.note.bytes, "f\xc3\xa8t");
  assert_int_equal(delivery.changed_ms, NOW_MS + 50021);
  assert_int_equal(sample_delivery(store, message.id, OTHER).state, DELIVERY_QUEUED);
  store_close(store);
}

static void receipt_speaks_of_the_newest_match(void **state)
{
  struct store *store = sample_open(*state);
  struct message old = sample_text(US, 7, "old"), new = sample_text(US, 0x10007, "new");
  struct message foreign = sample_text(OTHER, 0x20007, "not ours");
  struct message receipt = sample_receipt(PEER, 9, RECEIPT_ACTED, 7, "");

  sample_send(store, &old, both, 2);
  sample_send(store, &new, both, 2);
  sample_receive(store, &foreign);
  sample_receive(store, &receipt);
  assert_int_equal(sample_delivery(store, old.id, PEER).state, DELIVERY_QUEUED);
  assert_int_equal(sample_delivery(store, new.id, PEER).state, DELIVERY_ACTED);
  store_close(store);
}

static void receipt_for_nothing_is_kept(void **state)
{
  struct store *store = sample_open(*state);
  struct message receipt = sample_receipt(PEER, 9, RECEIPT_ACTED, 4711, "");
  struct store_entry entry;

  sample_receive(store, &receipt);
  assert_int_equal(store_get(store, receipt.id, &entry), 0);
  store_close(store);
}

static void delta_base_is_what_the_peer_acknowledged(void **state)
{
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct message first = sample_status(US, 10, "24"), second = sample_status(US, 11, "23"),
                 third = sample_status(US, 12, "22");
  struct status_report base;
  uint32_t counter = 0;

  assert_int_equal(node.last_acked_report(node.context, PEER, &base, &counter), -ENOENT);
  sample_send(store, &first, both, 2);
  sample_send(store, &second, both, 2);
  sample_send(store, &third, both, 2);
  assert_int_equal(node.last_acked_report(node.context, PEER, &base, &counter), -ENOENT);
  move(store, first.id, DELIVERY_DELIVERED, 1, DELIVERY_DELIVERED);
  move(store, second.id, DELIVERY_READ, 1, DELIVERY_READ);
  move(store, third.id, DELIVERY_REFUSED, 1, DELIVERY_REFUSED);
  store = sample_reopen(*state, store);
  node = store_node(store);
  assert_int_equal(node.last_acked_report(node.context, PEER, &base, &counter), 0);
  assert_int_equal(counter, 11);
  assert_true(status_equal(&base, &second.body.status));
  assert_int_equal(node.last_acked_report(node.context, OTHER, &base, &counter), -ENOENT);
  store_close(store);
}

static void delta_base_is_found_by_its_reference(void **state)
{
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct message theirs = sample_status(PEER, 10, "24"), own = sample_status(US, 10, "23");
  struct status_report base;
  uint32_t ref = status_base_ref(&theirs.body.status, 10);

  sample_receive(store, &theirs);
  sample_send(store, &own, both, 2);
  store = sample_reopen(*state, store);
  node = store_node(store);
  assert_int_equal(node.find_base(node.context, PEER, ref, &base), 0);
  assert_true(status_equal(&base, &theirs.body.status));
  assert_int_equal(node.find_base(node.context, OTHER, ref, &base), -ENOENT);
  assert_int_equal(node.find_base(node.context, PEER, (uint16_t)(ref + 1), &base), -ENOENT);
  assert_int_equal(node.find_base(node.context, US, status_base_ref(&own.body.status, 10), &base), -ENOENT);
  store_close(store);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(counters_are_reserved_for_good),
      CASE(every_kind_comes_back_whole),
      CASE(longest_text_fits),
      CASE(received_message_keeps_how_it_came),
      CASE(duplicates_are_told_and_change_nothing),
      CASE(half_an_outgoing_message_is_none),
      CASE(impossible_messages_are_refused),
      CASE(incoming_message_is_not_outgoing),
      CASE(deliveries_only_rise),
      CASE(ended_waiting_yields_only_to_the_recipients_word),
      CASE(receipts_only_rise),
      CASE(receipt_speaks_of_the_newest_match),
      CASE(receipt_for_nothing_is_kept),
      CASE(delta_base_is_what_the_peer_acknowledged),
      CASE(delta_base_is_found_by_its_reference),
  };

  return cmocka_run_group_tests_name("store_commit", tests, NULL, NULL);
}
