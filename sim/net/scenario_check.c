/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is missing or does not fit in a scenario once all of its file is read, and what holds where it says nothing.
 */
#include <stdio.h>

#include "sim/net/scenario_keys.h"

#define DEFAULT_POWER_W 20
#define DEFAULT_EVERY_MS 10000

#define TEXT_OF(number) #number
#define TEXT_OF_VALUE(number) TEXT_OF(number)
#define TOO_MANY "a network has at most " TEXT_OF_VALUE(DIRECTORY_MAX_STATIONS) " stations; remove some"

static void missing(struct ini_file *file, int line, const char *what, const char *name, const char *remedy)
{
  file->line = line;
  ini_fault(file, what, name, remedy);
}

static int is_empty(const struct station_set *set)
{
  for (unsigned i = 1; i <= STATION_MAX; i++)
    if (set->has[i])
      return 0;
  return 1;
}

static void check_traffic(struct ini_file *file, const struct scenario_traffic *traffic)
{
  const char *name = traffic->section.name;
  if (!traffic->kind || is_empty(&traffic->from))
    missing(file, traffic->section.line, "traffic", name, "give it kind and from");
  if (!traffic->to_all && !traffic->to_random && !traffic->to_own && is_empty(&traffic->to))
    missing(file, traffic->section.line, "traffic", name, "give it to");
  if ((traffic->every_ms != 0) == (traffic->at_count != 0))
    missing(file, traffic->section.line, "traffic", name, "give it either every or at");
}

static void check_station(struct ini_file *file, const struct scenario *scenario,
                          const struct scenario_station *station)
{
  const char *name = station->section.name;
  int stays = station->has_latitude && station->has_longitude;
  if (!stays && !station->route_count)
    missing(file, station->section.line, "station", name, "give it latitude and longitude in degrees, or a route");
  if (station->repeat_ms && (!station->route_count || station->repeat_ms <= scenario_route_end_ms(scenario, station)))
    missing(file, station->section.line, "station", name, "give it a route that ends before it repeats");
  if (station->coordinator && !scenario->station[station->coordinator].is_used)
    missing(file, station->section.line, "station", name, "coordinator: write the number of a station");
}

static void check_jammer(struct ini_file *file, const struct scenario *scenario, struct scenario_jammer *jammer,
                         struct scenario_station *place)
{
  const char *name = jammer->section.name;
  place->section = jammer->section;
  place->height_m = place->height_m > 0 ? place->height_m : 10;
  place->channels = (uint8_t)(1u << jammer->channel);
  jammer->to_ms = jammer->to_ms ? jammer->to_ms : scenario->length_ms;
  jammer->every_ms = jammer->every_ms ? jammer->every_ms : DEFAULT_EVERY_MS;
  if (!jammer->has_kind || !jammer->has_channel)
    missing(file, jammer->section.line, "jammer", name, "give it kind and channel");
  if ((!place->has_latitude || !place->has_longitude) && !place->route_count)
    missing(file, jammer->section.line, "jammer", name, "give it latitude and longitude in degrees, or a route");
  if (jammer->to_ms <= jammer->from_ms)
    missing(file, jammer->section.line, "jammer", name, "give it a to that comes after from");
  if ((jammer->on_ms != 0) != (jammer->off_ms != 0))
    missing(file, jammer->section.line, "jammer", name, "give it both on and off, or neither");
  if ((jammer->kind == JAMMER_STOLEN) != (jammer->station != 0))
    missing(file, jammer->section.line, "jammer", name, "give the kind stolen, and only it, a station");
}

static void check_links(struct ini_file *file, const struct scenario *scenario)
{
  char ends[32];
  for (size_t i = 1; i < scenario->link_count; i++) {
    const struct scenario_link *one = &scenario->link[i - 1], *other = &scenario->link[i];
    snprintf(ends, sizeof ends, "%u %u", other->a, other->b);
    if (one->a == other->a && one->b == other->b && one->channel == other->channel)
      missing(file, one->line > other->line ? one->line : other->line, "link", ends, "stands twice; remove one");
  }
}

static void check_channel(struct ini_file *file, struct scenario_channel *channel)
{
  channel->power_w = channel->power_w > 0 ? channel->power_w : DEFAULT_POWER_W;
  if (!(channel->mhz > 0) || !channel->mode_count)
    missing(file, channel->section.line, "channel", channel->section.name, "give it kind, mhz and modes");
}

void scenario_check(struct ini_file *file, struct scenario *scenario)
{
  if (!scenario->length_ms)
    missing(file, 1, "scenario", scenario->name, "give the section [scenario] hours");
  if (!scenario->channel_count)
    missing(file, 1, "scenario", scenario->name, "add a section [channel NAME]");
  if (scenario->station_count < 2)
    missing(file, 1, "scenario", scenario->name, "add sections [station N], at least two");
  if (scenario->station_count > DIRECTORY_MAX_STATIONS)
    missing(file, 1, "scenario", scenario->name, TOO_MANY);
  for (size_t i = 0; i < scenario->channel_count; i++)
    check_channel(file, &scenario->channel[i]);
  for (unsigned i = 1; i <= STATION_MAX; i++)
    if (scenario->station[i].is_used)
      check_station(file, scenario, &scenario->station[i]);
  for (size_t i = 0; i < scenario->traffic_count; i++) {
    scenario->traffic[i].count = scenario->traffic[i].count ? scenario->traffic[i].count : 1;
    check_traffic(file, &scenario->traffic[i]);
  }
  for (size_t i = 0; i < scenario->outage_count; i++)
    if (is_empty(&scenario->outage[i].stations) || scenario->outage[i].to_ms <= scenario->outage[i].from_ms)
      missing(file, scenario->outage[i].section.line, "outage", scenario->outage[i].section.name,
              "give it stations, and a to that comes after from");
  for (size_t i = 0; i < scenario->jammer_count; i++)
    check_jammer(file, scenario, &scenario->jammer[i], &scenario->station[scenario_jammer_place(i)]);
  check_links(file, scenario);
}
