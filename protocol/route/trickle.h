/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a station sends its next beacon on a channel: the Trickle timer (RFC 6206) under a budget of airtime.  Pure:
 * time and randomness are handed in. */
#ifndef PROTOCOL_ROUTE_TRICKLE_H
#define PROTOCOL_ROUTE_TRICKLE_H

#include <stdint.h>

/* What every station of a network uses.  Suppressed twice running, a beacon still follows within 105 minutes, and the
 * routes in it live for three hours; news crosses a hop in half a minute; the budget is 2 % of a channel's time; the
 * allowance is one long beacon. */
#define TRICKLE_IMIN_MS 30000
#define TRICKLE_IMAX_MS 1800000
#define TRICKLE_REDUNDANCY 4
#define TRICKLE_SHARE_PERMILLE 20
#define TRICKLE_ALLOWANCE_MS 4000

struct trickle_config {
  uint32_t imin_ms;        /* shortest interval, after news; at least 2 */
  uint32_t imax_ms;        /* longest */
  uint32_t allowance_ms;   /* airtime that may be spent at once: at the start, and saved up later */
  uint16_t share_permille; /* of the channel's time for the beacons of all stations; at least 1 */
  uint8_t redundancy;      /* as many consistent beacons of others make one's own superfluous; 0: none do */
};

struct trickle {
  struct trickle_config config;
  uint32_t interval_ms;
  int64_t begin_ms, due_ms; /* of the interval, and of the beacon in it */
  uint8_t heard;            /* consistent beacons in this interval */
  uint8_t suppressed;       /* intervals in a row */
  uint8_t must_send;        /* there is news, which no other station's beacon tells */
  uint16_t stations;        /* that share the budget, this one included */
  int64_t credit;           /* airtime in thousandths of a ms; below 0: overspent */
  int64_t credit_ms;        /* time of credit */
};

enum trickle_verdict {
  TRICKLE_WAIT, /* not due, or the budget does not allow it yet: see trickle_due_ms */
  TRICKLE_SKIP, /* due, but others have said enough: the next interval has begun */
  TRICKLE_SEND, /* the airtime is spent, the next interval has begun */
};

/* The timer begins with the shortest interval. */
void trickle_init(struct trickle *trickle, const struct trickle_config *config, int64_t now_ms, uint32_t random);

/* A beacon that brought no news and told of what this station would tell. */
void trickle_hear_consistent(struct trickle *trickle, int64_t now_ms);

/* There is news: the shortest interval begins, unless it is the shortest one already. */
void trickle_reset(struct trickle *trickle, int64_t now_ms, uint32_t random);

/* How many stations share the channel, this one included; at least 1.  It should be the most that any of them hears:
 * then the budget holds for that one, too. */
void trickle_set_stations(struct trickle *trickle, int64_t now_ms, uint16_t stations);

/* When trickle_fire with this airtime gives another verdict than TRICKLE_WAIT. */
int64_t trickle_due_ms(const struct trickle *trickle, uint32_t airtime_ms);

/* The beacon would take airtime_ms now: shall it go? */
enum trickle_verdict trickle_fire(struct trickle *trickle, int64_t now_ms, uint32_t random, uint32_t airtime_ms);

/* From when the budget allows something that takes airtime_ms. */
int64_t trickle_affordable_ms(const struct trickle *trickle, uint32_t airtime_ms);

/* Non-zero when a beacon that is due would be skipped. */
int trickle_is_superfluous(const struct trickle *trickle);

/* Something else than a beacon has taken airtime from the budget. */
void trickle_charge(struct trickle *trickle, int64_t now_ms, uint32_t airtime_ms);

#endif
