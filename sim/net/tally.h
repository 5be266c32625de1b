/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what becomes of each delivery in a simulated network, and sums it up. */
#ifndef SIM_NET_TALLY_H
#define SIM_NET_TALLY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol/delivery/message.h"
#include "protocol/delivery/node_store.h"
#include "sim/net/links.h"
#include "sim/net/scenario.h"

struct tally_delivery {
  struct message_id id;
  uint16_t recipient;
  uint8_t precedence;
  uint8_t is_reachable; /* physics could have carried it while it was worth it */
  uint8_t is_powered;   /* both ends had power while it could be expected */
  uint8_t is_held;      /* somebody answers for it at the end */
  uint8_t state;        /* enum delivery_state, as its originator knows at the end */
  int64_t filed_ms, expires_ms;
  int64_t arrived_ms; /* at the recipient's store, -1: not */
  unsigned shown;     /* times the recipient's person saw it */
};

struct tally {
  struct tally_delivery *delivery; /* in the order in which they were filed */
  size_t count, size;
  uint32_t *slot; /* hash table: index of a delivery plus 1, 0: free */
  size_t slot_count;
  uint64_t not_filed; /* their stations had no power */
  uint64_t forged;    /* messages in stores that nobody filed */
  uint64_t crashes, bursts, hostile_bursts, collisions;
  int64_t air_ms[NODE_CHANNELS_MAX][NODE_PURPOSE_COUNT];
  int64_t worst_routing_ms; /* heard or sent at one station on one channel */
};

/* Returns 0 or -ENOMEM. */
int tally_filed(struct tally *tally, const struct message *message, uint16_t recipient, int64_t now_ms);
void tally_arrived(struct tally *tally, struct message_id id, uint16_t recipient, int64_t now_ms);
void tally_shown(struct tally *tally, struct message_id id, uint16_t recipient);
void tally_sent(struct tally *tally, unsigned channel, enum node_purpose purpose, int64_t air_ms);

/* At the end: what the originator's store says, what somebody answers for, what routing took at one station. */
void tally_ended(struct tally *tally, struct message_id id, uint16_t recipient, enum delivery_state state);
void tally_held(struct tally *tally, struct message_id id, uint16_t recipient);
void tally_routing_at(struct tally *tally, int64_t routing_ms);

/* Finds out what physics allowed.  Returns 0 or -ENOMEM. */
int tally_judge(struct tally *tally, const struct links *links);

/* Delivered by its originator's word and not in the recipient's store; or, not yet expired, neither there nor in
 * anybody's custody nor known to its originator as ended. */
int tally_is_lost(const struct tally_delivery *delivery, int64_t end_ms);
size_t tally_count_lost(const struct tally *tally, int64_t end_ms);

/* Writes the summary's members, without the braces around. */
void tally_write(const struct tally *tally, const struct scenario *scenario, FILE *out);

void tally_wipe(struct tally *tally);

#endif
