/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bursts arrive: half duplex, collisions, capture, chance. */
#include "sim/net/air.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

static const uint8_t bytes[14];

static struct scenario *scenario;
static struct links *links;
static struct air air;

static void begin(const char *sections)
{
  char text[2048];
  snprintf(text, sizeof text, "%s%s", TEXT_STATIONS, sections);
  scenario = scenario_text(text);
  links = links_new(scenario, 1);
  assert_non_null(links);
  air_init(&air, links, 1);
}

static void end(void)
{
  air_wipe(&air);
  links_free(links);
  free(scenario);
}

static struct air_burst *say(uint16_t from, int64_t begin_ms)
{
  struct air_burst like = {.from = from, .begin_ms = begin_ms, .end_ms = begin_ms + 660, .len = sizeof bytes};
  struct air_burst *burst = air_begin(&air, &like, bytes);
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
  assert_int_equal(burst->listener_count, 1);
  assert_true(burst->listener[0].place == 2 && air_is_sensed(&burst->listener[0]));
  assert_true(air_snr_db(burst, 3) <= PROPAGATION_NONE_DB);
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

#define NOISE                                                                                                        \
  "[jammer n]\nkind = noise\nchannel = air\nlatitude = 18.61\nlongitude = -72.3\npower_w = 1500\nfrom = 10m\nto = "  \
  "20m\n"

/* How many of 100 bursts from 1 arrive at 2 from a time on. */
static int arrivals(int64_t from_ms)
{
  int arrived = 0;
  for (int i = 0; i < 100; i++)
    arrived += air_arrives(&air, say(1, from_ms + i * 1000), 2);
  return arrived;
}

static void noise_of_a_jammer_drowns_what_is_weaker(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = 2\n" NOISE);
  assert_int_equal(arrivals(0), 100);
  assert_int_equal(arrivals(600000), 0);
  assert_int_equal(arrivals(1200000), 100);
  end();
}

static void noise_of_a_jammer_does_not_drown_what_is_stronger(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = 60\n" NOISE);
  assert_int_equal(arrivals(600000), 100);
  end();
}

static void noise_of_a_jammer_stays_on_its_channel(void **state)
{
  (void)state;
  begin("[channel sea]\nmhz = 7\nmodes = A\n[link 1 2]\nsnr = 2\n[jammer n]\nkind = noise\nchannel = sea\n"
        "latitude = 18.61\nlongitude = -72.3\npower_w = 1500\n");
  assert_int_equal(arrivals(600000), 100);
  end();
}

static void a_jammer_in_turns_leaves_pauses(void **state)
{
  (void)state;
  begin("[link 1 2]\nsnr = 2\n" NOISE "on = 30s\noff = 20s\n");
  assert_int_equal(arrivals(600000), 40);
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
      cmocka_unit_test(noise_of_a_jammer_drowns_what_is_weaker),
      cmocka_unit_test(noise_of_a_jammer_does_not_drown_what_is_stronger),
      cmocka_unit_test(noise_of_a_jammer_stays_on_its_channel),
      cmocka_unit_test(a_jammer_in_turns_leaves_pauses),
      cmocka_unit_test(old_bursts_are_forgotten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
