/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bursts of each modem mode cost, and how many of them arrive at which SNR: measured on real samples, kept in a
 * file (sim/net/modes.ini, written by measure.c). */
#ifndef SIM_NET_MODE_TABLE_H
#define SIM_NET_MODE_TABLE_H

#include "protocol/link/channel.h"

#define MODE_NAME_MAX 16
#define MODE_POINTS_MAX 24

struct mode_point {
  double snr_db; /* in 3 kHz */
  double arrival;
};

struct mode_curve {
  char name[MODE_NAME_MAX];
  struct link_mode link;
  struct mode_point point[MODE_POINTS_MAX]; /* by rising SNR */
  size_t point_count;
};

struct mode_table {
  struct mode_curve mode[LINK_MODES_MAX];
  size_t count;
};

/* Returns 0, or -ENOENT or -EINVAL with one line in why. */
int mode_table_read(struct mode_table *out, const char *path, char *why, size_t why_len);

/* The mode of this name, NULL if there is none. */
const struct mode_curve *mode_table_find(const struct mode_table *table, const char *name);

/* Probability that a burst of so many modem frames arrives.  Straight lines between the points measured with one
 * modem frame; nothing arrives below the first; several modem frames are taken for independent. */
double mode_arrival(const struct mode_curve *mode, double snr_db, unsigned units);

#endif
