/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bursts for all: a message, an order or the time, and the list of what this station holds. */
#include <string.h>

#include "protocol/delivery/node_impl.h"

/* The originator waits a little before it says a grave message again. */
#define REPEAT_MS 7000
#define REPEAT_SPREAD_MS 4000
/* Of so many pieces that are needed, one more is sent. */
#define PIECES_A_SPARE 4
#define STUCK_PAUSE_MS 10000

static enum node_purpose purpose_of(const struct flood *flood)
{
  return flood->kind == BUNDLE_ALERT ? NODE_PURPOSE_FLOOD : NODE_PURPOSE_KEYS;
}

static int load(struct node *node, int64_t now_ms, const struct flood *flood, struct held_bundle *out)
{
  if (flood->kind != BUNDLE_TIME)
    return node->store.load_bundle(node->store.context, flood->id, STATION_ALL, out);
  node_write_time(node, now_ms, out);
  return 0;
}

/* An alert without its signature, which follows: the alarm sounds at once, and the next stations pass it on. */
static int draft_unproven(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                          const struct held_bundle *bundle)
{
  struct held_bundle bare = *bundle;
  if (bundle->head.kind != BUNDLE_ALERT || !bundle->head.has_proof || bundle->head.precedence < IMMEDIATE)
    return 0;
  bare.head.has_proof = 0;
  bare.head.len = (uint16_t)(bare.head.len - PROOF_LEN);
  return node_draft_bundle(node, now_ms, channel, draft, &bare, BURST_WHOLE_LIMIT_US);
}

/* Only a FLASH is so urgent that two bursts are better than one. */
static int is_much_shorter(const struct node *node, unsigned channel, const struct draft *draft,
                           const struct draft *whole, const struct flood *flood)
{
  return flood->precedence == FLASH && (uint64_t)node_draft_airtime_us(node, channel, draft) * 10 <=
                                           (uint64_t)node_draft_airtime_us(node, channel, whole) * 6;
}

static int draft_proof(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                       const struct held_bundle *bundle)
{
  struct proof_item item = {.origin = bundle->head.origin, .counter = bundle->head.counter};
  memcpy(item.proof, bundle->content + bundle->head.len - PROOF_LEN, PROOF_LEN);
  proof_item_encode(&item, draft->frame.source, draft->frame.counter, &draft->writer);
  draft->short_ok = 0;
  return node_draft_fits(node, now_ms, channel, draft, UINT32_MAX);
}

static int draft_some_pieces(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                             struct flood *flood, const struct held_bundle *bundle)
{
  struct flood_turn *turn = &flood->turn[channel];
  unsigned needed = pieces_needed(bundle->head.len);
  if (!turn->left)
    turn->left = (uint8_t)(needed + needed / PIECES_A_SPARE + 1);
  unsigned sent = node_draft_pieces(node, now_ms, channel, draft, bundle, flood->piece, turn->left, BURST_LIMIT_US);
  turn->left = (uint8_t)(turn->left - sent);
  flood->piece = (uint8_t)(flood->piece + sent); /* 255 is followed by 0 */
  return sent > 0;
}

int node_draft_flood(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                     struct flood *flood, const struct held_bundle *bundle)
{
  struct flood_turn *turn = &flood->turn[channel];
  if (turn->left == FLOOD_PROOF_LEFT) {
    turn->left = 0;
    return draft_proof(node, now_ms, channel, draft, bundle);
  }
  if (turn->left)
    return draft_some_pieces(node, now_ms, channel, draft, flood, bundle);
  struct draft whole;
  node_draft_copy(&whole, draft);
  int fits = node_draft_bundle(node, now_ms, channel, &whole, bundle, BURST_WHOLE_LIMIT_US);
  int saves = draft_unproven(node, now_ms, channel, draft, bundle) &&
              (!fits || is_much_shorter(node, channel, draft, &whole, flood));
  if (saves) {
    turn->left = FLOOD_PROOF_LEFT;
    return 1;
  }
  if (fits) {
    node_draft_copy(draft, &whole);
    turn->is_bare = !flood->has_proof;
    return 1;
  }
  return draft_some_pieces(node, now_ms, channel, draft, flood, bundle);
}

static void end_turn(struct node *node, int64_t now_ms, struct flood_turn *turn)
{
  if (turn->left) {
    turn->next_ms = now_ms;
    return;
  }
  turn->next_ms = turn->repeats ? now_ms + REPEAT_MS + node_random(node, REPEAT_SPREAD_MS) : NEVER;
  turn->repeats = (uint8_t)(turn->repeats - (turn->repeats > 0));
}

/* Non-zero while a station that is heard on the channel is not known to have it, nor hears one who was heard sending
 * it; also when none is heard at all. */
static int is_needed(const struct node *node, int64_t now_ms, unsigned channel, const struct flood *flood)
{
  const struct directory *directory = node->config.directory;
  unsigned heard = 0;
  for (uint16_t i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    if (!node_is_neighbour(node, now_ms, channel, number))
      continue;
    heard++;
    if (!flood_has(flood, number) && !flood_is_presumed(flood, number))
      return 1;
  }
  return !heard;
}

struct flood *node_next_flood(struct node *node, int64_t now_ms, unsigned channel)
{
  for (;;) {
    struct flood *flood = floods_next(&node->floods, now_ms, channel);
    if (!flood || flood->turn[channel].left || is_needed(node, now_ms, channel, flood))
      return flood;
    flood->turn[channel].next_ms = NEVER;
  }
}

void node_send_flood(struct node *node, int64_t now_ms, unsigned channel, struct flood *flood)
{
  struct held_bundle bundle;
  struct draft draft;
  if (load(node, now_ms, flood, &bundle)) {
    flood->turn[channel].next_ms = now_ms + STUCK_PAUSE_MS;
    return;
  }
  if (node_draft_begin(node, now_ms, channel, &draft, FRAME_TO_ALL))
    return;
  draft.purpose = purpose_of(flood);
  if (!node_draft_flood(node, now_ms, channel, &draft, flood, &bundle)) {
    flood->turn[channel].next_ms = NEVER; /* no mode of the channel carries even a piece */
    return;
  }
  end_turn(node, now_ms, &flood->turn[channel]);
  node_draft_send(node, now_ms, channel, &draft);
}

void node_send_list(struct node *node, int64_t now_ms, unsigned channel)
{
  struct channel_state *state = &node->channel[channel];
  struct bundle_list list;
  struct draft draft;
  state->list_ms = NEVER;
  if (node_draft_begin(node, now_ms, channel, &draft, FRAME_TO_ALL))
    return;
  floods_list(&node->floods, now_ms, &list);
  bundle_list_encode(&list, &draft.writer);
  bits_put_align(&draft.writer);
  draft.short_ok = 0;
  draft.purpose = NODE_PURPOSE_ROUTING;
  while (!node_draft_fits(node, now_ms, channel, &draft, BURST_LIMIT_US) && list.count) {
    list.count /= 2;
    list.is_complete = 0;
    bits_writer_init(&draft.writer, draft.frame.plain, sizeof draft.frame.plain);
    bundle_list_encode(&list, &draft.writer);
    bits_put_align(&draft.writer);
  }
  if (draft.mode < 0)
    return;
  trickle_charge(&state->trickle, now_ms, node_draft_airtime_us(node, channel, &draft) / 1000);
  node_draft_send(node, now_ms, channel, &draft);
}
