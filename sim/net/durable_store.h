/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a simulated station keeps through power cuts; the power may also go at any of its calls, before or after the
 * effect. */
#ifndef SIM_NET_DURABLE_STORE_H
#define SIM_NET_DURABLE_STORE_H

#include "protocol/delivery/node_store.h"
#include "sim/air/noise.h"

struct durable_delivery {
  struct message_id id;
  uint16_t recipient;
  enum delivery_state state;
  uint32_t attempts;
};

/* A bundle that was kept for others, or only the memory of it. */
struct durable_bundle {
  struct message_id id;
  uint16_t dest;
  uint8_t journey;
  struct held_bundle *held; /* NULL: no longer kept */
};

struct durable_store {
  uint16_t self;
  uint32_t reserved; /* counters below were handed out */
  struct message *outgoing, *received;
  struct durable_delivery *delivery;
  struct durable_bundle *bundle;
  size_t outgoing_count, received_count, delivery_count, bundle_count;
  size_t outgoing_size, received_size, delivery_size, bundle_size;
  uint32_t top_counter[STATION_MAX + 1]; /* highest frame counter that brought a message, by station */
  struct noise *dice;                    /* for crashes; NULL when there are none */
  unsigned crash_permille;               /* of the calls */
  uint8_t has_crashed;                   /* nothing is kept any more until the owner clears it */
};

void durable_store_init(struct durable_store *store, uint16_t self, struct noise *dice, unsigned crash_permille);
void durable_store_wipe(struct durable_store *store);

/* Of a host whose clock begins anew: moves all that is kept by so much in its time scale. */
void durable_store_shift_clock(struct durable_store *store, int64_t by_ms);

/* What the station answers for: deliveries that have not ended, and bundles in its custody.  at begins at 0.  Returns
 * 0 at the end. */
int durable_store_next_held(const struct durable_store *store, size_t *at, struct message_id *id,
                            uint16_t *recipient);

struct node_store durable_store_functions(struct durable_store *store);

/* NULL when there is none. */
const struct message *durable_store_received(const struct durable_store *store, struct message_id id);
const struct message *durable_store_outgoing(const struct durable_store *store, struct message_id id);
const struct durable_delivery *durable_store_delivery(const struct durable_store *store, struct message_id id,
                                                      uint16_t recipient);

/* NULL when it is not kept, or no longer. */
const struct held_bundle *durable_store_bundle(const struct durable_store *store, struct message_id id,
                                               uint16_t dest);

#endif
