/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what passes through stations that are not its recipient: custody, routes, receipts. */
#include <errno.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define HOUR_MS INT64_C(3600000)

/* Stations in a line: each hears only those next to it. */
static struct ether *new_line(unsigned count, uint64_t seed)
{
  struct ether *ether = ether_new(count, seed);
  ether->config.beacon_interval_ms = 1800000;
  for (unsigned a = 1; a <= count; a++)
    for (unsigned b = 1; b <= count; b++)
      ether->deaf[a][b] = a > b + 1 || b > a + 1;
  return ether;
}

static enum delivery_state state_of(struct ether *ether, uint16_t from, struct message_id id, uint16_t to)
{
  return fake_store_delivery(&ether->station[from].store, id, to)->state;
}

static void a_message_reaches_a_station_that_only_a_relay_hears(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 1);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  struct message text = ether_text(3, PRIORITY, "Manje rive");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_DELIVERED);
  assert_int_equal(fake_store_received(&ether->station[3].store, text.id)->shown, 1);
  assert_null(fake_store_received(&ether->station[2].store, text.id));
  ether_check_delivered(ether);
  ether_free(ether);
}

static void a_message_filed_before_any_route_is_known_arrives_too(void **state)
{
  (void)state;
  struct ether *ether = new_line(4, 2);
  ether_start_all(ether);
  struct message text = ether_text(4, ROUTINE, "Bonjou");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run_until_quiet(ether, ether->now_ms + 6 * HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 4), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void an_alert_for_all_reaches_all_through_relays_and_is_receipted(void **state)
{
  (void)state;
  struct ether *ether = new_line(4, 3);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  struct message alert = {.dest = STATION_ALL, .kind = MESSAGE_ALERT, .precedence = FLASH};
  alert_init(&alert.body.alert, 16);
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  int64_t begin_ms = ether->now_ms;
  ether_run(ether, begin_ms + 60000);
  for (uint16_t i = 2; i <= 4; i++) {
    struct fake_received *got = fake_store_received(&ether->station[i].store, alert.id);
    assert_non_null(got);
    assert_int_equal(got->message.is_unproven, 0);
  }
  ether_run(ether, begin_ms + HOUR_MS);
  for (uint16_t i = 2; i <= 4; i++)
    assert_int_equal(state_of(ether, 1, alert.id, i), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_post_that_was_dark_gets_what_it_missed_once(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 4);
  ether_start(ether, 1);
  ether_start(ether, 2);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  struct message_id ids[3];
  for (unsigned i = 0; i < 3; i++) {
    struct message alert = {.dest = STATION_ALL, .kind = MESSAGE_ALERT, .precedence = (uint8_t)i};
    alert_init(&alert.body.alert, 12);
    alert.body.alert.expiry = 29; /* a week */
    assert_int_equal(ether_submit(ether, 1, &alert), 0);
    ids[i] = alert.id;
  }
  ether_run(ether, ether->now_ms + 72 * HOUR_MS);
  ether_start(ether, 3);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  for (unsigned i = 0; i < 3; i++) {
    assert_non_null(fake_store_received(&ether->station[3].store, ids[i]));
    assert_int_equal(fake_store_received(&ether->station[3].store, ids[i])->shown, 1);
  }
  ether_run(ether, ether->now_ms + HOUR_MS);
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(state_of(ether, 1, ids[i], 3), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_relay_that_loses_power_keeps_what_it_answers_for(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 5);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  ether_cut_power(ether, 3);
  struct message text = ether_text(3, PRIORITY, "Pon an kase");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run(ether, ether->now_ms + 60000);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_CUSTODY);
  ether_cut_power(ether, 2);
  ether_cut_power(ether, 1);
  ether_start(ether, 2);
  ether_start(ether, 3);
  ether_run(ether, ether->now_ms + HOUR_MS / 2);
  assert_non_null(fake_store_received(&ether->station[3].store, text.id));
  ether_start(ether, 1);
  ether_run(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_relay_that_comes_back_gets_what_was_tried_elsewhere_meanwhile(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 7);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  ether_cut_power(ether, 2);
  ether_start(ether, 2);
  ether_run(ether, ether->now_ms + 12000); /* it has said that it started: no route by it is known */
  struct message text = ether_text(3, ROUTINE, "Tounen");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  int64_t filed_ms = ether->now_ms;
  ether_run_until_quiet(ether, filed_ms + HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_DELIVERED);
  assert_true(ether->now_ms - filed_ms < 4 * 60000);
  ether_free(ether);
}

static void long_messages_travel_in_pieces_and_only_what_lacks_is_repeated(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 6);
  char words[TEXT_MAX_BYTES + 1];
  ether->loss_permille = 150;
  for (unsigned i = 0; i < TEXT_MAX_CHARS; i++)
    memcpy(words + 2 * i, "\xc3\xa8", 3);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  struct message text = ether_text(3, PRIORITY, words);
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run_until_quiet(ether, ether->now_ms + 2 * HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_DELIVERED);
  ether_check_delivered(ether);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_message_reaches_a_station_that_only_a_relay_hears),
      cmocka_unit_test(a_message_filed_before_any_route_is_known_arrives_too),
      cmocka_unit_test(an_alert_for_all_reaches_all_through_relays_and_is_receipted),
      cmocka_unit_test(a_post_that_was_dark_gets_what_it_missed_once),
      cmocka_unit_test(a_relay_that_loses_power_keeps_what_it_answers_for),
      cmocka_unit_test(a_relay_that_comes_back_gets_what_was_tried_elsewhere_meanwhile),
      cmocka_unit_test(long_messages_travel_in_pieces_and_only_what_lacks_is_repeated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
