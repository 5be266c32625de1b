/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who of those that have a flood passes it on first.  Stations that want to reach the same neighbour often cannot
 * hear each other, and would all speak at once; so each reckons its place among those whom that neighbour hears,
 * which all of them know from its beacons. */
#include "protocol/delivery/node_impl.h"

/* From the end of one's burst to the begin of the next one's. */
#define PLACE_PAUSE_MS 800
#define PLACES_MAX 6
/* Whoever is not sure that the neighbour hears it lets others go first. */
#define UNHEARD_PLACES 2

/* A different order for each flood: nobody is always first. */
static uint32_t mix(struct message_id id, uint16_t station)
{
  uint32_t x = (id.counter ^ (uint32_t)id.origin << 16) + station * UINT32_C(2654435761);
  x ^= x >> 15;
  x *= UINT32_C(2246822519);
  return x ^ x >> 13;
}

static int may_send(const struct flood *flood, uint16_t station)
{
  return flood_has(flood, station) || flood_is_presumed(flood, station);
}

/* Our place among those that have the flood and are heard by the neighbour. */
static unsigned place_before(const struct node *node, unsigned channel, const struct flood *flood, uint16_t neighbour)
{
  const struct peer_link *link = &peers_look(&node->peers, neighbour)->link[channel];
  const struct directory *directory = node->config.directory;
  uint32_t own = mix(flood->id, node_self(node));
  unsigned place = peer_link_hears(link, node_self(node)) ? 0 : UNHEARD_PLACES;
  for (uint16_t i = 0; i < directory->count && place < PLACES_MAX; i++) {
    uint16_t number = directory->entry[i].number;
    if (number != node_self(node) && peer_link_hears(link, number) && may_send(flood, number) &&
        mix(flood->id, number) < own)
      place++;
  }
  return place;
}

static unsigned best_place(const struct node *node, int64_t now_ms, unsigned channel, const struct flood *flood)
{
  const struct directory *directory = node->config.directory;
  unsigned best = PLACES_MAX;
  for (uint16_t i = 0; i < directory->count && best; i++) {
    uint16_t number = directory->entry[i].number;
    if (may_send(flood, number) || !node_is_neighbour(node, now_ms, channel, number))
      continue;
    unsigned place = place_before(node, channel, flood, number);
    best = place < best ? place : best;
  }
  return best;
}

int64_t node_flood_delay_ms(const struct node *node, int64_t now_ms, unsigned channel, const struct flood *flood)
{
  size_t len = frame_len(node_self(node), BUNDLE_HEAD_MAX + flood->len, 0);
  int mode = node_broadcast_mode(node, now_ms, channel, len);
  uint32_t burst_us =
      mode < 0 ? BURST_WHOLE_LIMIT_US : link_mode_airtime_us(&node->config.channel[channel].mode[mode], len);
  if (burst_us > BURST_WHOLE_LIMIT_US)
    burst_us = BURST_WHOLE_LIMIT_US;
  return (int64_t)best_place(node, now_ms, channel, flood) * (burst_us / 1000 + PLACE_PAUSE_MS);
}
