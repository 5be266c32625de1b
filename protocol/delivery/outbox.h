/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has to bring on its way: one entry for each own message and recipient, and for each bundle in its
 * custody. */
#ifndef PROTOCOL_DELIVERY_OUTBOX_H
#define PROTOCOL_DELIVERY_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/message.h"

enum outbox_phase {
  OUTBOX_WAITING,    /* for next_ms, then for the channel */
  OUTBOX_ON_AIR,     /* in the burst that its channel is sending */
  OUTBOX_UNANSWERED, /* sent; the acknowledgement is awaited */
  OUTBOX_AWAY,       /* in the custody of hop, or flooded: the receipt is awaited, until next_ms */
};

#define OUTBOX_TRANSIT 0 /* in place of a kind: a bundle of another station, which only its recipient can read */

struct outbox_entry {
  struct message_id id;
  uint16_t recipient;
  uint8_t kind, precedence;
  uint8_t phase;
  uint8_t channel;    /* ON_AIR, UNANSWERED */
  uint8_t send_whole; /* the recipient lacks the base of a difference */
  uint8_t is_held;    /* the next hop asked for a pause: hearing it does not wake this */
  uint8_t is_flooded; /* for all: its flood carries it, this entry only waits for the recipient's receipt */
  uint8_t journey;    /* of the next transmission as a bundle */
  uint8_t piece;      /* index of the next piece that hop gets */
  uint8_t lacks;      /* pieces that hop said it lacks, 0: not known */
  uint16_t from;      /* transit: the neighbour that gave it to us */
  uint16_t avoid;     /* a neighbour that could not take it */
  uint16_t hop;       /* the neighbour it went to last */
  uint16_t len;       /* bytes of content, at most */
  uint32_t attempts;  /* transmissions so far */
  int64_t born_ms;
  int64_t expires_ms;
  int64_t next_ms; /* WAITING, AWAY: not before */
  int64_t away_ms; /* AWAY: since when */
};

struct outbox {
  size_t count, size;
  struct outbox_entry *entry; /* no order */
};

void outbox_init(struct outbox *outbox);
void outbox_wipe(struct outbox *outbox);

/* Room for count more.  Returns 0 or -ENOMEM. */
int outbox_make_room(struct outbox *outbox, size_t count);
/* Adds a copy; outbox_make_room went before. */
void outbox_add(struct outbox *outbox, const struct outbox_entry *entry);
void outbox_remove(struct outbox *outbox, struct outbox_entry *entry);

struct outbox_entry *outbox_find(const struct outbox *outbox, struct message_id id, uint16_t recipient);

/* By what the acknowledgement of a neighbour carries: the entry that went to it last; NULL if there is none.  One
 * that is unanswered comes before others. */
struct outbox_entry *outbox_find_sent(const struct outbox *outbox, uint16_t hop, uint16_t origin,
                                      uint16_t counter_low);

/* Non-zero when the same message, for another recipient, waits for an acknowledgement of hop already: that would not
 * tell the two apart. */
int outbox_has_twin(const struct outbox *outbox, const struct outbox_entry *entry, uint16_t hop);

/* Own messages of which recipient tells; NULL if none waits. */
struct outbox_entry *outbox_find_low(const struct outbox *outbox, uint16_t origin, uint16_t recipient,
                                     uint16_t counter_low);

/* Precedence for the order of sending: it rises with the time waited, so that ROUTINE never starves, but never to
 * FLASH. */
unsigned outbox_rank(const struct outbox_entry *entry, int64_t now_ms);

/* Non-zero when a goes before b: higher rank, then older, then lower identity. */
int outbox_goes_before(const struct outbox_entry *a, const struct outbox_entry *b, int64_t now_ms);

#endif
