/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of a simulation in the order in which they happen.  In sim/net/ live simulated networks of real protocol
 * nodes; samples and devices must not. */
#ifndef SIM_NET_EVENT_QUEUE_H
#define SIM_NET_EVENT_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct event {
  int64_t at_ms;
  uint64_t order; /* set by the queue: of two at one instant the one pushed first comes first */
  int type;
  uint16_t station;
  uint8_t channel;
  uint32_t number; /* of a transmission, a filing or a station's life, as the type says */
};

struct event_queue {
  struct event *heap;
  size_t count, size;
  uint64_t pushed;
};

/* Begins with all zero.  Returns 0 or -ENOMEM. */
int event_queue_push(struct event_queue *queue, struct event event);

/* Takes the earliest.  Returns 1, or 0 when there is none. */
int event_queue_pop(struct event_queue *queue, struct event *out);

void event_queue_wipe(struct event_queue *queue);

#endif
