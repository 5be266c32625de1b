/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post's store in memory, for simulated stations.  In sim/post/ live the pieces of which simulated posts are made;
 * channels must not. */
#ifndef SIM_POST_MEMORY_STORE_H
#define SIM_POST_MEMORY_STORE_H

#include "protocol/delivery/node_store.h"

struct memory_store;

/* self: number of the station.  NULL when out of memory. */
struct memory_store *memory_store_new(uint16_t self);
void memory_store_free(struct memory_store *store);

struct node_store memory_store_node(struct memory_store *store);

/* The state of a delivery; -ENOENT when there is none. */
int memory_store_delivery(const struct memory_store *store, struct message_id id, uint16_t recipient);

#endif
