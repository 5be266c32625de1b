/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the post's store and the steps that bring an older store to them. */
#include <errno.h>
#include <stdio.h>

#include "radiod/store/store_impl.h"

#define APPLICATION_ID 0x52444f44 /* "RDOD": tells radiod's databases from others */

/* Numbers in CHECK and in partial indexes are those of enum message_kind, delivery_state and receipt_step; the
 * meaning of a code never changes. */
static const char version_1[] =
    "CREATE TABLE message ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 65535),"
    "  counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),"
    "  dest INTEGER NOT NULL CHECK (dest BETWEEN 0 AND 65535),"
    "  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),"
    "  precedence INTEGER NOT NULL CHECK (precedence BETWEEN 0 AND 3),"
    "  born_ms INTEGER NOT NULL,"
    "  outgoing INTEGER NOT NULL CHECK (outgoing IN (0, 1)),"
    "  stored_ms INTEGER NOT NULL,"
    "  body BLOB NOT NULL,"
    "  plain TEXT NOT NULL,"
    "  ref_counter INTEGER NOT NULL DEFAULT 0," /* receipts: whole, on air it is cut */
    "  base_ref INTEGER,"                       /* status: see status_base_ref */
    "  heard_from INTEGER NOT NULL DEFAULT 0,"
    "  channel INTEGER NOT NULL DEFAULT 0,"
    "  mode INTEGER NOT NULL DEFAULT 0,"
    "  snr_cb INTEGER NOT NULL DEFAULT 0,"
    "  frame_counter INTEGER NOT NULL DEFAULT 0,"
    "  local_step INTEGER NOT NULL DEFAULT 0 CHECK (local_step BETWEEN 0 AND 4),"
    "  local_officer INTEGER NOT NULL DEFAULT 0,"
    "  local_ms INTEGER NOT NULL DEFAULT 0,"
    "  UNIQUE (origin, counter)) STRICT;"
    "CREATE INDEX message_reports ON message (origin) WHERE kind = 1 AND outgoing = 0;"
    "CREATE INDEX message_low_counter ON message (counter & 65535) WHERE outgoing = 1;"
    "CREATE INDEX message_unread ON message (id) WHERE outgoing = 0 AND local_step = 0 AND kind <> 4;"
    "CREATE TABLE delivery ("
    "  message INTEGER NOT NULL REFERENCES message (id),"
    "  recipient INTEGER NOT NULL CHECK (recipient BETWEEN 1 AND 65535),"
    "  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 7),"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  changed_ms INTEGER NOT NULL,"
    "  officer INTEGER NOT NULL DEFAULT 0,"
    "  note TEXT NOT NULL DEFAULT '',"
    "  PRIMARY KEY (message, recipient)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX delivery_waiting ON delivery (message, recipient) WHERE state IN (0, 1);"
    "CREATE INDEX delivery_recipient ON delivery (recipient, message);"
    "CREATE TABLE peer ("
    "  station INTEGER PRIMARY KEY,"
    "  top_counter INTEGER NOT NULL,"
    "  heard_ms INTEGER NOT NULL,"
    "  snr_cb INTEGER NOT NULL,"
    "  peer_snr_cb INTEGER NOT NULL,"
    "  channel INTEGER NOT NULL,"
    "  mode INTEGER NOT NULL) STRICT;"
    /* One row.  Counters begin at 1, so that 0 can mean "none". */
    "CREATE TABLE counter ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  first_free INTEGER NOT NULL) STRICT;"
    "INSERT INTO counter VALUES (1, 1);"
    /* One row, written at the first start: whose counters and messages these are. */
    "CREATE TABLE owner ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  network BLOB NOT NULL,"
    "  station INTEGER NOT NULL) STRICT;"
    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  at_ms INTEGER NOT NULL,"
    "  level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),"
    "  source TEXT NOT NULL,"
    "  text TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event"
    "  BEGIN SELECT RAISE (ABORT, 'the event log is append only'); END;"
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event"
    "  BEGIN SELECT RAISE (ABORT, 'the event log is append only'); END;";

/* SQLite cannot change a CHECK: tables are copied, and take over the old name when the old one is gone.  Foreign keys
 * are not enforced yet, and refer to names.  Version 1 counted all times by the wall clock: offset 0. */
static const char version_2[] =
    "CREATE TABLE message_2 ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 65535),"
    "  counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),"
    "  dest INTEGER NOT NULL CHECK (dest BETWEEN 0 AND 65535),"
    "  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),"
    "  precedence INTEGER NOT NULL CHECK (precedence BETWEEN 0 AND 3),"
    "  born_ms INTEGER NOT NULL,"
    "  outgoing INTEGER NOT NULL CHECK (outgoing IN (0, 1)),"
    "  stored_ms INTEGER NOT NULL,"
    "  body BLOB NOT NULL,"
    "  plain TEXT NOT NULL,"
    "  ref_counter INTEGER NOT NULL DEFAULT 0,"
    "  base_ref INTEGER,"
    "  heard_from INTEGER NOT NULL DEFAULT 0,"
    "  channel INTEGER NOT NULL DEFAULT 0,"
    "  mode INTEGER NOT NULL DEFAULT 0,"
    "  snr_cb INTEGER NOT NULL DEFAULT 0,"
    "  frame_counter INTEGER NOT NULL DEFAULT 0,"
    "  local_step INTEGER NOT NULL DEFAULT 0 CHECK (local_step BETWEEN 0 AND 4),"
    "  local_officer INTEGER NOT NULL DEFAULT 0,"
    "  local_ms INTEGER NOT NULL DEFAULT 0,"
    "  is_unproven INTEGER NOT NULL DEFAULT 0 CHECK (is_unproven IN (0, 1)),"
    "  UNIQUE (origin, counter)) STRICT;"
    "INSERT INTO message_2 SELECT id, origin, counter, dest, kind, precedence, born_ms, outgoing, stored_ms, body,"
    "  plain, ref_counter, base_ref, heard_from, channel, mode, snr_cb, frame_counter, local_step, local_officer,"
    "  local_ms, 0 FROM message;"
    "DROP TABLE message;"
    "ALTER TABLE message_2 RENAME TO message;"
    "CREATE INDEX message_reports ON message (origin) WHERE kind = 1 AND outgoing = 0;"
    "CREATE INDEX message_low_counter ON message (counter & 65535) WHERE outgoing = 1;"
    "CREATE INDEX message_unread ON message (id) WHERE outgoing = 0 AND local_step = 0 AND kind < 4;"
    "CREATE TABLE delivery_2 ("
    "  message INTEGER NOT NULL REFERENCES message (id),"
    "  recipient INTEGER NOT NULL CHECK (recipient BETWEEN 1 AND 65535),"
    "  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 8),"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  changed_ms INTEGER NOT NULL,"
    "  officer INTEGER NOT NULL DEFAULT 0,"
    "  note TEXT NOT NULL DEFAULT '',"
    "  via INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY (message, recipient)) STRICT, WITHOUT ROWID;"
    "INSERT INTO delivery_2 SELECT message, recipient, state, attempts, changed_ms, officer, note, 0 FROM delivery;"
    "DROP TABLE delivery;"
    "ALTER TABLE delivery_2 RENAME TO delivery;"
    "CREATE INDEX delivery_waiting ON delivery (message, recipient) WHERE state IN (0, 1, 8);"
    "CREATE INDEX delivery_recipient ON delivery (recipient, message);"
    /* What this station keeps to pass it on. */
    "CREATE TABLE bundle ("
    "  id INTEGER PRIMARY KEY,"
    "  origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 65535),"
    "  counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),"
    "  kind INTEGER NOT NULL,"
    "  precedence INTEGER NOT NULL CHECK (precedence BETWEEN 0 AND 3),"
    "  has_proof INTEGER NOT NULL,"
    "  life INTEGER NOT NULL,"
    "  journey INTEGER NOT NULL CHECK (journey BETWEEN 0 AND 255),"
    "  dest INTEGER NOT NULL,"
    "  born_ms INTEGER NOT NULL,"
    "  given_by INTEGER NOT NULL,"
    "  content BLOB NOT NULL CHECK (length (content) BETWEEN 1 AND 1024),"
    "  UNIQUE (origin, counter, dest)) STRICT;"
    /* Identities that were here, and for each originator the highest counter of those forgotten. */
    "CREATE TABLE seen ("
    "  origin INTEGER NOT NULL,"
    "  counter INTEGER NOT NULL,"
    "  dest INTEGER NOT NULL,"
    "  journey INTEGER NOT NULL CHECK (journey BETWEEN 0 AND 255),"
    "  last_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (origin, counter, dest)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX seen_age ON seen (last_ms);"
    "CREATE TABLE forgotten ("
    "  origin INTEGER PRIMARY KEY,"
    "  upto INTEGER NOT NULL) STRICT;"
    /* One row: where the node's time stood in which run of the machine. */
    "CREATE TABLE clock ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  boot TEXT NOT NULL,"
    "  boot_ms INTEGER NOT NULL,"
    "  node_ms INTEGER NOT NULL) STRICT;"
    /* What to add to the node's time from from_ms on; NULL: not known. */
    "CREATE TABLE era ("
    "  from_ms INTEGER PRIMARY KEY,"
    "  offset_ms INTEGER,"
    "  source INTEGER NOT NULL) STRICT;"
    "INSERT INTO era SELECT -9223372036854775807, 0, 1 WHERE EXISTS (SELECT 1 FROM event);";

/* steps[n] leads from version n to n + 1. */
static const char *const steps[] = {version_1, version_2};

#define SCHEMA_VERSION ((int64_t)(sizeof steps / sizeof steps[0]))

int schema_read_int(sqlite3 *db, const char *sql, int64_t *out)
{
  sqlite3_stmt *statement;

  int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (rc != SQLITE_OK)
    return store_errno(db, rc);
  rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW)
    *out = sqlite3_column_int64(statement, 0);
  int code = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : store_errno(db, rc);
  sqlite3_finalize(statement);
  return code;
}

int schema_check(sqlite3 *db)
{
  int64_t application = 0, version = 0, objects = 0;

  int code = schema_read_int(db, "PRAGMA application_id", &application);
  if (!code)
    code = schema_read_int(db, "PRAGMA user_version", &version);
  if (!code)
    code = schema_read_int(db, "SELECT count(*) FROM sqlite_schema", &objects);
  if (code)
    return code;
  if (application == 0 && version == 0 && objects == 0)
    return 0; /* new */
  if (application != APPLICATION_ID || version < 1)
    return -EBADMSG;
  return version > SCHEMA_VERSION ? -EPROTO : 0;
}

static int run_step(sqlite3 *db, int64_t version)
{
  char mark[96];

  snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
           (int)version + 1);
  int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, steps[version], NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, mark, NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
  int code = store_errno(db, rc);
  if (!sqlite3_get_autocommit(db))
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return code;
}

int schema_migrate(sqlite3 *db)
{
  int64_t version = 0;

  int code = schema_read_int(db, "PRAGMA user_version", &version);
  for (; !code && version < SCHEMA_VERSION; version++)
    code = run_step(db, version);
  return code;
}
