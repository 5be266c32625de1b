/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of the simulator's scenario files: the input is the file. */
#include <errno.h>
#include <unistd.h>

#include "sim/net/scenario.h"
#include "tests/fuzz/fuzz.h"

static void check_scenario(const struct scenario *scenario)
{
  unsigned used = 0;
  FUZZ_CHECK(scenario->length_ms > 0 && scenario->channel_count <= NODE_CHANNELS_MAX);
  FUZZ_CHECK(scenario->traffic_count <= SCENARIO_TRAFFIC_MAX && scenario->outage_count <= SCENARIO_OUTAGES_MAX);
  for (uint16_t i = 1; i <= STATION_MAX; i++) {
    used += scenario->station[i].is_used;
    (void)scenario_has_power(scenario, i, scenario->length_ms / 2);
  }
  FUZZ_CHECK(used == scenario->station_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct mode_table modes;
  static struct scenario scenario;
  char path[FUZZ_PATH_MAX], why[512] = "";
  if (!modes.count)
    FUZZ_CHECK(!mode_table_read(&modes, SIM_FOLDER "/net/modes.ini", why, sizeof why));
  int fd = fuzz_file_open(data, size, path);
  int code = scenario_read(&scenario, &modes, path, why, sizeof why);
  close(fd);
  if (code)
    FUZZ_CHECK(code == -EINVAL && *why);
  else
    check_scenario(&scenario);
  return 0;
}
