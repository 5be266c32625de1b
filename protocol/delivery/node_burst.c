/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the node puts into a burst: acknowledgements, then as many messages as fit, or a beacon. */
#include <errno.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"
#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"

/* Several messages ride in one burst as long as it stays this short: a FLASH can pre-empt at the next one. */
#define BURST_LIMIT_US 5000000
#define BURST_MESSAGES_MAX 8
#define BURST_ACKS_MAX 8

/* A burst whose end nobody reports: the device is gone or hangs. */
#define SEND_GRACE_MS 10000
/* The store refuses frame numbers, or does not give a message back: a little patience with it. */
#define STUCK_PAUSE_MS 10000
/* Bytes of an acknowledgement. */
#define ACK_LEN 4

struct draft {
  struct frame frame;
  struct bit_writer writer;
  int short_ok; /* only items that may go under the short tag */
  int mode;
};

/* The air a burst of this draft's frame takes, padding included. */
static size_t draft_len(const struct draft *draft, int is_short)
{
  return frame_len(bits_put_len(&draft->writer), is_short);
}

static int fits_short(const struct draft *draft, const struct link_mode *mode)
{
  return draft->short_ok && link_mode_padded(mode, draft_len(draft, 1)) <= FRAME_SHORT_MAX;
}

/* Returns 0, or the store's error: then the channel pauses, and a person is told once. */
static int draft_begin(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft, uint16_t dest)
{
  struct channel_state *state = &node->channel[channel];
  memset(draft, 0, sizeof *draft);
  draft->frame.source = node->config.keyring->self;
  draft->frame.dest = dest;
  draft->short_ok = 1;
  bits_writer_init(&draft->writer, draft->frame.plain, sizeof draft->frame.plain);
  int err = node_draw_counter(node, &draft->frame.counter);
  if (err && !state->no_counters)
    node_warn(node, "store: no frame numbers to be had, nothing can be sent; is the disk full?");
  if (err)
    state->pause_until_ms = now_ms + STUCK_PAUSE_MS;
  state->no_counters = err != 0;
  return err;
}

/* The mode for what the draft holds now; -1 when none carries it. */
static int draft_mode(const struct node *node, unsigned channel, const struct draft *draft)
{
  const struct peer *peer = &node->peers.peer[draft->frame.dest];
  const struct link_channel *link = &node->config.channel[channel];
  int16_t snr = peer->peer_snr_cb != LINK_SNR_UNKNOWN ? peer->peer_snr_cb : peer->snr_cb;
  unsigned failures = (unsigned)peer->failures + peer->repeats;
  int mode = peer_choose_mode(link, draft_len(draft, draft->short_ok), snr, failures);
  if (mode >= 0 && draft->short_ok && !fits_short(draft, &link->mode[mode]))
    mode = peer_choose_mode(link, draft_len(draft, 0), snr, failures);
  return mode;
}

static void draft_send(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  const struct link_mode *mode = &node->config.channel[channel].mode[draft->mode];
  struct channel_state *state = &node->channel[channel];
  struct node_action *action = node_push_action(node, NODE_TRANSMIT, channel);
  draft->frame.is_short = (uint8_t)fits_short(draft, mode);
  size_t len = link_mode_padded(mode, draft_len(draft, draft->frame.is_short));
  draft->frame.len = len - frame_len(0, draft->frame.is_short);
  action->as.transmit.mode = (uint8_t)draft->mode;
  action->as.transmit.len = (uint16_t)frame_seal(node->config.keyring, &draft->frame, action->as.transmit.bytes);
  uint32_t airtime_us = link_mode_airtime_us(mode, len);
  state->sending = 1;
  state->contending = 0;
  state->send_until_ms =
      now_ms + 2 * (int64_t)(airtime_us / 1000) + node->config.channel[channel].key_ms + SEND_GRACE_MS;
  node->stats.bursts_sent++;
  node->stats.airtime_us += airtime_us;
}

static int some_mode_carries(const struct link_channel *link, size_t len)
{
  return peer_choose_mode(link, len, LINK_SNR_UNKNOWN, 0) >= 0;
}

/* Adds the acknowledgements owed to the draft's addressee, whatever channel they came by, as long as they fit. */
static unsigned add_acks(struct node *node, unsigned channel, struct draft *draft)
{
  const struct link_channel *link = &node->config.channel[channel];
  unsigned count = 0;
  for (size_t i = 0; i < node->ack_count && count < BURST_ACKS_MAX;) {
    if (count > 0 && !some_mode_carries(link, draft_len(draft, 0) + ACK_LEN))
      break;
    if (node->ack[i].peer != draft->frame.dest) {
      i++;
      continue;
    }
    ack_encode(&node->ack[i].ack, &draft->writer);
    bits_put_align(&draft->writer);
    memmove(&node->ack[i], &node->ack[i + 1], (node->ack_count - i - 1) * sizeof *node->ack);
    node->ack_count--;
    node->stats.acks_sent++;
    count++;
  }
  return count;
}

static uint16_t age_minutes(const struct outbox_entry *entry, int64_t now_ms)
{
  int64_t age = (now_ms - entry->born_ms) / 60000;
  return (uint16_t)(age < 0 ? 0 : age > ITEM_AGE_OLDEST ? ITEM_AGE_OLDEST : age);
}

static const uint8_t item_types[] = {[MESSAGE_STATUS] = ITEM_STATUS,
                                     [MESSAGE_ALERT] = ITEM_ALERT,
                                     [MESSAGE_TEXT] = ITEM_TEXT,
                                     [MESSAGE_RECEIPT] = ITEM_RECEIPT};

static void encode_message(struct node *node, const struct outbox_entry *entry, const struct message *message,
                           struct bit_writer *out)
{
  struct status_report base;
  uint32_t base_counter;
  int has_base = entry->kind == MESSAGE_STATUS && !entry->send_whole &&
                 !node->store.last_acked_report(node->store.context, entry->recipient, &base, &base_counter);
  message_encode_body(message, has_base ? &base : NULL, has_base ? status_base_ref(&base, base_counter) : 0, out);
}

/* Adds a message if the burst still fits a mode and, unless it is the first, stays short.  Returns 0, -EMSGSIZE (does
 * not fit) or the store's error; the draft is unchanged then. */
static int add_message(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                       const struct outbox_entry *entry, int is_first)
{
  struct message message;
  int err = node->store.load_outgoing(node->store.context, entry->id, &message);
  if (err)
    return err;
  struct draft longer = *draft;
  longer.writer.buf = longer.frame.plain;
  struct item_head head = {item_types[entry->kind], entry->precedence, entry->id.counter, age_minutes(entry, now_ms)};
  item_head_encode(&head, longer.frame.counter, &longer.writer);
  encode_message(node, entry, &message, &longer.writer);
  bits_put_align(&longer.writer);
  longer.short_ok = longer.short_ok && (entry->kind == MESSAGE_STATUS || entry->kind == MESSAGE_RECEIPT);
  longer.mode = draft_mode(node, channel, &longer);
  if (longer.writer.overflow || longer.mode < 0)
    return -EMSGSIZE;
  const struct link_mode *mode = &node->config.channel[channel].mode[longer.mode];
  if (!is_first && link_mode_airtime_us(mode, draft_len(&longer, 0)) > BURST_LIMIT_US)
    return -EMSGSIZE;
  *draft = longer;
  draft->writer.buf = draft->frame.plain;
  return 0;
}

/* A message that its own store does not give back can never be sent. */
static void drop_lost(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  node_warn(node, "message %u-%u is missing from the store; its delivery to %u ends", entry->id.origin,
            entry->id.counter, entry->recipient);
  node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
  outbox_remove(&node->outbox, entry);
}

static void pause_entry(struct outbox_entry *entry, int64_t now_ms)
{
  entry->next_ms = now_ms + STUCK_PAUSE_MS;
}

/* Adds messages for the draft's addressee, first (may be NULL) before all others.  Returns how many. */
static unsigned add_messages(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                             struct outbox_entry *first)
{
  unsigned count = 0;
  struct outbox_entry *entry = first ? first : outbox_next(&node->outbox, now_ms, draft->frame.dest, 0, NULL);
  while (entry && count < BURST_MESSAGES_MAX) {
    int is_first = bits_put_len(&draft->writer) == 0;
    int err = add_message(node, now_ms, channel, draft, entry, is_first);
    if (err == -ENOENT) {
      drop_lost(node, now_ms, entry);
      return count;
    }
    if (err && is_first)
      pause_entry(entry, now_ms);
    if (err)
      return count;
    struct outbox_entry *next = outbox_next(&node->outbox, now_ms, draft->frame.dest, 1, entry);
    entry->phase = OUTBOX_ON_AIR;
    entry->channel = (uint8_t)channel;
    entry->is_held = 0;
    entry = next;
    count++;
  }
  return count;
}

/* Sends one burst to peer: acknowledgements, then messages. */
void node_send_to_peer(struct node *node, int64_t now_ms, unsigned channel, uint16_t peer, struct outbox_entry *first)
{
  struct draft draft;
  if (draft_begin(node, now_ms, channel, &draft, peer))
    return;
  unsigned acks = add_acks(node, channel, &draft);
  unsigned messages = add_messages(node, now_ms, channel, &draft, first);
  if (!acks && !messages)
    return;
  draft.mode = draft_mode(node, channel, &draft);
  if (draft.mode < 0)
    return; /* no mode carries even an acknowledgement; a message was not added then */
  draft_send(node, now_ms, channel, &draft);
  node->channel[channel].answer_from = messages ? peer : 0;
}

void node_send_beacon(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  struct draft draft;
  uint32_t interval = node->config.hello_interval_ms;
  state->hello_ms = now_ms + interval - interval / 8 + node_random(node, interval / 4);
  if (draft_begin(node, now_ms, channel, &draft, FRAME_TO_ALL))
    return;
  struct beacon beacon = {.started = !state->started};
  beacon_encode(&beacon, &draft.writer);
  draft.mode = draft_mode(node, channel, &draft);
  if (draft.mode < 0)
    return;
  state->started = 1;
  draft_send(node, now_ms, channel, &draft);
}
