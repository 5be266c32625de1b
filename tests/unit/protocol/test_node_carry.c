/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a vehicle is given, when it is given it, and what is left to better ways. */
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
/* Shorter than the longest time between two beacons of a post. */
#define SHORT_VISIT (12 * MINUTE)

enum { OFFICE = 1, VALLEY = 2, TOWN = 3, VEHICLE = 4 };

static void connect(struct ether *ether, uint16_t a, uint16_t b, int is_connected)
{
  ether->deaf[a][b] = ether->deaf[b][a] = !is_connected;
}

static void run(struct ether *ether, int64_t ms)
{
  ether_run(ether, ether->now_ms + ms);
}

static void start(struct ether *ether, uint16_t number)
{
  ether->config.is_mobile = number == VEHICLE;
  ether_start(ether, number);
}

/* Nobody hears anybody, but the town the office. */
static struct ether *new_country(uint64_t seed)
{
  struct ether *ether = ether_new(VEHICLE, seed);
  ether->config.beacon_interval_ms = 30 * MINUTE;
  for (uint16_t a = 1; a <= VEHICLE; a++)
    for (uint16_t b = 1; b < a; b++)
      connect(ether, a, b, 0);
  connect(ether, OFFICE, TOWN, 1);
  for (uint16_t i = 1; i <= VEHICLE; i++)
    start(ether, i);
  run(ether, HOUR);
  return ether;
}

static void visit(struct ether *ether, uint16_t post, int64_t ms)
{
  connect(ether, post, VEHICLE, 1);
  run(ether, ms);
  connect(ether, post, VEHICLE, 0);
}

static const struct fake_delivery *delivery_of(struct ether *ether, uint16_t from, struct message_id id, uint16_t to)
{
  return fake_store_delivery(&ether->station[from].store, id, to);
}

static struct message file_text(struct ether *ether, uint16_t from, uint16_t to, unsigned precedence)
{
  struct message text = ether_text(to, precedence, "Voye dlo ak medikaman");
  assert_int_equal(ether_submit(ether, from, &text), 0);
  return text;
}

static void a_visit_shorter_than_a_beacon_interval_is_enough(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct ether *ether = new_country(seed);
    struct message first = file_text(ether, VALLEY, OFFICE, ROUTINE);
    struct message second = file_text(ether, VALLEY, OFFICE, PRIORITY);
    run(ether, 7 * HOUR); /* both have been called blindly, and wait hours for the next call */
    visit(ether, VALLEY, SHORT_VISIT);
    assert_int_equal(delivery_of(ether, VALLEY, first.id, OFFICE)->state, DELIVERY_CUSTODY);
    assert_int_equal(delivery_of(ether, VALLEY, second.id, OFFICE)->state, DELIVERY_CUSTODY);
    visit(ether, OFFICE, SHORT_VISIT);
    assert_int_equal(fake_store_received(&ether->station[OFFICE].store, first.id)->shown, 1);
    assert_int_equal(fake_store_received(&ether->station[OFFICE].store, second.id)->shown, 1);
    ether_free(ether);
  }
}

static void what_a_vehicle_has_is_not_sent_to_it_again_while_it_stays(void **state)
{
  (void)state;
  struct ether *ether = new_country(7);
  struct message text = file_text(ether, VALLEY, OFFICE, FLASH);
  connect(ether, VALLEY, VEHICLE, 1);
  run(ether, HOUR);
  const struct fake_delivery *delivery = delivery_of(ether, VALLEY, text.id, OFFICE);
  assert_int_equal(delivery->state, DELIVERY_CUSTODY);
  uint32_t attempts = delivery->attempts;
  run(ether, 12 * HOUR);
  assert_int_equal(delivery_of(ether, VALLEY, text.id, OFFICE)->attempts, attempts);
  ether_free(ether);
}

static void what_a_vehicle_has_is_recalled_when_a_way_turns_up(void **state)
{
  (void)state;
  struct ether *ether = new_country(8);
  struct message text = file_text(ether, VALLEY, OFFICE, FLASH);
  visit(ether, VALLEY, SHORT_VISIT);
  assert_int_equal(delivery_of(ether, VALLEY, text.id, OFFICE)->state, DELIVERY_CUSTODY);
  connect(ether, VALLEY, TOWN, 1);
  run(ether, 3 * HOUR);
  assert_int_equal(fake_store_received(&ether->station[OFFICE].store, text.id)->shown, 1);
  assert_int_equal(delivery_of(ether, VALLEY, text.id, OFFICE)->state, DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_vehicle_is_not_given_what_has_a_better_way(void **state)
{
  (void)state;
  struct ether *ether = new_country(9);
  connect(ether, VALLEY, TOWN, 1);
  visit(ether, OFFICE, HOUR);
  connect(ether, VALLEY, VEHICLE, 1);
  run(ether, 2 * HOUR);
  struct message text = file_text(ether, VALLEY, OFFICE, PRIORITY);
  run(ether, HOUR);
  assert_int_equal(delivery_of(ether, VALLEY, text.id, OFFICE)->state, DELIVERY_DELIVERED);
  assert_int_equal(ether->station[VEHICLE].store.bundle_count, 0);
  ether_free(ether);
}

static void a_post_that_never_meets_the_vehicle_learns_where_it_goes(void **state)
{
  (void)state;
  struct ether *ether = new_country(10);
  visit(ether, VALLEY, HOUR);
  run(ether, 8 * HOUR); /* longer than what was heard of a post at rest is told */
  connect(ether, OFFICE, VEHICLE, 1);
  run(ether, 2 * HOUR);
  struct message text = file_text(ether, TOWN, VALLEY, ROUTINE);
  run(ether, HOUR);
  connect(ether, OFFICE, VEHICLE, 0);
  visit(ether, VALLEY, HOUR);
  assert_int_equal(fake_store_received(&ether->station[VALLEY].store, text.id)->shown, 1);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_visit_shorter_than_a_beacon_interval_is_enough),
      cmocka_unit_test(what_a_vehicle_has_is_not_sent_to_it_again_while_it_stays),
      cmocka_unit_test(what_a_vehicle_has_is_recalled_when_a_way_turns_up),
      cmocka_unit_test(a_vehicle_is_not_given_what_has_a_better_way),
      cmocka_unit_test(a_post_that_never_meets_the_vehicle_learns_where_it_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
