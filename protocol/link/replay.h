/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frame counters of one peer were already accepted (a sliding window as in RFC 4303, section 3.4.3). */
#ifndef PROTOCOL_LINK_REPLAY_H
#define PROTOCOL_LINK_REPLAY_H

#include <stdint.h>

#define REPLAY_WINDOW 64

struct replay_window {
  uint32_t top;  /* highest counter accepted; 0: none yet */
  uint64_t seen; /* bit i: top - i was accepted */
  /* While top is 0 the counter of a frame must be sought for: */
  uint32_t hint;      /* it is believed to be near this; 0: unknown */
  uint8_t is_hurried; /* it is not sought far from the hint: that was done a while ago, and costs much for each burst
                         that was for somebody else */
};

/* After a restart: everything up to top counts as seen. */
void replay_restore(struct replay_window *window, uint32_t top);

/* Non-zero when counter is new: above the window's top, or inside it and not yet seen. */
int replay_is_fresh(const struct replay_window *window, uint32_t counter);

/* Non-zero when counter is so far below the top that the window says nothing of it: an authentic frame with such a
 * counter was played back, or its sender was restored from an old backup. */
int replay_is_behind(const struct replay_window *window, uint32_t counter);

/* Marks counter as seen. It must be fresh. */
void replay_accept(struct replay_window *window, uint32_t counter);

#endif
