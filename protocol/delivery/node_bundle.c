/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that reach their recipient through other stations: sealing them, taking custody of them, and giving it
 * on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"

/* Pieces that stopped coming are forgotten when others need the room, or after this. */
#define COLLECTION_MS (2 * INT64_C(3600000))

/* How long an originator waits for a receipt before it sends again: the speed of service asked of the precedence, and
 * for ROUTINE and PRIORITY not less than a hop's longest back-off a few times over; doubled each round. */
static const int64_t patience_ms[PRECEDENCE_COUNT] = {4 * INT64_C(3600000), 3600000, 300000, 60000};
#define PATIENCE_DOUBLINGS_MAX 4

/* Receipts of what went to all.  In a network of up to so many stations all send one, each in its slot: a burst and
 * its acknowledgement.  In a larger one those do that are near, for the way of each crosses the channel around the
 * originator three times, and who is more than JOURNEY_HOPS_MAX away cannot answer at all: 1,000 receipts at once
 * kept the simulated mesh-1000 from everything else for hours. */
#define CROWD_STATIONS 64
#define RECEIPT_SLOT_MS INT64_C(2000)
#define RECEIPT_SLOT_CROWD_MS INT64_C(15000)
/* Of airtime: ten hops of two seconds, as routes count them. */
#define NEAR_AIRTIME_MS 20000

int node_is_crowded(const struct node *node)
{
  return node->config.directory->count > CROWD_STATIONS;
}

int64_t node_receipts_spread_ms(const struct node *node)
{
  return node->config.directory->count * (node_is_crowded(node) ? RECEIPT_SLOT_CROWD_MS : RECEIPT_SLOT_MS);
}

int node_follows_flood(const struct node *node, int64_t now_ms, uint16_t station)
{
  return !node_is_crowded(node) || routes_airtime_ms(node->routes, now_ms, station) <= NEAR_AIRTIME_MS;
}

int64_t node_receipt_patience_ms(const struct node *node, const struct outbox_entry *entry)
{
  unsigned round = entry->journey / JOURNEY_ROUND;
  int64_t spread_ms = entry->is_flooded ? node_receipts_spread_ms(node) : 0;
  return (patience_ms[entry->precedence] << (round < PATIENCE_DOUBLINGS_MAX ? round : PATIENCE_DOUBLINGS_MAX)) +
         spread_ms;
}

static int load_transit(struct node *node, const struct outbox_entry *entry, uint8_t *life,
                        uint8_t content[BUNDLE_MAX])
{
  struct held_bundle bundle;
  int err = node->store.load_bundle(node->store.context, entry->id, entry->recipient, &bundle);
  if (err)
    return err;
  *life = bundle.head.life;
  memcpy(content, bundle.content, bundle.head.len);
  return bundle.head.len;
}

void node_encode_body(const struct node *node, const struct outbox_entry *entry, const struct message *message,
                      int is_stable, struct bit_writer *out)
{
  struct status_report base;
  uint32_t base_counter;
  int has_base = entry->kind == MESSAGE_STATUS && !entry->send_whole && !is_stable &&
                 !node->store.last_acked_report(node->store.context, entry->recipient, &base, &base_counter);
  message_encode_body(message, has_base ? &base : NULL, has_base ? status_base_ref(&base, base_counter) : 0, out);
}

size_t node_bundle_plain(const struct node *node, const struct outbox_entry *entry, const struct message *message,
                         int is_stable, uint8_t plain[BUNDLE_PLAIN_MAX])
{
  struct bit_writer writer;
  bits_writer_init(&writer, plain, BUNDLE_PLAIN_MAX);
  bits_put(&writer, message->kind, 4);
  node_encode_body(node, entry, message, is_stable, &writer);
  bits_put_align(&writer);
  return bits_put_len(&writer);
}

int node_bundle_content(struct node *node, const struct outbox_entry *entry, int is_stable, uint8_t *life,
                        uint8_t content[BUNDLE_MAX])
{
  uint8_t plain[BUNDLE_PLAIN_MAX];
  struct message message;
  if (entry->kind == OUTBOX_TRANSIT)
    return load_transit(node, entry, life, content);
  int err = node->store.load_outgoing(node->store.context, entry->id, &message);
  if (err)
    return err;
  size_t len = node_bundle_plain(node, entry, &message, is_stable, plain);
  *life = message_life(&message);
  struct envelope_label label = {.origin = entry->id.origin,
                                 .dest = entry->recipient,
                                 .counter = entry->id.counter,
                                 .precedence = entry->precedence,
                                 .life = *life};
  err = envelope_seal(node->config.keyring, &label, plain, len, content);
  return err ? err : (int)len + ENVELOPE_OVERHEAD;
}

void node_end_custody(struct node *node, struct outbox_entry *entry)
{
  if (node->store.drop_bundle(node->store.context, entry->id, entry->recipient))
    node_warn(node, "store: the end of custody of %u-%u could not be noted", entry->id.origin, entry->id.counter);
  outbox_remove(&node->outbox, entry);
}

void node_call_off(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  if (entry->kind == OUTBOX_TRANSIT) {
    node_end_custody(node, entry);
    return;
  }
  node_move_delivery(node, now_ms, entry, DELIVERY_CANCELLED);
  outbox_remove(&node->outbox, entry);
}

static size_t count_custody(const struct node *node)
{
  size_t count = 0;
  for (size_t i = 0; i < node->outbox.count; i++)
    count += node->outbox.entry[i].kind == OUTBOX_TRANSIT;
  return count;
}

/* What gives way to a graver message when all room is taken: the least grave, and of these the newest, whose
 * originator will send it again soonest.  Its originator still holds it.  Never FLASH. */
static struct outbox_entry *least_custody(const struct node *node, unsigned precedence)
{
  struct outbox_entry *least = NULL;
  for (size_t i = 0; i < node->outbox.count; i++) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (entry->kind != OUTBOX_TRANSIT || entry->phase != OUTBOX_WAITING || entry->precedence >= precedence)
      continue;
    if (!least || entry->precedence < least->precedence ||
        (entry->precedence == least->precedence && entry->born_ms > least->born_ms))
      least = entry;
  }
  return least;
}

/* Returns 0, or -ENOBUFS when nothing gives way. */
static int make_custody_room(struct node *node, unsigned precedence)
{
  if (count_custody(node) < NODE_CUSTODY_MAX)
    return 0;
  struct outbox_entry *least = least_custody(node, precedence);
  if (!least)
    return -ENOBUFS;
  node_warn(node, "no room: message %u-%u for %u gives way to a graver one; its originator sends it again",
            least->id.origin, least->id.counter, least->recipient);
  node_end_custody(node, least);
  return 0;
}

static int knows_a_way(const struct node *node, const struct arrival *in, const struct bundle_head *head)
{
  struct outbox_entry probe = {.recipient = head->dest,
                               .kind = OUTBOX_TRANSIT,
                               .from = in->frame->source,
                               .precedence = head->precedence,
                               .born_ms = in->reception.now_ms - head->age_min * INT64_C(60000)};
  return node->config.is_mobile || node_choose_path(node, in->reception.now_ms, &probe).hop != STATION_NONE;
}

/* The same bundle may still be here on an earlier journey: the new one takes its place. */
static void replace_entry(struct node *node, const struct bundle_head *head, int64_t born_ms, uint16_t from)
{
  struct outbox_entry *old = outbox_find(&node->outbox, (struct message_id){head->origin, head->counter}, head->dest);
  if (old)
    outbox_remove(&node->outbox, old);
  node_add_bundle_entry(node, head, born_ms, from);
}

static enum ack_code take_custody(struct node *node, const struct arrival *in, const struct bundle_head *head,
                                  const uint8_t *content)
{
  struct held_bundle bundle = {
      .head = *head, .born_ms = in->reception.now_ms - head->age_min * INT64_C(60000), .from = in->frame->source};
  memcpy(bundle.content, content, head->len);
  if (make_custody_room(node, head->precedence) || outbox_make_room(&node->outbox, 1))
    return ACK_TRY_LATER;
  int err = node->store.commit_bundle(node->store.context, &bundle);
  if (err) {
    node_warn(node, "store: message %u-%u for %u could not be stored (error %d); its sender is asked to try later",
              head->origin, head->counter, head->dest, -err);
    return ACK_TRY_LATER;
  }
  replace_entry(node, head, bundle.born_ms, bundle.from);
  return ACK_CUSTODY;
}

/* Returns what the neighbour is answered.  A journey that was here before is a repetition: our answer was lost. */
static enum ack_code consider_custody(struct node *node, const struct arrival *in, const struct bundle_head *head,
                                      const uint8_t *content)
{
  struct message_id id = {head->origin, head->counter};
  int known = node->store.find_journey(node->store.context, id, head->dest);
  if (head->origin == node_self(node) || known >= head->journey)
    return ACK_CUSTODY;
  if (message_life_ms(head->life) <= head->age_min * INT64_C(60000))
    return ACK_EXPIRED;
  if (head->journey % JOURNEY_ROUND == JOURNEY_HOPS_MAX || !directory_find(node->config.directory, head->dest) ||
      !knows_a_way(node, in, head))
    return ACK_NO_ROUTE;
  return take_custody(node, in, head, content);
}

static uint16_t ack_origin(const struct arrival *in, const struct bundle_head *head)
{
  return head->origin == in->frame->source ? STATION_NONE : head->origin;
}

/* A bundle has come whole. */
static void take_content(struct node *node, struct arrival *in, const struct bundle_head *head,
                         const uint8_t *content)
{
  if (head->kind != BUNDLE_SEALED) {
    node_take_flood(node, in, head, content);
    return;
  }
  struct ack ack = {.code = ACK_NO_ROUTE,
                    .counter = (uint16_t)head->counter,
                    .snr_cb = in->reception.snr_cb,
                    .origin = ack_origin(in, head)};
  ack.code = (uint8_t)(head->dest == node_self(node) ? node_open_envelope(node, in, head, content)
                                                     : consider_custody(node, in, head, content));
  node_owe_ack(node, in, &ack);
}

/* Sealed bundles come to one neighbour under the pairwise key, the others to all under the hop key; an order also to
 * one neighbour that does not have the hop key yet. */
static int is_rightly_sent(const struct bundle_head *head, const struct frame *frame)
{
  return (head->kind == BUNDLE_SEALED) == (frame->dest != FRAME_TO_ALL) || head->kind == BUNDLE_ORDER;
}

int node_take_bundle(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
  if (bundle_decode(&head, content, in->frame->source, in->frame->counter, reader) ||
      !is_rightly_sent(&head, in->frame))
    return -EBADMSG;
  take_content(node, in, &head, content);
  return 0;
}

static int is_same_collection(const struct collection *collection, const struct bundle_head *head, uint16_t source)
{
  return collection->head.origin == head->origin && collection->head.counter == head->counter &&
         collection->head.kind == head->kind && collection->head.dest == head->dest &&
         collection->head.len == head->len && collection->head.has_proof == head->has_proof &&
         collection->source == source;
}

/* Finds the collection of this bundle, or begins one in the place of none or the one that waits longest. */
static struct collection *find_collection(struct node *node, int64_t now_ms, const struct bundle_head *head,
                                          uint16_t source)
{
  if (!node->collection)
    node->collection = calloc(COLLECTORS_MAX, sizeof *node->collection);
  if (!node->collection)
    return NULL;
  struct collection *oldest = &node->collection[0];
  for (unsigned i = 0; i < COLLECTORS_MAX; i++) {
    struct collection *collection = &node->collection[i];
    if (is_same_collection(collection, head, source) && now_ms - collection->changed_ms < COLLECTION_MS)
      return collection;
    if (oldest->head.origin && (!collection->head.origin || collection->changed_ms < oldest->changed_ms))
      oldest = collection;
  }
  *oldest = (struct collection){.head = *head, .source = source};
  piece_collector_init(&oldest->pieces, head->len);
  return oldest;
}

/* What is known already needs no pieces: its answer is the same as if it had come whole. */
static int is_known(const struct node *node, const struct bundle_head *head)
{
  struct message_id id = {head->origin, head->counter};
  if (head->kind == BUNDLE_SEALED)
    return head->dest == node_self(node)
               ? node_was_receipted(node, id, head->journey)
               : node->store.find_journey(node->store.context, id, head->dest) >= head->journey;
  const struct flood *flood = floods_find(&node->floods, id);
  return flood && flood->has_proof >= head->has_proof;
}

static void owe_lacks(struct node *node, const struct arrival *in, const struct bundle_head *head, unsigned lacks)
{
  struct ack ack = {.code = ACK_LACKS,
                    .counter = (uint16_t)head->counter,
                    .snr_cb = in->reception.snr_cb,
                    .origin = ack_origin(in, head),
                    .lacks = (uint8_t)lacks};
  if (head->kind == BUNDLE_SEALED)
    node_owe_ack(node, in, &ack);
}

static void take_pieces(struct node *node, struct arrival *in, const struct piece_run *run)
{
  const struct bundle_head *head = &run->head;
  uint16_t source = head->kind == BUNDLE_SEALED ? in->frame->source : STATION_NONE;
  struct collection *collection = find_collection(node, in->reception.now_ms, head, source);
  uint8_t content[BUNDLE_MAX];
  if (!collection)
    return;
  collection->changed_ms = in->reception.now_ms;
  for (unsigned i = 0; i < run->count; i++)
    piece_collector_add(&collection->pieces, run->first + i, run->piece[i]);
  if (piece_collector_read(&collection->pieces, content)) {
    owe_lacks(node, in, head, piece_collector_lacks(&collection->pieces));
    return;
  }
  collection->head.origin = STATION_NONE;
  take_content(node, in, head, content);
}

int node_take_pieces(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  static const uint8_t nothing[BUNDLE_MAX];
  struct piece_run run;
  if (piece_run_decode(&run, in->frame->source, in->frame->counter, reader) || !is_rightly_sent(&run.head, in->frame))
    return -EBADMSG;
  if (is_known(node, &run.head))
    take_content(node, in, &run.head, nothing);
  else
    take_pieces(node, in, &run);
  return 0;
}
