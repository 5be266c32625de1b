/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who could ever hear whom: made once, so that a burst concerns only these few. */
#ifndef SIM_NET_LINKS_H
#define SIM_NET_LINKS_H

#include <stddef.h>

#include "sim/net/propagation.h"

struct link_span {
  size_t at, count; /* in links.link */
};

struct links {
  const struct scenario *scenario;
  struct propagation_link *link; /* those from one place lie together, by rising number of the listener */
  size_t count, size;
  struct link_span from[NODE_CHANNELS_MAX][SCENARIO_PLACES_MAX + 1];
};

/* scenario must outlive the links.  NULL when out of memory. */
struct links *links_new(const struct scenario *scenario, uint64_t seed);
void links_free(struct links *links);

/* What goes out from a place on a channel.  Sets *count. */
const struct propagation_link *links_from(const struct links *links, unsigned channel, uint16_t from, size_t *count);

/* NULL when to can never hear from. */
const struct propagation_link *links_find(const struct links *links, unsigned channel, uint16_t from, uint16_t to);

/* SNR at which to hears from now; PROPAGATION_NONE_DB when not at all. */
double links_snr_db(const struct links *links, unsigned channel, uint16_t from, uint16_t to, int64_t at_ms);

/* All noise jammers at a listener from begin_ms to end_ms: their power over its own noise (not in dB). */
double links_noise(const struct links *links, unsigned channel, uint16_t to, int64_t begin_ms, int64_t end_ms);

#endif
