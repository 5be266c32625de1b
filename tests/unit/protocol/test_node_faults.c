/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a node does when its store fails it, or a station on the way was stolen and lies. */
#include <errno.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

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

/* Station 2 says what it likes to station 1: ahead is how far its counter goes beyond what it has used. */
static void speak(struct ether *ether, uint32_t ahead, void (*put)(const void *, struct bit_writer *),
                  const void *item)
{
  struct frame frame = {.source = 2, .dest = 1, .counter = ether->station[2].store.reserved_upto + ahead};
  uint8_t bytes[LINK_BURST_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, frame.plain, sizeof frame.plain);
  put(item, &writer);
  bits_put_align(&writer);
  frame.len = bits_put_len(&writer);
  int len = frame_seal(&ether->stations->keyring[2], &frame, bytes);
  assert_true(len > 0);
  ether_burst(ether, 1, bytes, (size_t)len);
}

static void put_ack(const void *item, struct bit_writer *writer)
{
  ack_encode(item, writer);
}

static void put_counter(const void *item, struct bit_writer *writer)
{
  counter_item_encode(item, writer);
}

/* Station 1 has sent a message for station 3 to the relay, which is silent and then answers so. */
static void expect_relay_ends_nothing(enum ack_code code)
{
  struct ether *ether = new_line(3, 1);
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + HOUR_MS / 4);
  struct message text = ether_text(3, PRIORITY, "Manje rive");
  ether_cut_power(ether, 2);
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run(ether, ether->now_ms + MINUTE_MS / 4);
  struct fake_delivery *delivery = fake_store_delivery(&ether->station[1].store, text.id, 3);
  assert_int_equal(delivery->state, DELIVERY_SENT);
  struct ack ack = {.code = (uint8_t)code, .counter = (uint16_t)text.id.counter, .snr_cb = 100};
  speak(ether, 1, put_ack, &ack);
  assert_false(fake_delivery_has_ended(delivery));
  ether->station[2].store.reserved_upto += 64; /* what it has said counts */
  ether->station[2].last_counter = ether->station[2].store.reserved_upto - 1;
  ether_start(ether, 2);
  ether_run_until_quiet(ether, ether->now_ms + 12 * HOUR_MS);
  delivery = fake_store_delivery(&ether->station[1].store, text.id, 3);
  assert_int_equal(delivery->state, DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_relay_cannot_refuse_in_the_name_of_the_recipient(void **state)
{
  (void)state;
  expect_relay_ends_nothing(ACK_NOT_UNDERSTOOD);
}

static void a_relay_cannot_let_a_message_expire_before_its_time(void **state)
{
  (void)state;
  expect_relay_ends_nothing(ACK_EXPIRED);
}

static void a_relay_cannot_say_that_the_recipient_has_it(void **state)
{
  (void)state;
  expect_relay_ends_nothing(ACK_DELIVERED);
}

static void a_store_that_gives_nothing_back_does_not_stop_a_node_that_counts_anew(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 2);
  ether_start(ether, 1);
  struct message text = ether_text(2, ROUTINE, "Bonjou");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  ether->station[1].store.fail_load = -EIO;
  struct counter_item item = {.counter = 5000, .echo = (uint16_t)ether->station[1].last_counter};
  speak(ether, 1, put_counter, &item);
  assert_true(ether->station[1].store.reserved_upto > item.counter);
  assert_int_equal(fake_store_delivery(&ether->station[1].store, text.id, 2)->state, DELIVERY_CANCELLED);
  assert_non_null(strstr(ether->station[1].warning, "could not be filed again"));
  ether_free(ether);
}

static void an_alert_that_was_not_kept_for_others_does_not_prevent_a_restart(void **state)
{
  (void)state;
  struct ether *ether = new_line(3, 3);
  ether_start(ether, 1);
  struct message alert = {.dest = STATION_ALL, .kind = MESSAGE_ALERT, .precedence = IMMEDIATE};
  alert_init(&alert.body.alert, 16);
  ether->station[1].store.fail_bundle = -ENOSPC;
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  ether_cut_power(ether, 1);
  ether_start(ether, 1); /* fails the test if the node refuses a delivery */
  assert_non_null(strstr(ether->station[1].warning, "could not be kept for others"));
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_relay_cannot_refuse_in_the_name_of_the_recipient),
      cmocka_unit_test(a_relay_cannot_let_a_message_expire_before_its_time),
      cmocka_unit_test(a_relay_cannot_say_that_the_recipient_has_it),
      cmocka_unit_test(a_store_that_gives_nothing_back_does_not_stop_a_node_that_counts_anew),
      cmocka_unit_test(an_alert_that_was_not_kept_for_others_does_not_prevent_a_restart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
