/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sound posts that hear each other through white noise. */
#ifndef SIM_POST_PAIR_H
#define SIM_POST_PAIR_H

#include <stdint.h>

#include "sim/post/sound_post.h"

struct pair;

/* Posts 1 and 2, each hearing the other at snr_db in 3 kHz.  NULL: no memory, or no mode in the library. */
struct pair *pair_new(double snr_db, uint64_t seed);
void pair_free(struct pair *pair);

/* Files message at post 1 for post 2 and runs until it is delivered and both are silent again.  Returns the channel
 * seconds of all that was keyed, or a negative errno code (-ETIMEDOUT: not delivered within limit_s of air). */
double pair_exchange(struct pair *pair, struct message *message, double limit_s, char *why, size_t why_len);

/* Bytes of the last burst of post number. */
size_t pair_last_len(const struct pair *pair, unsigned number);

#endif
