/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A station restored from an old backup counts from where it was: its neighbours tell it, and it goes on above. */
#include <errno.h>
#include <stdio.h>

#include "protocol/delivery/node_impl.h"

/* A station is told at most so often: whoever plays back its old frames must not make us speak all day. */
#define TELL_MS 60000
/* A neighbour's word raises the own counter by no more than this at once, and so often at most: a stolen station
 * shall not use up our numbers. */
#define RAISE_MAX (UINT32_C(1) << 20)
#define RAISE_EVERY_MS 600000
/* Frames of ours that a notice may speak of. */
#define ECHO_BACK 64

void node_note_behind(struct node *node, int64_t now_ms, unsigned channel, const struct frame *frame)
{
  struct peer *peer = node->peers.peer[frame->source];
  if (!peer || frame->dest == FRAME_TO_ALL || !replay_is_behind(&peer->window, frame->counter))
    return;
  if (node->notice.peer || (peer->counter_told_ms != PEER_NEVER && now_ms - peer->counter_told_ms < TELL_MS))
    return;
  peer->counter_told_ms = now_ms;
  node->notice = (struct owed_notice){.peer = frame->source,
                                      .channel = (uint8_t)channel,
                                      .echo = (uint16_t)frame->counter,
                                      .counter = peer->window.top,
                                      .due_ms = now_ms + node->config.channel[channel].answer_guard_ms};
}

/* Its number may have been another message's before: recipients would take it for a repetition and drop it. */
static void file_again(struct node *node, int64_t now_ms, struct message_id old)
{
  struct message message;
  struct outbox_entry *entry;
  uint16_t recipient = STATION_NONE;
  int err = node->store.load_outgoing(node->store.context, old, &message);
  for (size_t i = node->outbox.count; i-- > 0;) {
    entry = &node->outbox.entry[i];
    if (entry->id.origin != old.origin || entry->id.counter != old.counter)
      continue;
    recipient = entry->recipient;
    node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
    outbox_remove(&node->outbox, entry);
  }
  char why[NODE_TEXT_MAX] = "the store does not give it back";
  if (!err) {
    message.dest = message.dest == STATION_ALL ? STATION_ALL : recipient;
    err = node_submit(node, now_ms, &message, why, sizeof why);
  }
  if (err)
    node_warn(node, "message %u-%u could not be filed again: %s", old.origin, old.counter, why);
}

/* What was filed in this life under numbers that had been used before. */
static void file_all_again(struct node *node, int64_t now_ms, uint32_t upto)
{
  struct outbox_entry *entry;
  do {
    entry = NULL;
    for (size_t i = 0; i < node->outbox.count && !entry; i++) {
      struct outbox_entry *at = &node->outbox.entry[i];
      if (at->kind != OUTBOX_TRANSIT && at->id.counter >= node->first_counter && at->id.counter <= upto)
        entry = at;
    }
    if (entry)
      file_again(node, now_ms, entry->id);
  } while (entry);
}

static int is_credible(const struct node *node, int64_t now_ms, const struct counter_item *item)
{
  uint32_t newest = node->next_counter - 1;
  if (item->counter < node->next_counter || item->counter - newest > RAISE_MAX)
    return 0;
  if ((uint16_t)(newest - item->echo) > ECHO_BACK)
    return 0;
  return node->counter_raised_ms == INT64_MIN || now_ms - node->counter_raised_ms >= RAISE_EVERY_MS;
}

int node_take_counter(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct counter_item item;
  int64_t now_ms = in->reception.now_ms;
  if (counter_item_decode(&item, reader))
    return -EBADMSG;
  if (!is_credible(node, now_ms, &item) ||
      node->store.reserve_counters(node->store.context, item.counter + 1 + COUNTER_BLOCK))
    return 0;
  node_warn(node,
            "station %u has heard us count to %u: this post was restored from an old backup, or is not alone; "
            "it goes on above",
            in->frame->source, item.counter);
  node->counter_raised_ms = now_ms;
  node->next_counter = item.counter + 1;
  node->reserved_until = item.counter + 1 + COUNTER_BLOCK;
  file_all_again(node, now_ms, item.counter);
  return 0;
}
