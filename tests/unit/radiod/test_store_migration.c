/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that a store of version 1 opens, keeps everything, and then takes what version 2 brought. */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

#define OWN 40
#define RECEIVED 30

/* The statements of version 1 as they were: never to be changed. */
static const char version_1[] =
    "PRAGMA application_id = 1380208452; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;"
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

    "CREATE TABLE counter ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  first_free INTEGER NOT NULL) STRICT;"
    "INSERT INTO counter VALUES (1, 1);"

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

static sqlite3 *open_raw(struct scratch *scratch)
{
  sqlite3 *db;

  assert_int_equal(sqlite3_open(scratch_path(scratch, "radiod.db"), &db), SQLITE_OK);
  return db;
}

static void run(sqlite3 *db, const char *sql)
{
  char *why = NULL;

  if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
    fail_msg("%s: %s", sql, why);
}

static void insert(sqlite3 *db, const struct message *message, int outgoing)
{
  struct bit_writer writer;
  uint8_t body[MESSAGE_BODY_MAX];
  sqlite3_stmt *row;

  bits_writer_init(&writer, body, sizeof body);
  message_encode_body(message, NULL, 0, &writer);
  assert_int_equal(sqlite3_prepare_v2(db,
                                      "INSERT INTO message (origin, counter, dest, kind, precedence, born_ms, "
                                      "outgoing, stored_ms, body, plain, ref_counter, base_ref, heard_from) VALUES "
                                      "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8, 'x', ?9, 77, ?1)",
                                      -1, &row, NULL),
                   SQLITE_OK);
  const int64_t values[] = {message->id.origin,  message->id.counter, message->dest, message->kind,
                            message->precedence, message->born_ms,    outgoing};
  for (int i = 0; i < 7; i++)
    sqlite3_bind_int64(row, i + 1, values[i]);
  sqlite3_bind_blob(row, 8, body, (int)bits_put_len(&writer), SQLITE_STATIC);
  sqlite3_bind_int64(row, 9, message->kind == MESSAGE_RECEIPT ? message->body.receipt.ref_counter : 0);
  assert_int_equal(sqlite3_step(row), SQLITE_DONE);
  sqlite3_finalize(row);
}

/* A store as version 1 left it: every kind of message, every state of a delivery. */
static void make_version_1(struct scratch *scratch)
{
  sqlite3 *db = open_raw(scratch);

  run(db, version_1);
  for (uint32_t i = 1; i <= OWN; i++) {
    struct message own = i % 2 ? sample_text(US, i, "nou la") : sample_alert(US, i, "dlo");
    char sql[120];

    insert(db, &own, 1);
    snprintf(sql, sizeof sql, "INSERT INTO delivery VALUES (%u, %d, %u, %u, %u, 3, 'nòt')", i, PEER, i % 8, i, i);
    run(db, sql);
  }
  for (uint32_t i = 1; i <= RECEIVED; i++) {
    struct message in = i % 2 ? sample_status(PEER, i, "24") : sample_receipt(PEER, i, RECEIPT_READ, i, "wi");
    insert(db, &in, 0);
  }
  run(db, "UPDATE counter SET first_free = 640; INSERT INTO owner VALUES (1, x'0102030405060708', 1);"
          "INSERT INTO peer VALUES (2, 99, 1000, -20, 30, 0, 1);"
          "INSERT INTO event (at_ms, level, source, text) VALUES (1700000000000, 0, 'station', 'started')");
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void everything_of_version_1_is_kept(void **state)
{
  make_version_1(*state);
  struct store *store = sample_open(*state);
  struct store_entry entry;
  uint32_t first = 0;

  for (uint32_t i = 1; i <= OWN; i++) {
    struct message own = i % 2 ? sample_text(US, i, "nou la") : sample_alert(US, i, "dlo");
    struct store_delivery delivery = sample_delivery(store, own.id, PEER);

    assert_int_equal(store_get(store, own.id, &entry), 0);
    assert_same_message(&entry.message, &own);
    assert_int_equal(entry.row, i);
    assert_int_equal(entry.message.is_unproven, 0);
    assert_int_equal(delivery.state, i % 8);
    assert_int_equal(delivery.attempts, i);
    assert_int_equal(delivery.officer, 3);
    assert_int_equal(delivery.via, STATION_NONE);
  }
  for (uint32_t i = 1; i <= RECEIVED; i++)
    assert_int_equal(store_get(store, (struct message_id){PEER, i}, &entry), 0);
  assert_int_equal(store_first_counter(store, &first), 0);
  assert_int_equal(first, 640);
  store_close(store);
}

static void a_migrated_store_takes_what_is_new(void **state)
{
  static const uint16_t recipients[] = {PEER};
  make_version_1(*state);
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct message own = sample_text(US, 700, "apre");
  struct store_entry entry;

  sample_send(store, &own, recipients, 1);
  assert_int_equal(node.commit_delivery(node.context, own.id, PEER, DELIVERY_CUSTODY, 1, NOW_MS), 0);
  assert_int_equal(sample_delivery(store, own.id, PEER).state, DELIVERY_CUSTODY);
  struct message key = {.id = {PEER, 701}, .dest = US, .kind = MESSAGE_KEY, .born_ms = NOW_MS};
  sample_receive(store, &key);
  assert_int_equal(store_get(store, own.id, &entry), 0);
  assert_true(entry.row > OWN + RECEIVED); /* numbers for paging go on */
  store_close(store);
}

static void nothing_refers_to_a_table_that_is_gone(void **state)
{
  make_version_1(*state);
  store_close(sample_open(*state));
  sqlite3 *db = open_raw(*state);
  sqlite3_stmt *row;

  run(db, "PRAGMA foreign_keys = ON");
  assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &row, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(row), SQLITE_DONE);
  sqlite3_finalize(row);
  assert_int_equal(
      sqlite3_exec(db, "INSERT INTO delivery (message, recipient, changed_ms) VALUES (9999, 2, 0)", NULL, NULL, NULL),
      SQLITE_CONSTRAINT);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_second_opening_migrates_nothing(void **state)
{
  make_version_1(*state);
  struct store *store = sample_reopen(*state, sample_open(*state));
  struct store_entry entry;

  assert_int_equal(store_get(store, (struct message_id){US, OWN}, &entry), 0);
  store_close(store);
}

/* What version 1 wrote were times of day. */
static void times_of_version_1_keep_their_meaning(void **state)
{
  struct store_era era[2];

  make_version_1(*state);
  struct store *store = sample_open(*state);
  assert_int_equal(store_read_eras(store, era, 2), 1);
  assert_true(era[0].from_ms < 0 && era[0].offset_ms == 0 && era[0].source == CLOCK_GUESSED);
  store_close(store);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(everything_of_version_1_is_kept),        CASE(a_migrated_store_takes_what_is_new),
      CASE(nothing_refers_to_a_table_that_is_gone), CASE(a_second_opening_migrates_nothing),
      CASE(times_of_version_1_keep_their_meaning),
  };

  return cmocka_run_group_tests_name("store_migration", tests, NULL, NULL);
}
