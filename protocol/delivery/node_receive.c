/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a burst from the air does to the node: from the frame to its items. */
#include <errno.h>

#include "protocol/delivery/node_impl.h"

/* A person is told of rejected frames at most this often. */
#define REJECTED_WARNING_MS 60000
/* A peer was heard: what waits longer than this for it is tried now, spread a little. */
#define WAKE_SPREAD_MS 2000
/* Whoever is heard again gets a few more chances before the link counts as dead. */
#define FAILURES_FORGIVEN 2
#define FORGIVE_MS 600000
/* 256 tries cost a tenth of a millisecond. */
#define SEARCH_MS 1800000
/* A station that was not heard for so long may have been off, and missed what went to all. */
#define SILENCE_MS 1800000
#define FLOOD_RECEIPTS_MS 60000

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
  const struct peer *peer = peers_look(&choice->node->peers, station);
  return choice->hop ? &peer->hop_window : &peer->window;
}

/* A station whose beacons are heard, but that never had anything for us: all its bursts are for others, most likely.
 * Its counter is sought for far and wide only now and then. */
static void prepare_window(struct node *node, int64_t now_ms, uint16_t station)
{
  struct peer *peer = station ? node->peers.peer[station] : NULL;
  if (!peer || peer->window.top)
    return;
  peer->window.hint = peer->hop_window.top;
  peer->window.is_hurried = peer->searched_ms != PEER_NEVER && now_ms - peer->searched_ms < SEARCH_MS;
  if (!peer->window.is_hurried)
    peer->searched_ms = now_ms;
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
static void note_unopened(struct node *node, int64_t now_ms, unsigned channel, unsigned station, size_t len)
{
  const struct link_channel *link = &node->config.channel[channel];
  struct channel_state *state = &node->channel[channel];
  if (node->config.directory->count <= 2) {
    warn_rejected(node, now_ms, station, "authentication failed");
    return;
  }
  node->stats.frames_not_ours++;
  /* An answer may come from a station that we do not hear: we keep quiet for as long as it may last.  The smallest
   * bursts are answers themselves, most of them. */
  int64_t answer_ms = len > FRAME_SHORT_MAX ? link->key_ms + node_answer_ms(link) : 2 * (int64_t)link->slot_ms;
  int64_t quiet = now_ms + link->answer_guard_ms + link->latency_ms + answer_ms;
  if (quiet > state->quiet_until_ms)
    state->quiet_until_ms = quiet;
}

static void note_error(struct node *node, int64_t now_ms, unsigned channel, int err, unsigned station, size_t len)
{
  switch (err) {
  case -EALREADY:
    node->stats.frames_replayed++;
    break;
  case -EADDRNOTAVAIL:
    note_unopened(node, now_ms, channel, station, len);
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

/* The short tag and the hop key are for some items only: what sounds an alarm or ends a delivery must be proven.
 * Under the hop key of an epoch that has passed nothing is believed: a revoked station may still have it. */
static int is_allowed(uint8_t type, const struct frame *frame)
{
  switch (type) {
  case ITEM_STATUS:
  case ITEM_RECEIPT:
  case ITEM_ACK:
    return frame->dest != FRAME_TO_ALL;
  case ITEM_ALERT:
  case ITEM_TEXT:
  case ITEM_COUNTER:
  case ITEM_POLL:
    return frame->dest != FRAME_TO_ALL && !frame->is_short;
  case ITEM_BEACON:
    return frame->dest == FRAME_TO_ALL;
  case ITEM_PROOF:
  case ITEM_LIST:
    return frame->dest == FRAME_TO_ALL && !frame->is_short;
  default:
    return !frame->is_short;
  }
}

static int take_item(struct node *node, struct arrival *in, uint8_t type, struct bit_reader *reader)
{
  if (!is_allowed(type, in->frame))
    return -EBADMSG;
  switch (type) {
  case ITEM_STATUS:
  case ITEM_ALERT:
  case ITEM_TEXT:
  case ITEM_RECEIPT:
    return node_take_message(node, in, type, reader);
  case ITEM_ACK:
    return node_take_ack(node, in, reader);
  case ITEM_BEACON:
    return node_take_beacon(node, in, reader);
  case ITEM_BUNDLE:
    return node_take_bundle(node, in, reader);
  case ITEM_PIECES:
    return node_take_pieces(node, in, reader);
  case ITEM_PROOF:
    return node_take_proof(node, in, reader);
  case ITEM_LIST:
    return node_take_list(node, in, reader);
  case ITEM_COUNTER:
    return node_take_counter(node, in, reader);
  case ITEM_POLL:
    return node_take_poll(node, in, reader);
  default:
    return -EBADMSG;
  }
}

static void take_items(struct node *node, struct arrival *in)
{
  struct bit_reader reader;
  bits_reader_init(&reader, in->frame->plain, in->frame->len);
  /* Whatever finds no room stays unacknowledged, so it comes again. */
  while (bits_left(&reader) >= 8 && node_has_room(node) &&
         keyring_has_peer(node->config.keyring, in->frame->source)) {
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

/* Receipts of what went to all come late by intention. */
static int is_overdue(const struct node *node, int64_t now_ms, const struct outbox_entry *entry)
{
  return entry->is_flooded && now_ms - entry->born_ms > FLOOD_RECEIPTS_MS + node_receipts_spread_ms(node);
}

/* It was sent there last, or a way by this station has turned up since it was sent elsewhere. */
static int would_go_to(const struct node *node, int64_t now_ms, const struct outbox_entry *entry, uint16_t station)
{
  if (entry->recipient == station || entry->hop == station)
    return 1;
  return node_choose_path(node, now_ms, entry).hop == station;
}

static void wake_queue(struct node *node, int64_t now_ms, uint16_t station, int was_silent)
{
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (was_silent && entry->recipient == station && is_overdue(node, now_ms, entry))
      entry->next_ms = now_ms;
    if (entry->phase == OUTBOX_WAITING && !entry->is_held && entry->next_ms > now_ms + WAKE_SPREAD_MS &&
        would_go_to(node, now_ms, entry, station))
      entry->next_ms = now_ms + node_random(node, WAKE_SPREAD_MS);
  }
}

/* A beacon, which any station can send in another's name, makes us forget failures only now and then. */
static void forgive(struct peer_link *link, int64_t now_ms, int is_proven)
{
  if (link->failures <= FAILURES_FORGIVEN ||
      (!is_proven && link->forgiven_ms != PEER_NEVER && now_ms - link->forgiven_ms < FORGIVE_MS))
    return;
  link->failures = FAILURES_FORGIVEN;
  link->forgiven_ms = now_ms;
}

static void note_heard(struct peer *peer, const struct arrival *in)
{
  struct peer_link *link = &peer->link[in->reception.channel];
  int64_t now_ms = in->reception.now_ms;
  int is_proven = in->frame->dest != FRAME_TO_ALL;
  replay_accept(is_proven ? &peer->window : &peer->hop_window, in->frame->counter);
  if (is_proven || !peer_link_is_proven(link, now_ms))
    peer_link_note_snr(link, in->reception.snr_cb);
  if (is_proven)
    link->proven_ms = now_ms;
  link->heard_ms = now_ms;
  forgive(link, now_ms, is_proven);
  peer->channel = in->reception.channel;
}

static void tell_heard(struct node *node, const struct arrival *in)
{
  struct node_action *action = node_push_action(node, NODE_HEARD, in->reception.channel);
  if (!action)
    return;
  action->as.heard.station = in->frame->source;
  action->as.heard.counter = in->reception.frame_counter;
  action->as.heard.snr_cb = in->reception.snr_cb;
  action->as.heard.peer_snr_cb = node->peers.peer[in->frame->source]->link[in->reception.channel].peer_snr_cb;
  action->as.heard.mode = in->reception.mode;
}

static void take_frame(struct node *node, struct arrival *in)
{
  struct peer *peer = peers_get(&node->peers, in->frame->source);
  int64_t now_ms = in->reception.now_ms;
  if (!peer)
    return;
  int64_t heard_ms = peer->link[in->reception.channel].heard_ms;
  int was_silent = heard_ms == PEER_NEVER || now_ms - heard_ms > SILENCE_MS;
  note_heard(peer, in);
  if (in->frame->dest == FRAME_TO_ALL)
    peer->is_behind = in->frame->epoch_is == FRAME_EPOCH_PREVIOUS;
  if (in->frame->epoch_is == FRAME_EPOCH_NEXT)
    node_begin_epoch_if_due(node, now_ms, 1);
  if (in->frame->epoch_is != FRAME_EPOCH_PREVIOUS)
    take_items(node, in);
  if (!keyring_has_peer(node->config.keyring, in->frame->source))
    return; /* it brought its own revocation */
  node_update_link(node, now_ms, in->frame->source);
  tell_heard(node, in);
  if (in->acks)
    node_answer_came(node, now_ms, in->reception.channel, in->frame->source);
  wake_queue(node, now_ms, in->frame->source, was_silent);
}

void node_burst(struct node *node, int64_t now_ms, unsigned channel, unsigned mode, const uint8_t *bytes, size_t len,
                int16_t snr_cb)
{
  struct frame frame = {0};
  node->stats.bursts_heard++;
  struct window_choice choice = {node, frame_is_hop(bytes, len)};
  if (!choice.hop)
    prepare_window(node, now_ms, frame_source(bytes, len));
  int err = frame_open(node->config.keyring, bytes, len, find_window, &choice, &frame);
  if (err == -EALREADY)
    node_note_behind(node, now_ms, channel, &frame);
  if (err) {
    note_error(node, now_ms, channel, err, frame_source(bytes, len), len);
    return;
  }
  node->stats.frames_opened++;
  struct arrival in = {.frame = &frame,
                       .reception = {.from = frame.source,
                                     .channel = (uint8_t)channel,
                                     .mode = (uint8_t)mode,
                                     .snr_cb = snr_cb,
                                     .now_ms = now_ms,
                                     .frame_counter = frame.dest == FRAME_TO_ALL ? 0 : frame.counter},
                       .airtime_ms = link_mode_airtime_us(&node->config.channel[channel].mode[mode], len) / 1000};
  take_frame(node, &in);
  node_tick(node, now_ms);
}
