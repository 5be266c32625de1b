/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the node puts into a burst for one station: acknowledgements, notices, then as many messages as fit. */
#include <errno.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"

#define BURST_MESSAGES_MAX 8
#define BURST_ACKS_MAX 8
/* The store does not give a message back: a little patience with it. */
#define STUCK_PAUSE_MS 10000

static int is_empty(const struct draft *draft)
{
  return bits_put_len(&draft->writer) == 0;
}

/* The first message may make a burst longer than the others.  What does not lengthen it rides along in any case. */
static uint32_t limit_us(const struct node *node, unsigned channel, const struct draft *draft)
{
  if (is_empty(draft))
    return BURST_WHOLE_LIMIT_US;
  uint32_t airtime_us = node_draft_airtime_us(node, channel, draft);
  return airtime_us > BURST_LIMIT_US ? airtime_us : BURST_LIMIT_US;
}

static void remove_ack(struct node *node, size_t i)
{
  memmove(&node->ack[i], &node->ack[i + 1], (node->ack_count - i - 1) * sizeof *node->ack);
  node->ack_count--;
}

/* Adds the acknowledgements owed to the draft's addressee, whatever channel they came by, as long as they fit. */
static unsigned add_acks(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  unsigned count = 0;
  for (size_t i = 0; i < node->ack_count && count < BURST_ACKS_MAX;) {
    struct draft longer;
    if (node->ack[i].peer != draft->frame.dest) {
      i++;
      continue;
    }
    node_draft_copy(&longer, draft);
    ack_encode(&node->ack[i].ack, &longer.writer);
    bits_put_align(&longer.writer);
    uint32_t limit = is_empty(draft) ? UINT32_MAX : limit_us(node, channel, draft);
    if (!node_draft_fits(node, now_ms, channel, &longer, limit))
      break;
    node_draft_copy(draft, &longer);
    remove_ack(node, i);
    node->stats.acks_sent++;
    count++;
  }
  return count;
}

static unsigned add_notice(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  struct counter_item item = {.counter = node->notice.counter, .echo = node->notice.echo};
  if (node->notice.peer != draft->frame.dest)
    return 0;
  counter_item_encode(&item, &draft->writer);
  bits_put_align(&draft->writer);
  draft->short_ok = 0;
  node->notice.peer = STATION_NONE;
  return (unsigned)node_draft_fits(node, now_ms, channel, draft, UINT32_MAX);
}

static unsigned add_poll(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  struct poll_item item = {.seconds = node->poll.seconds};
  if (node->poll.station != draft->frame.dest || !node_poll_waits(node, channel))
    return 0;
  poll_item_encode(&item, &draft->writer);
  bits_put_align(&draft->writer);
  draft->short_ok = 0;
  node->poll.station = STATION_NONE;
  return (unsigned)node_draft_fits(node, now_ms, channel, draft, UINT32_MAX);
}

static unsigned add_missed_order(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  struct held_bundle order;
  if (!node_load_missed_order(node, now_ms, draft->frame.dest, &order))
    return 0;
  return (unsigned)node_draft_bundle(node, now_ms, channel, draft, &order, UINT32_MAX);
}

/* A message straight to its recipient, in its short form.  Returns 0, -EMSGSIZE (does not fit) or the store's error;
 * the draft is unchanged then. */
static int add_direct(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      const struct outbox_entry *entry)
{
  struct message message;
  int err = node->store.load_outgoing(node->store.context, entry->id, &message);
  if (err)
    return err;
  uint32_t limit = limit_us(node, channel, draft);
  return node_draft_direct(node, now_ms, channel, draft, entry, &message, limit) ? 0 : -EMSGSIZE;
}

static int make_bundle(struct node *node, const struct outbox_entry *entry, int is_stable, struct held_bundle *out)
{
  *out = (struct held_bundle){.head = {.kind = BUNDLE_SEALED,
                                       .precedence = entry->precedence,
                                       .journey = entry->journey,
                                       .origin = entry->id.origin,
                                       .dest = entry->recipient,
                                       .counter = entry->id.counter},
                              .born_ms = entry->born_ms,
                              .from = entry->from};
  int len = node_bundle_content(node, entry, is_stable, &out->head.life, out->content);
  if (len < 0)
    return len;
  out->head.len = (uint16_t)len;
  return 0;
}

static int add_pieces(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      struct outbox_entry *entry)
{
  struct held_bundle bundle;
  int err = make_bundle(node, entry, 1, &bundle);
  if (err)
    return err;
  unsigned most = entry->lacks ? entry->lacks : pieces_needed(bundle.head.len);
  unsigned count =
      node_draft_pieces(node, now_ms, channel, draft, &bundle, entry->piece, most, limit_us(node, channel, draft));
  entry->piece = (uint8_t)(entry->piece + count); /* 255 is followed by 0 */
  return count ? 0 : -EMSGSIZE;
}

static int add_bundle(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      struct outbox_entry *entry)
{
  struct held_bundle bundle;
  int err = make_bundle(node, entry, 0, &bundle);
  if (err)
    return err;
  return node_draft_bundle(node, now_ms, channel, draft, &bundle, limit_us(node, channel, draft)) ? 0 : -EMSGSIZE;
}

/* Adds a message in the form that its way asks for: pieces only as the first, for they fill a burst. */
static int add_message(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                       struct outbox_entry *entry)
{
  int is_first = is_empty(draft);
  int is_direct =
      entry->recipient == draft->frame.dest && entry->kind != OUTBOX_TRANSIT && entry->kind != MESSAGE_KEY;
  int err = entry->lacks ? -EMSGSIZE
            : is_direct  ? add_direct(node, now_ms, channel, draft, entry)
                         : add_bundle(node, now_ms, channel, draft, entry);
  return err == -EMSGSIZE && is_first ? add_pieces(node, now_ms, channel, draft, entry) : err;
}

/* A message that its own store does not give back can never be sent. */
static void drop_lost(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  node_warn(node, "message %u-%u is missing from the store; its delivery to %u ends", entry->id.origin,
            entry->id.counter, entry->recipient);
  if (entry->kind != OUTBOX_TRANSIT)
    node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
  outbox_remove(&node->outbox, entry);
}

static void mark_on_air(struct outbox_entry *entry, unsigned channel, uint16_t hop)
{
  if (entry->hop != hop)
    entry->lacks = 0;
  entry->phase = OUTBOX_ON_AIR;
  entry->channel = (uint8_t)channel;
  entry->hop = hop;
  entry->is_held = 0;
}

/* The entry that goes after another in a burst to hop: those whose time has not come ride along, unless held. */
static struct outbox_entry *next_for(const struct node *node, int64_t now_ms, uint16_t hop,
                                     const struct outbox_entry *after)
{
  struct outbox_entry *best = NULL;
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase != OUTBOX_WAITING || (entry->is_held && entry->next_ms > now_ms))
      continue;
    if ((after && !outbox_goes_before(after, entry, now_ms)) || (best && !outbox_goes_before(entry, best, now_ms)))
      continue;
    if (node_choose_path(node, now_ms, entry).hop == hop && !outbox_has_twin(&node->outbox, entry, hop))
      best = entry;
  }
  return best;
}

/* Adds messages that go by the draft's addressee, first (may be NULL) before all others.  Returns how many. */
static unsigned add_messages(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                             struct outbox_entry *first)
{
  uint16_t hop = draft->frame.dest;
  unsigned count = 0;
  struct outbox_entry *entry = first ? first : next_for(node, now_ms, hop, NULL);
  while (entry && count < BURST_MESSAGES_MAX) {
    int is_first = is_empty(draft);
    if (entry->hop != hop)
      entry->lacks = 0;
    int err = add_message(node, now_ms, channel, draft, entry);
    if (err == -ENOENT) {
      drop_lost(node, now_ms, entry);
      return count;
    }
    if (err && is_first)
      entry->next_ms = now_ms + STUCK_PAUSE_MS;
    if (err)
      return count;
    mark_on_air(entry, channel, hop);
    routes_note_used(node->routes, now_ms, entry->recipient);
    entry = next_for(node, now_ms, hop, entry);
    count++;
  }
  return count;
}

void node_send_to_peer(struct node *node, int64_t now_ms, unsigned channel, uint16_t peer, struct outbox_entry *first)
{
  struct draft draft;
  if (node_draft_begin(node, now_ms, channel, &draft, peer))
    return;
  unsigned answers = add_acks(node, now_ms, channel, &draft) + add_notice(node, now_ms, channel, &draft) +
                     add_poll(node, now_ms, channel, &draft);
  if (first)
    answers += add_missed_order(node, now_ms, channel, &draft);
  unsigned messages = add_messages(node, now_ms, channel, &draft, first);
  if (!answers && !messages)
    return;
  draft.purpose = messages ? NODE_PURPOSE_MESSAGE : NODE_PURPOSE_ACK;
  draft.mode = node_draft_mode(node, now_ms, channel, &draft);
  if (draft.mode < 0)
    return; /* no mode carries even an acknowledgement; a message was not added then */
  node_draft_send(node, now_ms, channel, &draft);
  node->channel[channel].answer_from = messages ? peer : 0;
}
