/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The post's durable memory: messages, deliveries, counters and the event log in one SQLite database. */
#ifndef RADIOD_STORE_H
#define RADIOD_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/message.h"
#include "protocol/delivery/node_store.h"

/* Used from one thread.  All times are milliseconds since 1970 (the node's time scale).
 *
 * Functions that call back for rows end early when the callback returns non-zero: a negative code goes on to the
 * caller, a positive one gives 0.  A row that damage made unreadable is passed over; the walk goes on and gives
 * -EBADMSG at its end.  A callback may use the store. */
struct store;

/* Opens or creates the database: WAL, synchronous=FULL, STRICT tables, migrated to this version.  Refuses, with one
 * line in err (what, where, what to do): another daemon on the same store (-EBUSY), a database that is damaged
 * (-EBADMSG; the file is left untouched), a schema newer than this program (-EPROTO), no space or no right. */
int store_open(struct store **out, const char *path, char *err, size_t err_len);
void store_close(struct store *store); /* NULL is allowed */

#define STORE_NETWORK_ID_LEN 8

/* Makes the store that of this station, or finds that it is.  -EPERM with one line in err when it belongs to another:
 * its counters and messages would go out under the wrong name. */
int store_claim(struct store *store, const uint8_t network_id[STORE_NETWORK_ID_LEN], uint16_t station, char *err,
                size_t err_len);

/* The functions through which the protocol's node commits, but for those of directory and keys.  Valid until
 * store_close. */
struct node_store store_node(struct store *store);

/* Who changes directory, keyring and key file for the node; see node_store.h. */
struct store_keys {
  void *context;
  int (*commit_order)(void *context, const struct order *order);
  int (*commit_epoch_key)(void *context, const struct epoch_key *key);
  int (*commit_epoch)(void *context, uint32_t epoch);
};
struct node_store store_node_with_keys(struct store *store, const struct store_keys *keys);

/* The store has no clock: it goes by the latest time that any call told, this one or another. */
void store_note_time(struct store *store, int64_t now_ms);

/* The first counter that was never reserved. */
int store_first_counter(struct store *store, uint32_t *out);

/* Calls back for every bundle that is kept, the oldest first. */
typedef int store_bundle_fn(void *context, const struct held_bundle *bundle);
int store_each_bundle(struct store *store, store_bundle_fn *each, void *context);

/* Forgets at most limit identities of bundles that were not here for NODE_STORE_MEMORY_MS.  Returns how many, or a
 * negative errno code. */
int store_forget(struct store *store, unsigned limit);

/* Calls back for every delivery that is queued, sent or in custody, oldest message first, receipts included. */
typedef int store_delivery_fn(void *context, const struct message *message, uint16_t recipient,
                              enum delivery_state state, uint32_t attempts);
int store_each_waiting(struct store *store, store_delivery_fn *each, void *context);

struct store_peer {
  uint16_t station;
  uint32_t top_counter; /* of the newest frame whose content was stored */
  int64_t heard_ms;     /* 0: never */
  int16_t snr_cb;       /* at which we heard it last, LINK_SNR_UNKNOWN */
  int16_t peer_snr_cb;  /* at which it hears us */
  uint8_t channel, mode;
};
typedef int store_peer_fn(void *context, const struct store_peer *peer);
int store_each_peer(struct store *store, store_peer_fn *each, void *context);
int store_peer_heard(struct store *store, const struct store_peer *peer); /* keeps the larger top_counter */

/* One message as the log knows it. */
struct store_entry {
  int64_t row; /* rises with every stored message: for paging */
  struct message message;
  int outgoing;
  int64_t stored_ms;
  struct reception reception; /* incoming only */
  int local_step;             /* incoming: enum receipt_step of the officer here; RECEIPT_RECEIVED: unread */
  uint8_t local_officer;
};

struct store_delivery {
  uint16_t recipient;
  enum delivery_state state;
  uint32_t attempts;
  int64_t changed_ms;
  uint8_t officer;  /* of the last receipt, 0: none */
  struct text note; /* text of the last receipt */
  uint16_t via;     /* DELIVERY_CUSTODY: who has it; STATION_NONE when that was not noted */
};

enum store_box { STORE_BOX_ALL, STORE_BOX_IN, STORE_BOX_OUT };

struct store_filter {
  enum store_box box;
  int kind;           /* enum message_kind; 0: all that people write; -1: receipts too; keys only by name */
  int unread_only;    /* incoming with local_step RECEIVED */
  uint16_t station;   /* originator or recipient; 0: any */
  int64_t before_row; /* only rows below this; 0: newest */
  unsigned limit;     /* at most so many, newest first */
};

typedef int store_entry_fn(void *context, const struct store_entry *entry);
int store_list(struct store *store, const struct store_filter *filter, store_entry_fn *each, void *context);
int store_get(struct store *store, struct message_id id, struct store_entry *out); /* -ENOENT */

typedef int store_delivery_row_fn(void *context, const struct store_delivery *delivery);
int store_each_delivery(struct store *store, struct message_id id, store_delivery_row_fn *each, void *context);

/* The newest report that was filed here (box OUT) or came from a station (box IN). */
int store_last_report(struct store *store, enum store_box box, uint16_t station, struct store_entry *out);

/* Notes who has a message of ours in custody. */
int store_note_via(struct store *store, struct message_id id, uint16_t recipient, uint16_t via);

/* Notes what the officer here did with an incoming message; steps never go back.  -ENOENT. */
int store_mark_local(struct store *store, struct message_id id, enum receipt_step step, uint8_t officer,
                     int64_t now_ms);

unsigned store_count_unread(struct store *store);  /* incoming, without receipts */
unsigned store_count_waiting(struct store *store); /* deliveries that store_each_waiting tells */

/* The node's time scale never jumps.  An era begins where it went on after a stretch of unknown length; within an era
 * one offset leads to the time of day, as soon as it is known. */
enum clock_source {
  CLOCK_UNKNOWN, /* offset_ms means nothing */
  CLOCK_GUESSED, /* the system clock, though nothing vouches for it */
  CLOCK_NETWORK, /* a coordinator's */
  CLOCK_SYSTEM,
};

struct store_era {
  int64_t from_ms, offset_ms; /* Unix time minus node time */
  enum clock_source source;
};

#define STORE_BOOT_MAX 40

/* Where the node's time stood. */
struct store_clock {
  char boot[STORE_BOOT_MAX]; /* which run of the machine; empty: unknown */
  int64_t boot_ms;           /* since its start */
  int64_t node_ms;
};

int store_save_clock(struct store *store, const struct store_clock *clock);
/* Returns 0 or -ENOENT.  node_ms is never below the newest event's or message's. */
int store_read_clock(struct store *store, struct store_clock *out);

int store_save_era(struct store *store,
                   const struct store_era *era); /* new, or in place of that of the same from_ms */
/* Reads the newest eras, the newest first.  Returns how many, or a negative errno code. */
int store_read_eras(struct store *store, struct store_era *out, unsigned max);

/* The event log: append only. */
enum store_level { STORE_INFO, STORE_WARNING, STORE_ERROR };
struct store_event {
  int64_t row;
  int64_t at_ms;
  enum store_level level;
  char source[32]; /* "channel hf1", "store", "network" */
  char text[256];
};
int store_add_event(struct store *store, int64_t at_ms, enum store_level level, const char *source, const char *text);
typedef int store_event_fn(void *context, const struct store_event *event);
int store_each_event(struct store *store, int64_t before_row, unsigned limit, store_event_fn *each, void *context);

#endif
