/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The post's time scale, and what is known of the time of day.  The scale carries everything that the node measures
 * and the store keeps: it never jumps within a run and never goes back, whatever becomes of the computer's clock.  So
 * a message filed before the clock was set does not expire when it is set. */
#ifndef RADIOD_CLOCK_H
#define RADIOD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "radiod/config/config.h"
#include "radiod/store/store.h"

/* What the computer tells at one moment. */
struct clock_reading {
  char boot[STORE_BOOT_MAX]; /* which run of the machine; empty: unknown */
  int64_t boot_ms;           /* since its start, standby included */
  int64_t wall_ms;           /* the system clock, 0: not to be used */
  int is_vouched;            /* the system clock may be believed */
};

/* Non-zero for a time that a clock shows which was set at least once. */
int clock_is_plausible(int64_t wall_ms);

void clock_read(struct clock_reading *out, enum config_clock policy);

struct post_clock;

/* Goes on where the store's time ended:
 * - in the same run of the machine, by its monotonic clock;
 * - after a restart with a believed clock, when the time of day was known before: by that;
 * - else right where it ended, in a new era: a stretch of unknown length counts nothing, so that nothing expires in
 * it. Returns 0 or the store's error. */
int post_clock_start(struct post_clock **out, struct store *store, const struct clock_reading *reading);
void post_clock_free(struct post_clock *clock); /* NULL is allowed */

/* The scale now, boot_ms after the machine's start. */
int64_t post_clock_now(const struct post_clock *clock, int64_t boot_ms);

/* The time of day of a moment of the scale; 0: not known. */
int64_t post_clock_unix(const struct post_clock *clock, int64_t node_ms);

/* How well the time of day is known now. */
enum clock_source post_clock_source(const struct post_clock *clock);

/* Takes the system clock for what it is worth.  Returns 1 when the time of day moved by a second or more, or is known
 * better; 0; or the store's error, after which it is taken all the same. */
int post_clock_take_system(struct post_clock *clock, const struct clock_reading *reading);

/* Likewise the time that a coordinator told: unix_ms was at now_ms of the scale. */
int post_clock_take_network(struct post_clock *clock, int64_t now_ms, int64_t unix_ms);

/* Keeps how far the scale got. */
int post_clock_save(struct post_clock *clock, const struct clock_reading *reading);

#endif
