/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How strongly one simulated station hears another: VHF along the line of sight, HF by near-vertical reflection. */
#ifndef SIM_NET_PROPAGATION_H
#define SIM_NET_PROPAGATION_H

#include <stdint.h>

#include "sim/net/scenario.h"

#define PROPAGATION_NONE_DB (-99.0)

/* Great-circle distance in km. */
double propagation_distance_km(const struct scenario_station *a, const struct scenario_station *b);

/* SNR in 3 kHz at which to hears from, at_ms after the start; PROPAGATION_NONE_DB when not at all.  Depends on
 * nothing but its parameters, and is the same in both directions. */
double propagation_snr_db(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from,
                          uint16_t to, int64_t at_ms);

#endif
