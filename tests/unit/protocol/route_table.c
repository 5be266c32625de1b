/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A routing table with a clock of its own, for tests: what it hears and what it tells. */
#include "tests/unit/protocol/route_table.h"

#include "tests/unit/protocol/cmocka_all.h"

#define START (1000 * HOUR)

struct table table_new(void)
{
  struct table table = {.routes = routes_new(1), .now_ms = START};
  assert_non_null(table.routes);
  return table;
}

void table_hear(struct table *table, uint16_t neighbour, uint8_t seq, const struct beacon_entry *entry)
{
  struct beacon beacon = {.seq = seq};
  if (entry)
    beacon.entry[beacon.entry_count++] = *entry;
  assert_int_equal(routes_hear(table->routes, table->now_ms, neighbour, ++table->counter[neighbour], &beacon), 0);
}

void table_hear_route(struct table *table, uint16_t neighbour, uint8_t seq, uint32_t airtime_ms)
{
  struct beacon_entry entry = {.station = 9, .has_route = 1, .seq = seq, .metric = metric_encode(airtime_ms)};
  table_hear(table, neighbour, 0, &entry);
}

void table_hear_lost(struct table *table, uint16_t neighbour)
{
  struct beacon_entry entry = {.station = 9, .has_route = 1, .metric = METRIC_UNREACHABLE};
  table_hear(table, neighbour, 0, &entry);
}

void table_hear_want(struct table *table, uint16_t neighbour, uint16_t station, uint8_t wants, uint8_t seq)
{
  struct beacon_entry entry = {.station = station, .wants = wants, .want_seq = seq};
  table_hear(table, neighbour, 0, &entry);
}

void table_link(struct table *table, uint16_t neighbour, uint32_t airtime_ms)
{
  assert_int_equal(routes_set_link(table->routes, table->now_ms, neighbour, airtime_ms), 0);
}

uint16_t table_next_hop(const struct table *table, uint16_t dest)
{
  return routes_next_hop(table->routes, table->now_ms, dest, STATION_NONE);
}

size_t table_tell(struct table *table)
{
  return routes_pick(table->routes, table->now_ms, table->entry, BEACON_ENTRIES_MAX, ALL_BITS);
}

const struct beacon_entry *table_tell_of(struct table *table, uint16_t station)
{
  size_t count = table_tell(table);
  for (size_t i = 0; i < count; i++)
    if (table->entry[i].station == station)
      return &table->entry[i];
  return NULL;
}

void table_tell_all(struct table *table)
{
  for (int i = 0; i < 4; i++)
    table_tell(table);
  assert_false(routes_has_news(table->routes));
}

void table_fill(struct table *table, uint16_t first, uint16_t count, uint32_t airtime_ms)
{
  for (uint16_t i = 0; i < count; i++) {
    struct beacon_entry entry = {
        .station = (uint16_t)(first + i), .has_route = 1, .seq = 1, .metric = metric_encode(airtime_ms)};
    table_hear(table, 2, 0, &entry);
  }
}
