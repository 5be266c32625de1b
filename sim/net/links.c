/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who could ever hear whom on which channel. */
#include "sim/net/links.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int add_link(struct links *links, const struct propagation_link *link)
{
  if (links->count == links->size) {
    size_t larger = links->size ? 2 * links->size : 1024;
    struct propagation_link *grown = realloc(links->link, larger * sizeof *grown);
    if (!grown)
      return -ENOMEM;
    links->link = grown;
    links->size = larger;
  }
  links->link[links->count++] = *link;
  return 0;
}

static int add_from(struct links *links, uint64_t seed, unsigned channel, uint16_t from)
{
  struct link_span *span = &links->from[channel][from];
  span->at = links->count;
  for (uint16_t to = 1; to <= SCENARIO_PLACES_MAX; to++) {
    struct propagation_link link;
    if (propagation_prepare(links->scenario, seed, channel, from, to, &link) && add_link(links, &link))
      return -ENOMEM;
  }
  span->count = links->count - span->at;
  return 0;
}

struct links *links_new(const struct scenario *scenario, uint64_t seed)
{
  struct links *links = calloc(1, sizeof *links);
  if (!links)
    return NULL;
  links->scenario = scenario;
  for (unsigned channel = 0; channel < scenario->channel_count; channel++)
    for (uint16_t from = 1; from <= SCENARIO_PLACES_MAX; from++)
      if (scenario_has_channel(scenario, from, channel) && add_from(links, seed, channel, from)) {
        links_free(links);
        return NULL;
      }
  return links;
}

void links_free(struct links *links)
{
  if (!links)
    return;
  free(links->link);
  free(links);
}

const struct propagation_link *links_from(const struct links *links, unsigned channel, uint16_t from, size_t *count)
{
  const struct link_span *span = &links->from[channel][from];
  *count = span->count;
  return links->link + span->at;
}

static int by_listener(const void *key, const void *element)
{
  return *(const uint16_t *)key - ((const struct propagation_link *)element)->to;
}

const struct propagation_link *links_find(const struct links *links, unsigned channel, uint16_t from, uint16_t to)
{
  size_t count;
  const struct propagation_link *first = links_from(links, channel, from, &count);
  return count ? bsearch(&to, first, count, sizeof *first, by_listener) : NULL;
}

double links_snr_db(const struct links *links, unsigned channel, uint16_t from, uint16_t to, int64_t at_ms)
{
  const struct propagation_link *link = links_find(links, channel, from, to);
  return link ? propagation_link_snr_db(links->scenario, channel, from, link, at_ms) : PROPAGATION_NONE_DB;
}

double links_noise(const struct links *links, unsigned channel, uint16_t to, int64_t begin_ms, int64_t end_ms)
{
  double sum = 0;
  for (size_t i = 0; i < links->scenario->jammer_count; i++) {
    const struct scenario_jammer *jammer = &links->scenario->jammer[i];
    if (jammer->channel == channel && scenario_noise_is_on(jammer, begin_ms, end_ms))
      sum += pow(10, links_snr_db(links, channel, scenario_jammer_place(i), to, begin_ms) / 10);
  }
  return sum;
}
