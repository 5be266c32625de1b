/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of each kind of section in a scenario file, for its reader. */
#ifndef SIM_NET_SCENARIO_KEYS_H
#define SIM_NET_SCENARIO_KEYS_H

#include "sim/net/ini_file.h"
#include "sim/net/scenario.h"

struct scenario_reading {
  struct scenario *scenario;
  const struct mode_table *modes;
};

/* Each takes one entry of a section into what the section stands for, or tells ini_fault what is wrong. */
void scenario_key(struct ini_file *file, struct scenario_reading *reading, struct scenario *scenario, const char *key,
                  const char *value);
void scenario_channel_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_channel *channel,
                          const char *key, const char *value);
void scenario_station_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_station *station,
                          const char *key, const char *value);
void scenario_traffic_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_traffic *traffic,
                          const char *key, const char *value);
void scenario_outage_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_outage *outage,
                         const char *key, const char *value);
void scenario_jammer_key(struct ini_file *file, struct scenario_reading *reading, struct scenario_jammer *jammer,
                         const char *key, const char *value);

/* Non-zero for a name of 1 to 47 bytes that goes into JSON as it is. */
int scenario_is_name(const char *name);

/* The channel of that name, or -ENOENT. */
int scenario_find_channel(const struct scenario *scenario, const char *name);

#define SCENARIO_WORD_MAX 64

/* Copies the next word of a list separated by commas, without blanks around.  Returns 0 at its end. */
int scenario_next_word(const char **at, char word[SCENARIO_WORD_MAX]);

/* scenario_route.c */
void scenario_take_route(struct ini_file *file, struct scenario *scenario, struct scenario_station *station,
                         const char *key, const char *value);
int64_t scenario_route_end_ms(const struct scenario *scenario, const struct scenario_station *station);

/* scenario_check.c: fills in what holds where the file says nothing, and tells ini_fault what is missing. */
void scenario_check(struct ini_file *file, struct scenario *scenario);

#endif
