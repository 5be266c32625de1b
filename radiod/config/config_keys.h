/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of all settings, for the reader of the configuration file: one row says everything about one key. */
#ifndef RADIOD_CONFIG_KEYS_H
#define RADIOD_CONFIG_KEYS_H

#include <stddef.h>

#include "radiod/config/config.h"

#define CONFIG_KEYS_MAX 32

enum config_section { CONFIG_SECTION_STATION, CONFIG_SECTION_CHANNEL };

enum config_type {
  CONFIG_TYPE_PATH,   /* char[]; a relative one is completed with the file's own folder */
  CONFIG_TYPE_TEXT,   /* char[] */
  CONFIG_TYPE_WORD,   /* char[], one of choices */
  CONFIG_TYPE_NUMBER, /* 32 bits, min..max */
  CONFIG_TYPE_CHOICE, /* enum: index into choices */
  CONFIG_TYPE_SPAN,   /* struct config_span, both ends min..max, the first below the second */
};

/* Bits for modems and required. */
#define CONFIG_FOR_KISS (1u << CONFIG_MODEM_KISS)
#define CONFIG_FOR_FREEDV (1u << CONFIG_MODEM_FREEDV)
#define CONFIG_FOR_ALL (CONFIG_FOR_KISS | CONFIG_FOR_FREEDV)

struct config_key {
  const char *name;
  enum config_section section;
  unsigned modems;   /* for which kinds of modem the key has a meaning */
  unsigned required; /* which of them cannot do without */
  enum config_type type;
  size_t offset, size; /* of the member in struct config or struct config_channel */
  long min, max;
  const char *const *choices; /* ends with NULL */
  const char *preset;         /* NULL: empty */
  const char *example;        /* a value that works, for the remedy */
};

/* The keys, counted 0..config_key_count() - 1. */
size_t config_key_count(void);
const struct config_key *config_key_at(size_t index);
size_t config_key_index(const struct config_key *key);

/* NULL when the section has no such key. */
const struct config_key *config_key_find(enum config_section section, const char *name);

/* The key whose name is most like name, or NULL when none is. */
const struct config_key *config_key_nearest(enum config_section section, const char *name);

/* Writes value into base, a struct config or struct config_channel.  Returns 0, or -EINVAL with the reason in why and
 * base untouched. */
int config_key_set(const struct config_key *key, void *base, const char *value, char *why, size_t why_len);

/* Gives every key of the section its preset. */
void config_key_presets(enum config_section section, void *base);

#endif
