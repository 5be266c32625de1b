/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One station as a pure machine: its life, what people ask of it, and the passing of time. */
#include "protocol/delivery/node.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/delivery/node_impl.h"
#include "protocol/link/frame.h"

/* What a vehicle took along is given to the next one when no receipt came in the time of a daily round and a half. */
#define VEHICLE_ROUND_MS (36 * INT64_C(3600000))

static const char *const state_names[DELIVERY_STATE_COUNT] = {"queued",  "sent",    "delivered", "read",   "acted",
                                                              "refused", "expired", "cancelled", "custody"};

const char *delivery_state_name(unsigned state)
{
  return state < DELIVERY_STATE_COUNT ? state_names[state] : NULL;
}

int delivery_state_rank(unsigned state)
{
  static const int ranks[DELIVERY_STATE_COUNT] = {
      [DELIVERY_QUEUED] = 0,  [DELIVERY_SENT] = 1,      [DELIVERY_CUSTODY] = 2,
      [DELIVERY_EXPIRED] = 3, [DELIVERY_CANCELLED] = 3, [DELIVERY_DELIVERED] = 4,
      [DELIVERY_READ] = 5,    [DELIVERY_ACTED] = 6,     [DELIVERY_REFUSED] = 6,
  };
  return state < DELIVERY_STATE_COUNT ? ranks[state] : -1;
}

enum delivery_state delivery_state_of_step(unsigned step)
{
  static const enum delivery_state states[RECEIPT_STEP_COUNT] = {
      [RECEIPT_RECEIVED] = DELIVERY_DELIVERED, [RECEIPT_READ] = DELIVERY_READ,
      [RECEIPT_ACTED] = DELIVERY_ACTED,        [RECEIPT_REFUSED] = DELIVERY_REFUSED,
      [RECEIPT_EXPIRED] = DELIVERY_EXPIRED,    [RECEIPT_NO_BASE] = DELIVERY_CUSTODY,
  };
  return step < RECEIPT_STEP_COUNT ? states[step] : DELIVERY_QUEUED;
}

struct node *node_new(const struct node_config *config, const struct node_store *store, int64_t now_ms)
{
  struct node *node = calloc(1, sizeof *node);
  struct routes *routes = routes_new(config->keyring->self);
  if (!node || !routes) {
    free(node);
    routes_free(routes);
    return NULL;
  }
  node->config = *config;
  node->store = *store;
  node->routes = routes;
  node->next_counter = node->reserved_until = node->first_counter = config->first_counter;
  node->random = config->seed | 1;
  node->rejected_warned_ms = node->counter_raised_ms = INT64_MIN;
  node->started_ms = node->now_ms = now_ms;
  node->time_ms = node->epoch_begin_ms = NEVER;
  outbox_init(&node->outbox);
  floods_init(&node->floods);
  peers_init(&node->peers);
  for (size_t i = 0; i < config->channel_count; i++)
    node_init_channel(node, now_ms, (unsigned)i);
  return node;
}

void node_free(struct node *node)
{
  if (!node)
    return;
  outbox_wipe(&node->outbox);
  floods_wipe(&node->floods);
  peers_wipe(&node->peers);
  routes_free(node->routes);
  free(node->collection);
  free(node);
}

uint16_t node_self(const struct node *node)
{
  return node->config.keyring->self;
}

int node_is_coordinator(const struct node *node, uint16_t station)
{
  const struct directory_entry *entry = directory_find(node->config.directory, station);
  return entry && entry->role == STATION_ROLE_COORDINATOR;
}

uint16_t node_age_minutes(int64_t born_ms, int64_t now_ms)
{
  int64_t age = (now_ms - born_ms) / 60000;
  return (uint16_t)(age < 0 ? 0 : age > ITEM_AGE_OLDEST ? ITEM_AGE_OLDEST : age);
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
uint32_t node_random(struct node *node, uint32_t below)
{
  node->random ^= node->random >> 12;
  node->random ^= node->random << 25;
  node->random ^= node->random >> 27;
  uint32_t value = (uint32_t)(node->random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
  return below ? value % below : 0;
}

int node_has_room(const struct node *node)
{
  return node->action_count + ACTIONS_SPARE <= ACTIONS_MAX;
}

struct node_action *node_push_action(struct node *node, enum node_action_type type, unsigned channel)
{
  if (node->action_count == ACTIONS_MAX)
    return NULL;
  struct node_action *action = &node->action[(node->action_head + node->action_count++) % ACTIONS_MAX];
  action->type = type;
  action->channel = (uint8_t)channel;
  return action;
}

int node_next_action(struct node *node, struct node_action *out)
{
  if (!node->action_count)
    return 0;
  *out = node->action[node->action_head];
  node->action_head = (node->action_head + 1) % ACTIONS_MAX;
  node->action_count--;
  return 1;
}

void node_warn(struct node *node, const char *format, ...)
{
  struct node_action *action = node_push_action(node, NODE_WARNING, 0);
  if (!action)
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(action->as.warning, sizeof action->as.warning, format, args);
  va_end(args);
}

int node_draw_counter(struct node *node, uint32_t *out)
{
  if (node->next_counter == node->reserved_until) {
    int err = node->store.reserve_counters(node->store.context, node->reserved_until + COUNTER_BLOCK);
    if (err)
      return err;
    node->reserved_until += COUNTER_BLOCK;
  }
  *out = node->next_counter++;
  return 0;
}

void node_move_delivery(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state)
{
  int err =
      node->store.commit_delivery(node->store.context, entry->id, entry->recipient, state, entry->attempts, now_ms);
  if (err)
    node_warn(node, "store: delivery %u-%u to %u could not be noted (error %d)", entry->id.origin, entry->id.counter,
              entry->recipient, -err);
  struct node_action *action = node_push_action(node, NODE_DELIVERY, entry->channel);
  if (!action)
    return;
  action->as.delivery.id = entry->id;
  action->as.delivery.recipient = entry->recipient;
  action->as.delivery.state = state;
  action->as.delivery.attempts = entry->attempts;
  action->as.delivery.via = state == DELIVERY_CUSTODY ? entry->hop : STATION_NONE;
}

static void expire_entry(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  if (entry->kind == OUTBOX_TRANSIT) {
    node_warn(node, "message %u-%u for %u expired in our custody", entry->id.origin, entry->id.counter,
              entry->recipient);
    node_end_custody(node, entry);
    return;
  }
  node_move_delivery(node, now_ms, entry, DELIVERY_EXPIRED);
  outbox_remove(&node->outbox, entry);
}

static int is_at_rest(const struct outbox_entry *entry)
{
  return entry->phase == OUTBOX_WAITING || entry->phase == OUTBOX_AWAY;
}

static void expire(struct node *node, int64_t now_ms)
{
  for (size_t i = node->outbox.count; i-- > 0 && node_has_room(node);) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (is_at_rest(entry) && entry->expires_ms <= now_ms)
      expire_entry(node, now_ms, entry);
  }
}

static void begin_round(struct outbox_entry *entry)
{
  uint8_t last = JOURNEY_LAST - JOURNEY_HOPS_MAX;
  entry->journey = (uint8_t)(entry->journey > last - JOURNEY_ROUND ? last : entry->journey + JOURNEY_ROUND);
}

/* A vehicle brings the receipt on its next visit, and until then there is nobody else to ask. */
static int is_on_vehicle(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  return !entry->is_flooded && peers_look(&node->peers, entry->hop)->is_mobile &&
         now_ms - entry->away_ms < VEHICLE_ROUND_MS &&
         routes_next_hop(node->routes, now_ms, entry->recipient, entry->hop) == STATION_NONE;
}

/* All who are out of reach have their turn at the same time: one repetition of a flood serves them all. */
static int64_t next_flood_ms(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  int64_t patience_ms = node_receipt_patience_ms(node, entry);
  return (now_ms / patience_ms + 1) * patience_ms;
}

/* The way to one of many is lost: no calls into the dark, which many would repeat.  The flood reaches whoever hears
 * it, and a post that returns asks for what it missed. */
static void return_to_flood(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  if (entry->kind == OUTBOX_TRANSIT || !floods_find(&node->floods, entry->id) ||
      routes_airtime_ms(node->routes, now_ms, entry->recipient) != UINT32_MAX)
    return;
  entry->is_flooded = 1;
  entry->phase = OUTBOX_AWAY;
  entry->next_ms = next_flood_ms(node, now_ms, entry);
}

/* No receipt came for what others have in custody, or what was flooded: a new round begins. */
static void recall(struct node *node, int64_t now_ms)
{
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase == OUTBOX_WAITING)
      return_to_flood(node, now_ms, entry);
    if (entry->phase != OUTBOX_AWAY || entry->next_ms > now_ms)
      continue;
    if (is_on_vehicle(node, now_ms, entry)) {
      entry->next_ms = now_ms + node_receipt_patience_ms(node, entry);
      continue;
    }
    begin_round(entry);
    if (entry->is_flooded && (routes_airtime_ms(node->routes, now_ms, entry->recipient) == UINT32_MAX ||
                              !node_follows_flood(node, now_ms, entry->recipient))) {
      entry->next_ms = next_flood_ms(node, now_ms, entry);
      node_repeat_flood(node, now_ms, entry->id, entry->recipient);
      continue;
    }
    /* Where there is a way, what the flood did not bring is brought to this one alone. */
    entry->is_flooded = 0;
    entry->phase = OUTBOX_WAITING;
  }
}

void node_tick(struct node *node, int64_t now_ms)
{
  node->now_ms = now_ms;
  expire(node, now_ms);
  recall(node, now_ms);
  node_expire_floods(node, now_ms);
  routes_tick(node->routes, now_ms);
  node_plan_epoch(node, now_ms);
  node_begin_epoch_if_due(node, now_ms, 0);
  node_tell_time(node, now_ms);
  node_beacon_news(node, now_ms);
  for (unsigned i = 0; i < node->config.channel_count; i++)
    node_transmit(node, now_ms, i);
}

int64_t node_deadline(const struct node *node)
{
  int64_t deadline = node->epoch_begin_ms < node->time_ms ? node->epoch_begin_ms : node->time_ms;
  for (unsigned i = 0; i < node->config.channel_count; i++) {
    int64_t at = node_channel_deadline(node, node->now_ms, i);
    deadline = at < deadline ? at : deadline;
  }
  for (size_t i = 0; i < node->outbox.count; i++) {
    const struct outbox_entry *entry = &node->outbox.entry[i];
    if (is_at_rest(entry) && entry->expires_ms < deadline)
      deadline = entry->expires_ms;
    if (entry->phase == OUTBOX_AWAY && entry->next_ms < deadline)
      deadline = entry->next_ms;
  }
  for (size_t i = 0; i < node->floods.count; i++)
    if (node->floods.flood[i].expires_ms < deadline)
      deadline = node->floods.flood[i].expires_ms;
  return deadline;
}

/* Whoever waits for an answer here will call again, and what was sent from here is due again: on another channel if
 * need be. */
static void abandon_channel(struct node *node, int64_t now_ms, unsigned channel)
{
  size_t kept = 0;
  node_send_failed(node, now_ms, channel);
  node_give_up_burst(node, now_ms, channel, 1);
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].channel != channel)
      node->ack[kept++] = node->ack[i];
  node->ack_count = kept;
  node->channel[channel].contending = 0;
  if (node_poll_waits(node, channel))
    node->poll.station = STATION_NONE;
}

void node_channel_up(struct node *node, int64_t now_ms, unsigned channel, int up)
{
  struct channel_state *state = &node->channel[channel];
  if (!up)
    abandon_channel(node, now_ms, channel);
  if (up && !state->up)
    node_start_beacons(node, now_ms, channel);
  state->up = (uint8_t)up;
  state->busy = 0;
  node_update_links(node, now_ms);
  node_tick(node, now_ms);
}

int node_walk_routes(const struct node *node, int64_t now_ms, size_t *at, struct route_info *out)
{
  return routes_walk(node->routes, now_ms, at, out);
}

const struct node_stats *node_stats(const struct node *node)
{
  return &node->stats;
}

int node_explain(const struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient, char *out,
                 size_t size)
{
  const struct outbox_entry *entry = outbox_find(&node->outbox, id, recipient);
  if (!entry)
    return -ENOENT;
  int any_up = 0, any_free = 0;
  for (size_t i = 0; i < node->config.channel_count; i++) {
    any_up |= node->channel[i].up;
    any_free |= node->channel[i].up && !node->channel[i].busy;
  }
  if (!any_up)
    snprintf(out, size, "no channel is up: see \"radioctl channel list\"");
  else if (entry->phase == OUTBOX_WAITING && !any_free)
    snprintf(out, size, "waits for the end of a transmission on the channel");
  else if (entry->phase == OUTBOX_ON_AIR)
    snprintf(out, size, "is being sent");
  else if (entry->phase == OUTBOX_UNANSWERED)
    snprintf(out, size, "waits for acknowledgement");
  else if (entry->is_flooded)
    snprintf(out, size, "sent to all, waits for the receipt");
  else if (entry->phase == OUTBOX_AWAY)
    snprintf(out, size, "in custody of station %u, waits for the receipt", entry->hop);
  else if (entry->next_ms > now_ms)
    snprintf(out, size, "%s, next attempt in %lld s",
             entry->is_held ? "the next station cannot store it now" : "unanswered so far",
             (long long)((entry->next_ms - now_ms + 999) / 1000));
  else
    snprintf(out, size, "waits for its turn on the channel");
  return 0;
}
