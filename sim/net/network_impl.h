/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the simulated network share: its state, and its posts. */
#ifndef SIM_NET_NETWORK_IMPL_H
#define SIM_NET_NETWORK_IMPL_H

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"
#include "protocol/delivery/node.h"
#include "sim/net/air.h"
#include "sim/net/event_queue.h"
#include "sim/net/network.h"
#include "sim/net/traffic.h"

enum event_type {
  EVENT_POWER,   /* station: the power comes or goes, as the scenario says */
  EVENT_RESTART, /* station: after a crash */
  EVENT_FILE,    /* number: of a filing */
  EVENT_TICK,    /* station: its deadline may have come */
  EVENT_DETECT,  /* number: of a burst, which its listeners notice */
  EVENT_END,     /* likewise, which they have decoded */
  EVENT_RELEASE, /* likewise, whose end they notice */
  EVENT_SENT,    /* station, channel; number: the station's life */
  EVENT_LISTEN,  /* station, channel: it can hear again after sending */
};

struct post {
  struct node *node; /* NULL while there is no power */
  struct keyring keyring;
  struct durable_store store;
  uint32_t life;
  int64_t started_ms;
  int64_t tick_ms; /* of the tick that is queued, INT64_MAX: none */
  int carriers[NODE_CHANNELS_MAX];
  uint8_t is_busy[NODE_CHANNELS_MAX];    /* as the node was told */
  uint32_t sending[NODE_CHANNELS_MAX];   /* number of the burst, 0: none */
  size_t seen_deliveries, seen_received; /* counted before */
};

struct network {
  const struct scenario *scenario;
  uint64_t seed;
  FILE *trace;
  struct directory directory;
  struct node_config config; /* what all nodes get, except keys, counter and seed */
  struct post *post[STATION_MAX + 1];
  struct event_queue queue;
  struct air air;
  struct noise crash_dice;
  uint64_t node_seed;
  struct filing *filing;
  long filing_count;
  struct tally tally;
  int64_t now_ms;
  uint32_t same_time;
  int err;
};

/* network.c */
void network_push(struct network *network, int64_t at_ms, enum event_type type, uint16_t station, unsigned channel,
                  uint32_t number);

/* network_post.c: what happens to a post; each also carries out what its node wants then. */
void post_start(struct network *network, uint16_t number);
void post_cut_power(struct network *network, uint16_t number);
void post_file(struct network *network, const struct filing *filing);
void post_tick(struct network *network, uint16_t number);
void post_sent(struct network *network, uint16_t number, unsigned channel);
void post_hear(struct network *network, uint16_t number, const struct air_burst *burst);
void post_sense(struct network *network, uint16_t number, unsigned channel); /* the carrier may have changed */

#endif
