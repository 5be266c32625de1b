/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a burst from the air does to the node: frames, items, messages, acknowledgements. */
#include <errno.h>

#include "protocol/delivery/node_impl.h"
#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"

/* A person is told of rejected frames at most this often. */
#define REJECTED_WARNING_MS 60000
/* A peer that could not store asks for a pause. */
#define TRY_LATER_MS 60000
/* A peer was heard: what waits longer than this for it is tried now, spread a little. */
#define WAKE_SPREAD_MS 2000

struct arrival {
  const struct frame *frame;
  struct reception reception;
  unsigned acks; /* acknowledgements seen in this frame */
};

/* Any station of the network can seal a frame under the hop key in the name of another.  Such frames have a window
 * of their own, or a stolen station could move a peer's window ahead and make its true frames look replayed. */
struct window_choice {
  struct node *node;
  int hop;
};

static const struct replay_window *find_window(void *context, uint16_t station)
{
  struct window_choice *choice = context;
  if (!directory_find(choice->node->config.directory, station))
    return NULL;
  const struct peer *peer = &choice->node->peers.peer[station];
  return choice->hop ? &peer->hop_window : &peer->window;
}

static void warn_rejected(struct node *node, int64_t now_ms, unsigned station, const char *what)
{
  node->stats.frames_rejected++;
  if (node->rejected_warned_ms > now_ms - REJECTED_WARNING_MS)
    return;
  node->rejected_warned_ms = now_ms;
  node_warn(node, "frame refused, claimed sender %u: %s (%llu refused so far)", station, what,
            (unsigned long long)node->stats.frames_rejected);
}

/* A frame under a pairwise key that is not ours.  With only two stations there is nobody else it could be for. */
static void note_unopened(struct node *node, int64_t now_ms, unsigned channel, unsigned station)
{
  const struct link_channel *link = &node->config.channel[channel];
  struct channel_state *state = &node->channel[channel];
  if (node->config.directory->count <= 2) {
    warn_rejected(node, now_ms, station, "authentication failed");
    return;
  }
  node->stats.frames_not_ours++;
  int64_t quiet = now_ms + link->answer_guard_ms + link->latency_ms + 2 * (int64_t)link->slot_ms;
  if (quiet > state->quiet_until_ms)
    state->quiet_until_ms = quiet;
}

static void note_error(struct node *node, int64_t now_ms, unsigned channel, int err, unsigned station)
{
  switch (err) {
  case -EALREADY:
    node->stats.frames_replayed++;
    break;
  case -EADDRNOTAVAIL:
    note_unopened(node, now_ms, channel, station);
    break;
  case -EKEYREJECTED:
    warn_rejected(node, now_ms, station, "authentication failed");
    break;
  case -EPROTONOSUPPORT:
    warn_rejected(node, now_ms, station, "protocol version unknown; is this post's software too old?");
    break;
  case -ENOENT:
    warn_rejected(node, now_ms, station,
                  station == node->config.keyring->self ? "it claims to be this post: an echo, or somebody plays back"
                                                        : "no such station in the directory");
    break;
  default:
    warn_rejected(node, now_ms, station, "not a frame");
  }
}

static void owe_ack(struct node *node, const struct arrival *in, uint32_t counter, enum ack_code code)
{
  struct owed_ack owed = {.peer = in->frame->source,
                          .channel = in->reception.channel,
                          .ack = {code, (uint16_t)counter, in->reception.snr_cb},
                          .due_ms =
                              in->reception.now_ms + node->config.channel[in->reception.channel].answer_guard_ms};
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].peer == owed.peer && node->ack[i].ack.counter == owed.ack.counter) {
      node->ack[i] = owed;
      return;
    }
  if (node->ack_count < ACKS_MAX)
    node->ack[node->ack_count++] = owed; /* else the peer repeats, and is answered then */
}

static enum delivery_state state_of_step(unsigned step)
{
  switch (step) {
  case RECEIPT_READ:
    return DELIVERY_READ;
  case RECEIPT_ACTED:
    return DELIVERY_ACTED;
  case RECEIPT_REFUSED:
    return DELIVERY_REFUSED;
  case RECEIPT_EXPIRED:
    return DELIVERY_EXPIRED;
  default:
    return DELIVERY_DELIVERED;
  }
}

/* The store has moved the delivery already; here the queue and the person learn of it. */
static void note_receipt(struct node *node, const struct message *message)
{
  const struct receipt *receipt = &message->body.receipt;
  struct outbox_entry *entry = outbox_find_low(&node->outbox, message->id.origin, (uint16_t)receipt->ref_counter);
  if (entry)
    outbox_remove(&node->outbox, entry);
  struct node_action *action = node_push_action(node, NODE_DELIVERY, 0);
  if (!action)
    return;
  action->as.delivery.id = (struct message_id){node->config.keyring->self, receipt->ref_counter};
  action->as.delivery.recipient = message->id.origin;
  action->as.delivery.state = state_of_step(receipt->step);
  action->as.delivery.attempts = 0;
}

static void show_message(struct node *node, const struct arrival *in, const struct message *message)
{
  node->stats.messages_received++;
  if (message->kind == MESSAGE_RECEIPT)
    note_receipt(node, message);
  struct node_action *action = node_push_action(node, NODE_RECEIVED, in->reception.channel);
  if (!action)
    return;
  action->as.received.message = *message;
  action->as.received.reception = in->reception;
}

static enum ack_code keep_message(struct node *node, const struct arrival *in, const struct message *message)
{
  struct peer *peer = &node->peers.peer[in->frame->source];
  int err = node->store.commit_received(node->store.context, message, &in->reception);
  if (err && err != -EEXIST) {
    node_warn(node, "store: message %u-%u could not be stored (error %d); its sender is asked to try later",
              message->id.origin, message->id.counter, -err);
    return ACK_TRY_LATER;
  }
  if (err) {
    node->stats.duplicates++;
    peer->repeats += peer->repeats < UINT8_MAX;
  } else {
    peer->repeats = 0;
    show_message(node, in, message);
  }
  int late =
      message->kind == MESSAGE_ALERT && message->born_ms + message_lifetime_ms(message) <= in->reception.now_ms;
  return late ? ACK_EXPIRED : ACK_DELIVERED;
}

struct base_search {
  struct node *node;
  uint16_t origin;
};

static int find_base(void *context, uint32_t base_ref, struct status_report *out)
{
  struct base_search *search = context;
  return search->node->store.find_base(search->node->store.context, search->origin, base_ref, out);
}

/* The newest counter that we have drawn with these low 16 bits; 0, which is nobody's, if there is none. */
static uint32_t own_counter(const struct node *node, uint16_t low)
{
  uint32_t newest = node->next_counter - 1;
  uint16_t back = (uint16_t)(newest - low);
  return back < newest ? newest - back : 0;
}

/* Returns 0, or -EBADMSG when the end of the item cannot be known. */
static int take_message(struct node *node, struct arrival *in, uint8_t type, struct bit_reader *reader)
{
  static const uint8_t kinds[] = {[ITEM_STATUS] = MESSAGE_STATUS,
                                  [ITEM_ALERT] = MESSAGE_ALERT,
                                  [ITEM_TEXT] = MESSAGE_TEXT,
                                  [ITEM_RECEIPT] = MESSAGE_RECEIPT};
  struct item_head head;
  if (item_head_decode(&head, type, in->frame->counter, reader))
    return -EBADMSG;
  struct message message = {.id = {in->frame->source, head.counter},
                            .dest = node->config.keyring->self,
                            .kind = kinds[type],
                            .precedence = head.precedence,
                            .born_ms = in->reception.now_ms - head.age_min * INT64_C(60000)};
  struct base_search search = {node, in->frame->source};
  int err = message_decode_body(&message, reader, find_base, &search);
  if (!err && type == ITEM_RECEIPT)
    message.body.receipt.ref_counter = own_counter(node, (uint16_t)message.body.receipt.ref_counter);
  if (!err)
    owe_ack(node, in, head.counter, keep_message(node, in, &message));
  else
    owe_ack(node, in, head.counter, err == -ENOENT ? ACK_NO_BASE : ACK_NOT_UNDERSTOOD);
  return err ? -EBADMSG : 0;
}

static void finish(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state)
{
  node_move_delivery(node, now_ms, entry, state);
  outbox_remove(&node->outbox, entry);
}

static void apply_ack(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum ack_code code)
{
  switch (code) {
  case ACK_DELIVERED:
    finish(node, now_ms, entry, DELIVERY_DELIVERED);
    break;
  case ACK_EXPIRED:
    finish(node, now_ms, entry, DELIVERY_EXPIRED);
    break;
  case ACK_NO_BASE:
    entry->phase = OUTBOX_WAITING;
    entry->send_whole = 1;
    entry->next_ms = now_ms;
    break;
  case ACK_TRY_LATER:
    entry->phase = OUTBOX_WAITING;
    entry->is_held = 1;
    entry->next_ms = now_ms + TRY_LATER_MS;
    break;
  default:
    node_warn(node, "station %u does not understand message %u-%u: is its software too old?", entry->recipient,
              entry->id.origin, entry->id.counter);
    finish(node, now_ms, entry, DELIVERY_REFUSED);
  }
}

static int take_ack(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct ack ack;
  if (ack_decode(&ack, reader))
    return -EBADMSG;
  struct peer *peer = &node->peers.peer[in->frame->source];
  struct outbox_entry *entry = outbox_find_low(&node->outbox, in->frame->source, ack.counter);
  in->acks++;
  peer->peer_snr_cb = ack.snr_cb;
  peer->failures = 0;
  if (entry)
    apply_ack(node, in->reception.now_ms, entry, ack.code);
  return 0;
}

/* The short tag and the hop key are for some items only: what sounds an alarm or ends a delivery must be proven. */
static int is_allowed(uint8_t type, const struct frame *frame)
{
  if (frame->dest == FRAME_TO_ALL)
    return type == ITEM_BEACON;
  return !frame->is_short || (type != ITEM_ALERT && type != ITEM_TEXT);
}

static int take_item(struct node *node, struct arrival *in, uint8_t type, struct bit_reader *reader)
{
  struct beacon beacon;
  if (!is_allowed(type, in->frame))
    return -EBADMSG;
  switch (type) {
  case ITEM_STATUS:
  case ITEM_ALERT:
  case ITEM_TEXT:
  case ITEM_RECEIPT:
    return take_message(node, in, type, reader);
  case ITEM_ACK:
    return take_ack(node, in, reader);
  case ITEM_BEACON:
    return beacon_decode(&beacon, reader);
  default:
    return -EBADMSG;
  }
}

static void take_items(struct node *node, struct arrival *in)
{
  struct bit_reader reader;
  bits_reader_init(&reader, in->frame->plain, in->frame->len);
  /* Whatever finds no room stays unacknowledged, so it comes again. */
  while (bits_left(&reader) >= 8 && node_has_room(node)) {
    uint8_t type = (uint8_t)bits_get(&reader, 4);
    if (type == ITEM_END)
      return;
    if (take_item(node, in, type, &reader)) {
      node->stats.frames_malformed++;
      return;
    }
    bits_get_align(&reader);
  }
}

static void wake_queue(struct node *node, int64_t now_ms, uint16_t station)
{
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->recipient == station && entry->phase == OUTBOX_WAITING && !entry->is_held &&
        entry->next_ms > now_ms + WAKE_SPREAD_MS)
      entry->next_ms = now_ms + node_random(node, WAKE_SPREAD_MS);
  }
}

static void note_heard(struct node *node, const struct arrival *in)
{
  struct peer *peer = &node->peers.peer[in->frame->source];
  replay_accept(in->frame->dest == FRAME_TO_ALL ? &peer->hop_window : &peer->window, in->frame->counter);
  peer->snr_cb = in->reception.snr_cb;
  peer->channel = in->reception.channel;
  peer->heard = 1;
}

static void tell_heard(struct node *node, const struct arrival *in)
{
  struct node_action *action = node_push_action(node, NODE_HEARD, in->reception.channel);
  if (!action)
    return;
  action->as.heard.station = in->frame->source;
  action->as.heard.counter = in->frame->dest == FRAME_TO_ALL ? 0 : in->frame->counter;
  action->as.heard.snr_cb = in->reception.snr_cb;
  action->as.heard.peer_snr_cb = node->peers.peer[in->frame->source].peer_snr_cb;
  action->as.heard.mode = in->reception.mode;
}

void node_burst(struct node *node, int64_t now_ms, unsigned channel, unsigned mode, const uint8_t *bytes, size_t len,
                int16_t snr_cb)
{
  struct frame frame = {0};
  node->stats.bursts_heard++;
  struct window_choice choice = {node, frame_is_hop(bytes, len)};
  int err = frame_open(node->config.keyring, bytes, len, find_window, &choice, &frame);
  if (err) {
    note_error(node, now_ms, channel, err, len > 1 ? bytes[1] : 0);
    return;
  }
  node->stats.frames_opened++;
  struct arrival in = {.frame = &frame,
                       .reception = {.from = frame.source,
                                     .channel = (uint8_t)channel,
                                     .mode = (uint8_t)mode,
                                     .snr_cb = snr_cb,
                                     .now_ms = now_ms,
                                     .frame_counter = frame.counter}};
  note_heard(node, &in);
  take_items(node, &in);
  tell_heard(node, &in);
  if (in.acks)
    node_answer_came(node, now_ms, channel, frame.source);
  wake_queue(node, now_ms, frame.source);
  node_tick(node, now_ms);
}
