/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a report as people write and read them, and that none of the domain guide is missing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/wire/status.h"
#include "tests/unit/protocol/cmocka_all.h"

/* Fields 7 to 35 of the domain guide with their widths, in its order. */
static const struct {
  const char *name;
  unsigned bits;
} guide[] = {{"power_source", 3},
             {"battery", 8},
             {"fuel", 6},
             {"comms", 5},
             {"staff", 6},
             {"staff_expected", 6},
             {"vehicles_usable", 4},
             {"boats_usable", 2},
             {"persons_in", 8},
             {"persons_out", 8},
             {"vehicles", 8},
             {"queue", 8},
             {"wait", 6},
             {"returned", 8},
             {"refused", 6},
             {"detained", 6},
             {"minors", 6},
             {"infirm", 5},
             {"medical", 5},
             {"cholera", 5},
             {"deaths", 4},
             {"incidents", 4},
             {"gravest", 5},
             {"needs", 12},
             {"needs_urgency", 2},
             {"weather", 4},
             {"wind", 4},
             {"sea", 4},
             {"road", 3}};

static void the_table_covers_the_domain_guide(void **state)
{
  (void)state;
  assert_int_equal(sizeof guide / sizeof *guide, STATUS_FIELD_COUNT);
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    assert_string_equal(info->name, guide[i].name);
    assert_int_equal(info->bits, guide[i].bits);
    assert_int_equal(status_field_find(guide[i].name), i);
    assert_true(info->max_code < 1 << info->bits);
    assert_true(info->unknown_code < 1 << info->bits);
  }
  assert_int_equal(status_field_find("batteries"), -ENOENT);
}

static void every_value_reads_back_as_it_is_shown(void **state)
{
  (void)state;
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    for (unsigned code = 0; code < 1u << info->bits; code++) {
      struct status_report report;
      char text[200], *shown = text;
      if (code > info->max_code && (int)code != info->unknown_code)
        continue;
      if (info->type == STATUS_TYPE_CHOICE && !info->names[code])
        continue;
      status_init(&report);
      status_field_format(i, (uint16_t)code, text, sizeof text);
      if (!strncmp(shown, "≈", strlen("≈")))
        shown += strlen("≈");
      size_t len = strlen(shown);
      if (len > 0 && shown[len - 1] == '+')
        shown[len - 1] = 0;
      assert_int_equal(status_field_parse(&report, i, shown), 0);
      assert_int_equal(report.value[i], code);
      assert_int_equal(report.groups, 1 << info->group);
    }
  }
}

static void expect_parse(enum status_field field, const char *text, int result)
{
  struct status_report report, before;
  status_init(&report);
  before = report;
  int err = status_field_parse(&report, field, text);
  if (result < 0) {
    assert_int_equal(err, result);
    assert_memory_equal(&report, &before, sizeof report);
    return;
  }
  assert_int_equal(err, 0);
  assert_int_equal(report.value[field], result);
}

static void what_people_write_is_understood(void **state)
{
  (void)state;
  expect_parse(STATUS_BATTERY, "24.1", 121); /* nearest step, upwards on a tie */
  expect_parse(STATUS_BATTERY, "24,1", 121);
  expect_parse(STATUS_BATTERY, "24", 120);
  expect_parse(STATUS_BATTERY, "0", 0);
  expect_parse(STATUS_BATTERY, "UNKNOWN", 255);
  expect_parse(STATUS_FUEL, "2.5", 5);
  expect_parse(STATUS_WAIT, "310", 62);
  expect_parse(STATUS_STAFF, "62", 62);
  expect_parse(STATUS_STAFF, "900", 63); /* more */
  expect_parse(STATUS_PERSONS_IN, "4672", 254);
  expect_parse(STATUS_POWER_SOURCE, "Generator", 2);
  expect_parse(STATUS_NEEDS, "water,fuel", 5);
  expect_parse(STATUS_NEEDS, "none", 0);
  expect_parse(STATUS_ROAD, "unknown", 7);
}

static void what_is_no_value_is_refused_and_changes_nothing(void **state)
{
  (void)state;
  expect_parse(STATUS_BATTERY, "", -EINVAL);
  expect_parse(STATUS_BATTERY, "full", -EINVAL);
  expect_parse(STATUS_BATTERY, "24V", -EINVAL);
  expect_parse(STATUS_BATTERY, ".5", -EINVAL);
  expect_parse(STATUS_BATTERY, "1e1", -EINVAL);
  expect_parse(STATUS_BATTERY, "-1", -ERANGE);
  expect_parse(STATUS_BATTERY, "51", -ERANGE);
  expect_parse(STATUS_BATTERY, "99999999999999999999", -ERANGE);
  expect_parse(STATUS_STAFF, "2.5", -EINVAL); /* people are whole */
  expect_parse(STATUS_STAFF, "unknown", -EINVAL);
  expect_parse(STATUS_PERSONS_IN, "2.5", -EINVAL);
  expect_parse(STATUS_PERSONS_IN, "6000", -ERANGE);
  expect_parse(STATUS_BOATS_USABLE, "4", -ERANGE);
  expect_parse(STATUS_POWER_SOURCE, "nuclear", -EINVAL);
  expect_parse(STATUS_POWER_SOURCE, "", -EINVAL);
  expect_parse(STATUS_NEEDS, "water,", -EINVAL);
  expect_parse(STATUS_NEEDS, "water;fuel", -EINVAL);
  expect_parse(STATUS_WIND, "13", -ERANGE);
}

static void a_first_value_leaves_the_others_of_its_group_unknown_or_zero(void **state)
{
  (void)state;
  struct status_report report;
  status_init(&report);
  assert_int_equal(status_field_parse(&report, STATUS_POWER_SOURCE, "solar"), 0);
  assert_int_equal(report.value[STATUS_BATTERY], 255);
  assert_int_equal(report.value[STATUS_FUEL], 63);
  assert_int_equal(status_field_parse(&report, STATUS_BATTERY, "12"), 0);
  assert_int_equal(report.value[STATUS_POWER_SOURCE], 3);
}

static void a_value_is_cut_to_the_buffer(void **state)
{
  (void)state;
  char text[16];
  for (size_t size = 1; size <= sizeof text; size++) {
    memset(text, 'x', sizeof text);
    size_t len = status_field_format(STATUS_NEEDS, 0xfff, text, size);
    assert_true(len < size);
    assert_int_equal(strlen(text), len);
    assert_true(size == sizeof text || text[size] == 'x');
    len = status_field_format(STATUS_PERSONS_IN, 200, text, size);
    assert_true(len < size);
    assert_int_equal(strlen(text), len);
  }
}

static void names_of_what_does_not_exist_are_null(void **state)
{
  (void)state;
  assert_null(status_state_name(STATUS_STATE_COUNT));
  assert_null(status_restriction_name(6));
  assert_int_equal(status_state_find("open"), STATUS_STATE_OPEN);
  assert_int_equal(status_state_find("ajar"), -ENOENT);
  assert_int_equal(status_state_find(""), -ENOENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_table_covers_the_domain_guide),
      cmocka_unit_test(every_value_reads_back_as_it_is_shown),
      cmocka_unit_test(what_people_write_is_understood),
      cmocka_unit_test(what_is_no_value_is_refused_and_changes_nothing),
      cmocka_unit_test(a_first_value_leaves_the_others_of_its_group_unknown_or_zero),
      cmocka_unit_test(a_value_is_cut_to_the_buffer),
      cmocka_unit_test(names_of_what_does_not_exist_are_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
