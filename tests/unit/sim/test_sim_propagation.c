/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who hears whom: the horizon, the hour, the season, and what a scenario sets by hand. */
#include "sim/net/propagation.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

#define HOUR_MS INT64_C(3600000)

/* Two stations 100 km apart with three HF channels and one of VHF, and one 5 km from the first. */
#define CHANNELS                                                                                                     \
  "[scenario]\nhours = 24\nmonth = 6\nhour = 0\n[channel low]\nmhz = 4.4\nmodes = A\n[channel mid]\nmhz = 7.1\n"     \
  "modes = A\n[channel vhf]\nkind = vhf\nmhz = 155\nmodes = A\n"                                                     \
  "[station 1]\nlatitude = 18.5\nlongitude = -72.3\nheight_m = 15\n"                                                 \
  "[station 2]\nlatitude = 19.4\nlongitude = -72.3\nheight_m = 15\nchannels = low, mid, vhf\n"                       \
  "[station 3]\nlatitude = 18.545\nlongitude = -72.3\nheight_m = 15\n"                                               \
  "[station 4]\nlatitude = 18.5\nlongitude = -72.4\nchannels = low\n"

/* Over several seeds, so that fading does not matter. */
static double mean_snr(const struct scenario *scenario, unsigned channel, uint16_t a, uint16_t b, int64_t at_ms)
{
  double sum = 0;
  for (uint64_t seed = 1; seed <= 100; seed++)
    sum += propagation_snr_db(scenario, seed, channel, a, b, at_ms) / 100;
  return sum;
}

static void distances_are_those_of_the_globe(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  double km = propagation_distance_km(position_at(scenario, 1, 0), position_at(scenario, 2, 0));
  assert_true(fabs(km - 100.08) < 0.1);
  free(scenario);
}

static void vhf_ends_at_the_horizon(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  assert_true(propagation_snr_db(scenario, 1, 2, 1, 3, 0) > 20);
  assert_true(propagation_snr_db(scenario, 1, 2, 1, 2, 0) <= PROPAGATION_NONE_DB);
  scenario->station[1].height_m = scenario->station[2].height_m = 500;
  assert_true(propagation_snr_db(scenario, 1, 2, 1, 2, 0) > 10);
  free(scenario);
}

static void the_low_channel_is_for_the_night_and_the_high_one_for_the_day(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  assert_true(mean_snr(scenario, 0, 1, 2, 2 * HOUR_MS) > mean_snr(scenario, 1, 1, 2, 2 * HOUR_MS) + 6);
  assert_true(mean_snr(scenario, 1, 1, 2, 12 * HOUR_MS) > mean_snr(scenario, 0, 1, 2, 12 * HOUR_MS) + 6);
  free(scenario);
}

static void the_winter_sun_absorbs_less(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  double summer = mean_snr(scenario, 0, 1, 2, 12 * HOUR_MS);
  scenario->month = 12;
  assert_true(mean_snr(scenario, 0, 1, 2, 12 * HOUR_MS) > summer + 1);
  free(scenario);
}

static void fading_is_slow_and_the_same_both_ways(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  double lowest = 99, highest = -99;
  for (int64_t at = 0; at < 2 * HOUR_MS; at += 60000) {
    double snr_db = propagation_snr_db(scenario, 1, 0, 1, 2, at);
    assert_true(fabs(snr_db - propagation_snr_db(scenario, 1, 0, 2, 1, at)) < 1e-9);
    assert_true(fabs(snr_db - propagation_snr_db(scenario, 1, 0, 1, 2, at + 1000)) < 0.5);
    lowest = fmin(lowest, snr_db);
    highest = fmax(highest, snr_db);
  }
  assert_true(highest - lowest > 4);
  free(scenario);
}

static void a_link_overrides_the_formula(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS "[link 2 1]\nsnr = 7.5\n");
  for (unsigned channel = 0; channel < 3; channel++)
    assert_true(fabs(propagation_snr_db(scenario, 1, channel, 1, 2, 0) - 7.5) < 1e-9);
  free(scenario);
}

static void without_a_radio_on_the_channel_nothing_is_heard(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS "[link 1 4]\nsnr = 20\n");
  assert_true(propagation_snr_db(scenario, 1, 0, 1, 4, 0) > 19);
  assert_true(propagation_snr_db(scenario, 1, 1, 1, 4, 0) <= PROPAGATION_NONE_DB);
  free(scenario);
}

/* Station 5 waits at 1, drives to a place 100 km north and back, once in four hours. */
#define DRIVE                                                                                                        \
  "[station 5]\nrole = mobile\nheight_m = 15\nroute = 30m 1 30m, 2h 19.4 -72.3\nrepeat = 4h\nchannels = vhf\n"

static int is_at(const struct scenario *scenario, int64_t at_ms, double latitude)
{
  return fabs(position_at(scenario, 5, at_ms).latitude - latitude) < 1e-6;
}

static void who_travels_is_between_its_stops(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS DRIVE);
  assert_true(is_at(scenario, 0, 18.5) && is_at(scenario, HOUR_MS / 2, 18.5) && is_at(scenario, HOUR_MS, 18.5));
  assert_true(is_at(scenario, HOUR_MS * 3 / 2, 18.95) && is_at(scenario, 2 * HOUR_MS, 19.4));
  assert_true(is_at(scenario, 3 * HOUR_MS, 18.95));
  assert_true(is_at(scenario, 5 * HOUR_MS, 18.5) && is_at(scenario, 6 * HOUR_MS, 19.4));
  scenario->station[5].repeat_ms = 0;
  assert_true(is_at(scenario, 3 * HOUR_MS, 19.4));
  free(scenario);
}

static void who_travels_is_heard_where_it_passes(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS DRIVE);
  assert_true(propagation_snr_db(scenario, 1, 2, 5, 1, HOUR_MS) > 20);
  assert_true(propagation_snr_db(scenario, 1, 2, 5, 1, 2 * HOUR_MS) <= PROPAGATION_NONE_DB);
  assert_true(propagation_snr_db(scenario, 1, 2, 5, 2, 2 * HOUR_MS) > 20);
  free(scenario);
}

static void power_and_noise_make_a_link_one_sided(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS);
  double there = propagation_snr_db(scenario, 1, 1, 1, 2, 0);
  scenario->station[2].power_w = 200;
  scenario->station[1].noise_db = 3;
  assert_true(fabs(propagation_snr_db(scenario, 1, 1, 1, 2, 0) - there) < 1e-9);
  assert_true(fabs(propagation_snr_db(scenario, 1, 1, 2, 1, 0) - there - 7) < 1e-9);
  free(scenario);
}

static void a_link_of_one_channel_goes_before_one_of_all(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(CHANNELS "[link 2 1]\nsnr = 7.5\n[link 1 2 mid]\nsnr = -99\n");
  assert_true(fabs(propagation_snr_db(scenario, 1, 0, 1, 2, 0) - 7.5) < 1e-9);
  assert_true(propagation_snr_db(scenario, 1, 1, 1, 2, 0) <= PROPAGATION_NONE_DB);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_are_those_of_the_globe),
      cmocka_unit_test(vhf_ends_at_the_horizon),
      cmocka_unit_test(the_low_channel_is_for_the_night_and_the_high_one_for_the_day),
      cmocka_unit_test(the_winter_sun_absorbs_less),
      cmocka_unit_test(fading_is_slow_and_the_same_both_ways),
      cmocka_unit_test(a_link_overrides_the_formula),
      cmocka_unit_test(who_travels_is_between_its_stops),
      cmocka_unit_test(who_travels_is_heard_where_it_passes),
      cmocka_unit_test(power_and_noise_make_a_link_one_sided),
      cmocka_unit_test(a_link_of_one_channel_goes_before_one_of_all),
      cmocka_unit_test(without_a_radio_on_the_channel_nothing_is_heard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
