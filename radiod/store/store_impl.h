/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the store share: statements kept ready, transactions, rows to structs.  Nobody else includes
 * this. */
#ifndef RADIOD_STORE_IMPL_H
#define RADIOD_STORE_IMPL_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "radiod/store/store.h"

/* Statements of the hot paths, prepared once. */
enum store_sql {
  STORE_SQL_BEGIN,
  STORE_SQL_COMMIT,
  STORE_SQL_ROLLBACK,
  STORE_SQL_FIRST_COUNTER,
  STORE_SQL_RESERVE,
  STORE_SQL_INSERT_MESSAGE,
  STORE_SQL_INSERT_DELIVERY,
  STORE_SQL_FIND_DELIVERY,
  STORE_SQL_FIND_RECEIPTED,
  STORE_SQL_MOVE_DELIVERY,
  STORE_SQL_COUNT_ATTEMPTS,
  STORE_SQL_NOTE_RECEIPT,
  STORE_SQL_PEER,
  STORE_SQL_PEER_TOP,
  STORE_SQL_GET,
  STORE_SQL_LAST_ACKED,
  STORE_SQL_FIND_BASE,
  STORE_SQL_MARK_LOCAL,
  STORE_SQL_NOTE_VIA,
  STORE_SQL_PROVE,
  STORE_SQL_COUNT_UNREAD,
  STORE_SQL_COUNT_WAITING,
  STORE_SQL_ADD_EVENT,
  STORE_SQL_KEEP_BUNDLE,
  STORE_SQL_DROP_BUNDLE,
  STORE_SQL_LOAD_BUNDLE,
  STORE_SQL_SEE,
  STORE_SQL_FIND_SEEN,
  STORE_SQL_FIND_FORGOTTEN,
  STORE_SQL_OLDEST_SEEN,
  STORE_SQL_RAISE_FORGOTTEN,
  STORE_SQL_FORGET,
  STORE_SQL_COUNT
};

struct store {
  sqlite3 *db;
  int lock_fd;
  int64_t now_ms; /* latest time told by any call */
  struct store_keys keys;
  sqlite3_stmt *statement[STORE_SQL_COUNT];
};

/* What store_read_entry expects, in its order, from a table called m. */
#define STORE_ENTRY_COLUMNS                                                                                          \
  "m.id, m.origin, m.counter, m.dest, m.kind, m.precedence, m.born_ms, m.outgoing, m.stored_ms, m.body, "            \
  "m.ref_counter, m.heard_from, m.channel, m.mode, m.snr_cb, m.frame_counter, m.local_step, m.local_officer, "       \
  "m.is_unproven"

/* Likewise for a bundle. */
#define STORE_BUNDLE_COLUMNS                                                                                         \
  "origin, counter, kind, precedence, has_proof, life, journey, dest, born_ms, given_by, content"

/* Largest encoded body: a text of four-byte characters, and less than 100 bytes around it. */
#define STORE_BODY_MAX 1024

/* The negative errno code for a result of SQLite; 0 for SQLITE_OK, SQLITE_ROW and SQLITE_DONE. */
int store_errno(sqlite3 *db, int result);

/* A kept statement, ready to be bound. */
sqlite3_stmt *store_statement(struct store *store, enum store_sql which);

/* Binds values from the first parameter on. */
void store_bind(sqlite3_stmt *statement, const int64_t *values, int count);

/* Runs a statement that returns no rows (or whose rows do not matter) and resets it. */
int store_run(struct store *store, sqlite3_stmt *statement);

/* Runs a statement that returns at most one row.  Returns 0 (the row can be read; the caller resets), -ENOENT or
 * another error, after which it is reset. */
int store_first(struct store *store, sqlite3_stmt *statement);

/* A transaction: store_end commits when code is 0, else rolls back.  Returns code, or what the commit met. */
int store_begin(struct store *store);
int store_end(struct store *store, int code);

/* Keeps the latest time that any call told: the store has no clock of its own. */
void store_note_time(struct store *store, int64_t now_ms);

/* store_bundle.c: the node's functions for what it passes on. */
int store_commit_bundle(void *context, const struct held_bundle *bundle);
int store_drop_bundle(void *context, struct message_id id, uint16_t dest);
int store_load_bundle(void *context, struct message_id id, uint16_t dest, struct held_bundle *out);
int store_find_journey(void *context, struct message_id id, uint16_t dest);

/* Walks must survive a callback that walks or commits itself, so each has a statement of its own.  store_next_row
 * gives 1, 0 at the end, or a negative errno code; store_end_walk the code for the caller: a callback's positive one
 * only ends the walk. */
int store_open_walk(struct store *store, sqlite3_stmt **out, const char *sql);
int store_next_row(struct store *store, sqlite3_stmt *walk);
int store_end_walk(sqlite3_stmt *walk, int code);

/* Encodes the body.  Returns its length, -EINVAL (fields that no codec takes) or -EMSGSIZE. */
int store_encode_body(const struct message *message, uint8_t *buf, size_t size);

/* What a person wrote in a message; never NULL, may be empty. */
const struct text *store_message_text(const struct message *message);

/* Reads a row of STORE_ENTRY_COLUMNS.  Returns 0, or -EBADMSG when the row cannot have been written by this program.
 */
int store_read_entry(sqlite3_stmt *row, struct store_entry *out);

/* Brings an open database to this version's schema.  Returns 0; -EBADMSG (of another program), -EPROTO (newer) or
 * another error. */
int schema_check(sqlite3 *db);
int schema_migrate(sqlite3 *db);

/* Runs PRAGMA-like SQL and returns the first column of its first row.  Returns 0 or a negative errno code. */
int schema_read_int(sqlite3 *db, const char *sql, int64_t *out);

#endif
