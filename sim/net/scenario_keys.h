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

#endif
