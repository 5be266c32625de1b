/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post's store in memory, for simulated stations. */
#include "sim/post/memory_store.h"

#include <errno.h>
#include <stdlib.h>

struct kept_delivery {
  struct message_id id;
  uint16_t recipient;
  enum delivery_state state;
};

struct memory_store {
  uint16_t self;
  uint32_t reserved;
  struct message *message;
  size_t message_count, message_size;
  struct kept_delivery *delivery;
  size_t delivery_count, delivery_size;
};

struct memory_store *memory_store_new(uint16_t self)
{
  struct memory_store *store = calloc(1, sizeof *store);
  if (store)
    store->self = self;
  return store;
}

void memory_store_free(struct memory_store *store)
{
  if (!store)
    return;
  free(store->message);
  free(store->delivery);
  free(store);
}

/* Makes room for one more of count elements.  Returns 0 or -ENOMEM. */
static int make_room(void **array, size_t *size, size_t count, size_t element)
{
  if (count < *size)
    return 0;
  size_t larger = *size ? *size * 2 : 64;
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

static struct message *find_message(const struct memory_store *store, struct message_id id)
{
  for (size_t i = store->message_count; i-- > 0;)
    if (same_id(store->message[i].id, id))
      return &store->message[i];
  return NULL;
}

static struct kept_delivery *find_delivery(const struct memory_store *store, struct message_id id, uint16_t recipient)
{
  for (size_t i = store->delivery_count; i-- > 0;)
    if (same_id(store->delivery[i].id, id) && store->delivery[i].recipient == recipient)
      return &store->delivery[i];
  return NULL;
}

static int keep_message(struct memory_store *store, const struct message *message)
{
  int err = make_room((void **)&store->message, &store->message_size, store->message_count, sizeof *message);
  if (!err)
    store->message[store->message_count++] = *message;
  return err;
}

static int reserve_counters(void *context, uint32_t upto)
{
  ((struct memory_store *)context)->reserved = upto;
  return 0;
}

static int commit_outgoing(void *context, const struct message *message, const uint16_t *recipients, size_t count)
{
  struct memory_store *store = context;
  int err = keep_message(store, message);
  for (size_t i = 0; i < count && !err; i++) {
    err = make_room((void **)&store->delivery, &store->delivery_size, store->delivery_count, sizeof *store->delivery);
    if (!err)
      store->delivery[store->delivery_count++] = (struct kept_delivery){message->id, recipients[i], DELIVERY_QUEUED};
  }
  return err;
}

static enum delivery_state receipted_state(unsigned step)
{
  return step == RECEIPT_ACTED ? DELIVERY_ACTED : step == RECEIPT_REFUSED ? DELIVERY_REFUSED : DELIVERY_READ;
}

static int commit_received(void *context, const struct message *message, const struct reception *reception)
{
  struct memory_store *store = context;
  (void)reception;
  if (find_message(store, message->id))
    return -EEXIST;
  int err = keep_message(store, message);
  if (err || message->kind != MESSAGE_RECEIPT)
    return err;
  struct message_id about = {store->self, message->body.receipt.ref_counter};
  struct kept_delivery *delivery = find_delivery(store, about, message->id.origin);
  if (delivery && delivery->state < receipted_state(message->body.receipt.step))
    delivery->state = receipted_state(message->body.receipt.step);
  return 0;
}

static int commit_delivery(void *context, struct message_id id, uint16_t recipient, enum delivery_state state,
                           uint32_t attempts, int64_t now_ms)
{
  struct kept_delivery *delivery = find_delivery(context, id, recipient);
  (void)attempts;
  (void)now_ms;
  if (!delivery)
    return -ENOENT;
  if (state > delivery->state)
    delivery->state = state;
  return 0;
}

static int load_outgoing(void *context, struct message_id id, struct message *out)
{
  const struct message *message = find_message(context, id);
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
  struct memory_store *store = context;
  for (size_t i = store->delivery_count; i-- > 0;) {
    const struct kept_delivery *delivery = &store->delivery[i];
    if (delivery->recipient != recipient || !is_acked(delivery->state))
      continue;
    const struct message *message = find_message(store, delivery->id);
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
  struct memory_store *store = context;
  int searched = 0;
  for (size_t i = store->message_count; i-- > 0 && searched < NODE_STORE_BASES;) {
    const struct message *message = &store->message[i];
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

struct node_store memory_store_node(struct memory_store *store)
{
  return (struct node_store){.context = store,
                             .reserve_counters = reserve_counters,
                             .commit_outgoing = commit_outgoing,
                             .commit_received = commit_received,
                             .commit_delivery = commit_delivery,
                             .load_outgoing = load_outgoing,
                             .last_acked_report = last_acked_report,
                             .find_base = find_base};
}

int memory_store_delivery(const struct memory_store *store, struct message_id id, uint16_t recipient)
{
  const struct kept_delivery *delivery = find_delivery(store, id, recipient);
  return delivery ? (int)delivery->state : -ENOENT;
}
