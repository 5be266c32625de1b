/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the running post share. */
#ifndef RADIOD_STATION_IMPL_H
#define RADIOD_STATION_IMPL_H

#include "radiod/clock/clock.h"
#include "radiod/daemon/radio.h"
#include "radiod/daemon/station.h"
#include "radiod/network/post_keys.h"

struct station {
  struct config config;
  struct post_keys *keys;
  struct store *store;
  struct node *node; /* NULL while the radios are being exchanged */
  struct radio radio[CONFIG_CHANNELS_MAX];
  size_t radio_count;
  struct post_clock *clock;
  int64_t clock_due_ms; /* next look at the system clock */
  int64_t clock_told_ms, clock_saved_ms;
  int64_t started_ms;
};

/* One line for the log of the post and for standard error. */
void station_log(struct station *station, enum store_level level, const char *source, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* station_node.c: carries out what the node wants, and tells it what the modems say. */
void station_pump(struct station *station);

/* station_clock.c */
int station_start_clock(struct station *station);
/* Tells a new node the time of day, if it is known well enough. */
void station_tell_node_time(struct station *station);
/* Looks at the system clock when that is due.  Returns when it is due again (node time). */
int64_t station_check_clock(struct station *station);
void station_take_time(struct station *station, int64_t unix_ms, uint16_t from);
void station_save_clock(struct station *station);

/* station_network.c: what the node asks to do with directory and keys; context is the station. */
struct store_keys station_store_keys(struct station *station);

#endif
