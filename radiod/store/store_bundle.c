/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station keeps for others, and the memory of what it kept, for the protocol's node. */
#include <errno.h>
#include <string.h>

#include "radiod/store/store_impl.h"

/* Identities forgotten with each bundle that is kept: more than one, so that forgetting keeps pace, and few, so that
 * no commit takes long. */
#define FORGET_STEP 4

void store_note_time(struct store *store, int64_t now_ms)
{
  if (now_ms > store->now_ms)
    store->now_ms = now_ms;
}

static int keep(struct store *store, const struct held_bundle *bundle)
{
  const struct bundle_head *head = &bundle->head;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_KEEP_BUNDLE);

  store_bind(statement,
             (const int64_t[]){head->origin, head->counter, head->kind, head->precedence, head->has_proof, head->life,
                               head->journey, head->dest, bundle->born_ms, bundle->from},
             10);
  sqlite3_bind_blob(statement, 11, bundle->content, head->len, SQLITE_TRANSIENT);
  return store_run(store, statement);
}

static int see(struct store *store, const struct bundle_head *head)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_SEE);

  store_bind(statement, (const int64_t[]){head->origin, head->counter, head->dest, head->journey, store->now_ms}, 5);
  return store_run(store, statement);
}

/* id: originator, counter, destination, of which the statement takes the first count. */
static int run_for(struct store *store, enum store_sql which, const int64_t id[3], int count)
{
  sqlite3_stmt *statement = store_statement(store, which);

  store_bind(statement, id, count);
  return store_run(store, statement);
}

/* Forgets the identity that was not here for longest.  Returns 0, -ENOENT when none is old enough. */
static int forget_one(struct store *store)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_OLDEST_SEEN);

  store_bind(statement, (const int64_t[]){store->now_ms - NODE_STORE_MEMORY_MS}, 1);
  int code = store_first(store, statement);
  if (code)
    return code;
  const int64_t id[3] = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                         sqlite3_column_int64(statement, 2)};
  sqlite3_reset(statement);
  code = run_for(store, STORE_SQL_RAISE_FORGOTTEN, id, 2);
  return code ? code : run_for(store, STORE_SQL_FORGET, id, 3);
}

/* Inside a transaction. */
static int forget(struct store *store, unsigned limit)
{
  int count = 0, code = 0;

  while ((unsigned)count < limit && !(code = forget_one(store)))
    count++;
  return code && code != -ENOENT ? code : count;
}

int store_forget(struct store *store, unsigned limit)
{
  int code = store_begin(store);

  if (code)
    return code;
  int count = forget(store, limit);
  code = store_end(store, count < 0 ? count : 0);
  return code ? code : count;
}

int store_commit_bundle(void *context, const struct held_bundle *bundle)
{
  struct store *store = context;
  const struct bundle_head *head = &bundle->head;

  if (head->kind >= BUNDLE_KIND_COUNT || head->len < 1 || head->len > BUNDLE_MAX)
    return -EINVAL;
  int code = store_begin(store);
  if (code)
    return code;
  code = keep(store, bundle);
  if (!code)
    code = see(store, head);
  if (!code)
    code = forget(store, FORGET_STEP);
  return store_end(store, code < 0 ? code : 0);
}

int store_drop_bundle(void *context, struct message_id id, uint16_t dest)
{
  return run_for(context, STORE_SQL_DROP_BUNDLE, (const int64_t[]){id.origin, id.counter, dest}, 3);
}

/* Reads a row of STORE_BUNDLE_COLUMNS.  Returns 0 or -EBADMSG. */
static int read_bundle(sqlite3_stmt *row, struct held_bundle *out)
{
  const void *content = sqlite3_column_blob(row, 10);
  int len = sqlite3_column_bytes(row, 10);

  if (!content || len < 1 || len > BUNDLE_MAX)
    return -EBADMSG;
  memset(out, 0, sizeof *out);
  out->head = (struct bundle_head){.origin = (uint16_t)sqlite3_column_int64(row, 0),
                                   .counter = (uint32_t)sqlite3_column_int64(row, 1),
                                   .kind = (uint8_t)sqlite3_column_int64(row, 2),
                                   .precedence = (uint8_t)sqlite3_column_int64(row, 3),
                                   .has_proof = (uint8_t)sqlite3_column_int64(row, 4),
                                   .life = (uint8_t)sqlite3_column_int64(row, 5),
                                   .journey = (uint8_t)sqlite3_column_int64(row, 6),
                                   .dest = (uint16_t)sqlite3_column_int64(row, 7),
                                   .len = (uint16_t)len};
  out->born_ms = sqlite3_column_int64(row, 8);
  out->from = (uint16_t)sqlite3_column_int64(row, 9);
  memcpy(out->content, content, (size_t)len);
  return out->head.kind < BUNDLE_KIND_COUNT && out->head.precedence < PRECEDENCE_COUNT ? 0 : -EBADMSG;
}

int store_load_bundle(void *context, struct message_id id, uint16_t dest, struct held_bundle *out)
{
  struct store *store = context;
  struct held_bundle bundle;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_LOAD_BUNDLE);

  store_bind(statement, (const int64_t[]){id.origin, id.counter, dest}, 3);
  int code = store_first(store, statement);
  if (code)
    return code;
  code = read_bundle(statement, &bundle);
  sqlite3_reset(statement);
  if (!code)
    *out = bundle;
  return code;
}

int store_find_journey(void *context, struct message_id id, uint16_t dest)
{
  struct store *store = context;
  const int64_t key[3] = {id.origin, id.counter, dest};
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_FIND_SEEN);

  store_bind(statement, key, 3);
  int code = store_first(store, statement);
  if (!code) {
    int journey = sqlite3_column_int(statement, 0);
    sqlite3_reset(statement);
    return journey;
  }
  if (code != -ENOENT)
    return code;
  statement = store_statement(store, STORE_SQL_FIND_FORGOTTEN);
  store_bind(statement, key, 2);
  code = store_first(store, statement);
  sqlite3_reset(statement);
  return code ? code : JOURNEY_LAST;
}

int store_each_bundle(struct store *store, store_bundle_fn *each, void *context)
{
  struct held_bundle bundle;
  sqlite3_stmt *walk;
  int damaged = 0;

  int code = store_open_walk(store, &walk, "SELECT " STORE_BUNDLE_COLUMNS " FROM bundle ORDER BY id");
  if (code)
    return code;
  while ((code = store_next_row(store, walk)) > 0) {
    if (read_bundle(walk, &bundle) < 0)
      damaged = -EBADMSG;
    else if ((code = each(context, &bundle)) != 0)
      return store_end_walk(walk, code);
  }
  return store_end_walk(walk, code ? code : damaged);
}
