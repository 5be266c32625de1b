/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario's stations, each a real protocol node, in simulated time on simulated channels. */
#ifndef SIM_NET_NETWORK_H
#define SIM_NET_NETWORK_H

#include <stdio.h>

#include "sim/net/durable_store.h"
#include "sim/net/scenario.h"
#include "sim/net/tally.h"

struct network;

/* scenario must outlive the network; trace (may be NULL) gets one JSON line for each event of a message.  NULL: no
 * memory. */
struct network *network_new(const struct scenario *scenario, uint64_t seed, FILE *trace);
void network_free(struct network *network);

/* Runs to the end of the scenario and counts.  The same scenario and seed give the same events.  Returns 0, -ENOMEM,
 * or -ELOOP when a node asks for the same instant for ever. */
int network_run(struct network *network);

/* After the run. */
const struct tally *network_tally(const struct network *network);
const struct durable_store *network_store(const struct network *network, uint16_t station);

#endif
