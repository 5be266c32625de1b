/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenario files: what is right is taken, what is wrong is refused with file, line, value and remedy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

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
    {"[scenario]\nhours\n", "test.ini:2", "line", "KEY = VALUE"},
    {"[secnario]\nhours = 1\n", "test.ini:2", "\"secnario\"", "[scenario]"},
    {"[channel]\nmhz = 7\n", "test.ini:2", "\"channel\"", "give it a name"},
    {"[channel a]\nkind = uhf\n", "test.ini:2", "\"uhf\"", "hf or vhf"},
    {"[channel a]\nmodes = A, B\n", "test.ini:2", "\"A, B\"", "modes.ini"},
    {"[channel a]\nmhz = 1e9\n", "test.ini:2", "\"1e9\"", "1.6 to 512"},
    {"[channel a]\nhertz = 1\n", "test.ini:2", "hertz", "kind, mhz, power_w, modes"},
    {"[station 251]\nname = a\n", "test.ini:2", "\"station 251\"", "from 1 to 250 or 256 to 1279"},
    {"[station 1]\nrole = king\n", "test.ini:2", "\"king\"", "post, coordinator or relay"},
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

static void the_shipped_scenarios_are_whole(void **state)
{
  (void)state;
  struct scenario *scenario = malloc(sizeof *scenario);
  struct mode_table modes;
  char why[512];
  assert_int_equal(mode_table_read(&modes, SIM_FOLDER "/net/modes.ini", why, sizeof why), 0);
  assert_int_equal(scenario_read(scenario, &modes, SIM_FOLDER "/scenarios/haiti-day.ini", why, sizeof why), 0);
  assert_int_equal(scenario->station_count, 24);
  assert_int_equal(scenario->length_ms, 86400000);
  assert_int_equal(scenario_read(scenario, &modes, SIM_FOLDER "/scenarios/two-station.ini", why, sizeof why), 0);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_fault_is_told_with_line_value_and_remedy),
      cmocka_unit_test(a_line_that_is_too_long_is_not_cut_silently),
      cmocka_unit_test(a_whole_scenario_is_taken),
      cmocka_unit_test(the_shipped_scenarios_are_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
