/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bursts on simulated channels: who hears each, which collide, and which arrive. */
#ifndef SIM_NET_AIR_H
#define SIM_NET_AIR_H

#include <stddef.h>
#include <stdint.h>

#include "sim/air/noise.h"
#include "sim/net/scenario.h"

/* A burst this much stronger than all others together is read in spite of them (plan: co-channel capture of FM
 * receivers is 3 to 8 dB; the OFDM modes need about as much). */
#define AIR_CAPTURE_DB 6.0

/* Below this SNR in 3 kHz a receiver notices no carrier: hw/modem/dcd.c counts a signal of +2 dB, the demodulators'
 * own detection goes further, to about where half of the bursts arrive. */
#define AIR_DETECT_DB (-4.0)

enum air_carrier { CARRIER_UNNOTICED, CARRIER_NOTICED, CARRIER_GONE };

struct air_burst {
  uint32_t number; /* 1, 2 ... */
  uint16_t from;
  uint8_t channel, mode; /* mode: index into the channel's */
  uint8_t is_cut;        /* its transmitter lost power: nobody can read it */
  uint8_t carrier;       /* enum air_carrier */
  int64_t begin_ms, end_ms;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
  float snr_db[STATION_MAX + 1]; /* by listener */
};

struct air {
  const struct scenario *scenario;
  uint64_t seed;
  struct noise dice; /* for arrival */
  struct air_burst **burst;
  size_t count, size;
  uint32_t last_number;
  uint64_t collisions; /* bursts that a listener lost to another burst, its own included */
};

/* scenario must outlive the air. */
void air_init(struct air *air, const struct scenario *scenario, uint64_t seed);
void air_wipe(struct air *air);

/* Puts a burst on the air; it is forgotten some time after its end.  NULL when out of memory. */
struct air_burst *air_begin(struct air *air, int64_t now_ms, int64_t end_ms, uint16_t from, unsigned channel,
                            unsigned mode, const uint8_t *bytes, size_t len);

/* NULL when it is forgotten. */
struct air_burst *air_find(const struct air *air, uint32_t number);

/* Whether a listener notices its carrier. */
int air_is_sensed(const struct air_burst *burst, uint16_t to);

/* Whether the burst, which has just ended, arrives at a listener.  Draws a number unless that is certain. */
int air_arrives(struct air *air, const struct air_burst *burst, uint16_t to);

#endif
