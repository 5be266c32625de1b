/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads scenario files: which section an entry belongs to, and what is missing at the end. */
#include "sim/net/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/scenario_keys.h"

static int split_name(struct ini_file *file, const char *section, char name[SCENARIO_NAME_MAX])
{
  const char *blank = strchr(section, ' ');
  if (blank && blank[1] && strlen(blank + 1) < SCENARIO_NAME_MAX) {
    strcpy(name, blank + 1);
    return 1;
  }
  ini_fault(file, "section", section, "give it a name after a blank, at most 47 bytes long");
  return 0;
}

static int is_kind(const char *section, const char *kind)
{
  size_t len = strlen(kind);
  return !strncmp(section, kind, len) && (!section[len] || section[len] == ' ');
}

static void no_room(struct ini_file *file, const char *section)
{
  ini_fault(file, "section", section, "there are too many sections of this kind; FORMAT.md tells how many may be");
}

static void channel_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                          const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  char name[SCENARIO_NAME_MAX];
  size_t i = 0;
  if (!split_name(file, section, name))
    return;
  while (i < scenario->channel_count && strcmp(scenario->channel[i].name, name))
    i++;
  if (i == NODE_CHANNELS_MAX) {
    no_room(file, section);
    return;
  }
  struct scenario_channel *channel = &scenario->channel[i];
  if (i == scenario->channel_count) {
    scenario->channel_count++;
    channel->line = file->line;
    channel->power_w = 20;
    strcpy(channel->name, name);
  }
  scenario_channel_key(file, reading, channel, key, value);
}

static void station_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                          const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  char name[SCENARIO_NAME_MAX], *end;
  if (!split_name(file, section, name))
    return;
  long number = strtol(name, &end, 10);
  if (*end || number < 1 || number > STATION_MAX || !station_is_valid((unsigned)number)) {
    ini_fault(file, "section", section, "write [station N], N from 1 to 250 or 256 to 1279");
    return;
  }
  struct scenario_station *station = &scenario->station[number];
  if (!station->is_used) {
    scenario->station_count++;
    *station = (struct scenario_station){.is_used = 1, .line = file->line, .height_m = 10, .channels = 0xff};
    snprintf(station->name, sizeof station->name, "Station %ld", number);
  }
  scenario_station_key(file, reading, station, key, value);
}

static void traffic_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                          const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  char name[SCENARIO_NAME_MAX];
  size_t i = 0;
  if (!split_name(file, section, name))
    return;
  while (i < scenario->traffic_count && strcmp(scenario->traffic[i].name, name))
    i++;
  if (i == SCENARIO_TRAFFIC_MAX) {
    no_room(file, section);
    return;
  }
  struct scenario_traffic *traffic = &scenario->traffic[i];
  if (i == scenario->traffic_count) {
    scenario->traffic_count++;
    traffic->line = file->line;
    traffic->count = 1;
    strcpy(traffic->name, name);
  }
  scenario_traffic_key(file, reading, traffic, key, value);
}

static void outage_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                         const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  char name[SCENARIO_NAME_MAX];
  size_t i = 0;
  if (!split_name(file, section, name))
    return;
  while (i < scenario->outage_count && strcmp(scenario->outage[i].name, name))
    i++;
  if (i == SCENARIO_OUTAGES_MAX) {
    no_room(file, section);
    return;
  }
  struct scenario_outage *outage = &scenario->outage[i];
  if (i == scenario->outage_count) {
    scenario->outage_count++;
    outage->line = file->line;
    strcpy(outage->name, name);
  }
  scenario_outage_key(file, reading, outage, key, value);
}

static int is_station(const struct scenario *scenario, long number)
{
  return number >= 1 && number <= STATION_MAX && scenario->station[number].is_used;
}

static void link_entry(struct ini_file *file, struct scenario_reading *reading, const char *section, const char *key,
                       const char *value)
{
  struct scenario *scenario = reading->scenario;
  long a = 0, b = 0;
  char tail;
  if (sscanf(section, "link %ld %ld%c", &a, &b, &tail) != 2 || a == b || !is_station(scenario, a) ||
      !is_station(scenario, b))
    ini_fault(file, "section", section, "write [link A B] with the numbers of two stations that stand above it");
  else if (strcmp(key, "snr"))
    ini_fault(file, key, value, "no such key; a link has snr");
  else if (scenario->link_count == SCENARIO_LINKS_MAX)
    no_room(file, section);
  else
    scenario->link[scenario->link_count++] =
        (struct scenario_link){(uint16_t)a, (uint16_t)b, ini_number(file, key, value, -99, 60)};
}

static void read_entry(struct ini_file *file, void *context, const char *section, const char *key, const char *value)
{
  struct scenario_reading *reading = context;
  if (!strcmp(section, "scenario"))
    scenario_key(file, reading, reading->scenario, key, value);
  else if (is_kind(section, "channel"))
    channel_entry(file, reading, section, key, value);
  else if (is_kind(section, "station"))
    station_entry(file, reading, section, key, value);
  else if (is_kind(section, "traffic"))
    traffic_entry(file, reading, section, key, value);
  else if (is_kind(section, "outage"))
    outage_entry(file, reading, section, key, value);
  else if (is_kind(section, "link"))
    link_entry(file, reading, section, key, value);
  else
    ini_fault(file, "section", section,
              "write [scenario], [channel NAME], [station N], [traffic NAME], [outage NAME] "
              "or [link A B]");
}

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
  if (!traffic->kind || is_empty(&traffic->from))
    missing(file, traffic->line, "traffic", traffic->name, "give it kind and from");
  if (!traffic->to_all && !traffic->to_random && is_empty(&traffic->to))
    missing(file, traffic->line, "traffic", traffic->name, "give it to");
  if ((traffic->every_ms != 0) == (traffic->at_count != 0))
    missing(file, traffic->line, "traffic", traffic->name, "give it either every or at");
}

static void check_whole(struct ini_file *file, const struct scenario *scenario)
{
  if (!scenario->length_ms)
    missing(file, 1, "scenario", scenario->name, "give the section [scenario] hours");
  if (!scenario->channel_count)
    missing(file, 1, "scenario", scenario->name, "add a section [channel NAME]");
  if (scenario->station_count < 2)
    missing(file, 1, "scenario", scenario->name, "add sections [station N], at least two");
  for (size_t i = 0; i < scenario->channel_count; i++)
    if (!(scenario->channel[i].mhz > 0) || !scenario->channel[i].mode_count)
      missing(file, scenario->channel[i].line, "channel", scenario->channel[i].name, "give it kind, mhz and modes");
  for (unsigned i = 1; i <= STATION_MAX; i++)
    if (scenario->station[i].is_used && !(scenario->station[i].has_latitude && scenario->station[i].has_longitude))
      missing(file, scenario->station[i].line, "station", scenario->station[i].name,
              "give it latitude and longitude in degrees");
  for (size_t i = 0; i < scenario->traffic_count; i++)
    check_traffic(file, &scenario->traffic[i]);
  for (size_t i = 0; i < scenario->outage_count; i++)
    if (is_empty(&scenario->outage[i].stations) || scenario->outage[i].to_ms <= scenario->outage[i].from_ms)
      missing(file, scenario->outage[i].line, "outage", scenario->outage[i].name,
              "give it stations, and a to that comes after from");
}

int scenario_read(struct scenario *out, const struct mode_table *modes, const char *path, char *why, size_t why_len)
{
  struct ini_file file = {.path = path, .why = why, .why_len = why_len};
  struct scenario_reading reading = {.scenario = out, .modes = modes};
  *out = (struct scenario){.name = "unnamed", .seed = 1, .month = 1, .hour = 6};
  int err = ini_file_read(&file, read_entry, &reading);
  if (!err)
    check_whole(&file, out);
  return err ? err : file.has_fault ? -EINVAL : 0;
}

int scenario_has_power(const struct scenario *scenario, uint16_t station, int64_t at_ms)
{
  for (size_t i = 0; i < scenario->outage_count; i++) {
    const struct scenario_outage *outage = &scenario->outage[i];
    if (outage->stations.has[station] && outage->from_ms <= at_ms && at_ms < outage->to_ms)
      return 0;
  }
  return 1;
}

int scenario_has_channel(const struct scenario *scenario, uint16_t station, unsigned channel)
{
  return scenario->station[station].is_used && (scenario->station[station].channels >> channel & 1);
}
