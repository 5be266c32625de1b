/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one scenario of the network simulator and prints its summary as one JSON object. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/net/network.h"

static void usage(FILE *out)
{
  fprintf(out, "usage: sim/network SCENARIO [--seed N] [--trace FILE] [--html FILE]\n"
               "SCENARIO: a name in sim/scenarios or a file; sim/scenarios/FORMAT.md says how to write one.\n"
               "The last line is one JSON object; --trace writes one JSON line for each event,\n"
               "--html a report for people.\n");
}

struct options {
  const char *modes, *trace;
  uint64_t seed;
  int has_seed;
};

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(const struct scenario *scenario, const struct options *options)
{
  double begin_s = seconds();
  FILE *trace = options->trace ? fopen(options->trace, "w") : NULL;
  if (options->trace && !trace) {
    fprintf(stderr, "network: --trace %s: cannot be written; name a file in a folder that exists\n", options->trace);
    return 2;
  }
  struct network *network = network_new(scenario, options->has_seed ? options->seed : scenario->seed, trace);
  int err = network ? network_run(network) : -ENOMEM;
  if (!err) {
    printf("{");
    tally_write(network_tally(network), scenario, stdout);
    printf(",\"wall_s\":%.2f}\n", seconds() - begin_s);
  }
  network_free(network);
  if (trace && fclose(trace))
    err = -EIO;
  if (err)
    fprintf(stderr, "network: %s\n",
            err == -ELOOP ? "a node asks for the same instant for ever: a fault of the protocol library"
            : err == -EIO ? "the trace could not be written; is the disk full?"
                          : "out of memory");
  return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  static const struct option known[] = {{"modes", required_argument, NULL, 'm'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"trace", required_argument, NULL, 't'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  struct options options = {.modes = "sim/net/modes.ini"};
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    if (option == 'm')
      options.modes = optarg;
    else if (option == 't')
      options.trace = optarg;
    else if (option == 's') {
      char *end;
      options.seed = strtoull(optarg, &end, 10);
      options.has_seed = 1;
      if (end == optarg || *end) {
        fprintf(stderr, "network: --seed %s: write a whole number\n", optarg);
        return 2;
      }
    } else {
      usage(option == 'h' ? stdout : stderr);
      return option == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  if (optind + 1 != argc) {
    usage(stderr);
    return 2;
  }
  struct mode_table modes;
  struct scenario *scenario = malloc(sizeof *scenario);
  char why[512];
  int status = 2;
  if (scenario && !mode_table_read(&modes, options.modes, why, sizeof why) &&
      !scenario_read(scenario, &modes, argv[optind], why, sizeof why))
    status = run(scenario, &options);
  else
    fprintf(stderr, "network: %s\n", scenario ? why : "out of memory");
  free(scenario);
  return status;
}
