/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status reports as JSON; the tables of fields stay in protocol/wire/status. */
#include "radiod/api/json_status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/wire/log8.h"

/* No field counts so far; a larger number would only be cut by the buffer that carries it to the parser. */
#define FIELD_VALUE_MAX 1e6

static int is_unknown(const struct status_field_info *info, uint16_t code)
{
  return code == info->unknown_code || (info->type != STATUS_TYPE_MASK && code > info->max_code);
}

static json_t *mask_json(const struct status_field_info *info, uint16_t code)
{
  json_t *array = json_array();
  for (unsigned bit = 0; bit < info->bits; bit++)
    if (code >> bit & 1)
      json_array_append_new(array, json_string(info->names[bit]));
  return array;
}

json_t *api_json_field(enum status_field field, uint16_t code)
{
  const struct status_field_info *info = status_field_info(field);
  if (info->type == STATUS_TYPE_MASK)
    return mask_json(info, code);
  if (is_unknown(info, code))
    return json_null();
  if (info->type == STATUS_TYPE_CHOICE)
    return info->names[code] ? json_string(info->names[code]) : json_null();
  if (info->type == STATUS_TYPE_COUNT)
    return json_integer(log8_decode((uint8_t)code));
  uint32_t milli = (uint32_t)code * info->step_milli;
  return info->step_milli % 1000 ? json_real(milli / 1000.0) : json_integer(milli / 1000);
}

static size_t list_names(const struct status_field_info *info, char *out, size_t size)
{
  unsigned count = info->type == STATUS_TYPE_MASK ? info->bits : info->max_code + 1u;
  size_t len = 0;
  for (unsigned i = 0; i < count && len < size; i++)
    if (info->names[i])
      len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", info->names[i]);
  return len;
}

static void describe_number(const struct status_field_info *info, char *out, size_t size)
{
  int len = snprintf(out, size, "0 to %g%s%s%s", info->max_code * info->step_milli / 1000.0,
                     info->top_is_more ? " or more" : "", *info->unit ? " " : "", info->unit);
  if (info->step_milli != 1000)
    snprintf(out + len, size - (size_t)len, " in steps of %g", info->step_milli / 1000.0);
}

void api_field_describe(enum status_field field, char *out, size_t size)
{
  const struct status_field_info *info = status_field_info(field);
  const char *unknown = info->unknown_code >= 0 ? ", or unknown" : "";
  char names[400];
  switch (info->type) {
  case STATUS_TYPE_COUNT:
    snprintf(out, size, "0 to %d, rounded above 63%s", LOG8_MAX_COUNT, unknown);
    break;
  case STATUS_TYPE_NUMBER:
    describe_number(info, names, sizeof names);
    snprintf(out, size, "%s%s", names, unknown);
    break;
  default:
    list_names(info, names, sizeof names);
    snprintf(out, size, "%s%s%s", info->type == STATUS_TYPE_MASK ? "any of " : "one of ", names,
             info->type == STATUS_TYPE_MASK ? ", or none" : "");
  }
}

static int refuse_field(enum status_field field, struct api_problem *problem)
{
  char range[200];
  api_field_describe(field, range, sizeof range);
  return api_refuse(problem, "bad_value", "fields.%s: must be %s", status_field_info(field)->name, range);
}

/* Joins an array of names as status_field_parse reads them.  Returns 0 or -EINVAL. */
static int join_names(const json_t *array, char *out, size_t size)
{
  size_t len = 0;
  if (!json_array_size(array)) {
    snprintf(out, size, "none");
    return 0;
  }
  for (size_t i = 0; i < json_array_size(array); i++) {
    const char *name = json_string_value(json_array_get(array, i));
    if (!name || strchr(name, ','))
      return -EINVAL;
    len += (size_t)snprintf(out + len, size - len, "%s%s", i ? "," : "", name);
    if (len >= size)
      return -EINVAL;
  }
  return 0;
}

/* Writes value as a person would type it.  Returns 0, or -EINVAL when its type is not the field's. */
static int value_text(const struct status_field_info *info, const json_t *value, char *out, size_t size)
{
  if (json_is_null(value)) {
    snprintf(out, size, "unknown");
    return info->unknown_code >= 0 ? 0 : -EINVAL;
  }
  if (info->type == STATUS_TYPE_MASK)
    return json_is_array(value) ? join_names(value, out, size) : -EINVAL;
  if (info->type == STATUS_TYPE_CHOICE)
    return json_is_string(value) && snprintf(out, size, "%s", json_string_value(value)) < (int)size ? 0 : -EINVAL;
  if (!json_is_number(value) || json_number_value(value) < 0 || json_number_value(value) > FIELD_VALUE_MAX)
    return -EINVAL;
  snprintf(out, size, "%.3f", json_number_value(value));
  return 0;
}

int api_read_field(struct status_report *report, enum status_field field, const json_t *value,
                   struct api_problem *problem)
{
  char text[200];
  if (value_text(status_field_info(field), value, text, sizeof text) || status_field_parse(report, field, text))
    return refuse_field(field, problem);
  return 0;
}

static json_t *restriction_json(uint8_t mask)
{
  json_t *array = json_array();
  for (unsigned bit = 0; status_restriction_name(bit); bit++)
    if (mask >> bit & 1)
      json_array_append_new(array, json_string(status_restriction_name(bit)));
  return array;
}

static json_t *correction_json(const struct status_report *report, struct message_id id)
{
  if (!report->is_correction)
    return json_null();
  id.counter = api_counter_before(id.counter, report->corrects);
  return api_json_id(id);
}

json_t *api_json_status(const struct status_report *report, struct message_id id)
{
  json_t *fields = json_object(), *approximate = json_array(), *or_more = json_array();
  for (unsigned field = 0; field < STATUS_FIELD_COUNT; field++) {
    const struct status_field_info *info = status_field_info(field);
    uint16_t code = report->value[field];
    if (!(report->groups >> info->group & 1))
      continue;
    json_object_set_new(fields, info->name, api_json_field(field, code));
    if (info->type == STATUS_TYPE_COUNT && !is_unknown(info, code) && !log8_is_exact((uint8_t)code))
      json_array_append_new(approximate, json_string(info->name));
    if (info->top_is_more && code == info->max_code)
      json_array_append_new(or_more, json_string(info->name));
  }
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "state", status_state_name(report->state), "restriction",
                   restriction_json(report->restriction), "fields", fields, "approximate", approximate, "or_more",
                   or_more, "correction_of", correction_json(report, id));
}

static int read_state(struct status_report *report, const json_t *body, struct api_problem *problem)
{
  const char *name = NULL;
  int err = api_read_string(body, "state", &name, problem);
  if (err || !name)
    return err;
  int state = status_state_find(name);
  if (state < 0)
    return api_refuse(problem, "bad_value",
                      "state: \"%.40s\" is none; write unknown, open, restricted, closed_order, closed_hazard, "
                      "closed_other_side or evacuated",
                      name);
  report->state = (uint8_t)state;
  /* A restriction taken over from the last report ends with the state it belongs to. */
  if (state != STATUS_STATE_RESTRICTED)
    report->restriction = 0;
  return 0;
}

static int read_restriction(struct status_report *report, const json_t *body, struct api_problem *problem)
{
  uint16_t mask;
  const json_t *array = json_object_get(body, "restriction");
  if (!array)
    return 0;
  int err = api_read_mask(array, "restriction", status_restriction_name, &mask, problem);
  if (!err)
    report->restriction = (uint8_t)mask;
  return err;
}

static int read_fields(struct status_report *report, const json_t *body, struct api_problem *problem)
{
  json_t *fields = json_object_get(body, "fields"), *value;
  const char *name;
  if (!fields)
    return 0;
  if (!json_is_object(fields))
    return api_refuse(problem, "bad_value", "fields: must be an object of status fields");
  json_object_foreach(fields, name, value)
  {
    int field = status_field_find(name);
    if (field < 0)
      return api_refuse(problem, "unknown_field", "fields.%.60s: no such status field; radioctl fields lists them",
                        name);
    int err = api_read_field(report, (enum status_field)field, value, problem);
    if (err)
      return err;
  }
  return 0;
}

int api_read_status(struct status_report *report, const json_t *body, struct api_problem *problem)
{
  int err = read_state(report, body, problem);
  if (!err)
    err = read_restriction(report, body, problem);
  if (!err)
    err = read_fields(report, body, problem);
  if (!err)
    err = api_read_text(body, &report->text, problem);
  return err;
}
