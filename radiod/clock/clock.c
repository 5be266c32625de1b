/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the post's time scale through restarts, and finds the time of day that belongs to it. */
#include "radiod/clock/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 2025-01-01: a clock that shows less was never set; computers without a battery start in 1970 or at the day their
 * system was built. */
#define PLAUSIBLE_MS INT64_C(1735689600000)

/* Where the scale of a post begins that has never known the time: 2001-09-09, so that what is older than the post
 * still has a positive time. */
#define SCALE_BEGIN_MS INT64_C(1000000000000)

/* Restarts of which the time of day stays known, the newest. */
#define ERAS_MAX 256

/* A smaller correction is not worth a write. */
#define STEP_MS 1000

struct post_clock {
  struct store *store;
  struct store_clock saved;       /* where the scale stood last, and by which monotonic clock it goes on */
  struct store_era era[ERAS_MAX]; /* the newest first */
  size_t era_count;
};

int clock_is_plausible(int64_t wall_ms)
{
  return wall_ms >= PLAUSIBLE_MS;
}

static void begin_era(struct post_clock *clock)
{
  size_t kept = clock->era_count < ERAS_MAX ? clock->era_count : ERAS_MAX - 1;

  memmove(&clock->era[1], &clock->era[0], kept * sizeof clock->era[0]);
  clock->era[0] = (struct store_era){clock->saved.node_ms, 0, CLOCK_UNKNOWN};
  clock->era_count = kept + 1;
}

/* Both ends of the pause by a clock that can be believed. */
static int pause_is_known(const struct post_clock *clock, const struct clock_reading *reading)
{
  return reading->is_vouched && clock->era_count && clock->era[0].source >= CLOCK_NETWORK &&
         reading->wall_ms - clock->era[0].offset_ms > clock->saved.node_ms;
}

/* Sets saved to this moment. */
static void go_on(struct post_clock *clock, const struct clock_reading *reading)
{
  struct store_clock *saved = &clock->saved;
  int same_run = *reading->boot && !strcmp(saved->boot, reading->boot) && reading->boot_ms >= saved->boot_ms;

  if (same_run)
    saved->node_ms += reading->boot_ms - saved->boot_ms;
  else if (pause_is_known(clock, reading))
    saved->node_ms = reading->wall_ms - clock->era[0].offset_ms;
  else
    saved->node_ms++;
  int is_continuous = clock->era_count && (same_run || saved->node_ms == reading->wall_ms - clock->era[0].offset_ms);
  memcpy(saved->boot, reading->boot, sizeof saved->boot);
  saved->boot_ms = reading->boot_ms;
  if (!is_continuous)
    begin_era(clock);
}

static void begin_scale(struct post_clock *clock, const struct clock_reading *reading)
{
  clock->saved.node_ms = clock_is_plausible(reading->wall_ms) ? reading->wall_ms : SCALE_BEGIN_MS;
  clock->saved.boot_ms = reading->boot_ms;
  memcpy(clock->saved.boot, reading->boot, sizeof clock->saved.boot);
  begin_era(clock);
}

static int load(struct post_clock *clock, const struct clock_reading *reading)
{
  int count = store_read_eras(clock->store, clock->era, ERAS_MAX);

  if (count < 0)
    return count;
  clock->era_count = (size_t)count;
  int code = store_read_clock(clock->store, &clock->saved);
  if (code && code != -ENOENT)
    return code;
  if (code)
    begin_scale(clock, reading);
  else
    go_on(clock, reading);
  return store_save_era(clock->store, &clock->era[0]);
}

int post_clock_start(struct post_clock **out, struct store *store, const struct clock_reading *reading)
{
  struct post_clock *clock = calloc(1, sizeof *clock);

  if (!clock)
    return -ENOMEM;
  clock->store = store;
  int code = load(clock, reading);
  if (!code)
    code = post_clock_take_system(clock, reading);
  if (code >= 0)
    code = store_save_clock(store, &clock->saved);
  if (code) {
    post_clock_free(clock);
    return code;
  }
  *out = clock;
  return 0;
}

void post_clock_free(struct post_clock *clock)
{
  free(clock);
}

int64_t post_clock_now(const struct post_clock *clock, int64_t boot_ms)
{
  return clock->saved.node_ms + boot_ms - clock->saved.boot_ms;
}

int64_t post_clock_unix(const struct post_clock *clock, int64_t node_ms)
{
  for (size_t i = 0; i < clock->era_count; i++)
    if (node_ms >= clock->era[i].from_ms || i + 1 == clock->era_count)
      return clock->era[i].source == CLOCK_UNKNOWN ? 0 : node_ms + clock->era[i].offset_ms;
  return 0;
}

enum clock_source post_clock_source(const struct post_clock *clock)
{
  return clock->era[0].source;
}

/* Takes an offset for the present era unless a better one is known. */
static int take(struct post_clock *clock, int64_t offset_ms, enum clock_source source)
{
  struct store_era *era = &clock->era[0];
  int64_t step_ms = llabs(offset_ms - era->offset_ms);

  if (source < era->source)
    return 0;
  int is_news = source > era->source || step_ms >= STEP_MS;
  if (!is_news)
    return 0;
  era->offset_ms = offset_ms;
  era->source = source;
  int code = store_save_era(clock->store, era);
  return code ? code : 1;
}

int post_clock_take_system(struct post_clock *clock, const struct clock_reading *reading)
{
  if (!clock_is_plausible(reading->wall_ms))
    return 0;
  return take(clock, reading->wall_ms - post_clock_now(clock, reading->boot_ms),
              reading->is_vouched ? CLOCK_SYSTEM : CLOCK_GUESSED);
}

int post_clock_take_network(struct post_clock *clock, int64_t now_ms, int64_t unix_ms)
{
  return take(clock, unix_ms - now_ms, CLOCK_NETWORK);
}

int post_clock_save(struct post_clock *clock, const struct clock_reading *reading)
{
  clock->saved.node_ms = post_clock_now(clock, reading->boot_ms);
  clock->saved.boot_ms = reading->boot_ms;
  return store_save_clock(clock->store, &clock->saved);
}
