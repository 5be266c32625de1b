/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running post's time: the scale that everything is measured by, and the time of day as the computer or a
 * coordinator tells it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "radiod/daemon/station_impl.h"

/* A clock that is set is noticed within a minute; the node is told hourly, for the drift of the monotonic clock. */
#define CHECK_EVERY_MS 60000
#define TELL_EVERY_MS 3600000

/* A power cut takes at most this much of the time scale back: nothing, if anything was logged or stored since. */
#define SAVE_EVERY_MS 300000

/* By so much a believed system clock and the coordinators' may differ without a word. */
#define DIFFERENCE_MAX_MS 60000

int64_t station_now_ms(const struct station *station)
{
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return post_clock_now(station->clock, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int64_t station_unix_ms(const struct station *station, int64_t node_ms)
{
  return node_ms ? post_clock_unix(station->clock, node_ms) : 0;
}

enum clock_source station_clock_source(const struct station *station)
{
  return post_clock_source(station->clock);
}

static int is_coordinator(const struct station *station)
{
  const struct directory_entry *self = directory_find(station_directory(station), station_number(station));
  return self && self->role == STATION_ROLE_COORDINATOR;
}

/* A coordinator passes on what its node is told, and others set their clocks by it: only its own clock is good
 * enough, not what it once heard itself. */
static int is_good_enough(const struct station *station)
{
  enum clock_source source = station_clock_source(station);
  return source == CLOCK_SYSTEM || (source == CLOCK_NETWORK && !is_coordinator(station));
}

void station_tell_node_time(struct station *station)
{
  int64_t now_ms = station_now_ms(station);
  if (!is_good_enough(station))
    return;
  node_set_clock(station->node, now_ms, station_unix_ms(station, now_ms));
  station->clock_told_ms = now_ms;
}

/* What a person should know of the time, whenever that changes. */
static void log_source(struct station *station)
{
  switch (station_clock_source(station)) {
  case CLOCK_UNKNOWN:
    station_log(station, STORE_WARNING, "clock",
                "no time of day: set the system clock, or wait for a coordinator's; messages pass all the same");
    break;
  case CLOCK_GUESSED:
    station_log(station, STORE_WARNING, "clock",
                "the system clock is not synchronised: its times are shown, and not told to others");
    break;
  case CLOCK_SYSTEM:
    station_log(station, STORE_INFO, "clock", "the time of day is the system clock's");
    break;
  case CLOCK_NETWORK:
    station_log(station, STORE_INFO, "clock", "the time of day is a coordinator's");
    break;
  }
}

int station_start_clock(struct station *station)
{
  struct clock_reading reading;
  clock_read(&reading, station->config.clock);
  int err = post_clock_start(&station->clock, station->store, &reading);
  if (err)
    return err;
  station->started_ms = station->clock_saved_ms = station_now_ms(station);
  station->clock_due_ms = station->started_ms + CHECK_EVERY_MS;
  log_source(station);
  return 0;
}

void station_save_clock(struct station *station)
{
  struct clock_reading reading;
  clock_read(&reading, station->config.clock);
  post_clock_save(station->clock, &reading);
  station->clock_saved_ms = station_now_ms(station);
}

static void take_system_clock(struct station *station)
{
  struct clock_reading reading;
  enum clock_source before = station_clock_source(station);
  clock_read(&reading, station->config.clock);
  int is_news = post_clock_take_system(station->clock, &reading) == 1;
  if (station_clock_source(station) != before)
    log_source(station);
  if (is_news || station_now_ms(station) - station->clock_told_ms >= TELL_EVERY_MS)
    station_tell_node_time(station);
}

int64_t station_check_clock(struct station *station)
{
  int64_t now_ms = station_now_ms(station);
  if (now_ms < station->clock_due_ms)
    return station->clock_due_ms;
  take_system_clock(station);
  if (now_ms - station->clock_saved_ms >= SAVE_EVERY_MS)
    station_save_clock(station);
  station->clock_due_ms = now_ms + CHECK_EVERY_MS;
  return station->clock_due_ms;
}

void station_take_time(struct station *station, int64_t unix_ms, uint16_t from)
{
  int64_t now_ms = station_now_ms(station);
  enum clock_source before = station_clock_source(station);
  int64_t difference_ms = llabs(unix_ms - station_unix_ms(station, now_ms));
  if (before == CLOCK_SYSTEM) {
    if (difference_ms > DIFFERENCE_MAX_MS)
      station_log(station, STORE_WARNING, "clock",
                  "station %u tells a time %lld s from the system clock's; one is wrong", from,
                  (long long)(difference_ms / 1000));
    return;
  }
  post_clock_take_network(station->clock, now_ms, unix_ms);
  if (before != CLOCK_NETWORK)
    station_log(station, STORE_INFO, "clock", "station %u, a coordinator, told the time of day", from);
}
