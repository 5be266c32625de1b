/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Earliest arrival over a contact graph that changes with time.  At each step the stations fall into groups that are
 * connected with each other; whoever holds a message gives it to all of its group. */
#include "sim/net/reach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS (STATION_MAX + 1)
#define NEVER UINT16_MAX

struct reach {
  const struct links *links;
  uint16_t steps;
  uint16_t *group;           /* [step][station]: the lowest number in its group */
  uint16_t from, first_step; /* of what arrival holds, from 0: nothing */
  uint16_t arrival[NUMBERS]; /* step at which each could have had it, NEVER */
};

static uint16_t *groups_at(const struct reach *reach, unsigned step)
{
  return reach->group + (size_t)step * NUMBERS;
}

/* The group's number so far, with its chain of references halved (Tarjan and van Leeuwen 1984). */
static uint16_t root(uint16_t *group, uint16_t station)
{
  while (group[station] != station)
    station = group[station] = group[group[station]];
  return station;
}

static void join(uint16_t *group, uint16_t a, uint16_t b)
{
  a = root(group, a);
  b = root(group, b);
  if (a < b)
    group[b] = a;
  else
    group[a] = b;
}

static int carries(const struct links *links, unsigned channel, uint16_t from, const struct propagation_link *link,
                   int64_t at_ms)
{
  const struct scenario_channel *radio = &links->scenario->channel[channel];
  double snr_db = propagation_link_snr_db(links->scenario, channel, from, link, at_ms);
  double noise = links_noise(links, channel, link->to, at_ms, at_ms + 1);
  for (size_t i = 0; i < radio->mode_count; i++)
    if (mode_arrival(radio->mode[i], snr_db - 10 * log10(1 + noise), 1) >= REACH_ARRIVAL)
      return 1;
  return 0;
}

/* Both ways, for whoever takes a message must be able to say so. */
static int is_contact(const struct links *links, unsigned channel, uint16_t from, const struct propagation_link *link,
                      int64_t at_ms)
{
  const struct propagation_link *back = links_find(links, channel, link->to, from);
  return back && carries(links, channel, from, link, at_ms) && carries(links, channel, link->to, back, at_ms);
}

static void find_contacts(struct reach *reach, uint16_t *group, const uint8_t *is_on, unsigned channel, uint16_t from,
                          int64_t at_ms)
{
  size_t count;
  const struct propagation_link *link = links_from(reach->links, channel, from, &count);
  for (size_t i = 0; i < count; i++) {
    uint16_t to = link[i].to;
    if (to > from && to <= STATION_MAX && is_on[to] && root(group, from) != root(group, to) &&
        is_contact(reach->links, channel, from, &link[i], at_ms))
      join(group, from, to);
  }
}

static void find_groups(struct reach *reach, unsigned step)
{
  const struct scenario *scenario = reach->links->scenario;
  uint16_t *group = groups_at(reach, step);
  uint8_t is_on[NUMBERS] = {0};
  int64_t at_ms = step * REACH_STEP_MS;
  for (uint16_t i = 1; i <= STATION_MAX; i++) {
    group[i] = i;
    is_on[i] = scenario->station[i].is_used && scenario_has_power(scenario, i, at_ms);
  }
  for (unsigned channel = 0; channel < scenario->channel_count; channel++)
    for (uint16_t from = 1; from <= STATION_MAX; from++)
      if (is_on[from])
        find_contacts(reach, group, is_on, channel, from, at_ms);
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    group[i] = root(group, i);
}

struct reach *reach_new(const struct links *links)
{
  struct reach *reach = calloc(1, sizeof *reach);
  if (!reach)
    return NULL;
  reach->links = links;
  reach->steps = (uint16_t)(links->scenario->length_ms / REACH_STEP_MS);
  reach->group = malloc(((size_t)reach->steps + 1) * NUMBERS * sizeof *reach->group);
  if (!reach->group) {
    reach_free(reach);
    return NULL;
  }
  for (unsigned step = 0; step < reach->steps; step++)
    find_groups(reach, step);
  return reach;
}

void reach_free(struct reach *reach)
{
  if (!reach)
    return;
  free(reach->group);
  free(reach);
}

/* Who else gets it at this step. */
static void spread(struct reach *reach, uint16_t step)
{
  const uint16_t *group = groups_at(reach, step);
  uint8_t has_it[NUMBERS] = {0};
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (reach->arrival[i] != NEVER)
      has_it[group[i]] = 1;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (reach->arrival[i] == NEVER && has_it[group[i]])
      reach->arrival[i] = step;
}

static void search(struct reach *reach, uint16_t from, uint16_t first_step)
{
  reach->from = from;
  reach->first_step = first_step;
  for (unsigned i = 0; i < NUMBERS; i++)
    reach->arrival[i] = NEVER;
  reach->arrival[from] = first_step;
  for (uint16_t step = first_step; step < reach->steps; step++)
    spread(reach, step);
}

int reach_allows(struct reach *reach, uint16_t from, uint16_t to, int64_t filed_ms, int64_t expires_ms)
{
  int64_t first_step = (filed_ms + REACH_STEP_MS - 1) / REACH_STEP_MS;
  if (first_step >= reach->steps)
    return 0;
  if (reach->from != from || reach->first_step != first_step)
    search(reach, from, (uint16_t)first_step);
  return reach->arrival[to] != NEVER && (reach->arrival[to] + 1) * REACH_STEP_MS <= expires_ms;
}
