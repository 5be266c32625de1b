/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One post of the simulated network: its node, its power, and what becomes of the node's wishes. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "sim/net/network_impl.h"

/* What the posts' clocks show at the start, plus each one's own error: long after zero, so that none is before it. */
#define CLOCK_START_MS INT64_C(1000000000000)
#define RESTART_MS 30000 /* (plan) a small computer boots */

/* What a clock that is so many parts in a million too fast shows more after elapsed_ms. */
static int64_t drift_ms(const struct scenario_station *station, int64_t elapsed_ms)
{
  return (int64_t)((double)elapsed_ms * station->drift_ppm / 1e6);
}

static int64_t clock_ms(const struct network *network, uint16_t number)
{
  const struct scenario_station *station = &network->scenario->station[number];
  int64_t elapsed_ms = network->now_ms - (station->has_no_clock ? network->post[number]->started_ms : 0);
  int64_t start_ms = station->has_no_clock ? 0 : CLOCK_START_MS + station->clock_ms;
  return start_ms + elapsed_ms + drift_ms(station, elapsed_ms);
}

/* Receipts go between stations: no person waits for them. */
static int is_for_people(const struct message *message)
{
  return message->kind != MESSAGE_RECEIPT && message->kind != MESSAGE_KEY;
}

/* Counts what the post's store has taken since the last time. */
static void count_committed(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  for (; post->seen_deliveries < post->store.delivery_count; post->seen_deliveries++) {
    const struct durable_delivery *delivery = &post->store.delivery[post->seen_deliveries];
    const struct message *message = durable_store_outgoing(&post->store, delivery->id);
    if (!is_for_people(message))
      continue;
    if (tally_filed(&network->tally, message, delivery->recipient, network->now_ms))
      network->err = -ENOMEM;
    trace_message(network, "filed", number, delivery->id, delivery->recipient, precedence_name(message->precedence));
  }
  for (; post->seen_received < post->store.received_count; post->seen_received++) {
    struct message_id id = post->store.received[post->seen_received].id;
    if (!is_for_people(&post->store.received[post->seen_received]))
      continue;
    tally_arrived(&network->tally, id, number, network->now_ms);
    trace_message(network, "stored", number, id, number, NULL);
  }
}

static void transmit(struct network *network, uint16_t number, const struct node_action *action)
{
  struct air_burst like = {.from = number,
                           .channel = action->channel,
                           .mode = action->as.transmit.mode,
                           .purpose = action->as.transmit.purpose,
                           .len = action->as.transmit.len};
  struct air_burst *burst = network_send(network, &like, action->as.transmit.bytes);
  if (!burst)
    return;
  struct post *post = network->post[number];
  int64_t air_ms = burst->end_ms - burst->begin_ms;
  post->sending[burst->channel] = burst->number;
  tally_sent(&network->tally, burst->channel, burst->purpose, air_ms);
  if (burst->purpose == NODE_PURPOSE_ROUTING)
    post->routing_ms[burst->channel] += air_ms;
  network_push(network, burst->end_ms, EVENT_SENT, number, burst->channel, post->life);
}

/* A burst that the post has read carried something over the link from its sender. */
static void count_carried(struct network *network, uint16_t number, uint16_t from)
{
  const struct air_burst *burst = network->post[number]->hearing;
  if (!burst || burst->from != from || burst->purpose == NODE_PURPOSE_ROUTING)
    return;
  const struct propagation_link *link = links_find(network->links, burst->channel, from, number);
  if (link)
    network->carried[link - network->links->link]++;
}

static void act(struct network *network, uint16_t number, const struct node_action *action)
{
  switch (action->type) {
  case NODE_TRANSMIT:
    transmit(network, number, action);
    break;
  case NODE_RECEIVED:
    if (!is_for_people(&action->as.received.message))
      break;
    tally_shown(&network->tally, action->as.received.message.id, number);
    trace_message(network, "shown", number, action->as.received.message.id, number, NULL);
    break;
  case NODE_DELIVERY:
    trace_message(network, "delivery", number, action->as.delivery.id, action->as.delivery.recipient,
                  delivery_state_name(action->as.delivery.state));
    break;
  case NODE_HEARD:
    count_carried(network, number, action->as.heard.station);
    break;
  default:
    break;
  }
}

static void queue_tick(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  int64_t deadline = node_deadline(post->node);
  if (deadline == INT64_MAX)
    return;
  double wait_ms = (double)(deadline - clock_ms(network, number));
  wait_ms /= 1 + network->scenario->station[number].drift_ppm / 1e6;
  int64_t at_ms = network->now_ms + (wait_ms > 0 ? (int64_t)ceil(wait_ms) : 0);
  if (at_ms >= post->tick_ms)
    return;
  post->tick_ms = at_ms;
  network_push(network, at_ms, EVENT_TICK, number, 0, 0);
}

/* After every call of the node. */
static void carry_out(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  struct node_action action;
  count_committed(network, number);
  if (post->store.has_crashed) {
    network->tally.crashes++;
    post_cut_power(network, number);
    network_push(network, network->now_ms + RESTART_MS, EVENT_RESTART, number, 0, 0);
    return;
  }
  while (node_next_action(post->node, &action))
    act(network, number, &action);
  queue_tick(network, number);
}

static int has_ended(const struct durable_delivery *delivery)
{
  return delivery_state_rank(delivery->state) > delivery_state_rank(DELIVERY_CUSTODY);
}

static void restore(struct post *post)
{
  for (size_t i = 0; i < post->store.bundle_count; i++) {
    const struct held_bundle *held = post->store.bundle[i].held;
    if (held)
      node_restore_bundle(post->node, &held->head, held->born_ms, held->from);
  }
  for (size_t i = 0; i < post->store.delivery_count; i++) {
    const struct durable_delivery *delivery = &post->store.delivery[i];
    if (!has_ended(delivery))
      node_restore_delivery(post->node, durable_store_outgoing(&post->store, delivery->id), delivery->recipient,
                            delivery->state, delivery->attempts);
  }
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (post->store.top_counter[i])
      node_restore_peer(post->node, i, post->store.top_counter[i]);
}

/* A node's own chance depends on its station and life alone, not on what others did before. */
static uint64_t node_seed(const struct network *network, uint16_t number)
{
  struct noise dice;
  noise_init(&dice, network->node_seed + ((uint64_t)network->post[number]->life << 16 | number));
  return (uint64_t)(noise_uniform(&dice) * 9e15);
}

void post_start(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  struct node_store functions = durable_store_functions(&post->store);
  struct node_config config = network->config;
  if (post->node || !scenario_has_power(network->scenario, number, network->now_ms))
    return;
  post->store.has_crashed = 0;
  post->started_ms = network->now_ms;
  config.keyring = &post->keyring;
  config.first_counter = post->store.reserved;
  config.seed = node_seed(network, number);
  config.is_mobile = network->scenario->station[number].role == SCENARIO_ROLE_MOBILE;
  post->node = node_new(&config, &functions, clock_ms(network, number));
  if (!post->node) {
    network->err = -ENOMEM;
    return;
  }
  post->tick_ms = INT64_MAX;
  restore(post);
  trace_power(network, "power_on", number);
  for (unsigned i = 0; i < config.channel_count && post->node; i++) {
    post->is_busy[i] = 0;
    if (!scenario_has_channel(network->scenario, number, i))
      continue;
    node_channel_up(post->node, clock_ms(network, number), i, 1);
    carry_out(network, number);
    post_sense(network, number, i);
  }
}

static void break_off(struct network *network, uint32_t number)
{
  struct air_burst *burst = air_find(&network->air, number);
  if (!burst)
    return;
  burst->is_cut = 1;
  burst->end_ms = network->now_ms;
  network_push(network, network->now_ms + HANG_MS, EVENT_RELEASE, 0, 0, number);
}

void post_cut_power(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  if (!post->node)
    return;
  for (unsigned i = 0; i < NODE_CHANNELS_MAX; i++) {
    if (post->sending[i])
      break_off(network, post->sending[i]);
    post->sending[i] = 0;
  }
  /* A host without a clock knows of what it keeps only how old it was when it last lived. */
  if (network->scenario->station[number].has_no_clock)
    durable_store_shift_clock(&post->store, -clock_ms(network, number));
  node_free(post->node);
  post->node = NULL;
  post->life++;
  trace_power(network, "power_off", number);
}

void post_file(struct network *network, const struct filing *filing)
{
  struct post *post = network->post[filing->from];
  struct message message = filing->message;
  char why[160];
  if (!post->node) {
    network->tally.not_filed++;
    return;
  }
  size_t before = post->store.outgoing_count;
  node_submit(post->node, clock_ms(network, filing->from), &message, why, sizeof why);
  network->tally.not_filed += post->store.outgoing_count == before;
  carry_out(network, filing->from);
}

void post_tick(struct network *network, uint16_t number)
{
  struct post *post = network->post[number];
  if (!post->node || post->tick_ms != network->now_ms)
    return;
  post->tick_ms = INT64_MAX;
  node_tick(post->node, clock_ms(network, number));
  carry_out(network, number);
}

void post_sent(struct network *network, uint16_t number, unsigned channel)
{
  struct post *post = network->post[number];
  post->sending[channel] = 0;
  network_push(network, network->now_ms + DETECT_MS, EVENT_LISTEN, number, channel, 0);
  node_sent(post->node, clock_ms(network, number), channel);
  carry_out(network, number);
}

void post_hear(struct network *network, uint16_t number, const struct air_burst *burst, double snr_db)
{
  struct post *post = network->post[number];
  if (!post->node)
    return;
  if (burst->purpose == NODE_PURPOSE_ROUTING && snr_db >= AIR_DETECT_DB)
    post->routing_ms[burst->channel] += burst->end_ms - burst->begin_ms;
  if (post->started_ms > burst->begin_ms || !air_arrives(&network->air, burst, number))
    return;
  post->hearing = burst;
  node_burst(post->node, clock_ms(network, number), burst->channel, burst->mode, burst->bytes, burst->len,
             (int16_t)(snr_db * 10));
  carry_out(network, number);
  post->hearing = NULL;
}

void post_sense(struct network *network, uint16_t number, unsigned channel)
{
  struct post *post = network->post[number];
  int is_busy = post->carriers[channel] > 0;
  if (!post->node || post->sending[channel] || post->is_busy[channel] == is_busy)
    return;
  post->is_busy[channel] = (uint8_t)is_busy;
  node_carrier(post->node, clock_ms(network, number), channel, is_busy);
  carry_out(network, number);
}
