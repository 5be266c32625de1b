/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What physics allows: whether a message could have come from one station to another, from hand to hand, through
 * stations that keep what they hold while their power is off. */
#ifndef SIM_NET_REACH_H
#define SIM_NET_REACH_H

#include "sim/net/links.h"

/* The contacts are looked at this often.  Two stations are in contact when both have power and some channel would
 * carry one burst in so many. */
#define REACH_STEP_MS INT64_C(600000)
#define REACH_ARRIVAL 0.1

struct reach;

/* links must outlive it.  NULL when out of memory. */
struct reach *reach_new(const struct links *links);
void reach_free(struct reach *reach);

/* Non-zero when a message filed at from at filed_ms could be at to a whole step before it expires and before the end.
 * Fast when it is asked in order of rising filed_ms for one and the same from. */
int reach_allows(struct reach *reach, uint16_t from, uint16_t to, int64_t filed_ms, int64_t expires_ms);

#endif
