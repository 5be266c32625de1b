/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What radioctl prints: text from the air made harmless, local time with its zone, tables that fit the screen. */
#ifndef RADIOD_CLI_OUTPUT_H
#define RADIOD_CLI_OUTPUT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define OUT_TIME_MAX 48

/* Members of an object; "" and 0 when absent or of another type. */
const char *out_string(const json_t *object, const char *name);
long long out_integer(const json_t *object, const char *name);

/* Copy of text without control characters (newlines become spaces, the rest '?'); NULL when out of memory.  The
 * caller frees it. */
char *out_clean(const char *text);

/* Columns that text takes on a screen. */
size_t out_width(const char *text);
/* Bytes of text that fit into so many columns. */
size_t out_fitting(const char *text, size_t columns);

/* Width of the screen; 80 when the output is no terminal. */
size_t out_columns(void);

/* Prints text after an indent of columns that are already used or blank, wrapped at words. */
void out_wrapped(size_t indent, const char *text);

/* Prints the whole of json, as --json does. */
void out_json(const json_t *json);

/* "2026-11-24 14:05:12 (UTC-5)" of a time as the API writes it; "-" when there is none. */
void out_time(const char *rfc3339, char out[OUT_TIME_MAX]);
/* "11-24 14:05" in the zone that out_zone names. */
void out_short_time(const char *rfc3339, char out[OUT_TIME_MAX]);
/* "UTC-5", as it is now. */
void out_zone(char out[OUT_TIME_MAX]);

/* "+7.5" of decibels, "-" of anything else. */
void out_db(const json_t *value, char *out, size_t size);

/* "Belladère (2)", or "all". */
void out_station(const json_t *station, char *out, size_t size);

/* A table.  heads ends with NULL.  All functions bear a table that ran out of memory; printing it says so. */
struct table;
struct table *table_new(const char *const *heads);
void table_add(struct table *table, const char *const *cells); /* as many as heads; copied and cleaned */
void table_wrap_last(struct table *table);                     /* the last column is wrapped, not cut */
void table_print(const struct table *table); /* "-" where a cell is empty; too wide: cut with "…" */
void table_free(struct table *table);

#endif
