/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alerts that a client files: CAP names, area, times and reference, with the defaults of the event. */
#include "radiod/api/json_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ONSET_STEP_MIN 15
#define ONSET_MAX_MIN (255 * ONSET_STEP_MIN)
#define EXPIRY_EXACT_H 24 /* hours one by one up to here, whole days above */
#define EXPIRY_MAX_H (31 * 24)
#define EXPIRY_DAYS_CODE 24 /* code of two days */

static const char *const list_members[ALERT_LIST_COUNT] = {
    [ALERT_LIST_STATUS] = "status",     [ALERT_LIST_MSG_TYPE] = "msg_type",   [ALERT_LIST_SCOPE] = "scope",
    [ALERT_LIST_CATEGORY] = "category", [ALERT_LIST_RESPONSE] = "response",   [ALERT_LIST_URGENCY] = "urgency",
    [ALERT_LIST_SEVERITY] = "severity", [ALERT_LIST_CERTAINTY] = "certainty",
};

static int read_event(struct alert *alert, const json_t *body, struct api_problem *problem)
{
  const char *name = NULL;
  int err = api_read_string(body, "event", &name, problem);
  if (err)
    return err;
  if (!name)
    return api_refuse(problem, "missing_field", "event: is missing; radioctl events lists the types");
  int event = alert_event_find(name);
  if (event < 0)
    return api_refuse(problem, "bad_value", "event: \"%.40s\" is no event type; radioctl events lists them", name);
  alert_init(alert, (unsigned)event);
  return 0;
}

static int refuse_code(enum alert_list list, const char *name, struct api_problem *problem)
{
  char names[160];
  size_t len = 0;
  for (unsigned code = 0; alert_code_name(list, code) && len < sizeof names; code++)
    len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", code ? ", " : "", alert_code_name(list, code));
  return api_refuse(problem, "bad_value", "%s: \"%.40s\" is none; write one of %s", list_members[list], name, names);
}

static int read_codes(struct alert *alert, const json_t *body, struct api_problem *problem)
{
  for (int list = 0; list < ALERT_LIST_COUNT; list++) {
    const char *name = NULL;
    int err = api_read_string(body, list_members[list], &name, problem);
    if (err)
      return err;
    if (!name)
      continue;
    int code = alert_code_find((enum alert_list)list, name);
    if (code < 0)
      return refuse_code((enum alert_list)list, name, problem);
    alert->code[list] = (uint8_t)code;
  }
  return 0;
}

/* One station by number, callsign or name. */
static int read_area_station(struct alert *alert, const json_t *values, const struct api_read_context *context,
                             struct api_problem *problem)
{
  const json_t *value = json_array_get(values, 0);
  const char *name = json_string_value(value);
  char number[24];
  if (json_is_integer(value)) {
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    name = number;
  }
  if (!name || json_array_size(values) != 1)
    return api_refuse(problem, "bad_value", "area.values: must name exactly one station; use \"to\" for its address");
  const struct directory_entry *entry = directory_find_text(context->directory, name);
  if (!entry)
    return api_refuse(problem, "unknown_station", "area.values: no station \"%.60s\" in the directory", name);
  alert->area = entry->number;
  return 0;
}

static int read_area(struct alert *alert, const json_t *body, const struct api_read_context *context,
                     struct api_problem *problem)
{
  static const char *const members[] = {"kind", "values", NULL};
  static const char *const kinds[] = {"station", "sectors", "departments", "all"};
  const json_t *area = json_object_get(body, "area");
  if (!area)
    return 0;
  const char *kind = json_string_value(json_object_get(area, "kind"));
  const json_t *values = json_object_get(area, "values");
  if (!json_is_object(area) || !kind)
    return api_refuse(problem, "bad_value",
                      "area: must be {\"kind\": \"all|station|sectors|departments\", \"values\": []}");
  int err = api_only_members(area, members, "area", problem);
  if (err)
    return err;
  for (unsigned i = 0; i <= ALERT_AREA_ALL; i++)
    if (!strcasecmp(kind, kinds[i]))
      alert->area_kind = (uint8_t)i;
  if (strcasecmp(kind, kinds[alert->area_kind]))
    return api_refuse(problem, "bad_value",
                      "area.kind: \"%.40s\" is none; write all, station, sectors or departments", kind);
  switch (alert->area_kind) {
  case ALERT_AREA_STATION:
    return read_area_station(alert, values, context, problem);
  case ALERT_AREA_SECTORS:
    return api_read_mask(values, "area.values", alert_sector_name, &alert->area, problem);
  case ALERT_AREA_DEPARTMENTS:
    return api_read_mask(values, "area.values", alert_department_name, &alert->area, problem);
  default:
    return json_array_size(values) ? api_refuse(problem, "bad_value", "area.values: area all takes none") : 0;
  }
}

static int read_onset(struct alert *alert, const json_t *body, struct api_problem *problem)
{
  json_int_t minutes = 0;
  int err = api_read_integer(body, "onset_min", 0, ONSET_MAX_MIN, &minutes, problem);
  if (err)
    return err;
  if (minutes % ONSET_STEP_MIN)
    return api_refuse(problem, "bad_value", "onset_min: must be a multiple of %d", ONSET_STEP_MIN);
  alert->onset = (uint8_t)(minutes / ONSET_STEP_MIN);
  return 0;
}

static int read_expiry(struct alert *alert, const json_t *body, struct api_problem *problem)
{
  json_int_t hours = 0;
  int open_end = 0;
  int err = api_read_integer(body, "expiry_h", 1, EXPIRY_MAX_H, &hours, problem);
  if (!err)
    err = api_read_bool(body, "until_cancelled", &open_end, problem);
  if (err)
    return err;
  if (hours && open_end)
    return api_refuse(problem, "bad_value", "expiry_h: contradicts until_cancelled; leave one out");
  if (hours > EXPIRY_EXACT_H && hours % 24)
    return api_refuse(problem, "bad_value", "expiry_h: above 24 it must be whole days, e.g. %lld",
                      (long long)(hours + 24 - hours % 24));
  if (open_end)
    alert->expiry = ALERT_EXPIRY_UNTIL_CANCELLED;
  else if (hours > EXPIRY_EXACT_H)
    alert->expiry = (uint8_t)(hours / 24 - 2 + EXPIRY_DAYS_CODE);
  else if (hours)
    alert->expiry = (uint8_t)(hours - 1);
  return 0;
}

static int read_reference(struct alert *alert, struct message_id *refers, const json_t *body,
                          struct api_problem *problem)
{
  const char *id = NULL;
  int err = api_read_string(body, "references", &id, problem);
  if (err || !id)
    return err;
  if (alert->code[ALERT_LIST_MSG_TYPE] == 0)
    return api_refuse(problem, "bad_value", "references: goes only with msg_type Update, Cancel, Ack or Error");
  if (api_id_parse(id, refers))
    return api_refuse(problem, "bad_value", "references: \"%.40s\" is no message; write e.g. \"2-1045\"", id);
  alert->ref_station = refers->origin;
  alert->ref_counter = (uint16_t)refers->counter;
  return 0;
}

int api_read_alert(struct alert *out, struct message_id *refers, const json_t *body,
                   const struct api_read_context *context, struct api_problem *problem)
{
  static const char *const members[] = {
      "kind",       "to",      "precedence", "event",     "status", "msg_type",  "scope",    "category",
      "response",   "urgency", "severity",   "certainty", "area",   "onset_min", "expiry_h", "until_cancelled",
      "references", "text",    NULL};
  int err = api_only_members(body, members, "", problem);
  if (!err)
    err = read_event(out, body, problem);
  if (!err)
    err = read_codes(out, body, problem);
  if (!err)
    err = read_area(out, body, context, problem);
  if (!err)
    err = read_onset(out, body, problem);
  if (!err)
    err = read_expiry(out, body, problem);
  if (!err)
    err = read_reference(out, refers, body, problem);
  if (!err)
    err = api_read_text(body, &out->text, problem);
  if (err)
    return err;
  problem->code = "bad_value";
  return alert_check(out, problem->text, sizeof problem->text);
}
