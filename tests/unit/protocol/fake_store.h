/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A station's storage in memory: what is committed outlives the node, and every call can fail or be the last one
 * before the power goes. */
#ifndef TESTS_UNIT_PROTOCOL_FAKE_STORE_H
#define TESTS_UNIT_PROTOCOL_FAKE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/node_store.h"

struct fake_delivery {
  struct message_id id;
  uint16_t recipient;
  enum delivery_state state;
  uint32_t attempts;
  int8_t reported; /* the last state that the node told, -1: none */
};

struct fake_received {
  struct message message;
  uint32_t frame_counter;
  uint16_t from;
  unsigned shown; /* times the node said so */
};

struct fake_bundle {
  struct held_bundle bundle;
  uint8_t is_held; /* else it is only remembered */
};

struct fake_store {
  uint32_t reserved_upto;
  struct message *outgoing;
  size_t outgoing_count;
  struct fake_delivery *delivery;
  size_t delivery_count;
  struct fake_received *received;
  size_t received_count;
  struct fake_bundle *bundle;
  size_t bundle_count;

  /* What orders change, if the station has its own; else NULL and orders are not carried out. */
  struct directory *directory; /* owned */
  struct keyring *keyring;
  struct epoch_key own_key; /* made here: comes into the keyring with its order */

  /* Called twice around every durable step: before it and after it. */
  void (*step)(void *context);
  void *step_context;

  /* errno code while set */
  int fail_reserve, fail_outgoing, fail_received, fail_delivery, fail_load, fail_bundle, fail_order;
  uint64_t calls; /* of all functions */
};

void fake_store_init(struct fake_store *store);
void fake_store_wipe(struct fake_store *store);
struct node_store fake_store_functions(struct fake_store *store);

struct fake_delivery *fake_store_delivery(struct fake_store *store, struct message_id id, uint16_t recipient);
struct message *fake_store_outgoing(struct fake_store *store, struct message_id id);
struct fake_received *fake_store_received(struct fake_store *store, struct message_id id);
struct fake_bundle *fake_store_bundle(struct fake_store *store, struct message_id id, uint16_t dest);
uint32_t fake_store_top_counter(const struct fake_store *store, uint16_t from);

/* Non-zero when the delivery waits for nothing any more. */
int fake_delivery_has_ended(const struct fake_delivery *delivery);

#endif
