/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the simulated network share: its state, and its posts. */
#ifndef SIM_NET_NETWORK_IMPL_H
#define SIM_NET_NETWORK_IMPL_H

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"
#include "protocol/delivery/node.h"
#include "sim/net/air.h"
#include "sim/net/event_queue.h"
#include "sim/net/jammer.h"
#include "sim/net/network.h"
#include "sim/net/traffic.h"

/* Until a carrier is noticed: the soft modem's contention slot less a margin; and until its end is: the hang time of
 * hw/modem/dcd.c. */
#define DETECT_MS 250
#define HANG_MS 200
/* From the last sample to the decoded burst: one block and what Codec2 holds back. */
#define DECODE_MS 100

enum event_type {
  EVENT_POWER,    /* station: the power comes or goes, as the scenario says */
  EVENT_RESTART,  /* station: after a crash */
  EVENT_FILE,     /* number: of a filing */
  EVENT_TICK,     /* station: its deadline may have come */
  EVENT_DETECT,   /* number: of a burst, which its listeners notice */
  EVENT_END,      /* likewise, which they have decoded */
  EVENT_RELEASE,  /* likewise, whose end they notice */
  EVENT_SENT,     /* station, channel; number: the station's life */
  EVENT_LISTEN,   /* station, channel: it can hear again after sending */
  EVENT_JAM,      /* number: of a jammer, which sends a burst */
  EVENT_NOISE_ON, /* likewise, whose noise is noticed */
  EVENT_NOISE_OFF,
};

struct post {
  struct node *node; /* NULL while there is no power */
  struct keyring keyring;
  struct durable_store store;
  uint32_t life;
  int64_t started_ms;
  const struct air_burst *hearing; /* the burst that its node is reading */
  int64_t tick_ms;                 /* of the tick that is queued, INT64_MAX: none */
  int carriers[NODE_CHANNELS_MAX];
  uint8_t is_busy[NODE_CHANNELS_MAX];    /* as the node was told */
  uint32_t sending[NODE_CHANNELS_MAX];   /* number of the burst, 0: none */
  size_t seen_deliveries, seen_received; /* counted before */
  int64_t routing_ms[NODE_CHANNELS_MAX]; /* air that routing took here, heard or sent */
};

struct network {
  const struct scenario *scenario;
  uint64_t seed;
  FILE *trace;
  struct directory directory;
  struct node_config config; /* what all nodes get, except keys, counter and seed */
  struct post *post[STATION_MAX + 1];
  struct event_queue queue;
  struct links *links;
  uint32_t *carried; /* for each of links: bursts that were of use, routing apart */
  struct air air;
  struct jammer *jammer;
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

/* Puts a burst on the air: like tells who sends what and how.  Returns it, or NULL when out of memory. */
struct air_burst *network_send(struct network *network, const struct air_burst *like, const uint8_t *bytes);

/* network_trace.c: lines of the trace, if there is one. */
void trace_message(struct network *network, const char *event, uint16_t station, struct message_id id,
                   uint16_t recipient, const char *state);
void trace_power(struct network *network, const char *event, uint16_t station);
void trace_stations(struct network *network);
void trace_links(struct network *network);

/* network_jammer.c */
int jammers_prepare(struct network *network, uint64_t seed);
void jammers_free(struct network *network);
void jammer_speak(struct network *network, uint32_t index);
void jammer_notice(struct network *network, const struct air_burst *burst, uint16_t place);
void jammer_noise_on(struct network *network, uint32_t index);
void jammer_noise_off(struct network *network, uint32_t index);

/* network_post.c: what happens to a post; each also carries out what its node wants then. */
void post_start(struct network *network, uint16_t number);
void post_cut_power(struct network *network, uint16_t number);
void post_file(struct network *network, const struct filing *filing);
void post_tick(struct network *network, uint16_t number);
void post_sent(struct network *network, uint16_t number, unsigned channel);
void post_hear(struct network *network, uint16_t number, const struct air_burst *burst, double snr_db);
void post_sense(struct network *network, uint16_t number, unsigned channel); /* the carrier may have changed */

#endif
