/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `ether`: a noisy channel on one machine, for demonstrations and tests with real daemons. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sim/ether/server.h"

#define SNR_DEFAULT_DB 20.0
#define SNR_LIMIT_DB 200.0
#define SEED_DEFAULT 1

struct options {
  const char *socket_path, *log_path;
  double snr_db;
  uint64_t seed;
  int ready_fd;
  size_t path_count;
  const char *paths[MIXER_PATHS_MAX];
};

static const char usage_text[] =
    "usage: ether --socket PATH [--snr DB] [--seed N] [--att NAME:NAME:DB]... [--log FILE] [--ready-fd N]\n"
    "Joins stations that open the sound device ether:PATH:NAME.\n"
    "  --snr DB            signal to noise in 3 kHz of a station that nothing attenuates (20)\n"
    "  --seed N            of the noise (1)\n"
    "  --att NAME:NAME:DB  attenuation between two stations, both ways (0)\n"
    "  --log FILE          one JSON line for each key-down and key-up\n"
    "  --ready-fd N        write a line to this descriptor once stations can join\n";

static bool parse_number(const char *text, double *out)
{
  char *end;
  errno = 0;
  double value = strtod(text, &end);
  if (end == text || *end || errno || !(fabs(value) <= SNR_LIMIT_DB))
    return false;
  *out = value;
  return true;
}

static bool parse_integer(const char *text, uint64_t max, uint64_t *out)
{
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (end == text || *end || errno || *text == '-' || value > max)
    return false;
  *out = value;
  return true;
}

static bool take_option(struct options *options, int option)
{
  uint64_t number;
  switch (option) {
  case 's':
    options->socket_path = optarg;
    return true;
  case 'n':
    return parse_number(optarg, &options->snr_db);
  case 'e':
    return parse_integer(optarg, UINT64_MAX, &options->seed);
  case 'a':
    if (options->path_count == MIXER_PATHS_MAX)
      return false;
    options->paths[options->path_count++] = optarg;
    return true;
  case 'l':
    options->log_path = optarg;
    return true;
  case 'r':
    if (!parse_integer(optarg, 1023, &number))
      return false;
    options->ready_fd = (int)number;
    return true;
  default:
    return false;
  }
}

static bool parse_options(struct options *options, int argc, char **argv)
{
  static const struct option names[] = {
      {"socket", required_argument, NULL, 's'}, {"snr", required_argument, NULL, 'n'},
      {"seed", required_argument, NULL, 'e'},   {"att", required_argument, NULL, 'a'},
      {"log", required_argument, NULL, 'l'},    {"ready-fd", required_argument, NULL, 'r'},
      {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
  };
  int option;
  while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
    if (option == 'h') {
      fputs(usage_text, stdout);
      exit(EXIT_SUCCESS);
    }
    if (!take_option(options, option))
      return false;
  }
  return optind == argc && options->socket_path;
}

/* NAME:NAME:DB */
static int attenuate(struct mixer *mixer, const char *text)
{
  char copy[2 * ETHER_NAME_MAX + 32], *save;
  double attenuation_db;
  if (strlen(text) >= sizeof copy)
    return -EINVAL;
  strcpy(copy, text);
  const char *a = strtok_r(copy, ":", &save);
  const char *b = strtok_r(NULL, ":", &save);
  const char *number = strtok_r(NULL, "", &save);
  if (!a || !b || !number || !parse_number(number, &attenuation_db))
    return -EINVAL;
  return mixer_attenuate(mixer, a, b, attenuation_db);
}

static int stop_on_signals(void)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

static int run(const struct options *options, struct mixer *mixer)
{
  char err[256];
  mixer_init(mixer, options->snr_db, options->seed);
  for (size_t i = 0; i < options->path_count; i++) {
    if (attenuate(mixer, options->paths[i]) != 0) {
      fprintf(stderr, "ether: --att %s: write NAME:NAME:DB\n", options->paths[i]);
      return EXIT_FAILURE;
    }
  }
  FILE *log = options->log_path ? fopen(options->log_path, "we") : NULL;
  if (options->log_path && !log) {
    fprintf(stderr, "ether: --log %s: %s\n", options->log_path, strerror(errno));
    return EXIT_FAILURE;
  }
  struct server_settings settings = {.socket_path = options->socket_path,
                                     .mixer = mixer,
                                     .log = log,
                                     .notes = stderr,
                                     .ready_fd = options->ready_fd,
                                     .stop_fd = stop_on_signals()};
  int error = server_run(&settings, err, sizeof err);
  if (error)
    fprintf(stderr, "%s\n", err);
  close(settings.stop_fd);
  if (log)
    fclose(log);
  return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  struct options options = {.snr_db = SNR_DEFAULT_DB, .seed = SEED_DEFAULT, .ready_fd = -1};
  if (!parse_options(&options, argc, argv)) {
    fputs(usage_text, stderr);
    return EXIT_FAILURE;
  }
  struct mixer *mixer = malloc(sizeof *mixer);
  if (!mixer) {
    fputs("ether: out of memory\n", stderr);
    return EXIT_FAILURE;
  }
  int status = run(&options, mixer);
  free(mixer);
  return status;
}
