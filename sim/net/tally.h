/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what becomes of each delivery in a simulated network, and sums it up. */
#ifndef SIM_NET_TALLY_H
#define SIM_NET_TALLY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol/delivery/message.h"
#include "sim/net/scenario.h"

struct tally_delivery {
  struct message_id id;
  uint16_t recipient;
  uint8_t precedence;
  uint8_t is_reachable; /* the channels could have carried it at some time while it was worth it */
  int64_t filed_ms, expires_ms;
  int64_t arrived_ms; /* at the recipient's store, -1: not */
  unsigned shown;     /* times the recipient's person saw it */
};

struct tally {
  struct tally_delivery *delivery;
  size_t count, size;
  uint64_t not_filed; /* their stations had no power */
  uint64_t lost;      /* acknowledged, but not in the recipient's store */
  uint64_t crashes, bursts, collisions;
  int64_t beacon_ms; /* air time of what is for every station: beacons */
  int64_t air_ms;    /* air time of all bursts */
};

/* Returns 0 or -ENOMEM. */
int tally_filed(struct tally *tally, const struct message *message, uint16_t recipient, int64_t now_ms);
void tally_arrived(struct tally *tally, struct message_id id, uint16_t recipient, int64_t now_ms);
void tally_shown(struct tally *tally, struct message_id id, uint16_t recipient);

/* Finds out which deliveries the channels could carry. */
void tally_judge(struct tally *tally, const struct scenario *scenario, uint64_t seed);

/* Writes the summary's members, without the braces around. */
void tally_write(const struct tally *tally, const struct scenario *scenario, FILE *out);

void tally_wipe(struct tally *tally);

#endif
