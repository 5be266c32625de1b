/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routing table, call by call: what it believes, what it tells, and when it forgets. */
#include <errno.h>
#include <string.h>

#include "protocol/route/routes.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define START (1000 * HOUR)
#define ALL_BITS (64 * 64)

/* The station under test is 1; it has the neighbours 2 and 3, and hears of 9. */
struct table {
  struct routes *routes;
  int64_t now_ms;
  uint16_t counter[16];
  struct beacon_entry entry[BEACON_ENTRIES_MAX];
};

static struct table table_new(void)
{
  struct table table = {.routes = routes_new(1), .now_ms = START};
  assert_non_null(table.routes);
  return table;
}

static void hear(struct table *table, uint16_t neighbour, uint8_t seq, const struct beacon_entry *entry)
{
  struct beacon beacon = {.seq = seq};
  if (entry)
    beacon.entry[beacon.entry_count++] = *entry;
  assert_int_equal(routes_hear(table->routes, table->now_ms, neighbour, ++table->counter[neighbour], &beacon), 0);
}

/* neighbour has a route to 9. */
static void hear_route(struct table *table, uint16_t neighbour, uint8_t seq, uint32_t airtime_ms)
{
  struct beacon_entry entry = {.station = 9, .has_route = 1, .seq = seq, .metric = metric_encode(airtime_ms)};
  hear(table, neighbour, 0, &entry);
}

static void hear_lost(struct table *table, uint16_t neighbour)
{
  struct beacon_entry entry = {.station = 9, .has_route = 1, .metric = METRIC_UNREACHABLE};
  hear(table, neighbour, 0, &entry);
}

static void hear_want(struct table *table, uint16_t neighbour, uint16_t station, uint8_t wants, uint8_t seq)
{
  struct beacon_entry entry = {.station = station, .wants = wants, .want_seq = seq};
  hear(table, neighbour, 0, &entry);
}

static void link_to(struct table *table, uint16_t neighbour, uint32_t airtime_ms)
{
  assert_int_equal(routes_set_link(table->routes, table->now_ms, neighbour, airtime_ms), 0);
}

static uint16_t next_hop(const struct table *table, uint16_t dest)
{
  return routes_next_hop(table->routes, table->now_ms, dest, STATION_NONE);
}

static size_t tell(struct table *table)
{
  return routes_pick(table->routes, table->now_ms, table->entry, BEACON_ENTRIES_MAX, ALL_BITS);
}

/* What the next beacon says of a station; NULL: nothing. */
static const struct beacon_entry *tell_of(struct table *table, uint16_t station)
{
  size_t count = tell(table);
  for (size_t i = 0; i < count; i++)
    if (table->entry[i].station == station)
      return &table->entry[i];
  return NULL;
}

/* Until nothing is left of what the changes so far made worth telling. */
static void tell_all(struct table *table)
{
  for (int i = 0; i < 4; i++)
    tell(table);
  assert_false(routes_has_news(table->routes));
}

static void a_neighbour_is_a_destination_at_the_cost_of_its_link(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  assert_int_equal(next_hop(&table, 2), STATION_NONE); /* it has no number yet */
  hear(&table, 2, 77, NULL);
  assert_int_equal(next_hop(&table, 2), 2);
  assert_int_equal(routes_airtime_ms(table.routes, table.now_ms, 2), metric_decode(metric_encode(1000)));
  const struct beacon_entry *entry = tell_of(&table, 2);
  assert_non_null(entry);
  assert_int_equal(entry->seq, 77);
  assert_int_equal(entry->metric, metric_encode(1000));
  routes_free(table.routes);
}

static void without_a_link_what_is_heard_waits_for_one(void **state)
{
  (void)state;
  struct table table = table_new();
  hear_route(&table, 2, 5, 500);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  assert_int_equal(tell(&table), 0);
  link_to(&table, 2, 1000);
  assert_int_equal(next_hop(&table, 9), 2);
  link_to(&table, 2, UINT32_MAX);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  assert_int_equal(routes_airtime_ms(table.routes, table.now_ms, 9), UINT32_MAX);
  routes_free(table.routes);
}

static void every_hop_costs_a_step_at_least(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 0);
  hear_route(&table, 2, 5, 100000);
  assert_int_equal(tell_of(&table, 9)->metric, metric_encode(100000) + 1);
  struct beacon_entry farthest = {.station = 9, .has_route = 1, .seq = 6, .metric = METRIC_UNREACHABLE - 1};
  hear(&table, 2, 0, &farthest);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void the_cheaper_of_two_routes_is_taken(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 5000);
  hear_route(&table, 3, 5, 3000);
  assert_int_equal(next_hop(&table, 9), 3);
  assert_int_equal(routes_next_hop(table.routes, table.now_ms, 9, 3), 2); /* 3 gave the message */
  assert_int_equal(routes_next_hop(table.routes, table.now_ms, 2, 2), STATION_NONE);
  routes_free(table.routes);
}

static void a_slightly_cheaper_route_needs_a_second_beacon(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 5000);
  hear_route(&table, 3, 5, 4700);
  assert_int_equal(next_hop(&table, 9), 2);
  hear_route(&table, 3, 5, 5000); /* no longer cheaper */
  hear_route(&table, 3, 5, 4700);
  assert_int_equal(next_hop(&table, 9), 2);
  hear_route(&table, 3, 5, 4700);
  assert_int_equal(next_hop(&table, 9), 3);
  hear_route(&table, 2, 5, 4000); /* much cheaper */
  assert_int_equal(next_hop(&table, 9), 2);
  routes_free(table.routes);
}

static void what_is_no_better_than_the_best_told_is_not_feasible(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table); /* about 4000 */
  hear_route(&table, 3, 5, 6000);
  hear_lost(&table, 2);
  assert_int_equal(next_hop(&table, 9), STATION_NONE); /* the way of 3 may come back here */
  hear_route(&table, 3, 4, 1000);
  assert_int_equal(next_hop(&table, 9), STATION_NONE); /* older */
  hear_route(&table, 3, 6, 6000);
  assert_int_equal(next_hop(&table, 9), 3); /* newer */
  routes_free(table.routes);
}

static void numbers_go_round(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 250, 3000);
  tell_all(&table);
  hear_route(&table, 2, 3, 60000);
  assert_int_equal(next_hop(&table, 9), 2);
  tell_all(&table);
  hear_route(&table, 2, 250, 20);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_route_lost_with_another_in_sight_is_told_with_a_want(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  hear_route(&table, 3, 5, 6000);
  tell_all(&table);
  hear_lost(&table, 2);
  assert_true(routes_has_news(table.routes));
  const struct beacon_entry *entry = tell_of(&table, 9);
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
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  hear_lost(&table, 2);
  for (int i = 0; i < 3; i++) {
    const struct beacon_entry *entry = tell_of(&table, 9);
    assert_non_null(entry);
    assert_int_equal(entry->metric, METRIC_UNREACHABLE);
    assert_int_equal(entry->wants, BEACON_WANTS_NOTHING);
  }
  assert_null(tell_of(&table, 9));
  routes_free(table.routes);
}

static void only_much_changed_metrics_are_news(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  assert_true(routes_has_news(table.routes));
  tell_all(&table);
  hear_route(&table, 2, 6, 3800);
  assert_false(routes_has_news(table.routes));
  hear_route(&table, 2, 7, 4800);
  assert_true(routes_has_news(table.routes));
  tell_all(&table);
  link_to(&table, 2, 8000);
  assert_true(routes_has_news(table.routes));
  routes_free(table.routes);
}

static void routes_nobody_repeats_grow_old(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  table.now_ms += 6 * HOUR;
  assert_int_equal(next_hop(&table, 9), 2);
  table.now_ms += 2 * MINUTE;
  assert_int_equal(next_hop(&table, 9), STATION_NONE); /* before any tick, too */
  routes_tick(table.routes, table.now_ms);
  assert_int_equal(tell_of(&table, 9)->metric, METRIC_UNREACHABLE);
  routes_free(table.routes);
}

static void the_best_told_is_remembered_for_a_day(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  for (int64_t end = table.now_ms + 24 * HOUR; table.now_ms <= end; table.now_ms += 10 * MINUTE) {
    routes_tick(table.routes, table.now_ms);
    hear_route(&table, 2, 5, 8000);
    assert_int_equal(next_hop(&table, 9), STATION_NONE);
  }
  table.now_ms += 10 * MINUTE;
  routes_tick(table.routes, table.now_ms);
  hear_route(&table, 2, 5, 8000);
  assert_int_equal(next_hop(&table, 9), 2);
  routes_free(table.routes);
}

static void after_a_long_pause_nothing_is_believed(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  routes_tick(table.routes, table.now_ms);
  table.now_ms += INT64_C(65536) * MINUTE + HOUR; /* in 16 bits of minutes one hour */
  routes_tick(table.routes, table.now_ms);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  hear_route(&table, 2, 5, 3000);
  assert_int_equal(next_hop(&table, 9), 2); /* the link is still there */
  routes_free(table.routes);
}

static void a_neighbour_that_started_anew_has_told_nothing(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon started = {.started = 1};
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  assert_int_equal(routes_hear(table.routes, table.now_ms, 2, ++table.counter[2], &started), 0);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  assert_int_equal(next_hop(&table, 2), 2);
  routes_free(table.routes);
}

static void an_overtaken_beacon_changes_nothing(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  table.counter[2] = UINT16_MAX - 1; /* and the counter goes round */
  hear_route(&table, 2, 5, 3000);
  table.counter[2]++;
  hear_lost(&table, 2);
  table.counter[2] -= 2;
  hear_route(&table, 2, 5, 3000);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_want_is_told_three_times_and_then_after_a_pause(void **state)
{
  (void)state;
  struct table table = table_new();
  for (int64_t pause = 15 * MINUTE; pause <= 60 * MINUTE; pause *= 2) {
    for (int i = 0; i < 3; i++) {
      routes_want(table.routes, table.now_ms, 9);
      const struct beacon_entry *entry = tell_of(&table, 9);
      assert_non_null(entry);
      assert_int_equal(entry->wants, BEACON_WANTS_ANY);
      assert_int_equal(entry->has_route, 0);
    }
    table.now_ms += pause - MINUTE;
    routes_want(table.routes, table.now_ms, 9);
    assert_null(tell_of(&table, 9));
    assert_false(routes_has_news(table.routes));
    table.now_ms += MINUTE;
  }
  routes_free(table.routes);
}

static void with_a_route_nothing_is_wanted(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  routes_want(table.routes, table.now_ms, 9);
  routes_want(table.routes, table.now_ms, 1);
  routes_want(table.routes, table.now_ms, STATION_ALL);
  routes_want(table.routes, table.now_ms, UINT16_MAX);
  assert_false(routes_has_news(table.routes));
  routes_free(table.routes);
}

static void a_want_of_others_is_passed_on_once(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear(&table, 2, 0, NULL);
  tell_all(&table);
  hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  assert_true(routes_has_news(table.routes));
  const struct beacon_entry *entry = tell_of(&table, 9);
  assert_non_null(entry);
  assert_int_equal(entry->wants, BEACON_WANTS_NEWER);
  assert_int_equal(entry->want_seq, 40);
  hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  hear_want(&table, 3, 9, BEACON_WANTS_NEWER, 41);
  assert_false(routes_has_news(table.routes));
  assert_null(tell_of(&table, 9));
  table.now_ms += 15 * MINUTE;
  hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  assert_int_equal(tell_of(&table, 9)->want_seq, 41); /* the harder of the two */
  routes_free(table.routes);
}

static void the_answer_to_a_want_is_news(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 3000);
  tell_all(&table);
  hear_want(&table, 3, 9, BEACON_WANTS_ANY, 0); /* known */
  assert_true(routes_has_news(table.routes));
  assert_int_equal(tell_of(&table, 9)->seq, 5);
  tell_all(&table);
  hear_want(&table, 3, 9, BEACON_WANTS_NEWER, 5); /* not known yet */
  const struct beacon_entry *entry = tell_of(&table, 9);
  assert_int_equal(entry->wants, BEACON_WANTS_NEWER);
  assert_int_equal(entry->has_route, 1);
  tell_all(&table);
  hear_route(&table, 2, 6, 3000);
  assert_true(routes_has_news(table.routes));
  entry = tell_of(&table, 9);
  assert_int_equal(entry->seq, 6);
  assert_int_equal(entry->wants, BEACON_WANTS_NOTHING);
  routes_free(table.routes);
}

static void who_looks_for_a_station_has_no_route_to_it(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  hear_route(&table, 2, 5, 3000);
  hear_want(&table, 2, 9, BEACON_WANTS_ANY, 0);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_station_that_is_looked_for_beacons_under_a_newer_number(void **state)
{
  (void)state;
  struct table table = table_new();
  tell(&table);
  uint8_t seq = routes_seq(table.routes);
  table.now_ms += 15 * MINUTE;
  hear_want(&table, 2, 1, BEACON_WANTS_ANY, 0);
  assert_true(routes_has_news(table.routes));
  tell_all(&table);
  assert_int_equal(routes_seq(table.routes), seq);
  hear_want(&table, 2, 1, BEACON_WANTS_NEWER, seq + 7);
  assert_true(routes_has_news(table.routes));
  tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 8));
  hear_want(&table, 2, 1, BEACON_WANTS_NEWER, seq + 8);
  tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 8)); /* too soon */
  table.now_ms += 15 * MINUTE;
  tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 9));
  routes_free(table.routes);
}

static void a_station_takes_up_the_number_that_others_remember(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon_entry entry = {.station = 1, .has_route = 1, .seq = 100, .metric = 10};
  hear(&table, 2, 0, &entry);
  tell(&table);
  assert_int_equal(routes_seq(table.routes), 101);
  table.now_ms += 3 * HOUR;
  tell(&table);
  assert_int_equal(routes_seq(table.routes), 102); /* and a new one now and then */
  assert_int_equal(next_hop(&table, 1), STATION_NONE);
  routes_free(table.routes);
}

static void a_pick_fits_and_goes_round(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon beacon = {0};
  unsigned told[64] = {0};
  link_to(&table, 2, 1000);
  for (uint16_t station = 10; station < 60; station++)
    beacon.entry[beacon.entry_count++] =
        (struct beacon_entry){.station = station, .has_route = 1, .seq = 1, .metric = 40};
  assert_int_equal(routes_hear(table.routes, table.now_ms, 2, 1, &beacon), 0);
  for (int round = 0; round < 17; round++) { /* three of 27 bits each; one of them leaves room for an SNR */
    size_t bits = 0, count = routes_pick(table.routes, table.now_ms, table.entry, BEACON_ENTRIES_MAX, 90);
    for (size_t i = 0; i < count; i++) {
      bits += beacon_entry_bits(&table.entry[i]);
      told[table.entry[i].station]++;
    }
    assert_true(count > 0 && bits <= 90);
  }
  for (uint16_t station = 10; station < 60; station++)
    assert_int_equal(told[station], 1);
  assert_false(routes_has_news(table.routes));
  assert_int_equal(routes_pick(table.routes, table.now_ms, table.entry, 0, ALL_BITS), 0);
  assert_int_equal(routes_pick(table.routes, table.now_ms, table.entry, BEACON_ENTRIES_MAX, 5), 0);
  routes_free(table.routes);
}

static void news_are_told_before_the_rest(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  for (uint16_t station = 10; station < 40; station++) {
    struct beacon_entry entry = {.station = station, .has_route = 1, .seq = 1, .metric = 40};
    hear(&table, 2, 0, &entry);
  }
  tell_all(&table);
  struct beacon_entry changed = {.station = 25, .has_route = 1, .seq = 1, .metric = 100};
  hear(&table, 2, 0, &changed);
  assert_int_equal(routes_pick(table.routes, table.now_ms, table.entry, 1, ALL_BITS), 1);
  assert_int_equal(table.entry[0].station, 25);
  routes_free(table.routes);
}

/* So many stations behind neighbour 2. */
static void fill_large(struct table *table, uint16_t first, uint16_t count, uint32_t airtime_ms)
{
  for (uint16_t i = 0; i < count; i++) {
    struct beacon_entry entry = {
        .station = (uint16_t)(first + i), .has_route = 1, .seq = 1, .metric = metric_encode(airtime_ms)};
    hear(table, 2, 0, &entry);
  }
}

static unsigned count_tells(struct table *table, uint16_t first, uint16_t count, size_t picks)
{
  unsigned tells = 0;
  for (; picks > 0; picks--) {
    size_t picked = routes_pick(table->routes, table->now_ms, table->entry, 4, ALL_BITS);
    for (size_t i = 0; i < picked; i++)
      tells += table->entry[i].station >= first && table->entry[i].station < first + count;
  }
  return tells;
}

static void a_large_table_tells_near_stations_more_often(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  fill_large(&table, 100, 60, 2000);
  fill_large(&table, 300, 60, 50000);
  tell_all(&table);
  assert_in_range(count_tells(&table, 300, 60, 600), 1, 300); /* of 2,400; as many as near ones would be 1,200 */
  routes_free(table.routes);
}

static void what_is_in_use_is_told_more_often(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  fill_large(&table, 300, 120, 50000);
  tell_all(&table);
  routes_note_used(table.routes, table.now_ms, 333);
  assert_in_range(count_tells(&table, 333, 1, 100), 12, 400); /* one of 120 would be told three or four times */
  routes_free(table.routes);
}

static void far_routes_are_no_news_in_a_large_table(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  fill_large(&table, 100, 70, 2000);
  tell_all(&table);
  fill_large(&table, 400, 1, 50000);
  assert_false(routes_has_news(table.routes));
  fill_large(&table, 401, 1, 2000);
  assert_true(routes_has_news(table.routes));
  routes_free(table.routes);
}

static void a_want_is_passed_on_only_towards_what_it_looks_for(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  fill_large(&table, 100, 70, 6000);
  tell_all(&table);
  struct beacon_entry nearer = {.station = 110, .has_route = 1, .seq = 1, .metric = metric_encode(3000)};
  nearer.wants = BEACON_WANTS_NEWER;
  nearer.want_seq = 1;
  hear(&table, 3, 0, &nearer);
  assert_false(tell_of(&table, 110)->wants);
  struct beacon_entry farther = nearer;
  farther.station = 120;
  farther.metric = metric_encode(30000);
  hear(&table, 3, 0, &farther);
  assert_int_equal(tell_of(&table, 120)->wants, BEACON_WANTS_NEWER);
  routes_free(table.routes);
}

static void a_way_that_its_neighbour_refuses_is_lost(void **state)
{
  (void)state;
  struct table table = table_new();
  link_to(&table, 2, 1000);
  fill_large(&table, 9, 1, 2000);
  routes_lose(table.routes, table.now_ms, 9, 3); /* not its way */
  assert_int_equal(next_hop(&table, 9), 2);
  routes_lose(table.routes, table.now_ms, 9, 2);
  assert_int_equal(next_hop(&table, 9), STATION_NONE);
  routes_lose(table.routes, table.now_ms, 2, 2); /* it is there itself */
  assert_int_equal(next_hop(&table, 2), 2);
  routes_free(table.routes);
}

static void a_walk_shows_every_route_once(void **state)
{
  (void)state;
  struct table table = table_new();
  struct route_info info;
  size_t at = 0, count = 0;
  link_to(&table, 2, 1000);
  link_to(&table, 3, 1000);
  hear_route(&table, 2, 5, 3000);
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
    assert_int_equal(next_hop(&table, nobody[i]), STATION_NONE);
  }
  link_to(&table, 2, 1000);
  assert_int_equal(routes_hear(table.routes, table.now_ms, 2, 1, &beacon), 0);
  assert_int_equal(tell(&table), 1);
  routes_free(table.routes);
}

static void every_station_there_can_be_finds_room(void **state)
{
  (void)state;
  struct table table = table_new();
  unsigned known = 0;
  link_to(&table, 2, 1000);
  for (uint16_t station = 1; station <= STATION_MAX; station++) {
    struct beacon_entry entry = {.station = station, .has_route = 1, .seq = 1, .metric = 40};
    hear(&table, 2, 0, &entry);
    known += next_hop(&table, station) == 2;
  }
  assert_int_equal(known, STATION_MAX - 1 - 5); /* all but itself and the five numbers of nobody */
  table.now_ms += 4 * HOUR;
  routes_tick(table.routes, table.now_ms);
  link_to(&table, 2, UINT32_MAX);
  for (int i = 0; i < 100; i++)
    tell(&table);
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
    assert_int_equal(next_hop(&table, dest) == STATION_NONE,
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
      cmocka_unit_test(a_want_is_told_three_times_and_then_after_a_pause),
      cmocka_unit_test(with_a_route_nothing_is_wanted),
      cmocka_unit_test(a_want_of_others_is_passed_on_once),
      cmocka_unit_test(the_answer_to_a_want_is_news),
      cmocka_unit_test(who_looks_for_a_station_has_no_route_to_it),
      cmocka_unit_test(a_station_that_is_looked_for_beacons_under_a_newer_number),
      cmocka_unit_test(a_station_takes_up_the_number_that_others_remember),
      cmocka_unit_test(a_pick_fits_and_goes_round),
      cmocka_unit_test(news_are_told_before_the_rest),
      cmocka_unit_test(a_large_table_tells_near_stations_more_often),
      cmocka_unit_test(what_is_in_use_is_told_more_often),
      cmocka_unit_test(far_routes_are_no_news_in_a_large_table),
      cmocka_unit_test(a_want_is_passed_on_only_towards_what_it_looks_for),
      cmocka_unit_test(a_way_that_its_neighbour_refuses_is_lost),
      cmocka_unit_test(a_walk_shows_every_route_once),
      cmocka_unit_test(stations_that_cannot_be_are_ignored),
      cmocka_unit_test(every_station_there_can_be_finds_room),
      cmocka_unit_test(random_beacons_do_no_harm),
  };
  routes_free(NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
