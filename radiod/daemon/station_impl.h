/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the running post share. */
#ifndef RADIOD_STATION_IMPL_H
#define RADIOD_STATION_IMPL_H

#include "protocol/crypto/keyring.h"
#include "radiod/daemon/radio.h"
#include "radiod/daemon/station.h"

struct station {
  struct config config;
  struct directory *directory;
  struct keyring *keyring;
  struct store *store;
  struct node *node; /* NULL while the radios are being exchanged */
  struct radio radio[CONFIG_CHANNELS_MAX];
  size_t radio_count;
  int64_t wall_ms, clock_ms; /* the node's time scale: wall clock at the start, counted on by the monotonic clock */
  int64_t started_ms;
};

/* One line for the log of the post and for standard error. */
void station_log(struct station *station, enum store_level level, const char *source, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* station_node.c: carries out what the node wants, and tells it what the modems say. */
void station_pump(struct station *station);

#endif
