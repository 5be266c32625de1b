/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bursts on simulated channels: who hears each, which collide, and which arrive. */
#ifndef SIM_NET_AIR_H
#define SIM_NET_AIR_H

#include <stddef.h>
#include <stdint.h>

#include "sim/air/noise.h"
#include "sim/net/links.h"
#include "sim/net/scenario.h"

/* A burst this much stronger than all others together is read in spite of them (plan: co-channel capture of FM
 * receivers is 3 to 8 dB; the OFDM modes need about as much). */
#define AIR_CAPTURE_DB 6.0

/* Below this SNR in 3 kHz a receiver notices no carrier: hw/modem/dcd.c counts a signal of +2 dB, the demodulators'
 * own detection goes further, to about where half of the bursts arrive. */
#define AIR_DETECT_DB (-4.0)

enum air_carrier { CARRIER_UNNOTICED, CARRIER_NOTICED, CARRIER_GONE };

struct air_listener {
  uint16_t place;
  float snr_db;
};

struct air_burst {
  uint32_t number; /* 1, 2 ... */
  uint16_t from;
  uint8_t channel, mode; /* mode: index into the channel's */
  uint8_t purpose;       /* enum node_purpose, or NODE_PURPOSE_COUNT: none of the network's */
  uint8_t is_cut;        /* its transmitter lost power: nobody can read it */
  uint8_t carrier;       /* enum air_carrier */
  int64_t begin_ms, end_ms;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
  size_t listener_count;
  struct air_listener listener[]; /* by rising place */
};

struct air {
  const struct scenario *scenario;
  const struct links *links;
  struct noise dice;        /* for arrival */
  struct air_burst **burst; /* by rising number */
  size_t count, size;
  uint32_t last_number;
  uint64_t collisions; /* bursts that a listener lost to another burst, its own sending included */
};

/* links must outlive the air. */
void air_init(struct air *air, const struct links *links, uint64_t seed);
void air_wipe(struct air *air);

/* Puts a burst on the air; it is forgotten some time after its end.  like tells who sends what, how and when; its
 * number and listeners are filled in.  NULL when out of memory. */
struct air_burst *air_begin(struct air *air, const struct air_burst *like, const uint8_t *bytes);

/* NULL when it is forgotten. */
struct air_burst *air_find(const struct air *air, uint32_t number);

/* The SNR at a listener, PROPAGATION_NONE_DB when it hears nothing. */
double air_snr_db(const struct air_burst *burst, uint16_t to);

/* Whether a listener notices its carrier. */
int air_is_sensed(const struct air_listener *listener);

/* Whether the burst, which has just ended, arrives at a listener.  Draws a number unless that is certain. */
int air_arrives(struct air *air, const struct air_burst *burst, uint16_t to);

#endif
