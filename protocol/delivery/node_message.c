/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrives for this station: messages straight from their originator or through others, and acknowledgements. */
#include <errno.h>

#include "protocol/delivery/node_impl.h"

/* A neighbour that could not store asks for a pause; where the journey ends it is longer. */
#define TRY_LATER_MS 60000
#define NO_ROUTE_MS 120000
#define NO_ROUTE_DOUBLINGS_MAX 4
#define OTHER_ROUTE_MS 5000

void node_owe_ack(struct node *node, const struct arrival *in, const struct ack *ack)
{
  struct owed_ack owed = {.peer = in->frame->source,
                          .channel = in->reception.channel,
                          .ack = *ack,
                          .due_ms =
                              in->reception.now_ms + node->config.channel[in->reception.channel].answer_guard_ms};
  for (size_t i = 0; i < node->ack_count; i++)
    if (node->ack[i].peer == owed.peer && node->ack[i].ack.counter == ack->counter &&
        node->ack[i].ack.origin == ack->origin) {
      node->ack[i] = owed;
      return;
    }
  if (node->ack_count < ACKS_MAX)
    node->ack[node->ack_count++] = owed; /* else the peer repeats, and is answered then */
}

/* The store has moved the delivery already; here the queue and the person learn of it. */
static void note_receipt(struct node *node, const struct message *message)
{
  const struct receipt *receipt = &message->body.receipt;
  struct outbox_entry *entry =
      outbox_find_low(&node->outbox, node_self(node), message->id.origin, (uint16_t)receipt->ref_counter);
  struct message_id about = {node_self(node), receipt->ref_counter};
  struct flood *flood = floods_find(&node->floods, about);
  if (entry)
    outbox_remove(&node->outbox, entry);
  if (flood)
    flood_set_has(flood, message->id.origin, 1);
  if (!entry && receipt->step == RECEIPT_EXPIRED)
    return; /* it has ended otherwise, and stays so */
  struct node_action *action = node_push_action(node, NODE_DELIVERY, 0);
  if (!action)
    return;
  action->as.delivery.id = about;
  action->as.delivery.recipient = message->id.origin;
  action->as.delivery.state = delivery_state_of_step(receipt->step);
  action->as.delivery.attempts = 0;
  action->as.delivery.via = STATION_NONE;
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

enum ack_code node_keep_message(struct node *node, const struct arrival *in, const struct message *message)
{
  struct peer_link *link = &node->peers.peer[in->frame->source]->link[in->reception.channel];
  if (message->kind == MESSAGE_ALERT && node_is_superseded(node, message->id))
    return ACK_EXPIRED;
  int err = node->store.commit_received(node->store.context, message, &in->reception);
  if (err && err != -EEXIST) {
    node_warn(node, "store: message %u-%u could not be stored (error %d); its sender is asked to try later",
              message->id.origin, message->id.counter, -err);
    return ACK_TRY_LATER;
  }
  if (err) {
    node->stats.duplicates++;
    link->repeats = (uint8_t)(link->repeats + (link->repeats < UINT8_MAX));
  } else {
    link->repeats = 0;
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

static int decode_body(struct node *node, struct message *message, struct bit_reader *reader)
{
  struct base_search search = {node, message->id.origin};
  int err = message_decode_body(message, reader, find_base, &search);
  if (!err && message->kind == MESSAGE_RECEIPT)
    message->body.receipt.ref_counter = own_counter(node, (uint16_t)message->body.receipt.ref_counter);
  return err;
}

/* The recipient of a report through others does not have its base: it is sent whole, on a new round. */
static void send_whole(struct node *node, const struct message *message)
{
  struct outbox_entry *entry = outbox_find_low(&node->outbox, node_self(node), message->id.origin,
                                               (uint16_t)message->body.receipt.ref_counter);
  if (!entry || entry->send_whole)
    return;
  entry->send_whole = 1;
  if (entry->phase == OUTBOX_AWAY)
    entry->next_ms = INT64_MIN;
}

/* Returns what its sender is answered. */
static enum ack_code take_opened(struct node *node, struct arrival *in, const struct message *message)
{
  if (message->kind == MESSAGE_KEY)
    return node_take_key(node, in->reception.now_ms, &message->body.key);
  if (message->kind == MESSAGE_RECEIPT && message->body.receipt.step == RECEIPT_NO_BASE) {
    send_whole(node, message);
    return ACK_DELIVERED;
  }
  return node_keep_message(node, in, message);
}

static enum ack_code code_of_error(int err)
{
  return err == -ENOENT ? ACK_NO_BASE : ACK_NOT_UNDERSTOOD;
}

/* Returns 0, or -EBADMSG when the end of the item cannot be known. */
int node_take_message(struct node *node, struct arrival *in, uint8_t type, struct bit_reader *reader)
{
  static const uint8_t kinds[] = {[ITEM_STATUS] = MESSAGE_STATUS,
                                  [ITEM_ALERT] = MESSAGE_ALERT,
                                  [ITEM_TEXT] = MESSAGE_TEXT,
                                  [ITEM_RECEIPT] = MESSAGE_RECEIPT};
  struct item_head head;
  if (item_head_decode(&head, type, in->frame->counter, reader))
    return -EBADMSG;
  struct message message = {.id = {in->frame->source, head.counter},
                            .dest = node_self(node),
                            .kind = kinds[type],
                            .precedence = head.precedence,
                            .born_ms = in->reception.now_ms - head.age_min * INT64_C(60000)};
  int err = decode_body(node, &message, reader);
  struct ack ack = {.code = (uint8_t)(err ? code_of_error(err) : take_opened(node, in, &message)),
                    .counter = (uint16_t)head.counter,
                    .snr_cb = in->reception.snr_cb};
  node_owe_ack(node, in, &ack);
  return err ? -EBADMSG : 0;
}

int node_was_receipted(const struct node *node, struct message_id id, unsigned journey)
{
  for (unsigned i = 0; i < RECEIPTED_MAX; i++)
    if (node->receipted[i].id.origin == id.origin && node->receipted[i].id.counter == id.counter &&
        node->receipted[i].journey >= journey)
      return 1;
  return 0;
}

static void remember_receipted(struct node *node, const struct bundle_head *head)
{
  node->receipted[node->receipted_at] =
      (struct receipted){.id = {head->origin, head->counter}, .journey = head->journey};
  node->receipted_at = (node->receipted_at + 1) % RECEIPTED_MAX;
}

/* Tells the originator of what came through others; a neighbour's acknowledgement says it already. */
static void send_receipt(struct node *node, const struct arrival *in, const struct bundle_head *head,
                         enum receipt_step step)
{
  struct message receipt = {.kind = MESSAGE_RECEIPT,
                            .dest = head->origin,
                            .precedence = head->precedence > PRIORITY ? head->precedence : PRIORITY,
                            .body.receipt = {.step = (uint8_t)step, .ref_counter = head->counter}};
  node_submit_own(node, in->reception.now_ms, &receipt);
}

static int step_of_code(enum ack_code code)
{
  switch (code) {
  case ACK_DELIVERED:
    return RECEIPT_RECEIVED;
  case ACK_EXPIRED:
    return RECEIPT_EXPIRED;
  case ACK_NO_BASE:
    return RECEIPT_NO_BASE;
  case ACK_NOT_UNDERSTOOD:
    return RECEIPT_REFUSED;
  default:
    return -1;
  }
}

/* Receipts and keys are not receipted, or two stations would thank each other for ever. */
static void answer_originator(struct node *node, struct arrival *in, const struct bundle_head *head,
                              const struct message *message, enum ack_code code)
{
  int step = step_of_code(code);
  int is_direct = head->origin == in->frame->source;
  struct message_id id = {head->origin, head->counter};
  if (step < 0 || node_was_receipted(node, id, head->journey))
    return;
  if (!is_direct && message->kind != MESSAGE_RECEIPT)
    send_receipt(node, in, head, (enum receipt_step)step);
  remember_receipted(node, head);
}

/* Non-zero when the kind is one that travels in envelopes. */
static int is_message_kind(uint32_t kind)
{
  return message_kind_name(kind) != NULL;
}

enum ack_code node_open_envelope(struct node *node, struct arrival *in, const struct bundle_head *head,
                                 const uint8_t *content)
{
  struct envelope_label label = {.origin = head->origin,
                                 .dest = head->dest,
                                 .counter = head->counter,
                                 .precedence = head->precedence,
                                 .life = head->life};
  uint8_t plain[BUNDLE_MAX];
  struct bit_reader reader;
  if (node_was_receipted(node, (struct message_id){head->origin, head->counter}, head->journey))
    return ACK_DELIVERED;
  if (head->len <= ENVELOPE_OVERHEAD || envelope_open(node->config.keyring, &label, content, head->len, plain))
    return ACK_NOT_UNDERSTOOD;
  bits_reader_init(&reader, plain, head->len - ENVELOPE_OVERHEAD);
  struct message message = {.id = {head->origin, head->counter},
                            .dest = head->dest,
                            .kind = (uint8_t)bits_get(&reader, 4),
                            .precedence = head->precedence,
                            .born_ms = in->reception.now_ms - head->age_min * INT64_C(60000)};
  int err = is_message_kind(message.kind) ? decode_body(node, &message, &reader) : -EBADMSG;
  enum ack_code code = err ? code_of_error(err) : take_opened(node, in, &message);
  answer_originator(node, in, head, &message, code);
  /* Whoever carried it has done so; what is missing is between us and the originator. */
  return code == ACK_TRY_LATER || head->origin == in->frame->source ? code : ACK_DELIVERED;
}

static void finish(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state)
{
  if (entry->kind == OUTBOX_TRANSIT) {
    node_end_custody(node, entry);
    return;
  }
  node_move_delivery(node, now_ms, entry, state);
  outbox_remove(&node->outbox, entry);
}

/* The recipient itself has spoken, not one on the way: a stolen relay shall not end a delivery in its name. */
static int is_from_recipient(const struct outbox_entry *entry)
{
  return entry->hop == entry->recipient;
}

static void wait_until(struct outbox_entry *entry, int64_t next_ms)
{
  entry->phase = OUTBOX_WAITING;
  entry->next_ms = next_ms;
}

static void note_custody(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  if (entry->kind == OUTBOX_TRANSIT) {
    node_end_custody(node, entry);
    return;
  }
  entry->phase = OUTBOX_AWAY;
  entry->away_ms = now_ms;
  entry->next_ms = now_ms + node_receipt_patience_ms(node, entry);
  node_move_delivery(node, now_ms, entry, DELIVERY_CUSTODY);
  /* Nobody receipts a receipt: in custody is as far as it is followed. */
  if (entry->kind == MESSAGE_RECEIPT)
    finish(node, now_ms, entry, DELIVERY_DELIVERED);
}

static void note_refusal(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  if (entry->kind != OUTBOX_TRANSIT)
    node_warn(node, "station %u does not understand message %u-%u: is its software too old?", entry->hop,
              entry->id.origin, entry->id.counter);
  finish(node, now_ms, entry, DELIVERY_REFUSED);
}

/* A neighbour that knows no way is none on this way until it tells of one.  Whoever refuses what is for itself, or
 * the last hop of a journey, does so again: that waits longer each time. */
static void note_no_route(struct node *node, int64_t now_ms, struct outbox_entry *entry)
{
  int is_final = is_from_recipient(entry) || entry->journey % JOURNEY_ROUND == JOURNEY_HOPS_MAX;
  unsigned doublings = entry->attempts < NO_ROUTE_DOUBLINGS_MAX ? entry->attempts : NO_ROUTE_DOUBLINGS_MAX;
  int has_other = routes_next_hop(node->routes, now_ms, entry->recipient, entry->hop) != STATION_NONE;
  if (!is_final)
    routes_lose(node->routes, now_ms, entry->recipient, entry->hop);
  entry->avoid = has_other ? entry->hop : STATION_NONE;
  entry->is_held = (uint8_t)is_final;
  wait_until(entry, now_ms + (is_final ? NO_ROUTE_MS << doublings : OTHER_ROUTE_MS));
  routes_want(node->routes, now_ms, entry->recipient);
}

static void apply_ack(struct node *node, int64_t now_ms, struct outbox_entry *entry, const struct ack *ack)
{
  switch (ack->code) {
  case ACK_DELIVERED:
    if (is_from_recipient(entry))
      finish(node, now_ms, entry, DELIVERY_DELIVERED);
    break;
  case ACK_EXPIRED:
    if (is_from_recipient(entry) || entry->kind == OUTBOX_TRANSIT)
      finish(node, now_ms, entry, DELIVERY_EXPIRED);
    break;
  case ACK_NO_BASE:
    entry->send_whole = 1;
    wait_until(entry, now_ms);
    break;
  case ACK_TRY_LATER:
    entry->is_held = 1;
    wait_until(entry, now_ms + TRY_LATER_MS);
    break;
  case ACK_CUSTODY:
    if (!is_from_recipient(entry))
      note_custody(node, now_ms, entry);
    break;
  case ACK_LACKS:
    entry->lacks = ack->lacks;
    wait_until(entry, now_ms);
    break;
  case ACK_NO_ROUTE:
    note_no_route(node, now_ms, entry);
    break;
  default:
    if (is_from_recipient(entry))
      note_refusal(node, now_ms, entry);
    else
      note_no_route(node, now_ms, entry);
  }
}

int node_take_ack(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct ack ack;
  if (ack_decode(&ack, reader))
    return -EBADMSG;
  struct peer_link *link = &node->peers.peer[in->frame->source]->link[in->reception.channel];
  uint16_t origin = ack.origin == STATION_NONE ? node_self(node) : ack.origin;
  struct outbox_entry *entry = outbox_find_sent(&node->outbox, in->frame->source, origin, ack.counter);
  in->acks++;
  peer_link_note_peer_snr(link, ack.snr_cb);
  link->failures = 0;
  if (entry && entry->phase != OUTBOX_AWAY)
    apply_ack(node, in->reception.now_ms, entry, &ack);
  return 0;
}
