/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What physics allows: hand to hand, at different times, through stations that may be dark in between. */
#include "sim/net/reach.h"

#include <stdlib.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

#define MINUTE_MS INT64_C(60000)
#define CHAIN "[link 1 2]\nsnr = 10\n[link 2 3]\nsnr = 10\n[link 1 3]\nsnr = -99\n"

static int allows_until(const char *text, uint16_t from, uint16_t to, int64_t filed_ms, int64_t expires_ms)
{
  struct scenario *scenario = scenario_text(text);
  struct links *links = links_new(scenario, 1);
  struct reach *reach = reach_new(links);
  assert_non_null(reach);
  int allows = reach_allows(reach, from, to, filed_ms, expires_ms);
  reach_free(reach);
  links_free(links);
  free(scenario);
  return allows;
}

static int allows(const char *text, uint16_t from, uint16_t to, int64_t filed_ms)
{
  return allows_until(text, from, to, filed_ms, INT64_MAX);
}

static void a_relay_joins_two_that_do_not_hear_each_other(void **state)
{
  (void)state;
  assert_true(allows(TEXT_STATIONS CHAIN, 1, 3, 0));
  assert_false(allows(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[link 2 3]\nsnr = -99\n[link 1 3]\nsnr = -99\n", 1, 3, 0));
}

static void a_relay_keeps_what_it_holds_while_it_is_dark(void **state)
{
  (void)state;
  const char *text = TEXT_STATIONS CHAIN "[outage far]\nstations = 3\nfrom = 0s\nto = 35m\n"
                                         "[outage relay]\nstations = 2\nfrom = 15m\nto = 35m\n"
                                         "[outage near]\nstations = 1\nfrom = 15m\nto = 1h\n";
  assert_true(allows(text, 1, 3, 5 * MINUTE_MS));
}

static void time_does_not_run_backwards(void **state)
{
  (void)state;
  /* 2 and 3 meet before 1 and 2 do. */
  const char *text = TEXT_STATIONS CHAIN "[outage late]\nstations = 1\nfrom = 0s\nto = 35m\n"
                                         "[outage early]\nstations = 3\nfrom = 25m\nto = 1h\n";
  assert_true(allows(text, 3, 1, 0));
  assert_false(allows(text, 1, 3, 0));
}

static void a_contact_before_the_filing_is_of_no_use(void **state)
{
  (void)state;
  const char *text = TEXT_STATIONS CHAIN "[outage o]\nstations = 3\nfrom = 25m\nto = 1h\n";
  assert_true(allows(text, 1, 3, 20 * MINUTE_MS));
  assert_false(allows(text, 1, 3, 20 * MINUTE_MS + 1));
}

static void there_must_be_a_step_left_before_expiry_and_end(void **state)
{
  (void)state;
  assert_true(allows_until(TEXT_STATIONS CHAIN, 1, 3, 0, 10 * MINUTE_MS));
  assert_false(allows_until(TEXT_STATIONS CHAIN, 1, 3, 0, 10 * MINUTE_MS - 1));
  assert_true(allows(TEXT_STATIONS CHAIN, 1, 3, 50 * MINUTE_MS));
  assert_false(allows(TEXT_STATIONS CHAIN, 1, 3, 50 * MINUTE_MS + 1));
}

static void one_who_cannot_answer_is_no_contact(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS);
  struct links *links;
  scenario->station[1].noise_db = 20; /* it notices others, but reads nobody */
  links = links_new(scenario, 1);
  assert_non_null(links_find(links, 0, 2, 1));
  struct reach *reach = reach_new(links);
  assert_false(reach_allows(reach, 1, 2, 0, INT64_MAX));
  assert_true(reach_allows(reach, 3, 2, 0, INT64_MAX));
  reach_free(reach);
  links_free(links);
  free(scenario);
}

static void a_vehicle_carries_between_places_without_radio_path(void **state)
{
  (void)state;
#define VEHICLE                                                                                                      \
  "[scenario]\nhours = 3\n[channel air]\nkind = vhf\nmhz = 155\nmodes = A\n"                                         \
  "[station 1]\nlatitude = 18\nlongitude = -72\n[station 2]\nlatitude = 19\nlongitude = -72\n"                       \
  "[station 3]\nrole = mobile\nroute = 0s 1 20m, 1h 2 20m\n"
  assert_true(allows(VEHICLE, 1, 2, 10 * MINUTE_MS));
  assert_false(allows(VEHICLE, 2, 1, 10 * MINUTE_MS));
  assert_true(allows(VEHICLE "repeat = 1h30m\n", 2, 1, 10 * MINUTE_MS));
}

static void noise_breaks_a_contact(void **state)
{
  (void)state;
#define WEAK "[link 1 2]\nsnr = 2\n[link 2 3]\nsnr = 2\n[link 1 3]\nsnr = -99\n"
#define NOISE "[jammer j]\nkind = noise\nchannel = air\nlatitude = 18.6\nlongitude = -72.31\npower_w = 1500\n"
  assert_false(allows(TEXT_STATIONS WEAK NOISE, 1, 3, 0));
  assert_true(allows(TEXT_STATIONS WEAK NOISE "to = 30m\n", 1, 3, 0));
}

static void one_search_serves_all_recipients(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS CHAIN);
  struct links *links = links_new(scenario, 1);
  struct reach *reach = reach_new(links);
  for (int round = 0; round < 3; round++) {
    assert_true(reach_allows(reach, 1, 2, round * 1000, INT64_MAX));
    assert_true(reach_allows(reach, 3, 1, round * 1000, INT64_MAX));
    assert_true(reach_allows(reach, 3, 1, 30 * MINUTE_MS, INT64_MAX));
    assert_false(reach_allows(reach, 3, 1, 55 * MINUTE_MS, INT64_MAX));
  }
  reach_free(reach);
  links_free(links);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_relay_joins_two_that_do_not_hear_each_other),
      cmocka_unit_test(a_relay_keeps_what_it_holds_while_it_is_dark),
      cmocka_unit_test(time_does_not_run_backwards),
      cmocka_unit_test(a_contact_before_the_filing_is_of_no_use),
      cmocka_unit_test(there_must_be_a_step_left_before_expiry_and_end),
      cmocka_unit_test(one_who_cannot_answer_is_no_contact),
      cmocka_unit_test(a_vehicle_carries_between_places_without_radio_path),
      cmocka_unit_test(noise_breaks_a_contact),
      cmocka_unit_test(one_search_serves_all_recipients),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
