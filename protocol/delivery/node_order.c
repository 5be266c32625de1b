/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of the network's authority, the hop key of the next epoch, and the time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"

/* A coordinator tells the time so often, and at most so often when a station without a clock asks: the one burst that
 * told it may have been lost. */
#define TIME_EVERY_MS (6 * INT64_C(3600000))
#define TIME_ASKED_MS (3 * INT64_C(60000))
/* What has been on its way longer is too vague. */
#define TIME_DELAY_MAX_MS 600000
#define TIME_BODY_LEN 4
#define TIME_LEN (TIME_BODY_LEN + PROOF_LEN + 2)
#define DELAY_UNIT_MS 100
/* So many numbers no coordinator draws while its time is on its way. */
#define TIME_COUNTERS 1024
/* An order is worth passing on for so long (alert expiry code: 31 days), and for a day at least wherever it comes:
 * its age is the word of whoever brings it. */
#define ORDER_LIFE 53
#define ORDER_AGE_MAX_MS (30 * INT64_C(24) * 3600000)
#define ORDER_PRECEDENCE IMMEDIATE
/* A station that still uses the last epoch's key is told of the present one at most so often. */
#define TELL_EPOCH_MS (30 * INT64_C(60000))

static int open_order(const struct node *node, const struct held_bundle *bundle, struct order *out)
{
  return order_open(out, node->config.keyring->network_id, node->config.authority, bundle->content, bundle->head.len);
}

/* Non-zero when the flood is an order that can be read. */
static int load_order(struct node *node, const struct flood *flood, struct order *out, int64_t *filed_ms)
{
  struct held_bundle bundle;
  if (flood->kind != BUNDLE_ORDER || node->store.load_bundle(node->store.context, flood->id, STATION_ALL, &bundle) ||
      open_order(node, &bundle, out))
    return 0;
  *filed_ms = bundle.born_ms;
  return 1;
}

/* The order that promises the hop key of an epoch. */
static int find_epoch_order(struct node *node, uint32_t epoch, struct order *out, int64_t *filed_ms)
{
  for (size_t i = 0; i < node->floods.count; i++)
    if (load_order(node, &node->floods.flood[i], out, filed_ms) && out->type == ORDER_EPOCH &&
        out->as.epoch.epoch == epoch)
      return 0;
  return -ENOENT;
}

/* It cannot read what goes to all now, this order among it, and takes no key without it. */
int node_load_missed_order(struct node *node, int64_t now_ms, uint16_t station, struct held_bundle *out)
{
  struct peer *peer = node->peers.peer[station];
  uint32_t epoch = node->config.keyring->hop[KEYRING_CURRENT].epoch;
  if (!peer || !peer->is_behind ||
      (peer->order_told_ms != PEER_NEVER && now_ms - peer->order_told_ms < TELL_EPOCH_MS))
    return 0;
  for (size_t i = 0; i < node->floods.count; i++) {
    struct order order;
    int64_t filed_ms;
    if (!load_order(node, &node->floods.flood[i], &order, &filed_ms) || order.type != ORDER_EPOCH ||
        order.as.epoch.epoch != epoch)
      continue;
    peer->order_told_ms = now_ms;
    return !node->store.load_bundle(node->store.context, node->floods.flood[i].id, STATION_ALL, out);
  }
  return 0;
}

static int holds_version(struct node *node, uint32_t version)
{
  struct order order;
  int64_t filed_ms;
  for (size_t i = 0; i < node->floods.count; i++)
    if (load_order(node, &node->floods.flood[i], &order, &filed_ms) && order.version == version)
      return 1;
  return 0;
}

static int carry_out(struct node *node, const struct order *order)
{
  if (!node->store.commit_order || order->version != node->config.directory->version + 1)
    return -ERANGE;
  int err = node->store.commit_order(node->store.context, order);
  if (err) {
    node_warn(node, "the authority's order for directory version %u could not be carried out (error %d)",
              order->version, -err);
    return err;
  }
  struct node_action *action = node_push_action(node, NODE_ORDER, 0);
  if (action)
    action->as.order = *order;
  return 0;
}

/* Ends what can no longer be delivered after a revocation. */
static void forget_station(struct node *node, int64_t now_ms, uint16_t station)
{
  for (size_t i = node->outbox.count; i-- > 0;) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->recipient != station && entry->id.origin != station)
      continue;
    node_call_off(node, now_ms, entry);
  }
  routes_set_link(node->routes, now_ms, station, UINT32_MAX);
  node_end_floods_of(node, station);
  if (node->notice.peer == station)
    node->notice.peer = STATION_NONE;
  if (node->poll.station == station)
    node->poll.station = STATION_NONE;
  size_t kept = 0;
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].peer != station)
      node->ack[kept++] = node->ack[i];
  node->ack_count = kept;
}

/* Carries out one order that is held here and whose turn it is.  Returns non-zero if there was one. */
static int carry_out_next(struct node *node, int64_t now_ms)
{
  for (size_t i = 0; i < node->floods.count; i++) {
    struct order order;
    int64_t filed_ms;
    if (!load_order(node, &node->floods.flood[i], &order, &filed_ms) || carry_out(node, &order))
      continue;
    if (order.type == ORDER_REVOKE)
      forget_station(node, now_ms, order.as.revoke);
    return 1;
  }
  return 0;
}

static void carry_out_all(struct node *node, int64_t now_ms)
{
  while (node_has_room(node) && carry_out_next(node, now_ms))
    ;
}

void node_restore_orders(struct node *node, int64_t now_ms)
{
  carry_out_all(node, now_ms);
}

/* Of what is beside the signed order nothing is proven: a stolen station shall neither stop its own revocation with a
 * false age, nor fill the stores with old orders under new numbers. */
void node_take_order(struct node *node, int64_t now_ms, struct held_bundle *bundle)
{
  struct order order;
  if (open_order(node, bundle, &order)) {
    node_warn(node, "an order from station %u is not the authority's; refused", bundle->head.origin);
    return;
  }
  if (bundle->head.precedence != ORDER_PRECEDENCE || bundle->head.life != ORDER_LIFE ||
      holds_version(node, order.version)) {
    floods_note_gone(&node->floods, (struct bundle_name){bundle->head.origin, (uint16_t)bundle->head.counter});
    return;
  }
  if (bundle->born_ms < now_ms - ORDER_AGE_MAX_MS)
    bundle->born_ms = now_ms - ORDER_AGE_MAX_MS;
  if (!node_keep_flood(node, now_ms, bundle))
    carry_out_all(node, now_ms);
}

int node_submit_order(struct node *node, int64_t now_ms, const uint8_t *bytes, size_t len, char *why, size_t why_len)
{
  struct held_bundle bundle = {.head = {.kind = BUNDLE_ORDER,
                                        .precedence = ORDER_PRECEDENCE,
                                        .life = ORDER_LIFE,
                                        .origin = node_self(node),
                                        .dest = STATION_ALL,
                                        .len = (uint16_t)len},
                               .born_ms = now_ms,
                               .from = node_self(node)};
  struct order order;
  int err = len > ORDER_WIRE_MAX ? -EBADMSG : 0;
  if (!err) {
    memcpy(bundle.content, bytes, len);
    err = open_order(node, &bundle, &order);
  }
  if (err) {
    snprintf(why, why_len, "the order is not one of this network's authority");
    return err;
  }
  if (order.version != node->config.directory->version + 1) {
    snprintf(why, why_len, "the order leads to directory version %u; this station has version %u", order.version,
             node->config.directory->version);
    return order.version <= node->config.directory->version ? -EALREADY : -ERANGE;
  }
  err = node_draw_counter(node, &bundle.head.counter);
  if (!err)
    err = node_keep_flood(node, now_ms, &bundle);
  if (err) {
    snprintf(why, why_len, "the store does not take the order: is the disk full?");
    return err;
  }
  carry_out_all(node, now_ms);
  node_tick(node, now_ms);
  return 0;
}

/* When the epoch after this one begins; also after a restart, or when the host itself brought the key. */
void node_plan_epoch(struct node *node, int64_t now_ms)
{
  const struct hop_key *next = &node->config.keyring->hop[KEYRING_NEXT];
  struct order order;
  int64_t filed_ms, begin_ms = now_ms; /* an order that is not held any more is long due */
  if (!next->is_set || node->epoch_begin_ms != NEVER)
    return;
  if (!find_epoch_order(node, next->epoch, &order, &filed_ms))
    begin_ms = filed_ms + order.as.epoch.wait_min * INT64_C(60000);
  node->epoch_begin_ms = begin_ms > now_ms ? begin_ms : now_ms;
}

/* Whoever brings the key: it must be the one that the authority's order promised. */
enum ack_code node_take_key(struct node *node, int64_t now_ms, const struct epoch_key *key)
{
  struct order order;
  int64_t filed_ms;
  uint8_t commit[ORDER_COMMIT_LEN];
  if (key->epoch <= node->config.keyring->hop[KEYRING_CURRENT].epoch)
    return ACK_DELIVERED;
  if (find_epoch_order(node, key->epoch, &order, &filed_ms))
    return ACK_TRY_LATER;
  order_commit(key->secret, commit);
  if (memcmp(commit, order.as.epoch.commit, sizeof commit) || !node->store.commit_epoch_key)
    return ACK_NOT_UNDERSTOOD;
  if (node->store.commit_epoch_key(node->store.context, key))
    return ACK_TRY_LATER;
  node->epoch_begin_ms = NEVER;
  node_plan_epoch(node, now_ms);
  return ACK_DELIVERED;
}

void node_begin_epoch_if_due(struct node *node, int64_t now_ms, int is_heard)
{
  if (!is_heard && node->epoch_begin_ms > now_ms)
    return;
  node->epoch_begin_ms = NEVER;
  if (keyring_begin_epoch(node->config.keyring) || !node->store.commit_epoch)
    return;
  if (node->store.commit_epoch(node->store.context, node->config.keyring->hop[KEYRING_CURRENT].epoch))
    node_warn(node, "store: the begin of key epoch %u could not be noted",
              node->config.keyring->hop[KEYRING_CURRENT].epoch);
}

void node_set_clock(struct node *node, int64_t now_ms, int64_t unix_ms)
{
  int is_first = !node->has_clock;
  node->clock_offset_ms = unix_ms - now_ms;
  node->has_clock = 1;
  if (is_first && node_is_coordinator(node, node_self(node)))
    node->time_ms = now_ms + TIME_ASKED_MS;
}

static void start_time_flood(struct node *node, int64_t now_ms)
{
  struct flood *old;
  for (old = node->floods.flood; old && old < node->floods.flood + node->floods.count; old++)
    if (old->kind == BUNDLE_TIME)
      break;
  if (old && old < node->floods.flood + node->floods.count)
    floods_remove(&node->floods, old);
  node_start_flood(node, now_ms, &node->time);
}

/* What this station heard of the time is still exact enough to be said again. */
static int can_repeat_time(const struct node *node, int64_t now_ms)
{
  return node->time.head.len && now_ms - node->time.born_ms <= TIME_DELAY_MAX_MS;
}

/* A station without a clock was heard.  A coordinator that it does not hear cannot know of it: whoever has the time
 * helps. */
void node_hear_clockless(struct node *node, int64_t now_ms)
{
  if (node->time_ms == NEVER && can_repeat_time(node, now_ms) && now_ms - node->time_told_ms >= TIME_ASKED_MS) {
    node->time_told_ms = now_ms;
    start_time_flood(node, now_ms);
  }
  if (node->time_ms != NEVER && node->time_told_ms + TIME_ASKED_MS < node->time_ms)
    node->time_ms = node->time_told_ms + TIME_ASKED_MS > now_ms ? node->time_told_ms + TIME_ASKED_MS : now_ms;
}

static struct proof_label time_label(const struct bundle_head *head)
{
  return (struct proof_label){PROOF_TIME, head->origin, head->counter, head->precedence};
}

static void put_u32(uint8_t *out, uint32_t value)
{
  for (unsigned i = 0; i < 4; i++)
    out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *in)
{
  return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

void node_tell_time(struct node *node, int64_t now_ms)
{
  struct bundle_head *head = &node->time.head;
  if (now_ms < node->time_ms)
    return;
  node->time_ms = now_ms + TIME_EVERY_MS;
  node->time_told_ms = now_ms;
  *head = (struct bundle_head){
      .kind = BUNDLE_TIME, .precedence = ROUTINE, .origin = node_self(node), .dest = STATION_ALL, .len = TIME_LEN};
  if (node_draw_counter(node, &head->counter))
    return;
  struct proof_label label = time_label(head);
  memset(node->time.content, 0, TIME_LEN);
  put_u32(node->time.content, (uint32_t)((now_ms + node->clock_offset_ms) / 1000));
  proof_make(node->config.keyring, &label, node->time.content, TIME_BODY_LEN, node->time.content + TIME_BODY_LEN);
  node->time.born_ms = now_ms - (now_ms + node->clock_offset_ms) % 1000;
  node->time.from = node_self(node);
  start_time_flood(node, now_ms);
}

/* The signed time is that of born_ms; what has gone by since travels beside it. */
void node_write_time(const struct node *node, int64_t now_ms, struct held_bundle *out)
{
  *out = node->time;
  int64_t delay = (now_ms - node->time.born_ms) / DELAY_UNIT_MS;
  out->content[TIME_LEN - 2] = (uint8_t)(delay >> 8);
  out->content[TIME_LEN - 1] = (uint8_t)delay;
}

/* A member that recorded an old time can send it again as if it came now: its number betrays it, by that of the last
 * time of the same coordinator or of what was heard of it under the pairwise key, after a restart too. */
static int is_newer(const struct node *node, const struct bundle_head *head)
{
  const struct peer *peer = peers_look(&node->peers, head->origin);
  return head->origin != node_self(node) && head->counter > peer->time_counter &&
         (uint64_t)head->counter + TIME_COUNTERS >= peer->window.top;
}

void node_take_time(struct node *node, struct arrival *in, const struct held_bundle *bundle)
{
  const struct bundle_head *head = &bundle->head;
  struct proof_label label = time_label(head);
  int64_t now_ms = in->reception.now_ms;
  if (head->len != TIME_LEN || !node_is_coordinator(node, head->origin) || !is_newer(node, head) ||
      proof_check(node->config.directory, &label, bundle->content, TIME_BODY_LEN, bundle->content + TIME_BODY_LEN))
    return;
  int64_t delay_ms = (bundle->content[TIME_LEN - 2] << 8 | bundle->content[TIME_LEN - 1]) * DELAY_UNIT_MS +
                     in->airtime_ms + node->config.channel[in->reception.channel].key_ms;
  if (delay_ms > TIME_DELAY_MAX_MS)
    return;
  struct peer *peer = peers_get(&node->peers, head->origin);
  if (!peer)
    return;
  peer->time_counter = head->counter;
  node->time = *bundle;
  node->time.born_ms = now_ms - delay_ms;
  node->time_told_ms = now_ms; /* passed on below */
  int64_t unix_ms = get_u32(bundle->content) * INT64_C(1000) + delay_ms;
  if (!node_is_coordinator(node, node_self(node)))
    node_set_clock(node, now_ms, unix_ms);
  start_time_flood(node, now_ms);
  struct node_action *action = node_push_action(node, NODE_TIME, in->reception.channel);
  if (!action)
    return;
  action->as.time.unix_ms = unix_ms;
  action->as.time.from = head->origin;
}
