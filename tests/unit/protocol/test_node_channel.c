/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the node shares a channel, and what it does when channel or device fail. */
#include <errno.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

static enum delivery_state state_of(struct ether *ether, uint16_t from, const struct message *message, uint16_t to)
{
  return fake_store_delivery(&ether->station[from].store, message->id, to)->state;
}

static void submit(struct ether *ether, uint16_t from, struct message *message)
{
  assert_int_equal(ether_submit(ether, from, message), 0);
}

static void two_stations_that_call_at_once_both_get_through(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    struct ether *ether = ether_new(2, seed);
    ether_start_all(ether);
    struct message there = ether_text(2, ROUTINE, "un"), back = ether_text(1, ROUTINE, "deux");
    submit(ether, 1, &there);
    submit(ether, 2, &back);
    ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
    assert_true(ether_is_quiet(ether));
    assert_true(ether->bursts <= 14);
    ether_free(ether);
  }
}

static void a_call_from_a_third_does_not_strand_what_waits_for_an_answer(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    struct ether *ether = ether_new(3, seed);
    ether_start_all(ether);
    struct message lost = ether_text(2, ROUTINE, "un"), call = ether_text(1, ROUTINE, "deux");
    ether->deaf[2][1] = 1;
    submit(ether, 1, &lost);
    while (!ether->bursts)
      ether_run(ether, ether->now_ms + 10);
    ether_run(ether, ether->now_ms + test_random_below(&seed, 3000));
    submit(ether, 3, &call);
    ether_run(ether, ether->now_ms + MINUTE_MS);
    ether->deaf[2][1] = 0;
    ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
    assert_true(ether_is_quiet(ether));
    ether_check_delivered(ether);
    ether_free(ether);
  }
}

/* The first answer of station 2, kept back until it comes late. */
static struct {
  uint8_t bytes[LINK_BURST_MAX];
  size_t len;
} late;

static int keep_the_answer_and_lose_the_third(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes,
                                              size_t *len)
{
  (void)to;
  if (from != 2 || late.len)
    return ether->bursts != 3;
  memcpy(late.bytes, bytes, *len);
  late.len = *len;
  return 0;
}

static void an_answer_that_comes_late_does_not_strand_what_is_on_the_air(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message answered = ether_text(2, ROUTINE, "un"), on_air = ether_text(2, ROUTINE, "deux");
  late.len = 0;
  ether->tamper = keep_the_answer_and_lose_the_third;
  submit(ether, 1, &answered);
  while (!late.len)
    ether_run(ether, ether->now_ms + 10);
  submit(ether, 1, &on_air);
  while (ether->bursts < 3)
    ether_run(ether, ether->now_ms + 10);
  ether_burst(ether, 1, late.bytes, late.len);
  assert_int_equal(state_of(ether, 1, &answered, 2), DELIVERY_DELIVERED);
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &on_air, 2), DELIVERY_DELIVERED);
  assert_int_equal(fake_store_delivery(&ether->station[1].store, on_air.id, 2)->attempts, 2);
  ether_free(ether);
}

static void a_busy_channel_is_left_alone(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, FLASH, "un");
  ether_carrier(ether, 1, 0, 1);
  submit(ether, 1, &message);
  ether_run(ether, ether->now_ms + 119 * 1000);
  assert_int_equal(ether->bursts, 0);
  char why[120];
  assert_int_equal(node_explain(ether->station[1].node, ether->now_ms, message.id, 2, why, sizeof why), 0);
  assert_non_null(strstr(why, "transmission"));
  ether_carrier(ether, 1, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[1].warnings, 0);
  ether_free(ether);
}

static void a_stuck_carrier_is_told_once_and_lets_flash_through(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message routine = ether_text(2, IMMEDIATE, "un"), flash = ether_text(2, FLASH, "deux");
  ether_carrier(ether, 1, 0, 1);
  submit(ether, 1, &routine);
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_int_equal(ether->station[1].warnings, 1);
  assert_non_null(strstr(ether->station[1].warning, "busy"));
  assert_int_equal(ether->bursts, 0);
  submit(ether, 1, &flash);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &flash, 2), DELIVERY_DELIVERED);
  ether_carrier(ether, 1, 0, 0);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &routine, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->station[1].warnings, 1);
  ether_carrier(ether, 1, 0, 1);
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_int_equal(ether->station[1].warnings, 2); /* the next one is told again */
  ether_free(ether);
}

static void a_stuck_carrier_holds_all_but_flash(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    struct ether *ether = ether_new(2, seed);
    ether->config.beacon_interval_ms = 60000;
    ether_start_all(ether);
    ether_cut_power(ether, 2);
    ether_carrier(ether, 1, 0, 1);
    ether_run(ether, ether->now_ms + 3 * MINUTE_MS);
    for (unsigned precedence = ROUTINE; precedence < FLASH; precedence++) {
      struct message message = ether_text(2, precedence, "un");
      submit(ether, 1, &message);
    }
    ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
    assert_int_equal(ether->bursts, 0);
    ether_free(ether);
  }
}

static void a_station_with_a_stuck_carrier_still_answers(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "un");
  ether_carrier(ether, 2, 0, 1);
  ether_run(ether, ether->now_ms + 3 * MINUTE_MS);
  submit(ether, 1, &message);
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_int_equal(ether->bursts, 2);
  ether_free(ether);
}

static void a_lost_device_that_returns_goes_on_where_it_was(void **state)
{
  (void)state;
  for (int64_t cut_ms = 0; cut_ms < 5000; cut_ms += 100) {
    struct ether *ether = ether_new(2, 3);
    ether_start_all(ether);
    struct message message = ether_text(2, ROUTINE, "un");
    submit(ether, 1, &message);
    ether_run(ether, ether->now_ms + cut_ms);
    ether_channel_up(ether, 1, 0, 0);
    ether_run(ether, ether->now_ms + HOUR_MS);
    uint64_t bursts = ether->bursts;
    ether_run(ether, ether->now_ms + HOUR_MS);
    assert_int_equal(ether->bursts, bursts);
    ether_channel_up(ether, 1, 0, 1);
    ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
    assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
    ether_check_delivered(ether);
    ether_free(ether);
  }
}

static void an_answer_that_could_not_be_sent_is_forgotten(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 3);
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "un");
  submit(ether, 1, &message);
  while (!ether->station[2].shown)
    ether_run(ether, ether->now_ms + 10);
  ether_channel_up(ether, 2, 0, 0);
  ether_cut_power(ether, 1);
  ether_run(ether, ether->now_ms + HOUR_MS);
  uint64_t bursts = ether->bursts;
  ether_channel_up(ether, 2, 0, 1);
  ether_run(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(ether->bursts, bursts); /* nobody waits for it any more */
  ether_start(ether, 1);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static struct ether *two_channels(uint64_t seed)
{
  struct ether *ether = ether_new(2, seed);
  ether->config.channel[1] = ether->config.channel[0];
  ether->config.channel_count = 2;
  ether_start_all(ether);
  return ether;
}

static void when_a_device_is_lost_the_other_channel_takes_over(void **state)
{
  (void)state;
  for (int64_t cut_ms = 0; cut_ms < 5000; cut_ms += 100) {
    struct ether *ether = two_channels(3);
    struct message message = ether_text(2, ROUTINE, "un");
    submit(ether, 1, &message);
    ether_run(ether, ether->now_ms + cut_ms);
    ether_channel_up(ether, 1, 0, 0);
    ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
    assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
    ether_free(ether);
  }
}

static int lose_first_channel(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)from, (void)to, (void)bytes, (void)len;
  return ether->transmission[ether->transmission_count - 1].channel != 0;
}

static void a_dead_channel_is_left_for_the_other_after_failures(void **state)
{
  (void)state;
  struct ether *ether = two_channels(4);
  struct message message = ether_text(2, PRIORITY, "un");
  ether->tamper = lose_first_channel;
  submit(ether, 1, &message);
  ether_run_until_quiet(ether, ether->now_ms + 15 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_modem_that_refuses_is_asked_again_with_patience(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, FLASH, "un");
  ether->station[1].refuses_to_send = 1;
  submit(ether, 1, &message);
  uint64_t before = node_stats(ether->station[1].node)->bursts_sent;
  ether_run(ether, ether->now_ms + 10 * MINUTE_MS);
  uint64_t tried = node_stats(ether->station[1].node)->bursts_sent - before;
  assert_in_range(tried, 10, 130);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_QUEUED); /* it never was on the air */
  ether->station[1].refuses_to_send = 0;
  ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_modem_that_never_reports_the_end_does_not_stop_the_station(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "un");
  ether->station[1].never_says_sent = 1;
  submit(ether, 1, &message);
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void an_unexpected_failure_report_strands_nothing(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "un");
  ether->loss_permille = 1000;
  submit(ether, 1, &message);
  while (state_of(ether, 1, &message, 2) != DELIVERY_SENT)
    ether_run(ether, ether->now_ms + 10);
  node_send_failed(ether->station[1].node, ether->now_ms, 0);
  node_sent(ether->station[1].node, ether->now_ms, 0);
  ether_run(ether, ether->now_ms + 200);
  ether->loss_permille = 0;
  ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void beacons_go_out_and_stay_rare(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether->config.beacon_interval_ms = 10 * 60000;
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  for (unsigned i = 1; i <= 3; i++)
    assert_true(node_stats(ether->station[i].node)->frames_opened >= 1);
  ether_run(ether, ether->now_ms + 24 * HOUR_MS);
  assert_in_range(ether->bursts, 3 * 24 * 5, 3 * 24 * 8);
  assert_int_equal(node_stats(ether->station[1].node)->frames_rejected, 0);
  ether_free(ether);
}

static void hearing_a_beacon_wakes_the_queue(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether->config.beacon_interval_ms = 4 * 3600000;
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  struct message message = ether_text(2, ROUTINE, "un");
  ether_cut_power(ether, 2);
  submit(ether, 1, &message);
  ether_run(ether, ether->now_ms + 3 * HOUR_MS); /* attempts are far apart by now */
  int64_t back_ms = ether->now_ms;
  ether_start(ether, 2);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, &message, 2), DELIVERY_DELIVERED);
  assert_true(ether->now_ms - back_ms < 20000);
  ether_free(ether);
}

static void a_long_queue_for_a_dead_peer_leaves_the_channel_to_others(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether_start_all(ether);
  ether_cut_power(ether, 3);
  for (int i = 0; i < 100; i++) {
    struct message message = ether_text(3, i % PRECEDENCE_COUNT, "La barrière est fermée jusqu'à nouvel ordre");
    submit(ether, 1, &message);
  }
  ether_run(ether, ether->now_ms + HOUR_MS);
  uint64_t airtime_us = node_stats(ether->station[1].node)->airtime_us;
  ether_run(ether, ether->now_ms + 24 * HOUR_MS);
  airtime_us = node_stats(ether->station[1].node)->airtime_us - airtime_us;
  assert_true(airtime_us < UINT64_C(24) * 3600 * 1000000 / 50); /* two per cent */
  struct message live = ether_text(2, ROUTINE, "un");
  submit(ether, 1, &live);
  ether_run(ether, ether->now_ms + 20000);
  assert_int_equal(state_of(ether, 1, &live, 2), DELIVERY_DELIVERED);
  ether_start(ether, 3);
  struct message call = ether_text(1, ROUTINE, "Station de retour");
  submit(ether, 3, &call);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_true(ether_is_quiet(ether)); /* hearing it woke all of them */
  ether_free(ether);
}

static void an_answer_to_somebody_else_is_not_jammed(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    struct ether *ether = ether_new(3, seed);
    ether_start_all(ether);
    struct message first = ether_text(2, ROUTINE, "un"), urgent = ether_text(1, FLASH, "deux");
    submit(ether, 1, &first);
    while (!ether->bursts)
      ether_run(ether, ether->now_ms + 10);
    ether_run(ether, ether->now_ms + 300);
    submit(ether, 3, &urgent); /* the channel is busy now, and due to 2 after that */
    ether_run_until_quiet(ether, ether->now_ms + MINUTE_MS);
    assert_true(ether_is_quiet(ether));
    assert_int_equal(ether->collisions, 0);
    assert_int_equal(ether->bursts, 4);
    assert_int_equal(ether->transmission[1].from, 2);
    ether_free(ether);
  }
}

static void those_who_lost_a_turn_draw_again(void **state)
{
  (void)state;
  uint64_t clashes = 0;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    struct ether *ether = ether_new(4, seed);
    ether_start_all(ether);
    for (uint16_t from = 2; from <= 4; from++) {
      struct message message = ether_text(1, ROUTINE, "un");
      submit(ether, from, &message);
    }
    while (ether->bursts < 2)
      ether_run(ether, ether->now_ms + 10);
    uint64_t collisions = ether->collisions; /* of the first turn */
    ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
    assert_true(ether_is_quiet(ether));
    clashes += ether->collisions > collisions;
    ether_free(ether);
  }
  assert_true(clashes < 100);
}

static void every_wait_has_a_reason(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  struct message message = ether_text(2, ROUTINE, "un");
  char why[120];
  ether->loss_permille = 1000;
  submit(ether, 1, &message);
  struct node *node = ether->station[1].node;
  for (int i = 0; i < 2000; i++) {
    assert_int_equal(node_explain(node, ether->now_ms, message.id, 2, why, sizeof why), 0);
    assert_true(strlen(why) > 5);
    ether_run(ether, ether->now_ms + 37);
  }
  ether_channel_up(ether, 1, 0, 0);
  assert_int_equal(node_explain(node, ether->now_ms, message.id, 2, why, sizeof why), 0);
  assert_non_null(strstr(why, "no channel is up"));
  assert_int_equal(node_explain(node, ether->now_ms, message.id, 3, why, sizeof why), -ENOENT);
  ether_free(ether);
}

static void a_recipient_that_left_the_directory_ends_its_deliveries(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether_start_all(ether);
  struct message message = ether_text(3, ROUTINE, "un");
  ether_cut_power(ether, 3);
  submit(ether, 1, &message);
  ether_cut_power(ether, 1);
  ether->stations->directory.count = 2;
  ether->station[1].store.step = NULL;
  ether_start(ether, 1);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(state_of(ether, 1, &message, 3), DELIVERY_CANCELLED);
  assert_int_equal(ether->station[1].warnings, 1);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_stations_that_call_at_once_both_get_through),
      cmocka_unit_test(a_call_from_a_third_does_not_strand_what_waits_for_an_answer),
      cmocka_unit_test(an_answer_that_comes_late_does_not_strand_what_is_on_the_air),
      cmocka_unit_test(a_busy_channel_is_left_alone),
      cmocka_unit_test(a_stuck_carrier_is_told_once_and_lets_flash_through),
      cmocka_unit_test(a_stuck_carrier_holds_all_but_flash),
      cmocka_unit_test(a_station_with_a_stuck_carrier_still_answers),
      cmocka_unit_test(a_lost_device_that_returns_goes_on_where_it_was),
      cmocka_unit_test(an_answer_that_could_not_be_sent_is_forgotten),
      cmocka_unit_test(when_a_device_is_lost_the_other_channel_takes_over),
      cmocka_unit_test(a_dead_channel_is_left_for_the_other_after_failures),
      cmocka_unit_test(a_modem_that_refuses_is_asked_again_with_patience),
      cmocka_unit_test(a_modem_that_never_reports_the_end_does_not_stop_the_station),
      cmocka_unit_test(an_unexpected_failure_report_strands_nothing),
      cmocka_unit_test(beacons_go_out_and_stay_rare),
      cmocka_unit_test(hearing_a_beacon_wakes_the_queue),
      cmocka_unit_test(a_long_queue_for_a_dead_peer_leaves_the_channel_to_others),
      cmocka_unit_test(an_answer_to_somebody_else_is_not_jammed),
      cmocka_unit_test(those_who_lost_a_turn_draw_again),
      cmocka_unit_test(every_wait_has_a_reason),
      cmocka_unit_test(a_recipient_that_left_the_directory_ends_its_deliveries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
