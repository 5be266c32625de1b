/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bursts on simulated channels. */
#include "sim/net/air.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/propagation.h"

/* No burst is as long (1,008 bytes in DATAC3 take 25 s), so none of what is older overlaps one that goes on. */
#define MEMORY_MS 60000

void air_init(struct air *air, const struct scenario *scenario, uint64_t seed)
{
  memset(air, 0, sizeof *air);
  air->scenario = scenario;
  air->seed = seed;
  noise_init(&air->dice, seed);
}

void air_wipe(struct air *air)
{
  for (size_t i = 0; i < air->count; i++)
    free(air->burst[i]);
  free(air->burst);
  air->burst = NULL;
  air->count = air->size = 0;
}

static void forget_old(struct air *air, int64_t now_ms)
{
  size_t kept = 0;
  for (size_t i = 0; i < air->count; i++)
    if (air->burst[i]->end_ms + MEMORY_MS < now_ms)
      free(air->burst[i]);
    else
      air->burst[kept++] = air->burst[i];
  air->count = kept;
}

static int make_room(struct air *air)
{
  if (air->count < air->size)
    return 1;
  size_t larger = air->size ? 2 * air->size : 64;
  struct air_burst **grown = realloc(air->burst, larger * sizeof(struct air_burst *));
  if (!grown)
    return 0;
  air->burst = grown;
  air->size = larger;
  return 1;
}

struct air_burst *air_begin(struct air *air, int64_t now_ms, int64_t end_ms, uint16_t from, unsigned channel,
                            unsigned mode, const uint8_t *bytes, size_t len)
{
  forget_old(air, now_ms);
  struct air_burst *burst = make_room(air) ? calloc(1, sizeof *burst) : NULL;
  if (!burst)
    return NULL;
  burst->number = ++air->last_number;
  burst->from = from;
  burst->channel = (uint8_t)channel;
  burst->mode = (uint8_t)mode;
  burst->begin_ms = now_ms;
  burst->end_ms = end_ms;
  burst->len = len;
  memcpy(burst->bytes, bytes, len);
  for (uint16_t to = 1; to <= STATION_MAX; to++)
    burst->snr_db[to] = air->scenario->station[to].is_used && to != from
                            ? (float)propagation_snr_db(air->scenario, air->seed, channel, from, to, now_ms)
                            : (float)PROPAGATION_NONE_DB;
  air->burst[air->count++] = burst;
  return burst;
}

struct air_burst *air_find(const struct air *air, uint32_t number)
{
  for (size_t i = air->count; i-- > 0;)
    if (air->burst[i]->number == number)
      return air->burst[i];
  return NULL;
}

int air_is_sensed(const struct air_burst *burst, uint16_t to)
{
  return burst->snr_db[to] >= AIR_DETECT_DB;
}

static int overlap(const struct air_burst *a, const struct air_burst *b)
{
  return a != b && a->channel == b->channel && a->begin_ms < b->end_ms && b->begin_ms < a->end_ms;
}

/* Power of all other bursts at a listener, over its noise; infinite while it sends itself. */
static double interference(const struct air *air, const struct air_burst *burst, uint16_t to)
{
  double sum = 0;
  for (size_t i = 0; i < air->count; i++) {
    const struct air_burst *other = air->burst[i];
    if (overlap(burst, other))
      sum += other->from == to ? INFINITY : pow(10, (double)other->snr_db[to] / 10);
  }
  return sum;
}

int air_arrives(struct air *air, const struct air_burst *burst, uint16_t to)
{
  const struct mode_curve *mode = air->scenario->channel[burst->channel].mode[burst->mode];
  double snr_db = (double)burst->snr_db[to], others = interference(air, burst, to);
  unsigned units = link_mode_units(&mode->link, burst->len);
  if (burst->is_cut || mode_arrival(mode, snr_db, units) <= 0)
    return 0;
  /* Others far below the noise are part of it. */
  if (snr_db - 10 * log10(others) < AIR_CAPTURE_DB && others > 0.1) {
    air->collisions++;
    return 0;
  }
  double arrival = mode_arrival(mode, snr_db - 10 * log10(1 + others), units);
  return arrival > 0 && noise_uniform(&air->dice) < arrival;
}
