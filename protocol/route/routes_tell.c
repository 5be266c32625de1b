/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the next beacon tells of routes: news and wants first, then what was told longest ago for its distance.
 */
#include "protocol/route/routes_impl.h"

void dest_set_news(struct routes *routes, struct dest *dest, int has_news)
{
  routes->news += (size_t)(has_news - dest->has_news);
  dest->has_news = (uint8_t)has_news;
}

int dest_is_newsworthy(const struct routes *routes, const struct dest *dest, uint8_t metric)
{
  return routes->count <= TABLE_SMALL || dest->is_used || metric_decode(metric) <= NEWS_NEAR_MS;
}

void dest_note_used(struct dest *dest, uint16_t minute)
{
  dest->is_used = 1;
  dest->used_min = minute;
}

void routes_note_used(struct routes *routes, int64_t now_ms, uint16_t dest)
{
  struct dest *known = routes_find(routes, dest);
  if (known)
    dest_note_used(known, routes_minute(now_ms));
}

int routes_has_news(const struct routes *routes)
{
  return routes->news > 0 || routes->self_wanted;
}

/* ---- Wants */

static int answers(uint8_t wants, uint8_t want_seq, uint8_t seq)
{
  return wants == BEACON_WANTS_ANY || (wants == BEACON_WANTS_NEWER && seq_is_newer(seq, want_seq));
}

void dest_answer_want(struct routes *routes, struct dest *dest, uint8_t seq)
{
  if (!answers(dest->wants, dest->want_seq, seq))
    return;
  dest->wants = BEACON_WANTS_NOTHING;
  dest->want_tells = 0;
  dest_set_news(routes, dest, 1);
}

/* Of two wants the one that is harder to answer stays: its answer serves both. */
static void merge_want(struct dest *dest, uint8_t wants, uint8_t seq)
{
  if (dest->wants == BEACON_WANTS_NEWER && (wants != BEACON_WANTS_NEWER || seq_is_newer(dest->want_seq, seq)))
    return;
  dest->wants = wants;
  dest->want_seq = seq;
}

static size_t count_waiting_wants(const struct routes *routes)
{
  size_t count = 0;
  for (size_t i = 0; i < routes->count; i++)
    count += routes->dest[i].want_tells > 0;
  return count;
}

/* In a large table a want goes towards its destination, as requests for a number do in RFC 8966, section 3.8.1.2; and
 * of those without a direction only so many wait at a time, or they would take all beacons from the routes. */
static int is_worth_passing(const struct routes *routes, uint16_t minute, const struct dest *dest, uint16_t neighbour,
                            const struct beacon_entry *entry)
{
  const struct route *selected = dest_selected(dest);
  if (routes->count <= TABLE_SMALL)
    return 1;
  if (entry->has_route && entry->metric != METRIC_UNREACHABLE)
    return selected && selected->neighbour != neighbour && route_metric(routes, minute, selected) < entry->metric;
  return count_waiting_wants(routes) < WANTS_WAITING_MAX;
}

void dest_hear_want(struct routes *routes, uint16_t minute, struct dest *dest, uint16_t neighbour,
                    const struct beacon_entry *entry)
{
  const struct route *selected = dest_selected(dest);
  if (selected && selected->neighbour != neighbour && answers(entry->wants, entry->want_seq, selected->seq)) {
    dest_note_used(dest, minute);
    dest_set_news(routes, dest, 1);
    return;
  }
  if (!is_worth_passing(routes, minute, dest, neighbour, entry))
    return;
  int is_passed = dest->wants && (int16_t)(minute - dest->want_min) < WANT_AGAIN_MIN;
  merge_want(dest, entry->wants, entry->want_seq);
  if (is_passed)
    return;
  dest->want_min = minute;
  if (!dest->want_tells)
    dest->want_tells = 1;
  dest_set_news(routes, dest, 1);
}

void dest_want(struct routes *routes, uint16_t minute, struct dest *dest)
{
  int pause_min = WANT_AGAIN_MIN << dest->want_rounds >> 1;
  if (dest->want_rounds && (int16_t)(minute - dest->want_min) < pause_min)
    return;
  merge_want(dest, dest->fd_metric == METRIC_UNREACHABLE ? BEACON_WANTS_ANY : BEACON_WANTS_NEWER, dest->fd_seq);
  dest->want_min = minute;
  dest->want_tells = WANT_TELLS;
  if (dest->want_rounds <= WANT_ROUNDS_MAX)
    dest->want_rounds++;
  dest_set_news(routes, dest, 1);
}

void routes_want(struct routes *routes, int64_t now_ms, uint16_t dest)
{
  if (!station_is_valid(dest) || dest == routes->self || routes_reserve(routes, 1))
    return; /* without memory it comes again with the next message */
  if (routes_next_hop(routes, now_ms, dest, STATION_NONE) == STATION_NONE)
    dest_want(routes, routes_minute(now_ms), routes_get(routes, dest));
}

/* ---- The number of the routes to this station */

void routes_ask_renewal(struct routes *routes, uint8_t seq)
{
  if (seq_is_newer(seq, routes->next_seq))
    routes->next_seq = seq;
}

/* A new number only just before it is told. */
static void renew(struct routes *routes, uint16_t minute)
{
  int age_min = routes->has_renewed ? (int16_t)(minute - routes->renewed_min) : RENEW_MIN;
  if (age_min >= RENEW_MIN)
    routes_ask_renewal(routes, routes->seq + 1);
  if (routes->next_seq == routes->seq || age_min < RENEW_PAUSE_MIN)
    return;
  routes->seq = routes->next_seq;
  routes->has_renewed = 1;
  routes->renewed_min = minute;
}

uint8_t routes_seq(const struct routes *routes)
{
  return routes->seq;
}

/* ---- The pick */

/* Fills in what is to be said of a destination.  Returns 0 when there is nothing. */
static int fill_entry(const struct routes *routes, uint16_t minute, const struct dest *dest, struct beacon_entry *out)
{
  const struct route *selected = dest_selected(dest);
  uint8_t metric = selected ? route_metric(routes, minute, selected) : METRIC_UNREACHABLE;
  *out = (struct beacon_entry){.station = dest->station, .snr_cb = SNR_UNKNOWN, .metric = metric};
  if (metric != METRIC_UNREACHABLE)
    out->seq = selected->seq;
  out->has_route = metric != METRIC_UNREACHABLE || dest->lost_tells;
  if (dest->want_tells) {
    out->wants = dest->wants;
    out->want_seq = dest->wants == BEACON_WANTS_NEWER ? dest->want_seq : 0;
  }
  return out->has_route || out->wants;
}

/* From now on only what is better than the best told is feasible (RFC 8966, section 3.7.3). */
static void lower_distance(struct dest *dest, uint16_t minute, uint8_t seq, uint8_t metric)
{
  dest->fd_min = minute;
  if (dest->fd_metric != METRIC_UNREACHABLE && !seq_is_newer(seq, dest->fd_seq) &&
      (seq != dest->fd_seq || metric >= dest->fd_metric))
    return;
  dest->fd_seq = seq;
  dest->fd_metric = metric;
}

static void note_told(struct routes *routes, uint16_t minute, struct dest *dest, const struct beacon_entry *entry)
{
  dest->told_order = routes->order;
  dest->told_metric = entry->metric;
  if (entry->metric != METRIC_UNREACHABLE)
    lower_distance(dest, minute, entry->seq, entry->metric);
  else if (dest->lost_tells)
    dest->lost_tells--;
  if (dest->want_tells)
    dest->want_tells--;
  dest_set_news(routes, dest, 0);
}

/* How often a destination of a large table is told falls with its distance ("fisheye": Pei, Gerla and Chen 2000): in
 * the plane there are more stations at each further hop, so each ring gets the same share.  One in use gets so much
 * more. */
#define USE_WEIGHT 8
/* Below, the link's cost says nothing of the distance. */
#define RANK_METRIC_MIN_MS 1000

static uint32_t worth(const struct routes *routes, uint16_t minute, const struct dest *dest)
{
  const struct route *selected = dest_selected(dest);
  uint32_t cost_ms = selected ? metric_decode(route_metric(routes, minute, selected)) : UINT32_MAX;
  uint64_t age = (uint64_t)(routes->order - dest->told_order) + 1;
  uint64_t worth =
      (age << 16) * (dest->is_used ? USE_WEIGHT : 1) / (cost_ms < RANK_METRIC_MIN_MS ? RANK_METRIC_MIN_MS : cost_ms);
  return worth < UINT32_MAX ? (uint32_t)worth : UINT32_MAX;
}

/* Smaller is told first. */
static uint64_t rank(const struct routes *routes, uint16_t minute, const struct dest *dest)
{
  if (dest->has_news || dest->want_tells || dest->lost_tells)
    return dest->told_order;
  return (UINT64_C(1) << 32) +
         (routes->count <= TABLE_SMALL ? dest->told_order : UINT32_MAX - worth(routes, minute, dest));
}

struct candidate {
  uint64_t rank;
  struct dest *dest;
};

/* Puts a destination into its place among the max first ones.  Returns their number. */
static size_t insert(struct candidate *first, size_t count, size_t max, struct candidate new)
{
  if (count == max && new.rank >= first[count - 1].rank)
    return count;
  size_t at = count < max ? count++ : count - 1;
  for (; at > 0 && first[at - 1].rank > new.rank; at--)
    first[at] = first[at - 1];
  first[at] = new;
  return count;
}

static size_t find_candidates(const struct routes *routes, uint16_t minute, struct candidate *first, size_t max)
{
  size_t count = 0;
  struct beacon_entry entry;
  for (size_t i = 0; max && i < routes->count; i++)
    if (fill_entry(routes, minute, &routes->dest[i], &entry))
      count = insert(first, count, max, (struct candidate){rank(routes, minute, &routes->dest[i]), &routes->dest[i]});
  return count;
}

size_t routes_pick(struct routes *routes, int64_t now_ms, struct beacon_entry *out, size_t max, size_t max_bits)
{
  uint16_t minute = routes_minute(now_ms);
  struct candidate first[BEACON_ENTRIES_MAX];
  size_t picked = 0, bits = 0;
  size_t count = find_candidates(routes, minute, first, max < BEACON_ENTRIES_MAX ? max : BEACON_ENTRIES_MAX);
  renew(routes, minute);
  routes->order++;
  routes->self_wanted = 0;
  for (size_t i = 0; i < count; i++) {
    struct dest *dest = first[i].dest;
    struct beacon_entry *entry = &out[picked];
    fill_entry(routes, minute, dest, entry);
    entry->has_snr = route_find(dest, dest->station) != NULL; /* room for what the caller may add */
    size_t needed = beacon_entry_bits(entry);
    entry->has_snr = 0;
    if (bits + needed > max_bits)
      continue;
    bits += needed;
    picked++;
    note_told(routes, minute, dest, entry);
  }
  return picked;
}
