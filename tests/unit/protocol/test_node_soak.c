/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random networks with random loss, repeats and power cuts: every message arrives once, or ends and is reported. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)

static struct message random_message(struct ether *ether, uint16_t from, uint64_t *random)
{
  uint16_t to =
      (uint16_t)(1 + (from + test_random_below(random, ether->stations->count - 1)) % ether->stations->count);
  struct message message = ether_text(to, test_random_below(random, PRECEDENCE_COUNT), "La barrière est fermée");
  message.body.text.len = (uint16_t)(1 + test_random_below(random, 5));
  switch (test_random_below(random, 4)) {
  case 0:
    message = ether_status(to);
    message.body.status.value[STATUS_BATTERY] = (uint16_t)(100 + test_random_below(random, 8));
    message.body.status.value[STATUS_QUEUE] = (uint16_t)test_random_below(random, 200);
    break;
  case 1:
    message.kind = MESSAGE_ALERT;
    alert_init(&message.body.alert, test_random_below(random, ALERT_EVENT_COUNT));
    break;
  case 2:
    if (test_random_below(random, 10) == 0)
      message.dest = STATION_ALL;
    if (message.dest == STATION_ALL && from != 1 && message.precedence == FLASH)
      message.precedence = IMMEDIATE; /* a FLASH to all is a coordinator's */
    break;
  default:
    break;
  }
  return message;
}

static void disturb(struct ether *ether, uint64_t *random)
{
  uint16_t number = (uint16_t)(1 + test_random_below(random, ether->stations->count));
  switch (test_random_below(random, 40)) {
  case 0:
    ether_channel_up(ether, number, 0, 0);
    ether_run(ether, ether->now_ms + test_random_below(random, 20000));
    ether_channel_up(ether, number, 0, 1);
    break;
  case 1:
    ether_carrier(ether, number, 0, 1);
    ether_run(ether, ether->now_ms + test_random_below(random, 200000));
    ether_carrier(ether, number, 0, 0);
    break;
  case 2:
    ether->station[number].store.fail_received = -ENOSPC;
    ether_run(ether, ether->now_ms + test_random_below(random, 20000));
    ether->station[number].store.fail_received = 0;
    break;
  default:
    break;
  }
}

struct tally {
  uint64_t messages, delivered, expired, bursts, crashes, collisions;
};

static void count(struct ether *ether, struct tally *tally)
{
  for (unsigned i = 1; i <= ether->stations->count; i++) {
    struct ether_station *station = &ether->station[i];
    tally->crashes += station->crashes;
    for (size_t j = 0; j < station->store.delivery_count; j++) {
      const struct fake_delivery *delivery = &station->store.delivery[j];
      assert_true(fake_delivery_has_ended(delivery));
      if (!station->crashes)
        assert_int_equal(delivery->reported, delivery->state);
      tally->messages++;
      tally->delivered += delivery->state == DELIVERY_DELIVERED;
      tally->expired += delivery->state == DELIVERY_EXPIRED;
    }
  }
  tally->bursts += ether->bursts;
  tally->collisions += ether->collisions;
}

static void run(uint64_t seed, unsigned stations, unsigned loss, unsigned crash, unsigned messages,
                struct tally *tally)
{
  struct ether *ether = ether_new(stations, seed);
  uint64_t random = seed ^ 0x5555;
  ether->loss_permille = loss;
  ether->repeat_permille = test_random_below(&random, 100);
  ether->crash_permille = crash;
  ether->config.beacon_interval_ms = test_random_below(&random, 2) ? 1200000 : 0;
  ether->no_carrier = test_random_below(&random, 4) == 0;
  if (test_random_below(&random, 3) == 0) {
    ether->config.channel[1] = ether->config.channel[0];
    ether->config.channel_count = 2;
  }
  ether_start_all(ether);
  for (unsigned i = 0; i < messages; i++) {
    uint16_t from = (uint16_t)(1 + test_random_below(&random, stations));
    struct message message = random_message(ether, from, &random);
    ether_submit(ether, from, &message);
    ether_run(ether, ether->now_ms + test_random_below(&random, i % 10 ? 30000 : 2));
    disturb(ether, &random);
  }
  ether_run_until_quiet(ether, ether->now_ms + 40 * DAY_MS);
  assert_true(ether_is_quiet(ether));
  ether_check_delivered(ether);
  count(ether, tally);
  ether_free(ether);
}

static void every_message_arrives_once_or_ends_and_is_reported(void **state)
{
  (void)state;
  uint64_t random = test_seed("every_message_arrives_once_or_ends_and_is_reported");
  struct tally tally = {0};
  for (int i = 0; i < 60; i++) {
    uint64_t seed = test_random(&random);
    unsigned stations = 2 + test_random_below(&random, 3), loss = test_random_below(&random, 601);
    unsigned crash = i % 3 ? 0 : test_random_below(&random, 4);
    run(seed, stations, loss, crash, 200, &tally);
  }
  printf("%llu deliveries, %llu delivered, %llu expired, %llu bursts, %llu crashes, %llu collisions\n",
         (unsigned long long)tally.messages, (unsigned long long)tally.delivered, (unsigned long long)tally.expired,
         (unsigned long long)tally.bursts, (unsigned long long)tally.crashes, (unsigned long long)tally.collisions);
  assert_true(tally.messages >= 10000);
  assert_true(tally.delivered > tally.messages * 99 / 100);
  assert_true(tally.bursts < 6 * tally.messages);
}

static void without_loss_a_message_costs_few_bursts(void **state)
{
  (void)state;
  uint64_t random = test_seed("without_loss_a_message_costs_few_bursts");
  struct tally tally = {0};
  for (int i = 0; i < 10; i++) {
    struct ether *ether = ether_new(2 + (unsigned)i % 3, test_random(&random));
    ether_start_all(ether);
    for (unsigned j = 0; j < 200; j++) {
      uint16_t from = (uint16_t)(1 + test_random_below(&random, ether->stations->count));
      struct message message = random_message(ether, from, &random);
      assert_int_equal(ether_submit(ether, from, &message), 0);
      ether_run(ether, ether->now_ms + test_random_below(&random, 20000));
    }
    ether_run_until_quiet(ether, ether->now_ms + DAY_MS);
    ether_check_delivered(ether);
    count(ether, &tally);
    ether_free(ether);
  }
  printf("%llu deliveries, %llu bursts, %llu collisions\n", (unsigned long long)tally.messages,
         (unsigned long long)tally.bursts, (unsigned long long)tally.collisions);
  assert_int_equal(tally.delivered, tally.messages);
  assert_true(tally.bursts <= 3 * tally.messages);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_message_arrives_once_or_ends_and_is_reported),
      cmocka_unit_test(without_loss_a_message_costs_few_bursts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
