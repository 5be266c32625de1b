/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Properties of two to five real nodes under anything the air and the power may do: bursts lost, repeated, late and
 * out of order, stations cut off between any two durable steps and started again, people who file and cancel at any
 * time. Each message is shown once to its recipient, or has ended and its originator knows; nothing acknowledged is
 * missing; no counter is used twice (the fixture checks that at every burst). */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)

#define WORLDS 200
#define KIND_WORLDS 100

enum topology { LINE, RING, STAR, FULL, TOPOLOGY_COUNT };

static const char *const topology_names[TOPOLOGY_COUNT] = {"line", "ring", "star", "full"};

struct plan {
  uint64_t seed;
  enum topology topology;
  unsigned stations, steps;
  int is_kind; /* nobody cancels, nothing expires within a day, three bursts of four arrive,
                  and beacons show the ways */
};

struct tally {
  unsigned deliveries, delivered, expired, cancelled, receipts, crashes, cuts;
};

struct world {
  struct ether *ether;
  enum topology topology;
  int is_kind;
  uint64_t random;
  struct tally *tally;
};

static int are_neighbours(enum topology topology, unsigned count, unsigned a, unsigned b)
{
  unsigned gap = a > b ? a - b : b - a;
  switch (topology) {
  case LINE:
    return gap == 1;
  case RING:
    return gap == 1 || gap == count - 1;
  case STAR:
    return gap && (a == 1 || b == 1);
  default:
    return gap != 0;
  }
}

static void lay_out(struct world *world)
{
  unsigned count = world->ether->stations->count;
  for (unsigned a = 1; a <= count; a++)
    for (unsigned b = 1; b <= count; b++)
      world->ether->deaf[a][b] = a != b && !are_neighbours(world->topology, count, a, b);
}

static uint32_t below(struct world *world, uint32_t limit)
{
  return test_random_below(&world->random, limit);
}

static uint16_t any_station(struct world *world)
{
  return (uint16_t)(1 + below(world, world->ether->stations->count));
}

static uint16_t any_recipient(struct world *world, uint16_t from)
{
  uint16_t to = any_station(world);
  while (to == from)
    to = any_station(world);
  return to;
}

static struct message any_message(struct world *world, uint16_t from)
{
  uint16_t to = any_recipient(world, from);
  struct message message = ether_text(to, below(world, PRECEDENCE_COUNT), "Pon an kase");
  message.body.text.len = (uint16_t)(1 + below(world, message.body.text.len));
  message.body.text.bytes[message.body.text.len] = 0;
  if (below(world, 3) == 0) {
    message = ether_status(to);
    message.body.status.value[STATUS_BATTERY] = (uint16_t)(100 + below(world, 8));
    message.body.status.value[STATUS_QUEUE] = (uint16_t)below(world, 200);
  } else if (below(world, 4) == 0) {
    message.kind = MESSAGE_ALERT;
    alert_init(&message.body.alert, below(world, ALERT_EVENT_COUNT));
    /* A week; or hours: some hear nothing of it until it expires. */
    message.body.alert.expiry = world->is_kind ? 29 : (uint8_t)below(world, 4);
    message.dest = below(world, 3) ? to : STATION_ALL;
  }
  return message;
}

static void file_message(struct world *world)
{
  uint16_t from = any_station(world);
  struct message message = any_message(world, from);
  (void)ether_submit(world->ether, from, &message);
}

static void cancel_something(struct world *world)
{
  uint16_t number = any_station(world);
  const struct fake_store *store = &world->ether->station[number].store;
  if (!store->delivery_count)
    return;
  /* One of the newest: most of the older ones have ended. */
  size_t back = 1 + below(world, store->delivery_count < 3 ? (uint32_t)store->delivery_count : 3);
  const struct fake_delivery *delivery = &store->delivery[store->delivery_count - back];
  if (!fake_delivery_has_ended(delivery))
    (void)ether_cancel(world->ether, number, delivery->id, delivery->recipient);
}

static void cut_power(struct world *world)
{
  uint16_t number = any_station(world);
  world->tally->cuts++;
  ether_cut_power(world->ether, number);
  ether_run(world->ether, world->ether->now_ms + below(world, 90000));
  ether_start(world->ether, number);
}

static void do_something(struct world *world)
{
  switch (below(world, 12)) {
  case 0:
    if (!world->is_kind)
      cancel_something(world);
    break;
  case 1:
    cut_power(world);
    break;
  default:
    file_message(world);
  }
}

/* Faults of the air and of the power, each of them absent in some worlds. */
static void choose_faults(struct world *world)
{
  struct ether *ether = world->ether;
  ether->loss_permille = below(world, 3) ? below(world, world->is_kind ? 250 : 500) : 0;
  ether->repeat_permille = below(world, 2) ? below(world, 200) : 0;
  ether->late_permille = below(world, 2) ? below(world, 200) : 0;
  ether->late_ms = 60000;
  ether->crash_permille = below(world, 2) ? below(world, 5) : 0;
  ether->outage_ms = below(world, 30000);
  ether->no_carrier = below(world, 4) == 0;
  ether->config.beacon_interval_ms = world->is_kind || below(world, 3) ? 1200000 : 0;
  ether->checks_held = 1;
}

/* Receipts are followed into the first station's custody only: there they may expire. */
static void check_delivery(struct world *world, struct ether_station *station, const struct fake_delivery *delivery)
{
  int is_receipt = fake_store_outgoing(&station->store, delivery->id)->kind == MESSAGE_RECEIPT;
  struct ether_station *recipient = &world->ether->station[delivery->recipient];
  const struct fake_received *received = fake_store_received(&recipient->store, delivery->id);
  assert_true(fake_delivery_has_ended(delivery));
  if (!station->crashes)
    assert_int_equal(delivery->reported, delivery->state);
  if (delivery->state == DELIVERY_DELIVERED && !is_receipt)
    assert_non_null(received);
  if (received)
    assert_true(received->shown == 1 || (received->shown == 0 && recipient->crashes));
  if (is_receipt) {
    world->tally->receipts++;
    return;
  }
  world->tally->deliveries++;
  world->tally->delivered += delivery->state == DELIVERY_DELIVERED;
  world->tally->expired += delivery->state == DELIVERY_EXPIRED;
  world->tally->cancelled += delivery->state == DELIVERY_CANCELLED;
}

/* Nobody was told what nobody filed for him. */
static void check_received(struct world *world, uint16_t number, const struct fake_received *received)
{
  struct message_id id = received->message.id;
  const struct message *filed = fake_store_outgoing(&world->ether->station[id.origin].store, id);
  assert_non_null(filed);
  assert_true(filed->dest == number || filed->dest == STATION_ALL);
}

/* Numbers of messages only rise, whatever was cut off. */
static void check_numbers(const struct fake_store *store)
{
  for (size_t i = 1; i < store->outgoing_count; i++)
    assert_true(store->outgoing[i].id.counter > store->outgoing[i - 1].id.counter);
}

static void check_world(struct world *world)
{
  struct ether *ether = world->ether;
  assert_true(ether_is_quiet(ether));
  ether_check_delivered(ether);
  for (uint16_t i = 1; i <= ether->stations->count; i++) {
    const struct fake_store *store = &ether->station[i].store;
    for (size_t j = 0; j < store->delivery_count; j++)
      check_delivery(world, &ether->station[i], &store->delivery[j]);
    for (size_t j = 0; j < store->received_count; j++)
      check_received(world, i, &store->received[j]);
    check_numbers(store);
    world->tally->crashes += (unsigned)ether->station[i].crashes;
  }
}

static void run(const struct plan *plan, struct tally *tally)
{
  struct world world = {ether_new(plan->stations, plan->seed), plan->topology, plan->is_kind, plan->seed ^ 0x5a5a,
                        tally};
  lay_out(&world);
  choose_faults(&world);
  ether_start_all(world.ether);
  for (unsigned i = 0; i < plan->steps; i++) {
    do_something(&world);
    ether_run(world.ether, world.ether->now_ms + below(&world, i % 8 ? 20000 : 2));
  }
  ether_run_until_quiet(world.ether, world.ether->now_ms + 40 * DAY_MS);
  check_world(&world);
  ether_free(world.ether);
}

/* The world that is being run: a check that fails leaves it behind. */
static int setup(void **state)
{
  *state = calloc(1, sizeof(struct plan));
  return *state ? 0 : -1;
}

static int teardown(void **state)
{
  const struct plan *plan = *state;
  if (plan->stations)
    printf("last world: %s of %u, seed %llu\n", topology_names[plan->topology], plan->stations,
           (unsigned long long)plan->seed);
  free(*state);
  return 0;
}

static void run_worlds(struct plan *plan, const char *name, unsigned count, int is_kind, struct tally *tally)
{
  uint64_t random = test_seed(name);
  for (unsigned i = 0; i < count; i++) {
    *plan = (struct plan){.seed = test_random(&random),
                          .topology = (enum topology)(i % TOPOLOGY_COUNT),
                          .stations = 2 + i / TOPOLOGY_COUNT % 4,
                          .steps = 60,
                          .is_kind = is_kind};
    run(plan, tally);
  }
  *plan = (struct plan){0};
  printf("%u deliveries: %u delivered, %u expired, %u cancelled; %u receipts, %u crashes, %u power cuts\n",
         tally->deliveries, tally->delivered, tally->expired, tally->cancelled, tally->receipts, tally->crashes,
         tally->cuts);
}

static void each_message_is_shown_once_or_ends_and_is_reported(void **state)
{
  struct tally tally = {0};
  run_worlds(*state, __func__, WORLDS, 0, &tally);
  assert_true(tally.delivered > 10 * WORLDS && tally.expired && tally.cancelled && tally.crashes && tally.cuts);
}

static void what_lives_long_enough_arrives_everywhere(void **state)
{
  struct tally tally = {0};
  run_worlds(*state, __func__, KIND_WORLDS, 1, &tally);
  assert_true(tally.delivered > 10 * KIND_WORLDS && tally.crashes && tally.cuts);
  assert_int_equal(tally.expired, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_message_is_shown_once_or_ends_and_is_reported, setup, teardown),
      cmocka_unit_test_setup_teardown(what_lives_long_enough_arrives_everywhere, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
