/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routing table, call by call: what it believes, and when it forgets. */
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/route_table.h"
#include "tests/unit/protocol/stations.h"

static void a_neighbour_is_a_destination_at_the_cost_of_its_link(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  assert_int_equal(table_next_hop(&table, 2), STATION_NONE); /* it has no number yet */
  table_hear(&table, 2, 77, NULL);
  assert_int_equal(table_next_hop(&table, 2), 2);
  assert_int_equal(routes_airtime_ms(table.routes, table.now_ms, 2), metric_decode(metric_encode(1000)));
  const struct beacon_entry *entry = table_tell_of(&table, 2);
  assert_non_null(entry);
  assert_int_equal(entry->seq, 77);
  assert_int_equal(entry->metric, metric_encode(1000));
  routes_free(table.routes);
}

static void without_a_link_what_is_heard_waits_for_one(void **state)
{
  (void)state;
  struct table table = table_new();
  table_hear_route(&table, 2, 5, 500);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  assert_int_equal(table_tell(&table), 0);
  table_link(&table, 2, 1000);
  assert_int_equal(table_next_hop(&table, 9), 2);
  table_link(&table, 2, UINT32_MAX);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  assert_int_equal(routes_airtime_ms(table.routes, table.now_ms, 9), UINT32_MAX);
  routes_free(table.routes);
}

static void every_hop_costs_a_step_at_least(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 0);
  table_hear_route(&table, 2, 5, 100000);
  assert_int_equal(table_tell_of(&table, 9)->metric, metric_encode(100000) + 1);
  struct beacon_entry farthest = {.station = 9, .has_route = 1, .seq = 6, .metric = METRIC_UNREACHABLE - 1};
  table_hear(&table, 2, 0, &farthest);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void the_cheaper_of_two_routes_is_taken(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 5000);
  table_hear_route(&table, 3, 5, 3000);
  assert_int_equal(table_next_hop(&table, 9), 3);
  assert_int_equal(routes_next_hop(table.routes, table.now_ms, 9, 3), 2); /* 3 gave the message */
  assert_int_equal(routes_next_hop(table.routes, table.now_ms, 2, 2), STATION_NONE);
  routes_free(table.routes);
}

static void a_slightly_cheaper_route_needs_a_second_beacon(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 5000);
  table_hear_route(&table, 3, 5, 4700);
  assert_int_equal(table_next_hop(&table, 9), 2);
  table_hear_route(&table, 3, 5, 5000); /* no longer cheaper */
  table_hear_route(&table, 3, 5, 4700);
  assert_int_equal(table_next_hop(&table, 9), 2);
  table_hear_route(&table, 3, 5, 4700);
  assert_int_equal(table_next_hop(&table, 9), 3);
  table_hear_route(&table, 2, 5, 4000); /* much cheaper */
  assert_int_equal(table_next_hop(&table, 9), 2);
  routes_free(table.routes);
}

static void what_is_no_better_than_the_best_told_is_not_feasible(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table); /* about 4000 */
  table_hear_route(&table, 3, 5, 6000);
  table_hear_lost(&table, 2);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE); /* the way of 3 may come back here */
  table_hear_route(&table, 3, 4, 1000);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE); /* older */
  table_hear_route(&table, 3, 6, 6000);
  assert_int_equal(table_next_hop(&table, 9), 3); /* newer */
  routes_free(table.routes);
}

static void numbers_go_round(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 250, 3000);
  table_tell_all(&table);
  table_hear_route(&table, 2, 3, 60000);
  assert_int_equal(table_next_hop(&table, 9), 2);
  table_tell_all(&table);
  table_hear_route(&table, 2, 250, 20);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_route_lost_with_another_in_sight_is_told_with_a_want(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
  table_hear_route(&table, 3, 5, 6000);
  table_tell_all(&table);
  table_hear_lost(&table, 2);
  assert_true(routes_has_news(table.routes));
  const struct beacon_entry *entry = table_tell_of(&table, 9);
  assert_non_null(entry);
  assert_int_equal(entry->has_route, 1);
  assert_int_equal(entry->metric, METRIC_UNREACHABLE);
  assert_int_equal(entry->wants, BEACON_WANTS_NEWER);
  assert_int_equal(entry->want_seq, 5);
  routes_free(table.routes);
}

static void a_loss_is_told_three_times(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
  table_hear_lost(&table, 2);
  for (int i = 0; i < 3; i++) {
    const struct beacon_entry *entry = table_tell_of(&table, 9);
    assert_non_null(entry);
    assert_int_equal(entry->metric, METRIC_UNREACHABLE);
    assert_int_equal(entry->wants, BEACON_WANTS_NOTHING);
  }
  assert_null(table_tell_of(&table, 9));
  routes_free(table.routes);
}

static void only_much_changed_metrics_are_news(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  assert_true(routes_has_news(table.routes));
  table_tell_all(&table);
  table_hear_route(&table, 2, 6, 3800);
  assert_false(routes_has_news(table.routes));
  table_hear_route(&table, 2, 7, 4800);
  assert_true(routes_has_news(table.routes));
  table_tell_all(&table);
  table_link(&table, 2, 8000);
  assert_true(routes_has_news(table.routes));
  routes_free(table.routes);
}

static void routes_nobody_repeats_grow_old(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
  table.now_ms += 6 * HOUR;
  assert_int_equal(table_next_hop(&table, 9), 2);
  table.now_ms += 2 * MINUTE;
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE); /* before any tick, too */
  routes_tick(table.routes, table.now_ms);
  assert_int_equal(table_tell_of(&table, 9)->metric, METRIC_UNREACHABLE);
  routes_free(table.routes);
}

static void the_best_told_is_remembered_for_a_day(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
  for (int64_t end = table.now_ms + 24 * HOUR; table.now_ms <= end; table.now_ms += 10 * MINUTE) {
    routes_tick(table.routes, table.now_ms);
    table_hear_route(&table, 2, 5, 8000);
    assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  }
  table.now_ms += 10 * MINUTE;
  routes_tick(table.routes, table.now_ms);
  table_hear_route(&table, 2, 5, 8000);
  assert_int_equal(table_next_hop(&table, 9), 2);
  routes_free(table.routes);
}

static void after_a_long_pause_nothing_is_believed(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  routes_tick(table.routes, table.now_ms);
  table.now_ms += INT64_C(65536) * MINUTE + HOUR; /* in 16 bits of minutes one hour */
  routes_tick(table.routes, table.now_ms);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  table_hear_route(&table, 2, 5, 3000);
  assert_int_equal(table_next_hop(&table, 9), 2); /* the link is still there */
  routes_free(table.routes);
}

static void a_neighbour_that_started_anew_has_told_nothing(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon started = {.started = 1};
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  assert_int_equal(routes_hear(table.routes, table.now_ms, 2, ++table.counter[2], &started), 0);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  assert_int_equal(table_next_hop(&table, 2), 2);
  routes_free(table.routes);
}

static void an_overtaken_beacon_changes_nothing(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table.counter[2] = UINT16_MAX - 1; /* and the counter goes round */
  table_hear_route(&table, 2, 5, 3000);
  table.counter[2]++;
  table_hear_lost(&table, 2);
  table.counter[2] -= 2;
  table_hear_route(&table, 2, 5, 3000);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_way_that_its_neighbour_refuses_is_lost(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_fill(&table, 9, 1, 2000);
  routes_lose(table.routes, table.now_ms, 9, 3); /* not its way */
  assert_int_equal(table_next_hop(&table, 9), 2);
  routes_lose(table.routes, table.now_ms, 9, 2);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  routes_lose(table.routes, table.now_ms, 2, 2); /* it is there itself */
  assert_int_equal(table_next_hop(&table, 2), 2);
  routes_free(table.routes);
}

static void a_walk_shows_every_route_once(void **state)
{
  (void)state;
  struct table table = table_new();
  struct route_info info;
  size_t at = 0, count = 0;
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 3000);
  routes_want(table.routes, table.now_ms, 8);
  while (routes_walk(table.routes, table.now_ms, &at, &info)) {
    assert_int_equal(info.next_hop, 2);
    assert_true(info.dest == 2 || info.dest == 9);
    count++;
  }
  assert_int_equal(count, 2);
  routes_free(table.routes);
}

static void stations_that_cannot_be_are_ignored(void **state)
{
  (void)state;
  struct table table = table_new();
  const struct beacon beacon = {.entry_count = 3,
                                .entry = {{.station = STATION_ALL, .has_route = 1},
                                          {.station = UINT16_MAX, .has_route = 1},
                                          {.station = 0, .wants = BEACON_WANTS_ANY}}};
  static const uint16_t nobody[] = {1, 0, STATION_ALL, UINT16_MAX};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(routes_set_link(table.routes, table.now_ms, nobody[i], 1000), 0);
    assert_int_equal(routes_hear(table.routes, table.now_ms, nobody[i], 1, &beacon), 0);
    assert_int_equal(table_next_hop(&table, nobody[i]), STATION_NONE);
  }
  table_link(&table, 2, 1000);
  assert_int_equal(routes_hear(table.routes, table.now_ms, 2, 1, &beacon), 0);
  assert_int_equal(table_tell(&table), 1);
  routes_free(table.routes);
}

static void every_station_there_can_be_finds_room(void **state)
{
  (void)state;
  struct table table = table_new();
  unsigned known = 0;
  table_link(&table, 2, 1000);
  for (uint16_t station = 1; station <= STATION_MAX; station++) {
    struct beacon_entry entry = {.station = station, .has_route = 1, .seq = 1, .metric = 40};
    table_hear(&table, 2, 0, &entry);
    known += table_next_hop(&table, station) == 2;
  }
  assert_int_equal(known, STATION_MAX - 1 - 5); /* all but itself and the five numbers of nobody */
  table.now_ms += 4 * HOUR;
  routes_tick(table.routes, table.now_ms);
  table_link(&table, 2, UINT32_MAX);
  for (int i = 0; i < 100; i++)
    table_tell(&table);
  table.now_ms += 24 * HOUR;
  routes_tick(table.routes, table.now_ms);
  size_t at = 0;
  struct route_info info;
  assert_false(routes_walk(table.routes, table.now_ms, &at, &info));
  assert_int_equal(at, 0); /* nothing is kept of them */
  routes_free(table.routes);
}

static void random_beacons_do_no_harm(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_beacons_do_no_harm");
  struct table table = table_new();
  for (int round = 0; round < 20000; round++) {
    struct beacon beacon = {.seq = (uint8_t)test_random(&random), .started = (uint8_t)test_random_below(&random, 2)};
    beacon.entry_count = test_random_below(&random, 6);
    for (size_t i = 0; i < beacon.entry_count; i++)
      beacon.entry[i] = (struct beacon_entry){.station = (uint16_t)test_random_below(&random, 30),
                                              .has_route = (uint8_t)test_random_below(&random, 2),
                                              .wants = (uint8_t)test_random_below(&random, 4),
                                              .metric = (uint8_t)test_random(&random),
                                              .seq = (uint8_t)test_random(&random),
                                              .want_seq = (uint8_t)test_random(&random)};
    uint16_t neighbour = (uint16_t)test_random_below(&random, 12);
    routes_hear(table.routes, table.now_ms, neighbour, (uint16_t)test_random(&random), &beacon);
    routes_set_link(table.routes, table.now_ms, neighbour,
                    (uint32_t)test_random(&random) >> test_random_below(&random, 32));
    routes_want(table.routes, table.now_ms, (uint16_t)test_random(&random));
    assert_true(routes_pick(table.routes, table.now_ms, table.entry, test_random_below(&random, 64), 300) <= 63);
    routes_tick(table.routes, table.now_ms);
    table.now_ms += (int64_t)(test_random(&random) >> (38 + test_random_below(&random, 26))) - 100;
    uint16_t dest = (uint16_t)test_random_below(&random, 30);
    assert_int_equal(table_next_hop(&table, dest) == STATION_NONE,
                     routes_airtime_ms(table.routes, table.now_ms, dest) == UINT32_MAX);
  }
  routes_free(table.routes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_neighbour_is_a_destination_at_the_cost_of_its_link),
      cmocka_unit_test(without_a_link_what_is_heard_waits_for_one),
      cmocka_unit_test(every_hop_costs_a_step_at_least),
      cmocka_unit_test(the_cheaper_of_two_routes_is_taken),
      cmocka_unit_test(a_slightly_cheaper_route_needs_a_second_beacon),
      cmocka_unit_test(what_is_no_better_than_the_best_told_is_not_feasible),
      cmocka_unit_test(numbers_go_round),
      cmocka_unit_test(a_route_lost_with_another_in_sight_is_told_with_a_want),
      cmocka_unit_test(a_loss_is_told_three_times),
      cmocka_unit_test(only_much_changed_metrics_are_news),
      cmocka_unit_test(routes_nobody_repeats_grow_old),
      cmocka_unit_test(the_best_told_is_remembered_for_a_day),
      cmocka_unit_test(after_a_long_pause_nothing_is_believed),
      cmocka_unit_test(a_neighbour_that_started_anew_has_told_nothing),
      cmocka_unit_test(an_overtaken_beacon_changes_nothing),
      cmocka_unit_test(a_way_that_its_neighbour_refuses_is_lost),
      cmocka_unit_test(a_walk_shows_every_route_once),
      cmocka_unit_test(stations_that_cannot_be_are_ignored),
      cmocka_unit_test(every_station_there_can_be_finds_room),
      cmocka_unit_test(random_beacons_do_no_harm),
  };
  routes_free(NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
