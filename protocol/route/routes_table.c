/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of the routing table: found by station number, allocated as they come. */
#include <errno.h>
#include <stdlib.h>

#include "protocol/route/routes_impl.h"

#define FIRST_ROOM 8

struct routes *routes_new(uint16_t self)
{
  struct routes *routes = calloc(1, sizeof *routes);
  if (routes)
    routes->self = self;
  return routes;
}

void routes_free(struct routes *routes)
{
  if (!routes)
    return;
  free(routes->dest);
  free(routes);
}

uint16_t routes_minute(int64_t now_ms)
{
  return (uint16_t)(now_ms / 60000);
}

int routes_reserve(struct routes *routes, size_t more)
{
  size_t needed = routes->count + more, room = routes->room ? routes->room : FIRST_ROOM;
  if (needed > STATION_MAX)
    needed = STATION_MAX;
  if (needed <= routes->room)
    return 0;
  while (room < needed)
    room += room / 2;
  struct dest *dest = realloc(routes->dest, room * sizeof *dest);
  if (!dest)
    return -ENOMEM;
  routes->dest = dest;
  routes->room = room;
  return 0;
}

struct dest *routes_find(const struct routes *routes, uint16_t station)
{
  if (station > STATION_MAX || !routes->index[station])
    return NULL;
  return &routes->dest[routes->index[station] - 1];
}

struct dest *routes_get(struct routes *routes, uint16_t station)
{
  struct dest *dest = routes_find(routes, station);
  if (dest)
    return dest;
  dest = &routes->dest[routes->count++];
  *dest = (struct dest){
      .link_ms = UINT32_MAX, .station = station, .fd_metric = METRIC_UNREACHABLE, .told_metric = METRIC_UNREACHABLE};
  routes->index[station] = (uint16_t)routes->count;
  return dest;
}

void routes_drop(struct routes *routes, struct dest *dest)
{
  dest_set_news(routes, dest, 0);
  const struct dest *last = &routes->dest[--routes->count];
  routes->index[dest->station] = 0;
  if (dest == last)
    return;
  *dest = *last;
  routes->index[dest->station] = (uint16_t)(dest - routes->dest + 1);
}

struct route *route_find(struct dest *dest, uint16_t neighbour)
{
  for (size_t i = 0; i < ROUTES_PER_DEST; i++)
    if (dest->route[i].neighbour == neighbour)
      return &dest->route[i];
  return NULL;
}

void route_forget(struct dest *dest, uint16_t neighbour)
{
  struct route *route = route_find(dest, neighbour);
  if (route)
    *route = (struct route){.neighbour = STATION_NONE};
}
