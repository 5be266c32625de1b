/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event log of the post: what happened to the machine, appended and never changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "radiod/store/store_impl.h"

/* Length of the character at text: 1 to 4 bytes, 0 when it must not stand in a log (broken UTF-8, control). */
static size_t character(const char *text, size_t left)
{
  for (size_t len = 1; len <= 4 && len <= left; len++)
    if (text_count_chars(text, len) == 1)
      return text[0] == '\n' || text[0] == '\t' ? 0 : len;
  return 0;
}

/* Copies text as one clean line, cut between characters. */
static void clean(char *out, size_t size, const char *text)
{
  size_t used = 0, left = strlen(text);

  while (left > 0) {
    size_t len = character(text, left);

    if (used + (len ? len : 1) >= size)
      break;
    if (len)
      memcpy(out + used, text, len);
    else
      out[used] = ' ';
    used += len ? len : 1;
    text += len ? len : 1;
    left -= len ? len : 1;
  }
  out[used] = '\0';
}

int store_add_event(struct store *store, int64_t at_ms, enum store_level level, const char *source, const char *text)
{
  struct store_event event;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_ADD_EVENT);

  store_note_time(store, at_ms);
  clean(event.source, sizeof event.source, source);
  clean(event.text, sizeof event.text, text);
  store_bind(statement, (const int64_t[]){at_ms, level}, 2);
  sqlite3_bind_text(statement, 3, event.source, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text(statement, 4, event.text, -1, SQLITE_TRANSIENT);
  return store_run(store, statement);
}

static void read_event(sqlite3_stmt *row, struct store_event *out)
{
  const char *source = (const char *)sqlite3_column_text(row, 3), *text = (const char *)sqlite3_column_text(row, 4);

  out->row = sqlite3_column_int64(row, 0);
  out->at_ms = sqlite3_column_int64(row, 1);
  out->level = (enum store_level)sqlite3_column_int(row, 2);
  snprintf(out->source, sizeof out->source, "%s", source ? source : "");
  snprintf(out->text, sizeof out->text, "%s", text ? text : "");
}

int store_each_event(struct store *store, int64_t before_row, unsigned limit, store_event_fn *each, void *context)
{
  static const char sql[] = "SELECT id, at_ms, level, source, text FROM event WHERE ?1 = 0 OR id < ?1 "
                            "ORDER BY id DESC LIMIT ?2";
  sqlite3_stmt *walk;
  int rc, code = 0;

  rc = sqlite3_prepare_v2(store->db, sql, -1, &walk, NULL);
  if (rc != SQLITE_OK)
    return store_errno(store->db, rc);
  store_bind(walk, (const int64_t[]){before_row, limit}, 2);
  while (!code && (rc = sqlite3_step(walk)) == SQLITE_ROW) {
    struct store_event event;

    read_event(walk, &event);
    code = each(context, &event);
  }
  if (!code)
    code = store_errno(store->db, rc);
  sqlite3_finalize(walk);
  return code < 0 ? code : 0;
}
