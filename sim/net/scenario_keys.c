/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of each kind of section in a scenario file. */
#include "sim/net/scenario_keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS 3600000

int scenario_next_word(const char **at, char word[SCENARIO_WORD_MAX])
{
  size_t len = 0;
  while (**at == ' ' || **at == ',' || **at == '\n')
    (*at)++;
  for (; **at && **at != ',' && **at != '\n'; (*at)++)
    if (len + 1 < SCENARIO_WORD_MAX)
      word[len++] = **at;
  while (len && word[len - 1] == ' ')
    len--;
  word[len] = 0;
  return len > 0;
}

int scenario_is_name(const char *name)
{
  size_t len = strnlen(name, SCENARIO_NAME_MAX);
  for (size_t i = 0; i < len; i++)
    if (name[i] == '"' || name[i] == '\\' || iscntrl((unsigned char)name[i]))
      return 0;
  return len > 0 && len < SCENARIO_NAME_MAX;
}

static void take_name(struct ini_file *file, char out[SCENARIO_NAME_MAX], const char *key, const char *value)
{
  if (!scenario_is_name(value))
    ini_fault(file, key, value, "write a name of 1 to 47 bytes without quotes, backslashes and control characters");
  else
    strcpy(out, value);
}

void scenario_key(struct ini_file *file, struct scenario_reading *reading, struct scenario *scenario, const char *key,
                  const char *value)
{
  (void)reading;
  if (!strcmp(key, "name"))
    take_name(file, scenario->name, key, value);
  else if (!strcmp(key, "hours"))
    scenario->length_ms = (int64_t)(ini_number(file, key, value, 0.01, 8784) * HOUR_MS);
  else if (!strcmp(key, "seed"))
    scenario->seed = (uint64_t)ini_number(file, key, value, 0, 4294967295.0);
  else if (!strcmp(key, "month"))
    scenario->month = (int)ini_number(file, key, value, 1, 12);
  else if (!strcmp(key, "hour"))
    scenario->hour = ini_number(file, key, value, 0, 23.99);
  else if (!strcmp(key, "beacon"))
    scenario->hello_ms = ini_duration(file, key, value);
  else if (!strcmp(key, "crash_permille"))
    scenario->crash_permille = (unsigned)ini_number(file, key, value, 0, 500);
  else
    ini_fault(file, key, value, "no such key; [scenario] has name, hours, seed, month, hour, beacon, crash_permille");
}

static void take_modes(struct ini_file *file, const struct mode_table *modes, struct scenario_channel *channel,
                       const char *key, const char *value)
{
  char word[SCENARIO_WORD_MAX];
  for (const char *at = value; scenario_next_word(&at, word);) {
    const struct mode_curve *mode = mode_table_find(modes, word);
    if (!mode || channel->mode_count == LINK_MODES_MAX) {
      ini_fault(file, key, value, "write at most 8 modes of sim/net/modes.ini with commas between");
      return;
    }
    channel->mode[channel->mode_count++] = mode;
  }
}

void scenario_channel_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_channel *channel,
                          const char *key, const char *value)
{
  if (!strcmp(key, "kind") && (!strcmp(value, "hf") || !strcmp(value, "vhf")))
    channel->kind = strcmp(value, "hf") ? CHANNEL_VHF : CHANNEL_HF;
  else if (!strcmp(key, "kind"))
    ini_fault(file, key, value, "write hf or vhf");
  else if (!strcmp(key, "mhz"))
    channel->mhz = ini_number(file, key, value, 1.6, 512);
  else if (!strcmp(key, "power_w"))
    channel->power_w = ini_number(file, key, value, 0.1, 1500);
  else if (!strcmp(key, "modes"))
    take_modes(file, reading->modes, channel, key, value);
  else
    ini_fault(file, key, value, "no such key; a channel has kind, mhz, power_w, modes");
}

int scenario_find_channel(const struct scenario *scenario, const char *name)
{
  for (size_t i = 0; i < scenario->channel_count; i++)
    if (!strcmp(scenario->channel[i].section.name, name))
      return (int)i;
  return -ENOENT;
}

static void take_channels(struct ini_file *file, const struct scenario *scenario, struct scenario_station *station,
                          const char *key, const char *value)
{
  char word[SCENARIO_WORD_MAX];
  station->channels = 0;
  for (const char *at = value; scenario_next_word(&at, word);) {
    int channel = scenario_find_channel(scenario, word);
    if (channel < 0) {
      ini_fault(file, key, value, "write names of [channel NAME] sections that stand above, with commas between");
      return;
    }
    station->channels |= (uint8_t)(1u << channel);
  }
}

static int find_role(const char *name)
{
  return strcmp(name, scenario_role_name(SCENARIO_ROLE_MOBILE)) ? station_role_find(name) : SCENARIO_ROLE_MOBILE;
}

static void take_role(struct ini_file *file, struct scenario_station *station, const char *key, const char *value)
{
  int role = find_role(value);
  if (role < 0)
    ini_fault(file, key, value, "write post, coordinator, relay or mobile");
  else
    station->role = (uint8_t)role;
}

/* A clock may go before the true time, too. */
static void take_clock(struct ini_file *file, struct scenario_station *station, const char *key, const char *value)
{
  int is_slow = *value == '-';
  station->has_no_clock = !strcmp(value, "none");
  if (station->has_no_clock)
    return;
  int64_t offset_ms = ini_duration(file, key, value + is_slow);
  station->clock_ms = is_slow ? -offset_ms : offset_ms;
}

/* The keys that say where somebody is, a station or a jammer.  Returns 0 when it is none of them. */
static int take_place(struct ini_file *file, struct scenario *scenario, struct scenario_station *station,
                      const char *key, const char *value)
{
  if (!strcmp(key, "latitude")) {
    station->latitude = ini_number(file, key, value, -90, 90);
    station->has_latitude = 1;
  } else if (!strcmp(key, "longitude")) {
    station->longitude = ini_number(file, key, value, -180, 180);
    station->has_longitude = 1;
  } else if (!strcmp(key, "height_m"))
    station->height_m = ini_number(file, key, value, 1, 9000);
  else if (!strcmp(key, "power_w"))
    station->power_w = ini_number(file, key, value, 0.1, 10000);
  else if (!strcmp(key, "route"))
    scenario_take_route(file, scenario, station, key, value);
  else if (!strcmp(key, "repeat"))
    station->repeat_ms = ini_duration(file, key, value);
  else
    return 0;
  return 1;
}

void scenario_station_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_station *station,
                          const char *key, const char *value)
{
  if (take_place(file, reading->scenario, station, key, value))
    return;
  if (!strcmp(key, "name"))
    take_name(file, station->section.name, key, value);
  else if (!strcmp(key, "role"))
    take_role(file, station, key, value);
  else if (!strcmp(key, "channels"))
    take_channels(file, reading->scenario, station, key, value);
  else if (!strcmp(key, "clock"))
    take_clock(file, station, key, value);
  else if (!strcmp(key, "drift_ppm"))
    station->drift_ppm = ini_number(file, key, value, -10000, 10000);
  else if (!strcmp(key, "noise_db"))
    station->noise_db = ini_number(file, key, value, 0, 60);
  else if (!strcmp(key, "coordinator"))
    station->coordinator = (uint16_t)ini_number(file, key, value, 1, STATION_MAX);
  else
    ini_fault(file, key, value,
              "no such key; a station has name, role, latitude, longitude, route, repeat, height_m, power_w, "
              "noise_db, channels, coordinator, clock, drift_ppm");
}

/* Adds what one word stands for.  Returns 0 when it stands for no station. */
static int add_stations(const struct scenario *scenario, struct station_set *set, const char *word)
{
  char *end;
  long number = strtol(word, &end, 10);
  int role = find_role(word), found = 0;
  for (unsigned i = 1; i <= STATION_MAX; i++) {
    const struct scenario_station *station = &scenario->station[i];
    if (!station->is_used)
      continue;
    if (!strcmp(word, "all") || (role >= 0 && station->role == role) || (!*end && number == (long)i))
      set->has[i] = (uint8_t)(found = 1);
  }
  return found;
}

static void take_stations(struct ini_file *file, const struct scenario *scenario, struct station_set *set,
                          const char *key, const char *value)
{
  char word[SCENARIO_WORD_MAX];
  memset(set, 0, sizeof *set);
  for (const char *at = value; scenario_next_word(&at, word);)
    if (!add_stations(scenario, set, word)) {
      ini_fault(file, key, value, "write all, a role, or numbers of stations that stand above, with commas between");
      return;
    }
}

static void take_recipients(struct ini_file *file, const struct scenario *scenario, struct scenario_traffic *traffic,
                            const char *key, const char *value)
{
  traffic->to_all = !strcmp(value, "all");
  traffic->to_random = !strcmp(value, "random");
  traffic->to_own = !strcmp(value, "own");
  if (!traffic->to_all && !traffic->to_random && !traffic->to_own)
    take_stations(file, scenario, &traffic->to, key, value);
}

static void take_kind(struct ini_file *file, struct scenario_traffic *traffic, const char *key, const char *value)
{
  static const uint8_t kinds[] = {MESSAGE_STATUS, MESSAGE_ALERT, MESSAGE_TEXT};
  for (size_t i = 0; i < sizeof kinds; i++)
    if (!strcmp(value, message_kind_name(kinds[i])))
      traffic->kind = kinds[i];
  if (!traffic->kind)
    ini_fault(file, key, value, "write status, alert or text");
}

static void take_precedence(struct ini_file *file, struct scenario_traffic *traffic, const char *key,
                            const char *value)
{
  int precedence = precedence_find(value);
  if (precedence < 0)
    ini_fault(file, key, value, "write ROUTINE, PRIORITY, IMMEDIATE or FLASH");
  else
    traffic->precedence = (uint8_t)precedence;
}

static void take_times(struct ini_file *file, struct scenario_traffic *traffic, const char *key, const char *value)
{
  char word[SCENARIO_WORD_MAX];
  for (const char *at = value; scenario_next_word(&at, word);) {
    if (traffic->at_count == SCENARIO_TIMES_MAX) {
      ini_fault(file, key, value, "there may be at most 48 times; begin another [traffic NAME]");
      return;
    }
    traffic->at_ms[traffic->at_count++] = ini_duration(file, key, word);
  }
}

/* Anything shorter than a second would be a storm that nobody makes. */
static int64_t take_period(struct ini_file *file, const char *key, const char *value)
{
  int64_t period_ms = ini_duration(file, key, value);
  if (period_ms < 1000)
    ini_fault(file, key, value, "write at least 1s");
  return period_ms;
}

void scenario_traffic_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_traffic *traffic,
                          const char *key, const char *value)
{
  if (!strcmp(key, "kind"))
    take_kind(file, traffic, key, value);
  else if (!strcmp(key, "from"))
    take_stations(file, reading->scenario, &traffic->from, key, value);
  else if (!strcmp(key, "to"))
    take_recipients(file, reading->scenario, traffic, key, value);
  else if (!strcmp(key, "precedence"))
    take_precedence(file, traffic, key, value);
  else if (!strcmp(key, "every"))
    traffic->every_ms = take_period(file, key, value);
  else if (!strcmp(key, "at"))
    take_times(file, traffic, key, value);
  else if (!strcmp(key, "spread"))
    traffic->spread_ms = ini_duration(file, key, value);
  else if (!strcmp(key, "count"))
    traffic->count = (unsigned)ini_number(file, key, value, 1, 1000);
  else
    ini_fault(file, key, value, "no such key; traffic has kind, from, to, precedence, every, at, spread, count");
}

void scenario_outage_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_outage *outage,
                         const char *key, const char *value)
{
  if (!strcmp(key, "stations"))
    take_stations(file, reading->scenario, &outage->stations, key, value);
  else if (!strcmp(key, "from"))
    outage->from_ms = ini_duration(file, key, value);
  else if (!strcmp(key, "to"))
    outage->to_ms = ini_duration(file, key, value);
  else
    ini_fault(file, key, value, "no such key; an outage has stations, from, to");
}

static void take_jammer_kind(struct ini_file *file, struct scenario_jammer *jammer, const char *key,
                             const char *value)
{
  static const char *const names[JAMMER_KIND_COUNT] = {"noise", "replay", "garbage", "flip", "stolen"};
  for (unsigned i = 0; i < JAMMER_KIND_COUNT; i++)
    if (!strcmp(value, names[i])) {
      jammer->kind = (uint8_t)i;
      jammer->has_kind = 1;
    }
  if (!jammer->has_kind)
    ini_fault(file, key, value, "write noise, replay, garbage, flip or stolen");
}

static void take_jammer_channel(struct ini_file *file, const struct scenario *scenario,
                                struct scenario_jammer *jammer, const char *key, const char *value)
{
  int channel = scenario_find_channel(scenario, value);
  if (channel < 0) {
    ini_fault(file, key, value, "write the name of one [channel NAME] section that stands above");
    return;
  }
  jammer->channel = (uint8_t)channel;
  jammer->has_channel = 1;
}

static void take_stolen(struct ini_file *file, const struct scenario *scenario, struct scenario_jammer *jammer,
                        const char *key, const char *value)
{
  jammer->station = (uint16_t)ini_number(file, key, value, 1, STATION_MAX);
  if (!scenario->station[jammer->station].is_used)
    ini_fault(file, key, value, "write the number of a station that stands above");
}

void scenario_jammer_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_jammer *jammer,
                         const char *key, const char *value)
{
  struct scenario *scenario = reading->scenario;
  uint16_t place = scenario_jammer_place((size_t)(jammer - scenario->jammer));
  if (take_place(file, scenario, &scenario->station[place], key, value))
    return;
  if (!strcmp(key, "kind"))
    take_jammer_kind(file, jammer, key, value);
  else if (!strcmp(key, "channel"))
    take_jammer_channel(file, scenario, jammer, key, value);
  else if (!strcmp(key, "station"))
    take_stolen(file, scenario, jammer, key, value);
  else if (!strcmp(key, "from"))
    jammer->from_ms = ini_duration(file, key, value);
  else if (!strcmp(key, "to"))
    jammer->to_ms = ini_duration(file, key, value);
  else if (!strcmp(key, "on"))
    jammer->on_ms = take_period(file, key, value);
  else if (!strcmp(key, "off"))
    jammer->off_ms = take_period(file, key, value);
  else if (!strcmp(key, "every"))
    jammer->every_ms = take_period(file, key, value);
  else
    ini_fault(file, key, value,
              "no such key; a jammer has kind, channel, latitude, longitude, route, repeat, height_m, power_w, "
              "station, from, to, on, off, every");
}
