/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the node may put something on the air, and what becomes of it: owed answers first, then what is gravest of
 * messages and floods, then lists and beacons. */
#include <errno.h>

#include "protocol/delivery/node_impl.h"

/* Retries: one round trip, doubled each time up to the precedence's limit.  FLASH must reach a person within 60 s.  A
 * peer that stayed silent for so many bursts is switched off or out of reach: then the limits double too, up to
 * longer ones, or the messages for a dead post would take the channel from all others; one that was never heard is
 * called no more often than that from the third time on.  Hearing the peer ends the wait, and whoever comes to life
 * sends a beacon; without beacons nobody waits longer than the longest of the first limits. */
#define BACKOFF_DOUBLINGS_MAX 8
#define BACKOFF_PATIENCE 8
#define BACKOFF_PATIENCE_UNHEARD 2
static const int64_t backoff_limit_ms[PRECEDENCE_COUNT] = {600000, 300000, 60000, 15000};
static const int64_t backoff_silent_ms[PRECEDENCE_COUNT] = {14400000, 7200000, 1800000, 240000};

/* Contention slots to draw from.  Those who pass a flood on are many, and it matters little which of them is first.
 */
static const uint32_t contention_slots[PRECEDENCE_COUNT] = {8, 6, 4, 2};
#define RELAY_SLOTS 12

/* The transmitter refused a burst: a little patience before the next. */
#define REFUSED_PAUSE_MS 5000
/* A carrier that lasts this long is no burst of ours and no call: somebody's key is stuck, or our squelch is open.
 * From then on FLASH goes out all the same, and so do acknowledgements, for a burst that was read shows that the
 * channel carries. */
#define CARRIER_STUCK_MS 120000

/* Above this SNR a carrier is noticed within a slot. */
#define AUDIBLE_CB 20
/* A roll call goes before the daily traffic. */
#define POLL_PRECEDENCE PRIORITY

/* What wants to go on a channel. */
struct candidate {
  struct outbox_entry *entry;
  struct flood *flood;
  uint8_t poll, list, beacon;
  uint8_t precedence; /* with which it contends */
};

void node_init_channel(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  state->list_ms = NEVER;
  state->polled_until_ms = INT64_MIN;
  state->duty_ms = now_ms;
  state->duty_us = INT64_C(3600000) * node->config.channel[channel].duty_permille;
  node_init_beacons(node, now_ms, channel);
}

static struct outbox_entry *next_entry(const struct node *node, int64_t now_ms, unsigned channel)
{
  struct outbox_entry *best = NULL;
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase != OUTBOX_WAITING || entry->next_ms > now_ms)
      continue;
    if (best && !outbox_goes_before(entry, best, now_ms))
      continue;
    if (node_choose_path(node, now_ms, entry).channel == (int)channel)
      best = entry;
  }
  return best;
}

/* The station that is owed an answer on the channel now; STATION_NONE: none. */
static uint16_t due_answer(const struct node *node, int64_t now_ms, unsigned channel)
{
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].channel == channel && node->ack[i].due_ms <= now_ms)
      return node->ack[i].peer;
  if (node->notice.peer && node->notice.channel == channel && node->notice.due_ms <= now_ms)
    return node->notice.peer;
  return STATION_NONE;
}

/* Draws this burst's turn among all who may want to speak.  Returns non-zero when it has come. */
static int turn_has_come(struct node *node, int64_t now_ms, unsigned channel, const struct candidate *candidate)
{
  struct channel_state *state = &node->channel[channel];
  unsigned precedence = candidate->precedence;
  int is_relay = candidate->flood && candidate->flood->id.origin != node_self(node);
  if (!state->contending || precedence > state->contender) {
    uint32_t slots = is_relay ? RELAY_SLOTS : contention_slots[precedence];
    state->slot_ms = now_ms + (int64_t)node_random(node, slots) * node->config.channel[channel].slot_ms;
    state->contending = 1;
    state->contender = (uint8_t)precedence;
  }
  return state->slot_ms <= now_ms;
}

static int carrier_is_stuck(const struct channel_state *state, int64_t now_ms)
{
  return state->busy && now_ms - state->busy_since_ms >= CARRIER_STUCK_MS;
}

static void warn_stuck_carrier(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  if (!carrier_is_stuck(state, now_ms) || state->stuck_warned)
    return;
  state->stuck_warned = 1;
  node_warn(node,
            "channel %u has been busy for %d s: a stuck transmitter, or an open squelch; only FLASH is sent until "
            "it ends",
            channel + 1, CARRIER_STUCK_MS / 1000);
}

/* An answer to peer goes before the one that this station waits for: that one did not come, or comes later. */
static void send_answer(struct node *node, int64_t now_ms, unsigned channel, uint16_t peer)
{
  uint16_t awaited = node->channel[channel].answer_from;
  if (awaited)
    node_give_up_burst(node, now_ms, channel, awaited == peer);
  node_send_to_peer(node, now_ms, channel, peer, NULL);
}

/* Whoever meets a vehicle has to know first that it is one, or it goes on calling those who are not there. */
static int introduces_itself(const struct node *node, int64_t now_ms, unsigned channel, unsigned precedence)
{
  return node->config.is_mobile && precedence < FLASH && node_beacon_due_ms(node, channel) <= now_ms;
}

/* The gravest; of equals a flood, which serves many, then messages, then lists and beacons. */
static struct candidate choose_candidate(struct node *node, int64_t now_ms, unsigned channel)
{
  struct candidate found = {.entry = next_entry(node, now_ms, channel),
                            .flood = node_next_flood(node, now_ms, channel)};
  unsigned rank = found.entry ? outbox_rank(found.entry, now_ms) : 0;
  if (found.flood && found.entry && rank > found.flood->precedence)
    found.flood = NULL;
  if (found.flood)
    found.entry = NULL;
  found.precedence = (uint8_t)(found.flood ? found.flood->precedence : rank);
  if (node_poll_waits(node, channel) && found.precedence < POLL_PRECEDENCE)
    return (struct candidate){.poll = 1, .precedence = POLL_PRECEDENCE};
  if (introduces_itself(node, now_ms, channel, found.precedence))
    return (struct candidate){.beacon = 1, .precedence = found.precedence};
  if (!found.flood && !found.entry) {
    found.list = node_list_ready_ms(node, channel) <= now_ms;
    found.beacon = !found.list && node_beacon_due_ms(node, channel) <= now_ms;
  }
  return found;
}

static int is_empty(const struct candidate *candidate)
{
  return !candidate->entry && !candidate->flood && !candidate->poll && !candidate->list && !candidate->beacon;
}

static void send_candidate(struct node *node, int64_t now_ms, unsigned channel, const struct candidate *candidate)
{
  if (candidate->flood)
    node_send_flood(node, now_ms, channel, candidate->flood);
  else if (candidate->entry)
    node_send_to_peer(node, now_ms, channel, node_choose_path(node, now_ms, candidate->entry).hop, candidate->entry);
  else if (candidate->poll)
    node_send_to_peer(node, now_ms, channel, node->poll.station, NULL);
  else if (candidate->list)
    node_send_list(node, now_ms, channel);
  else
    node_send_beacon(node, now_ms, channel);
}

/* A station that we hear well is heard when it begins to answer: without its carrier there is no need to wait for as
 * long as an answer may last. */
static int64_t answer_end_ms(const struct node *node, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  const struct peer_link *link = &peers_look(&node->peers, state->answer_from)->link[channel];
  int is_audible =
      node->config.channel[channel].has_dcd && link->mean_cb != LINK_SNR_UNKNOWN && link->mean_cb >= AUDIBLE_CB;
  return is_audible && !state->answer_begun ? state->answer_begin_ms : state->answer_until_ms;
}

/* The one gate before every transmission. */
void node_transmit(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  int stuck = carrier_is_stuck(state, now_ms);
  if (state->sending && state->send_until_ms <= now_ms)
    node_send_failed(node, now_ms, channel);
  if (!state->up || state->sending || (state->busy && !stuck) || now_ms < state->pause_until_ms ||
      !node_has_room(node))
    return;
  warn_stuck_carrier(node, now_ms, channel);
  uint16_t answer_to = due_answer(node, now_ms, channel);
  if (answer_to) {
    send_answer(node, now_ms, channel, answer_to);
    return;
  }
  if (state->answer_from && now_ms >= answer_end_ms(node, channel))
    node_give_up_burst(node, now_ms, channel, 0);
  if (state->answer_from || now_ms < state->quiet_until_ms)
    return;
  struct candidate candidate = choose_candidate(node, now_ms, channel);
  if (is_empty(&candidate)) {
    state->contending = 0;
    return;
  }
  if ((stuck && candidate.precedence < FLASH) ||
      node_access_ms(node, now_ms, channel, candidate.precedence) > now_ms ||
      !turn_has_come(node, now_ms, channel, &candidate))
    return;
  send_candidate(node, now_ms, channel, &candidate);
}

int64_t node_answer_ms(const struct link_channel *link)
{
  uint32_t longest = 0;
  for (int i = 0; i < link->mode_count; i++) {
    uint32_t us = link_mode_airtime_us(&link->mode[i], FRAME_SHORT_MAX);
    longest = us > longest ? us : longest;
  }
  return longest / 1000 + 1;
}

void node_sent(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  const struct link_channel *link = &node->config.channel[channel];
  if (!state->sending)
    return;
  state->sending = 0;
  state->answer_begun = 0;
  state->answer_begin_ms =
      now_ms + link->latency_ms + link->answer_guard_ms + link->key_ms + 2 * (int64_t)link->slot_ms;
  state->answer_until_ms =
      now_ms + link->answer_guard_ms + link->key_ms + node_answer_ms(link) + 2 * (int64_t)link->latency_ms;
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase != OUTBOX_ON_AIR || entry->channel != channel)
      continue;
    entry->phase = OUTBOX_UNANSWERED;
    entry->attempts++;
    if (entry->kind != OUTBOX_TRANSIT)
      node_move_delivery(node, now_ms, entry, DELIVERY_SENT);
  }
  node_tick(node, now_ms);
}

void node_send_failed(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  if (!state->sending)
    return;
  state->sending = 0;
  state->answer_from = 0;
  state->quiet_until_ms = now_ms + REFUSED_PAUSE_MS;
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase == OUTBOX_ON_AIR && entry->channel == channel) {
      entry->phase = OUTBOX_WAITING;
      entry->next_ms = now_ms;
    }
  }
}

static int64_t least_answer_ms(const struct link_channel *link)
{
  uint32_t least = UINT32_MAX;
  for (int i = 0; i < link->mode_count; i++) {
    uint32_t us = link_mode_airtime_us(&link->mode[i], FRAME_SHORT_MAX);
    least = us < least ? us : least;
  }
  return least / 1000 + 1;
}

/* Time to the next burst for a peer: one round trip, doubled for each failure, spread over half to one and a half. */
static int64_t backoff_ms(struct node *node, unsigned channel, uint16_t station, unsigned precedence)
{
  const struct link_channel *link = &node->config.channel[channel];
  const struct peer *known = peers_look(&node->peers, station);
  const struct peer_link *peer = &known->link[channel];
  int was_heard = known->link[known->channel].heard_ms != PEER_NEVER;
  unsigned patience = was_heard ? BACKOFF_PATIENCE : BACKOFF_PATIENCE_UNHEARD;
  int64_t longest = node->config.beacon_interval_ms ? backoff_silent_ms[precedence] : backoff_limit_ms[ROUTINE];
  int64_t limit = backoff_limit_ms[precedence];
  /* FLASH begins with the time of a short answer, not of a long one. */
  int64_t wait = (precedence == FLASH ? least_answer_ms(link) : node_answer_ms(link)) + link->answer_guard_ms;
  for (unsigned i = 1; i < peer->failures && i < BACKOFF_DOUBLINGS_MAX; i++)
    wait *= 2;
  for (unsigned i = patience; i < peer->failures && limit < longest; i++)
    limit *= 2;
  limit = limit < longest ? limit : longest;
  wait = wait < limit && peer->failures <= patience ? wait : limit;
  return wait / 2 + node_random(node, (uint32_t)wait);
}

static int is_unanswered(const struct outbox_entry *entry, unsigned channel)
{
  return entry->phase == OUTBOX_UNANSWERED && entry->channel == channel;
}

/* The highest precedence among the messages of the channel's last burst. */
static unsigned unanswered_precedence(const struct node *node, unsigned channel)
{
  unsigned highest = ROUTINE;
  for (size_t i = 0; i < node->outbox.count; i++)
    if (is_unanswered(&node->outbox.entry[i], channel) && node->outbox.entry[i].precedence > highest)
      highest = node->outbox.entry[i].precedence;
  return highest;
}

/* The peer was silent: what would go to it and is not more urgent than what was sent waits as long, or a long queue
 * for a dead peer would be sent through again and again.  What has another way or channel goes there at once. */
static void defer(struct node *node, int64_t now_ms, struct outbox_entry *entry, uint16_t peer, unsigned channel,
                  unsigned precedence, int64_t next_ms)
{
  if (entry->phase != OUTBOX_WAITING || entry->precedence > precedence || entry->next_ms >= next_ms)
    return;
  struct node_path path = node_choose_path(node, now_ms, entry);
  if (path.hop == peer && path.channel == (int)channel)
    entry->next_ms = next_ms;
}

static int64_t note_silence(struct node *node, int64_t now_ms, unsigned channel, uint16_t station,
                            unsigned precedence)
{
  struct peer *peer = peers_get(&node->peers, station);
  if (!peer)
    return now_ms + backoff_limit_ms[ROUTINE];
  struct peer_link *link = &peer->link[channel];
  link->failures = (uint8_t)(link->failures + (link->failures < UINT8_MAX));
  node_update_link(node, now_ms, station);
  return now_ms + backoff_ms(node, channel, station, precedence);
}

void node_give_up_burst(struct node *node, int64_t now_ms, unsigned channel, int was_heard)
{
  struct channel_state *state = &node->channel[channel];
  uint16_t station = state->answer_from;
  unsigned precedence = unanswered_precedence(node, channel);
  int64_t next_ms = was_heard || !station ? now_ms : note_silence(node, now_ms, channel, station, precedence);
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (is_unanswered(entry, channel)) {
      entry->phase = OUTBOX_WAITING;
      entry->next_ms = now_ms;
    }
    if (!was_heard)
      defer(node, now_ms, entry, station, channel, precedence, next_ms);
  }
  state->answer_from = 0;
}

/* What comes while we are sending answers an earlier burst, late: the answer to this one is still to come. */
void node_answer_came(struct node *node, int64_t now_ms, unsigned channel, uint16_t from)
{
  const struct channel_state *state = &node->channel[channel];
  if (!state->sending && state->answer_from == from)
    node_give_up_burst(node, now_ms, channel, 1);
}

void node_carrier(struct node *node, int64_t now_ms, unsigned channel, int busy)
{
  struct channel_state *state = &node->channel[channel];
  const struct link_channel *link = &node->config.channel[channel];
  if (state->busy && !busy) {
    /* Whoever was called answers first; an answer that is on its way to us gets its time again. */
    int64_t quiet = now_ms + link->answer_guard_ms + link->latency_ms + link->slot_ms;
    if (quiet > state->quiet_until_ms)
      state->quiet_until_ms = quiet;
    if (state->answer_from && state->answer_until_ms < now_ms + link->latency_ms)
      state->answer_until_ms = now_ms + link->latency_ms;
    state->contending = 0;
  }
  if (busy)
    state->answer_begun = 1;
  if (busy && !state->busy) {
    state->busy_since_ms = now_ms;
    state->stuck_warned = 0;
  }
  state->busy = busy != 0;
  node_tick(node, now_ms);
}

static int64_t earliest(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int64_t latest(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* When the first message of at least this precedence is due. */
static int64_t entries_deadline(const struct node *node, int64_t now_ms, unsigned channel, unsigned precedence)
{
  int64_t at = NEVER;
  for (size_t i = 0; i < node->outbox.count; i++) {
    const struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase != OUTBOX_WAITING || outbox_rank(entry, now_ms) < precedence || entry->next_ms >= at)
      continue;
    if (node_choose_path(node, now_ms, entry).channel == (int)channel)
      at = entry->next_ms;
  }
  return at;
}

/* When something of exactly this precedence wants to go and the channel's rules let it. */
static int64_t wish_deadline(const struct node *node, int64_t now_ms, unsigned channel, unsigned precedence)
{
  int64_t at = earliest(entries_deadline(node, now_ms, channel, precedence),
                        floods_next_ms(&node->floods, channel, precedence));
  if (precedence == POLL_PRECEDENCE && node_poll_waits(node, channel))
    at = earliest(at, now_ms);
  if (precedence == ROUTINE)
    at = earliest(at, earliest(node_list_ready_ms(node, channel), node_beacon_due_ms(node, channel)));
  return at == NEVER ? NEVER : latest(at, node_access_ms(node, now_ms, channel, precedence));
}

static int64_t queue_deadline(const struct node *node, int64_t now_ms, unsigned channel, unsigned lowest)
{
  int64_t at = NEVER;
  for (unsigned precedence = lowest; precedence < PRECEDENCE_COUNT; precedence++)
    at = earliest(at, wish_deadline(node, now_ms, channel, precedence));
  return at;
}

static int64_t answers_deadline(const struct node *node, unsigned channel)
{
  int64_t at = node->notice.peer && node->notice.channel == channel ? node->notice.due_ms : NEVER;
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].channel == channel)
      at = earliest(at, node->ack[i].due_ms);
  return at;
}

/* Of a channel that is up and not sending, as if it were free or its carrier stuck. */
static int64_t gate_deadline(const struct node *node, int64_t now_ms, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  int64_t at = answers_deadline(node, channel);
  if (state->answer_from)
    return earliest(at, answer_end_ms(node, channel));
  int64_t queue = queue_deadline(node, now_ms, channel, state->busy ? FLASH : ROUTINE);
  if (state->contending)
    queue = latest(queue, state->slot_ms);
  return earliest(at, latest(queue, state->quiet_until_ms));
}

int64_t node_channel_deadline(const struct node *node, int64_t now_ms, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  if (!state->up)
    return NEVER;
  if (state->sending)
    return state->send_until_ms;
  int64_t at = gate_deadline(node, now_ms, channel);
  /* Until a carrier is taken for stuck, only its end is waited for, and that is an event. */
  int64_t stuck_ms = state->busy_since_ms + CARRIER_STUCK_MS;
  if (state->busy && (at < stuck_ms || !state->stuck_warned))
    at = stuck_ms;
  return latest(at, state->pause_until_ms);
}
