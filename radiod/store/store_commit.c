/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the protocol's node commits, and reads back to do its work: every function is one transaction. */
#include <errno.h>
#include <stdint.h>

#include "radiod/store/store_impl.h"

static int reserve_counters(void *context, uint32_t upto)
{
  struct store *store = context;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_RESERVE);

  store_bind(statement, (const int64_t[]){upto}, 1);
  return store_run(store, statement);
}

int store_first_counter(struct store *store, uint32_t *out)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_FIRST_COUNTER);

  int code = store_first(store, statement);
  if (code)
    return code == -ENOENT ? -EBADMSG : code;
  *out = (uint32_t)sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return 0;
}

/* reception is NULL for a message filed here. */
static int insert_message(struct store *store, const struct message *message, const struct reception *reception)
{
  static const struct reception none;
  const struct reception *heard = reception ? reception : &none;
  const struct text *text = store_message_text(message);
  uint8_t body[STORE_BODY_MAX];
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_INSERT_MESSAGE);

  int len = store_encode_body(message, body, sizeof body);
  if (len < 0)
    return len;
  const int64_t values[] = {message->id.origin,
                            message->id.counter,
                            message->dest,
                            message->kind,
                            message->precedence,
                            message->born_ms,
                            !reception,
                            reception ? reception->now_ms : message->born_ms,
                            message->kind == MESSAGE_RECEIPT ? message->body.receipt.ref_counter : 0,
                            heard->from,
                            heard->channel,
                            heard->mode,
                            heard->snr_cb,
                            heard->frame_counter,
                            message->is_unproven != 0};
  store_bind(statement, values, 15);
  if (message->kind == MESSAGE_STATUS)
    sqlite3_bind_int64(statement, 16, status_base_ref(&message->body.status, message->id.counter));
  sqlite3_bind_blob(statement, 17, body, len, SQLITE_TRANSIENT);
  sqlite3_bind_text(statement, 18, text->bytes, text->len, SQLITE_TRANSIENT);
  return store_run(store, statement);
}

static int insert_deliveries(struct store *store, const struct message *message, const uint16_t *recipients,
                             size_t count)
{
  int64_t row = sqlite3_last_insert_rowid(store->db);

  for (size_t i = 0; i < count; i++) {
    sqlite3_stmt *statement = store_statement(store, STORE_SQL_INSERT_DELIVERY);

    store_bind(statement, (const int64_t[]){row, recipients[i], message->born_ms}, 3);
    int code = store_run(store, statement);
    if (code)
      return code == -EEXIST ? -EINVAL : code; /* one recipient twice is not a duplicate message */
  }
  return 0;
}

static int commit_outgoing(void *context, const struct message *message, const uint16_t *recipients, size_t count)
{
  struct store *store = context;

  int code = store_begin(store);
  if (code)
    return code;
  code = insert_message(store, message, NULL);
  if (!code)
    code = insert_deliveries(store, message, recipients, count);
  return store_end(store, code);
}

/* Raises a delivery if state is above the one it has.  Returns 1 if so, 0 if not, or a negative errno code. */
static int raise_delivery(struct store *store, const int64_t delivery[2], enum delivery_state old,
                          enum delivery_state state, uint32_t attempts, int64_t now_ms)
{
  int rises = delivery_state_rank(state) > delivery_state_rank(old);
  sqlite3_stmt *statement = store_statement(store, rises ? STORE_SQL_MOVE_DELIVERY : STORE_SQL_COUNT_ATTEMPTS);

  if (rises)
    store_bind(statement, (const int64_t[]){delivery[0], delivery[1], state, now_ms, attempts}, 5);
  else
    store_bind(statement, (const int64_t[]){delivery[0], delivery[1], attempts}, 3);
  int code = store_run(store, statement);
  return code ? code : rises;
}

static int note_receipt(struct store *store, const int64_t delivery[2], const struct receipt *receipt)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_NOTE_RECEIPT);

  store_bind(statement, (const int64_t[]){delivery[0], delivery[1], receipt->officer}, 3);
  sqlite3_bind_text(statement, 4, receipt->text.bytes, receipt->text.len, SQLITE_TRANSIENT);
  return store_run(store, statement);
}

/* Finds a delivery with a statement that returns message row and state. */
static int find_delivery(struct store *store, enum store_sql which, const int64_t key[3], int64_t delivery[2],
                         enum delivery_state *state)
{
  sqlite3_stmt *statement = store_statement(store, which);

  store_bind(statement, key, 3);
  int code = store_first(store, statement);
  if (code)
    return code;
  delivery[0] = sqlite3_column_int64(statement, 0);
  delivery[1] = key[2];
  *state = (enum delivery_state)sqlite3_column_int(statement, 1);
  sqlite3_reset(statement);
  return 0;
}

static int take_receipt(struct store *store, const struct message *message, int64_t now_ms)
{
  const struct receipt *receipt = &message->body.receipt;
  const int64_t key[3] = {receipt->ref_counter & 0xffff, 0, message->id.origin};
  int64_t delivery[2];
  enum delivery_state old;

  int code = find_delivery(store, STORE_SQL_FIND_RECEIPTED, key, delivery, &old);
  if (code)
    return code == -ENOENT ? 0 : code; /* of a message that this store never held: kept for the log */
  code = raise_delivery(store, delivery, old, delivery_state_of_step(receipt->step), 0, now_ms);
  return code > 0 ? note_receipt(store, delivery, receipt) : code;
}

static int raise_peer_top(struct store *store, const struct reception *reception)
{
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_PEER_TOP);

  store_bind(statement,
             (const int64_t[]){reception->from, reception->frame_counter, reception->now_ms, reception->snr_cb,
                               INT16_MIN /* LINK_SNR_UNKNOWN */, reception->channel, reception->mode},
             7);
  return store_run(store, statement);
}

static int commit_received(void *context, const struct message *message, const struct reception *reception)
{
  struct store *store = context;

  store_note_time(store, reception->now_ms);
  int code = store_begin(store);
  if (code)
    return code;
  code = insert_message(store, message, reception);
  if (!code)
    code = raise_peer_top(store, reception);
  if (!code && message->kind == MESSAGE_RECEIPT)
    code = take_receipt(store, message, reception->now_ms);
  return store_end(store, code);
}

static int commit_delivery(void *context, struct message_id id, uint16_t recipient, enum delivery_state state,
                           uint32_t attempts, int64_t now_ms)
{
  struct store *store = context;
  const int64_t key[3] = {id.origin, id.counter, recipient};
  int64_t delivery[2];
  enum delivery_state old;

  if (delivery_state_rank(state) < 0)
    return -EINVAL;
  store_note_time(store, now_ms);
  int code = store_begin(store);
  if (code)
    return code;
  code = find_delivery(store, STORE_SQL_FIND_DELIVERY, key, delivery, &old);
  if (!code)
    code = raise_delivery(store, delivery, old, state, attempts, now_ms);
  return store_end(store, code < 0 ? code : 0);
}

/* Runs a bound statement of STORE_ENTRY_COLUMNS and reads its one row. */
static int read_one(struct store *store, sqlite3_stmt *statement, struct store_entry *entry)
{
  int code = store_first(store, statement);

  if (code)
    return code;
  code = store_read_entry(statement, entry);
  sqlite3_reset(statement);
  return code;
}

int store_get(struct store *store, struct message_id id, struct store_entry *out)
{
  struct store_entry entry;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_GET);

  store_bind(statement, (const int64_t[]){id.origin, id.counter}, 2);
  int code = read_one(store, statement, &entry);
  if (!code)
    *out = entry;
  return code;
}

static int load_outgoing(void *context, struct message_id id, struct message *out)
{
  struct store_entry entry;

  int code = store_get(context, id, &entry);
  if (code)
    return code;
  if (!entry.outgoing)
    return -ENOENT;
  *out = entry.message;
  return 0;
}

static int last_acked_report(void *context, uint16_t recipient, struct status_report *out, uint32_t *counter)
{
  struct store *store = context;
  struct store_entry entry;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_LAST_ACKED);

  store_bind(statement, (const int64_t[]){recipient}, 1);
  int code = read_one(store, statement, &entry);
  if (code)
    return code;
  *out = entry.message.body.status;
  *counter = entry.message.id.counter;
  return 0;
}

static int find_base(void *context, uint16_t origin, uint32_t base_ref, struct status_report *out)
{
  struct store *store = context;
  struct store_entry entry;
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_FIND_BASE);

  store_bind(statement, (const int64_t[]){origin, base_ref, NODE_STORE_BASES}, 3);
  int code = read_one(store, statement, &entry);
  if (!code)
    *out = entry.message.body.status;
  return code;
}

/* Unlike most UPDATEs this one is about a row that must be there. */
static int prove_received(void *context, const struct message *message)
{
  struct store *store = context;
  struct store_entry entry;
  const struct text *text = store_message_text(message);
  uint8_t body[STORE_BODY_MAX];
  sqlite3_stmt *statement = store_statement(store, STORE_SQL_PROVE);

  int len = store_encode_body(message, body, sizeof body);
  if (len < 0)
    return len;
  store_bind(statement,
             (const int64_t[]){message->id.origin, message->id.counter, message->kind, message->precedence}, 4);
  sqlite3_bind_blob(statement, 5, body, len, SQLITE_TRANSIENT);
  sqlite3_bind_text(statement, 6, text->bytes, text->len, SQLITE_TRANSIENT);
  int code = store_run(store, statement);
  if (code || sqlite3_changes(store->db))
    return code;
  code = store_get(store, message->id, &entry);
  return code ? code : -EALREADY;
}

static int commit_order(void *context, const struct order *order)
{
  struct store *store = context;

  return store->keys.commit_order(store->keys.context, order);
}

static int commit_epoch_key(void *context, const struct epoch_key *key)
{
  struct store *store = context;

  return store->keys.commit_epoch_key(store->keys.context, key);
}

static int commit_epoch(void *context, uint32_t epoch)
{
  struct store *store = context;

  return store->keys.commit_epoch(store->keys.context, epoch);
}

struct node_store store_node_with_keys(struct store *store, const struct store_keys *keys)
{
  struct node_store node = store_node(store);

  store->keys = *keys;
  node.commit_order = commit_order;
  node.commit_epoch_key = commit_epoch_key;
  node.commit_epoch = commit_epoch;
  return node;
}

struct node_store store_node(struct store *store)
{
  return (struct node_store){
      .context = store,
      .reserve_counters = reserve_counters,
      .commit_outgoing = commit_outgoing,
      .commit_received = commit_received,
      .commit_delivery = commit_delivery,
      .load_outgoing = load_outgoing,
      .last_acked_report = last_acked_report,
      .find_base = find_base,
      .prove_received = prove_received,
      .commit_bundle = store_commit_bundle,
      .drop_bundle = store_drop_bundle,
      .load_bundle = store_load_bundle,
      .find_journey = store_find_journey,
  };
}
