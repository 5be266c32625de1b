/* SPDX-License-Identifier: GPL-3.0-or-later */
/* White Gaussian noise from a seed, for every simulated channel.  In sim/air/ live the pieces of which channels are
 * made; sockets, stations and protocol must not. */
#ifndef SIM_AIR_NOISE_H
#define SIM_AIR_NOISE_H

#include <stdint.h>

#define NOISE_LAYERS 128

struct noise {
  uint64_t state[4];
  float edge[NOISE_LAYERS + 1]; /* x of each layer of the ziggurat */
  float ratio[NOISE_LAYERS];    /* below this share of its layer a point needs no further test */
};

/* The same seed gives the same samples. */
void noise_init(struct noise *noise, uint64_t seed);

/* One sample of mean 0 and variance 1. */
float noise_next(struct noise *noise);

/* Uniform in (0, 1). */
double noise_uniform(struct noise *noise);

#endif
