/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of the configuration file and the checks after it share; nobody else needs it. */
#ifndef RADIOD_CONFIG_PARSE_H
#define RADIOD_CONFIG_PARSE_H

#include <stdio.h>

#include "radiod/config/config_keys.h"

/* In which section the reader stands. */
enum config_place { CONFIG_PLACE_NONE, CONFIG_PLACE_STATION, CONFIG_PLACE_CHANNEL, CONFIG_PLACE_SKIP };

struct config_parse {
  struct config config;
  const char *path;
  char folder[CONFIG_PATH_MAX]; /* of the file, with its last slash, or empty */
  FILE *file;
  int line;         /* being read */
  int pending_line; /* a line that must prove to be KEY = VALUE, 0: none */
  enum config_place place;
  int station_line; /* of [station], 0: not seen */
  /* Where a key was written: 0 nowhere, negative when its value there was refused. */
  int station_key_line[CONFIG_KEYS_MAX];
  int key_line[CONFIG_CHANNELS_MAX][CONFIG_KEYS_MAX];
  char *error;
  size_t error_len, error_used;
  int code; /* 0, or what config_read is going to return */
};

/* Adds one line "PATH:LINE: " and the text, as long as it fits. */
void config_mistake(struct config_parse *parse, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds one line about a key: PATH:LINE: KEY = VALUE: WHY; write e.g. "KEY = EXAMPLE". */
void config_mistake_key(struct config_parse *parse, int line, const struct config_key *key, const char *value,
                        const char *why);

/* Checks what only the whole file can tell. */
void config_check(struct config_parse *parse);

#endif
