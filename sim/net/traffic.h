/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people of a scenario send, and when. */
#ifndef SIM_NET_TRAFFIC_H
#define SIM_NET_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "sim/air/noise.h"
#include "sim/net/scenario.h"

struct filing {
  int64_t at_ms;
  uint16_t from;
  struct message message; /* without id */
};

/* Lists all filings of the scenario in no order; the caller frees *out.  Returns their number or -ENOMEM. */
long traffic_plan(const struct scenario *scenario, uint64_t seed, struct filing **out);

#endif
