/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the simulator's INI files with inih, counting lines. */
#include "sim/net/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION_MAX 48 /* inih keeps no more of a section's name */
#define DURATION_MAX_MS (INT64_C(1000) * 86400 * 3660)

struct reading {
  struct ini_file *file;
  FILE *stream;
  ini_entry_fn *entry;
  void *context;
};

void ini_fault(struct ini_file *file, const char *key, const char *value, const char *remedy)
{
  if (!file->has_fault)
    snprintf(file->why, file->why_len, "%s:%d: %s = \"%s\": %s", file->path, file->line, key, value, remedy);
  file->has_fault = 1;
}

static char *next_line(char *buf, int size, void *context)
{
  struct reading *reading = context;
  if (!fgets(buf, size, reading->stream))
    return NULL;
  reading->file->line++;
  if (!strchr(buf, '\n') && !feof(reading->stream))
    ini_fault(reading->file, "line", buf, "is too long; break it, and begin the next line with a blank");
  return buf;
}

static int take_entry(void *context, const char *section, const char *key, const char *value)
{
  struct reading *reading = context;
  if (!reading->file->has_fault)
    reading->entry(reading->file, reading->context, section, key, value);
  return !reading->file->has_fault;
}

int ini_file_read(struct ini_file *file, ini_entry_fn *entry, void *context)
{
  struct reading reading = {file, fopen(file->path, "r"), entry, context};
  file->line = file->has_fault = 0;
  if (!reading.stream) {
    snprintf(file->why, file->why_len, "%s: cannot be opened: %s", file->path, strerror(errno));
    return -ENOENT;
  }
  int err = ini_parse_stream(next_line, &reading, take_entry, &reading);
  fclose(reading.stream);
  if (err && !file->has_fault) {
    file->line = err > 0 ? err : file->line;
    ini_fault(file, "line", "", "is neither [SECTION] nor KEY = VALUE; write one of these, or begin it with a #");
  }
  return file->has_fault ? -EINVAL : 0;
}

double ini_number(struct ini_file *file, const char *key, const char *value, double low, double high)
{
  char *end, remedy[96];
  double number = strtod(value, &end);
  if (end != value && !*end && isfinite(number) && number >= low && number <= high)
    return number;
  snprintf(remedy, sizeof remedy, "write a number from %g to %g", low, high);
  ini_fault(file, key, value, remedy);
  return low;
}

static int64_t unit_ms(char unit)
{
  switch (unit) {
  case 's':
    return 1000;
  case 'm':
    return 60000;
  case 'h':
    return 3600000;
  case 'd':
    return 86400000;
  default:
    return 0;
  }
}

int64_t ini_duration(struct ini_file *file, const char *key, const char *value)
{
  int64_t total = 0;
  const char *at = value;
  do {
    char *end;
    double number = strtod(at, &end);
    int64_t unit = unit_ms(*end);
    if (end == at || !unit || !(number >= 0 && number * (double)unit <= (double)DURATION_MAX_MS)) {
      ini_fault(file, key, value, "write a length of time such as 90s, 15m, 6h30m or 2d");
      return 0;
    }
    total += (int64_t)llround(number * (double)unit);
    at = end + 1;
  } while (*at);
  return total;
}
