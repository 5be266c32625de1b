/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One station as a pure machine: its life, what people ask of it, and the passing of time. */
#include "protocol/delivery/node.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/delivery/node_impl.h"
#include "protocol/link/frame.h"

/* Counters are reserved in blocks, so that not every frame costs a durable write. */
#define COUNTER_BLOCK 64

/* Head of an item at its longest: 10 bits, far counter, age. */
#define ITEM_HEAD_MAX 8

/* The first beacon waits a little, so that posts whose power returns together do not all speak at once. */
#define FIRST_HELLO_MIN_MS 1000
#define FIRST_HELLO_SPREAD_MS 9000

static const char *const state_names[DELIVERY_STATE_COUNT] = {"queued", "sent",    "delivered", "read",
                                                              "acted",  "refused", "expired",   "cancelled"};

const char *delivery_state_name(unsigned state)
{
  return state < DELIVERY_STATE_COUNT ? state_names[state] : NULL;
}

struct node *node_new(const struct node_config *config, const struct node_store *store, int64_t now_ms)
{
  struct node *node = calloc(1, sizeof *node);
  if (!node || outbox_init(&node->outbox, NODE_OUTBOX_MAX)) {
    free(node);
    return NULL;
  }
  node->config = *config;
  node->store = *store;
  node->next_counter = node->reserved_until = config->first_counter;
  node->random = config->seed | 1;
  node->rejected_warned_ms = INT64_MIN;
  node->started_ms = now_ms;
  peers_init(&node->peers);
  for (size_t i = 0; i < config->channel_count; i++)
    node->channel[i].hello_ms = config->hello_interval_ms ? now_ms : NEVER;
  return node;
}

void node_free(struct node *node)
{
  if (!node)
    return;
  outbox_wipe(&node->outbox);
  free(node);
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
uint32_t node_random(struct node *node, uint32_t below)
{
  node->random ^= node->random >> 12;
  node->random ^= node->random << 25;
  node->random ^= node->random >> 27;
  uint32_t value = (uint32_t)(node->random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
  return below ? value % below : 0;
}

int node_has_room(const struct node *node)
{
  return node->action_count + ACTIONS_SPARE <= ACTIONS_MAX;
}

struct node_action *node_push_action(struct node *node, enum node_action_type type, unsigned channel)
{
  if (node->action_count == ACTIONS_MAX)
    return NULL;
  struct node_action *action = &node->action[(node->action_head + node->action_count++) % ACTIONS_MAX];
  action->type = type;
  action->channel = (uint8_t)channel;
  return action;
}

int node_next_action(struct node *node, struct node_action *out)
{
  if (!node->action_count)
    return 0;
  *out = node->action[node->action_head];
  node->action_head = (node->action_head + 1) % ACTIONS_MAX;
  node->action_count--;
  return 1;
}

void node_warn(struct node *node, const char *format, ...)
{
  struct node_action *action = node_push_action(node, NODE_WARNING, 0);
  if (!action)
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(action->as.warning, sizeof action->as.warning, format, args);
  va_end(args);
}

int node_draw_counter(struct node *node, uint32_t *out)
{
  if (node->next_counter == node->reserved_until) {
    int err = node->store.reserve_counters(node->store.context, node->reserved_until + COUNTER_BLOCK);
    if (err)
      return err;
    node->reserved_until += COUNTER_BLOCK;
  }
  *out = node->next_counter++;
  return 0;
}

/* Bytes of a burst that carries message whole. */
static size_t burst_len(const struct node *node, const struct message *message)
{
  uint8_t body[MESSAGE_BODY_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, body, sizeof body);
  message_encode_body(message, NULL, 0, &writer);
  return frame_len(node->config.keyring->self, ITEM_HEAD_MAX + bits_put_len(&writer), 0);
}

static int some_channel_carries(const struct node *node, size_t len)
{
  for (size_t i = 0; i < node->config.channel_count; i++)
    if (peer_choose_mode(&node->config.channel[i], len, LINK_SNR_UNKNOWN, 0) >= 0)
      return 1;
  return 0;
}

static struct outbox_entry new_entry(const struct node *node, const struct message *message, uint16_t recipient,
                                     uint32_t attempts)
{
  return (struct outbox_entry){.id = message->id,
                               .recipient = recipient,
                               .kind = message->kind,
                               .precedence = message->precedence,
                               .len = (uint16_t)burst_len(node, message),
                               .attempts = attempts,
                               .born_ms = message->born_ms,
                               .expires_ms = message->born_ms + message_lifetime_ms(message),
                               .next_ms = INT64_MIN};
}

int node_restore_delivery(struct node *node, const struct message *message, uint16_t recipient, uint32_t attempts)
{
  struct outbox_entry entry = new_entry(node, message, recipient, attempts);
  if (directory_find(node->config.directory, recipient))
    return outbox_add(&node->outbox, &entry);
  node_warn(node, "station %u is no longer in the directory; message %u-%u to it ends", recipient, message->id.origin,
            message->id.counter);
  node_move_delivery(node, node->started_ms, &entry, DELIVERY_CANCELLED);
  return 0;
}

void node_restore_peer(struct node *node, uint16_t station, uint32_t top_counter)
{
  if (station < 1 || station > STATION_MAX || !top_counter)
    return;
  replay_restore(&node->peers.peer[station].window, top_counter);
  replay_restore(&node->peers.peer[station].hop_window, top_counter);
}

/* Lists the recipients of dest.  Returns their number, 0 if there is none. */
static size_t list_recipients(const struct node *node, uint16_t dest, uint16_t recipients[DIRECTORY_MAX_STATIONS])
{
  const struct directory *directory = node->config.directory;
  size_t count = 0;
  for (unsigned i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    if (number != node->config.keyring->self && (dest == STATION_ALL || dest == number))
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
      taken = ((node->outbox.entry[i].id.counter ^ *out) & 0xffff) == 0;
  } while (taken);
  return err;
}

int node_submit(struct node *node, int64_t now_ms, struct message *message, char *why, size_t why_len)
{
  uint16_t recipients[DIRECTORY_MAX_STATIONS];
  int err = message_check(message, why, why_len);
  if (err)
    return err;
  size_t count = list_recipients(node, message->dest, recipients);
  if (!count)
    return refuse(-ENOENT, why, why_len, "to: no such other station in the directory");
  if (count > node->outbox.size - node->outbox.count)
    return refuse(-ENOBUFS, why, why_len, "the outbox is full: cancel what is no longer needed, or wait");
  if (!some_channel_carries(node, burst_len(node, message)))
    return refuse(-EMSGSIZE, why, why_len, "too long for every channel of this post: shorten the text");
  err = draw_message_counter(node, &message->id.counter);
  if (err)
    return refuse(err, why, why_len, "the store takes no message number: is the disk full?");
  message->id.origin = node->config.keyring->self;
  message->born_ms = now_ms;
  err = node->store.commit_outgoing(node->store.context, message, recipients, count);
  if (err)
    return refuse(err, why, why_len, "the store takes no message: is the disk full?");
  for (size_t i = 0; i < count; i++) {
    struct outbox_entry entry = new_entry(node, message, recipients[i], 0);
    outbox_add(&node->outbox, &entry);
  }
  node_tick(node, now_ms);
  return 0;
}

void node_move_delivery(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state)
{
  int err =
      node->store.commit_delivery(node->store.context, entry->id, entry->recipient, state, entry->attempts, now_ms);
  if (err)
    node_warn(node, "store: delivery %u-%u to %u could not be noted (error %d)", entry->id.origin, entry->id.counter,
              entry->recipient, -err);
  struct node_action *action = node_push_action(node, NODE_DELIVERY, entry->channel);
  if (!action)
    return;
  action->as.delivery.id = entry->id;
  action->as.delivery.recipient = entry->recipient;
  action->as.delivery.state = state;
  action->as.delivery.attempts = entry->attempts;
}

int node_cancel(struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient)
{
  struct outbox_entry *entry = outbox_find(&node->outbox, id, recipient);
  if (!entry)
    return -ENOENT;
  node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
  outbox_remove(&node->outbox, entry);
  return 0;
}

static void expire(struct node *node, int64_t now_ms)
{
  for (size_t i = node->outbox.count; i-- > 0 && node_has_room(node);) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->phase != OUTBOX_WAITING || entry->expires_ms > now_ms)
      continue;
    node_move_delivery(node, now_ms, entry, DELIVERY_EXPIRED);
    outbox_remove(&node->outbox, entry);
  }
}

void node_tick(struct node *node, int64_t now_ms)
{
  expire(node, now_ms);
  for (unsigned i = 0; i < node->config.channel_count; i++)
    node_transmit(node, now_ms, i);
}

int64_t node_deadline(const struct node *node)
{
  int64_t deadline = NEVER;
  for (unsigned i = 0; i < node->config.channel_count; i++) {
    int64_t at = node_channel_deadline(node, i);
    deadline = at < deadline ? at : deadline;
  }
  for (size_t i = 0; i < node->outbox.count; i++)
    if (node->outbox.entry[i].phase == OUTBOX_WAITING && node->outbox.entry[i].expires_ms < deadline)
      deadline = node->outbox.entry[i].expires_ms;
  return deadline;
}

/* Whoever waits for an answer here will call again, and what was sent from here is due again: on another channel if
 * need be. */
static void abandon_channel(struct node *node, int64_t now_ms, unsigned channel)
{
  size_t kept = 0;
  node_send_failed(node, now_ms, channel);
  node_give_up_burst(node, now_ms, channel, 1);
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].channel != channel)
      node->ack[kept++] = node->ack[i];
  node->ack_count = kept;
  node->channel[channel].contending = 0;
}

void node_channel_up(struct node *node, int64_t now_ms, unsigned channel, int up)
{
  struct channel_state *state = &node->channel[channel];
  if (!up)
    abandon_channel(node, now_ms, channel);
  if (up && !state->up && node->config.hello_interval_ms)
    state->hello_ms = now_ms + FIRST_HELLO_MIN_MS + node_random(node, FIRST_HELLO_SPREAD_MS);
  state->up = (uint8_t)up;
  state->busy = 0;
  node_tick(node, now_ms);
}

const struct node_stats *node_stats(const struct node *node)
{
  return &node->stats;
}

int node_explain(const struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient, char *out,
                 size_t size)
{
  const struct outbox_entry *entry = outbox_find(&node->outbox, id, recipient);
  if (!entry)
    return -ENOENT;
  int any_up = 0, any_free = 0;
  for (size_t i = 0; i < node->config.channel_count; i++) {
    any_up |= node->channel[i].up;
    any_free |= node->channel[i].up && !node->channel[i].busy;
  }
  if (!any_up)
    snprintf(out, size, "no channel is up: see \"radioctl channel list\"");
  else if (entry->phase == OUTBOX_WAITING && !any_free)
    snprintf(out, size, "waits for the end of a transmission on the channel");
  else if (entry->phase == OUTBOX_ON_AIR)
    snprintf(out, size, "is being sent");
  else if (entry->phase == OUTBOX_UNANSWERED)
    snprintf(out, size, "waits for acknowledgement");
  else if (entry->next_ms > now_ms)
    snprintf(out, size, "%s, next attempt in %lld s",
             entry->is_held ? "the recipient cannot store it now" : "unanswered so far",
             (long long)((entry->next_ms - now_ms + 999) / 1000));
  else
    snprintf(out, size, "waits for its turn on the channel");
  return 0;
}
