/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the post's store for the daemon: lock, check of the file, schema, statements. */
#include "radiod/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "radiod/store/store_impl.h"

/* Longer than a backup by the sqlite3 command holds the write lock, short enough not to stall the loop for long. */
#define BUSY_TIMEOUT_MS 2000

#define DELIVERY_OF_MESSAGE                                                                                          \
  "SELECT d.message, d.state FROM message m JOIN delivery d ON d.message = m.id WHERE d.recipient = ?3 AND "

static const char *const statements[STORE_SQL_COUNT] = {
    [STORE_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_SQL_COMMIT] = "COMMIT",
    [STORE_SQL_ROLLBACK] = "ROLLBACK",
    [STORE_SQL_FIRST_COUNTER] = "SELECT first_free FROM counter WHERE id = 1",
    [STORE_SQL_RESERVE] = "UPDATE counter SET first_free = max(first_free, ?1) WHERE id = 1",
    [STORE_SQL_INSERT_MESSAGE] =
        "INSERT INTO message (origin, counter, dest, kind, precedence, born_ms, outgoing, stored_ms, ref_counter, "
        "heard_from, channel, mode, snr_cb, frame_counter, is_unproven, base_ref, body, plain) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    [STORE_SQL_INSERT_DELIVERY] = "INSERT INTO delivery (message, recipient, changed_ms) VALUES (?1, ?2, ?3)",
    [STORE_SQL_FIND_DELIVERY] = DELIVERY_OF_MESSAGE "m.origin = ?1 AND m.counter = ?2",
    [STORE_SQL_FIND_RECEIPTED] =
        DELIVERY_OF_MESSAGE "m.outgoing = 1 AND m.kind <> 4 AND (m.counter & 65535) = ?1 ORDER BY m.id DESC LIMIT 1",
    [STORE_SQL_MOVE_DELIVERY] = "UPDATE delivery SET state = ?3, changed_ms = ?4, attempts = max(attempts, ?5) "
                                "WHERE message = ?1 AND recipient = ?2",
    [STORE_SQL_COUNT_ATTEMPTS] =
        "UPDATE delivery SET attempts = max(attempts, ?3) WHERE message = ?1 AND recipient = ?2",
    [STORE_SQL_NOTE_RECEIPT] = "UPDATE delivery SET officer = ?3, note = ?4 WHERE message = ?1 AND recipient = ?2",
    [STORE_SQL_PEER] = "INSERT INTO peer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (station) DO UPDATE SET "
                       "top_counter = max(top_counter, ?2), heard_ms = ?3, snr_cb = ?4, peer_snr_cb = ?5, "
                       "channel = ?6, mode = ?7",
    [STORE_SQL_PEER_TOP] = "INSERT INTO peer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (station) DO UPDATE SET "
                           "top_counter = max(top_counter, ?2), heard_ms = max(heard_ms, ?3), snr_cb = ?4, "
                           "channel = ?6, mode = ?7",
    [STORE_SQL_GET] = "SELECT " STORE_ENTRY_COLUMNS " FROM message m WHERE m.origin = ?1 AND m.counter = ?2",
    [STORE_SQL_LAST_ACKED] =
        "SELECT " STORE_ENTRY_COLUMNS " FROM delivery d JOIN message m ON m.id = d.message "
        "WHERE d.recipient = ?1 AND d.state IN (2, 3, 4) AND m.kind = 1 ORDER BY d.message DESC LIMIT 1",
    [STORE_SQL_FIND_BASE] =
        "SELECT " STORE_ENTRY_COLUMNS " FROM message m "
        "WHERE m.base_ref = ?2 AND m.id IN (SELECT id FROM message WHERE kind = 1 AND origin = ?1 AND outgoing = 0 "
        "ORDER BY id DESC LIMIT ?3) ORDER BY m.id DESC LIMIT 1",
    [STORE_SQL_MARK_LOCAL] = "UPDATE message SET local_step = ?3, local_officer = ?4, local_ms = ?5 "
                             "WHERE origin = ?1 AND counter = ?2",
    [STORE_SQL_NOTE_VIA] = "UPDATE delivery SET via = ?3 WHERE recipient = ?4 AND "
                           "message = (SELECT id FROM message WHERE origin = ?1 AND counter = ?2)",
    [STORE_SQL_PROVE] = "UPDATE message SET is_unproven = 0, kind = ?3, precedence = ?4, body = ?5, plain = ?6 "
                        "WHERE origin = ?1 AND counter = ?2 AND is_unproven = 1",
    [STORE_SQL_COUNT_UNREAD] = "SELECT count(*) FROM message WHERE outgoing = 0 AND local_step = 0 AND kind < 4",
    [STORE_SQL_COUNT_WAITING] = "SELECT count(*) FROM delivery WHERE state IN (0, 1, 8)",
    [STORE_SQL_KEEP_BUNDLE] =
        "INSERT INTO bundle (origin, counter, kind, precedence, has_proof, life, journey, dest, born_ms, given_by, "
        "content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (origin, counter, dest) DO "
        "UPDATE "
        "SET kind = ?3, precedence = ?4, has_proof = ?5, life = ?6, journey = ?7, born_ms = ?9, "
        "given_by = ?10, content = ?11",
    [STORE_SQL_DROP_BUNDLE] = "DELETE FROM bundle WHERE origin = ?1 AND counter = ?2 AND dest = ?3",
    [STORE_SQL_LOAD_BUNDLE] = "SELECT " STORE_BUNDLE_COLUMNS " FROM bundle WHERE origin = ?1 AND counter = ?2 "
                              "AND dest = ?3",
    [STORE_SQL_SEE] =
        "INSERT INTO seen VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (origin, counter, dest) DO UPDATE SET "
        "journey = max(journey, ?4), last_ms = max(last_ms, ?5)",
    [STORE_SQL_FIND_SEEN] = "SELECT journey FROM seen WHERE origin = ?1 AND counter = ?2 AND dest = ?3",
    [STORE_SQL_FIND_FORGOTTEN] = "SELECT 1 FROM forgotten WHERE origin = ?1 AND upto >= ?2",
    [STORE_SQL_OLDEST_SEEN] =
        "SELECT s.origin, s.counter, s.dest FROM seen s WHERE s.last_ms < ?1 AND NOT EXISTS (SELECT 1 "
        "FROM bundle b WHERE b.origin = s.origin AND b.counter = s.counter AND "
        "b.dest = s.dest) "
        "ORDER BY s.last_ms LIMIT 1",
    [STORE_SQL_RAISE_FORGOTTEN] = "INSERT INTO forgotten VALUES (?1, ?2) ON CONFLICT (origin) DO UPDATE SET "
                                  "upto = max(upto, ?2)",
    [STORE_SQL_FORGET] = "DELETE FROM seen WHERE origin = ?1 AND counter = ?2 AND dest = ?3",
    [STORE_SQL_ADD_EVENT] = "INSERT INTO event (at_ms, level, source, text) VALUES (?1, ?2, ?3, ?4)",
};

int store_errno(sqlite3 *db, int result)
{
  switch (result & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE:
    return 0;
  case SQLITE_CONSTRAINT:
    return result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY ? -EEXIST : -EINVAL;
  case SQLITE_FULL:
    return -ENOSPC;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return -EBUSY;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return -EBADMSG;
  case SQLITE_NOMEM:
    return -ENOMEM;
  case SQLITE_READONLY:
    return -EROFS;
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return -EACCES;
  case SQLITE_TOOBIG:
    return -EMSGSIZE;
  case SQLITE_CANTOPEN:
  case SQLITE_IOERR:
    return db && sqlite3_system_errno(db) == ENOSPC ? -ENOSPC : -EIO;
  default:
    return -EIO;
  }
}

sqlite3_stmt *store_statement(struct store *store, enum store_sql which)
{
  sqlite3_reset(store->statement[which]);
  sqlite3_clear_bindings(store->statement[which]);
  return store->statement[which];
}

void store_bind(sqlite3_stmt *statement, const int64_t *values, int count)
{
  for (int i = 0; i < count; i++)
    sqlite3_bind_int64(statement, i + 1, values[i]);
}

int store_run(struct store *store, sqlite3_stmt *statement)
{
  int code = store_errno(store->db, sqlite3_step(statement));

  sqlite3_reset(statement);
  return code;
}

int store_first(struct store *store, sqlite3_stmt *statement)
{
  int rc = sqlite3_step(statement);

  if (rc == SQLITE_ROW)
    return 0;
  int code = rc == SQLITE_DONE ? -ENOENT : store_errno(store->db, rc);
  sqlite3_reset(statement);
  return code;
}

int store_begin(struct store *store)
{
  return store_run(store, store_statement(store, STORE_SQL_BEGIN));
}

int store_end(struct store *store, int code)
{
  if (!code)
    code = store_run(store, store_statement(store, STORE_SQL_COMMIT));
  /* SQLite may have rolled back by itself (disk full, I/O error); if not, nothing half done may stay open. */
  if (code && !sqlite3_get_autocommit(store->db))
    store_run(store, store_statement(store, STORE_SQL_ROLLBACK));
  return code;
}

static int fail(char *err, size_t err_len, int code, const char *format, ...) __attribute__((format(printf, 4, 5)));

static int fail(char *err, size_t err_len, int code, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return code;
}

/* A lock file instead of SQLite's EXCLUSIVE mode: two daemons are kept apart, and a technician can still read or back
 * up the running store with the sqlite3 command.  The kernel drops the lock with the process, however it ends. */
static int take_lock(struct store *store, const char *path, char *err, size_t err_len)
{
  char lock_path[PATH_MAX];

  int len = snprintf(lock_path, sizeof lock_path, "%s.lock", path);
  if (len < 0 || (size_t)len >= sizeof lock_path)
    return fail(err, err_len, -ENAMETOOLONG, "%s: the path of the store is too long; shorten it", path);
  store->lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (store->lock_fd < 0) {
    int code = -errno;
    return fail(err, err_len, code, "%s: cannot create it: %s; make the folder and let radiod write there", lock_path,
                strerror(-code));
  }
  if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0)
    return fail(err, err_len, -EBUSY, "%s: another radiod uses this store; stop it, or give this one its own", path);
  return 0;
}

/* Makes the file before SQLite does, so that nobody else can read it whatever the umask. */
static int make_file(const char *path, char *err, size_t err_len)
{
  char copy[PATH_MAX];
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0) {
    int code = -errno;
    return fail(err, err_len, code, "%s: cannot open the store: %s; give radiod the right to read and write it", path,
                strerror(-code));
  }
  close(fd);
  snprintf(copy, sizeof copy, "%s", path);
  fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  return 0;
}

static int quick_check(sqlite3 *db)
{
  sqlite3_stmt *statement;

  int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL);
  if (rc == SQLITE_OK) {
    rc = sqlite3_step(statement);
    const char *verdict = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (rc == SQLITE_ROW && (!verdict || strcmp(verdict, "ok") != 0))
      rc = SQLITE_CORRUPT;
  }
  int code = store_errno(db, rc);
  sqlite3_finalize(statement);
  return code;
}

static int describe(char *err, size_t err_len, const char *path, int code)
{
  switch (code) {
  case -EBADMSG:
    return fail(err, err_len, code,
                "%s: the store is damaged or not radiod's; it was left as it is. Move it and its log away (mv %s "
                "%s.damaged; mv %s-wal %s.damaged-wal), then restore a copy or rescue what can be read: sqlite3 "
                "%s.damaged .recover | sqlite3 %s",
                path, path, path, path, path, path, path);
  case -EPROTO:
    return fail(err, err_len, code, "%s: the store was written by a newer radiod; install that version again", path);
  case -ENOSPC:
    return fail(err, err_len, code, "%s: no space left on this disk; free some and start again", path);
  case -EBUSY:
    return fail(err, err_len, code, "%s: another program holds the store; end it (fuser %s names it)", path, path);
  case -EOPNOTSUPP:
    return fail(err, err_len, code, "%s: this file system cannot hold a write-ahead log; use a local disk", path);
  default:
    return fail(err, err_len, code, "%s: cannot use the store: %s; check the disk and the rights of the file", path,
                strerror(-code));
  }
}

static int set_journal(sqlite3 *db)
{
  int wal = 0;
  sqlite3_stmt *statement;

  int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
  if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
    wal = sqlite3_stricmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
  sqlite3_finalize(statement);
  if (rc != SQLITE_ROW)
    return store_errno(db, rc);
  return wal ? 0 : -EOPNOTSUPP;
}

/* Everything up to the check only reads, and a store that is refused must not even be checkpointed. */
static int open_database(struct store *store, const char *path)
{
  static const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int rc = sqlite3_open_v2(path, &store->db, flags, NULL);

  if (rc != SQLITE_OK)
    return store_errno(store->db, rc);
  sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  int code = schema_check(store->db);
  if (!code)
    code = quick_check(store->db);
  if (!code)
    code = set_journal(store->db);
  if (!code)
    code = store_errno(store->db, sqlite3_exec(store->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL));
  if (!code)
    code = schema_migrate(store->db); /* a table that is exchanged must not take along what refers to it */
  if (!code)
    code = store_errno(store->db, sqlite3_exec(store->db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL));
  return code;
}

static int prepare(struct store *store)
{
  for (int i = 0; i < STORE_SQL_COUNT; i++) {
    int rc = sqlite3_prepare_v3(store->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statement[i], NULL);
    if (rc != SQLITE_OK)
      return store_errno(store->db, rc);
  }
  return 0;
}

int store_open(struct store **out, const char *path, char *err, size_t err_len)
{
  struct store *store = calloc(1, sizeof *store);

  if (!store)
    return fail(err, err_len, -ENOMEM, "%s: no memory for the store; end other programs", path);
  store->lock_fd = -1;
  int code = take_lock(store, path, err, err_len);
  if (!code)
    code = make_file(path, err, err_len);
  if (!code) {
    code = open_database(store, path);
    if (!code)
      code = prepare(store);
    if (code)
      describe(err, err_len, path, code);
  }
  if (code) {
    store_close(store);
    return code;
  }
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
  *out = store;
  return 0;
}

void store_close(struct store *store)
{
  if (!store)
    return;
  for (int i = 0; i < STORE_SQL_COUNT; i++)
    sqlite3_finalize(store->statement[i]);
  sqlite3_close(store->db);
  if (store->lock_fd >= 0)
    close(store->lock_fd);
  free(store);
}
