/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A routing table with a clock of its own, for tests: what it hears and what it tells. */
#ifndef TESTS_UNIT_PROTOCOL_ROUTE_TABLE_H
#define TESTS_UNIT_PROTOCOL_ROUTE_TABLE_H

#include "protocol/route/routes.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define ALL_BITS (64 * 64)

/* The station under test is 1; it has the neighbours 2 and 3, and hears of 9. */
struct table {
  struct routes *routes;
  int64_t now_ms;
  uint16_t counter[16];
  struct beacon_entry entry[BEACON_ENTRIES_MAX];
};

struct table table_new(void);
void table_hear(struct table *table, uint16_t neighbour, uint8_t seq, const struct beacon_entry *entry);
/* neighbour has a route to 9. */
void table_hear_route(struct table *table, uint16_t neighbour, uint8_t seq, uint32_t airtime_ms);
void table_hear_lost(struct table *table, uint16_t neighbour);
void table_hear_want(struct table *table, uint16_t neighbour, uint16_t station, uint8_t wants, uint8_t seq);
void table_link(struct table *table, uint16_t neighbour, uint32_t airtime_ms);
uint16_t table_next_hop(const struct table *table, uint16_t dest);
size_t table_tell(struct table *table);
/* What the next beacon says of a station; NULL: nothing. */
const struct beacon_entry *table_tell_of(struct table *table, uint16_t station);
/* Until nothing is left of what the changes so far made worth telling. */
void table_tell_all(struct table *table);
/* So many stations behind neighbour 2. */
void table_fill(struct table *table, uint16_t first, uint16_t count, uint32_t airtime_ms);

#endif
