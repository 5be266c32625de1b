/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frame counters of one peer were already accepted. */
#include "protocol/link/replay.h"

void replay_restore(struct replay_window *window, uint32_t top)
{
  window->top = top;
  window->seen = UINT64_MAX;
}

int replay_is_fresh(const struct replay_window *window, uint32_t counter)
{
  if (counter > window->top)
    return 1;
  uint32_t back = window->top - counter;
  return counter > 0 && back < REPLAY_WINDOW && !(window->seen >> back & 1);
}

int replay_is_behind(const struct replay_window *window, uint32_t counter)
{
  return counter < window->top && window->top - counter >= REPLAY_WINDOW;
}

void replay_accept(struct replay_window *window, uint32_t counter)
{
  if (counter > window->top) {
    uint32_t step = counter - window->top;
    window->seen = step < REPLAY_WINDOW ? window->seen << step : 0;
    window->top = counter;
  }
  window->seen |= UINT64_C(1) << (window->top - counter);
}
