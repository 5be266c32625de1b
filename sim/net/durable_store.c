/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a simulated station keeps through power cuts. */
#include "sim/net/durable_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16

void durable_store_init(struct durable_store *store, uint16_t self, struct noise *dice, unsigned crash_permille)
{
  *store = (struct durable_store){.self = self, .reserved = 1, .dice = dice, .crash_permille = crash_permille};
}

void durable_store_wipe(struct durable_store *store)
{
  free(store->outgoing);
  free(store->received);
  free(store->delivery);
  for (size_t i = 0; i < store->bundle_count; i++)
    free(store->bundle[i].held);
  free(store->bundle);
  memset(store, 0, sizeof *store);
}

/* Before and after each effect: does the power go now?  Returns 0 or -EIO, and -EIO for ever after. */
static int survive(struct durable_store *store)
{
  if (store->crash_permille && noise_uniform(store->dice) * 2000 < store->crash_permille)
    store->has_crashed = 1;
  return store->has_crashed ? -EIO : 0;
}

/* Makes room for one more.  Returns 0 or -ENOMEM. */
static int make_room(void **array, size_t *size, size_t count, size_t element)
{
  if (count < *size)
    return 0;
  size_t larger = *size ? *size * 2 : FIRST_SIZE;
  void *grown = realloc(*array, larger * element);
  if (!grown)
    return -ENOMEM;
  *array = grown;
  *size = larger;
  return 0;
}

static int same_id(struct message_id a, struct message_id b)
{
  return a.origin == b.origin && a.counter == b.counter;
}

static const struct message *find(const struct message *message, size_t count, struct message_id id)
{
  while (count-- > 0)
    if (same_id(message[count].id, id))
      return &message[count];
  return NULL;
}

const struct message *durable_store_received(const struct durable_store *store, struct message_id id)
{
  return find(store->received, store->received_count, id);
}

const struct message *durable_store_outgoing(const struct durable_store *store, struct message_id id)
{
  return find(store->outgoing, store->outgoing_count, id);
}

static struct durable_delivery *find_delivery(const struct durable_store *store, struct message_id id,
                                              uint16_t recipient)
{
  for (size_t i = store->delivery_count; i-- > 0;)
    if (same_id(store->delivery[i].id, id) && store->delivery[i].recipient == recipient)
      return &store->delivery[i];
  return NULL;
}

const struct durable_delivery *durable_store_delivery(const struct durable_store *store, struct message_id id,
                                                      uint16_t recipient)
{
  return find_delivery(store, id, recipient);
}

void durable_store_shift_clock(struct durable_store *store, int64_t by_ms)
{
  for (size_t i = 0; i < store->outgoing_count; i++)
    store->outgoing[i].born_ms += by_ms;
  for (size_t i = 0; i < store->received_count; i++)
    store->received[i].born_ms += by_ms;
  for (size_t i = 0; i < store->bundle_count; i++)
    if (store->bundle[i].held)
      store->bundle[i].held->born_ms += by_ms;
}

static int next_held_delivery(const struct durable_store *store, size_t *at, struct message_id *id,
                              uint16_t *recipient)
{
  while (*at < store->delivery_count) {
    const struct durable_delivery *delivery = &store->delivery[(*at)++];
    if (delivery_state_rank(delivery->state) > delivery_state_rank(DELIVERY_CUSTODY))
      continue;
    *id = delivery->id;
    *recipient = delivery->recipient;
    return 1;
  }
  return 0;
}

int durable_store_next_held(const struct durable_store *store, size_t *at, struct message_id *id, uint16_t *recipient)
{
  if (next_held_delivery(store, at, id, recipient))
    return 1;
  while (*at - store->delivery_count < store->bundle_count) {
    const struct durable_bundle *bundle = &store->bundle[(*at)++ - store->delivery_count];
    if (!bundle->held || bundle->held->head.kind != BUNDLE_SEALED)
      continue;
    *id = bundle->id;
    *recipient = bundle->held->head.dest;
    return 1;
  }
  return 0;
}

static int reserve_counters(void *context, uint32_t upto)
{
  struct durable_store *store = context;
  if (survive(store))
    return -EIO;
  store->reserved = upto;
  return survive(store);
}

static int commit_outgoing(void *context, const struct message *message, const uint16_t *recipients, size_t count)
{
  struct durable_store *store = context;
  if (survive(store))
    return -EIO;
  if (make_room((void **)&store->outgoing, &store->outgoing_size, store->outgoing_count, sizeof *message))
    return -ENOMEM;
  for (size_t i = 0; i < count; i++)
    if (make_room((void **)&store->delivery, &store->delivery_size, store->delivery_count + i,
                  sizeof *store->delivery))
      return -ENOMEM;
  store->outgoing[store->outgoing_count++] = *message;
  for (size_t i = 0; i < count; i++)
    store->delivery[store->delivery_count++] =
        (struct durable_delivery){message->id, recipients[i], DELIVERY_QUEUED, 0};
  return survive(store);
}

static void raise_delivery(struct durable_delivery *delivery, enum delivery_state state)
{
  if (delivery_state_rank(state) > delivery_state_rank(delivery->state))
    delivery->state = state;
}

static void apply_receipt(struct durable_store *store, const struct message *receipt)
{
  struct message_id about = {store->self, receipt->body.receipt.ref_counter};
  struct durable_delivery *delivery = find_delivery(store, about, receipt->id.origin);
  if (delivery)
    raise_delivery(delivery, delivery_state_of_step(receipt->body.receipt.step));
}

static int commit_received(void *context, const struct message *message, const struct reception *reception)
{
  struct durable_store *store = context;
  if (survive(store))
    return -EIO;
  if (durable_store_received(store, message->id))
    return -EEXIST;
  if (make_room((void **)&store->received, &store->received_size, store->received_count, sizeof *message))
    return -ENOMEM;
  store->received[store->received_count++] = *message;
  if (reception->from <= STATION_MAX && store->top_counter[reception->from] < reception->frame_counter)
    store->top_counter[reception->from] = reception->frame_counter;
  if (message->kind == MESSAGE_RECEIPT)
    apply_receipt(store, message);
  return survive(store);
}

static int commit_delivery(void *context, struct message_id id, uint16_t recipient, enum delivery_state state,
                           uint32_t attempts, int64_t now_ms)
{
  struct durable_store *store = context;
  (void)now_ms;
  if (survive(store))
    return -EIO;
  struct durable_delivery *delivery = find_delivery(store, id, recipient);
  if (!delivery)
    return -ENOENT;
  raise_delivery(delivery, state);
  delivery->attempts = attempts;
  return survive(store);
}

static int load_outgoing(void *context, struct message_id id, struct message *out)
{
  const struct message *message = durable_store_outgoing(context, id);
  if (!message)
    return -ENOENT;
  *out = *message;
  return 0;
}

static int is_acked(enum delivery_state state)
{
  return state == DELIVERY_DELIVERED || state == DELIVERY_READ || state == DELIVERY_ACTED;
}

static int last_acked_report(void *context, uint16_t recipient, struct status_report *out, uint32_t *counter)
{
  struct durable_store *store = context;
  for (size_t i = store->delivery_count; i-- > 0;) {
    const struct durable_delivery *delivery = &store->delivery[i];
    if (delivery->recipient != recipient || !is_acked(delivery->state))
      continue;
    const struct message *message = durable_store_outgoing(store, delivery->id);
    if (message->kind != MESSAGE_STATUS)
      continue;
    *out = message->body.status;
    *counter = message->id.counter;
    return 0;
  }
  return -ENOENT;
}

static int find_base(void *context, uint16_t origin, uint32_t base_ref, struct status_report *out)
{
  struct durable_store *store = context;
  int searched = 0;
  for (size_t i = store->received_count; i-- > 0 && searched < NODE_STORE_BASES;) {
    const struct message *message = &store->received[i];
    if (message->id.origin != origin || message->kind != MESSAGE_STATUS)
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
  struct durable_store *store = context;
  if (survive(store))
    return -EIO;
  for (size_t i = store->received_count; i-- > 0;) {
    if (!same_id(store->received[i].id, message->id))
      continue;
    if (!store->received[i].is_unproven)
      return -EALREADY;
    store->received[i] = *message;
    return survive(store);
  }
  return -ENOENT;
}

static struct durable_bundle *find_bundle(const struct durable_store *store, struct message_id id, uint16_t dest)
{
  for (size_t i = store->bundle_count; i-- > 0;)
    if (store->bundle[i].dest == dest && same_id(store->bundle[i].id, id))
      return &store->bundle[i];
  return NULL;
}

const struct held_bundle *durable_store_bundle(const struct durable_store *store, struct message_id id, uint16_t dest)
{
  const struct durable_bundle *bundle = find_bundle(store, id, dest);
  return bundle ? bundle->held : NULL;
}

static int commit_bundle(void *context, const struct held_bundle *bundle)
{
  struct durable_store *store = context;
  struct message_id id = {bundle->head.origin, bundle->head.counter};
  if (survive(store))
    return -EIO;
  struct held_bundle *copy = malloc(sizeof *copy);
  if (!copy || make_room((void **)&store->bundle, &store->bundle_size, store->bundle_count, sizeof *store->bundle)) {
    free(copy);
    return -ENOMEM;
  }
  *copy = *bundle;
  struct durable_bundle *at = find_bundle(store, id, bundle->head.dest);
  if (at)
    free(at->held);
  else
    at = &store->bundle[store->bundle_count++];
  *at = (struct durable_bundle){id, bundle->head.dest, bundle->head.journey, copy};
  return survive(store);
}

static int drop_bundle(void *context, struct message_id id, uint16_t dest)
{
  struct durable_store *store = context;
  struct durable_bundle *bundle = find_bundle(store, id, dest);
  if (survive(store))
    return -EIO;
  if (!bundle)
    return -ENOENT;
  free(bundle->held);
  bundle->held = NULL;
  return survive(store);
}

static int load_bundle(void *context, struct message_id id, uint16_t dest, struct held_bundle *out)
{
  const struct held_bundle *held = durable_store_bundle(context, id, dest);
  if (!held)
    return -ENOENT;
  *out = *held;
  return 0;
}

static int find_journey(void *context, struct message_id id, uint16_t dest)
{
  const struct durable_bundle *bundle = find_bundle(context, id, dest);
  return bundle ? bundle->journey : -ENOENT;
}

struct node_store durable_store_functions(struct durable_store *store)
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
                             .find_journey = find_journey};
}
