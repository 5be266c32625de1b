/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenario files: what is right is taken, what is wrong is refused with file, line, value and remedy. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

#define JAMMER "[jammer j]\nkind = noise\nchannel = air\n"
#define PLACE "latitude = 18\nlongitude = -72\n"

/* TEXT_STATIONS has 16 lines, so the section that a case adds begins in line 17. */
static const struct {
  const char *text, *where, *value, *remedy;
} faults[] = {
    {"hours = x\n", "test.ini:1", "\"\"", "write [scenario]"},
    {"[scenario]\nhours = x\n", "test.ini:2", "hours = \"x\"", "number from 0.01 to 8784"},
    {"[scenario]\nhours = nan\n", "test.ini:2", "\"nan\"", "number"},
    {"[scenario]\n\n# a comment\nhuors = 3\n", "test.ini:4", "huors", "[scenario] has name, hours"},
    {"[scenario]\nmonth = 13\n", "test.ini:2", "\"13\"", "1 to 12"},
    {"[scenario]\nbeacon = 5\n", "test.ini:2", "\"5\"", "90s, 15m"},
    {"[scenario]\nbeacon = 5x\n", "test.ini:2", "\"5x\"", "90s, 15m"},
    {"[scenario]\nname = a\"b\n", "test.ini:2", "a\"b", "without quotes"},
    {"[scenario]\nname = a\tb\n", "test.ini:2", "a\tb", "control characters"},
    {"[scenario]\nname =\n", "test.ini:2", "\"\"", "1 to 47 bytes"},
    {"[scenario]\nhours\n", "test.ini:2", "line", "KEY = VALUE"},
    {"[secnario]\nhours = 1\n", "test.ini:2", "\"secnario\"", "[scenario]"},
    {"[channel]\nmhz = 7\n", "test.ini:2", "\"channel\"", "give it a name"},
    {"[channel a]\nkind = uhf\n", "test.ini:2", "\"uhf\"", "hf or vhf"},
    {"[channel a]\nmodes = A, B\n", "test.ini:2", "\"A, B\"", "modes.ini"},
    {"[channel a]\nmhz = 1e9\n", "test.ini:2", "\"1e9\"", "1.6 to 512"},
    {"[channel a]\nhertz = 1\n", "test.ini:2", "hertz", "kind, mhz, power_w, modes"},
    {"[station 251]\nname = a\n", "test.ini:2", "\"station 251\"", "from 1 to 250 or from 256 to 1279"},
    {"[station 1280]\nname = a\n", "test.ini:2", "\"station 1280\"", "1279"},
    {"[station 65537]\nname = a\n", "test.ini:2", "\"station 65537\"", "1279"},
    {"[channel a\"b]\nkind = hf\n", "test.ini:2", "channel a\"b", "without quotes"},
    {"[station 1]\nrole = king\n", "test.ini:2", "\"king\"", "post, coordinator, relay or mobile"},
    {"[station 1]\nlatitude = 91\n", "test.ini:2", "\"91\"", "-90 to 90"},
    {"[station 1]\nchannels = air\n", "test.ini:2", "\"air\"", "[channel NAME]"},
    {"[station 1]\nclock = -x\n", "test.ini:2", "clock", "90s, 15m"},
    {TEXT_STATIONS "[traffic t]\nkind = song\n", "test.ini:18", "\"song\"", "status, alert or text"},
    {TEXT_STATIONS "[traffic t]\nfrom = 4\n", "test.ini:18", "\"4\"", "stations that stand above"},
    {TEXT_STATIONS "[traffic t]\nprecedence = HIGH\n", "test.ini:18", "\"HIGH\"", "FLASH"},
    {TEXT_STATIONS "[traffic t]\nevery = 10ms\n", "test.ini:18", "\"10ms\"", "90s, 15m"},
    {TEXT_STATIONS "[traffic t]\nevery = 0s\n", "test.ini:18", "\"0s\"", "at least 1s"},
    {TEXT_STATIONS "[traffic t]\nfrom = 1\n", "test.ini:18", "\"t\"", "kind and from"},
    {TEXT_STATIONS "[traffic t]\nfrom = 1\nkind = text\nevery = 1h\n", "test.ini:18", "\"t\"", "give it to"},
    {TEXT_STATIONS "[traffic t]\nfrom = 1\nkind = text\nto = 2\n", "test.ini:18", "\"t\"", "either every or at"},
    {TEXT_STATIONS "[outage o]\nstations = 9\n", "test.ini:18", "\"9\"", "stations that stand above"},
    {TEXT_STATIONS "[outage o]\nstations = 1\nfrom = 2m\nto = 1m\n", "test.ini:18", "\"o\"", "comes after from"},
    {TEXT_STATIONS "[link 1 1]\nsnr = 3\n", "test.ini:18", "\"link 1 1\"", "two stations"},
    {TEXT_STATIONS "[link 1 4]\nsnr = 3\n", "test.ini:18", "\"link 1 4\"", "two stations"},
    {TEXT_STATIONS "[link 1 2]\nsnr = loud\n", "test.ini:18", "\"loud\"", "-99 to 60"},
    {TEXT_STATIONS "[link 1 2]\nsrn = 3\n", "test.ini:18", "srn", "a link has snr"},
    {TEXT_STATIONS "[link 1 2 sea]\nsnr = 3\n", "test.ini:18", "\"link 1 2 sea\"", "a channel"},
    {TEXT_STATIONS "[link 1 2]\nsnr = 3\n[link 2 1]\nsnr = 4\n", "test.ini:20", "\"1 2\"", "stands twice"},
    {TEXT_STATIONS "[station 4]\nroute = 1h north 3\n", "test.ini:18", "1h north 3", "TIME LATITUDE LONGITUDE"},
    {TEXT_STATIONS "[station 4]\nroute = 1h 9 5m\n", "test.ini:18", "1h 9 5m", "a station that stands above"},
    {TEXT_STATIONS "[station 4]\nroute = 1h 1 5m, 30m 2 5m\n", "test.ini:18", "30m 2 5m", "by rising time"},
    {TEXT_STATIONS "[station 4]\nroute = 1h 1 5m 7\n", "test.ini:18", "1h 1 5m 7", "TIME STATION DWELL"},
    {TEXT_STATIONS "[station 4]\nroute = 1h 1 5m\nrepeat = 1h\n", "test.ini:18", "Station 4", "before it repeats"},
    {TEXT_STATIONS "repeat = 1h\n", "test.ini:15", "Station 3", "give it a route"},
    {TEXT_STATIONS "coordinator = 9\n", "test.ini:15", "Station 3", "the number of a station"},
    {TEXT_STATIONS "drift_ppm = fast\n", "test.ini:17", "\"fast\"", "-10000 to 10000"},
    {TEXT_STATIONS "noise_db = -1\n", "test.ini:17", "\"-1\"", "0 to 60"},
    {TEXT_STATIONS "power_w = 0\n", "test.ini:17", "\"0\"", "0.1 to 10000"},
    {TEXT_STATIONS "[jammer j]\nkind = tank\n", "test.ini:18", "\"tank\"", "noise, replay, garbage, flip or stolen"},
    {TEXT_STATIONS "[jammer j]\nchannel = sea\n", "test.ini:18", "\"sea\"", "[channel NAME]"},
    {TEXT_STATIONS "[jammer j]\nevery = 0s\n", "test.ini:18", "\"0s\"", "at least 1s"},
    {TEXT_STATIONS "[jammer j]\nstation = 4\n", "test.ini:18", "\"4\"", "a station that stands above"},
    {TEXT_STATIONS "[jammer j]\nvolume = 4\n", "test.ini:18", "volume", "a jammer has kind, channel"},
    {TEXT_STATIONS "[jammer j]\nkind = noise\n", "test.ini:18", "\"j\"", "give it kind and channel"},
    {TEXT_STATIONS JAMMER "latitude = 1\n", "test.ini:18", "\"j\"", "latitude and longitude"},
    {TEXT_STATIONS JAMMER PLACE "from = 2h\n", "test.ini:18", "\"j\"", "comes after from"},
    {TEXT_STATIONS JAMMER PLACE "on = 2s\n", "test.ini:18", "\"j\"", "both on and off"},
    {TEXT_STATIONS JAMMER PLACE "station = 1\n", "test.ini:18", "\"j\"", "the kind stolen, and only it"},
    {TEXT_STATIONS "[station 4]\nlatitude = 1\n", "test.ini:18", "\"Station 4\"", "latitude and longitude"},
    {TEXT_STATIONS "[channel b]\nmhz = 7\n", "test.ini:18", "\"b\"", "kind, mhz and modes"},
    {"", "test.ini:1", "unnamed", "hours"},
};

static void each_fault_is_told_with_line_value_and_remedy(void **state)
{
  (void)state;
  struct scenario *scenario = malloc(sizeof *scenario);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    char why[512] = "";
    int err = scenario_text_try(scenario, faults[i].text, why, sizeof why);
    if (err != -EINVAL || !strstr(why, faults[i].where) || !strstr(why, faults[i].value) ||
        !strstr(why, faults[i].remedy))
      fail_msg("case %zu: %d, %s", i, err, why);
  }
  free(scenario);
}

static void a_line_that_is_too_long_is_not_cut_silently(void **state)
{
  (void)state;
  struct scenario *scenario = malloc(sizeof *scenario);
  char text[5000] = "[scenario]\nname = ", why[6000];
  memset(text + strlen(text), 'x', 4000);
  strcat(text, "\n");
  assert_int_equal(scenario_text_try(scenario, text, why, sizeof why), -EINVAL);
  assert_non_null(strstr(why, "test.ini:2"));
  free(scenario);
}

static void a_whole_scenario_is_taken(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "clock = -1h30m\nheight_m = 30\n"
                                  "[traffic t]\nkind = alert\nfrom = post\nto = all\nprecedence = flash\n"
                                  "at = 1m, 90s,\n 2h\nspread = 10s\ncount = 2\n"
                                  "[outage o]\nstations = coordinator, 3\nfrom = 10m\nto = 20m\n"
                                  "[link 2 1]\nsnr = -3.5\n");
  const struct scenario_traffic *traffic = &scenario->traffic[0];
  assert_int_equal(scenario->station_count, 3);
  assert_int_equal(scenario->station[3].clock_ms, -5400000);
  assert_int_equal(scenario->station[1].role, STATION_ROLE_COORDINATOR);
  assert_true(!traffic->from.has[1] && traffic->from.has[2] && traffic->from.has[3]);
  assert_true(traffic->to_all && traffic->precedence == FLASH && traffic->kind == MESSAGE_ALERT);
  assert_int_equal(traffic->at_count, 3);
  assert_int_equal(traffic->at_ms[1], 90000);
  assert_int_equal(traffic->at_ms[2], 7200000);
  assert_true(scenario_has_power(scenario, 1, 599999) && !scenario_has_power(scenario, 1, 600000));
  assert_true(!scenario_has_power(scenario, 3, 1199999) && scenario_has_power(scenario, 3, 1200000));
  assert_true(scenario_has_power(scenario, 2, 700000));
  assert_true(scenario->link[0].snr_db < -3.4 && scenario->link[0].snr_db > -3.6);
  free(scenario);
}

static void numbers_above_a_byte_are_stations(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "[station 256]\nlatitude = 18\nlongitude = -72\ncoordinator = 1279\n"
                                  "[station 1279]\nlatitude = 18\nlongitude = -72\nclock = none\ndrift_ppm = -20\n"
                                  "[traffic t]\nkind = text\nfrom = 256\nto = own\nat = 5m\n");
  assert_int_equal(scenario->station_count, 5);
  assert_int_equal(scenario->station[256].coordinator, 1279);
  assert_true(scenario->station[1279].has_no_clock && scenario->traffic[0].to_own);
  free(scenario);
}

static void a_jammer_has_a_place_and_a_time(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS JAMMER PLACE "from = 10m\nto = 20m\non = 5s\noff = 10s\n");
  const struct scenario_jammer *jammer = &scenario->jammer[0];
  const int64_t begin_ms = 600000;
  assert_int_equal(scenario->station_count, 3);
  assert_true(scenario_has_channel(scenario, scenario_jammer_place(0), 0));
  assert_true(!scenario_jammer_is_active(jammer, begin_ms - 1) && scenario_jammer_is_active(jammer, begin_ms));
  assert_true(scenario_noise_is_on(jammer, begin_ms - 1000, begin_ms + 1));
  assert_false(scenario_noise_is_on(jammer, begin_ms - 1000, begin_ms));
  assert_true(scenario_noise_is_on(jammer, begin_ms + 4999, begin_ms + 6000));
  assert_false(scenario_noise_is_on(jammer, begin_ms + 5000, begin_ms + 15000));
  assert_true(scenario_noise_is_on(jammer, begin_ms + 5000, begin_ms + 15001));
  assert_false(scenario_noise_is_on(jammer, 2 * begin_ms, 3 * begin_ms));
  free(scenario);
}

static void the_shipped_scenarios_are_whole(void **state)
{
  (void)state;
  struct scenario *scenario = malloc(sizeof *scenario);
  struct mode_table modes;
  char why[512];
  assert_int_equal(mode_table_read(&modes, SIM_FOLDER "/net/modes.ini", why, sizeof why), 0);
  static const struct {
    const char *name;
    unsigned stations, hours;
  } shipped[] = {{"two-station", 3, 3},   {"haiti-day", 32, 24}, {"hurricane", 32, 72}, {"border-incident", 32, 6},
                 {"mesh-1000", 1000, 24}, {"mule", 6, 48},       {"jammer", 10, 12}};
  for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
    char path[256];
    snprintf(path, sizeof path, "%s/scenarios/%s.ini", SIM_FOLDER, shipped[i].name);
    int err = scenario_read(scenario, &modes, path, why, sizeof why);
    if (shipped[i].stations > DIRECTORY_MAX_STATIONS) {
      assert_int_equal(err, -EINVAL);
      assert_non_null(strstr(why, "a network has at most"));
      continue;
    }
    if (err)
      fail_msg("%s", why);
    assert_string_equal(scenario->name, shipped[i].name);
    assert_int_equal(scenario->station_count, shipped[i].stations);
    assert_int_equal(scenario->length_ms, shipped[i].hours * INT64_C(3600000));
  }
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_fault_is_told_with_line_value_and_remedy),
      cmocka_unit_test(a_line_that_is_too_long_is_not_cut_silently),
      cmocka_unit_test(a_whole_scenario_is_taken),
      cmocka_unit_test(numbers_above_a_byte_are_stations),
      cmocka_unit_test(a_jammer_has_a_place_and_a_time),
      cmocka_unit_test(the_shipped_scenarios_are_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
