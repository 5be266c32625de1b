/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads scenario files: which section an entry belongs to, and what is missing at the end. */
#include "sim/net/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/scenario_keys.h"

/* What follows the first word of a section's heading. */
static int split_name(struct ini_file *file, const char *section, char name[SCENARIO_NAME_MAX])
{
  const char *blank = strchr(section, ' ');
  if (blank && scenario_is_name(blank + 1)) {
    strcpy(name, blank + 1);
    return 1;
  }
  ini_fault(file, "section", section,
            "give it a name after a blank, of 1 to 47 bytes without quotes, backslashes and control characters");
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

/* Sections of one kind: an array of structs that begin with a struct scenario_section. */
struct section_list {
  void *first;
  size_t size, max, *count;
};

static struct scenario_section *section_at(const struct section_list *list, size_t index)
{
  return (struct scenario_section *)((char *)list->first + index * list->size);
}

/* The element for a section, added when it is new (all zero but its name and line).  NULL after a fault. */
static void *find_section(struct ini_file *file, const struct section_list *list, const char *section)
{
  char name[SCENARIO_NAME_MAX];
  size_t i = 0;
  if (!split_name(file, section, name))
    return NULL;
  while (i < *list->count && strcmp(section_at(list, i)->name, name))
    i++;
  if (i == list->max) {
    no_room(file, section);
    return NULL;
  }
  struct scenario_section *found = section_at(list, i);
  if (i == *list->count) {
    (*list->count)++;
    found->line = file->line;
    strcpy(found->name, name);
  }
  return found;
}

static void channel_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                          const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  struct section_list list = {scenario->channel, sizeof *scenario->channel, NODE_CHANNELS_MAX,
                              &scenario->channel_count};
  struct scenario_channel *channel = find_section(file, &list, section);
  if (channel)
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
  if (*end || number < 1 || !station_is_valid((unsigned)(number > STATION_MAX ? 0 : number))) {
    ini_fault(file, "section", section, "write [station N], N from 1 to 250 or from 256 to 1279");
    return;
  }
  struct scenario_station *station = &scenario->station[number];
  if (!station->is_used) {
    scenario->station_count++;
    *station =
        (struct scenario_station){.section.line = file->line, .is_used = 1, .height_m = 10, .channels = UINT8_MAX};
    snprintf(station->section.name, sizeof station->section.name, "Station %ld", number);
  }
  scenario_station_key(file, reading, station, key, value);
}

static void traffic_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                          const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  struct section_list list = {scenario->traffic, sizeof *scenario->traffic, SCENARIO_TRAFFIC_MAX,
                              &scenario->traffic_count};
  struct scenario_traffic *traffic = find_section(file, &list, section);
  if (traffic)
    scenario_traffic_key(file, reading, traffic, key, value);
}

static void outage_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                         const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  struct section_list list = {scenario->outage, sizeof *scenario->outage, SCENARIO_OUTAGES_MAX,
                              &scenario->outage_count};
  struct scenario_outage *outage = find_section(file, &list, section);
  if (outage)
    scenario_outage_key(file, reading, outage, key, value);
}

static void jammer_entry(struct ini_file *file, struct scenario_reading *reading, const char *section,
                         const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  struct section_list list = {scenario->jammer, sizeof *scenario->jammer, SCENARIO_JAMMERS_MAX,
                              &scenario->jammer_count};
  struct scenario_jammer *jammer = find_section(file, &list, section);
  if (jammer)
    scenario_jammer_key(file, reading, jammer, key, value);
}

static int is_station(const struct scenario *scenario, long number)
{
  return number >= 1 && number <= STATION_MAX && scenario->station[number].is_used;
}

/* Reads "link A B" or "link A B CHANNEL".  Returns 0 when it is neither. */
static int read_heading(const struct scenario *scenario, const char *section, struct scenario_link *link)
{
  long a = 0, b = 0;
  int used = 0;
  if (sscanf(section, "link %ld %ld%n", &a, &b, &used) != 2 || a == b || !is_station(scenario, a) ||
      !is_station(scenario, b))
    return 0;
  int channel = section[used] == ' ' ? scenario_find_channel(scenario, section + used + 1) : SCENARIO_LINK_ANY;
  if (channel < 0 || (section[used] && section[used] != ' '))
    return 0;
  link->a = (uint16_t)(a < b ? a : b);
  link->b = (uint16_t)(a < b ? b : a);
  link->channel = (uint8_t)channel;
  return 1;
}

static void link_entry(struct ini_file *file, struct scenario_reading *reading, const char *section, const char *key,
                       const char *value)
{
  struct scenario *scenario = reading->scenario;
  struct scenario_link link = {.line = file->line};
  if (!read_heading(scenario, section, &link))
    ini_fault(file, "section", section,
              "write [link A B] or [link A B CHANNEL] with two stations and a channel that stand above it");
  else if (strcmp(key, "snr"))
    ini_fault(file, key, value, "no such key; a link has snr");
  else if (scenario->link_count == SCENARIO_LINKS_MAX)
    no_room(file, section);
  else {
    link.snr_db = ini_number(file, key, value, -99, 60);
    scenario->link[scenario->link_count++] = link;
  }
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
  else if (is_kind(section, "jammer"))
    jammer_entry(file, reading, section, key, value);
  else if (is_kind(section, "link"))
    link_entry(file, reading, section, key, value);
  else
    ini_fault(file, "section", section,
              "write [scenario], [channel NAME], [station N], [traffic NAME], [outage NAME], [jammer NAME] "
              "or [link A B]");
}

static int by_ends(const void *a, const void *b)
{
  const struct scenario_link *x = a, *y = b;
  return x->a != y->a ? x->a - y->a : x->b != y->b ? x->b - y->b : x->channel - y->channel;
}

int scenario_read(struct scenario *out, const struct mode_table *modes, const char *path, char *why, size_t why_len)
{
  struct ini_file file = {.path = path, .why = why, .why_len = why_len};
  struct scenario_reading reading = {.scenario = out, .modes = modes};
  memset(out, 0, sizeof *out);
  strcpy(out->name, "unnamed");
  out->seed = out->month = 1;
  out->hour = 6;
  int err = ini_file_read(&file, read_entry, &reading);
  if (err)
    return err;
  qsort(out->link, out->link_count, sizeof *out->link, by_ends);
  scenario_check(&file, out);
  return file.has_fault ? -EINVAL : 0;
}

int scenario_keeps_power(const struct scenario *scenario, uint16_t station, int64_t begin_ms, int64_t end_ms)
{
  for (size_t i = 0; i < scenario->outage_count; i++) {
    const struct scenario_outage *outage = &scenario->outage[i];
    if (outage->stations.has[station] && outage->from_ms <= end_ms && begin_ms < outage->to_ms)
      return 0;
  }
  return 1;
}

int scenario_has_power(const struct scenario *scenario, uint16_t station, int64_t at_ms)
{
  return scenario_keeps_power(scenario, station, at_ms, at_ms);
}

int scenario_has_channel(const struct scenario *scenario, uint16_t place, unsigned channel)
{
  return scenario->station[place].channels >> channel & 1;
}

uint16_t scenario_jammer_place(size_t jammer)
{
  return (uint16_t)(STATION_MAX + 1 + jammer);
}

int scenario_jammer_is_active(const struct scenario_jammer *jammer, int64_t at_ms)
{
  return jammer->from_ms <= at_ms && at_ms < jammer->to_ms;
}

int scenario_noise_is_on(const struct scenario_jammer *jammer, int64_t begin_ms, int64_t end_ms)
{
  int64_t begin = begin_ms > jammer->from_ms ? begin_ms : jammer->from_ms;
  int64_t end = end_ms < jammer->to_ms ? end_ms : jammer->to_ms;
  if (jammer->kind != JAMMER_NOISE || begin >= end)
    return 0;
  int64_t period = jammer->on_ms + jammer->off_ms, at = period ? (begin - jammer->from_ms) % period : 0;
  return !period || at < jammer->on_ms || at + (end - begin) > period;
}

static const struct scenario_link *find_link(const struct scenario *scenario, struct scenario_link wanted)
{
  return bsearch(&wanted, scenario->link, scenario->link_count, sizeof wanted, by_ends);
}

int scenario_find_link(const struct scenario *scenario, uint16_t a, uint16_t b, unsigned channel, double *snr_db)
{
  struct scenario_link wanted = {.a = a < b ? a : b, .b = a < b ? b : a, .channel = (uint8_t)channel};
  const struct scenario_link *link = find_link(scenario, wanted);
  wanted.channel = SCENARIO_LINK_ANY;
  link = link ? link : find_link(scenario, wanted);
  if (link)
    *snr_db = link->snr_db;
  return link != NULL;
}

const char *scenario_role_name(unsigned role)
{
  return role == SCENARIO_ROLE_MOBILE ? "mobile" : station_role_name(role);
}
