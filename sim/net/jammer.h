/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hostile transmitter that makes bursts: what it records, and what it sends. */
#ifndef SIM_NET_JAMMER_H
#define SIM_NET_JAMMER_H

#include "protocol/crypto/keyring.h"
#include "sim/net/air.h"

#define JAMMER_MEMORY 64 /* bursts it keeps; later ones replace random ones, so that old ones come back, too */

struct jammer_record {
  uint8_t mode;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
};

struct jammer {
  const struct scenario_jammer *plan;
  const struct scenario_channel *radio;
  const struct directory *directory;
  struct keyring *keys; /* JAMMER_STOLEN: those of its station; NULL: none */
  struct noise dice;
  struct jammer_record record[JAMMER_MEMORY];
  size_t record_count;
  uint8_t is_noticed[STATION_MAX + 1]; /* JAMMER_NOISE: whose carrier detection it holds */
};

/* keys (may be NULL) becomes the jammer's; scenario and directory must outlive it. */
void jammer_init(struct jammer *jammer, const struct scenario *scenario, size_t index,
                 const struct directory *directory, struct keyring *keys, uint64_t seed);
void jammer_wipe(struct jammer *jammer);

/* A burst of somebody has reached it. */
void jammer_hear(struct jammer *jammer, const struct air_burst *burst);

/* Makes the next burst.  Returns its length, 0: nothing to send. */
size_t jammer_make(struct jammer *jammer, uint8_t *mode, uint8_t bytes[LINK_BURST_MAX]);

#endif
