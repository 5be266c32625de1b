/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario: who is where, with which radios, what people send, and what goes wrong.  sim/scenarios/FORMAT.md says
 * how to write one. */
#ifndef SIM_NET_SCENARIO_H
#define SIM_NET_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/node.h"
#include "sim/net/mode_table.h"

#define SCENARIO_NAME_MAX 48
#define SCENARIO_TRAFFIC_MAX 64
#define SCENARIO_OUTAGES_MAX 64
#define SCENARIO_LINKS_MAX 512
#define SCENARIO_TIMES_MAX 48

enum channel_kind { CHANNEL_HF, CHANNEL_VHF };

struct scenario_channel {
  char name[SCENARIO_NAME_MAX];
  int line;
  enum channel_kind kind;
  double mhz, power_w;
  const struct mode_curve *mode[LINK_MODES_MAX]; /* in the table the scenario was read with */
  size_t mode_count;
};

struct scenario_station {
  uint8_t is_used;
  uint8_t role;     /* enum station_role */
  uint8_t channels; /* bit per channel */
  uint8_t has_latitude, has_longitude;
  int line;
  char name[SCENARIO_NAME_MAX];
  double latitude, longitude; /* degrees */
  double height_m;            /* of the antenna over the terrain around */
  int64_t clock_ms;           /* its clock minus the true time */
};

struct station_set {
  uint8_t has[STATION_MAX + 1];
};

struct scenario_traffic {
  char name[SCENARIO_NAME_MAX];
  int line;
  uint8_t kind, precedence;
  uint8_t to_all, to_random;
  struct station_set from, to;
  int64_t at_ms[SCENARIO_TIMES_MAX]; /* since the start */
  size_t at_count;
  int64_t every_ms, spread_ms;
  unsigned count; /* messages each time and station */
};

struct scenario_outage {
  char name[SCENARIO_NAME_MAX];
  int line;
  struct station_set stations;
  int64_t from_ms, to_ms;
};

struct scenario_link {
  uint16_t a, b;
  double snr_db; /* both ways, on every channel */
};

struct scenario {
  char name[SCENARIO_NAME_MAX];
  int64_t length_ms;
  uint64_t seed;
  int month;        /* 1..12 */
  double hour;      /* local time (UTC-5) at the start */
  int64_t hello_ms; /* between beacons, 0: none */
  unsigned crash_permille;
  struct scenario_channel channel[NODE_CHANNELS_MAX];
  size_t channel_count;
  struct scenario_station station[STATION_MAX + 1]; /* by number */
  unsigned station_count;
  struct scenario_traffic traffic[SCENARIO_TRAFFIC_MAX];
  size_t traffic_count;
  struct scenario_outage outage[SCENARIO_OUTAGES_MAX];
  size_t outage_count;
  struct scenario_link link[SCENARIO_LINKS_MAX];
  size_t link_count;
};

/* modes must outlive the scenario.  Returns 0, or -ENOENT or -EINVAL with file, line, value and remedy in why. */
int scenario_read(struct scenario *out, const struct mode_table *modes, const char *path, char *why, size_t why_len);

/* Non-zero unless an outage keeps the station dark at that time. */
int scenario_has_power(const struct scenario *scenario, uint16_t station, int64_t at_ms);

/* Non-zero when the station has a radio on the channel. */
int scenario_has_channel(const struct scenario *scenario, uint16_t station, unsigned channel);

#endif
