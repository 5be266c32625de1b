/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alerts and receipts: what comes back, what is refused, and whom an area concerns. */
#include <errno.h>
#include <string.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/precedence.h"
#include "protocol/wire/receipt.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static const unsigned list_sizes[ALERT_LIST_COUNT] = {5, 5, 3, 12, 9, 5, 5, 5};

static void random_alert(uint64_t *random, struct alert *alert)
{
  static const uint16_t area_below[] = {250, 127, 1023, 1};
  alert_init(alert, test_random_below(random, ALERT_EVENT_COUNT));
  for (int list = 0; list < ALERT_LIST_COUNT; list++)
    if (test_random_below(random, 3) == 0)
      alert->code[list] = (uint8_t)test_random_below(random, list_sizes[list]);
  if (test_random_below(random, 3) == 0)
    alert->expiry = (uint8_t)test_random_below(random, 54);
  alert->area_kind = (uint8_t)test_random_below(random, 4);
  alert->area =
      (uint16_t)(alert->area_kind == ALERT_AREA_ALL ? 0
                                                    : 1 + test_random_below(random, area_below[alert->area_kind]));
  alert->onset = (uint8_t)(test_random_below(random, 3) ? 0 : test_random(random));
  if (alert->code[ALERT_LIST_MSG_TYPE]) {
    alert->ref_station = (uint16_t)(1 + test_random_below(random, 250));
    alert->ref_counter = (uint16_t)test_random(random);
  }
  if (test_random_below(random, 2))
    assert_int_equal(text_set(&alert->text, "Inondation", test_random_below(random, 11)), 0);
}

static void random_alerts_come_back_and_no_truncation_does(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_alerts_come_back_and_no_truncation_does");
  for (int round = 0; round < 5000; round++) {
    struct alert alert, read;
    uint8_t buf[64];
    char why[128];
    struct bit_writer writer;
    struct bit_reader reader;
    random_alert(&random, &alert);
    assert_int_equal(alert_check(&alert, why, sizeof why), 0);
    bits_writer_init(&writer, buf, sizeof buf);
    alert_encode(&alert, &writer);
    assert_false(writer.overflow);
    bits_reader_init(&reader, buf, bits_put_len(&writer));
    assert_int_equal(alert_decode(&read, &reader), 0);
    assert_int_equal(reader.bits, writer.bits);
    assert_memory_equal(&read, &alert, sizeof read);
    for (size_t len = 0; len < bits_put_len(&writer); len++) {
      struct alert none = {.event = 77};
      bits_reader_init(&reader, buf, len);
      assert_int_equal(alert_decode(&none, &reader), -EBADMSG);
      assert_int_equal(none.event, 77);
    }
  }
}

static void random_bytes_are_refused_or_a_valid_alert(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_are_refused_or_a_valid_alert");
  for (int round = 0; round < 5000; round++) {
    uint8_t buf[24];
    char why[128];
    struct alert alert;
    struct receipt receipt;
    struct bit_reader reader;
    size_t len = test_random_below(&random, sizeof buf + 1);
    for (size_t i = 0; i < len; i++)
      buf[i] = (uint8_t)test_random(&random);
    bits_reader_init(&reader, buf, len);
    if (!alert_decode(&alert, &reader))
      assert_int_equal(alert_check(&alert, why, sizeof why), 0);
    bits_reader_init(&reader, buf, len);
    if (!receipt_decode(&receipt, &reader))
      assert_non_null(receipt_step_name(receipt.step));
  }
}

static void expect_refused(const struct alert *alert, const char *word)
{
  char why[128] = "";
  assert_int_equal(alert_check(alert, why, sizeof why), -EINVAL);
  assert_non_null(strstr(why, word));
}

static void what_is_out_of_its_list_is_refused(void **state)
{
  (void)state;
  struct alert alert;
  for (int list = 0; list < ALERT_LIST_COUNT; list++) {
    alert_init(&alert, 12);
    alert.ref_station = 1;
    alert.code[list] = (uint8_t)list_sizes[list];
    expect_refused(&alert, "CAP");
    assert_null(alert_code_name(list, list_sizes[list]));
    assert_non_null(alert_code_name(list, list_sizes[list] - 1));
  }
  alert_init(&alert, 12);
  alert.event = ALERT_EVENT_COUNT;
  expect_refused(&alert, "event");
  alert_init(&alert, 12);
  alert.expiry = 54;
  expect_refused(&alert, "expiry");
  alert.expiry = 62;
  expect_refused(&alert, "expiry");
}

static void an_area_names_somebody(void **state)
{
  (void)state;
  static const struct {
    uint8_t kind;
    uint16_t area;
  } wrong[] = {{ALERT_AREA_STATION, 0},    {ALERT_AREA_STATION, 251},   {ALERT_AREA_SECTORS, 0},
               {ALERT_AREA_SECTORS, 0x80}, {ALERT_AREA_DEPARTMENTS, 0}, {ALERT_AREA_DEPARTMENTS, 0x400},
               {ALERT_AREA_ALL, 1},        {ALERT_AREA_ALL + 1, 0}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct alert alert;
    alert_init(&alert, 12);
    alert.area_kind = wrong[i].kind;
    alert.area = wrong[i].area;
    expect_refused(&alert, "area");
  }
}

static void an_update_names_what_it_updates(void **state)
{
  (void)state;
  for (unsigned type = 1; type < 5; type++) {
    struct alert alert;
    alert_init(&alert, 12);
    alert.code[ALERT_LIST_MSG_TYPE] = (uint8_t)type;
    expect_refused(&alert, "references");
    alert.ref_station = 251;
    expect_refused(&alert, "references");
  }
}

static void an_area_concerns_those_inside(void **state)
{
  (void)state;
  struct alert alert;
  alert_init(&alert, 12);
  assert_true(alert_concerns(&alert, 9, -1, -1));
  alert.area_kind = ALERT_AREA_STATION;
  alert.area = 9;
  assert_true(alert_concerns(&alert, 9, -1, -1));
  assert_false(alert_concerns(&alert, 8, 1, 1));
  alert.area_kind = ALERT_AREA_SECTORS;
  alert.area = 1 << 6;
  assert_true(alert_concerns(&alert, 9, 6, -1));
  assert_false(alert_concerns(&alert, 9, 5, 6));
  assert_false(alert_concerns(&alert, 9, -1, -1));
  alert.area_kind = ALERT_AREA_DEPARTMENTS;
  alert.area = 1 << 9;
  assert_true(alert_concerns(&alert, 9, -1, 9));
  assert_false(alert_concerns(&alert, 9, 9, -1));
}

static void expiry_codes_cover_hours_and_days(void **state)
{
  (void)state;
  assert_int_equal(alert_expiry_minutes(0), 60);
  assert_int_equal(alert_expiry_minutes(23), 24 * 60);
  assert_int_equal(alert_expiry_minutes(24), 2 * 24 * 60);
  assert_int_equal(alert_expiry_minutes(53), 31 * 24 * 60);
  assert_int_equal(alert_expiry_minutes(ALERT_EXPIRY_UNTIL_CANCELLED), UINT32_MAX);
}

/* Category, precedence and response as letters, from the domain guide's table of events. */
static void the_events_are_those_of_the_domain_guide(void **state)
{
  (void)state;
  static const char guide[ALERT_EVENT_COUNT][4] = {
      "Orm", "Rfx", "Sfv", "Rpm", "Rim", "Six", "Spx", "Six", "Srm", "Spm", "Srm", "Spp", "Mip", "Mie", "Giv", "Gis",
      "Gfe", "Him", "Hix", "Hrm", "Ffe", "Civ", "Tpv", "Rfx", "Tix", "Tix", "Tpc", "Ypp", "Ips", "Ipx", "Yrx", "Opn"};
  static const char category[] = "GMYSRFHETICO", precedence[] = "rpif", response[] = "hepxvmscn";
  for (unsigned event = 0; event < ALERT_EVENT_COUNT; event++) {
    const struct alert_event_info *info = alert_event_info(event);
    assert_int_equal(category[info->category], guide[event][0]);
    assert_int_equal(precedence[info->precedence], guide[event][1]);
    assert_int_equal(response[info->response], guide[event][2]);
    assert_int_equal(alert_event_find(info->name), event);
  }
  assert_null(alert_event_info(ALERT_EVENT_COUNT));
  assert_int_equal(alert_event_find("picnic"), -ENOENT);
}

static void names_are_found_in_either_case_or_not_at_all(void **state)
{
  (void)state;
  assert_int_equal(alert_code_find(ALERT_LIST_SEVERITY, "severe"), 1);
  assert_int_equal(alert_code_find(ALERT_LIST_SEVERITY, "sever"), -ENOENT);
  assert_int_equal(alert_code_find(ALERT_LIST_SEVERITY, ""), -ENOENT);
  assert_null(alert_sector_name(ALERT_SECTOR_COUNT));
  assert_null(alert_department_name(ALERT_DEPARTMENT_COUNT));
  assert_string_equal(alert_sector_name(0), "NE");
  assert_string_equal(alert_department_name(9), "Sud-Est");
  assert_int_equal(precedence_find("flash"), FLASH);
  assert_int_equal(precedence_find("FLASHY"), -ENOENT);
  assert_null(precedence_name(PRECEDENCE_COUNT));
}

static void a_receipt_comes_back_and_no_truncation_does(void **state)
{
  (void)state;
  for (uint8_t step = 0; step < RECEIPT_STEP_COUNT; step++) {
    struct receipt receipt = {.step = step, .officer = 63, .ref_counter = 0x12345}, read;
    uint8_t buf[32];
    struct bit_writer writer;
    struct bit_reader reader;
    assert_int_equal(text_set(&receipt.text, "Fait", step ? 4 : 0), 0);
    bits_writer_init(&writer, buf, sizeof buf);
    receipt_encode(&receipt, &writer);
    bits_reader_init(&reader, buf, bits_put_len(&writer));
    assert_int_equal(receipt_decode(&read, &reader), 0);
    assert_int_equal(read.ref_counter, 0x2345);
    assert_int_equal(read.step, step);
    assert_int_equal(read.text.len, receipt.text.len);
    for (size_t len = 0; len < bits_put_len(&writer); len++) {
      bits_reader_init(&reader, buf, len);
      assert_int_equal(receipt_decode(&read, &reader), -EBADMSG);
    }
  }
  assert_int_equal(receipt_step_find("acted"), RECEIPT_ACTED);
  assert_int_equal(receipt_step_find("ignored"), -ENOENT);
  assert_null(receipt_step_name(RECEIPT_STEP_COUNT));
}

static void a_reserved_step_is_refused(void **state)
{
  (void)state;
  for (unsigned step = RECEIPT_STEP_COUNT; step < 8; step++) {
    const uint8_t buf[8] = {(uint8_t)(step << 5)};
    struct receipt read = {.officer = 9};
    struct bit_reader reader;
    bits_reader_init(&reader, buf, sizeof buf);
    assert_int_equal(receipt_decode(&read, &reader), -EBADMSG);
    assert_int_equal(read.officer, 9);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_alerts_come_back_and_no_truncation_does),
      cmocka_unit_test(random_bytes_are_refused_or_a_valid_alert),
      cmocka_unit_test(what_is_out_of_its_list_is_refused),
      cmocka_unit_test(an_area_names_somebody),
      cmocka_unit_test(an_update_names_what_it_updates),
      cmocka_unit_test(an_area_concerns_those_inside),
      cmocka_unit_test(expiry_codes_cover_hours_and_days),
      cmocka_unit_test(the_events_are_those_of_the_domain_guide),
      cmocka_unit_test(names_are_found_in_either_case_or_not_at_all),
      cmocka_unit_test(a_receipt_comes_back_and_no_truncation_does),
      cmocka_unit_test(a_reserved_step_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
