/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs status reports: whole, or as the difference from one that the receiver is known to hold. */
#include "protocol/wire/status.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "protocol/wire/log8.h"

#define STATE_BITS 3
#define RESTRICTION_BITS 6
#define SMALL_STEP_BITS 3      /* -4..-1, 1..4 */
#define SMALL_STEP_MIN_WIDTH 5 /* a narrower field is cheaper written out */
#define STATUS_ENCODED_MAX (40 + TEXT_MAX_BYTES)

void status_init(struct status_report *report)
{
  memset(report, 0, sizeof *report);
}

static int has_group(const struct status_report *report, enum status_group group)
{
  return report->groups >> group & 1;
}

static int refuse(char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return -EINVAL;
}

static int code_is_valid(const struct status_field_info *info, uint16_t code)
{
  if (info->type == STATUS_TYPE_CHOICE && code <= info->max_code)
    return info->names[code] != NULL;
  return code <= info->max_code || code == info->unknown_code;
}

/* Largest number of persons that a count code may stand for. */
static uint32_t at_most(const struct status_report *report, enum status_field field)
{
  uint16_t code = report->value[field];
  if (code == LOG8_UNKNOWN)
    return UINT32_MAX / 4;
  uint32_t count = log8_decode((uint8_t)code);
  return log8_is_exact((uint8_t)code) ? count : count * 21 / 20; /* the code is within 5 % */
}

static int check_minors(const struct status_report *report, char *why, size_t why_len)
{
  if (!has_group(report, STATUS_GROUP_PROTECTION) || !has_group(report, STATUS_GROUP_TRAFFIC))
    return 0;
  uint32_t persons = at_most(report, STATUS_RETURNED) + at_most(report, STATUS_PERSONS_IN);
  if (report->value[STATUS_MINORS] > persons)
    return refuse(why, why_len, "minors: more than returned and persons_in together; correct one of the three");
  return 0;
}

int status_check(const struct status_report *report, char *why, size_t why_len)
{
  if (report->state >= STATUS_STATE_COUNT)
    return refuse(why, why_len, "state: no such state");
  if (report->restriction >> RESTRICTION_BITS)
    return refuse(why, why_len, "restriction: no such restriction");
  if (report->restriction && report->state != STATUS_STATE_RESTRICTED)
    return refuse(why, why_len, "restriction: given although the state is not restricted; set state restricted");
  if (report->groups >> STATUS_GROUP_COUNT)
    return refuse(why, why_len, "groups: no such group");
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (has_group(report, info->group) && !code_is_valid(info, report->value[i])) {
      snprintf(why, why_len, "%s: code %u is not in use", info->name, report->value[i]);
      return -EINVAL;
    }
  }
  if (report->state == STATUS_STATE_EVACUATED && has_group(report, STATUS_GROUP_TRAFFIC))
    return refuse(why, why_len,
                  "persons_in, persons_out, vehicles: an evacuated post counts no traffic; leave them out");
  if (report->text.len > TEXT_MAX_BYTES || text_count_chars(report->text.bytes, report->text.len) > TEXT_MAX_CHARS ||
      text_count_chars(report->text.bytes, report->text.len) < 0)
    return refuse(why, why_len, "text: at most 200 characters of UTF-8");
  return check_minors(report, why, why_len);
}

int status_equal(const struct status_report *a, const struct status_report *b)
{
  if (a->state != b->state || a->restriction != b->restriction || a->groups != b->groups ||
      a->is_correction != b->is_correction || (a->is_correction && a->corrects != b->corrects) ||
      a->text.len != b->text.len || memcmp(a->text.bytes, b->text.bytes, a->text.len))
    return 0;
  for (int i = 0; i < STATUS_FIELD_COUNT; i++)
    if (has_group(a, status_field_info(i)->group) && a->value[i] != b->value[i])
      return 0;
  return 1;
}

uint32_t status_base_ref(const struct status_report *report, uint32_t counter)
{
  uint8_t buf[STATUS_ENCODED_MAX + 2], digest[crypto_generichash_BYTES];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  status_encode(report, &writer);
  bits_put_align(&writer);
  bits_put(&writer, counter & 0xffff, 16);
  assert(!writer.overflow);
  crypto_generichash(digest, sizeof digest, buf, bits_put_len(&writer), NULL, 0);
  return (uint32_t)digest[0] << 16 | (uint32_t)digest[1] << 8 | digest[2];
}

/* What both forms end with: correction and text. */
static void put_tail(const struct status_report *report, struct bit_writer *out)
{
  bits_put(out, report->is_correction, 1);
  if (report->is_correction)
    bits_put(out, report->corrects, 16);
  bits_put(out, report->text.len > 0, 1);
  if (report->text.len)
    text_encode(&report->text, out);
}

static void put_state(const struct status_report *report, struct bit_writer *out)
{
  bits_put(out, report->state, STATE_BITS);
  if (report->state == STATUS_STATE_RESTRICTED)
    bits_put(out, report->restriction, RESTRICTION_BITS);
}

void status_encode(const struct status_report *report, struct bit_writer *out)
{
  bits_put(out, 0, 1); /* whole */
  put_state(report, out);
  bits_put(out, report->groups, STATUS_GROUP_COUNT);
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (has_group(report, info->group))
      bits_put(out, report->value[i], info->bits);
  }
  put_tail(report, out);
}

static int group_differs(const struct status_report *a, const struct status_report *b, enum status_group group)
{
  if (has_group(a, group) != has_group(b, group))
    return 1;
  if (!has_group(a, group))
    return 0;
  for (int i = 0; i < STATUS_FIELD_COUNT; i++)
    if (status_field_info(i)->group == group && a->value[i] != b->value[i])
      return 1;
  return 0;
}

/* One field against its base: unchanged, a small step, or written out. */
static void put_field_delta(uint16_t value, uint16_t base, unsigned bits, struct bit_writer *out)
{
  bits_put(out, value != base, 1);
  if (value == base)
    return;
  int step = (int)value - (int)base;
  if (bits >= SMALL_STEP_MIN_WIDTH) {
    int small = step >= -4 && step <= 4;
    bits_put(out, (uint32_t)small, 1);
    if (small) {
      bits_put(out, (uint32_t)(step < 0 ? step + 4 : step + 3), SMALL_STEP_BITS);
      return;
    }
  }
  bits_put(out, value, bits);
}

static void put_group_delta(const struct status_report *report, const struct status_report *base,
                            enum status_group group, struct bit_writer *out)
{
  int was = has_group(base, group), is = has_group(report, group);
  if (was)
    bits_put(out, (uint32_t)is, 1); /* a group that was absent and differs can only be present now */
  if (!is)
    return;
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (info->group != group)
      continue;
    if (was)
      put_field_delta(report->value[i], base->value[i], info->bits, out);
    else
      bits_put(out, report->value[i], info->bits);
  }
}

static void encode_difference(const struct status_report *report, const struct status_report *base, uint32_t base_ref,
                              struct bit_writer *out)
{
  int same_state = report->state == base->state && report->restriction == base->restriction;
  uint16_t changed = 0;
  for (int g = 0; g < STATUS_GROUP_COUNT; g++)
    if (group_differs(report, base, g))
      changed |= (uint16_t)(1 << g);
  bits_put(out, 1, 1); /* difference */
  bits_put(out, base_ref, STATUS_BASE_REF_BITS);
  bits_put(out, !same_state, 1);
  if (!same_state)
    put_state(report, out);
  bits_put(out, changed != 0, 1);
  if (changed) {
    bits_put(out, changed, STATUS_GROUP_COUNT);
    for (int g = 0; g < STATUS_GROUP_COUNT; g++)
      if (changed >> g & 1)
        put_group_delta(report, base, g, out);
  }
  put_tail(report, out);
}

void status_encode_delta(const struct status_report *report, const struct status_report *base, uint32_t base_ref,
                         struct bit_writer *out)
{
  uint8_t whole_buf[STATUS_ENCODED_MAX], delta_buf[STATUS_ENCODED_MAX];
  struct bit_writer whole, delta;
  bits_writer_init(&whole, whole_buf, sizeof whole_buf);
  bits_writer_init(&delta, delta_buf, sizeof delta_buf);
  status_encode(report, &whole);
  encode_difference(report, base, base_ref, &delta);
  if (whole.bits <= delta.bits)
    status_encode(report, out);
  else
    encode_difference(report, base, base_ref, out);
}

static void get_state(struct status_report *report, struct bit_reader *in)
{
  report->state = (uint8_t)bits_get(in, STATE_BITS);
  report->restriction = 0;
  if (report->state == STATUS_STATE_RESTRICTED)
    report->restriction = (uint8_t)bits_get(in, RESTRICTION_BITS);
}

static int get_tail(struct status_report *report, struct bit_reader *in)
{
  report->is_correction = (uint8_t)bits_get(in, 1);
  report->corrects = report->is_correction ? (uint16_t)bits_get(in, 16) : 0;
  int has_text = (int)bits_get(in, 1);
  memset(&report->text, 0, sizeof report->text);
  if (in->underflow)
    return -EBADMSG;
  return has_text ? text_decode(&report->text, in) : 0;
}

static void get_group(struct status_report *report, enum status_group group, struct bit_reader *in)
{
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (info->group == group)
      report->value[i] = (uint16_t)bits_get(in, info->bits);
  }
}

static int get_field_delta(uint16_t *value, unsigned bits, struct bit_reader *in)
{
  if (!bits_get(in, 1))
    return 0;
  if (bits >= SMALL_STEP_MIN_WIDTH && bits_get(in, 1)) {
    int code = (int)bits_get(in, SMALL_STEP_BITS);
    int next = *value + (code < 4 ? code - 4 : code - 3);
    if (next < 0 || next >> bits)
      return -EBADMSG;
    *value = (uint16_t)next;
    return 0;
  }
  *value = (uint16_t)bits_get(in, bits);
  return 0;
}

static int get_group_delta(struct status_report *report, enum status_group group, struct bit_reader *in)
{
  if (!has_group(report, group)) {
    report->groups |= (uint16_t)(1 << group);
    get_group(report, group, in);
    return 0;
  }
  if (!bits_get(in, 1)) {
    report->groups &= (uint16_t) ~(1 << group);
    return 0;
  }
  for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
    const struct status_field_info *info = status_field_info(i);
    if (info->group == group && get_field_delta(&report->value[i], info->bits, in))
      return -EBADMSG;
  }
  return 0;
}

static int decode_whole(struct status_report *report, struct bit_reader *in)
{
  status_init(report);
  get_state(report, in);
  report->groups = (uint16_t)bits_get(in, STATUS_GROUP_COUNT);
  for (int g = 0; g < STATUS_GROUP_COUNT; g++)
    if (has_group(report, g))
      get_group(report, g, in);
  return get_tail(report, in);
}

static int decode_difference(struct status_report *report, struct bit_reader *in, status_find_base_fn *find_base,
                             void *context)
{
  uint32_t ref = bits_get(in, STATUS_BASE_REF_BITS);
  if (in->underflow)
    return -EBADMSG;
  if (!find_base || find_base(context, ref, report))
    return -ENOENT;
  if (bits_get(in, 1))
    get_state(report, in);
  if (bits_get(in, 1)) {
    uint16_t changed = (uint16_t)bits_get(in, STATUS_GROUP_COUNT);
    for (int g = 0; g < STATUS_GROUP_COUNT; g++)
      if (changed >> g & 1 && get_group_delta(report, g, in))
        return -EBADMSG;
  }
  return get_tail(report, in);
}

int status_decode(struct status_report *out, struct bit_reader *in, status_find_base_fn *find_base, void *context)
{
  struct status_report report;
  int err = bits_get(in, 1) ? decode_difference(&report, in, find_base, context) : decode_whole(&report, in);
  if (err)
    return err;
  /* Fields of absent groups may hold leftovers of the base; a report's value does not depend on its history. */
  for (int i = 0; i < STATUS_FIELD_COUNT; i++)
    if (!has_group(&report, status_field_info(i)->group))
      report.value[i] = 0;
  char why[80];
  if (in->underflow || status_check(&report, why, sizeof why))
    return -EBADMSG;
  *out = report;
  return 0;
}
