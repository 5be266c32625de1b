/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the routing table share: its records and the few functions that cross between them. */
#ifndef PROTOCOL_ROUTE_ROUTES_IMPL_H
#define PROTOCOL_ROUTE_ROUTES_IMPL_H

#include "protocol/route/routes.h"

/* Beacons are rare on HF: what no neighbour has repeated for so long is gone. */
#define ROUTE_LIFETIME_MIN (6 * 60)
/* A feasibility distance must outlive every copy of what it was told with, at up to ROUTE_LIFETIME on each hop of the
 * way; and it must be gone before a destination can have used half of the 8-bit numbers (RENEW_PAUSE_MIN). */
#define DISTANCE_LIFETIME_MIN (24 * 60)
/* A station numbers the routes to itself anew when somebody needs that, but not more often than this ... */
#define RENEW_PAUSE_MIN 15
/* ... and anyway after this time: it makes feasible what is cheaper than what others told before costs rose.  Not
 * with every beacon: a cheap way of many hops would always be a number behind, and so never feasible. */
#define RENEW_MIN (3 * 60)
/* An answer to a want that takes longer than this is no answer. */
#define WANT_LIFETIME_MIN 60
/* The first repetition of a want; each further one waits twice as long, at most WANT_ROUNDS_MAX times. */
#define WANT_AGAIN_MIN 15
#define WANT_ROUNDS_MAX 5
/* Wants of others that wait at a time to be passed on, from a large table. */
#define WANTS_WAITING_MAX 8
/* How many beacons carry one's own want, and a retraction. */
#define WANT_TELLS 3
#define LOST_TELLS 3

/* Who used a route will use it again within this time, most likely: three reports a day. */
#define USE_LIFETIME_MIN (12 * 60)
/* A table of more destinations than a few beacons hold: the far ones are told more rarely, and are no news unless
 * they are in use.  Near: within about four hops of two seconds. */
#define TABLE_SMALL 64
#define NEWS_NEAR_MS 8000

/* Alternatives kept for each destination: enough to survive three losses, and bounds what a liar can fill. */
#define ROUTES_PER_DEST 4

/* A route as a neighbour told it.  Minutes are the low 16 bits of the time's. */
struct route {
  uint16_t neighbour; /* STATION_NONE: the place is free */
  uint16_t heard_min;
  uint8_t seq;
  uint8_t distance;   /* of the neighbour: 0 it is the destination itself, else its metric + 1 */
  uint8_t is_cheaper; /* than the selected one, by less than it takes to change at once, at the last beacon */
};

struct dest {
  uint32_t link_ms;    /* cost of the link, UINT32_MAX: no neighbour */
  uint32_t told_order; /* of the pick that told it last, 0: never */
  uint16_t station;
  uint16_t selected; /* the neighbour, STATION_NONE: no route */
  uint16_t counter;  /* of the last beacon of a neighbour, low 16 bits */
  uint16_t fd_min;   /* when the feasibility distance was told last */
  uint16_t want_min; /* when the want began */
  uint16_t used_min; /* when a message went there, or a neighbour looked for it */
  uint8_t fd_seq;    /* feasibility distance: the best that this station has ever told (RFC 8966, section 3.5.1) */
  uint8_t fd_metric; /* METRIC_UNREACHABLE: none */
  uint8_t want_seq;
  uint8_t told_metric; /* the last told, METRIC_UNREACHABLE: lost or never told */
  uint8_t has_news;
  uint8_t is_used;     /* since used_min, and not long ago */
  uint8_t lost_tells;  /* beacons that shall still say that the route is lost */
  uint8_t wants;       /* enum beacon_want: looked for, by ourselves or for others */
  uint8_t want_tells;  /* beacons that shall still ask */
  uint8_t want_rounds; /* of our own wants without an answer */
  struct route route[ROUTES_PER_DEST];
};

struct routes {
  uint16_t self;
  uint8_t self_wanted; /* somebody looks for this station: a beacon is the answer */
  uint8_t seq;         /* of the routes to this station */
  uint8_t next_seq;    /* other than seq: to be used as soon as the pause since the last change is over */
  uint8_t has_renewed;
  uint16_t renewed_min;
  uint16_t index[STATION_MAX + 1]; /* place in dest + 1, by station; 0: none */
  struct dest *dest;
  size_t count, room;
  size_t news;    /* destinations with has_news */
  uint32_t order; /* of the last pick */
  int64_t ticked_ms;
  uint8_t has_ticked;
};

/* ---- routes_table.c: the records */

uint16_t routes_minute(int64_t now_ms);
/* Makes room for more new destinations.  Returns 0 or -ENOMEM. */
int routes_reserve(struct routes *routes, size_t more);
struct dest *routes_find(const struct routes *routes, uint16_t station); /* NULL if there is none */
/* Finds or adds; there must be room.  Pointers to destinations are void after routes_reserve and routes_drop. */
struct dest *routes_get(struct routes *routes, uint16_t station);
void routes_drop(struct routes *routes, struct dest *dest);
struct route *route_find(struct dest *dest, uint16_t neighbour); /* NULL if there is none */
void route_forget(struct dest *dest, uint16_t neighbour);

/* ---- routes.c: what can be used, and the choice */

/* The metric by way of route; METRIC_UNREACHABLE when it is old, or its neighbour is none. */
uint8_t route_metric(const struct routes *routes, uint16_t minute, const struct route *route);
/* The selected route, NULL if there is none. */
const struct route *dest_selected(const struct dest *dest);
/* Chooses anew after any change.  With at_once a route that is cheaper by a single step wins. */
void dest_select(struct routes *routes, uint16_t minute, struct dest *dest, int at_once);

/* ---- routes_tell.c: news and wants */

void dest_set_news(struct routes *routes, struct dest *dest, int has_news);
/* Non-zero when others shall hear soon of a route of this metric. */
int dest_is_newsworthy(const struct routes *routes, const struct dest *dest, uint8_t metric);
void dest_note_used(struct dest *dest, uint16_t minute);
/* A neighbour, which has been heard just now, looks for this destination. */
void dest_hear_want(struct routes *routes, uint16_t minute, struct dest *dest, uint16_t neighbour,
                    const struct beacon_entry *entry);
/* The station itself looks for a route that it may use. */
void dest_want(struct routes *routes, uint16_t minute, struct dest *dest);
/* Ends a want that seq answers; then others shall hear of it. */
void dest_answer_want(struct routes *routes, struct dest *dest, uint8_t seq);
/* Somebody has, or needs, routes to this station of a number beyond its own. */
void routes_ask_renewal(struct routes *routes, uint8_t seq);

/* Serial number arithmetic (RFC 1982). */
static inline int seq_is_newer(uint8_t a, uint8_t b)
{
  return (int8_t)(a - b) > 0;
}

#endif
