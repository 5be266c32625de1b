/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which neighbour a message for a station goes to: a loop-free distance vector after Babel (RFC 8966), fed by beacons
 * and by what the link learns of its neighbours.  Pure: no keys, no channels, no messages in here. */
#ifndef PROTOCOL_ROUTE_ROUTES_H
#define PROTOCOL_ROUTE_ROUTES_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/wire/beacon.h"

struct routes;

/* NULL when out of memory. */
struct routes *routes_new(uint16_t self);
void routes_free(struct routes *routes);

/* The expected airtime of a standard burst to neighbour, answer included; UINT32_MAX: no longer a neighbour.
 * A change that leaves the metric of the link as it was changes nothing.
 * Returns 0, or -ENOMEM: then nothing has changed. */
int routes_set_link(struct routes *routes, int64_t now_ms, uint16_t neighbour, uint32_t airtime_ms);

/* The way straight to neighbour does not grow old: a station that travels visits it again. */
void routes_keep(struct routes *routes, int64_t now_ms, uint16_t neighbour);

/* A beacon of neighbour, with the low 16 bits of its frame counter: makes neighbour a destination, too.  Entries
 * about self are not routes.  A beacon older than the last of the same neighbour changes nothing.  Returns 0, or
 * -ENOMEM: then nothing has changed. */
int routes_hear(struct routes *routes, int64_t now_ms, uint16_t neighbour, uint16_t counter,
                const struct beacon *beacon);

/* neighbour has said itself that it knows no way to dest. */
void routes_lose(struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t neighbour);

/* The neighbour to which a message for dest goes; STATION_NONE: no feasible route.  avoid: a neighbour that shall not
 * be chosen (it gave us the message, or refused it), STATION_NONE for none. */
uint16_t routes_next_hop(const struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t avoid);

/* Likewise, but where no route is known to be free of loops the cheapest other one: for what cannot wait for a newer
 * number and counts its hops. */
uint16_t routes_any_hop(const struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t avoid);

/* Expected airtime to dest in ms; UINT32_MAX without a route. */
uint32_t routes_airtime_ms(const struct routes *routes, int64_t now_ms, uint16_t dest);

/* A message waits for dest: if there is no route, the next beacons ask for one.  Repeated calls ask again after 15
 * minutes, and then after twice as long each time. */
void routes_want(struct routes *routes, int64_t now_ms, uint16_t dest);

/* A message for dest went out, or came to be passed on: its route is told more often than others from now on, so that
 * it lasts at all the stations on the way. */
void routes_note_used(struct routes *routes, int64_t now_ms, uint16_t dest);

/* Non-zero when the next beacon has news that others should hear soon (a route found, lost or much changed, a want,
 * or somebody looks for this station): the beacon timer starts anew then.  Cleared by routes_pick, unless there was
 * not room for all. */
int routes_has_news(const struct routes *routes);

/* Takes the entries most worth telling now, as many as fit in max_bits (beacon_entry_bits): news first, then those
 * that were told longest ago, near ones and those in use more often than far ones.  The SNR is left out, but max_bits
 * has room for that of each station heard directly. What is picked counts as told.  Returns their number. */
size_t routes_pick(struct routes *routes, int64_t now_ms, struct beacon_entry *out, size_t max, size_t max_bits);

/* What the beacon that takes a pick, also an empty one, says in its own seq.  Each station numbers the routes to
 * itself: a route with a newer number is free of loops whatever it costs. */
uint8_t routes_seq(const struct routes *routes);

/* Lets routes grow old.  Cheap when called often. */
void routes_tick(struct routes *routes, int64_t now_ms);

/* For people: walks over all destinations with a route.  at begins at 0.  Returns 0 at the end. */
struct route_info {
  uint16_t dest, next_hop;
  uint8_t seq;
  uint32_t airtime_ms;
};
int routes_walk(const struct routes *routes, int64_t now_ms, size_t *at, struct route_info *out);

#endif
