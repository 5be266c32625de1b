/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The choice of routes: what neighbours tell, which of it can be used without a loop (RFC 8966, section 3.5.1, where
 * source and destination are one), and which is best. */
#include <stdlib.h>

#include "protocol/route/routes_impl.h"

/* A route must be cheaper by at least this many steps (11 %) to replace one that still works: measured costs swing by
 * more than a step.  One step is enough when a second beacon says the same. */
#define CHANGE_STEPS 2
/* Others shall hear soon of a metric that moved this far, 33 % up or 25 % down, since it was told. */
#define NEWS_STEPS 5
/* How often old routes are looked for; what is used is checked at every use. */
#define TICK_MS INT64_C(600000)

static int is_older(uint16_t minute, uint16_t since, int lifetime_min)
{
  return (int16_t)(minute - since) > lifetime_min;
}

uint8_t route_metric(const struct routes *routes, uint16_t minute, const struct route *route)
{
  const struct dest *neighbour = routes_find(routes, route->neighbour);
  if (!neighbour || neighbour->link_ms == UINT32_MAX || is_older(minute, route->heard_min, ROUTE_LIFETIME_MIN))
    return METRIC_UNREACHABLE;
  if (!route->distance)
    return metric_encode(neighbour->link_ms);
  uint8_t told = route->distance - 1;
  uint64_t sum = (uint64_t)metric_decode(told) + neighbour->link_ms;
  uint8_t metric = metric_encode(sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX);
  return metric > told ? metric : told + 1;
}

/* The destination itself is always feasible: no way through it comes back. */
static int is_feasible(const struct dest *dest, const struct route *route)
{
  if (!route->distance || dest->fd_metric == METRIC_UNREACHABLE || seq_is_newer(route->seq, dest->fd_seq))
    return 1;
  return route->seq == dest->fd_seq && route->distance - 1 < dest->fd_metric;
}

static uint8_t feasible_metric(const struct routes *routes, uint16_t minute, const struct dest *dest,
                               const struct route *route)
{
  if (!route || route->neighbour == STATION_NONE || !is_feasible(dest, route))
    return METRIC_UNREACHABLE;
  return route_metric(routes, minute, route);
}

const struct route *dest_selected(const struct dest *dest)
{
  if (dest->selected == STATION_NONE)
    return NULL;
  for (size_t i = 0; i < ROUTES_PER_DEST; i++)
    if (dest->route[i].neighbour == dest->selected)
      return &dest->route[i];
  return NULL;
}

/* The cheapest feasible route that does not go by way of avoid; NULL if there is none. */
static const struct route *find_best(const struct routes *routes, uint16_t minute, const struct dest *dest,
                                     uint16_t avoid)
{
  const struct route *best = NULL;
  uint8_t best_metric = METRIC_UNREACHABLE;
  for (size_t i = 0; i < ROUTES_PER_DEST; i++) {
    const struct route *route = &dest->route[i];
    uint8_t metric = route->neighbour == avoid ? METRIC_UNREACHABLE : feasible_metric(routes, minute, dest, route);
    if (metric >= best_metric)
      continue;
    best = route;
    best_metric = metric;
  }
  return best;
}

/* Non-zero when a neighbour offers a way that may lead back to this station, or may not: only a newer number tells.
 */
static int has_infeasible(const struct routes *routes, uint16_t minute, const struct dest *dest)
{
  for (size_t i = 0; i < ROUTES_PER_DEST; i++)
    if (dest->route[i].neighbour != STATION_NONE && !is_feasible(dest, &dest->route[i]) &&
        route_metric(routes, minute, &dest->route[i]) != METRIC_UNREACHABLE)
      return 1;
  return 0;
}

static void note_lost(struct routes *routes, uint16_t minute, struct dest *dest)
{
  uint8_t told_metric = dest->told_metric;
  dest->told_metric = METRIC_UNREACHABLE;
  if (told_metric != METRIC_UNREACHABLE && dest_is_newsworthy(routes, dest, told_metric)) {
    dest->lost_tells = LOST_TELLS;
    dest_set_news(routes, dest, 1);
    if ((routes->count <= TABLE_SMALL || dest->is_used) && has_infeasible(routes, minute, dest))
      dest_want(routes, minute, dest);
  }
  if (!dest->lost_tells && !dest->want_tells)
    dest_set_news(routes, dest, 0);
}

static void note_found(struct routes *routes, struct dest *dest, const struct route *selected, uint8_t metric)
{
  dest->lost_tells = dest->want_rounds = 0;
  int has_changed = dest->told_metric == METRIC_UNREACHABLE || abs(metric - dest->told_metric) >= NEWS_STEPS;
  if (has_changed && dest_is_newsworthy(routes, dest, metric))
    dest_set_news(routes, dest, 1);
  dest_answer_want(routes, dest, selected->seq);
}

void dest_select(struct routes *routes, uint16_t minute, struct dest *dest, int at_once)
{
  const struct route *selected = dest_selected(dest), *best = find_best(routes, minute, dest, STATION_NONE);
  uint8_t metric = feasible_metric(routes, minute, dest, selected);
  uint8_t best_metric = feasible_metric(routes, minute, dest, best);
  if (metric == METRIC_UNREACHABLE || best_metric + (at_once ? 1 : CHANGE_STEPS) <= metric) {
    selected = best;
    metric = best_metric;
  }
  dest->selected = selected ? selected->neighbour : STATION_NONE;
  if (selected)
    note_found(routes, dest, selected, metric);
  else
    note_lost(routes, minute, dest);
}

/* A free place, else that of the worst route if the new one beats it; NULL: the new one is not worth one. */
static struct route *find_place(const struct routes *routes, uint16_t minute, struct dest *dest,
                                const struct route *new)
{
  struct route *worst = NULL;
  int worst_metric = -1;
  for (size_t i = 0; i < ROUTES_PER_DEST; i++) {
    struct route *route = &dest->route[i];
    if (route->neighbour == STATION_NONE)
      return route;
    int metric = feasible_metric(routes, minute, dest, route);
    if (route->neighbour == dest->selected || metric <= worst_metric)
      continue;
    worst = route;
    worst_metric = metric;
  }
  return feasible_metric(routes, minute, dest, new) < worst_metric ? worst : NULL;
}

/* Takes in what a neighbour said just now.  distance as in struct route. */
static void hear_route(struct routes *routes, uint16_t minute, struct dest *dest, uint16_t neighbour, uint8_t seq,
                       uint8_t distance)
{
  struct route new = {.neighbour = neighbour, .seq = seq, .heard_min = minute, .distance = distance};
  struct route *route = route_find(dest, neighbour);
  int was_cheaper = route && route->is_cheaper;
  if (!route)
    route = find_place(routes, minute, dest, &new);
  if (!route)
    return;
  *route = new;
  route->is_cheaper =
      feasible_metric(routes, minute, dest, route) < feasible_metric(routes, minute, dest, dest_selected(dest));
  dest_select(routes, minute, dest, was_cheaper && route->is_cheaper);
  if (dest->selected == neighbour)
    route->is_cheaper = 0;
}

static void lose_route(struct routes *routes, uint16_t minute, struct dest *dest, uint16_t neighbour)
{
  route_forget(dest, neighbour);
  dest_select(routes, minute, dest, 0);
}

/* After a start one's own number is behind what others remember, or a liar has pushed theirs ahead. */
static void hear_of_self(struct routes *routes, const struct beacon_entry *entry)
{
  if (entry->has_route && entry->metric != METRIC_UNREACHABLE && seq_is_newer(entry->seq, routes->seq))
    routes_ask_renewal(routes, entry->seq + 1);
  if (entry->wants == BEACON_WANTS_NEWER && !seq_is_newer(routes->seq, entry->want_seq))
    routes_ask_renewal(routes, entry->want_seq + 1);
  routes->self_wanted |= entry->wants != BEACON_WANTS_NOTHING;
}

static void hear_entry(struct routes *routes, uint16_t minute, uint16_t neighbour, const struct beacon_entry *entry)
{
  int is_reachable = entry->has_route && entry->metric != METRIC_UNREACHABLE;
  if (!station_is_valid(entry->station) || entry->station == neighbour)
    return;
  if (entry->station == routes->self) {
    hear_of_self(routes, entry);
    return;
  }
  struct dest *dest =
      is_reachable || entry->wants ? routes_get(routes, entry->station) : routes_find(routes, entry->station);
  if (!dest)
    return;
  if (is_reachable)
    hear_route(routes, minute, dest, neighbour, entry->seq, entry->metric + 1);
  else if (entry->has_route || entry->wants)
    lose_route(routes, minute, dest, neighbour);
  if (entry->wants)
    dest_hear_want(routes, minute, dest, neighbour, entry);
}

/* A neighbour that has started anew knows nothing of what it told before. */
static void forget_told_by(struct routes *routes, uint16_t minute, uint16_t neighbour)
{
  for (size_t i = 0; i < routes->count; i++)
    if (routes->dest[i].station != neighbour && route_find(&routes->dest[i], neighbour))
      lose_route(routes, minute, &routes->dest[i], neighbour);
}

int routes_hear(struct routes *routes, int64_t now_ms, uint16_t neighbour, uint16_t counter,
                const struct beacon *beacon)
{
  uint16_t minute = routes_minute(now_ms);
  if (!station_is_valid(neighbour) || neighbour == routes->self)
    return 0;
  int err = routes_reserve(routes, beacon->entry_count + 1);
  if (err)
    return err;
  struct dest *dest = routes_get(routes, neighbour);
  if (route_find(dest, neighbour) && (int16_t)(counter - dest->counter) < 0)
    return 0; /* overtaken by a later one on another channel */
  dest->counter = counter;
  if (beacon->started)
    forget_told_by(routes, minute, neighbour);
  hear_route(routes, minute, dest, neighbour, beacon->seq, 0);
  for (size_t i = 0; i < beacon->entry_count; i++)
    hear_entry(routes, minute, neighbour, &beacon->entry[i]);
  return 0;
}

int routes_set_link(struct routes *routes, int64_t now_ms, uint16_t neighbour, uint32_t airtime_ms)
{
  const struct dest *known = routes_find(routes, neighbour);
  uint32_t before_ms = known ? known->link_ms : UINT32_MAX;
  if (!station_is_valid(neighbour) || neighbour == routes->self ||
      metric_encode(before_ms) == metric_encode(airtime_ms))
    return 0;
  int err = routes_reserve(routes, 1);
  if (err)
    return err;
  routes_get(routes, neighbour)->link_ms = metric_encode(airtime_ms) == METRIC_UNREACHABLE ? UINT32_MAX : airtime_ms;
  for (size_t i = 0; i < routes->count; i++)
    if (route_find(&routes->dest[i], neighbour))
      dest_select(routes, routes_minute(now_ms), &routes->dest[i], 0);
  return 0;
}

void routes_keep(struct routes *routes, int64_t now_ms, uint16_t neighbour)
{
  struct dest *dest = routes_find(routes, neighbour);
  struct route *route = dest ? route_find(dest, neighbour) : NULL;
  if (route)
    route->heard_min = routes_minute(now_ms);
}

void routes_lose(struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t neighbour)
{
  struct dest *known = routes_find(routes, dest);
  if (known && dest != neighbour && route_find(known, neighbour))
    lose_route(routes, routes_minute(now_ms), known, neighbour);
}

/* The route in use now, which may have grown old since the last tick. */
static const struct route *usable_route(const struct routes *routes, uint16_t minute, const struct dest *dest,
                                        uint16_t avoid)
{
  const struct route *selected = dest_selected(dest);
  if (selected && selected->neighbour != avoid &&
      feasible_metric(routes, minute, dest, selected) != METRIC_UNREACHABLE)
    return selected;
  return find_best(routes, minute, dest, avoid);
}

uint16_t routes_next_hop(const struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t avoid)
{
  const struct dest *known = routes_find(routes, dest);
  const struct route *route = known ? usable_route(routes, routes_minute(now_ms), known, avoid) : NULL;
  return route ? route->neighbour : STATION_NONE;
}

uint16_t routes_any_hop(const struct routes *routes, int64_t now_ms, uint16_t dest, uint16_t avoid)
{
  const struct dest *known = routes_find(routes, dest);
  uint16_t hop = routes_next_hop(routes, now_ms, dest, avoid);
  uint8_t best = METRIC_UNREACHABLE;
  if (hop != STATION_NONE || !known)
    return hop;
  for (size_t i = 0; i < ROUTES_PER_DEST; i++) {
    const struct route *route = &known->route[i];
    if (route->neighbour == STATION_NONE || route->neighbour == avoid)
      continue;
    uint8_t metric = route_metric(routes, routes_minute(now_ms), route);
    if (metric < best) {
      best = metric;
      hop = route->neighbour;
    }
  }
  return hop;
}

uint32_t routes_airtime_ms(const struct routes *routes, int64_t now_ms, uint16_t dest)
{
  uint16_t minute = routes_minute(now_ms);
  const struct dest *known = routes_find(routes, dest);
  const struct route *route = known ? usable_route(routes, minute, known, STATION_NONE) : NULL;
  return route ? metric_decode(route_metric(routes, minute, route)) : UINT32_MAX;
}

int routes_walk(const struct routes *routes, int64_t now_ms, size_t *at, struct route_info *out)
{
  uint16_t minute = routes_minute(now_ms);
  for (; *at < routes->count; (*at)++) {
    const struct dest *dest = &routes->dest[*at];
    const struct route *route = usable_route(routes, minute, dest, STATION_NONE);
    if (!route)
      continue;
    *out = (struct route_info){dest->station, route->neighbour, route->seq,
                               metric_decode(route_metric(routes, minute, route))};
    (*at)++;
    return 1;
  }
  return 0;
}

/* Returns non-zero when the choice may change. */
static int expire_distance(uint16_t minute, struct dest *dest)
{
  if (dest->fd_metric == METRIC_UNREACHABLE || !is_older(minute, dest->fd_min, DISTANCE_LIFETIME_MIN))
    return 0;
  dest->fd_metric = METRIC_UNREACHABLE;
  return 1;
}

static int expire_routes(uint16_t minute, struct dest *dest)
{
  int has_changed = 0;
  for (size_t i = 0; i < ROUTES_PER_DEST; i++) {
    struct route *route = &dest->route[i];
    if (route->neighbour == STATION_NONE || !is_older(minute, route->heard_min, ROUTE_LIFETIME_MIN))
      continue;
    *route = (struct route){.neighbour = STATION_NONE};
    has_changed = 1;
  }
  return has_changed;
}

static void expire_want(uint16_t minute, struct dest *dest)
{
  if (dest->wants && is_older(minute, dest->want_min, WANT_LIFETIME_MIN)) {
    dest->wants = BEACON_WANTS_NOTHING;
    dest->want_tells = 0;
  }
  if (is_older(minute, dest->want_min, WANT_AGAIN_MIN << WANT_ROUNDS_MAX))
    dest->want_rounds = 0;
}

static void expire_use(uint16_t minute, struct dest *dest)
{
  if (dest->is_used && is_older(minute, dest->used_min, USE_LIFETIME_MIN))
    dest->is_used = 0;
}

static int is_empty(const struct dest *dest)
{
  for (size_t i = 0; i < ROUTES_PER_DEST; i++)
    if (dest->route[i].neighbour != STATION_NONE)
      return 0;
  return dest->link_ms == UINT32_MAX && dest->fd_metric == METRIC_UNREACHABLE && !dest->wants && !dest->want_rounds &&
         !dest->lost_tells;
}

/* Minutes are kept in 16 bits; after so long a pause nothing of before is of use, but the links' costs. */
static void forget_all(struct routes *routes)
{
  routes->has_renewed = 0;
  for (size_t i = routes->count; i-- > 0;) {
    struct dest *dest = &routes->dest[i];
    uint16_t station = dest->station;
    uint32_t link_ms = dest->link_ms;
    routes_drop(routes, dest);
    if (link_ms != UINT32_MAX)
      routes_get(routes, station)->link_ms = link_ms;
  }
}

void routes_tick(struct routes *routes, int64_t now_ms)
{
  uint16_t minute = routes_minute(now_ms);
  if (routes->has_ticked && now_ms - routes->ticked_ms < TICK_MS)
    return;
  if (routes->has_ticked && now_ms - routes->ticked_ms > DISTANCE_LIFETIME_MIN * INT64_C(60000))
    forget_all(routes);
  routes->has_ticked = 1;
  routes->ticked_ms = now_ms;
  for (size_t i = routes->count; i-- > 0;) {
    struct dest *dest = &routes->dest[i];
    expire_want(minute, dest);
    expire_use(minute, dest);
    int has_changed = expire_distance(minute, dest);
    has_changed |= expire_routes(minute, dest);
    if (has_changed)
      dest_select(routes, minute, dest, 0);
    if (is_empty(dest))
      routes_drop(routes, dest);
  }
}
