/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes Gaussian noise fast enough that a simulated hour costs seconds: the ziggurat of Marsaglia and Tsang (2000)
 * with the 128 layers of Doornik (2005) over xoshiro256++ (Blackman and Vigna 2018). */
#include "sim/air/noise.h"

#include <math.h>

/* Where the tail begins and the area of every layer, for 128 layers (Doornik 2005). */
#define TAIL_START 3.442619855899
#define LAYER_AREA 9.91256303526217e-3

static uint64_t rotate(uint64_t x, int k)
{
  return x << k | x >> (64 - k);
}

static uint64_t next_bits(struct noise *noise)
{
  uint64_t *s = noise->state;
  uint64_t result = rotate(s[0] + s[3], 23) + s[0];
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

/* SplitMix64, which xoshiro's authors advise for turning one number into a full state. */
static uint64_t mix_seed(uint64_t *seed)
{
  uint64_t z = *seed += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

void noise_init(struct noise *noise, uint64_t seed)
{
  for (int i = 0; i < 4; i++)
    noise->state[i] = mix_seed(&seed);
  double x[NOISE_LAYERS + 1];
  double f = exp(-0.5 * TAIL_START * TAIL_START);
  x[0] = LAYER_AREA / f; /* the bottom layer holds the tail: as wide as its area demands */
  x[1] = TAIL_START;
  for (int i = 2; i < NOISE_LAYERS; i++) {
    x[i] = sqrt(-2 * log(LAYER_AREA / x[i - 1] + f));
    f = exp(-0.5 * x[i] * x[i]);
  }
  x[NOISE_LAYERS] = 0;
  for (int i = 0; i <= NOISE_LAYERS; i++)
    noise->edge[i] = (float)x[i];
  for (int i = 0; i < NOISE_LAYERS; i++)
    noise->ratio[i] = (float)(x[i + 1] / x[i]);
}

double noise_uniform(struct noise *noise)
{
  return ((double)(next_bits(noise) >> 12) + 0.5) * 0x1p-52;
}

/* Marsaglia's method for the tail beyond TAIL_START. */
static double tail_sample(struct noise *noise)
{
  double x, y;
  do {
    x = log(noise_uniform(noise)) / TAIL_START;
    y = log(noise_uniform(noise));
  } while (-2 * y < x * x);
  return TAIL_START - x;
}

float noise_next(struct noise *noise)
{
  for (;;) {
    uint64_t bits = next_bits(noise);
    unsigned layer = bits & (NOISE_LAYERS - 1);
    float u = (float)((int64_t)bits >> 32) * 0x1p-31f; /* -1..1; its bits and the layer's do not overlap */
    if (fabsf(u) < noise->ratio[layer])
      return u * noise->edge[layer];
    if (layer == 0)
      return (float)(u < 0 ? -tail_sample(noise) : tail_sample(noise));
    double x = (double)u * noise->edge[layer];
    double low = exp(-0.5 * (double)noise->edge[layer] * noise->edge[layer]);
    double high = exp(-0.5 * (double)noise->edge[layer + 1] * noise->edge[layer + 1]);
    if (low + noise_uniform(noise) * (high - low) < exp(-0.5 * x * x))
      return (float)x;
  }
}
