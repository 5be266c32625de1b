/* SPDX-License-Identifier: GPL-3.0-or-later */
/* radiod: starts the post that a settings file describes. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/config/config.h"
#include "radiod/daemon/loop.h"

#define DEFAULT_CONFIG "/etc/radiod/radiod.conf"

static const char usage[] = "usage: radiod [-c FILE]\n"
                            "Runs the radio network controller of this post until SIGTERM.\n"
                            "\n"
                            "  -c, --config FILE   settings (default " DEFAULT_CONFIG ")\n"
                            "      --check         read the settings, say what is wrong, and end\n"
                            "      --version       print the version\n"
                            "      --help          print this\n"
                            "\n"
                            "SIGHUP reads the settings again.  Talk to it with radioctl(1).\n"
                            "Exit status: 0 ended by signal, 1 could not start, 2 wrong usage.\n";

enum { EXIT_USAGE = 2, OPTION_CHECK = 256, OPTION_VERSION, OPTION_HELP };

int main(int argc, char **argv)
{
  static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                          {"check", no_argument, NULL, OPTION_CHECK},
                                          {"version", no_argument, NULL, OPTION_VERSION},
                                          {"help", no_argument, NULL, OPTION_HELP},
                                          {0}};
  const char *path = DEFAULT_CONFIG;
  int check_only = 0, option;
  while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
    switch (option) {
    case 'c':
      path = optarg;
      break;
    case OPTION_CHECK:
      check_only = 1;
      break;
    case OPTION_VERSION:
      printf("radiod %s\n", RADIOD_VERSION);
      return EXIT_SUCCESS;
    case OPTION_HELP:
      fputs(usage, stdout);
      return EXIT_SUCCESS;
    default:
      fputs("see \"radiod --help\"\n", stderr);
      return EXIT_USAGE;
    }
  }
  if (optind < argc) {
    fprintf(stderr, "radiod: %s: no arguments are expected; see \"radiod --help\"\n", argv[optind]);
    return EXIT_USAGE;
  }
  struct config config;
  char why[CONFIG_ERROR_MAX];
  if (config_read(&config, path, why, sizeof why)) {
    fprintf(stderr, "%s\n", why);
    return EXIT_FAILURE;
  }
  if (check_only)
    return EXIT_SUCCESS;
  signal(SIGPIPE, SIG_IGN);
  if (loop_run(path, &config, why, sizeof why)) {
    fprintf(stderr, "radiod: %s\n", why);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
