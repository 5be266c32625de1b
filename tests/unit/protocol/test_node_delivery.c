/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the node delivers: what is acknowledged is stored, what is lost is repeated, what is repeated is shown once. */
#include <errno.h>
#include <stdio.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static struct ether *two_stations(void)
{
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  return ether;
}

static enum delivery_state state_of(struct ether *ether, uint16_t from, const struct message *message, uint16_t to)
{
  struct fake_delivery *delivery = fake_store_delivery(&ether->station[from].store, message->id, to);
  assert_non_null(delivery);
  return delivery->state;
}

static void a_text_arrives_with_one_burst_and_one_answer(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "Route barrée à Malpasse");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[2].shown, 1);
  assert_int_equal(ether->bursts, 2);
  ether_check_delivered(ether);
  ether_free(ether);
}

/* Loses the burst numbered lost_burst, counted from 0. */
static uint64_t lost_burst;
static int lose_one(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)from, (void)to, (void)bytes, (void)len;
  return ether->bursts - 1 != lost_burst;
}

static void a_lost_message_is_repeated(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->tamper = lose_one;
  lost_burst = 0;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(fake_store_delivery(&ether->station[1].store, message.id, 2)->attempts, 2);
  assert_int_equal(ether->bursts, 3);
  ether_free(ether);
}

static void after_a_lost_ack_the_duplicate_is_acknowledged_and_shown_once(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->tamper = lose_one;
  lost_burst = 1;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[2].shown, 1);
  assert_int_equal(ether->bursts, 4);
  assert_int_equal(node_stats(ether->station[2].node)->duplicates, 1);
  ether_free(ether);
}

static void ack_is_not_sent_before_commit(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->station[2].store.fail_received = -ENOSPC;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run(ether, ether->now_ms + 20000);
  char why[120];
  assert_int_equal(node_explain(ether->station[1].node, ether->now_ms, message.id, 2, why, sizeof why), 0);
  assert_non_null(strstr(why, "cannot store"));
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_SENT);
  assert_int_equal(ether->station[2].shown, 0);
  assert_true(ether->station[2].warnings > 0);
  assert_true(ether->bursts >= 4);  /* it is tried again ... */
  assert_true(ether->bursts <= 40); /* ... but with a pause */
  ether->station[2].store.fail_received = 0;
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[2].shown, 1);
  ether_free(ether);
}

static void without_frame_numbers_nothing_is_sent_and_nothing_spins(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->station[2].store.fail_reserve = -ENOSPC;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_true(ether->station[2].store.calls < 1000);
  assert_int_equal(ether->station[2].shown, 1);    /* it came and was stored, only the answer is missing */
  assert_int_equal(ether->station[2].warnings, 1); /* it is said once, not at every attempt */
  ether->station[2].store.fail_reserve = 0;
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[2].shown, 1);
  ether_free(ether);
}

static void a_message_that_cannot_be_read_back_waits_and_spins_nothing(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->station[1].store.fail_load = -EIO;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_in_range(ether->station[1].store.calls, 30, 1000);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_QUEUED);
  ether->station[1].store.fail_load = 0;
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_message_that_the_store_refuses_is_not_queued(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->station[1].store.fail_outgoing = -ENOSPC;
  assert_int_equal(ether_submit(ether, 1, &message), -ENOSPC);
  ether->station[1].store.fail_outgoing = 0;
  ether->station[1].store.fail_reserve = -EIO;
  while (ether_submit(ether, 1, &message) == 0)
    ;
  ether->station[1].store.fail_reserve = 0;
  ether_run(ether, ether->now_ms + HOUR_MS);
  assert_true(ether_is_quiet(ether));
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_message_missing_from_the_store_ends_with_a_warning(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message lost = ether_text(2, ROUTINE, "un"), kept = ether_text(2, ROUTINE, "deux");
  ether_carrier(ether, 1, 0, 1);
  assert_int_equal(ether_submit(ether, 1, &lost), 0);
  assert_int_equal(ether_submit(ether, 1, &kept), 0);
  fake_store_outgoing(&ether->station[1].store, lost.id)->id.origin = 99;
  ether_carrier(ether, 1, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + 5000);
  assert_int_equal(state_of(ether, 1, &lost, 2), DELIVERY_CANCELLED);
  assert_int_equal(state_of(ether, 1, &kept, 2), DELIVERY_DELIVERED); /* at once: it need not suffer */
  ether_free(ether);
}

static void an_unchanged_report_costs_fourteen_bytes_and_a_routine_one_twentyeight(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message first = ether_status(2), second = ether_status(2);
  assert_int_equal(ether_submit(ether, 1, &first), 0);
  assert_int_equal(ether->event_count ? ether->event[0].type : ETHER_START, ETHER_START);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &first, 2), DELIVERY_DELIVERED);
  uint64_t airtime_first = node_stats(ether->station[1].node)->airtime_us;
  assert_true(airtime_first <= link_mode_airtime_us(&ether->config.channel[0].mode[0], 28));
  assert_int_equal(ether_submit(ether, 1, &second), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &second, 2), DELIVERY_DELIVERED);
  assert_int_equal(node_stats(ether->station[1].node)->airtime_us - airtime_first,
                   link_mode_airtime_us(&ether->config.channel[0].mode[0], 14));
  assert_int_equal(ether->bursts, 4);
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_report_whose_base_is_unknown_is_sent_whole(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message first = ether_status(2), second = ether_status(2);
  assert_int_equal(ether_submit(ether, 1, &first), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  ether->station[2].store.received_count = 0; /* a new disk */
  assert_int_equal(ether_submit(ether, 1, &second), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &second, 2), DELIVERY_DELIVERED);
  assert_non_null(fake_store_received(&ether->station[2].store, second.id));
  assert_true(status_equal(&fake_store_received(&ether->station[2].store, second.id)->message.body.status,
                           &second.body.status));
  ether_free(ether);
}

static void flash_overtakes_routine(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message routine[6], flash = ether_text(2, FLASH, "Attaque armée");
  char text[190];
  memset(text, 'r', sizeof text);
  text[sizeof text - 1] = 0;
  for (size_t i = 0; i < 6; i++) {
    routine[i] = ether_text(2, ROUTINE, text);
    assert_int_equal(ether_submit(ether, 1, &routine[i]), 0);
  }
  ether_run(ether, ether->now_ms + 100);
  assert_int_equal(ether_submit(ether, 1, &flash), 0);
  while (state_of(ether, 1, &flash, 2) != DELIVERY_DELIVERED)
    ether_run(ether, ether->now_ms + 100);
  unsigned before = 0;
  for (size_t i = 0; i < 6; i++)
    before += state_of(ether, 1, &routine[i], 2) == DELIVERY_DELIVERED;
  assert_true(before <= 1); /* the one that was on the air */
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_true(ether_is_quiet(ether));
  ether_free(ether);
}

static void messages_share_a_burst_and_their_acks_another(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message[4];
  ether_carrier(ether, 1, 0, 1);
  for (size_t i = 0; i < 4; i++) {
    message[i] = ether_text(2, ROUTINE, "Rien à signaler ce matin");
    assert_int_equal(ether_submit(ether, 1, &message[i]), 0);
  }
  ether_carrier(ether, 1, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_true(ether_is_quiet(ether));
  assert_int_equal(ether->bursts, 2);
  assert_int_equal(ether->station[2].shown, 4);
  ether_free(ether);
}

static void an_ack_rides_with_a_message_that_waits(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message there = ether_text(2, ROUTINE, "un"), back = ether_text(1, ROUTINE, "deux");
  assert_int_equal(ether_submit(ether, 1, &there), 0);
  ether_run(ether, ether->now_ms + 100);
  ether_carrier(ether, 2, 0, 1); /* 2 may not speak while 1 does */
  assert_int_equal(ether_submit(ether, 2, &back), 0);
  while (!ether->station[2].shown)
    ether_run(ether, ether->now_ms + 100);
  ether_carrier(ether, 2, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_true(ether_is_quiet(ether));
  assert_int_equal(ether->bursts, 3); /* message, ack with message, ack */
  ether_free(ether);
}

static void an_unanswered_message_expires_and_says_so(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message report = ether_status(2), text = ether_text(2, FLASH, "un");
  ether->loss_permille = 1000;
  assert_int_equal(ether_submit(ether, 1, &report), 0);
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run(ether, ether->now_ms + DAY_MS + HOUR_MS);
  struct fake_delivery *delivery = fake_store_delivery(&ether->station[1].store, report.id, 2);
  assert_int_equal(delivery->state, DELIVERY_EXPIRED);
  assert_int_equal(delivery->reported, DELIVERY_EXPIRED);
  assert_int_equal(state_of(ether, 1, &text, 2), DELIVERY_SENT); /* what a person wrote lives for a week */
  ether_run(ether, ether->now_ms + 7 * DAY_MS);
  assert_int_equal(state_of(ether, 1, &text, 2), DELIVERY_EXPIRED);
  ether_free(ether);
}

static void a_message_may_expire_while_its_answer_is_awaited(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message alert = {.dest = 2, .kind = MESSAGE_ALERT, .precedence = ROUTINE};
  alert_init(&alert.body.alert, 12);
  alert.body.alert.expiry = 0; /* one hour */
  ether_carrier(ether, 1, 0, 1);
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  ether_cut_power(ether, 2);
  ether_run(ether, alert.born_ms + HOUR_MS - 3000);
  ether_carrier(ether, 1, 0, 0);
  ether_run(ether, alert.born_ms + HOUR_MS + 3000);
  assert_int_equal(ether->bursts, 1);
  assert_int_equal(state_of(ether, 1, &alert, 2), DELIVERY_SENT);
  ether_run(ether, alert.born_ms + HOUR_MS + MINUTE_MS);
  assert_int_equal(ether->bursts, 1);
  assert_int_equal(state_of(ether, 1, &alert, 2), DELIVERY_EXPIRED);
  ether_free(ether);
}

static void no_two_waiting_messages_share_what_an_ack_names(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message first = ether_text(2, ROUTINE, "un"), second = ether_text(2, ROUTINE, "deux");
  ether_cut_power(ether, 2);
  assert_int_equal(ether_submit(ether, 1, &first), 0);
  ether_cut_power(ether, 1);
  ether->station[1].store.reserved_upto = first.id.counter + 65536;
  ether_start(ether, 1);
  assert_int_equal(ether_submit(ether, 1, &second), 0);
  assert_int_not_equal((uint16_t)first.id.counter, (uint16_t)second.id.counter);
  ether_free(ether);
}

static void many_messages_that_expire_at_once_are_all_reported(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message report = ether_status(2);
  ether_channel_up(ether, 1, 0, 0);
  for (size_t i = 0; i < 100; i++)
    assert_int_equal(ether_submit(ether, 1, &report), 0);
  ether_run(ether, ether->now_ms + 2 * DAY_MS);
  for (size_t i = 0; i < 100; i++)
    assert_int_equal(ether->station[1].store.delivery[i].reported, DELIVERY_EXPIRED);
  ether_free(ether);
}

static void a_cancelled_message_is_not_sent(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether_carrier(ether, 1, 0, 1);
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  assert_int_equal(ether_cancel(ether, 1, message.id, 3), -ENOENT);
  assert_int_equal(ether_cancel(ether, 1, message.id, 2), 0);
  assert_int_equal(ether_cancel(ether, 1, message.id, 2), -ENOENT);
  ether_carrier(ether, 1, 0, 0);
  ether_run(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(ether->bursts, 0);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_CANCELLED);
  ether_free(ether);
}

static void a_message_cancelled_on_the_air_stays_cancelled(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  while (!ether->bursts)
    ether_run(ether, ether->now_ms + 10);
  assert_int_equal(ether_cancel(ether, 1, message.id, 2), 0);
  ether_run(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_CANCELLED);
  ether_free(ether);
}

static void a_full_outbox_refuses(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether_carrier(ether, 1, 0, 1);
  for (size_t i = 0; i < NODE_OUTBOX_MAX; i++)
    assert_int_equal(ether_submit(ether, 1, &message), 0);
  assert_int_equal(ether_submit(ether, 1, &message), -ENOBUFS);
  ether_carrier(ether, 1, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + DAY_MS);
  assert_int_equal(ether->station[2].shown, NODE_OUTBOX_MAX);
  ether_free(ether);
}

static void what_cannot_be_sent_is_refused(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(3, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), -ENOENT);
  message.dest = 1;
  assert_int_equal(ether_submit(ether, 1, &message), -ENOENT);
  message.dest = 2;
  message.kind = 9;
  assert_int_equal(ether_submit(ether, 1, &message), -EINVAL);
  message.kind = MESSAGE_TEXT;
  message.precedence = 4;
  assert_int_equal(ether_submit(ether, 1, &message), -EINVAL);
  assert_int_equal(ether->station[1].store.outgoing_count, 0);
  ether_free(ether);
}

static void a_text_longer_than_every_burst_goes_in_pieces(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  char text[3 * 70 + 1] = ""; /* letters of a script that no model knows: about 150 bytes on the air */
  for (int i = 0; i < 70; i++)
    snprintf(text + 3 * i, 4, "\xe4%c%c", 0xb8 + i % 8, 0x80 + i * 37 % 64);
  ether->config.channel[0].mode_count = 1; /* 112 bytes at most */
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, text);
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_true(ether->bursts >= 4); /* two with pieces, two answers */
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_channel_that_carries_no_piece_refuses_the_message(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether->config.channel[0].mode[0] = ether->config.channel[0].mode[2]; /* 30 bytes a burst */
  ether->config.channel[0].mode_count = 1;
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "#Rv4pL-Xw9z!Kq7");
  assert_int_equal(ether_submit(ether, 1, &message), -EMSGSIZE);
  message = ether_text(2, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_free(ether);
}

static void a_message_to_all_reaches_each_once(void **state)
{
  (void)state;
  struct ether *ether = ether_new(4, 5);
  ether_start_all(ether);
  struct message message = {.dest = STATION_ALL, .kind = MESSAGE_ALERT, .precedence = IMMEDIATE};
  alert_init(&message.body.alert, 12);
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  for (uint16_t i = 2; i <= 4; i++) {
    assert_int_equal(state_of(ether, 1, &message, i), DELIVERY_DELIVERED);
    assert_int_equal(ether->station[i].shown, 1);
  }
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_receipt_moves_the_delivery_it_names(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  struct message receipt = {.dest = 1, .kind = MESSAGE_RECEIPT, .precedence = PRIORITY};
  receipt.body.receipt = (struct receipt){.step = RECEIPT_READ, .officer = 7, .ref_counter = message.id.counter};
  assert_int_equal(ether_submit(ether, 2, &receipt), 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_READ);
  assert_int_equal(fake_store_delivery(&ether->station[1].store, message.id, 2)->reported, DELIVERY_READ);
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_receipt_also_ends_a_delivery_whose_ack_was_lost(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether->deaf[1][2] = 1;
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run(ether, ether->now_ms + 10000);
  assert_int_equal(ether->station[2].shown, 1);
  ether->deaf[1][2] = 0;
  struct message receipt = {.dest = 1, .kind = MESSAGE_RECEIPT, .precedence = PRIORITY};
  receipt.body.receipt = (struct receipt){.step = RECEIPT_ACTED, .ref_counter = message.id.counter};
  uint64_t bursts = ether->bursts;
  assert_int_equal(ether_submit(ether, 2, &receipt), 0);
  ether_run(ether, ether->now_ms + 2 * HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_ACTED);
  assert_int_equal(ether->bursts, bursts + 2); /* receipt and answer: the message is not sent any more */
  ether_free(ether);
}

static void what_was_cancelled_does_not_expire_by_a_late_receipt(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  assert_int_equal(ether_cancel(ether, 1, message.id, 2), 0);
  struct message receipt = {.dest = 1, .kind = MESSAGE_RECEIPT, .precedence = PRIORITY};
  receipt.body.receipt = (struct receipt){.step = RECEIPT_EXPIRED, .ref_counter = message.id.counter};
  assert_int_equal(ether_submit(ether, 2, &receipt), 0);
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_non_null(fake_store_received(&ether->station[1].store, receipt.id));
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_CANCELLED);
  assert_int_equal(fake_store_delivery(&ether->station[1].store, message.id, 2)->reported, DELIVERY_CANCELLED);
  ether_free(ether);
}

static void the_age_of_a_message_travels_with_it(void **state)
{
  (void)state;
  struct ether *ether = two_stations();
  struct message message = ether_text(2, ROUTINE, "un");
  ether_cut_power(ether, 2);
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run(ether, ether->now_ms + 3 * HOUR_MS);
  ether_start(ether, 2);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  const struct fake_received *got = fake_store_received(&ether->station[2].store, message.id);
  assert_non_null(got);
  assert_true(got->message.born_ms >= message.born_ms - 1000);
  assert_true(got->message.born_ms <= message.born_ms + MINUTE_MS + 10000);
  ether_free(ether);
}

static void a_message_that_waited_for_very_many_frames_keeps_its_identity(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether_start_all(ether);
  struct message old = ether_text(3, ROUTINE, "un"), chat = ether_text(2, ROUTINE, "deux");
  ether_cut_power(ether, 3);
  assert_int_equal(ether_submit(ether, 1, &old), 0);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  ether_cut_power(ether, 1);
  ether->station[1].store.reserved_upto += 70000; /* stands for so many frames to others */
  ether->station[1].last_counter += 70000;
  ether_start(ether, 1);
  assert_int_equal(ether_submit(ether, 1, &chat), 0);
  ether_start(ether, 3);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &old, 3), DELIVERY_DELIVERED);
  ether_check_delivered(ether);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_arrives_with_one_burst_and_one_answer),
      cmocka_unit_test(a_lost_message_is_repeated),
      cmocka_unit_test(after_a_lost_ack_the_duplicate_is_acknowledged_and_shown_once),
      cmocka_unit_test(ack_is_not_sent_before_commit),
      cmocka_unit_test(without_frame_numbers_nothing_is_sent_and_nothing_spins),
      cmocka_unit_test(a_message_that_cannot_be_read_back_waits_and_spins_nothing),
      cmocka_unit_test(a_message_that_the_store_refuses_is_not_queued),
      cmocka_unit_test(a_message_missing_from_the_store_ends_with_a_warning),
      cmocka_unit_test(an_unchanged_report_costs_fourteen_bytes_and_a_routine_one_twentyeight),
      cmocka_unit_test(a_report_whose_base_is_unknown_is_sent_whole),
      cmocka_unit_test(flash_overtakes_routine),
      cmocka_unit_test(messages_share_a_burst_and_their_acks_another),
      cmocka_unit_test(an_ack_rides_with_a_message_that_waits),
      cmocka_unit_test(an_unanswered_message_expires_and_says_so),
      cmocka_unit_test(a_message_may_expire_while_its_answer_is_awaited),
      cmocka_unit_test(no_two_waiting_messages_share_what_an_ack_names),
      cmocka_unit_test(many_messages_that_expire_at_once_are_all_reported),
      cmocka_unit_test(a_cancelled_message_is_not_sent),
      cmocka_unit_test(a_message_cancelled_on_the_air_stays_cancelled),
      cmocka_unit_test(a_full_outbox_refuses),
      cmocka_unit_test(what_cannot_be_sent_is_refused),
      cmocka_unit_test(a_text_longer_than_every_burst_goes_in_pieces),
      cmocka_unit_test(a_channel_that_carries_no_piece_refuses_the_message),
      cmocka_unit_test(a_message_to_all_reaches_each_once),
      cmocka_unit_test(a_receipt_moves_the_delivery_it_names),
      cmocka_unit_test(a_receipt_also_ends_a_delivery_whose_ack_was_lost),
      cmocka_unit_test(what_was_cancelled_does_not_expire_by_a_late_receipt),
      cmocka_unit_test(the_age_of_a_message_travels_with_it),
      cmocka_unit_test(a_message_that_waited_for_very_many_frames_keeps_its_identity),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
