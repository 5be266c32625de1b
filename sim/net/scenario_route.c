/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routes of stations that travel: read from a scenario, and where somebody is at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/position.h"
#include "sim/net/scenario_keys.h"

#define PLACE_WORD_MAX 24

static const struct scenario_waypoint *route_of(const struct scenario *scenario,
                                                const struct scenario_station *station)
{
  return &scenario->waypoint[station->route_at];
}

int64_t scenario_route_end_ms(const struct scenario *scenario, const struct scenario_station *station)
{
  return route_of(scenario, station)[station->route_count - 1].at_ms;
}

/* Returns 0 when there is no room, or the time does not rise. */
static int add_waypoint(struct scenario *scenario, struct scenario_station *station, int64_t at_ms, double latitude,
                        double longitude)
{
  if (scenario->waypoint_count == SCENARIO_WAYPOINTS_MAX ||
      (station->route_count && at_ms < scenario_route_end_ms(scenario, station)))
    return 0;
  scenario->waypoint[scenario->waypoint_count++] = (struct scenario_waypoint){at_ms, latitude, longitude};
  station->route_count++;
  return 1;
}

static int is_number(const char *word, double low, double high, double *out)
{
  char *end;
  *out = strtod(word, &end);
  return end != word && !*end && *out >= low && *out <= high;
}

/* "TIME LATITUDE LONGITUDE", or "TIME STATION DWELL": arrival at a station that stays, and how long it stops there.
 * Returns 0 when it is neither. */
static int take_stop(struct ini_file *file, struct scenario *scenario, struct scenario_station *station,
                     const char *key, const char *stop)
{
  char time[PLACE_WORD_MAX], where[PLACE_WORD_MAX], last[PLACE_WORD_MAX], tail;
  double latitude, longitude, number;
  if (sscanf(stop, "%23s %23s %23s %c", time, where, last, &tail) != 3)
    return 0;
  int64_t at_ms = ini_duration(file, key, time);
  if (is_number(where, -90, 90, &latitude) && is_number(last, -180, 180, &longitude))
    return add_waypoint(scenario, station, at_ms, latitude, longitude);
  if (!is_number(where, 1, STATION_MAX, &number))
    return 0;
  const struct scenario_station *host = &scenario->station[(int)number];
  int64_t dwell_ms = ini_duration(file, key, last);
  return host->has_latitude && host->has_longitude &&
         add_waypoint(scenario, station, at_ms, host->latitude, host->longitude) &&
         add_waypoint(scenario, station, at_ms + dwell_ms, host->latitude, host->longitude);
}

void scenario_take_route(struct ini_file *file, struct scenario *scenario, struct scenario_station *station,
                         const char *key, const char *value)
{
  char stop[SCENARIO_WORD_MAX];
  /* A route goes on in further lines as long as nobody else's came between. */
  if (station->route_count && station->route_at + station->route_count != scenario->waypoint_count)
    ini_fault(file, key, value, "write the whole route in one place");
  if (!station->route_count)
    station->route_at = scenario->waypoint_count;
  for (const char *at = value; scenario_next_word(&at, stop);)
    if (!take_stop(file, scenario, station, key, stop)) {
      ini_fault(file, key, value,
                "write stops by rising time with commas between, each TIME LATITUDE LONGITUDE or TIME STATION DWELL "
                "(a station that stands above and stays), at most 1,024 in all");
      return;
    }
}

static double between(double from, double to, double share)
{
  return from + share * (to - from);
}

/* On the straight line from one waypoint to the next; the way back to the first, when the route repeats. */
static struct position on_way(const struct scenario_waypoint *from, const struct scenario_waypoint *to, int64_t to_ms,
                              int64_t at_ms)
{
  double share = to_ms > from->at_ms ? (double)(at_ms - from->at_ms) / (double)(to_ms - from->at_ms) : 1;
  return (struct position){between(from->latitude, to->latitude, share),
                           between(from->longitude, to->longitude, share)};
}

struct position position_at(const struct scenario *scenario, uint16_t place, int64_t at_ms)
{
  const struct scenario_station *station = &scenario->station[place];
  const struct scenario_waypoint *route = route_of(scenario, station);
  size_t count = station->route_count, i = 1;
  if (!count)
    return (struct position){station->latitude, station->longitude};
  if (station->repeat_ms)
    at_ms %= station->repeat_ms;
  if (at_ms <= route[0].at_ms)
    return (struct position){route[0].latitude, route[0].longitude};
  while (i < count && route[i].at_ms < at_ms)
    i++;
  if (i < count)
    return on_way(&route[i - 1], &route[i], route[i].at_ms, at_ms);
  if (station->repeat_ms)
    return on_way(&route[count - 1], &route[0], station->repeat_ms, at_ms);
  return (struct position){route[count - 1].latitude, route[count - 1].longitude};
}
