/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deliveries of this station that have not ended: one entry for each message and recipient. */
#ifndef PROTOCOL_DELIVERY_OUTBOX_H
#define PROTOCOL_DELIVERY_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/message.h"

enum outbox_phase {
  OUTBOX_WAITING,   /* for next_ms, then for the channel */
  OUTBOX_ON_AIR,    /* in the burst that its channel is sending */
  OUTBOX_UNANSWERED /* sent; the acknowledgement is awaited */
};

struct outbox_entry {
  struct message_id id;
  uint16_t recipient;
  uint8_t kind, precedence;
  uint8_t phase;
  uint8_t channel;    /* ON_AIR, UNANSWERED */
  uint8_t send_whole; /* the recipient lacks the base of a difference */
  uint8_t is_held;    /* the recipient asked for a pause: hearing it does not wake this */
  uint16_t len;       /* bytes of a burst that carries it whole, at most */
  uint32_t attempts;  /* transmissions so far */
  int64_t born_ms;
  int64_t expires_ms;
  int64_t next_ms; /* WAITING: not before */
};

struct outbox {
  size_t count, size;
  struct outbox_entry *entry; /* size entries, no order */
};

/* Returns 0 or -ENOMEM. */
int outbox_init(struct outbox *outbox, size_t size);
void outbox_wipe(struct outbox *outbox);

/* Adds a copy.  Returns 0 or -ENOBUFS. */
int outbox_add(struct outbox *outbox, const struct outbox_entry *entry);
void outbox_remove(struct outbox *outbox, struct outbox_entry *entry);

struct outbox_entry *outbox_find(const struct outbox *outbox, struct message_id id, uint16_t recipient);

/* By what an acknowledgement carries; NULL if none waits. */
struct outbox_entry *outbox_find_low(const struct outbox *outbox, uint16_t recipient, uint16_t counter_low);

/* The waiting entry that goes next: highest precedence, then oldest; recipient 0 means any.  Only entries whose
 * next_ms has come, except that any_time takes others too (they ride along in a burst that goes anyway) unless held.
 * after: the entry that was returned last, to walk on in the same order; NULL begins. */
struct outbox_entry *outbox_next(const struct outbox *outbox, int64_t now_ms, uint16_t recipient, int any_time,
                                 const struct outbox_entry *after);

#endif
