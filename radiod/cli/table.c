/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables whose columns are measured in screen columns, not bytes, and made to fit the screen. */
#include "radiod/cli/output.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define TABLE_COLUMNS_MAX 12
#define TABLE_GAP 2
#define COLUMN_MIN 6 /* narrower, a cut cell says nothing */

struct table {
  const char *const *heads;
  size_t columns, rows;
  char **cell;
  int wraps;  /* the last column */
  int failed; /* out of memory */
};

struct table *table_new(const char *const *heads)
{
  struct table *table = calloc(1, sizeof *table);
  if (!table)
    return NULL;
  table->heads = heads;
  while (heads[table->columns])
    table->columns++;
  assert(table->columns <= TABLE_COLUMNS_MAX);
  return table;
}

void table_wrap_last(struct table *table)
{
  if (table)
    table->wraps = 1;
}

void table_add(struct table *table, const char *const *cells)
{
  if (!table || table->failed)
    return;
  char **grown = realloc(table->cell, (table->rows + 1) * table->columns * sizeof *grown);
  if (!grown) {
    table->failed = 1;
    return;
  }
  table->cell = grown;
  for (size_t i = 0; i < table->columns; i++) {
    char *clean = out_clean(*cells[i] ? cells[i] : "-");
    grown[table->rows * table->columns + i] = clean;
    if (!clean)
      table->failed = 1;
  }
  table->rows++;
}

static void measure(const struct table *table, size_t width[TABLE_COLUMNS_MAX])
{
  for (size_t i = 0; i < table->columns; i++) {
    width[i] = out_width(table->heads[i]);
    for (size_t row = 0; row < table->rows; row++) {
      size_t cell = out_width(table->cell[row * table->columns + i]);
      width[i] = cell > width[i] ? cell : width[i];
    }
  }
}

/* Takes from the widest column until all fit. */
static void shrink(const struct table *table, size_t width[TABLE_COLUMNS_MAX])
{
  size_t room = out_columns(), total = TABLE_GAP * (table->columns - 1);
  for (size_t i = 0; i < table->columns; i++)
    total += width[i];
  for (; total > room; total--) {
    size_t widest = 0;
    for (size_t i = 1; i < table->columns; i++)
      if (width[i] >= width[widest])
        widest = i;
    if (width[widest] <= COLUMN_MIN)
      return;
    width[widest]--;
  }
}

/* Prints text in exactly width columns; the last cell of a line is not padded. */
static void print_cell(const char *text, size_t width, int last)
{
  mbstate_t state = {0};
  size_t used = 0, bytes = 0, len = strlen(text);
  int cut = out_width(text) > width;
  while (bytes < len) {
    wchar_t c;
    size_t step = mbrtowc(&c, text + bytes, len - bytes, &state);
    int columns = step <= len ? wcwidth(c) : -1;
    if (columns < 0 || used + (size_t)columns > width - (size_t)cut)
      break;
    used += (size_t)columns;
    bytes += step;
  }
  printf("%.*s%s", (int)bytes, text, cut ? "…" : "");
  if (!last)
    printf("%*s", (int)(width - used - (size_t)cut + TABLE_GAP), "");
}

static void print_row(const struct table *table, const char *const *cells, const size_t *width)
{
  for (size_t i = 0; i < table->columns; i++)
    print_cell(cells[i], width[i], i + 1 == table->columns);
  putchar('\n');
}

/* The last cell whole, on as many lines as it takes. */
static void print_wrapped_row(const struct table *table, const char *const *cells, const size_t *width)
{
  size_t last = table->columns - 1, indent = 0;
  for (size_t i = 0; i < last; i++) {
    print_cell(cells[i], width[i], 0);
    indent += width[i] + TABLE_GAP;
  }
  out_wrapped(indent, cells[last]);
}

void table_print(const struct table *table)
{
  size_t width[TABLE_COLUMNS_MAX];
  if (!table || table->failed) {
    fputs("radioctl: out of memory\n", stderr);
    return;
  }
  int bold = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
  measure(table, width);
  shrink(table, width);
  fputs(bold ? "\033[1m" : "", stdout);
  print_row(table, table->heads, width);
  fputs(bold ? "\033[0m" : "", stdout);
  for (size_t row = 0; row < table->rows; row++) {
    const char *const *cells = (const char *const *)table->cell + row * table->columns;
    if (table->wraps)
      print_wrapped_row(table, cells, width);
    else
      print_row(table, cells, width);
  }
}

void table_free(struct table *table)
{
  if (!table)
    return;
  for (size_t i = 0; i < table->rows * table->columns; i++)
    free(table->cell[i]);
  free(table->cell);
  free(table);
}
