/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the measured modes and interpolates between their points. */
#include "sim/net/mode_table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/ini_file.h"

/* "-4:0.30 -2:0.98": pairs of SNR and share of bursts that arrived. */
static void read_points(struct ini_file *file, struct mode_curve *mode, const char *key, const char *value)
{
  const char *at = value;
  while (*at) {
    struct mode_point point;
    int used = 0;
    int is_pair = sscanf(at, "%lf:%lf %n", &point.snr_db, &point.arrival, &used) == 2 && used > 0;
    int rises = is_pair && (!mode->point_count || point.snr_db > mode->point[mode->point_count - 1].snr_db);
    if (!rises || !(point.arrival >= 0 && point.arrival <= 1) || mode->point_count == MODE_POINTS_MAX) {
      ini_fault(file, key, value, "write at most 24 pairs SNR:SHARE by rising SNR, shares from 0 to 1");
      return;
    }
    mode->point[mode->point_count++] = point;
    at += used;
  }
}

static struct mode_curve *section_mode(struct ini_file *file, struct mode_table *table, const char *section)
{
  char name[MODE_NAME_MAX], tail;
  if (sscanf(section, "mode %15s%c", name, &tail) != 1) {
    ini_fault(file, "section", section, "write [mode NAME], name of at most 15 characters");
    return NULL;
  }
  for (size_t i = 0; i < table->count; i++)
    if (!strcmp(table->mode[i].name, name))
      return &table->mode[i];
  if (table->count == LINK_MODES_MAX) {
    ini_fault(file, "section", section, "there may be at most 8 modes; remove one");
    return NULL;
  }
  struct mode_curve *mode = &table->mode[table->count++];
  *mode = (struct mode_curve){.link = {.fixed = 1}};
  strcpy(mode->name, name);
  return mode;
}

static void read_entry(struct ini_file *file, void *context, const char *section, const char *key, const char *value)
{
  struct mode_curve *mode = section_mode(file, context, section);
  if (!mode)
    return;
  if (!strcmp(key, "unit_bytes"))
    mode->link.unit_bytes = (uint16_t)ini_number(file, key, value, 1, LINK_BURST_MAX);
  else if (!strcmp(key, "max_bytes"))
    mode->link.max_bytes = (uint16_t)ini_number(file, key, value, 1, LINK_BURST_MAX);
  else if (!strcmp(key, "overhead_us"))
    mode->link.overhead_us = (uint32_t)ini_number(file, key, value, 0, 60e6);
  else if (!strcmp(key, "unit_us"))
    mode->link.unit_us = (uint32_t)ini_number(file, key, value, 1, 60e6);
  else if (!strcmp(key, "snr_needed_cb"))
    mode->link.snr_needed_cb = (int16_t)ini_number(file, key, value, -300, 400);
  else if (!strcmp(key, "arrival"))
    read_points(file, mode, key, value);
  else
    ini_fault(file, key, value,
              "no such key; a mode has unit_bytes, max_bytes, overhead_us, unit_us, snr_needed_cb, "
              "arrival");
}

int mode_table_read(struct mode_table *out, const char *path, char *why, size_t why_len)
{
  struct ini_file file = {.path = path, .why = why, .why_len = why_len};
  memset(out, 0, sizeof *out);
  int err = ini_file_read(&file, read_entry, out);
  for (size_t i = 0; i < out->count && !err; i++) {
    const struct mode_curve *mode = &out->mode[i];
    if (!mode->link.unit_bytes || !mode->link.max_bytes || !mode->link.unit_us || !mode->point_count) {
      ini_fault(&file, "mode", mode->name, "is not whole: give unit_bytes, max_bytes, unit_us and arrival");
      err = -EINVAL;
    }
  }
  return err;
}

const struct mode_curve *mode_table_find(const struct mode_table *table, const char *name)
{
  for (size_t i = 0; i < table->count; i++)
    if (!strcmp(table->mode[i].name, name))
      return &table->mode[i];
  return NULL;
}

double mode_arrival(const struct mode_curve *mode, double snr_db, unsigned units)
{
  const struct mode_point *point = mode->point;
  if (!(snr_db >= point[0].snr_db))
    return 0;
  size_t i = 1;
  while (i < mode->point_count && point[i].snr_db < snr_db)
    i++;
  if (i == mode->point_count)
    return pow(point[i - 1].arrival, units);
  double share = (snr_db - point[i - 1].snr_db) / (point[i].snr_db - point[i - 1].snr_db);
  return pow(point[i - 1].arrival + share * (point[i].arrival - point[i - 1].arrival), units);
}
