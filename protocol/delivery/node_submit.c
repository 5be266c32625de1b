/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How messages come into the node: filed by people or by the node itself, or restored after a restart. */
#include <errno.h>
#include <stdio.h>

#include "protocol/delivery/node_impl.h"

/* Head of an item at its longest: 10 bits, far counter, age. */
#define ITEM_HEAD_MAX 8
/* A bundle's head and one piece. */
#define PIECE_BURST (FRAME_HEADER_MIN + 1 + SIV_TAG_LONG + BUNDLE_HEAD_MAX + 2 + PIECE_LEN)

static size_t body_len(const struct message *message)
{
  uint8_t body[MESSAGE_BODY_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, body, sizeof body);
  message_encode_body(message, NULL, 0, &writer);
  return bits_put_len(&writer);
}

/* Bytes that one burst must hold: the message in its short form, or a piece of it. */
static size_t smallest_burst(const struct node *node, const struct message *message)
{
  size_t whole = frame_len(node_self(node), ITEM_HEAD_MAX + body_len(message), 0);
  return whole < PIECE_BURST ? whole : PIECE_BURST;
}

static int some_channel_carries(const struct node *node, size_t len)
{
  for (size_t i = 0; i < node->config.channel_count; i++)
    if (peer_choose_mode(&node->config.channel[i], len, LINK_SNR_UNKNOWN, 0) >= 0)
      return 1;
  return 0;
}

/* What is for all goes out as a flood; its entries only wait for receipts. */
static struct outbox_entry new_entry(const struct node *node, const struct message *message, uint16_t recipient,
                                     uint32_t attempts)
{
  struct outbox_entry entry = {.id = message->id,
                               .recipient = recipient,
                               .kind = message->kind,
                               .precedence = message->precedence,
                               .is_flooded = message->dest == STATION_ALL,
                               .len = (uint16_t)body_len(message),
                               .attempts = attempts,
                               .born_ms = message->born_ms,
                               .expires_ms = message->born_ms + message_lifetime_ms(message),
                               .next_ms = INT64_MIN};
  if (entry.is_flooded) {
    entry.phase = OUTBOX_AWAY;
    entry.next_ms = node->now_ms + node_receipt_patience_ms(node, &entry);
  }
  return entry;
}

/* Without it the recipients to which there is a way still get it one by one. */
static void restore_flood(struct node *node, const struct message *message)
{
  if (message->dest != STATION_ALL || floods_find(&node->floods, message->id))
    return;
  if (node_flood_message(node, node->started_ms, message))
    node_warn(node, "store: message %u-%u could not be kept for others; it goes out after a restart",
              message->id.origin, message->id.counter);
}

int node_restore_delivery(struct node *node, const struct message *message, uint16_t recipient,
                          enum delivery_state state, uint32_t attempts)
{
  struct outbox_entry entry = new_entry(node, message, recipient, attempts);
  if (!directory_find(node->config.directory, recipient)) {
    node_warn(node, "station %u is no longer in the directory; message %u-%u to it ends", recipient,
              message->id.origin, message->id.counter);
    node_move_delivery(node, node->started_ms, &entry, DELIVERY_CANCELLED);
    return 0;
  }
  if (message->kind == MESSAGE_ALERT && node_is_superseded(node, message->id)) {
    node_move_delivery(node, node->started_ms, &entry, DELIVERY_CANCELLED);
    return 0;
  }
  if (outbox_make_room(&node->outbox, 1))
    return -ENOMEM;
  if (attempts) /* a repetition under the old journey would be taken for what it may not be */
    entry.journey = JOURNEY_ROUND;
  if (state == DELIVERY_CUSTODY) {
    entry.phase = OUTBOX_AWAY;
    entry.next_ms = node->started_ms + node_receipt_patience_ms(node, &entry);
  }
  outbox_add(&node->outbox, &entry);
  restore_flood(node, message);
  return 0;
}

void node_add_bundle_entry(struct node *node, const struct bundle_head *head, int64_t born_ms, uint16_t from)
{
  struct outbox_entry entry = {.id = {head->origin, head->counter},
                               .recipient = head->dest,
                               .kind = OUTBOX_TRANSIT,
                               .precedence = head->precedence,
                               .journey = (uint8_t)(head->journey + 1),
                               .from = from,
                               .len = head->len,
                               .born_ms = born_ms,
                               .expires_ms = born_ms + message_life_ms(head->life),
                               .next_ms = INT64_MIN};
  outbox_add(&node->outbox, &entry);
}

int node_restore_bundle(struct node *node, const struct bundle_head *head, int64_t born_ms, uint16_t from)
{
  struct held_bundle bundle = {.head = *head, .born_ms = born_ms, .from = from};
  if (head->kind != BUNDLE_SEALED) {
    struct message_id id = {head->origin, head->counter};
    int err = node->store.load_bundle(node->store.context, id, STATION_ALL, &bundle);
    if (!err)
      err = node_start_flood(node, node->started_ms, &bundle);
    if (err == -ESTALE)
      return node->store.drop_bundle(node->store.context, id, STATION_ALL);
    if (!err && head->kind == BUNDLE_ORDER)
      node_restore_orders(node, node->started_ms);
    return err;
  }
  if (outbox_make_room(&node->outbox, 1))
    return -ENOMEM;
  node_add_bundle_entry(node, head, born_ms, from);
  return 0;
}

void node_restore_peer(struct node *node, uint16_t station, uint32_t top_counter)
{
  struct peer *peer = station_is_valid(station) && top_counter ? peers_get(&node->peers, station) : NULL;
  if (!peer)
    return;
  replay_restore(&peer->window, top_counter);
  replay_restore(&peer->hop_window, top_counter);
}

/* Lists the recipients of dest.  Returns their number, 0 if there is none. */
static size_t list_recipients(const struct node *node, uint16_t dest, uint16_t recipients[DIRECTORY_MAX_STATIONS])
{
  const struct directory *directory = node->config.directory;
  size_t count = 0;
  for (unsigned i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    if (number != node_self(node) && (dest == STATION_ALL || dest == number))
      recipients[count++] = number;
  }
  return count;
}

static int refuse(int err, char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return err;
}

/* Draws the number of a new message.  Acknowledgements name its low 16 bits: no two that wait may share them. */
static int draw_message_counter(struct node *node, uint32_t *out)
{
  int err, taken;
  do {
    err = node_draw_counter(node, out);
    taken = 0;
    for (size_t i = 0; i < node->outbox.count && !err && !taken; i++)
      taken = node->outbox.entry[i].id.origin == node_self(node) &&
              ((node->outbox.entry[i].id.counter ^ *out) & 0xffff) == 0;
  } while (taken);
  return err;
}

/* Own messages that wait; one for all counts once, or an alert in a large network could not be raised at all. */
static size_t count_own(const struct node *node)
{
  size_t count = 0;
  for (size_t i = 0; i < node->outbox.count; i++) {
    const struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->kind != OUTBOX_TRANSIT && !entry->is_flooded)
      count++;
  }
  return count + node->floods.count;
}

static int file_message(struct node *node, int64_t now_ms, struct message *message, const uint16_t *recipients,
                        size_t count, char *why, size_t why_len)
{
  int err = outbox_make_room(&node->outbox, count);
  if (err)
    return refuse(err, why, why_len, "out of memory");
  err = draw_message_counter(node, &message->id.counter);
  if (err)
    return refuse(err, why, why_len, "the store takes no message number: is the disk full?");
  message->id.origin = node_self(node);
  message->born_ms = node->now_ms = now_ms;
  err = node->store.commit_outgoing(node->store.context, message, recipients, count);
  if (err)
    return refuse(err, why, why_len, "the store takes no message: is the disk full?");
  for (size_t i = 0; i < count; i++) {
    struct outbox_entry entry = new_entry(node, message, recipients[i], 0);
    outbox_add(&node->outbox, &entry);
  }
  if (message->dest == STATION_ALL && node_flood_message(node, now_ms, message))
    node_warn(node, "store: message %u-%u could not be kept for others; it goes out after a restart",
              message->id.origin, message->id.counter);
  return 0;
}

int node_check_message(const struct node *node, const struct message *message,
                       uint16_t recipients[DIRECTORY_MAX_STATIONS], size_t *count, char *why, size_t why_len)
{
  int err = message_check(message, why, why_len);
  if (err)
    return err;
  *count = list_recipients(node, message->dest, recipients);
  if (message->dest == STATION_ALL && message->precedence == FLASH && !node_is_coordinator(node, node_self(node)))
    return refuse(-EPERM, why, why_len, "precedence: only a coordinator may send a FLASH to all");
  if (!*count)
    return refuse(-ENOENT, why, why_len, "to: no such other station in the directory");
  size_t entries = message->dest == STATION_ALL ? 1 : *count;
  if (count_own(node) + entries > NODE_OUTBOX_MAX)
    return refuse(-ENOBUFS, why, why_len, "the outbox is full: cancel what is no longer needed, or wait");
  if (!some_channel_carries(node, smallest_burst(node, message)))
    return refuse(-EMSGSIZE, why, why_len, "no channel of this post carries even a piece of a message");
  return 0;
}

int node_submit(struct node *node, int64_t now_ms, struct message *message, char *why, size_t why_len)
{
  uint16_t recipients[DIRECTORY_MAX_STATIONS];
  size_t count = 0;
  int err = node_check_message(node, message, recipients, &count, why, why_len);
  if (err)
    return err;
  err = file_message(node, now_ms, message, recipients, count, why, why_len);
  if (!err)
    node_tick(node, now_ms);
  return err;
}

int node_submit_own(struct node *node, int64_t now_ms, struct message *message)
{
  char why[NODE_TEXT_MAX];
  if (!directory_find(node->config.directory, message->dest))
    return -ENOENT;
  return file_message(node, now_ms, message, &message->dest, 1, why, sizeof why);
}

int node_cancel(struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient)
{
  struct outbox_entry *entry = outbox_find(&node->outbox, id, recipient);
  if (!entry || entry->kind == OUTBOX_TRANSIT)
    return -ENOENT;
  node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
  outbox_remove(&node->outbox, entry);
  return 0;
}
