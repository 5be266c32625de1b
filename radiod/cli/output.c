/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes text, times and stations fit for a terminal. */
#include "radiod/cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define SCREEN_COLUMNS 80
#define SCREEN_COLUMNS_MAX 200

const char *out_string(const json_t *object, const char *name)
{
  const char *text = json_string_value(json_object_get(object, name));
  return text ? text : "";
}

long long out_integer(const json_t *object, const char *name)
{
  return json_integer_value(json_object_get(object, name));
}

/* Controls, and what changes the direction or shape of the text around it. */
static int is_harmful(wchar_t c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

char *out_clean(const char *text)
{
  size_t left = strlen(text);
  char *clean = malloc(left + 1), *to = clean;
  mbstate_t state = {0};
  if (!clean)
    return NULL;
  while (left) {
    wchar_t c;
    size_t len = mbrtowc(&c, text, left, &state);
    if (len == (size_t)-1 || len == (size_t)-2 || len == 0) {
      memset(&state, 0, sizeof state);
      *to++ = '?';
      len = 1;
    } else if (is_harmful(c)) {
      *to++ = c == '\n' || c == '\t' ? ' ' : '?';
    } else {
      memcpy(to, text, len);
      to += len;
    }
    text += len;
    left -= len;
  }
  *to = '\0';
  return clean;
}

/* Bytes of clean text that fit into columns; *used tells how many columns they take. */
static size_t fitting(const char *text, size_t columns, size_t *used)
{
  mbstate_t state = {0};
  size_t bytes = 0, left = strlen(text);
  *used = 0;
  while (bytes < left) {
    wchar_t c;
    size_t len = mbrtowc(&c, text + bytes, left - bytes, &state);
    if (len == (size_t)-1 || len == (size_t)-2 || len == 0)
      break;
    int width = wcwidth(c);
    size_t step = width > 0 ? (size_t)width : 0;
    if (*used + step > columns)
      break;
    *used += step;
    bytes += len;
  }
  return bytes;
}

size_t out_width(const char *text)
{
  size_t used;
  fitting(text, SIZE_MAX, &used);
  return used;
}

size_t out_fitting(const char *text, size_t columns)
{
  size_t used;
  return fitting(text, columns, &used);
}

size_t out_columns(void)
{
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < SCREEN_COLUMNS)
    return SCREEN_COLUMNS;
  return size.ws_col > SCREEN_COLUMNS_MAX ? SCREEN_COLUMNS_MAX : size.ws_col;
}

/* Bytes of the next line of text: what fits, ended at a space if there is one. */
static size_t next_line(const char *text, size_t columns)
{
  size_t used, bytes = fitting(text, columns, &used);
  if (!text[bytes])
    return bytes;
  for (size_t i = bytes; i > 0; i--)
    if (text[i] == ' ')
      return i;
  return bytes ? bytes : 1;
}

void out_wrapped(size_t indent, const char *text)
{
  char *clean = out_clean(text);
  const char *at = clean ? clean : "";
  size_t room = out_columns() - indent;
  while (1) {
    size_t bytes = next_line(at, room);
    printf("%.*s\n", (int)bytes, at);
    at += bytes;
    while (*at == ' ')
      at++;
    if (!*at)
      break;
    printf("%*s", (int)indent, "");
  }
  free(clean);
}

void out_json(const json_t *json)
{
  json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
}

/* Seconds since 1970, 0 when text is no time. */
static time_t parse_time(const char *rfc3339)
{
  struct tm tm = {0};
  const char *end = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm);
  return end ? timegm(&tm) : 0;
}

/* "UTC", "UTC-5", "UTC+5:30". */
static void format_zone(long offset_s, char *out, size_t size)
{
  int minutes = (int)(labs(offset_s) / 60 % (24 * 60));
  char sign = offset_s < 0 ? '-' : '+';
  if (!minutes)
    snprintf(out, size, "UTC");
  else if (minutes % 60)
    snprintf(out, size, "UTC%c%d:%02d", sign, minutes / 60, minutes % 60);
  else
    snprintf(out, size, "UTC%c%d", sign, minutes / 60);
}

void out_time(const char *rfc3339, char out[OUT_TIME_MAX])
{
  char zone[16];
  struct tm tm;
  time_t seconds = parse_time(rfc3339);
  snprintf(out, OUT_TIME_MAX, "-");
  if (!seconds || !localtime_r(&seconds, &tm))
    return;
  format_zone(tm.tm_gmtoff, zone, sizeof zone);
  size_t len = strftime(out, OUT_TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm);
  snprintf(out + len, OUT_TIME_MAX - len, " (%s)", zone);
}

/* Offset of local time from UTC now: one for a whole table, named in its head. */
static long offset_now(void)
{
  time_t now = time(NULL);
  struct tm tm;
  return localtime_r(&now, &tm) ? tm.tm_gmtoff : 0;
}

void out_short_time(const char *rfc3339, char out[OUT_TIME_MAX])
{
  struct tm tm;
  time_t seconds = parse_time(rfc3339);
  time_t local = seconds + offset_now();
  snprintf(out, OUT_TIME_MAX, "-");
  if (seconds && gmtime_r(&local, &tm))
    strftime(out, OUT_TIME_MAX, "%m-%d %H:%M", &tm);
}

void out_zone(char out[OUT_TIME_MAX])
{
  format_zone(offset_now(), out, OUT_TIME_MAX);
}

void out_station(const json_t *station, char *out, size_t size)
{
  long long number = out_integer(station, "number");
  const char *name = out_string(station, "name");
  if (!strcmp(name, "all"))
    snprintf(out, size, "all");
  else if (*name)
    snprintf(out, size, "%s (%lld)", name, number);
  else
    snprintf(out, size, "station %lld", number);
}

void out_db(const json_t *value, char *out, size_t size)
{
  if (json_is_number(value))
    snprintf(out, size, "%+.1f", json_number_value(value));
  else
    snprintf(out, size, "-");
}
