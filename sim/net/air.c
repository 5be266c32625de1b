/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bursts on simulated channels. */
#include "sim/net/air.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/propagation.h"

/* No burst is as long (1,008 bytes in DATAC3 take 25 s), so none of what is older overlaps one that goes on. */
#define MEMORY_MS 60000

void air_init(struct air *air, const struct links *links, uint64_t seed)
{
  memset(air, 0, sizeof *air);
  air->scenario = links->scenario;
  air->links = links;
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

static void find_listeners(const struct air *air, struct air_burst *burst)
{
  size_t count;
  const struct propagation_link *link = links_from(air->links, burst->channel, burst->from, &count);
  for (size_t i = 0; i < count; i++) {
    double snr_db = propagation_link_snr_db(air->scenario, burst->channel, burst->from, &link[i], burst->begin_ms);
    if (snr_db > PROPAGATION_NONE_DB)
      burst->listener[burst->listener_count++] = (struct air_listener){link[i].to, (float)snr_db};
  }
}

struct air_burst *air_begin(struct air *air, const struct air_burst *like, const uint8_t *bytes)
{
  size_t count;
  forget_old(air, like->begin_ms);
  links_from(air->links, like->channel, like->from, &count);
  struct air_burst *burst = make_room(air) ? malloc(sizeof *burst + count * sizeof(struct air_listener)) : NULL;
  if (!burst)
    return NULL;
  *burst = *like;
  burst->number = ++air->last_number;
  burst->listener_count = 0;
  memcpy(burst->bytes, bytes, like->len);
  find_listeners(air, burst);
  air->burst[air->count++] = burst;
  return burst;
}

static int by_number(const void *key, const void *element)
{
  uint32_t number = *(const uint32_t *)key, other = (*(struct air_burst *const *)element)->number;
  return number < other ? -1 : number > other;
}

struct air_burst *air_find(const struct air *air, uint32_t number)
{
  struct air_burst **found =
      air->count ? bsearch(&number, air->burst, air->count, sizeof(struct air_burst *), by_number) : NULL;
  return found ? *found : NULL;
}

static int by_place(const void *key, const void *element)
{
  return *(const uint16_t *)key - ((const struct air_listener *)element)->place;
}

double air_snr_db(const struct air_burst *burst, uint16_t to)
{
  const struct air_listener *listener =
      bsearch(&to, burst->listener, burst->listener_count, sizeof *burst->listener, by_place);
  return listener ? (double)listener->snr_db : PROPAGATION_NONE_DB;
}

int air_is_sensed(const struct air_listener *listener)
{
  return listener->snr_db >= (float)AIR_DETECT_DB;
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
      sum += other->from == to ? INFINITY : pow(10, air_snr_db(other, to) / 10);
  }
  return sum;
}

int air_arrives(struct air *air, const struct air_burst *burst, uint16_t to)
{
  const struct mode_curve *mode = air->scenario->channel[burst->channel].mode[burst->mode];
  double noise = links_noise(air->links, burst->channel, to, burst->begin_ms, burst->end_ms);
  double snr_db = air_snr_db(burst, to) - 10 * log10(1 + noise);
  unsigned units = link_mode_units(&mode->link, burst->len);
  if (burst->is_cut || mode_arrival(mode, snr_db, units) <= 0)
    return 0;
  double others = interference(air, burst, to) / (1 + noise);
  /* Others far below the noise are part of it. */
  if (snr_db - 10 * log10(others) < AIR_CAPTURE_DB && others > 0.1) {
    air->collisions++;
    return 0;
  }
  double arrival = mode_arrival(mode, snr_db - 10 * log10(1 + others), units);
  return arrival > 0 && noise_uniform(&air->dice) < arrival;
}
