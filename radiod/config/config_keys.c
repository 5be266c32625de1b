/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of all settings and how each kind of value is read, for the reader of the configuration file. */
#include "radiod/config/config_keys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/words/words.h"

static const char *const languages[] = {"en", "fr", "ht", "es", NULL};
static const char *const modems[] = {"kiss", "freedv", NULL};
static const char *const services[] = {"licensed", "amateur", "test", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const clocks[] = {"system", "manual", "none", NULL};
static const char *const accesses[] = {"csma", "slots", "polled", NULL};

#define MEMBER(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define STATION(member) CONFIG_SECTION_STATION, CONFIG_FOR_ALL, 0, member
#define CHANNEL(modems, required) CONFIG_SECTION_CHANNEL, modems, required
#define OF_STATION(member) MEMBER(config, member)
#define OF_CHANNEL(member) MEMBER(config_channel, member)

/* Ranges: TXDELAY, TXTAIL and SLOTTIME travel to a TNC as one byte of 10 ms units; PERSIST is one byte.  A preset of
 * -1 leaves the TNC's own value alone.  lead_ms is what relays of common transceivers need before the first sample.
 */
static const struct config_key keys[] = {
    {"key_file", STATION(CONFIG_TYPE_PATH), OF_STATION(key_file), 0, 0, NULL, "/etc/radiod/station.key",
     "/etc/radiod/station.key"},
    {"store", STATION(CONFIG_TYPE_PATH), OF_STATION(store), 0, 0, NULL, "/var/lib/radiod/radiod.db",
     "/var/lib/radiod/radiod.db"},
    {"socket", STATION(CONFIG_TYPE_PATH), OF_STATION(socket), 0, 0, NULL, "/run/radiod/radiod.sock",
     "/run/radiod/radiod.sock"},
    {"language", STATION(CONFIG_TYPE_WORD), OF_STATION(language), 0, 0, languages, "en", "fr"},
    {"beacon_interval_s", STATION(CONFIG_TYPE_NUMBER), OF_STATION(beacon_interval_s), 0, 86400, NULL, "1800", "1800"},
    {"clock", STATION(CONFIG_TYPE_CHOICE), OF_STATION(clock), 0, 0, clocks, "system", "system"},
    {"mobile", STATION(CONFIG_TYPE_CHOICE), OF_STATION(mobile), 0, 0, no_yes, "no", "yes"},

    {"modem", CHANNEL(CONFIG_FOR_ALL, CONFIG_FOR_ALL), CONFIG_TYPE_CHOICE, OF_CHANNEL(modem), 0, 0, modems, NULL,
     "freedv"},
    {"service", CHANNEL(CONFIG_FOR_ALL, CONFIG_FOR_ALL), CONFIG_TYPE_CHOICE, OF_CHANNEL(service), 0, 0, services,
     NULL, "licensed"},
    {"ptt", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_TEXT, OF_CHANNEL(ptt), 0, 0, NULL, "none", "rts:/dev/ttyUSB0"},
    {"lead_ms", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(lead_ms), 0, 2000, NULL, "100", "100"},
    {"tail_ms", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(tail_ms), 0, 2000, NULL, "50", "50"},
    {"answer_guard_ms", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(answer_guard_ms), 0, 10000, NULL,
     "300", "300"},
    {"access", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_CHOICE, OF_CHANNEL(access), 0, 0, accesses, "csma", "slots"},
    {"cycle_s", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(cycle_s), 2, 86400, NULL, NULL, "60"},
    {"turn_s", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_SPAN, OF_CHANNEL(turn_s), 0, 86400, NULL, NULL, "20-30"},
    {"duty_pct", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(duty_pct), 0, 100, NULL, "0", "20"},
    {"key_down_max_s", CHANNEL(CONFIG_FOR_ALL, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(key_down_max_s), 0, 600, NULL, "0",
     "30"},

    {"device", CHANNEL(CONFIG_FOR_KISS, CONFIG_FOR_KISS), CONFIG_TYPE_PATH, OF_CHANNEL(device), 0, 0, NULL, NULL,
     "/dev/ttyUSB0"},
    {"baud", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(baud), 300, 921600, NULL, "9600", "9600"},
    {"kiss_port", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(kiss_port), 0, 15, NULL, "0", "0"},
    {"air_baud", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(air_baud), 50, 19200, NULL, "1200",
     "1200"},
    {"ax25", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_CHOICE, OF_CHANNEL(ax25), 0, 0, no_yes, "yes", "yes"},
    {"callsign", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_TEXT, OF_CHANNEL(callsign), 0, 0, NULL, NULL, "HH2ABC-1"},
    {"txdelay_ms", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(txdelay_ms), 0, 2550, NULL, "-1",
     "300"},
    {"txtail_ms", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(txtail_ms), 0, 2550, NULL, "-1", "50"},
    {"persistence", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(persistence), 0, 255, NULL, "-1",
     "63"},
    {"slottime_ms", CHANNEL(CONFIG_FOR_KISS, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(slottime_ms), 0, 2550, NULL, "-1",
     "100"},

    {"audio", CHANNEL(CONFIG_FOR_FREEDV, CONFIG_FOR_FREEDV), CONFIG_TYPE_TEXT, OF_CHANNEL(audio), 0, 0, NULL, NULL,
     "alsa:plughw:1,0"},
    {"modes", CHANNEL(CONFIG_FOR_FREEDV, 0), CONFIG_TYPE_TEXT, OF_CHANNEL(modes), 0, 0, NULL, NULL, "DATAC0,DATAC3"},
    {"level", CHANNEL(CONFIG_FOR_FREEDV, 0), CONFIG_TYPE_NUMBER, OF_CHANNEL(level_pct), 1, 100, NULL, "60", "60"},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])
_Static_assert(KEY_COUNT <= CONFIG_KEYS_MAX, "raise CONFIG_KEYS_MAX");
_Static_assert(sizeof(enum config_modem) == 4 && sizeof(enum config_service) == 4 && sizeof(enum config_clock) == 4 &&
                   sizeof(enum config_access) == 4,
               "choices are written as 32 bits");

size_t config_key_count(void)
{
  return KEY_COUNT;
}

const struct config_key *config_key_at(size_t index)
{
  return &keys[index];
}

size_t config_key_index(const struct config_key *key)
{
  return (size_t)(key - keys);
}

const struct config_key *config_key_find(enum config_section section, const char *name)
{
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (keys[i].section == section && strcmp(keys[i].name, name) == 0)
      return &keys[i];
  return NULL;
}

const struct config_key *config_key_nearest(enum config_section section, const char *name)
{
  const struct config_key *nearest = NULL;
  size_t least = 4; /* further away, a suggestion is a guess */

  for (size_t i = 0; i < KEY_COUNT; i++) {
    if (keys[i].section != section)
      continue;
    size_t d = words_distance(keys[i].name, name);

    if (d < least && d < strlen(keys[i].name)) {
      least = d;
      nearest = &keys[i];
    }
  }
  return nearest;
}

static int set_number(const struct config_key *key, char *member, const char *value, char *why, size_t why_len)
{
  char *end;

  errno = 0;
  long number = strtol(value, &end, 10);
  if (end == value || *end) {
    snprintf(why, why_len, "is not a whole number");
    return -EINVAL;
  }
  if (errno || number < key->min || number > key->max) {
    snprintf(why, why_len, "must lie between %ld and %ld", key->min, key->max);
    return -EINVAL;
  }
  int32_t stored = (int32_t)number;
  memcpy(member, &stored, sizeof stored);
  return 0;
}

static int set_span(const struct config_key *key, char *member, const char *value, char *why, size_t why_len)
{
  char *dash, *end;

  errno = 0;
  long first = strtol(value, &dash, 10), last = *dash == '-' ? strtol(dash + 1, &end, 10) : 0;
  if (dash == value || *dash != '-' || end == dash + 1 || *end) {
    snprintf(why, why_len, "is not of the form BEGIN-END");
    return -EINVAL;
  }
  if (errno || first < key->min || last > key->max || first >= last) {
    snprintf(why, why_len, "must begin before it ends, between %ld and %ld", key->min, key->max);
    return -EINVAL;
  }
  const struct config_span span = {(uint32_t)first, (uint32_t)last};
  memcpy(member, &span, sizeof span);
  return 0;
}

static int find_choice(const struct config_key *key, const char *value, char *why, size_t why_len)
{
  size_t used;

  for (int i = 0; key->choices[i]; i++)
    if (strcmp(key->choices[i], value) == 0)
      return i;
  used = (size_t)snprintf(why, why_len, "must be one of");
  for (int i = 0; key->choices[i] && used < why_len; i++)
    used += (size_t)snprintf(why + used, why_len - used, "%s %s", i ? "," : "", key->choices[i]);
  return -EINVAL;
}

static int set_text(const struct config_key *key, char *member, const char *value, char *why, size_t why_len)
{
  size_t len = strlen(value);

  if (len == 0) {
    snprintf(why, why_len, "is empty");
    return -EINVAL;
  }
  if (len >= key->size) {
    snprintf(why, why_len, "is longer than %zu bytes", key->size - 1);
    return -EINVAL;
  }
  memcpy(member, value, len + 1);
  return 0;
}

int config_key_set(const struct config_key *key, void *base, const char *value, char *why, size_t why_len)
{
  char *member = (char *)base + key->offset;
  int32_t choice;

  switch (key->type) {
  case CONFIG_TYPE_NUMBER:
    return set_number(key, member, value, why, why_len);
  case CONFIG_TYPE_SPAN:
    return set_span(key, member, value, why, why_len);
  case CONFIG_TYPE_CHOICE:
    choice = find_choice(key, value, why, why_len);
    if (choice < 0)
      return choice;
    memcpy(member, &choice, sizeof choice);
    return 0;
  case CONFIG_TYPE_WORD:
    choice = find_choice(key, value, why, why_len);
    if (choice < 0)
      return choice;
    return set_text(key, member, value, why, why_len);
  case CONFIG_TYPE_PATH:
  case CONFIG_TYPE_TEXT:
    break;
  }
  return set_text(key, member, value, why, why_len);
}

void config_key_presets(enum config_section section, void *base)
{
  static const int32_t leave_alone = -1;
  char why[CONFIG_ERROR_MAX];

  for (size_t i = 0; i < KEY_COUNT; i++) {
    const struct config_key *key = &keys[i];

    if (key->section != section || !key->preset)
      continue;
    if (strcmp(key->preset, "-1") == 0)
      memcpy((char *)base + key->offset, &leave_alone, sizeof leave_alone);
    else
      config_key_set(key, base, key->preset, why, sizeof why);
  }
}
