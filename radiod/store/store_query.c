/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the store for people: inbox, outbox, deliveries, and notes what the officer here did. */
#include <errno.h>
#include <string.h>

#include "radiod/store/store_impl.h"

int store_open_walk(struct store *store, sqlite3_stmt **out, const char *sql)
{
  return store_errno(store->db, sqlite3_prepare_v2(store->db, sql, -1, out, NULL));
}

int store_end_walk(sqlite3_stmt *walk, int code)
{
  sqlite3_finalize(walk);
  return code < 0 ? code : 0;
}

int store_next_row(struct store *store, sqlite3_stmt *walk)
{
  int rc = sqlite3_step(walk);

  return rc == SQLITE_ROW ? 1 : store_errno(store->db, rc);
}

/* Calls back for every row.  One that cannot be read does not hide the others: the walk goes on and ends with
 * -EBADMSG. */
static int walk_entries(struct store *store, sqlite3_stmt *walk, store_entry_fn *each, void *context)
{
  struct store_entry entry;
  int code, damaged = 0;

  while ((code = store_next_row(store, walk)) > 0) {
    if (store_read_entry(walk, &entry) < 0)
      damaged = -EBADMSG;
    else if ((code = each(context, &entry)) != 0)
      return code;
  }
  return code ? code : damaged;
}

int store_list(struct store *store, const struct store_filter *filter, store_entry_fn *each, void *context)
{
  static const char sql[] =
      "SELECT " STORE_ENTRY_COLUMNS " FROM message m WHERE (?1 = 0 OR m.id < ?1) AND (?2 < 0 OR m.outgoing = ?2) "
      "AND CASE ?3 WHEN -1 THEN m.kind < 5 WHEN 0 THEN m.kind < 4 ELSE m.kind = ?3 END "
      "AND (?4 = 0 OR (m.outgoing = 0 AND m.local_step = 0)) "
      "AND (?5 = 0 OR m.origin = ?5 OR m.dest = ?5 "
      "     OR EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND d.recipient = ?5)) "
      "ORDER BY m.id DESC LIMIT ?6";
  static const int outgoing[] = {[STORE_BOX_ALL] = -1, [STORE_BOX_IN] = 0, [STORE_BOX_OUT] = 1};
  sqlite3_stmt *walk;

  int code = store_open_walk(store, &walk, sql);
  if (code)
    return code;
  store_bind(walk,
             (const int64_t[]){filter->before_row, outgoing[filter->box], filter->kind, filter->unread_only,
                               filter->station, filter->limit},
             6);
  return store_end_walk(walk, walk_entries(store, walk, each, context));
}

static int copy_entry(void *context, const struct store_entry *entry)
{
  struct store_entry *out = context;

  *out = *entry;
  return 1;
}

int store_last_report(struct store *store, enum store_box box, uint16_t station, struct store_entry *out)
{
  const struct store_filter filter = {.box = box, .kind = MESSAGE_STATUS, .station = station, .limit = 1};
  struct store_entry entry = {0};

  int code = store_list(store, &filter, copy_entry, &entry);
  if (code)
    return code;
  if (entry.row == 0)
    return -ENOENT;
  *out = entry;
  return 0;
}

int store_each_waiting(struct store *store, store_delivery_fn *each, void *context)
{
  static const char sql[] =
      "SELECT " STORE_ENTRY_COLUMNS ", d.recipient, d.state, d.attempts FROM delivery d "
      "JOIN message m ON m.id = d.message WHERE d.state IN (0, 1, 8) ORDER BY d.message, d.recipient";
  struct store_entry entry;
  sqlite3_stmt *walk;
  int damaged = 0;

  int code = store_open_walk(store, &walk, sql);
  if (code)
    return code;
  int column = sqlite3_column_count(walk) - 3;
  while ((code = store_next_row(store, walk)) > 0) {
    uint16_t recipient = (uint16_t)sqlite3_column_int64(walk, column);
    enum delivery_state state = (enum delivery_state)sqlite3_column_int(walk, column + 1);
    uint32_t attempts = (uint32_t)sqlite3_column_int64(walk, column + 2);

    if (store_read_entry(walk, &entry) < 0)
      damaged = -EBADMSG;
    else if ((code = each(context, &entry.message, recipient, state, attempts)) != 0)
      return store_end_walk(walk, code);
  }
  return store_end_walk(walk, code ? code : damaged);
}

static int read_delivery(sqlite3_stmt *row, struct store_delivery *out)
{
  memset(out, 0, sizeof *out);
  out->recipient = (uint16_t)sqlite3_column_int64(row, 0);
  out->state = (enum delivery_state)sqlite3_column_int(row, 1);
  out->attempts = (uint32_t)sqlite3_column_int64(row, 2);
  out->changed_ms = sqlite3_column_int64(row, 3);
  out->officer = (uint8_t)sqlite3_column_int64(row, 4);
  out->via = (uint16_t)sqlite3_column_int64(row, 6);
  const char *note = (const char *)sqlite3_column_text(row, 5);
  if (!note || text_set(&out->note, note, (size_t)sqlite3_column_bytes(row, 5)))
    return -EBADMSG;
  return 0;
}

int store_each_delivery(struct store *store, struct message_id id, store_delivery_row_fn *each, void *context)
{
  static const char sql[] =
      "SELECT d.recipient, d.state, d.attempts, d.changed_ms, d.officer, d.note, d.via FROM message m "
      "JOIN delivery d ON d.message = m.id WHERE m.origin = ?1 AND m.counter = ?2 "
      "ORDER BY d.recipient";
  struct store_delivery delivery;
  sqlite3_stmt *walk;
  int damaged = 0;

  int code = store_open_walk(store, &walk, sql);
  if (code)
    return code;
  store_bind(walk, (const int64_t[]){id.origin, id.counter}, 2);
  while ((code = store_next_row(store, walk)) > 0) {
    if (read_delivery(walk, &delivery) < 0)
      damaged = -EBADMSG;
    else if ((code = each(context, &delivery)) != 0)
      return store_end_walk(walk, code);
  }
  return store_end_walk(walk, code ? code : damaged);
}

/* EXPIRED is said by the machine on arrival; an officer who reads the message all the same says more. */
static int step_rank(int step)
{
  static const int rank[RECEIPT_STEP_COUNT] = {
      [RECEIPT_RECEIVED] = 0, [RECEIPT_EXPIRED] = 1, [RECEIPT_READ] = 2, [RECEIPT_ACTED] = 3, [RECEIPT_REFUSED] = 3,
  };

  return rank[step];
}

int store_mark_local(struct store *store, struct message_id id, enum receipt_step step, uint8_t officer,
                     int64_t now_ms)
{
  struct store_entry entry;

  if ((unsigned)step >= RECEIPT_STEP_COUNT)
    return -EINVAL;
  int code = store_get(store, id, &entry);
  if (code)
    return code;
  if (entry.outgoing)
    return -ENOENT;
  if (step_rank(step) <= step_rank(entry.local_step))
    return 0;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_MARK_LOCAL);
  store_bind(statement, (const int64_t[]){id.origin, id.counter, step, officer, now_ms}, 5);
  return store_run(store, statement);
}

int store_note_via(struct store *store, struct message_id id, uint16_t recipient, uint16_t via)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_NOTE_VIA);

  store_bind(statement, (const int64_t[]){id.origin, id.counter, via, recipient}, 4);
  return store_run(store, statement);
}

static unsigned count_rows(struct store *store, enum store_sql which)
{
  sqlite3_stmt *statement = store_statement(store, which);

  if (store_first(store, statement))
    return 0;
  unsigned count = (unsigned)sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return count;
}

unsigned store_count_unread(struct store *store)
{
  return count_rows(store, STORE_SQL_COUNT_UNREAD);
}

unsigned store_count_waiting(struct store *store)
{
  return count_rows(store, STORE_SQL_COUNT_WAITING);
}

int store_peer_heard(struct store *store, const struct store_peer *peer)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_PEER);

  store_bind(statement,
             (const int64_t[]){peer->station, peer->top_counter, peer->heard_ms, peer->snr_cb, peer->peer_snr_cb,
                               peer->channel, peer->mode},
             7);
  return store_run(store, statement);
}

int store_each_peer(struct store *store, store_peer_fn *each, void *context)
{
  static const char sql[] = "SELECT station, top_counter, heard_ms, snr_cb, peer_snr_cb, channel, mode FROM peer "
                            "ORDER BY station";
  sqlite3_stmt *walk;

  int code = store_open_walk(store, &walk, sql);
  if (code)
    return code;
  while ((code = store_next_row(store, walk)) > 0) {
    const struct store_peer peer = {.station = (uint16_t)sqlite3_column_int64(walk, 0),
                                    .top_counter = (uint32_t)sqlite3_column_int64(walk, 1),
                                    .heard_ms = sqlite3_column_int64(walk, 2),
                                    .snr_cb = (int16_t)sqlite3_column_int64(walk, 3),
                                    .peer_snr_cb = (int16_t)sqlite3_column_int64(walk, 4),
                                    .channel = (uint8_t)sqlite3_column_int64(walk, 5),
                                    .mode = (uint8_t)sqlite3_column_int64(walk, 6)};

    if ((code = each(context, &peer)) != 0)
      break;
  }
  return store_end_walk(walk, code);
}
