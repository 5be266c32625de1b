/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a station or jammer of a scenario is at a time. */
#ifndef SIM_NET_POSITION_H
#define SIM_NET_POSITION_H

#include "sim/net/scenario.h"

struct position {
  double latitude, longitude; /* degrees */
};

/* A route that repeats begins at the start; before its first stop the station waits there. */
struct position position_at(const struct scenario *scenario, uint16_t place, int64_t at_ms);

#endif
