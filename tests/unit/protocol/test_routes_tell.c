/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the routing table tells others: whom it looks for, and what goes into the next beacon. */
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/route_table.h"

static void a_want_is_told_three_times_and_then_after_a_pause(void **state)
{
  (void)state;
  struct table table = table_new();
  for (int64_t pause = 15 * MINUTE; pause <= 60 * MINUTE; pause *= 2) {
    for (int i = 0; i < 3; i++) {
      routes_want(table.routes, table.now_ms, 9);
      const struct beacon_entry *entry = table_tell_of(&table, 9);
      assert_non_null(entry);
      assert_int_equal(entry->wants, BEACON_WANTS_ANY);
      assert_int_equal(entry->has_route, 0);
    }
    table.now_ms += pause - MINUTE;
    routes_want(table.routes, table.now_ms, 9);
    assert_null(table_tell_of(&table, 9));
    assert_false(routes_has_news(table.routes));
    table.now_ms += MINUTE;
  }
  routes_free(table.routes);
}

static void with_a_route_nothing_is_wanted(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
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
  table_link(&table, 2, 1000);
  table_hear(&table, 2, 0, NULL);
  table_tell_all(&table);
  table_hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  assert_true(routes_has_news(table.routes));
  const struct beacon_entry *entry = table_tell_of(&table, 9);
  assert_non_null(entry);
  assert_int_equal(entry->wants, BEACON_WANTS_NEWER);
  assert_int_equal(entry->want_seq, 40);
  table_hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  table_hear_want(&table, 3, 9, BEACON_WANTS_NEWER, 41);
  assert_false(routes_has_news(table.routes));
  assert_null(table_tell_of(&table, 9));
  table.now_ms += 15 * MINUTE;
  table_hear_want(&table, 2, 9, BEACON_WANTS_NEWER, 40);
  assert_int_equal(table_tell_of(&table, 9)->want_seq, 41); /* the harder of the two */
  routes_free(table.routes);
}

static void the_answer_to_a_want_is_news(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_tell_all(&table);
  table_hear_want(&table, 3, 9, BEACON_WANTS_ANY, 0); /* known */
  assert_true(routes_has_news(table.routes));
  assert_int_equal(table_tell_of(&table, 9)->seq, 5);
  table_tell_all(&table);
  table_hear_want(&table, 3, 9, BEACON_WANTS_NEWER, 5); /* not known yet */
  const struct beacon_entry *entry = table_tell_of(&table, 9);
  assert_int_equal(entry->wants, BEACON_WANTS_NEWER);
  assert_int_equal(entry->has_route, 1);
  table_tell_all(&table);
  table_hear_route(&table, 2, 6, 3000);
  assert_true(routes_has_news(table.routes));
  entry = table_tell_of(&table, 9);
  assert_int_equal(entry->seq, 6);
  assert_int_equal(entry->wants, BEACON_WANTS_NOTHING);
  routes_free(table.routes);
}

static void who_looks_for_a_station_has_no_route_to_it(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_hear_route(&table, 2, 5, 3000);
  table_hear_want(&table, 2, 9, BEACON_WANTS_ANY, 0);
  assert_int_equal(table_next_hop(&table, 9), STATION_NONE);
  routes_free(table.routes);
}

static void a_station_that_is_looked_for_beacons_under_a_newer_number(void **state)
{
  (void)state;
  struct table table = table_new();
  table_tell(&table);
  uint8_t seq = routes_seq(table.routes);
  table.now_ms += 15 * MINUTE;
  table_hear_want(&table, 2, 1, BEACON_WANTS_ANY, 0);
  assert_true(routes_has_news(table.routes));
  table_tell_all(&table);
  assert_int_equal(routes_seq(table.routes), seq);
  table_hear_want(&table, 2, 1, BEACON_WANTS_NEWER, seq + 7);
  assert_true(routes_has_news(table.routes));
  table_tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 8));
  table_hear_want(&table, 2, 1, BEACON_WANTS_NEWER, seq + 8);
  table_tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 8)); /* too soon */
  table.now_ms += 15 * MINUTE;
  table_tell_all(&table);
  assert_int_equal(routes_seq(table.routes), (uint8_t)(seq + 9));
  routes_free(table.routes);
}

static void a_station_takes_up_the_number_that_others_remember(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon_entry entry = {.station = 1, .has_route = 1, .seq = 100, .metric = 10};
  table_hear(&table, 2, 0, &entry);
  table_tell(&table);
  assert_int_equal(routes_seq(table.routes), 101);
  table.now_ms += 3 * HOUR;
  table_tell(&table);
  assert_int_equal(routes_seq(table.routes), 102); /* and a new one now and then */
  assert_int_equal(table_next_hop(&table, 1), STATION_NONE);
  routes_free(table.routes);
}

static void a_pick_fits_and_goes_round(void **state)
{
  (void)state;
  struct table table = table_new();
  struct beacon beacon = {0};
  unsigned told[64] = {0};
  table_link(&table, 2, 1000);
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
  table_link(&table, 2, 1000);
  for (uint16_t station = 10; station < 40; station++) {
    struct beacon_entry entry = {.station = station, .has_route = 1, .seq = 1, .metric = 40};
    table_hear(&table, 2, 0, &entry);
  }
  table_tell_all(&table);
  struct beacon_entry changed = {.station = 25, .has_route = 1, .seq = 1, .metric = 100};
  table_hear(&table, 2, 0, &changed);
  assert_int_equal(routes_pick(table.routes, table.now_ms, table.entry, 1, ALL_BITS), 1);
  assert_int_equal(table.entry[0].station, 25);
  routes_free(table.routes);
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
  table_link(&table, 2, 1000);
  table_fill(&table, 100, 60, 2000);
  table_fill(&table, 300, 60, 50000);
  table_tell_all(&table);
  assert_in_range(count_tells(&table, 300, 60, 600), 1, 300); /* of 2,400; as many as near ones would be 1,200 */
  routes_free(table.routes);
}

static void what_is_in_use_is_told_more_often(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_fill(&table, 300, 120, 50000);
  table_tell_all(&table);
  routes_note_used(table.routes, table.now_ms, 333);
  assert_in_range(count_tells(&table, 333, 1, 100), 12, 400); /* one of 120 would be told three or four times */
  routes_free(table.routes);
}

static void far_routes_are_no_news_in_a_large_table(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_fill(&table, 100, 70, 2000);
  table_tell_all(&table);
  table_fill(&table, 400, 1, 50000);
  assert_false(routes_has_news(table.routes));
  table_fill(&table, 401, 1, 2000);
  assert_true(routes_has_news(table.routes));
  routes_free(table.routes);
}

static void a_want_is_passed_on_only_towards_what_it_looks_for(void **state)
{
  (void)state;
  struct table table = table_new();
  table_link(&table, 2, 1000);
  table_link(&table, 3, 1000);
  table_fill(&table, 100, 70, 6000);
  table_tell_all(&table);
  struct beacon_entry nearer = {.station = 110, .has_route = 1, .seq = 1, .metric = metric_encode(3000)};
  nearer.wants = BEACON_WANTS_NEWER;
  nearer.want_seq = 1;
  table_hear(&table, 3, 0, &nearer);
  assert_false(table_tell_of(&table, 110)->wants);
  struct beacon_entry farther = nearer;
  farther.station = 120;
  farther.metric = metric_encode(30000);
  table_hear(&table, 3, 0, &farther);
  assert_int_equal(table_tell_of(&table, 120)->wants, BEACON_WANTS_NEWER);
  routes_free(table.routes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
