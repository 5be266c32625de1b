/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities, times, stations and typed members, the same in every JSON the control API reads or writes. */
#include "radiod/api/json_common.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "protocol/link/channel.h"
#include "protocol/wire/text.h"

#define TIME_MAX_MS 253402300799999LL /* the last of year 9999: RFC 3339 has four digits for it */

int api_refuse(struct api_problem *problem, const char *code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  problem->code = code;
  vsnprintf(problem->text, sizeof problem->text, format, args);
  va_end(args);
  return -EINVAL;
}

/* Reads decimal digits up to end ('\0' or '-').  Returns where it stopped, NULL when there is no such number. */
static const char *parse_digits(const char *text, uint32_t max, uint32_t *out)
{
  uint64_t value = 0;
  if (*text < '1' || *text > '9')
    return NULL;
  for (; *text >= '0' && *text <= '9'; text++) {
    value = value * 10 + (uint64_t)(*text - '0');
    if (value > max)
      return NULL;
  }
  *out = (uint32_t)value;
  return text;
}

int api_id_parse(const char *text, struct message_id *out)
{
  uint32_t origin, counter;
  const char *at = parse_digits(text, STATION_MAX, &origin);
  if (!at || *at != '-' || !station_is_valid(origin))
    return -EINVAL;
  at = parse_digits(at + 1, UINT32_MAX, &counter);
  if (!at || *at)
    return -EINVAL;
  out->origin = (uint16_t)origin;
  out->counter = counter;
  return 0;
}

void api_id_format(struct message_id id, char out[API_ID_MAX])
{
  snprintf(out, API_ID_MAX, "%u-%" PRIu32, id.origin % 10000u, id.counter);
}

uint32_t api_counter_before(uint32_t later, uint16_t low)
{
  uint32_t counter = (later & 0xffff0000u) | low;
  return counter >= later && counter > 0xffff ? counter - 0x10000 : counter;
}

/* Bytes of the character at bytes, 0 when there is none that may be shown. */
static size_t character_len(const char *bytes, size_t left)
{
  for (size_t len = 1; len <= 4 && len <= left; len++)
    if (text_count_chars(bytes, len) == 1)
      return len;
  return 0;
}

json_t *api_json_string(const char *bytes, size_t len)
{
  char *clean = malloc(len + 1);
  if (!clean)
    return NULL;
  for (size_t i = 0; i < len;) {
    size_t step = character_len(bytes + i, len - i);
    if (step)
      memcpy(clean + i, bytes + i, step);
    else
      clean[i] = '?';
    i += step ? step : 1;
  }
  json_t *string = json_stringn(clean, len);
  free(clean);
  return string;
}

json_t *api_json_text(const char *text)
{
  return text ? api_json_string(text, strlen(text)) : json_null();
}

json_t *api_json_id(struct message_id id)
{
  char text[API_ID_MAX];
  api_id_format(id, text);
  return json_string(text);
}

json_t *api_json_time(int64_t ms)
{
  if (ms <= 0 || ms > TIME_MAX_MS)
    return json_null();
  char day[32], text[48];
  time_t seconds = (time_t)(ms / 1000);
  struct tm tm;
  if (!gmtime_r(&seconds, &tm))
    return json_null();
  strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
  snprintf(text, sizeof text, "%s.%03dZ", day, (int)(ms % 1000));
  return json_string(text);
}

json_t *api_json_db(int16_t centibel)
{
  return centibel == LINK_SNR_UNKNOWN ? json_null() : json_real(centibel / 10.0);
}

json_t *api_json_station(const struct directory *directory, unsigned number)
{
  const struct directory_entry *entry = directory_find(directory, number);
  if (number == STATION_ALL)
    return json_pack("{s:i, s:s, s:s}", "number", STATION_ALL, "name", "all", "callsign", "ALL");
  return json_pack("{s:i, s:o, s:o}", "number", (int)number, "name", api_json_text(entry ? entry->name : NULL),
                   "callsign", api_json_text(entry ? entry->callsign : NULL));
}

json_t *api_json_member(const struct directory *directory, unsigned number)
{
  const struct directory_entry *entry = directory_find(directory, number);
  json_t *json = api_json_station(directory, number);
  json_object_set_new(json, "role", api_json_text(entry ? station_role_name(entry->role) : NULL));
  return json;
}

int api_only_members(const json_t *object, const char *const *allowed, const char *where, struct api_problem *problem)
{
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)object, name, value)
  {
    size_t i = 0;
    while (allowed[i] && strcmp(allowed[i], name))
      i++;
    if (!allowed[i])
      return api_refuse(problem, "unknown_field", "%s%s%.60s: no such field here; leave it out", where,
                        *where ? "." : "", name);
  }
  return 0;
}

int api_read_string(const json_t *object, const char *name, const char **out, struct api_problem *problem)
{
  json_t *value = json_object_get(object, name);
  if (!value)
    return 0;
  if (!json_is_string(value))
    return api_refuse(problem, "bad_value", "%s: must be a string", name);
  *out = json_string_value(value);
  return 0;
}

int api_read_bool(const json_t *object, const char *name, int *out, struct api_problem *problem)
{
  json_t *value = json_object_get(object, name);
  if (!value)
    return 0;
  if (!json_is_boolean(value))
    return api_refuse(problem, "bad_value", "%s: must be true or false", name);
  *out = json_is_true(value);
  return 0;
}

int api_read_integer(const json_t *object, const char *name, json_int_t low, json_int_t high, json_int_t *out,
                     struct api_problem *problem)
{
  json_t *value = json_object_get(object, name);
  if (!value)
    return 0;
  if (!json_is_integer(value) || json_integer_value(value) < low || json_integer_value(value) > high)
    return api_refuse(problem, "bad_value", "%s: must be a whole number from %lld to %lld", name, (long long)low,
                      (long long)high);
  *out = json_integer_value(value);
  return 0;
}

int api_read_text(const json_t *object, struct text *out, struct api_problem *problem)
{
  json_t *value = json_object_get(object, "text");
  if (!value)
    return 0;
  if (!json_is_string(value))
    return api_refuse(problem, "bad_value", "text: must be a string");
  int err = text_set(out, json_string_value(value), json_string_length(value));
  if (err == -EMSGSIZE)
    return api_refuse(problem, "too_long", "text: has more than %d characters; shorten it or send two messages",
                      TEXT_MAX_CHARS);
  if (err)
    return api_refuse(problem, "bad_value", "text: holds a control character; only newline and tab may stay");
  return 0;
}

static int find_bit(const char *name, api_name_fn *name_of)
{
  for (unsigned bit = 0; name_of(bit); bit++)
    if (!strcasecmp(name, name_of(bit)))
      return (int)bit;
  return -ENOENT;
}

static int refuse_name(const char *where, const char *name, api_name_fn *name_of, struct api_problem *problem)
{
  char names[160];
  size_t len = 0;
  for (unsigned bit = 0; name_of(bit) && len < sizeof names; bit++)
    len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", bit ? ", " : "", name_of(bit));
  return api_refuse(problem, "bad_value", "%s: \"%.40s\" is none; write any of %s", where, name, names);
}

int api_read_mask(const json_t *array, const char *where, api_name_fn *name_of, uint16_t *out,
                  struct api_problem *problem)
{
  uint16_t mask = 0;
  if (!json_is_array(array))
    return api_refuse(problem, "bad_value", "%s: must be an array of names", where);
  for (size_t i = 0; i < json_array_size(array); i++) {
    const char *name = json_string_value(json_array_get(array, i));
    if (!name)
      return api_refuse(problem, "bad_value", "%s: must be an array of names", where);
    int bit = find_bit(name, name_of);
    if (bit < 0)
      return refuse_name(where, name, name_of, problem);
    mask |= (uint16_t)(1u << bit);
  }
  *out = mask;
  return 0;
}
