/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beacon timer: when it fires, what holds it back, and that the budget is never exceeded. */
#include "protocol/route/trickle.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define START INT64_C(5000000)
#define BEACON_MS 100
#define HOUR_MS INT64_C(3600000)

/* Enough allowance that the budget does not matter unless a test is about it. */
static const struct trickle_config config = {
    .imin_ms = 1000, .imax_ms = 64000, .allowance_ms = 1000000, .share_permille = 20, .redundancy = 3};

static struct trickle trickle_new(void)
{
  struct trickle trickle;
  trickle_init(&trickle, &config, START, 0);
  return trickle;
}

/* Fires at the first moment that it can.  The beacon's time is set into its half of the interval by random. */
static int64_t fire(struct trickle *trickle, uint32_t random, enum trickle_verdict expected)
{
  int64_t due_ms = trickle_due_ms(trickle, BEACON_MS);
  assert_int_equal(trickle_fire(trickle, due_ms - 1, random, BEACON_MS), TRICKLE_WAIT);
  assert_int_equal(trickle_fire(trickle, due_ms, random, BEACON_MS), expected);
  return due_ms;
}

static void intervals_double_up_to_the_longest(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  int64_t begin_ms = START;
  for (uint32_t interval_ms = 1000; begin_ms < START + 600000;
       interval_ms = interval_ms < 64000 ? 2 * interval_ms : 64000) {
    assert_int_equal(trickle_due_ms(&trickle, BEACON_MS), begin_ms + interval_ms / 2);
    fire(&trickle, 0, TRICKLE_SEND);
    begin_ms += interval_ms;
  }
}

static void a_beacon_goes_at_random_in_the_second_half(void **state)
{
  (void)state;
  uint64_t random = test_seed("a_beacon_goes_at_random_in_the_second_half");
  int64_t earliest_ms = INT64_MAX, latest_ms = 0;
  for (int round = 0; round < 10000; round++) {
    struct trickle trickle;
    trickle_init(&trickle, &config, START, (uint32_t)test_random(&random));
    int64_t due_ms = trickle_due_ms(&trickle, BEACON_MS) - START;
    earliest_ms = due_ms < earliest_ms ? due_ms : earliest_ms;
    latest_ms = due_ms > latest_ms ? due_ms : latest_ms;
  }
  assert_int_equal(earliest_ms, 500);
  assert_int_equal(latest_ms, 999);
}

static void enough_consistent_beacons_suppress_ones_own_but_not_three_times(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  fire(&trickle, 0, TRICKLE_SEND);
  for (int round = 0; round < 9; round++) {
    int64_t now_ms = trickle_due_ms(&trickle, BEACON_MS);
    for (int i = 0; i < 300; i++)
      trickle_hear_consistent(&trickle, now_ms);
    fire(&trickle, 0, round % 3 == 2 ? TRICKLE_SEND : TRICKLE_SKIP);
  }
}

static void two_consistent_beacons_do_not_suppress(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  fire(&trickle, 0, TRICKLE_SEND);
  for (int round = 0; round < 5; round++) {
    trickle_hear_consistent(&trickle, trickle_due_ms(&trickle, BEACON_MS));
    trickle_hear_consistent(&trickle, trickle_due_ms(&trickle, BEACON_MS));
    fire(&trickle, 0, TRICKLE_SEND);
  }
}

static void what_is_heard_before_the_interval_does_not_count(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  int64_t now_ms = fire(&trickle, 0, TRICKLE_SEND); /* the next interval begins half a second later */
  for (int i = 0; i < 10; i++)
    trickle_hear_consistent(&trickle, now_ms + 499);
  fire(&trickle, 0, TRICKLE_SEND);
}

static void the_first_beacon_and_news_are_not_suppressed(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  for (int i = 0; i < 10; i++)
    trickle_hear_consistent(&trickle, START);
  int64_t now_ms = fire(&trickle, 0, TRICKLE_SEND) + 500;
  for (int i = 0; i < 10; i++)
    trickle_hear_consistent(&trickle, now_ms);
  trickle_reset(&trickle, now_ms, 0);
  for (int i = 0; i < 10; i++)
    trickle_hear_consistent(&trickle, now_ms);
  assert_int_equal(fire(&trickle, 0, TRICKLE_SEND), now_ms + 500);
}

static void news_shorten_the_interval_once(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  for (int i = 0; i < 8; i++)
    fire(&trickle, 0, TRICKLE_SEND);
  int64_t now_ms = START + 300000;
  trickle_reset(&trickle, now_ms, 7);
  assert_int_equal(trickle_due_ms(&trickle, BEACON_MS), now_ms + 507);
  trickle_reset(&trickle, now_ms + 400, 300); /* or somebody with a lot of news would never speak */
  assert_int_equal(trickle_due_ms(&trickle, BEACON_MS), now_ms + 507);
}

static void a_late_call_does_not_catch_up(void **state)
{
  (void)state;
  struct trickle trickle = trickle_new();
  assert_int_equal(trickle_fire(&trickle, START + HOUR_MS, 0, BEACON_MS), TRICKLE_SEND);
  assert_int_equal(trickle_due_ms(&trickle, BEACON_MS), START + HOUR_MS + 1000);
}

static void a_beacon_larger_than_the_allowance_goes_and_is_paid_for(void **state)
{
  (void)state;
  struct trickle_config small = config;
  struct trickle trickle;
  small.allowance_ms = 500;
  trickle_init(&trickle, &small, START, 0);
  trickle_set_stations(&trickle, START, 10);
  int64_t now_ms = trickle_due_ms(&trickle, 4000);
  assert_int_equal(now_ms, START + 500);
  assert_int_equal(trickle_fire(&trickle, now_ms, 0, 4000), TRICKLE_SEND);
  /* 4 s at 2 per mille, but for the 0.5 s that were there at the start */
  assert_int_equal(trickle_due_ms(&trickle, 4000), now_ms + 2000000);
  assert_int_equal(trickle_due_ms(&trickle, 100), now_ms + 1800000);
}

/* However often there is news, however many stations come and go. */
static void no_station_ever_exceeds_its_share(void **state)
{
  (void)state;
  uint64_t random = test_seed("no_station_ever_exceeds_its_share");
  for (int round = 0; round < 50; round++) {
    struct trickle_config harsh = {.imin_ms = 2 + test_random_below(&random, 1000),
                                   .imax_ms = 2000 + test_random_below(&random, 100000),
                                   .allowance_ms = test_random_below(&random, 5000),
                                   .share_permille = (uint16_t)(1 + test_random_below(&random, 100)),
                                   .redundancy = (uint8_t)test_random_below(&random, 4)};
    struct trickle trickle;
    unsigned stations = 1 + test_random_below(&random, 1000);
    int64_t now_ms = START;
    uint64_t spent_ms = 0, sent = 0;
    trickle_init(&trickle, &harsh, START, (uint32_t)test_random(&random));
    trickle_set_stations(&trickle, START, (uint16_t)stations);
    for (int i = 0; i < 5000; i++) {
      uint32_t airtime_ms = 1 + test_random_below(&random, 5000);
      int64_t due_ms = trickle_due_ms(&trickle, airtime_ms);
      now_ms = test_random_below(&random, 4) && due_ms > now_ms ? due_ms : now_ms + test_random_below(&random, 2000);
      if (test_random_below(&random, 2))
        trickle_reset(&trickle, now_ms, (uint32_t)test_random(&random));
      trickle_hear_consistent(&trickle, now_ms);
      trickle_set_stations(&trickle, now_ms, (uint16_t)(stations + test_random_below(&random, 2)));
      if (trickle_fire(&trickle, now_ms, (uint32_t)test_random(&random), airtime_ms) != TRICKLE_SEND)
        continue;
      sent++;
      spent_ms += airtime_ms;
      uint64_t earned_ms = (uint64_t)(now_ms - START) * harsh.share_permille / (1000 * stations);
      uint64_t debt_ms = airtime_ms > harsh.allowance_ms ? airtime_ms - harsh.allowance_ms : 0;
      assert_true(spent_ms <= harsh.allowance_ms + earned_ms + debt_ms + 1);
    }
    assert_true(sent > 50); /* and it is not silent either */
  }
}

static void the_usual_constants_let_routes_live(void **state)
{
  (void)state;
  /* The longest silence of a station that is suppressed whenever it may be: three intervals and a half. */
  assert_true(TRICKLE_IMAX_MS * INT64_C(7) / 2 < 3 * HOUR_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_double_up_to_the_longest),
      cmocka_unit_test(a_beacon_goes_at_random_in_the_second_half),
      cmocka_unit_test(enough_consistent_beacons_suppress_ones_own_but_not_three_times),
      cmocka_unit_test(two_consistent_beacons_do_not_suppress),
      cmocka_unit_test(what_is_heard_before_the_interval_does_not_count),
      cmocka_unit_test(the_first_beacon_and_news_are_not_suppressed),
      cmocka_unit_test(news_shorten_the_interval_once),
      cmocka_unit_test(a_late_call_does_not_catch_up),
      cmocka_unit_test(a_beacon_larger_than_the_allowance_goes_and_is_paid_for),
      cmocka_unit_test(no_station_ever_exceeds_its_share),
      cmocka_unit_test(the_usual_constants_let_routes_live),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
