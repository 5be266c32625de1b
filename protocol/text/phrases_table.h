/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The phrase book and the list of places as phrases_table.py makes them of phrases.tsv and places.txt at build time,
 * for the files phrase*.c only. */
#ifndef PROTOCOL_TEXT_PHRASES_TABLE_H
#define PROTOCOL_TEXT_PHRASES_TABLE_H

#include <stdint.h>

#include "protocol/text/phrases.h"

struct phrase_row {
  const char *topic;
  const char *sentence[PHRASE_LANGUAGES];
};

extern const struct phrase_row phrase_rows[];
extern const uint16_t phrase_row_count;

/* All sentences as number * PHRASE_LANGUAGES + language, by their first byte, then by number and language; those that
 * begin with byte b stand from phrase_sorted_from[b] to before phrase_sorted_from[b + 1]. */
extern const uint16_t phrase_sorted[];
extern const uint16_t phrase_sorted_from[257];

/* The place with number n is phrase_places[n - 1]. */
extern const char *const phrase_places[];
extern const uint16_t phrase_place_count;

#endif
