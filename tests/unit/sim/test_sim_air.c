/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bursts arrive: half duplex, collisions, capture, chance. */
#include "sim/net/air.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

static const uint8_t bytes[14];

static struct scenario *scenario;
static struct air air;

static void begin(const char *links)
{
  char text[2048];
  snprintf(text, sizeof text, "%s%s", TEXT_STATIONS, links);
  scenario = scenario_text(text);
  air_init(&air, scenario, 1);
}

static void end(void)
{
  air_wipe(&air);
  free(scenario);
}

static struct air_burst *say(uint16_t from, int64_t begin_ms)
{
  struct air_burst *burst = air_begin(&air, begin_ms, begin_ms + 660, from, 0, 0, bytes, sizeof bytes);
  assert_non_null(burst);
  return burst;
}

#define LOUD "[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 20\n[link 1 3]\nsnr = 20\n"

static void a_lone_burst_reaches_all_who_hear_it(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = 20\n[link 1 3]\nsnr = -99\n");
  struct air_burst *burst = say(1, 0);
  assert_int_equal(air_arrives(&air, burst, 2), 1);
  assert_int_equal(air_arrives(&air, burst, 3), 0);
  assert_true(air_is_sensed(burst, 2) && !air_is_sensed(burst, 3));
  assert_int_equal(air.collisions, 0);
  end();
}

static void who_sends_hears_nothing(void **state)
{
  (void)state;
  begin(LOUD);
  struct air_burst *burst = say(1, 0);
  say(2, 650);
  assert_int_equal(air_arrives(&air, burst, 2), 0);
  assert_int_equal(air.collisions, 1);
  end();
}

static void who_has_ended_before_hears_again(void **state)
{
  (void)state;
  begin(LOUD);
  say(2, 0);
  assert_int_equal(air_arrives(&air, say(1, 660), 2), 1);
  end();
}

static void two_that_overlap_are_both_lost(void **state)
{
  (void)state;
  begin(LOUD);
  struct air_burst *one = say(1, 0), *other = say(3, 600);
  assert_int_equal(air_arrives(&air, one, 2), 0);
  assert_int_equal(air_arrives(&air, other, 2), 0);
  assert_int_equal(air.collisions, 2);
  end();
}

static void the_stronger_by_six_decibels_is_read(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 13.9\n[link 1 3]\nsnr = 20\n");
  struct air_burst *strong = say(1, 0), *weak = say(3, 300);
  assert_int_equal(air_arrives(&air, strong, 2), 1);
  assert_int_equal(air_arrives(&air, weak, 2), 0);
  end();
  begin("[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 14.1\n[link 1 3]\nsnr = 20\n");
  strong = say(1, 0);
  say(3, 300);
  assert_int_equal(air_arrives(&air, strong, 2), 0);
  end();
}

static void a_burst_that_breaks_off_reaches_nobody(void **state)
{
  (void)state;
  begin(LOUD);
  struct air_burst *burst = say(1, 0);
  burst->is_cut = 1;
  assert_int_equal(air_arrives(&air, burst, 2), 0);
  end();
}

static void weak_bursts_arrive_as_often_as_the_table_says(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = -0.5\n");
  int arrived = 0;
  for (int i = 0; i < 1000; i++)
    arrived += air_arrives(&air, say(1, i * 1000), 2);
  assert_in_range(arrived, 440, 560);
  end();
}

static void old_bursts_are_forgotten(void **state)
{
  (void)state;
  begin(LOUD);
  uint32_t first = say(1, 0)->number;
  for (int i = 1; i < 1000; i++)
    say(1, i * 1000);
  assert_null(air_find(&air, first));
  assert_non_null(air_find(&air, first + 999));
  assert_true(air.count < 70);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_lone_burst_reaches_all_who_hear_it),
      cmocka_unit_test(who_sends_hears_nothing),
      cmocka_unit_test(who_has_ended_before_hears_again),
      cmocka_unit_test(two_that_overlap_are_both_lost),
      cmocka_unit_test(the_stronger_by_six_decibels_is_read),
      cmocka_unit_test(a_burst_that_breaks_off_reaches_nobody),
      cmocka_unit_test(weak_bursts_arrive_as_often_as_the_table_says),
      cmocka_unit_test(old_bursts_are_forgotten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
