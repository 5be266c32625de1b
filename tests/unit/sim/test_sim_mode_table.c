/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The measured modes: what the shipped table says, and what lies between its points. */
#include "sim/net/mode_table.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

static int is_near(double a, double b)
{
  return a > b - 1e-9 && a < b + 1e-9;
}

static void between_points_lies_a_straight_line(void **state)
{
  (void)state;
  const struct mode_curve *mode = &text_modes.mode[0];
  assert_true(is_near(mode_arrival(mode, -1.5, 1), 0));
  assert_true(is_near(mode_arrival(mode, -0.5, 1), 0.5));
  assert_true(is_near(mode_arrival(mode, -0.5, 3), 0.125));
  assert_true(is_near(mode_arrival(mode, 0, 1), 1));
  assert_true(is_near(mode_arrival(mode, 30, 8), 1));
}

static void the_shipped_table_has_whole_modes_that_rise(void **state)
{
  (void)state;
  struct mode_table table;
  char why[256];
  assert_int_equal(mode_table_read(&table, SIM_FOLDER "/net/modes.ini", why, sizeof why), 0);
  assert_non_null(mode_table_find(&table, "DATAC0"));
  assert_non_null(mode_table_find(&table, "DATAC3"));
  assert_null(mode_table_find(&table, "DATAC"));
  for (size_t i = 0; i < table.count; i++) {
    const struct mode_curve *mode = &table.mode[i];
    assert_true(mode->link.fixed && mode->link.max_bytes >= mode->link.unit_bytes);
    assert_true(mode->point[0].arrival < 0.5);
    assert_true(mode->point[mode->point_count - 1].arrival >= 0.98);
  }
}

static void a_table_that_is_not_there_is_named(void **state)
{
  (void)state;
  struct mode_table table;
  char why[256];
  assert_int_equal(mode_table_read(&table, "nowhere.ini", why, sizeof why), -ENOENT);
  assert_string_equal(why, "nowhere.ini: cannot be opened: No such file or directory");
}

static void each_fault_of_a_table_is_told_with_its_line(void **state)
{
  (void)state;
  static const char *const faults[][2] = {
      {"[mode A]\nunit_bytes = 0\n", ":2: unit_bytes = \"0\": write a number from 1 to 1024"},
      {"[mode A]\narrival = 0:0 -1:1\n", ":2: arrival = \"0:0 -1:1\": write at most 24 pairs"},
      {"[mode A]\narrival = 0:2\n", ":2: arrival = \"0:2\": write at most 24 pairs"},
      {"[mode A]\nspeed = 2\n", ":2: speed = \"2\": no such key"},
      {"[mode A]\nunit_us = 2\n", "mode = \"A\": is not whole"},
      {"[mood A]\nunit_us = 2\n", ":2: section = \"mood A\": write [mode NAME]"},
  };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct mode_table table;
    char path[TEXT_PATH_MAX], why[256] = "";
    text_file_make(path, faults[i][0]);
    int err = mode_table_read(&table, path, why, sizeof why);
    text_file_remove(path);
    if (err != -EINVAL || !strstr(why, faults[i][1]))
      fail_msg("case %zu: %d, %s", i, err, why);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(between_points_lies_a_straight_line),
      cmocka_unit_test(the_shipped_table_has_whole_modes_that_rise),
      cmocka_unit_test(a_table_that_is_not_there_is_named),
      cmocka_unit_test(each_fault_of_a_table_is_told_with_its_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
