/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A station's storage in memory, with failures and power cuts at will. */
#include "tests/unit/protocol/fake_store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fake_store_init(struct fake_store *store)
{
  memset(store, 0, sizeof *store);
  store->reserved_upto = 1;
}

void fake_store_wipe(struct fake_store *store)
{
  free(store->outgoing);
  free(store->delivery);
  free(store->received);
  free(store->bundle);
  free(store->directory);
  memset(store, 0, sizeof *store);
}

static void step(struct fake_store *store)
{
  if (store->step)
    store->step(store->step_context);
}

static int same_id(struct message_id a, struct message_id b)
{
  return a.origin == b.origin && a.counter == b.counter;
}

/* Room for one more element; arrays double. */
static void *grow(void *array, size_t count, size_t size)
{
  if (count & (count - 1) || count == 1)
    return array ? array : realloc(array, size);
  array = realloc(array, (count ? 2 * count : 2) * size);
  assert(array);
  return array;
}

struct fake_delivery *fake_store_delivery(struct fake_store *store, struct message_id id, uint16_t recipient)
{
  for (size_t i = store->delivery_count; i-- > 0;)
    if (store->delivery[i].recipient == recipient && same_id(store->delivery[i].id, id))
      return &store->delivery[i];
  return NULL;
}

struct message *fake_store_outgoing(struct fake_store *store, struct message_id id)
{
  for (size_t i = store->outgoing_count; i-- > 0;)
    if (same_id(store->outgoing[i].id, id))
      return &store->outgoing[i];
  return NULL;
}

struct fake_received *fake_store_received(struct fake_store *store, struct message_id id)
{
  for (size_t i = store->received_count; i-- > 0;)
    if (same_id(store->received[i].message.id, id))
      return &store->received[i];
  return NULL;
}

struct fake_bundle *fake_store_bundle(struct fake_store *store, struct message_id id, uint16_t dest)
{
  for (size_t i = store->bundle_count; i-- > 0;)
    if (store->bundle[i].bundle.head.origin == id.origin && store->bundle[i].bundle.head.counter == id.counter &&
        store->bundle[i].bundle.head.dest == dest)
      return &store->bundle[i];
  return NULL;
}

uint32_t fake_store_top_counter(const struct fake_store *store, uint16_t from)
{
  uint32_t top = 0;
  for (size_t i = 0; i < store->received_count; i++)
    if (store->received[i].from == from && store->received[i].frame_counter > top)
      top = store->received[i].frame_counter;
  return top;
}

int fake_delivery_has_ended(const struct fake_delivery *delivery)
{
  return delivery_state_rank(delivery->state) > delivery_state_rank(DELIVERY_CUSTODY);
}

static int reserve_counters(void *context, uint32_t upto)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  if (store->fail_reserve)
    return store->fail_reserve;
  assert(upto > store->reserved_upto);
  store->reserved_upto = upto;
  step(store);
  return 0;
}

static int commit_outgoing(void *context, const struct message *message, const uint16_t *recipients, size_t count)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  if (store->fail_outgoing)
    return store->fail_outgoing;
  store->outgoing = grow(store->outgoing, store->outgoing_count, sizeof *store->outgoing);
  store->outgoing[store->outgoing_count++] = *message;
  for (size_t i = 0; i < count; i++) {
    store->delivery = grow(store->delivery, store->delivery_count, sizeof *store->delivery);
    store->delivery[store->delivery_count++] =
        (struct fake_delivery){message->id, recipients[i], DELIVERY_QUEUED, 0, -1};
  }
  step(store);
  return 0;
}

static void raise(struct fake_delivery *delivery, enum delivery_state state)
{
  if (delivery_state_rank(state) > delivery_state_rank(delivery->state))
    delivery->state = state;
}

static void move_by_receipt(struct fake_store *store, const struct message *message)
{
  struct message_id id = {message->dest, message->body.receipt.ref_counter};
  struct fake_delivery *delivery = fake_store_delivery(store, id, message->id.origin);
  if (delivery)
    raise(delivery, delivery_state_of_step(message->body.receipt.step));
}

static int commit_received(void *context, const struct message *message, const struct reception *reception)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  if (store->fail_received)
    return store->fail_received;
  if (fake_store_received(store, message->id))
    return -EEXIST;
  store->received = grow(store->received, store->received_count, sizeof *store->received);
  store->received[store->received_count++] =
      (struct fake_received){*message, reception->frame_counter, reception->from, 0};
  if (message->kind == MESSAGE_RECEIPT)
    move_by_receipt(store, message);
  step(store);
  return 0;
}

static int commit_delivery(void *context, struct message_id id, uint16_t recipient, enum delivery_state state,
                           uint32_t attempts, int64_t now_ms)
{
  struct fake_store *store = context;
  (void)now_ms;
  store->calls++;
  step(store);
  if (store->fail_delivery)
    return store->fail_delivery;
  struct fake_delivery *delivery = fake_store_delivery(store, id, recipient);
  assert(delivery);
  delivery->attempts = attempts;
  raise(delivery, state);
  step(store);
  return 0;
}

static int load_outgoing(void *context, struct message_id id, struct message *out)
{
  struct fake_store *store = context;
  store->calls++;
  const struct message *message = fake_store_outgoing(store, id);
  if (store->fail_load)
    return store->fail_load;
  if (!message)
    return -ENOENT;
  *out = *message;
  return 0;
}

static int last_acked_report(void *context, uint16_t recipient, struct status_report *out, uint32_t *counter)
{
  struct fake_store *store = context;
  store->calls++;
  for (size_t i = store->outgoing_count; i-- > 0;) {
    const struct message *message = &store->outgoing[i];
    if (message->kind != MESSAGE_STATUS)
      continue;
    const struct fake_delivery *delivery = fake_store_delivery(store, message->id, recipient);
    if (!delivery || delivery->state < DELIVERY_DELIVERED || delivery->state > DELIVERY_ACTED)
      continue;
    *out = message->body.status;
    *counter = message->id.counter;
    return 0;
  }
  return -ENOENT;
}

static int find_base(void *context, uint16_t origin, uint32_t base_ref, struct status_report *out)
{
  struct fake_store *store = context;
  int searched = 0;
  store->calls++;
  for (size_t i = store->received_count; i-- > 0 && searched < NODE_STORE_BASES;) {
    const struct message *message = &store->received[i].message;
    if (message->kind != MESSAGE_STATUS || message->id.origin != origin)
      continue;
    searched++;
    if (status_base_ref(&message->body.status, message->id.counter) != base_ref)
      continue;
    *out = message->body.status;
    return 0;
  }
  return -ENOENT;
}

static int prove_received(void *context, const struct message *message)
{
  struct fake_store *store = context;
  struct fake_received *received = fake_store_received(store, message->id);
  store->calls++;
  if (!received || !received->message.is_unproven)
    return received ? -EALREADY : -ENOENT;
  step(store);
  received->message = *message;
  step(store);
  return 0;
}

static int commit_bundle(void *context, const struct held_bundle *bundle)
{
  struct fake_store *store = context;
  struct message_id id = {bundle->head.origin, bundle->head.counter};
  store->calls++;
  step(store);
  if (store->fail_bundle)
    return store->fail_bundle;
  struct fake_bundle *at = fake_store_bundle(store, id, bundle->head.dest);
  if (!at) {
    store->bundle = grow(store->bundle, store->bundle_count, sizeof *store->bundle);
    at = &store->bundle[store->bundle_count++];
  }
  *at = (struct fake_bundle){*bundle, 1};
  step(store);
  return 0;
}

static int drop_bundle(void *context, struct message_id id, uint16_t dest)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  struct fake_bundle *bundle = fake_store_bundle(store, id, dest);
  if (bundle)
    bundle->is_held = 0;
  step(store);
  return bundle ? 0 : -ENOENT;
}

static int load_bundle(void *context, struct message_id id, uint16_t dest, struct held_bundle *out)
{
  struct fake_store *store = context;
  const struct fake_bundle *bundle = fake_store_bundle(store, id, dest);
  store->calls++;
  if (!bundle || !bundle->is_held)
    return -ENOENT;
  *out = bundle->bundle;
  return 0;
}

static int find_journey(void *context, struct message_id id, uint16_t dest)
{
  struct fake_store *store = context;
  const struct fake_bundle *bundle = fake_store_bundle(store, id, dest);
  store->calls++;
  return bundle ? bundle->bundle.head.journey : -ENOENT;
}

static int commit_order(void *context, const struct order *order)
{
  struct fake_store *store = context;
  char why[128];
  store->calls++;
  step(store);
  int err = store->fail_order ? store->fail_order : order_apply(order, store->directory, why, sizeof why);
  if (!err && order->type == ORDER_PUT)
    keyring_update_peer(store->keyring, store->directory, order->as.put.number);
  if (!err && order->type == ORDER_REVOKE)
    keyring_drop_peer(store->keyring, order->as.revoke);
  if (!err && order->type == ORDER_EPOCH && order->as.epoch.epoch == store->own_key.epoch)
    keyring_add_epoch(store->keyring, store->own_key.epoch, store->own_key.secret);
  step(store);
  return err;
}

static int commit_epoch_key(void *context, const struct epoch_key *key)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  if (store->fail_order)
    return store->fail_order;
  keyring_add_epoch(store->keyring, key->epoch, key->secret);
  step(store);
  return 0;
}

static int commit_epoch(void *context, uint32_t epoch)
{
  struct fake_store *store = context;
  store->calls++;
  step(store);
  assert(store->keyring->hop[KEYRING_CURRENT].epoch == epoch);
  step(store);
  return 0;
}

struct node_store fake_store_functions(struct fake_store *store)
{
  return (struct node_store){.context = store,
                             .reserve_counters = reserve_counters,
                             .commit_outgoing = commit_outgoing,
                             .commit_received = commit_received,
                             .commit_delivery = commit_delivery,
                             .load_outgoing = load_outgoing,
                             .last_acked_report = last_acked_report,
                             .find_base = find_base,
                             .prove_received = prove_received,
                             .commit_bundle = commit_bundle,
                             .drop_bundle = drop_bundle,
                             .load_bundle = load_bundle,
                             .find_journey = find_journey,
                             .commit_order = store->directory ? commit_order : NULL,
                             .commit_epoch_key = store->directory ? commit_epoch_key : NULL,
                             .commit_epoch = store->directory ? commit_epoch : NULL};
}
