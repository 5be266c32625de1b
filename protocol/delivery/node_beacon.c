/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beacons: what this station tells of itself, its routes and whom it hears, and what it learns from those of others.
 */
#include <errno.h>

#include "protocol/delivery/node_impl.h"

/* The first beacon waits a little, so that posts whose power returns together do not all speak at once. */
#define FIRST_BEACON_MS 1000
#define FIRST_BEACON_SPREAD_MS 9000
/* After news the shortest interval; nothing shorter than a few bursts makes sense. */
#define INTERVAL_MIN_MS 60000
/* Airtime that may be spent at once: a long beacon and a few short ones. */
#define ALLOWANCE_MS 6000
#define SHARE_PERMILLE                                                                                               \
  12 /* of the 20 that are the limit: the start of each station, and more of them than are heard, come on top */
#define REDUNDANCY 4
/* A station that travels may be heard for a few minutes only, by some that hear nobody else: whatever others say, it
 * speaks so often. */
#define MOBILE_INTERVAL_MS 240000
#define MOBILE_INTERVAL_MIN_MS 10000
/* Where one of two travels, and they have not heard a beacon of each other for so long, they meet anew. */
#define MEETING_MS 1800000
/* The longest beacon. */
#define BEACON_LIMIT_US 3500000
/* So many beacons between two that tell all. */
#define SHORT_BEACONS 3
/* An entry with a route, on average. */
#define ENTRY_BITS 30
/* The budget is shared among so many times the stations heard: those heard by others count, too. */
#define BEYOND_HEARING 4
/* Above this SNR a station is presumed to have what it heard sent. */
#define HEARS_WELL_CB 20
/* Of a crowd nobody is near more than a few: what counts is what one station hears, and the edges of others' circles.
 */
#define BEYOND_HEARING_CROWD 2
/* A route told on one channel is news on the others for so long. */
#define TOLD_MS 600000
/* A list waits a little: somebody else's may make it needless.  Then not again for a while. */
#define LIST_SPREAD_MS 8000

void node_init_beacons(struct node *node, int64_t now_ms, unsigned channel)
{
  uint8_t is_mobile = node->config.is_mobile;
  uint32_t interval = node->config.beacon_interval_ms;
  uint32_t longest = is_mobile && interval > MOBILE_INTERVAL_MS ? MOBILE_INTERVAL_MS : interval;
  uint32_t shortest = is_mobile ? MOBILE_INTERVAL_MIN_MS : INTERVAL_MIN_MS;
  struct trickle_config config = {.imin_ms = longest < shortest ? longest : shortest,
                                  .imax_ms = longest,
                                  .allowance_ms = ALLOWANCE_MS,
                                  .share_permille = SHARE_PERMILLE,
                                  .redundancy = is_mobile || node_is_crowded(node) ? 0 : REDUNDANCY};
  if (interval)
    trickle_init(&node->channel[channel].trickle, &config, now_ms, node_random(node, UINT32_MAX));
}

void node_start_beacons(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  state->started = 0;
  state->first_beacon_ms = now_ms + FIRST_BEACON_MS + node_random(node, FIRST_BEACON_SPREAD_MS);
  if (node->config.beacon_interval_ms)
    trickle_reset(&state->trickle, now_ms, node_random(node, UINT32_MAX));
}

/* Airtime of the smallest beacon. */
static uint32_t least_airtime_ms(const struct node *node, unsigned channel)
{
  const struct link_channel *link = &node->config.channel[channel];
  uint32_t least = UINT32_MAX;
  for (int i = 0; i < link->mode_count; i++) {
    uint32_t ms = link_mode_airtime_us(&link->mode[i], FRAME_SHORT_MAX) / 1000;
    least = ms < least ? ms : least;
  }
  return least;
}

/* Most beacons only say that their sender is there; some tell all it knows, and so do those with news.  In a crowd
 * each tells what it can, and no two tell the same. */
static int is_long(const struct node *node, unsigned channel)
{
  return routes_has_news(node->routes) || node_is_crowded(node) ||
         node->channel[channel].short_beacons >= SHORT_BEACONS;
}

/* What the next beacon will cost: news wait until the budget allows them to be told, or it would go for beacons that
 * say nothing. */
static uint32_t wanted_airtime_ms(const struct node *node, unsigned channel)
{
  const struct link_channel *link = &node->config.channel[channel];
  uint32_t least = least_airtime_ms(node, channel), best = UINT32_MAX;
  size_t len = frame_len(node_self(node), (BEACON_HEAD_BITS + ENTRY_BITS * node->known_stations + 7) / 8, 0);
  if (!is_long(node, channel))
    return least;
  for (int i = 0; i < link->mode_count; i++) {
    uint32_t ms = link_mode_airtime_us(&link->mode[i], len) / 1000;
    best = ms < best ? ms : best;
  }
  return best < BEACON_LIMIT_US / 1000 ? best : BEACON_LIMIT_US / 1000;
}

int64_t node_beacon_due_ms(const struct node *node, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  if (!node->config.beacon_interval_ms)
    return NEVER;
  if (!state->started)
    return state->first_beacon_ms;
  return trickle_due_ms(&state->trickle, wanted_airtime_ms(node, channel));
}

int64_t node_list_ready_ms(const struct node *node, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  if (state->list_ms == NEVER)
    return NEVER;
  int64_t ready_ms = trickle_affordable_ms(&state->trickle, least_airtime_ms(node, channel));
  return state->list_ms > ready_ms ? state->list_ms : ready_ms;
}

void node_want_list(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  if (node->config.beacon_interval_ms && state->list_ms == NEVER)
    state->list_ms = now_ms + node_random(node, LIST_SPREAD_MS);
}

static void reset_beacons(struct node *node, int64_t now_ms, unsigned channel)
{
  if (node->config.beacon_interval_ms && node->channel[channel].up)
    trickle_reset(&node->channel[channel].trickle, now_ms, node_random(node, UINT32_MAX));
}

static void ask_for_routes(struct node *node, int64_t now_ms)
{
  for (size_t i = 0; i < node->outbox.count; i++) {
    const struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase == OUTBOX_WAITING && routes_airtime_ms(node->routes, now_ms, entry->recipient) == UINT32_MAX)
      routes_want(node->routes, now_ms, entry->recipient);
  }
}

void node_reset_beacons(struct node *node, int64_t now_ms)
{
  for (unsigned i = 0; i < node->config.channel_count; i++)
    reset_beacons(node, now_ms, i);
}

void node_beacon_news(struct node *node, int64_t now_ms)
{
  ask_for_routes(node, now_ms);
  int had_news = node->had_news;
  node->had_news = (uint8_t)routes_has_news(node->routes);
  if (!had_news && node->had_news)
    node_reset_beacons(node, now_ms);
}

/* Adds whom this station hears on the channel: to entries that are there, then as entries of their own, those first
 * that were told longest ago. */
static void add_heard(struct node *node, int64_t now_ms, unsigned channel, struct beacon *beacon, size_t max_bits)
{
  size_t bits = BEACON_HEAD_BITS;
  for (size_t i = 0; i < beacon->entry_count; i++) {
    struct beacon_entry *entry = &beacon->entry[i];
    struct peer *peer = node->peers.peer[entry->station];
    if (peer && node_is_neighbour(node, now_ms, channel, entry->station) &&
        peer->link[channel].snr_cb != LINK_SNR_UNKNOWN) {
      entry->has_snr = 1;
      entry->snr_cb = peer->link[channel].snr_cb;
      peer->link[channel].told_ms = now_ms;
    }
    bits += beacon_entry_bits(entry);
  }
  const struct directory *directory = node->config.directory;
  while (beacon->entry_count < BEACON_ENTRIES_MAX) {
    struct peer_link *oldest = NULL;
    uint16_t station = STATION_NONE;
    for (uint16_t i = 0; i < directory->count; i++) {
      uint16_t number = directory->entry[i].number;
      if (!node_is_neighbour(node, now_ms, channel, number))
        continue;
      struct peer_link *link = &node->peers.peer[number]->link[channel];
      if (link->snr_cb != LINK_SNR_UNKNOWN && link->told_ms != now_ms &&
          (!oldest || link->told_ms < oldest->told_ms)) {
        oldest = link;
        station = number;
      }
    }
    struct beacon_entry entry = {.station = station, .has_snr = 1, .snr_cb = oldest ? oldest->snr_cb : 0};
    if (!oldest || bits + beacon_entry_bits(&entry) > max_bits)
      return;
    bits += beacon_entry_bits(&entry);
    beacon->entry[beacon->entry_count++] = entry;
    oldest->told_ms = now_ms;
  }
}

/* Routes that were news on another channel a moment ago are so here, too. */
static size_t pick_routes(struct node *node, int64_t now_ms, unsigned channel, struct beacon *beacon, size_t max_bits)
{
  struct channel_state *state = &node->channel[channel];
  if (!routes_has_news(node->routes) && state->told_ms < node->told_ms && now_ms - node->told_ms < TOLD_MS) {
    size_t count = 0, bits = BEACON_HEAD_BITS;
    while (count < node->told.entry_count && bits + beacon_entry_bits(&node->told.entry[count]) <= max_bits) {
      bits += beacon_entry_bits(&node->told.entry[count]);
      beacon->entry[count] = node->told.entry[count];
      count++;
    }
    return count;
  }
  int is_news = routes_has_news(node->routes);
  size_t count = routes_pick(node->routes, now_ms, beacon->entry, BEACON_ENTRIES_MAX, max_bits - BEACON_HEAD_BITS);
  if (is_news) {
    node->told = *beacon;
    node->told.entry_count = count;
    node->told_ms = now_ms;
  }
  return count;
}

/* Bytes of items that a burst of this many modem frames holds; 0: none fits. */
static size_t room_in(const struct node *node, unsigned channel, int mode, unsigned units)
{
  const struct link_mode *link = &node->config.channel[channel].mode[mode];
  size_t len = (size_t)link->unit_bytes * units;
  size_t overhead = frame_len(node_self(node), 0, 0);
  if (len > link->max_bytes || len <= overhead)
    return 0;
  return len - overhead;
}

/* The largest beacon that the budget and the limit allow now: bits of items. */
static size_t choose_size(const struct node *node, int64_t now_ms, unsigned channel)
{
  const struct link_channel *link = &node->config.channel[channel];
  const struct trickle *trickle = &node->channel[channel].trickle;
  size_t best = BEACON_HEAD_BITS;
  if (!is_long(node, channel))
    return best;
  int mode = node_broadcast_mode(node, now_ms, channel, FRAME_SHORT_MAX);
  for (int i = 0; i < link->mode_count; i++) {
    /* Only modes that reach as far as the one chosen for the smallest. */
    if (mode < 0 || link->mode[i].snr_needed_cb > link->mode[mode].snr_needed_cb)
      continue;
    unsigned step = link->mode[i].unit_bytes == 1 ? FRAME_SHORT_MAX : 1;
    for (unsigned units = step; units <= 300; units += step) {
      size_t room = room_in(node, channel, i, units);
      uint32_t airtime_us = link_mode_airtime_us(&link->mode[i], (size_t)units * link->mode[i].unit_bytes);
      if (airtime_us > BEACON_LIMIT_US || trickle_affordable_ms(trickle, airtime_us / 1000) > now_ms)
        break;
      if (room * 8 > best)
        best = room * 8;
    }
  }
  return best;
}

static void fill(struct node *node, int64_t now_ms, unsigned channel, struct beacon *beacon)
{
  size_t max_bits = choose_size(node, now_ms, channel);
  *beacon = (struct beacon){.started = !node->channel[channel].started,
                            .is_mobile = node->config.is_mobile,
                            .has_clock = node->has_clock,
                            .digest = floods_digest(&node->floods, now_ms),
                            .version = (uint8_t)node->config.directory->version};
  beacon->entry_count = pick_routes(node, now_ms, channel, beacon, max_bits);
  beacon->seq = routes_seq(node->routes);
  add_heard(node, now_ms, channel, beacon, max_bits);
}

static uint16_t count_sharers(const struct node *node, int64_t now_ms, unsigned channel)
{
  unsigned beyond = node_is_crowded(node) ? BEYOND_HEARING_CROWD : BEYOND_HEARING;
  unsigned near = (node_count_neighbours(node, now_ms, channel) + 1) * beyond;
  return (uint16_t)(near < node->config.directory->count ? near : node->config.directory->count);
}

static void count_known(struct node *node, int64_t now_ms)
{
  struct route_info info;
  node->known_stations = 0;
  for (size_t at = 0; routes_walk(node->routes, now_ms, &at, &info);)
    node->known_stations++;
}

void node_send_beacon(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  struct beacon beacon;
  struct draft draft;
  trickle_set_stations(&state->trickle, now_ms, count_sharers(node, now_ms, channel));
  if (state->started && trickle_is_superfluous(&state->trickle)) {
    trickle_fire(&state->trickle, now_ms, node_random(node, UINT32_MAX), least_airtime_ms(node, channel));
    return;
  }
  if (node_draft_begin(node, now_ms, channel, &draft, FRAME_TO_ALL))
    return;
  node_keep_visits(node, now_ms);
  fill(node, now_ms, channel, &beacon);
  beacon_encode(&beacon, &draft.writer);
  draft.purpose = NODE_PURPOSE_ROUTING;
  if (!node_draft_fits(node, now_ms, channel, &draft, UINT32_MAX)) {
    trickle_fire(&state->trickle, now_ms, node_random(node, UINT32_MAX), 0);
    state->started = 1;
    return;
  }
  uint32_t airtime_ms = node_draft_airtime_us(node, channel, &draft) / 1000;
  state->short_beacons = (uint8_t)(beacon.entry_count ? 0 : state->short_beacons + 1);
  count_known(node, now_ms);
  if (trickle_fire(&state->trickle, now_ms, node_random(node, UINT32_MAX), airtime_ms) != TRICKLE_SEND)
    trickle_charge(&state->trickle, now_ms, airtime_ms);
  state->started = 1;
  state->told_ms = now_ms;
  node_draft_send(node, now_ms, channel, &draft);
}

/* Whom the sender hears; and how well, if it is us. */
static void note_heard_by(struct node *node, const struct arrival *in, const struct beacon *beacon)
{
  struct peer_link *link = &node->peers.peer[in->frame->source]->link[in->reception.channel];
  for (size_t i = 0; i < beacon->entry_count; i++) {
    const struct beacon_entry *entry = &beacon->entry[i];
    if (!entry->has_snr)
      continue;
    if (entry->snr_cb != LINK_SNR_UNKNOWN && entry->snr_cb >= HEARS_WELL_CB)
      peer_link_note_hears(link, in->reception.now_ms, entry->station);
    if (entry->station == node_self(node) && !peer_link_is_proven(link, in->reception.now_ms))
      peer_link_note_peer_snr(link, entry->snr_cb);
  }
}

/* Nothing in it is new to us, and nothing that we know is new to its sender. */
static int is_consistent(const struct node *node, int64_t now_ms, const struct beacon *beacon)
{
  return !beacon->started && beacon->digest == floods_digest(&node->floods, now_ms) &&
         beacon->version == (uint8_t)node->config.directory->version;
}

static int is_meeting(const struct node *node, int64_t now_ms, unsigned channel, const struct peer *peer)
{
  int64_t beacon_ms = peer->link[channel].beacon_ms;
  return beacon_ms == PEER_NEVER || ((node->config.is_mobile || peer->is_mobile) && now_ms - beacon_ms > MEETING_MS);
}

int node_take_beacon(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct beacon beacon;
  unsigned channel = in->reception.channel;
  int64_t now_ms = in->reception.now_ms;
  struct peer *peer = node->peers.peer[in->frame->source];
  if (beacon_decode(&beacon, reader))
    return -EBADMSG;
  int is_new = is_meeting(node, now_ms, channel, peer);
  peer->link[channel].beacon_ms = now_ms;
  peer->is_mobile = beacon.is_mobile;
  note_heard_by(node, in, &beacon);
  node_update_link(node, now_ms, in->frame->source);
  routes_hear(node->routes, now_ms, in->frame->source, (uint16_t)in->frame->counter, &beacon);
  node_hear_digest(node, now_ms, channel, in->frame->source, beacon.digest);
  if (!beacon.has_clock)
    node_hear_clockless(node, now_ms);
  if (!node->config.beacon_interval_ms)
    return 0;
  if (!is_new && is_consistent(node, now_ms, &beacon))
    trickle_hear_consistent(&node->channel[channel].trickle, now_ms);
  else
    reset_beacons(node, now_ms, channel);
  return 0;
}
