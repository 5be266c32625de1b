/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages for all, orders and the time: taking them, passing them on as far as others need it, and ending them. */
#include <errno.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"

/* A relay waits up to so long beyond its place before it repeats, so that it may hear others do so first. */
static const uint32_t relay_spread_ms[PRECEDENCE_COUNT] = {20000, 10000, 2000, 600};
/* Copies heard, the first included, that make one's own needless. */
static const uint8_t relay_enough[PRECEDENCE_COUNT] = {2, 2, 2, 3};
/* The originator says it so often again, while somebody near is not known to have it. */
static const uint8_t origin_repeats[PRECEDENCE_COUNT] = {0, 0, 1, 2};
/* Whoever was found to lack something gets it from one of those who heard so. */
static const uint32_t repair_spread_ms[PRECEDENCE_COUNT] = {30000, 15000, 8000, 4000};
#define REPAIR_ENOUGH 1
#define NEVER_ENOUGH UINT8_MAX
#define TIME_LIFE_MS 600000

static struct message_id id_of(const struct bundle_head *head)
{
  return (struct message_id){head->origin, head->counter};
}

/* Orders and the time are refused unless they are. */
static int is_proven(const struct bundle_head *head)
{
  return head->kind != BUNDLE_ALERT || head->has_proof;
}

static size_t body_len(const struct bundle_head *head)
{
  return head->len - (head->has_proof ? PROOF_LEN : 0u);
}

/* Reads the message in the content of a BUNDLE_ALERT.  Returns 0 or a negative errno code. */
static int read_message(const struct node *node, const struct held_bundle *bundle, struct message *out)
{
  const struct bundle_head *head = &bundle->head;
  char why[NODE_TEXT_MAX];
  struct bit_reader reader;
  if (head->has_proof && head->len <= PROOF_LEN)
    return -EBADMSG;
  bits_reader_init(&reader, bundle->content, body_len(head));
  struct message message = {.id = id_of(head),
                            .dest = STATION_ALL,
                            .kind = (uint8_t)bits_get(&reader, 4),
                            .precedence = head->precedence,
                            .is_unproven = !head->has_proof,
                            .born_ms = bundle->born_ms};
  if (message.kind != MESSAGE_ALERT && message.kind != MESSAGE_TEXT && message.kind != MESSAGE_STATUS)
    return -EBADMSG;
  int err = message_decode_body(&message, &reader, NULL, NULL);
  if (!err)
    err = message_check(&message, why, sizeof why);
  if (!err && head->precedence == FLASH && !node_is_coordinator(node, head->origin))
    err = -EPERM;
  if (!err)
    *out = message;
  return err;
}

static struct proof_label label_of(const struct bundle_head *head)
{
  return (struct proof_label){PROOF_ALERT, head->origin, head->counter, head->precedence};
}

static int proof_holds(const struct node *node, const struct bundle_head *head, const uint8_t *content)
{
  struct proof_label label = label_of(head);
  size_t len = body_len(head);
  return !proof_check(node->config.directory, &label, content, len, content + len);
}

static int64_t expiry_of(const struct node *node, const struct held_bundle *bundle)
{
  struct message message;
  if (bundle->head.kind == BUNDLE_TIME)
    return bundle->born_ms + TIME_LIFE_MS;
  if (bundle->head.kind == BUNDLE_ORDER)
    return bundle->born_ms + message_life_ms(bundle->head.life);
  return read_message(node, bundle, &message) ? INT64_MIN : bundle->born_ms + message_lifetime_ms(&message);
}

void node_end_flood(struct node *node, struct flood *flood)
{
  if (flood->kind != BUNDLE_TIME && node->store.drop_bundle(node->store.context, flood->id, STATION_ALL))
    node_warn(node, "store: the end of %u-%u could not be noted", flood->id.origin, flood->id.counter);
  floods_remove(&node->floods, flood);
}

void node_expire_floods(struct node *node, int64_t now_ms)
{
  for (size_t i = node->floods.count; i-- > 0;)
    if (node->floods.flood[i].expires_ms <= now_ms)
      node_end_flood(node, &node->floods.flood[i]);
}

void node_end_floods_of(struct node *node, uint16_t station)
{
  for (size_t i = node->floods.count; i-- > 0;)
    if (node->floods.flood[i].id.origin == station && node->floods.flood[i].kind != BUNDLE_ORDER)
      node_end_flood(node, &node->floods.flood[i]);
}

/* Returns 0, or -ENOBUFS when nothing gives way. */
static int make_room(struct node *node, const struct bundle_head *head)
{
  if (node->floods.count < FLOODS_MAX)
    return 0;
  struct flood *least = floods_least(&node->floods, head->precedence, is_proven(head));
  if (!least)
    return -ENOBUFS;
  node_warn(node, "no room: %u-%u for all is no longer kept here for others", least->id.origin, least->id.counter);
  node_end_flood(node, least);
  return 0;
}

static void set_turn(struct node *node, int64_t now_ms, struct flood_turn *turn, uint32_t spread_ms, uint8_t enough,
                     uint8_t repeats)
{
  turn->next_ms = now_ms + node_random(node, spread_ms);
  turn->copies = 0;
  turn->enough = enough;
  turn->repeats = repeats;
  turn->left = 0;
}

void node_schedule_flood(struct node *node, int64_t now_ms, struct flood *flood)
{
  int is_own = flood->id.origin == node_self(node);
  for (unsigned i = 0; i < node->config.channel_count; i++)
    set_turn(node, now_ms, &flood->turn[i], is_own ? 0 : relay_spread_ms[flood->precedence],
             is_own ? NEVER_ENOUGH : relay_enough[flood->precedence], is_own ? origin_repeats[flood->precedence] : 0);
}

static void heed(struct node *node, int64_t now_ms, struct flood *flood, const struct held_bundle *bundle)
{
  struct message message;
  if (flood->kind == BUNDLE_ALERT && !read_message(node, bundle, &message))
    node_heed_reference(node, now_ms, flood, &message);
}

int node_start_flood(struct node *node, int64_t now_ms, const struct held_bundle *bundle)
{
  const struct bundle_head *head = &bundle->head;
  int64_t expires_ms = expiry_of(node, bundle);
  if (expires_ms <= now_ms)
    return -ESTALE;
  if (node_is_superseded(node, id_of(head)))
    return -ESTALE;
  struct flood *flood = make_room(node, head) ? NULL : floods_add(&node->floods);
  if (!flood)
    return -ENOBUFS;
  flood->id = id_of(head);
  flood->kind = head->kind;
  flood->precedence = head->precedence;
  flood->has_proof = (uint8_t)is_proven(head);
  flood->life = head->life;
  flood->len = head->len;
  flood->born_ms = bundle->born_ms;
  flood->expires_ms = expires_ms;
  flood_set_has(flood, head->origin, 1);
  flood_set_has(flood, bundle->from, 1);
  /* Each station begins elsewhere, so that who hears two of them hears different pieces. */
  flood->piece = (uint8_t)(head->origin == node_self(node) ? 0 : node_random(node, PIECE_INDEX_MAX));
  node_schedule_flood(node, now_ms, flood);
  heed(node, now_ms, flood, bundle);
  return 0;
}

/* Its time is over, but it shall be known when it comes again. */
static int remember(struct node *node, const struct held_bundle *bundle)
{
  int err = node->store.commit_bundle(node->store.context, bundle);
  if (!err)
    err = node->store.drop_bundle(node->store.context, id_of(&bundle->head), STATION_ALL);
  return err ? err : -ESTALE;
}

int node_keep_flood(struct node *node, int64_t now_ms, const struct held_bundle *bundle)
{
  struct held_bundle kept = *bundle;
  kept.head.journey = (uint8_t)is_proven(&bundle->head);
  if (expiry_of(node, bundle) <= now_ms || node_is_superseded(node, id_of(&bundle->head)))
    return remember(node, &kept);
  int err = make_room(node, &bundle->head);
  if (!err)
    err = node->store.commit_bundle(node->store.context, &kept);
  return err ? err : node_start_flood(node, now_ms, bundle);
}

static int concerns_us(const struct node *node, const struct message *message)
{
  const struct directory_entry *own = directory_find(node->config.directory, node_self(node));
  return message->kind != MESSAGE_ALERT || !own ||
         alert_concerns(&message->body.alert, own->number, own->sector, own->department);
}

/* The receipt waits for its turn among those of all others, or rides along with something else before. */
static void send_receipt(struct node *node, int64_t now_ms, const struct message *message, enum receipt_step step)
{
  struct message receipt = {.kind = MESSAGE_RECEIPT,
                            .dest = message->id.origin,
                            .precedence = node_is_crowded(node)            ? ROUTINE
                                          : message->precedence > PRIORITY ? IMMEDIATE
                                                                           : PRIORITY,
                            .body.receipt = {.step = (uint8_t)step, .ref_counter = message->id.counter}};
  if (!concerns_us(node, message) || !node_follows_flood(node, now_ms, message->id.origin) ||
      node_submit_own(node, now_ms, &receipt))
    return;
  struct outbox_entry *entry = outbox_find(&node->outbox, receipt.id, receipt.dest);
  entry->next_ms = now_ms + node_random(node, (uint32_t)node_receipts_spread_ms(node));
}

void node_write_flood(const struct node *node, const struct message *message, struct held_bundle *out)
{
  struct bit_writer writer;
  *out = (struct held_bundle){.head = {.kind = BUNDLE_ALERT,
                                       .precedence = message->precedence,
                                       .has_proof = 1,
                                       .origin = message->id.origin,
                                       .dest = STATION_ALL,
                                       .counter = message->id.counter},
                              .born_ms = message->born_ms,
                              .from = node_self(node)};
  bits_writer_init(&writer, out->content, sizeof out->content - PROOF_LEN);
  bits_put(&writer, message->kind, 4);
  message_encode_body(message, NULL, 0, &writer);
  bits_put_align(&writer);
  out->head.len = (uint16_t)(bits_put_len(&writer) + PROOF_LEN);
}

int node_flood_message(struct node *node, int64_t now_ms, const struct message *message)
{
  struct held_bundle bundle;
  node_write_flood(node, message, &bundle);
  struct proof_label label = label_of(&bundle.head);
  size_t len = body_len(&bundle.head);
  proof_make(node->config.keyring, &label, bundle.content, len, bundle.content + len);
  int err = node_keep_flood(node, now_ms, &bundle);
  return err == -ESTALE ? 0 : err; /* restored too late: its deliveries expire */
}

static void tell_proven(struct node *node, struct message_id id)
{
  struct node_action *action = node_push_action(node, NODE_PROVEN, 0);
  if (action)
    action->as.proven = id;
}

/* What was stored before under this number may have been forged, and have ended here since. */
static void keep_proven(struct node *node, const struct message *message)
{
  if (!message->is_unproven && !node->store.prove_received(node->store.context, message))
    tell_proven(node, message->id);
}

static void take_new_message(struct node *node, struct arrival *in, const struct held_bundle *bundle)
{
  int64_t now_ms = in->reception.now_ms;
  struct message message;
  if (bundle->head.has_proof &&
      (bundle->head.len <= PROOF_LEN || !proof_holds(node, &bundle->head, bundle->content))) {
    node_warn(node, "alert %u-%u: its signature is not that of station %u; refused", bundle->head.origin,
              bundle->head.counter, bundle->head.origin);
    return;
  }
  if (read_message(node, bundle, &message)) {
    node->stats.frames_malformed++;
    return;
  }
  /* Nobody needs to be alarmed by what is neither proven nor true any more. */
  if (message.is_unproven && expiry_of(node, bundle) <= now_ms)
    return;
  enum ack_code code = node_keep_message(node, in, &message);
  if (code == ACK_TRY_LATER)
    return;
  keep_proven(node, &message);
  int err = node_keep_flood(node, now_ms, bundle);
  if (err && err != -ESTALE)
    return;
  send_receipt(node, now_ms, &message, code == ACK_EXPIRED ? RECEIPT_EXPIRED : RECEIPT_RECEIVED);
}

static void take_new(struct node *node, struct arrival *in, const struct bundle_head *head, const uint8_t *content)
{
  struct held_bundle bundle = {
      .head = *head, .born_ms = in->reception.now_ms - head->age_min * INT64_C(60000), .from = in->frame->source};
  memcpy(bundle.content, content, head->len);
  if (head->kind == BUNDLE_TIME)
    node_take_time(node, in, &bundle);
  else if (head->kind == BUNDLE_ORDER)
    node_take_order(node, in->reception.now_ms, &bundle);
  else
    take_new_message(node, in, &bundle);
}

/* Where it went out from here without its proof, that follows. */
static void send_proof_on(struct node *node, int64_t now_ms, struct flood *flood)
{
  for (unsigned i = 0; i < node->config.channel_count; i++) {
    struct flood_turn *turn = &flood->turn[i];
    if (!turn->is_bare)
      continue;
    set_turn(node, now_ms + node_flood_delay_ms(node, now_ms, i, flood), turn, relay_spread_ms[flood->precedence],
             relay_enough[flood->precedence], 0);
    turn->is_bare = 0;
    turn->left = FLOOD_PROOF_LEFT;
  }
}

/* The signature has come for what was shown as not proven.  content: the body, then the proof. */
static void prove(struct node *node, int64_t now_ms, struct flood *flood, struct held_bundle *bundle)
{
  struct message message;
  bundle->head.journey = 1;
  if (!proof_holds(node, &bundle->head, bundle->content) || read_message(node, bundle, &message) ||
      node->store.commit_bundle(node->store.context, bundle) ||
      node->store.prove_received(node->store.context, &message))
    return;
  flood->has_proof = 1;
  flood->len = bundle->head.len;
  flood->expires_ms = expiry_of(node, bundle);
  send_proof_on(node, now_ms, flood);
  tell_proven(node, message.id);
  node_heed_reference(node, now_ms, flood, &message);
}

/* Who hears the sender on this channel has it now, most likely; and so has who is near on the channel, if its beacons
 * did not say yet whom it hears. */
static void presume(struct node *node, const struct arrival *in, struct flood *flood)
{
  const struct directory *directory = node->config.directory;
  unsigned channel = in->reception.channel;
  for (uint16_t i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    const struct peer_link *link = &peers_look(&node->peers, number)->link[channel];
    int is_unknown = link->hears_ms == PEER_NEVER && node_is_neighbour(node, in->reception.now_ms, channel, number);
    if (is_unknown || peer_link_hears(link, in->frame->source))
      flood_presume(flood, number);
  }
}

static void take_copy(struct node *node, struct arrival *in, struct flood *flood, const struct bundle_head *head,
                      const uint8_t *content)
{
  struct flood_turn *turn = &flood->turn[in->reception.channel];
  int is_new_source = !flood_has(flood, in->frame->source) || turn->enough == REPAIR_ENOUGH;
  flood_set_has(flood, in->frame->source, 1);
  presume(node, in, flood);
  turn->copies = (uint8_t)(turn->copies + (is_new_source && turn->copies < UINT8_MAX));
  if (turn->copies >= turn->enough)
    turn->next_ms = NEVER;
  if (flood->has_proof || !head->has_proof || head->len <= PROOF_LEN)
    return;
  struct held_bundle bundle = {.head = *head, .born_ms = flood->born_ms, .from = in->frame->source};
  memcpy(bundle.content, content, head->len);
  prove(node, in->reception.now_ms, flood, &bundle);
}

static void take_places(struct node *node, int64_t now_ms, struct flood *flood)
{
  for (unsigned i = 0; i < node->config.channel_count; i++)
    flood->turn[i].next_ms =
        now_ms + node_flood_delay_ms(node, now_ms, i, flood) + node_random(node, relay_spread_ms[flood->precedence]);
}

void node_take_flood(struct node *node, struct arrival *in, const struct bundle_head *head, const uint8_t *content)
{
  struct message_id id = id_of(head);
  struct flood *flood = floods_find(&node->floods, id);
  if (flood) {
    take_copy(node, in, flood, head, content);
    return;
  }
  if (head->origin == node_self(node) ||
      node->store.find_journey(node->store.context, id, STATION_ALL) >= is_proven(head) ||
      node_is_superseded(node, id)) {
    floods_note_gone(&node->floods, (struct bundle_name){id.origin, (uint16_t)id.counter});
    return;
  }
  take_new(node, in, head, content);
  flood = floods_find(&node->floods, id);
  if (!flood)
    return;
  flood->turn[in->reception.channel].copies = 1;
  presume(node, in, flood);
  take_places(node, in->reception.now_ms, flood);
  node_reset_beacons(node, in->reception.now_ms);
}

/* Others pass the proof on as well. */
static void count_proof(struct flood_turn *turn)
{
  if (turn->left != FLOOD_PROOF_LEFT || ++turn->copies < turn->enough)
    return;
  turn->left = 0;
  turn->next_ms = NEVER;
}

int node_take_proof(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct proof_item item;
  struct held_bundle bundle;
  if (proof_item_decode(&item, in->frame->source, in->frame->counter, reader))
    return -EBADMSG;
  struct message_id id = {item.origin, item.counter};
  struct flood *flood = floods_find(&node->floods, id);
  if (flood && flood->has_proof)
    count_proof(&flood->turn[in->reception.channel]);
  if (!flood || flood->has_proof || node->store.load_bundle(node->store.context, id, STATION_ALL, &bundle) ||
      bundle.head.len + PROOF_LEN > BUNDLE_MAX)
    return 0;
  memcpy(bundle.content + bundle.head.len, item.proof, PROOF_LEN);
  bundle.head.len = (uint16_t)(bundle.head.len + PROOF_LEN);
  bundle.head.has_proof = 1;
  prove(node, in->reception.now_ms, flood, &bundle);
  return 0;
}

/* A neighbour lacks this: one of those who heard so sends it. */
static void repair(struct node *node, int64_t now_ms, unsigned channel, uint16_t station, struct flood *flood)
{
  struct flood_turn *turn = &flood->turn[channel];
  flood_set_has(flood, station, 0);
  if (turn->next_ms == NEVER)
    set_turn(node, now_ms, turn, repair_spread_ms[flood->precedence], REPAIR_ENOUGH, 0);
}

void node_repeat_flood(struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient)
{
  struct flood *flood = floods_find(&node->floods, id);
  for (unsigned i = 0; flood && i < node->config.channel_count; i++)
    repair(node, now_ms, i, recipient, flood);
}

static int list_holds(const struct bundle_list *list, const struct flood *flood)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->name[i].origin == flood->id.origin && list->name[i].counter_low == (uint16_t)flood->id.counter)
      return 1;
  return 0;
}

/* Returns how many of ours the list's sender lacks. */
static unsigned give_what_lacks(struct node *node, const struct arrival *in, const struct bundle_list *list)
{
  unsigned lacks = 0;
  for (size_t i = 0; i < node->floods.count; i++) {
    struct flood *flood = &node->floods.flood[i];
    if (!flood_is_listed(flood, in->reception.now_ms))
      continue;
    if (list_holds(list, flood)) {
      flood_set_has(flood, in->frame->source, 1);
    } else if (list->is_complete) {
      repair(node, in->reception.now_ms, in->reception.channel, in->frame->source, flood);
      lacks++;
    }
  }
  return lacks;
}

int node_take_list(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct bundle_list list;
  unsigned unknown = 0;
  if (bundle_list_decode(&list, reader))
    return -EBADMSG;
  for (size_t i = 0; i < list.count; i++)
    unknown += list.name[i].origin != node_self(node) && !floods_knows(&node->floods, list.name[i]);
  unsigned lacks = give_what_lacks(node, in, &list);
  if (unknown)
    node_want_list(node, in->reception.now_ms, in->reception.channel);
  else if (!lacks)
    node->channel[in->reception.channel].list_ms = NEVER; /* it said what ours would say */
  return 0;
}

void node_hear_digest(struct node *node, int64_t now_ms, unsigned channel, uint16_t station, uint16_t digest)
{
  int is_equal = digest == floods_digest(&node->floods, now_ms);
  for (size_t i = 0; i < node->floods.count; i++) {
    struct flood *flood = &node->floods.flood[i];
    if (is_equal && flood_is_listed(flood, now_ms))
      flood_set_has(flood, station, 1);
    if (!digest && flood_is_listed(flood, now_ms))
      repair(node, now_ms, channel, station, flood);
  }
  if (!is_equal && digest)
    node_want_list(node, now_ms, channel);
}
