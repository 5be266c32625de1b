/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status reports on the air: whole and difference come back, nonsense does not. */
#include <errno.h>
#include <string.h>

#include "protocol/wire/log8.h"
#include "protocol/wire/status.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define BASE_REF 0x123456

static int find_base(void *context, uint32_t ref, struct status_report *out)
{
  if (ref != BASE_REF || !context)
    return -ENOENT;
  *out = *(const struct status_report *)context;
  return 0;
}

static uint16_t random_code(uint64_t *random, const struct status_field_info *info)
{
  while (1) {
    uint32_t code = test_random_below(random, 1u << info->bits);
    int named = info->type != STATUS_TYPE_CHOICE || (code <= info->max_code && info->names[code]);
    if ((code <= info->max_code || (int)code == info->unknown_code) && named)
      return (uint16_t)code;
  }
}

/* Some field of some group changes a little, much, or not at all; groups come and go. */
static void disturb(uint64_t *random, struct status_report *report)
{
  char why[128];
  struct status_report next = *report;
  for (int g = 0; g < STATUS_GROUP_COUNT; g++)
    if (test_random_below(random, 8) == 0)
      next.groups ^= (uint16_t)(1 << g);
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (!(next.groups >> info->group & 1))
      next.value[i] = 0;
    else if (!(report->groups >> info->group & 1) || test_random_below(random, 4) == 0)
      next.value[i] = random_code(random, info);
    else if (test_random_below(random, 3) == 0 && next.value[i] < info->max_code)
      next.value[i] = (uint16_t)(next.value[i] + test_random_below(random, 2));
  }
  if (test_random_below(random, 5) == 0)
    next.state = (uint8_t)test_random_below(random, STATUS_STATE_COUNT);
  next.restriction = next.state == STATUS_STATE_RESTRICTED ? (uint8_t)test_random_below(random, 64) : 0;
  next.is_correction = test_random_below(random, 6) == 0;
  next.corrects = next.is_correction ? (uint16_t)test_random(random) : 0;
  memset(&next.text, 0, sizeof next.text);
  if (test_random_below(random, 6) == 0)
    assert_int_equal(text_set(&next.text, "Pluie", test_random_below(random, 6)), 0);
  if (!status_check(&next, why, sizeof why))
    *report = next;
}

static void random_reports_come_back_whole_and_as_a_difference(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_reports_come_back_whole_and_as_a_difference");
  struct status_report base, report, read;
  status_init(&base);
  for (int round = 0; round < 2000; round++) {
    uint8_t whole_buf[1024], delta_buf[1024];
    struct bit_writer whole, delta;
    struct bit_reader reader;
    report = base;
    disturb(&random, &report);
    bits_writer_init(&whole, whole_buf, sizeof whole_buf);
    bits_writer_init(&delta, delta_buf, sizeof delta_buf);
    status_encode(&report, &whole);
    status_encode_delta(&report, &base, BASE_REF, &delta);
    assert_true(delta.bits <= whole.bits);
    bits_reader_init(&reader, whole_buf, bits_put_len(&whole));
    assert_int_equal(status_decode(&read, &reader, NULL, NULL), 0);
    assert_int_equal(reader.bits, whole.bits);
    assert_memory_equal(&read, &report, sizeof read); /* bit for bit, absent fields too */
    bits_reader_init(&reader, delta_buf, bits_put_len(&delta));
    assert_int_equal(status_decode(&read, &reader, find_base, &base), 0);
    assert_int_equal(reader.bits, delta.bits);
    assert_memory_equal(&read, &report, sizeof read);
    base = report;
  }
}

static void nothing_changed_costs_29_bits(void **state)
{
  (void)state;
  struct status_report report;
  uint8_t buf[8];
  struct bit_writer writer;
  status_init(&report);
  assert_int_equal(status_field_parse(&report, STATUS_BATTERY, "24.2"), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  status_encode_delta(&report, &report, BASE_REF, &writer);
  assert_int_equal(writer.bits, 29);
}

static void a_difference_from_an_unknown_base_is_said_to_be_one(void **state)
{
  (void)state;
  struct status_report report, read = {.state = 5};
  uint8_t buf[8];
  struct bit_writer writer;
  struct bit_reader reader;
  status_init(&report);
  assert_int_equal(status_field_parse(&report, STATUS_BATTERY, "24.2"), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  status_encode_delta(&report, &report, BASE_REF, &writer);
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(status_decode(&read, &reader, find_base, NULL), -ENOENT);
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(status_decode(&read, &reader, NULL, NULL), -ENOENT);
  assert_int_equal(read.state, 5);
}

static void the_base_reference_names_content_and_counter(void **state)
{
  (void)state;
  struct status_report a, b;
  status_init(&a);
  status_init(&b);
  uint32_t ref = status_base_ref(&a, 7);
  assert_int_equal(status_base_ref(&b, 7), ref);
  assert_int_equal(status_base_ref(&b, 7 + 65536), ref);
  assert_int_not_equal(status_base_ref(&b, 8), ref);
  b.state = STATUS_STATE_OPEN;
  assert_int_not_equal(status_base_ref(&b, 7), ref);
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  uint64_t random = test_seed("every_truncation_is_refused");
  struct status_report base, report;
  status_init(&base);
  for (int round = 0; round < 2000; round++) {
    uint8_t buf[1024];
    struct bit_writer writer;
    report = base;
    disturb(&random, &report);
    bits_writer_init(&writer, buf, sizeof buf);
    status_encode_delta(&report, &base, BASE_REF, &writer);
    for (size_t len = 0; len < bits_put_len(&writer); len++) {
      struct status_report read = {.state = 77};
      struct bit_reader reader;
      bits_reader_init(&reader, buf, len);
      assert_int_equal(status_decode(&read, &reader, find_base, &base), -EBADMSG);
      assert_int_equal(read.state, 77);
    }
    base = report;
  }
}

static void random_bytes_are_refused_or_a_valid_report(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_are_refused_or_a_valid_report");
  struct status_report base;
  unsigned valid = 0;
  status_init(&base);
  for (int i = 0; i < 50; i++)
    disturb(&random, &base);
  for (int round = 0; round < 5000; round++) {
    uint8_t buf[40];
    char why[128];
    struct status_report read;
    struct bit_reader reader;
    size_t len = test_random_below(&random, sizeof buf + 1);
    for (size_t i = 0; i < len; i++)
      buf[i] = (uint8_t)test_random(&random);
    if (len > 3 && round % 2) {
      buf[0] = 0x80 | BASE_REF >> 17;
      buf[1] = (uint8_t)(BASE_REF >> 9);
      buf[2] = (uint8_t)(BASE_REF >> 1);
      buf[3] &= 0x7f;
    }
    bits_reader_init(&reader, buf, len);
    if (status_decode(&read, &reader, find_base, &base))
      continue;
    assert_int_equal(status_check(&read, why, sizeof why), 0);
    valid++;
  }
  assert_true(valid > 100);
}

static void a_step_out_of_the_field_is_refused(void **state)
{
  (void)state;
  struct status_report base, read;
  uint8_t buf[8];
  struct bit_writer writer;
  struct bit_reader reader;
  status_init(&base);
  base.groups = 1 << STATUS_GROUP_QUEUE; /* queue 0 */
  bits_writer_init(&writer, buf, sizeof buf);
  bits_put(&writer, 1, 1);
  bits_put(&writer, BASE_REF, STATUS_BASE_REF_BITS);
  bits_put(&writer, 0, 1);
  bits_put(&writer, 1, 1);
  bits_put(&writer, 1 << STATUS_GROUP_QUEUE, STATUS_GROUP_COUNT);
  bits_put(&writer, 1, 1); /* the group is still there */
  bits_put(&writer, 3, 2); /* its first field changed by a small step */
  bits_put(&writer, 3, 3); /* -1 */
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(status_decode(&read, &reader, find_base, &base), -EBADMSG);
}

static void contradictions_are_refused(void **state)
{
  (void)state;
  struct status_report report;
  char why[128];
  status_init(&report);
  report.restriction = 1;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  assert_non_null(strstr(why, "restriction"));
  status_init(&report);
  report.state = 7;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  status_init(&report);
  report.state = STATUS_STATE_EVACUATED;
  report.groups = 1 << STATUS_GROUP_TRAFFIC;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  status_init(&report);
  report.groups = 1 << STATUS_GROUP_COUNT;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  status_init(&report);
  report.groups = 1 << STATUS_GROUP_WEATHER;
  report.value[STATUS_ROAD] = 5; /* reserved */
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  report.value[STATUS_ROAD] = 7;
  report.value[STATUS_WIND] = 13;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
}

static void minors_are_at_most_the_persons_who_came(void **state)
{
  (void)state;
  struct status_report report;
  char why[128];
  status_init(&report);
  report.groups = 1 << STATUS_GROUP_TRAFFIC | 1 << STATUS_GROUP_PROTECTION;
  report.value[STATUS_MINORS] = 9;
  assert_int_equal(status_check(&report, why, sizeof why), -EINVAL);
  report.value[STATUS_RETURNED] = 9;
  assert_int_equal(status_check(&report, why, sizeof why), 0);
  report.value[STATUS_RETURNED] = 0;
  report.value[STATUS_PERSONS_IN] = LOG8_UNKNOWN;
  assert_int_equal(status_check(&report, why, sizeof why), 0);
  report.groups = 1 << STATUS_GROUP_PROTECTION; /* nothing to compare with */
  assert_int_equal(status_check(&report, why, sizeof why), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_reports_come_back_whole_and_as_a_difference),
      cmocka_unit_test(nothing_changed_costs_29_bits),
      cmocka_unit_test(a_difference_from_an_unknown_base_is_said_to_be_one),
      cmocka_unit_test(the_base_reference_names_content_and_counter),
      cmocka_unit_test(every_truncation_is_refused),
      cmocka_unit_test(random_bytes_are_refused_or_a_valid_report),
      cmocka_unit_test(a_step_out_of_the_field_is_refused),
      cmocka_unit_test(contradictions_are_refused),
      cmocka_unit_test(minors_are_at_most_the_persons_who_came),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
