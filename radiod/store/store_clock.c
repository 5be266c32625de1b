/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the node's time scale and its relation to the time of day for the daemon. */
#include <errno.h>
#include <stdio.h>

#include "radiod/store/store_impl.h"

static int run(struct store *store, sqlite3_stmt *statement)
{
  int code = store_run(store, statement);

  sqlite3_finalize(statement);
  return code;
}

int store_save_clock(struct store *store, const struct store_clock *clock)
{
  sqlite3_stmt *statement;

  store_note_time(store, clock->node_ms);
  int code = store_open_walk(store, &statement, "INSERT OR REPLACE INTO clock VALUES (1, ?1, ?2, ?3)");
  if (code)
    return code;
  sqlite3_bind_text(statement, 1, clock->boot, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64(statement, 2, clock->boot_ms);
  sqlite3_bind_int64(statement, 3, clock->node_ms);
  return run(store, statement);
}

int store_read_clock(struct store *store, struct store_clock *out)
{
  sqlite3_stmt *row;
  int64_t newest = 0;

  int code = schema_read_int(store->db,
                             "SELECT coalesce(max(ms), 0) FROM ("
                             "SELECT * FROM (SELECT at_ms AS ms FROM event ORDER BY id DESC LIMIT 1) UNION ALL "
                             "SELECT * FROM (SELECT stored_ms AS ms FROM message ORDER BY id DESC LIMIT 1))",
                             &newest);
  if (!code)
    code = store_open_walk(store, &row, "SELECT boot, boot_ms, node_ms FROM clock");
  if (code)
    return code;
  struct store_clock clock = {"", 0, newest};
  int found = store_next_row(store, row);
  if (found > 0) {
    const char *boot = (const char *)sqlite3_column_text(row, 0);
    snprintf(clock.boot, sizeof clock.boot, "%s", boot ? boot : "");
    clock.boot_ms = sqlite3_column_int64(row, 1);
    clock.node_ms = sqlite3_column_int64(row, 2);
  }
  sqlite3_finalize(row);
  if (found < 0)
    return found;
  if (!found && !newest)
    return -ENOENT;
  if (newest > clock.node_ms) {
    clock.boot_ms += newest - clock.node_ms;
    clock.node_ms = newest;
  }
  *out = clock;
  return 0;
}

int store_save_era(struct store *store, const struct store_era *era)
{
  sqlite3_stmt *statement;

  int code = store_open_walk(store, &statement, "INSERT OR REPLACE INTO era VALUES (?1, ?2, ?3)");
  if (code)
    return code;
  sqlite3_bind_int64(statement, 1, era->from_ms);
  if (era->source != CLOCK_UNKNOWN)
    sqlite3_bind_int64(statement, 2, era->offset_ms);
  sqlite3_bind_int64(statement, 3, era->source);
  return run(store, statement);
}

int store_read_eras(struct store *store, struct store_era *out, unsigned max)
{
  sqlite3_stmt *walk;
  unsigned count = 0;

  int code =
      store_open_walk(store, &walk, "SELECT from_ms, offset_ms, source FROM era ORDER BY from_ms DESC LIMIT ?1");
  if (code)
    return code;
  store_bind(walk, (const int64_t[]){max}, 1);
  while (count < max && (code = store_next_row(store, walk)) > 0) {
    int64_t source = sqlite3_column_int64(walk, 2);
    out[count++] = (struct store_era){sqlite3_column_int64(walk, 0), sqlite3_column_int64(walk, 1),
                                      source >= CLOCK_UNKNOWN && source <= CLOCK_SYSTEM ? (enum clock_source)source
                                                                                        : CLOCK_UNKNOWN};
  }
  code = store_end_walk(walk, code);
  return code < 0 ? code : (int)count;
}
