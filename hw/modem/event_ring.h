/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands modem events from a modem's thread to the daemon's loop: one writer, one reader, no lock, no allocation. */
#ifndef HW_MODEM_EVENT_RING_H
#define HW_MODEM_EVENT_RING_H

#include <stdatomic.h>

#include "hw/modem.h"

#define EVENT_RING_LEN 32

struct event_ring {
  struct modem_event slot[EVENT_RING_LEN];
  atomic_uint head, tail; /* head: next to write; tail: next to read */
  int fd;                 /* eventfd, readable while events wait */
};

/* Returns 0 or a negative errno code. */
int event_ring_open(struct event_ring *ring);

/* Writer's side.  Slots free at least. */
unsigned event_ring_room(const struct event_ring *ring);

/* Writer's side.  Returns 0, or -ENOBUFS when the reader is EVENT_RING_LEN events behind (the event is dropped). */
int event_ring_put(struct event_ring *ring, const struct modem_event *event);

/* Either side.  Makes fd readable until the ring is found empty once more. */
void event_ring_wake(struct event_ring *ring);

/* Reader's side.  Returns 1, or 0 when empty. */
int event_ring_take(struct event_ring *ring, struct modem_event *out);

void event_ring_close(struct event_ring *ring);

#endif
