/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real node in the fuzzer's hands, and what must hold always. */
#include "tests/fuzz/node_world.h"

#include <string.h>

#include "protocol/wire/item.h"

#define ACTIONS_AT_ONCE_MAX 64 /* after one call */
#define RESERVED_MAX 256       /* counters that are reserved and not used yet */
#define SAME_TIME_MAX 1000     /* deadlines in a row at one instant, or the node spins */

static const struct link_channel hf = {
    .mode = {{.unit_bytes = 14, .max_bytes = 112, .overhead_us = 220000, .unit_us = 440000, .fixed = 1},
             {.unit_bytes = 126,
              .max_bytes = 1008,
              .overhead_us = 370000,
              .unit_us = 3040000,
              .snr_needed_cb = -20,
              .fixed = 1}},
    .mode_count = 2,
    .answer_guard_ms = 700,
    .key_ms = 100,
    .latency_ms = 300,
    .slot_ms = 200};

static void step(void *context)
{
  struct node_world *world = context;
  if (world->crash_in && --world->crash_in == 0)
    longjmp(world->crash, 1);
}

static const struct replay_window *no_window(void *context, uint16_t station)
{
  (void)station;
  return context;
}

static int is_named(uint16_t origin, uint32_t counter, const struct ack *ack, uint16_t of)
{
  return origin == of && (counter & 0xffff) == ack->counter;
}

/* What is in custody is kept, or was; a message of its own the node need not keep for others.  What counts as
 * delivered need not be stored: a request for the whole report, a key of an old epoch, an envelope that does not
 * open. */
static void check_ack(struct node_world *world, const struct ack *ack, uint16_t origin)
{
  int is_kept = origin == WORLD_SELF;
  for (size_t i = 0; i < world->store.bundle_count; i++) {
    const struct bundle_head *head = &world->store.bundle[i].bundle.head;
    is_kept |= is_named(head->origin, head->counter, ack, origin);
  }
  FUZZ_CHECK(is_kept || ack->code != ACK_CUSTODY);
}

/* Acknowledgements stand first in a frame. */
static void check_acks(struct node_world *world, const struct frame *frame, uint16_t peer)
{
  struct bit_reader reader;
  struct ack ack;
  bits_reader_init(&reader, frame->plain, frame->len);
  while (bits_left(&reader) >= 8 && bits_get(&reader, 4) == ITEM_ACK && !ack_decode(&ack, &reader)) {
    bits_get_align(&reader);
    check_ack(world, &ack, ack.origin ? ack.origin : peer);
  }
}

/* Every frame of the node has a higher counter than all before, across restarts, and one that was reserved; a peer's
 * notice may have raised it far. */
static void check_counter(struct node_world *world, const uint8_t *bytes)
{
  uint32_t newest = world->store.reserved_upto - 1;
  uint32_t counter = newest - (uint16_t)(newest - (uint32_t)(bytes[2] << 8 | bytes[3]));
  FUZZ_CHECK(counter > world->last_counter && newest - counter < RESERVED_MAX);
  world->last_counter = counter;
}

static void check_transmission(struct node_world *world, const struct node_action *action)
{
  const struct link_mode *mode = &hf.mode[action->as.transmit.mode];
  const uint8_t *bytes = action->as.transmit.bytes;
  size_t len = action->as.transmit.len;
  FUZZ_CHECK(action->channel < WORLD_CHANNELS && action->as.transmit.mode < hf.mode_count);
  FUZZ_CHECK(len >= FRAME_MIN_LEN && len <= mode->max_bytes && len == link_mode_padded(mode, len));
  check_counter(world, bytes);
  for (uint16_t peer = 1; peer <= WORLD_STATIONS; peer++) {
    struct replay_window window = {.top = world->last_counter - 1};
    struct frame frame;
    if (peer != WORLD_SELF && !frame_open(&world->stations->keyring[peer], bytes, len, no_window, &window, &frame))
      check_acks(world, &frame, peer);
  }
}

static void carry_out(struct node_world *world, const struct node_action *action)
{
  struct fake_received *received;
  switch (action->type) {
  case NODE_TRANSMIT:
    check_transmission(world, action);
    world->heard_len = action->as.transmit.len;
    memcpy(world->heard, action->as.transmit.bytes, world->heard_len);
    break;
  case NODE_RECEIVED:
    received = fake_store_received(&world->store, action->as.received.message.id);
    FUZZ_CHECK(received && ++received->shown == 1);
    break;
  case NODE_DELIVERY:
    FUZZ_CHECK(delivery_state_name(action->as.delivery.state));
    break;
  case NODE_WARNING:
    FUZZ_CHECK(memchr(action->as.warning, 0, sizeof action->as.warning));
    break;
  default:
    break;
  }
}

static void drain(struct node_world *world)
{
  struct node_action action;
  unsigned count = 0;
  while (node_next_action(world->node, &action)) {
    FUZZ_CHECK(++count <= ACTIONS_AT_ONCE_MAX);
    step(world);
    carry_out(world, &action);
  }
}

static void start(struct node_world *world)
{
  struct node_store functions = fake_store_functions(&world->store);
  struct node_config config = {.directory = &world->stations->directory,
                               .keyring = &world->stations->keyring[WORLD_SELF],
                               .channel = {hf, hf},
                               .channel_count = WORLD_CHANNELS,
                               .first_counter = world->store.reserved_upto,
                               .beacon_interval_ms = 600000,
                               .seed = 1};
  memcpy(config.authority, world->stations->secrets[WORLD_SELF].authority, sizeof config.authority);
  world->crash_in = 0;
  world->node = node_new(&config, &functions, world->now_ms);
  FUZZ_CHECK(world->node);
  for (size_t i = 0; i < world->store.bundle_count; i++) {
    const struct held_bundle *bundle = &world->store.bundle[i].bundle;
    if (world->store.bundle[i].is_held)
      (void)node_restore_bundle(world->node, &bundle->head, bundle->born_ms, bundle->from);
  }
  for (size_t i = 0; i < world->store.delivery_count; i++) {
    const struct fake_delivery *delivery = &world->store.delivery[i];
    const struct message *message = fake_store_outgoing(&world->store, delivery->id);
    if (!fake_delivery_has_ended(delivery))
      FUZZ_CHECK(
          !node_restore_delivery(world->node, message, delivery->recipient, delivery->state, delivery->attempts));
  }
  for (uint16_t i = 1; i <= WORLD_STATIONS; i++)
    node_restore_peer(world->node, i, fake_store_top_counter(&world->store, i));
  for (unsigned i = 0; i < WORLD_CHANNELS; i++)
    node_channel_up(world->node, world->now_ms, i, 1);
  drain(world);
}

struct node_world *node_world_new(struct stations *stations)
{
  struct node_world *world = calloc(1, sizeof *world);
  FUZZ_CHECK(world);
  world->stations = stations;
  world->now_ms = 1000000;
  fake_store_init(&world->store);
  world->store.step = step;
  world->store.step_context = world;
  start(world);
  return world;
}

void node_world_free(struct node_world *world)
{
  node_free(world->node);
  fake_store_wipe(&world->store);
  free(world);
}

void node_world_restart(struct node_world *world)
{
  node_free(world->node);
  start(world);
}

static void call(struct node_world *world, const struct world_input *in)
{
  struct node *node = world->node;
  char why[160];
  switch (in->call) {
  case WORLD_SUBMIT:
    (void)node_submit(node, world->now_ms, in->message, why, sizeof why);
    break;
  case WORLD_CANCEL:
    (void)node_cancel(node, world->now_ms, in->id, in->recipient);
    break;
  case WORLD_BURST:
    node_burst(node, world->now_ms, in->channel, in->mode, in->bytes, in->len, in->snr_cb);
    break;
  case WORLD_CARRIER:
    node_carrier(node, world->now_ms, in->channel, in->flag);
    break;
  case WORLD_SENT:
    node_sent(node, world->now_ms, in->channel);
    break;
  case WORLD_SEND_FAILED:
    node_send_failed(node, world->now_ms, in->channel);
    break;
  case WORLD_CHANNEL_UP:
    node_channel_up(node, world->now_ms, in->channel, in->flag);
    break;
  case WORLD_TICK:
    node_tick(node, world->now_ms);
  }
}

void node_world_feed(struct node_world *world, const struct world_input *in)
{
  if (setjmp(world->crash)) {
    node_world_restart(world);
    return;
  }
  call(world, in);
  drain(world);
}

void node_world_pass(struct node_world *world)
{
  int64_t before_ms = world->now_ms;
  for (int i = 0; world->now_ms == before_ms; i++) {
    int64_t deadline = node_deadline(world->node);
    if (deadline == INT64_MAX)
      return;
    FUZZ_CHECK(i < SAME_TIME_MAX);
    world->now_ms = deadline > world->now_ms ? deadline : world->now_ms;
    node_world_feed(world, &(struct world_input){.call = WORLD_TICK});
  }
}

void node_world_seal(struct node_world *world, struct fuzz_input *in, size_t want, struct frame *frame,
                     struct world_input *out, uint8_t bytes[LINK_BURST_MAX])
{
  size_t max = frame->is_short ? FRAME_SHORT_MAX - frame_len(frame->source, 0, 1) : FRAME_PLAIN_MAX - SIV_TAG_LONG;
  const uint8_t *plain = fuzz_take_bytes(in, want < max ? want : max, &frame->len);
  memcpy(frame->plain, plain, frame->len);
  if (!frame->len)
    frame->plain[frame->len++] = 0;
  world->peer_counter[frame->source] = frame->counter;
  int len = frame_seal(&world->stations->keyring[frame->source], frame, bytes);
  FUZZ_CHECK(len > 0);
  *out = (struct world_input){.call = WORLD_BURST, .bytes = bytes, .len = (size_t)len, .snr_cb = 60};
}
