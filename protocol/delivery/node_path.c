/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which neighbour and which channel a message takes, and what the routes learn of the links. */
#include "protocol/delivery/node_impl.h"

/* The burst by which links are compared: a routine report (two DATAC0 frames), and its answer. */
#define STANDARD_LEN 28
#define ANSWER_LEN 14
/* So many bursts in a row unanswered: any other way is better; so many: the link is taken for dead until the peer is
 * heard again. */
#define LINK_POOR_FAILURES 4
#define LINK_POOR_COST 8
#define LINK_DEAD_FAILURES 12
/* Beacons are rare on HF: a station not heard for so long is no neighbour. */
#define NEIGHBOUR_MS (6 * INT64_C(3600000))
/* A vehicle passes by: what has no other way is given to it while it is near, or until it no longer answers.  Six of
 * its beacons. */
#define MOBILE_NEAR_MS 1800000
/* Whoever travels is the last resort of those who have a way, and tells so: always the same, for a metric that rises
 * under the same number is not feasible.  What it was near to within a daily round it will be near to again: no
 * longer, for the numbers of routes come round after 32 hours at the earliest. */
#define VISIT_COST_MS 3600000
#define VISIT_MS (30 * INT64_C(3600000))
/* A link whose other direction is not known yet may well be deaf there. */
#define UNPROVEN_COST 2
/* What has waited so long takes any way. */
#define PRESSING_MS 600000
/* What was heard of a link is worth less with each half hour. */
#define HEARD_DOUBT_MS 1800000
/* Another channel after each so many failures while none is known to work. */
#define FAILURES_A_CHANNEL 3u

static int is_recent(int64_t heard_ms, int64_t now_ms, int64_t limit_ms)
{
  return heard_ms != PEER_NEVER && now_ms - heard_ms <= limit_ms;
}

int node_is_neighbour(const struct node *node, int64_t now_ms, unsigned channel, uint16_t station)
{
  const struct peer_link *link = &peers_look(&node->peers, station)->link[channel];
  return is_recent(link->heard_ms, now_ms, NEIGHBOUR_MS) && link->failures < LINK_DEAD_FAILURES;
}

unsigned node_count_neighbours(const struct node *node, int64_t now_ms, unsigned channel)
{
  unsigned count = 0;
  for (uint16_t i = 0; i < node->config.directory->count; i++)
    count += (unsigned)node_is_neighbour(node, now_ms, channel, node->config.directory->entry[i].number);
  return count;
}

/* Airtime in ms that a standard burst and its answer are expected to take; UINT32_MAX: not over this channel. */
static uint32_t link_cost_ms(const struct node *node, int64_t now_ms, unsigned channel, uint16_t station)
{
  const struct peer_link *link = &peers_look(&node->peers, station)->link[channel];
  const struct link_channel *radio = &node->config.channel[channel];
  if (!node->channel[channel].up || !node_is_neighbour(node, now_ms, channel, station))
    return UINT32_MAX;
  int is_poor = link->failures >= LINK_POOR_FAILURES;
  uint32_t there =
      peer_expected_ms(radio, STANDARD_LEN, peer_link_mean_snr(link), is_poor ? LINK_POOR_FAILURES : link->failures);
  uint32_t back = peer_expected_ms(radio, ANSWER_LEN, link->mean_cb, link->repeats);
  if (there == UINT32_MAX || back == UINT32_MAX)
    return UINT32_MAX;
  return (there + back) * (link->peer_snr_cb == LINK_SNR_UNKNOWN ? UNPROVEN_COST : 1) *
         (is_poor ? LINK_POOR_COST : 1);
}

/* On the cheapest channel; UINT32_MAX: it is no neighbour. */
static uint32_t least_cost_ms(const struct node *node, int64_t now_ms, uint16_t station)
{
  if (node->config.is_mobile)
    return node_will_visit(node, now_ms, station) ? VISIT_COST_MS : UINT32_MAX;
  uint32_t least = UINT32_MAX;
  for (unsigned i = 0; i < node->config.channel_count; i++) {
    uint32_t cost = link_cost_ms(node, now_ms, i, station);
    least = cost < least ? cost : least;
  }
  return least;
}

int node_will_visit(const struct node *node, int64_t now_ms, uint16_t station)
{
  const struct peer *peer = peers_look(&node->peers, station);
  for (unsigned i = 0; i < node->config.channel_count; i++)
    if (is_recent(peer->link[i].heard_ms, now_ms, VISIT_MS))
      return 1;
  return 0;
}

void node_keep_visits(struct node *node, int64_t now_ms)
{
  for (uint16_t i = 0; node->config.is_mobile && i < node->config.directory->count; i++) {
    uint16_t number = node->config.directory->entry[i].number;
    if (!node->peers.peer[number])
      continue;
    node_update_link(node, now_ms, number);
    if (node_will_visit(node, now_ms, number))
      routes_keep(node->routes, now_ms, number);
  }
}

void node_update_link(struct node *node, int64_t now_ms, uint16_t station)
{
  routes_set_link(node->routes, now_ms, station, least_cost_ms(node, now_ms, station));
}

void node_update_links(struct node *node, int64_t now_ms)
{
  for (uint16_t i = 0; i < node->config.directory->count; i++)
    if (node->peers.peer[node->config.directory->entry[i].number])
      node_update_link(node, now_ms, node->config.directory->entry[i].number);
}

/* Of two channels to a neighbour the one that failed just now, or was heard only long ago, has to be much cheaper. */
static uint64_t doubt(const struct node *node, int64_t now_ms, unsigned channel, uint16_t station, uint32_t cost_ms)
{
  const struct peer_link *link = &peers_look(&node->peers, station)->link[channel];
  uint64_t halves = (uint64_t)(now_ms - link->heard_ms) / HEARD_DOUBT_MS;
  return (uint64_t)cost_ms * (1 + 2u * link->failures) * (2 + halves);
}

static int surest_channel(const struct node *node, int64_t now_ms, uint16_t station)
{
  uint64_t least = UINT64_MAX;
  int best = -1;
  for (unsigned i = 0; i < node->config.channel_count; i++) {
    uint32_t cost_ms = link_cost_ms(node, now_ms, i, station);
    uint64_t doubtful = cost_ms == UINT32_MAX ? UINT64_MAX : doubt(node, now_ms, i, station, cost_ms);
    if (doubtful < least) {
      least = doubtful;
      best = (int)i;
    }
  }
  return best;
}

int node_choose_channel(const struct node *node, int64_t now_ms, uint16_t hop)
{
  int best = surest_channel(node, now_ms, hop);
  if (best >= 0)
    return best;
  const struct peer *peer = peers_look(&node->peers, hop);
  size_t count = node->config.channel_count;
  size_t start = peer->channel + peer->link[peer->channel].failures / FAILURES_A_CHANNEL;
  for (size_t i = 0; i < count; i++)
    if (node->channel[(start + i) % count].up)
      return (int)((start + i) % count);
  return -1;
}

static int is_near(const struct node *node, int64_t now_ms, uint16_t station)
{
  const struct peer *peer = peers_look(&node->peers, station);
  for (unsigned i = 0; i < node->config.channel_count; i++)
    if (is_recent(peer->link[i].heard_ms, now_ms, MOBILE_NEAR_MS) && peer->link[i].failures < LINK_POOR_FAILURES)
      return 1;
  return 0;
}

static uint16_t find_mobile(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  const struct directory *directory = node->config.directory;
  for (uint16_t i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    const struct peer *peer = peers_look(&node->peers, number);
    if (!peer->is_mobile || number == entry->from || number == entry->avoid)
      continue;
    uint16_t hop =
        is_near(node, now_ms, number) ? number : routes_next_hop(node->routes, now_ms, number, entry->from);
    if (hop != STATION_NONE && hop != entry->avoid)
      return hop;
  }
  return STATION_NONE;
}

static int is_worth_calling(const struct node *node, const struct outbox_entry *entry)
{
  const struct peer *peer = peers_look(&node->peers, entry->recipient);
  return entry->kind != OUTBOX_TRANSIT || peer->link[peer->channel].heard_ms != PEER_NEVER;
}

/* A first hop that may be a detour; stations on the way keep to routes without loops, or a message for a dead post
 * would wander about. */
static int may_detour(int64_t now_ms, const struct outbox_entry *entry)
{
  return entry->kind != OUTBOX_TRANSIT && (entry->precedence >= IMMEDIATE || now_ms - entry->born_ms > PRESSING_MS);
}

/* The route; without one a vehicle that is near, or the way to one; without that the recipient itself is called, who
 * knows. */
static uint16_t choose_hop(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  uint16_t avoid = entry->avoid ? entry->avoid : entry->from;
  if (node->config.is_mobile && !is_near(node, now_ms, entry->recipient))
    avoid = entry->recipient; /* some day we will be there, but somebody here may know a way */
  uint16_t hop = may_detour(now_ms, entry) ? routes_any_hop(node->routes, now_ms, entry->recipient, avoid)
                                           : routes_next_hop(node->routes, now_ms, entry->recipient, avoid);
  if (hop == STATION_NONE && !node->config.is_mobile)
    hop = find_mobile(node, now_ms, entry);
  if (hop == STATION_NONE && is_worth_calling(node, entry))
    hop = entry->recipient;
  return hop;
}

struct node_path node_choose_path(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  struct node_path path = {.hop = choose_hop(node, now_ms, entry), .channel = -1};
  if (path.hop != STATION_NONE)
    path.channel = node_choose_channel(node, now_ms, path.hop);
  return path;
}

/* Of the stations heard on the channel, the one that hears us worst decides, unless it is beyond every mode. */
int node_broadcast_mode(const struct node *node, int64_t now_ms, unsigned channel, size_t len)
{
  const struct directory *directory = node->config.directory;
  const struct link_channel *radio = &node->config.channel[channel];
  int16_t worst = LINK_SNR_UNKNOWN;
  for (uint16_t i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    int16_t snr = peer_link_snr(&peers_look(&node->peers, number)->link[channel]);
    if (snr != LINK_SNR_UNKNOWN && node_is_neighbour(node, now_ms, channel, number) &&
        (worst == LINK_SNR_UNKNOWN || snr < worst))
      worst = snr;
  }
  return peer_choose_mode(radio, len, worst, 0);
}
