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
#define SCENARIO_JAMMERS_MAX 16
#define SCENARIO_LINKS_MAX 8192
#define SCENARIO_TIMES_MAX 48
#define SCENARIO_WAYPOINTS_MAX 1024 /* of all routes together */

/* Whoever has a place has a number: a station its own, a jammer one after the last station's. */
#define SCENARIO_PLACES_MAX (STATION_MAX + SCENARIO_JAMMERS_MAX)

/* A role of the simulator's own, beside those of the directory: a station that travels. */
#define SCENARIO_ROLE_MOBILE STATION_ROLE_COUNT

/* What every section with a name begins with. */
struct scenario_section {
  char name[SCENARIO_NAME_MAX];
  int line; /* 0: none yet */
};

enum channel_kind { CHANNEL_HF, CHANNEL_VHF };

struct scenario_channel {
  struct scenario_section section;
  enum channel_kind kind;
  double mhz, power_w;
  const struct mode_curve *mode[LINK_MODES_MAX]; /* in the table the scenario was read with */
  size_t mode_count;
};

struct scenario_waypoint {
  int64_t at_ms;
  double latitude, longitude;
};

/* Stations, and the places of jammers, which are not used as stations. */
struct scenario_station {
  struct scenario_section section;
  uint8_t is_used;
  uint8_t role;     /* enum station_role or SCENARIO_ROLE_MOBILE */
  uint8_t channels; /* bit per channel */
  uint8_t has_latitude, has_longitude;
  uint8_t has_no_clock;         /* starts at 0 whenever the power comes */
  uint16_t coordinator;         /* whom it reports to, 0: nobody */
  double latitude, longitude;   /* degrees; of who does not travel */
  double height_m;              /* of the antenna over the terrain around */
  double power_w;               /* 0: as the channel says */
  double noise_db;              /* at this place, above rural surroundings */
  int64_t clock_ms;             /* its clock minus the true time at the start */
  double drift_ppm;             /* how much its clock is too fast */
  size_t route_at, route_count; /* its waypoints, by rising time */
  int64_t repeat_ms;            /* the route begins anew so often, 0: never */
};

struct station_set {
  uint8_t has[STATION_MAX + 1];
};

struct scenario_traffic {
  struct scenario_section section;
  uint8_t kind, precedence;
  uint8_t to_all, to_random, to_own;
  struct station_set from, to;
  int64_t at_ms[SCENARIO_TIMES_MAX]; /* since the start */
  size_t at_count;
  int64_t every_ms, spread_ms;
  unsigned count; /* messages each time and station */
};

struct scenario_outage {
  struct scenario_section section;
  struct station_set stations;
  int64_t from_ms, to_ms;
};

enum jammer_kind {
  JAMMER_NOISE,   /* nothing but power */
  JAMMER_REPLAY,  /* bursts that it has heard, once more */
  JAMMER_GARBAGE, /* random bytes */
  JAMMER_FLIP,    /* bursts that it has heard, with some bits turned */
  JAMMER_STOLEN,  /* with the hop key: acknowledgements and what it has heard, in the names of others */
  JAMMER_KIND_COUNT
};

struct scenario_jammer {
  struct scenario_section section;
  uint8_t kind; /* enum jammer_kind */
  uint8_t channel;
  uint8_t has_kind, has_channel;
  uint16_t station; /* JAMMER_STOLEN: whose keys it has */
  int64_t from_ms, to_ms;
  int64_t on_ms, off_ms; /* JAMMER_NOISE: in turns, 0: always on */
  int64_t every_ms;      /* the others: between bursts */
};

#define SCENARIO_LINK_ANY 255 /* every channel */

struct scenario_link {
  uint16_t a, b; /* a < b */
  uint8_t channel;
  int line;
  double snr_db; /* both ways */
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
  struct scenario_station station[SCENARIO_PLACES_MAX + 1]; /* by number */
  unsigned station_count;
  struct scenario_traffic traffic[SCENARIO_TRAFFIC_MAX];
  size_t traffic_count;
  struct scenario_outage outage[SCENARIO_OUTAGES_MAX];
  size_t outage_count;
  struct scenario_jammer jammer[SCENARIO_JAMMERS_MAX];
  size_t jammer_count;
  struct scenario_link link[SCENARIO_LINKS_MAX]; /* by rising a, b, channel */
  size_t link_count;
  struct scenario_waypoint waypoint[SCENARIO_WAYPOINTS_MAX];
  size_t waypoint_count;
};

/* modes must outlive the scenario.  Returns 0, or -ENOENT or -EINVAL with file, line, value and remedy in why. */
int scenario_read(struct scenario *out, const struct mode_table *modes, const char *path, char *why, size_t why_len);

/* Non-zero unless an outage keeps the station dark at that time. */
int scenario_has_power(const struct scenario *scenario, uint16_t station, int64_t at_ms);

/* Non-zero when it has power from begin_ms to end_ms without a break. */
int scenario_keeps_power(const struct scenario *scenario, uint16_t station, int64_t begin_ms, int64_t end_ms);

/* Non-zero when whoever has this place has a radio on the channel. */
int scenario_has_channel(const struct scenario *scenario, uint16_t place, unsigned channel);

/* The number of a jammer's place. */
uint16_t scenario_jammer_place(size_t jammer);

/* Non-zero while the jammer is at work (between pauses, too). */
int scenario_jammer_is_active(const struct scenario_jammer *jammer, int64_t at_ms);

/* Non-zero when a noise jammer is on at some time of begin_ms..end_ms. */
int scenario_noise_is_on(const struct scenario_jammer *jammer, int64_t begin_ms, int64_t end_ms);

/* What the scenario sets by hand between two stations.  Returns 0 when nothing. */
int scenario_find_link(const struct scenario *scenario, uint16_t a, uint16_t b, unsigned channel, double *snr_db);

const char *scenario_role_name(unsigned role); /* "post" ... "mobile"; NULL if out of range */

#endif
