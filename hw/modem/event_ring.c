/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands modem events from a modem's thread to the daemon's loop through a ring with one writer and one reader. */
#include "hw/modem/event_ring.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Static_assert((EVENT_RING_LEN & (EVENT_RING_LEN - 1)) == 0, "head and tail run through the wrap of unsigned int");

int event_ring_open(struct event_ring *ring)
{
  atomic_init(&ring->head, 0);
  atomic_init(&ring->tail, 0);
  ring->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return ring->fd < 0 ? -errno : 0;
}

unsigned event_ring_room(const struct event_ring *ring)
{
  return EVENT_RING_LEN - (atomic_load(&ring->head) - atomic_load(&ring->tail));
}

/* Cannot fail but for a counter at its limit, and then the descriptor is readable all the same. */
void event_ring_wake(struct event_ring *ring)
{
  (void)!write(ring->fd, &(uint64_t){1}, sizeof(uint64_t));
}

int event_ring_put(struct event_ring *ring, const struct modem_event *event)
{
  if (event_ring_room(ring) == 0)
    return -ENOBUFS;
  unsigned head = atomic_load(&ring->head);
  ring->slot[head % EVENT_RING_LEN] = *event;
  atomic_store(&ring->head, head + 1);
  event_ring_wake(ring);
  return 0;
}

static int is_empty(const struct event_ring *ring)
{
  return event_ring_room(ring) == EVENT_RING_LEN;
}

int event_ring_take(struct event_ring *ring, struct modem_event *out)
{
  if (is_empty(ring)) {
    uint64_t count;
    (void)!read(ring->fd, &count, sizeof count);
    /* The writer may have put an event between the test and the read, and its wake-up is now eaten: look again. */
    if (is_empty(ring))
      return 0;
  }
  unsigned tail = atomic_load(&ring->tail);
  *out = ring->slot[tail % EVENT_RING_LEN];
  atomic_store(&ring->tail, tail + 1);
  return 1;
}

void event_ring_close(struct event_ring *ring)
{
  if (ring->fd >= 0)
    close(ring->fd);
  ring->fd = -1;
}
