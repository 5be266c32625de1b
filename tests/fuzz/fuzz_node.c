/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes a whole node.  The input is a script: each byte names, modulo the number of commands below, what happens
 * next, and is followed by that command's own bytes. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/crypto/proof.h"
#include "tests/fuzz/node_world.h"

#define COMMANDS_MAX 256
#define DAY_MS INT64_C(86400000)

/* One to eight days in the largest steps: expiry and back-off both come into reach. */
static void let_time_pass(struct node_world *world, struct fuzz_input *in)
{
  uint32_t number = fuzz_take_number(in, 2);
  world->now_ms += number < 0xff00 ? number : (number & 7) * DAY_MS;
  node_world_feed(world, &(struct world_input){.call = WORLD_TICK});
}

static void run_deadlines(struct node_world *world, struct fuzz_input *in)
{
  for (uint32_t i = fuzz_take_number(in, 1) % 16 + 1; i > 0; i--)
    node_world_pass(world);
}

/* The length's byte counts eights, so that a long message costs few bytes of script. */
static void file_message(struct node_world *world, struct fuzz_input *in)
{
  static const uint16_t dests[] = {1, 3, STATION_ALL, WORLD_SELF, 250};
  uint32_t choice = fuzz_take_number(in, 1);
  struct message message = {.dest = dests[choice / 16 % 5],
                            .precedence = choice / 4 % PRECEDENCE_COUNT,
                            .kind = (uint8_t)(MESSAGE_STATUS + choice % 4)};
  struct bit_reader reader;
  size_t len;
  const uint8_t *body = fuzz_take_bytes(in, 8 * fuzz_take_number(in, 1), &len);
  bits_reader_init(&reader, body, len);
  if (!message_decode_body(&message, &reader, NULL, NULL))
    node_world_feed(world, &(struct world_input){.call = WORLD_SUBMIT, .message = &message});
}

static void cancel(struct node_world *world, struct fuzz_input *in)
{
  size_t choice = fuzz_take_number(in, 1);
  if (!world->store.delivery_count)
    return;
  const struct fake_delivery *delivery = &world->store.delivery[choice % world->store.delivery_count];
  node_world_feed(world,
                  &(struct world_input){.call = WORLD_CANCEL, .id = delivery->id, .recipient = delivery->recipient});
}

static void hear_noise(struct node_world *world, struct fuzz_input *in)
{
  size_t len;
  const uint8_t *bytes = fuzz_take_bytes(in, fuzz_take_number(in, 1), &len);
  node_world_feed(world, &(struct world_input){.call = WORLD_BURST, .bytes = bytes, .len = len, .snr_cb = -50});
}

/* The node's own burst comes back: an echo, or somebody plays it back. */
static void hear_echo(struct node_world *world, struct fuzz_input *in)
{
  (void)in;
  node_world_feed(world, &(struct world_input){.call = WORLD_BURST, .bytes = world->heard, .len = world->heard_len});
}

static void hear_peer(struct node_world *world, struct fuzz_input *in)
{
  uint8_t bytes[LINK_BURST_MAX];
  struct world_input burst;
  uint32_t flags = fuzz_take_number(in, 1), back = fuzz_take_number(in, 1);
  struct frame frame = {
      .source = flags & 4 ? 3 : 1, .dest = flags & 1 ? FRAME_TO_ALL : WORLD_SELF, .is_short = (flags & 2) != 0};
  /* Most frames are new; some come late, out of order or once more. */
  uint32_t newest = world->peer_counter[frame.source];
  frame.counter = back < 0xe0 ? newest + 1 + back : newest - (newest > (back & 0x1f) ? back & 0x1f : newest - 1);
  frame.counter += !frame.counter;
  node_world_seal(world, in, fuzz_take_number(in, 1), &frame, &burst, bytes);
  world->peer_counter[frame.source] = frame.counter > newest ? frame.counter : newest;
  burst.channel = flags >> 3 & 1;
  node_world_feed(world, &burst);
}

/* An envelope, an alert with its originator's signature, or an order of the authority, over the next bytes of the
 * script.  Returns its length, 0 when it is none. */
static size_t make_content(struct node_world *world, struct fuzz_input *in, struct bundle_head *head,
                           uint8_t content[BUNDLE_MAX])
{
  struct keyring *keyring = &world->stations->keyring[head->origin];
  size_t len;
  const uint8_t *bytes = fuzz_take_bytes(in, fuzz_take_number(in, 1), &len);
  struct envelope_label envelope = {head->origin, head->dest, head->counter, head->precedence, head->life};
  struct proof_label proof = {PROOF_ALERT, head->origin, head->counter, head->precedence};
  switch (head->kind) {
  case BUNDLE_SEALED:
    return envelope_seal(keyring, &envelope, bytes, len, content) ? 0 : len + ENVELOPE_OVERHEAD;
  case BUNDLE_ALERT:
    memcpy(content, bytes, len);
    proof_make(keyring, &proof, content, len, content + len);
    head->has_proof = 1;
    return len + PROOF_LEN;
  default:
    memcpy(content, bytes, len);
    return len;
  }
}

/* Something that passes through the node, or comes to it through others, authentic all the way. */
static void hear_bundle(struct node_world *world, struct fuzz_input *in)
{
  uint8_t content[BUNDLE_MAX], bytes[LINK_BURST_MAX];
  uint32_t flags = fuzz_take_number(in, 1);
  struct bundle_head head = {.kind = flags & 1 ? BUNDLE_SEALED : BUNDLE_ALERT + (flags >> 1 & 1),
                             .precedence = flags >> 2 & 3,
                             .origin = flags & 16 ? 3 : 1,
                             .counter = 1 + fuzz_take_number(in, 1),
                             .age_min = (uint16_t)fuzz_take_number(in, 1)};
  if (head.kind != BUNDLE_ALERT)
    head.life = flags & 32 ? 10 : 53;
  head.dest = head.kind != BUNDLE_SEALED ? STATION_ALL : flags & 64 ? WORLD_SELF : (uint16_t)(4 - head.origin);
  if (head.kind == BUNDLE_SEALED)
    head.journey = (uint8_t)fuzz_take_number(in, 1);
  head.len = (uint16_t)make_content(world, in, &head, content);
  if (!head.len)
    return;
  struct frame frame = {.source = flags & 128 ? 3 : 1,
                        .dest = head.kind == BUNDLE_SEALED ? WORLD_SELF : FRAME_TO_ALL};
  struct bit_writer writer;
  frame.counter = ++world->peer_counter[frame.source] + head.counter;
  world->peer_counter[frame.source] = frame.counter;
  bits_writer_init(&writer, frame.plain, sizeof frame.plain);
  bundle_encode(&head, content, frame.source, frame.counter, &writer);
  frame.len = bits_put_len(&writer);
  int len = frame_seal(&world->stations->keyring[frame.source], &frame, bytes);
  FUZZ_CHECK(len > 0);
  node_world_feed(world,
                  &(struct world_input){.call = WORLD_BURST, .bytes = bytes, .len = (size_t)len, .snr_cb = 60});
}

static void change_channel(struct node_world *world, struct fuzz_input *in)
{
  static const enum world_call calls[] = {WORLD_CARRIER, WORLD_SENT, WORLD_SEND_FAILED, WORLD_CHANNEL_UP};
  uint32_t choice = fuzz_take_number(in, 1);
  node_world_feed(
      world, &(struct world_input){.call = calls[choice % 4], .channel = choice >> 2 & 1, .flag = choice >> 3 & 1});
}

static void change_store(struct node_world *world, struct fuzz_input *in)
{
  struct fake_store *store = &world->store;
  uint32_t bits = fuzz_take_number(in, 1);
  store->fail_reserve = bits & 1 ? -ENOSPC : 0;
  store->fail_outgoing = bits & 2 ? -ENOSPC : 0;
  store->fail_received = bits & 4 ? -ENOSPC : 0;
  store->fail_delivery = bits & 8 ? -ENOSPC : 0;
  store->fail_load = bits & 16 ? -EIO : bits & 32 ? -ENOENT : 0;
  store->fail_bundle = bits & 64 ? -ENOSPC : 0;
}

/* What a person asks who looks at the queue. */
static void explain(struct node_world *world, struct fuzz_input *in)
{
  char words[80];
  size_t size = 1 + fuzz_take_number(in, 1) % sizeof words;
  for (size_t i = 0; i < world->store.delivery_count; i++) {
    const struct fake_delivery *delivery = &world->store.delivery[i];
    if (!node_explain(world->node, world->now_ms, delivery->id, delivery->recipient, words, size))
      FUZZ_CHECK(memchr(words, 0, size));
  }
  FUZZ_CHECK(node_stats(world->node)->bursts_heard >= node_stats(world->node)->frames_opened);
}

static void cut_power(struct node_world *world, struct fuzz_input *in)
{
  world->crash_in = fuzz_take_number(in, 1) % 32;
  if (!world->crash_in)
    node_world_restart(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static void (*const commands[])(struct node_world *, struct fuzz_input *) = {
      let_time_pass, run_deadlines,  file_message, cancel,    hear_noise, hear_echo,   hear_peer,
      hear_peer,     change_channel, change_store, cut_power, explain,    hear_bundle, hear_bundle};
  static struct stations *stations;
  if (!stations)
    stations = stations_new(WORLD_STATIONS);
  struct fuzz_input in = {data, size};
  struct node_world *world = node_world_new(stations);
  for (int i = 0; in.left && i < COMMANDS_MAX; i++)
    commands[fuzz_take_number(&in, 1) % (sizeof commands / sizeof *commands)](world, &in);
  node_world_free(world);
  return 0;
}
