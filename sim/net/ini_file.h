/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the simulator's INI files, so that every fault names file, line, value and remedy. */
#ifndef SIM_NET_INI_FILE_H
#define SIM_NET_INI_FILE_H

#include <stddef.h>
#include <stdint.h>

struct ini_file {
  const char *path;
  int line; /* of the entry being read */
  char *why;
  size_t why_len;
  int has_fault;
};

/* Sees every entry.  Tells ini_fault what is wrong with it. */
typedef void ini_entry_fn(struct ini_file *file, void *context, const char *section, const char *key,
                          const char *value);

/* Returns 0, or -ENOENT (no such file) or -EINVAL with one line in file->why. */
int ini_file_read(struct ini_file *file, ini_entry_fn *entry, void *context);

/* Notes what is wrong with key = value in the current line, and what to write instead; the first fault stays. */
void ini_fault(struct ini_file *file, const char *key, const char *value, const char *remedy);

/* Reads a number from low to high.  On a fault returns low. */
double ini_number(struct ini_file *file, const char *key, const char *value, double low, double high);

/* Reads a length of time such as "90s", "15m", "6h30m" or "2d", in milliseconds.  On a fault returns 0. */
int64_t ini_duration(struct ini_file *file, const char *key, const char *value);

#endif
