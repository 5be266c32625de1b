/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How strongly one simulated station hears another: VHF along the line of sight, HF by near-vertical reflection. */
#ifndef SIM_NET_PROPAGATION_H
#define SIM_NET_PROPAGATION_H

#include <stdint.h>

#include "sim/net/position.h"
#include "sim/net/scenario.h"

#define PROPAGATION_NONE_DB (-99.0)

/* Slow fading is a sum of sines, so that it needs no state. */
#define PROPAGATION_SINES 4

/* What time does not change about the way from one place to another on a channel. */
struct propagation_link {
  uint16_t to;
  uint8_t is_fixed;  /* set by the scenario: budget_db is all there is */
  uint8_t is_moving; /* one end travels: km and budget_db are not known beforehand */
  double km;
  double budget_db; /* SNR for 1 W before gain and fading; on HF before what the hour takes, too */
  double gain_db;   /* the transmitter's power, less the listener's own noise */
  double turn_per_ms[PROPAGATION_SINES], turn[PROPAGATION_SINES];
};

/* Great-circle distance in km. */
double propagation_distance_km(struct position a, struct position b);

/* Returns 0 when to can never notice from. */
int propagation_prepare(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from, uint16_t to,
                        struct propagation_link *link);

/* SNR in 3 kHz at which link->to hears from, at_ms after the start; PROPAGATION_NONE_DB when not at all.  Depends on
 * nothing but its parameters; the same in both directions where power and noise are. */
double propagation_link_snr_db(const struct scenario *scenario, unsigned channel, uint16_t from,
                               const struct propagation_link *link, int64_t at_ms);

/* Both in one, for once. */
double propagation_snr_db(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from,
                          uint16_t to, int64_t at_ms);

#endif
