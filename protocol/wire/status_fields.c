/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a status report, and how a person writes and reads them. */
#include "protocol/wire/status.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/wire/log8.h"

static const char *const power_names[] = {"none", "grid", "generator", "solar", "battery", "vehicle", "mixed", NULL};
static const char *const comms_names[] = {"hf_data", "hf_voice", "vhf", "mobile", "internet"};
static const char *const need_names[] = {"water",     "food",  "fuel",  "medical", "spare_parts", "radio",
                                         "transport", "staff", "forms", "shelter", "police",      "other"};
static const char *const urgency_names[] = {"days", "tomorrow", "today", "now"};
static const char *const weather_names[] = {"clear", "cloud", "rain",      "heavy_rain", "thunder",
                                            "fog",   "gale",  "hurricane", "flood",      "heat"};
static const char *const road_names[] = {"open", "slow", "4x4", "blocked", "unsafe", NULL, NULL, "unknown"};
static const char *const gravest_names[] = {"other",          "officer_distress",
                                            "armed_attack",   "missing_person",
                                            "missing_child",  "trafficking",
                                            "drugs",          "weapons",
                                            "contraband",     "wanted",
                                            "forgery",        "crowd",
                                            "hurricane",      "flood",
                                            "landslide",      "earthquake",
                                            "tsunami",        "cholera",
                                            "medical",        "animal_disease",
                                            "fire",           "spill",
                                            "road_blocked",   "vessel_distress",
                                            "aircraft",       "border_closed",
                                            "border_open",    "mass_return",
                                            "infrastructure", "radio_plan",
                                            "drill",          "see_text"};

#define NUMBER(name, unit, group, bits, step, max, unknown, more)                                                    \
  {                                                                                                                  \
    name, unit, STATUS_GROUP_##group, STATUS_TYPE_NUMBER, bits, step, max, unknown, more, NULL                       \
  }
#define COUNT(name, group)                                                                                           \
  {                                                                                                                  \
    name, "", STATUS_GROUP_##group, STATUS_TYPE_COUNT, 8, 1000, 254, LOG8_UNKNOWN, 0, NULL                           \
  }
#define CHOICE(name, group, bits, max, unknown, names)                                                               \
  {                                                                                                                  \
    name, "", STATUS_GROUP_##group, STATUS_TYPE_CHOICE, bits, 1000, max, unknown, 0, names                           \
  }
#define MASK(name, group, bits, names)                                                                               \
  {                                                                                                                  \
    name, "", STATUS_GROUP_##group, STATUS_TYPE_MASK, bits, 1000, (1 << bits) - 1, -1, 0, names                      \
  }

static const struct status_field_info fields[STATUS_FIELD_COUNT] = {
    [STATUS_POWER_SOURCE] = CHOICE("power_source", POWER, 3, 6, -1, power_names),
    [STATUS_BATTERY] = NUMBER("battery", "V", POWER, 8, 200, 254, 255, 0),
    [STATUS_FUEL] = NUMBER("fuel", "days", POWER, 6, 500, 62, 63, 0),
    [STATUS_COMMS] = MASK("comms", COMMS, 5, comms_names),
    [STATUS_STAFF] = NUMBER("staff", "", STAFF, 6, 1000, 63, -1, 1),
    [STATUS_STAFF_EXPECTED] = NUMBER("staff_expected", "", STAFF, 6, 1000, 63, -1, 1),
    [STATUS_VEHICLES_USABLE] = NUMBER("vehicles_usable", "", STAFF, 4, 1000, 15, -1, 1),
    [STATUS_BOATS_USABLE] = NUMBER("boats_usable", "", STAFF, 2, 1000, 3, -1, 0),
    [STATUS_PERSONS_IN] = COUNT("persons_in", TRAFFIC),
    [STATUS_PERSONS_OUT] = COUNT("persons_out", TRAFFIC),
    [STATUS_VEHICLES] = COUNT("vehicles", TRAFFIC),
    [STATUS_QUEUE] = COUNT("queue", QUEUE),
    [STATUS_WAIT] = NUMBER("wait", "min", QUEUE, 6, 5000, 62, 63, 0),
    [STATUS_RETURNED] = COUNT("returned", PROTECTION),
    [STATUS_REFUSED] = NUMBER("refused", "", PROTECTION, 6, 1000, 63, -1, 1),
    [STATUS_DETAINED] = NUMBER("detained", "", PROTECTION, 6, 1000, 63, -1, 1),
    [STATUS_MINORS] = NUMBER("minors", "", PROTECTION, 6, 1000, 63, -1, 1),
    [STATUS_INFIRM] = NUMBER("infirm", "", PROTECTION, 5, 1000, 31, -1, 1),
    [STATUS_MEDICAL] = NUMBER("medical", "", MEDICAL, 5, 1000, 31, -1, 1),
    [STATUS_CHOLERA] = NUMBER("cholera", "", MEDICAL, 5, 1000, 31, -1, 1),
    [STATUS_DEATHS] = NUMBER("deaths", "", MEDICAL, 4, 1000, 15, -1, 1),
    [STATUS_INCIDENTS] = NUMBER("incidents", "", INCIDENTS, 4, 1000, 15, -1, 1),
    [STATUS_GRAVEST] = CHOICE("gravest", INCIDENTS, 5, 31, -1, gravest_names),
    [STATUS_NEEDS] = MASK("needs", NEEDS, 12, need_names),
    [STATUS_NEEDS_URGENCY] = CHOICE("needs_urgency", NEEDS, 2, 3, -1, urgency_names),
    [STATUS_WEATHER] = CHOICE("weather", WEATHER, 4, 9, -1, weather_names),
    [STATUS_WIND] = NUMBER("wind", "Bft", WEATHER, 4, 1000, 12, 15, 0),
    [STATUS_SEA] = NUMBER("sea", "", WEATHER, 4, 1000, 9, 15, 0),
    [STATUS_ROAD] = CHOICE("road", WEATHER, 3, 7, 7, road_names),
};

static const char *const group_names[STATUS_GROUP_COUNT] = {
    "power", "comms", "staff", "traffic", "queue", "protection", "medical", "incidents", "needs", "weather"};
static const char *const state_names[STATUS_STATE_COUNT] = {
    "unknown", "open", "restricted", "closed_order", "closed_hazard", "closed_other_side", "evacuated"};
static const char *const restriction_names[] = {"pedestrians", "light_vehicles", "freight",
                                                "livestock",   "exports",        "imports"};
#define RESTRICTION_COUNT (sizeof restriction_names / sizeof *restriction_names)

const struct status_field_info *status_field_info(enum status_field field)
{
  assert((unsigned)field < STATUS_FIELD_COUNT);
  return &fields[field];
}

const char *status_group_name(enum status_group group)
{
  assert((unsigned)group < STATUS_GROUP_COUNT);
  return group_names[group];
}

const char *status_state_name(unsigned state)
{
  return state < STATUS_STATE_COUNT ? state_names[state] : NULL;
}

const char *status_restriction_name(unsigned bit)
{
  return bit < RESTRICTION_COUNT ? restriction_names[bit] : NULL;
}

/* Index of the name that is len bytes of text, or -ENOENT. */
static int find_name(const char *const *names, unsigned count, const char *text, size_t len)
{
  for (unsigned i = 0; i < count; i++)
    if (names[i] && strlen(names[i]) == len && !strncasecmp(names[i], text, len))
      return (int)i;
  return -ENOENT;
}

int status_field_find(const char *name)
{
  for (int i = 0; i < STATUS_FIELD_COUNT; i++)
    if (!strcmp(name, fields[i].name))
      return i;
  return -ENOENT;
}

int status_state_find(const char *name)
{
  return find_name(state_names, STATUS_STATE_COUNT, name, strlen(name));
}

/* Reads "12", "12.5" or "12,5" as thousandths. Returns 0, -EINVAL or -ERANGE. */
static int parse_milli(const char *text, uint32_t *milli)
{
  if (*text == '-')
    return -ERANGE;
  if (!isdigit((unsigned char)*text))
    return -EINVAL;
  uint32_t value = 0;
  for (; isdigit((unsigned char)*text); text++) {
    value = value * 10 + (uint32_t)(*text - '0');
    if (value > 1000000)
      return -ERANGE;
  }
  value *= 1000;
  if (*text == '.' || *text == ',') {
    uint32_t weight = 100;
    for (text++; isdigit((unsigned char)*text); text++, weight /= 10)
      value += (uint32_t)(*text - '0') * weight;
  }
  if (*text)
    return -EINVAL;
  *milli = value;
  return 0;
}

static int parse_number(const struct status_field_info *info, const char *text)
{
  uint32_t milli;
  int err = parse_milli(text, &milli);
  if (err)
    return err;
  if (info->type == STATUS_TYPE_COUNT) {
    uint8_t code = log8_encode((milli + 500) / 1000);
    return milli % 1000 ? -EINVAL : code == LOG8_UNKNOWN ? -ERANGE : code;
  }
  /* People are counted, not measured: nothing is rounded where a step is one. */
  if (info->step_milli == 1000 && milli % 1000)
    return -EINVAL;
  uint32_t code = (milli + info->step_milli / 2) / info->step_milli;
  if (code > info->max_code)
    return info->top_is_more ? info->max_code : -ERANGE;
  return (int)code;
}

static int parse_mask(const struct status_field_info *info, const char *text)
{
  int mask = 0;
  if (!strcasecmp(text, "none"))
    return 0;
  while (1) {
    size_t len = strcspn(text, ",");
    int bit = find_name(info->names, info->bits, text, len);
    if (bit < 0)
      return -EINVAL;
    mask |= 1 << bit;
    if (!text[len])
      return mask;
    text += len + 1;
  }
}

static int parse_choice(const struct status_field_info *info, const char *text)
{
  int code = find_name(info->names, info->max_code + 1u, text, strlen(text));
  return code < 0 ? -EINVAL : code;
}

static int parse_code(const struct status_field_info *info, const char *text)
{
  if (info->unknown_code >= 0 && !strcasecmp(text, "unknown"))
    return info->unknown_code;
  if (info->type == STATUS_TYPE_CHOICE)
    return parse_choice(info, text);
  if (info->type == STATUS_TYPE_MASK)
    return parse_mask(info, text);
  return parse_number(info, text);
}

/* A group that was not reported starts from "unknown" where the code has one, else from zero. */
static void open_group(struct status_report *report, enum status_group group)
{
  if (report->groups >> group & 1)
    return;
  report->groups |= (uint16_t)(1 << group);
  for (int i = 0; i < STATUS_FIELD_COUNT; i++)
    if (fields[i].group == group)
      report->value[i] = fields[i].unknown_code >= 0 ? (uint16_t)fields[i].unknown_code : 0;
}

int status_field_parse(struct status_report *report, enum status_field field, const char *text)
{
  const struct status_field_info *info = status_field_info(field);
  int code = parse_code(info, text);
  if (code < 0)
    return code;
  open_group(report, info->group);
  report->value[field] = (uint16_t)code;
  return 0;
}

static size_t format_mask(const struct status_field_info *info, uint16_t code, char *out, size_t size)
{
  size_t len = 0;
  for (unsigned bit = 0; bit < info->bits; bit++)
    if (code >> bit & 1) {
      int n = snprintf(out + len, size - len, "%s%s", len ? "," : "", info->names[bit]);
      len = len + (size_t)n < size ? len + (size_t)n : size - 1;
    }
  return len;
}

static int format_plain(const struct status_field_info *info, uint16_t code, char *out, size_t size)
{
  if (info->type == STATUS_TYPE_COUNT)
    return snprintf(out, size, "%s%u", log8_is_exact((uint8_t)code) ? "" : "≈", log8_decode((uint8_t)code));
  if (info->type == STATUS_TYPE_CHOICE)
    return snprintf(out, size, "%s", info->names[code] ? info->names[code] : "?");
  const char *more = info->top_is_more && code == info->max_code ? "+" : "";
  uint32_t milli = (uint32_t)code * info->step_milli;
  if (info->step_milli % 1000)
    return snprintf(out, size, "%u.%u%s", milli / 1000, milli % 1000 / 100, more);
  return snprintf(out, size, "%u%s", milli / 1000, more);
}

size_t status_field_format(enum status_field field, uint16_t code, char *out, size_t size)
{
  const struct status_field_info *info = status_field_info(field);
  assert(size > 0);
  if (info->type == STATUS_TYPE_MASK && code)
    return format_mask(info, code, out, size);
  int n;
  if (info->type == STATUS_TYPE_MASK)
    n = snprintf(out, size, "none");
  else if (code == info->unknown_code || code > info->max_code)
    n = snprintf(out, size, "unknown");
  else
    n = format_plain(info, code, out, size);
  return (size_t)n < size ? (size_t)n : size - 1;
}
