/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channel seconds of acknowledged messages over the soft modem in white noise, counted in modulated samples of both
 * ends, retries included.  Prints one JSON object. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/air/noise.h"
#include "sim/post/pair.h"

#define DEFAULT_SNR_DB 5.0
#define DEFAULT_COUNT 30
#define LIMIT_S 600
#define ROUTINE_GROUPS 4
#define ALERT_CHARS 100
#define TEXT_CHARS 1000

struct bench {
  struct pair *pair;
  struct noise dice;
  int count;
};

struct figures {
  double mean_s, max_s;
  double bytes; /* mean of what the last burst carried */
};

static unsigned roll(struct bench *bench, unsigned below)
{
  unsigned value = (unsigned)(noise_uniform(&bench->dice) * below);
  return value < below ? value : below - 1;
}

static uint16_t random_code(struct bench *bench, const struct status_field_info *info)
{
  uint16_t code;
  do
    code = (uint16_t)roll(bench, info->max_code + 1u);
  while (info->type == STATUS_TYPE_CHOICE && !info->names[code]);
  return code;
}

/* A routine report: state open, four of the ten groups, any values. */
static struct status_report random_report(struct bench *bench)
{
  struct status_report report;
  char why[96];
  do {
    status_init(&report);
    report.state = STATUS_STATE_OPEN;
    while (__builtin_popcount(report.groups) < ROUTINE_GROUPS)
      report.groups |= (uint16_t)(1 << roll(bench, STATUS_GROUP_COUNT));
    for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
      const struct status_field_info *info = status_field_info(i);
      if (report.groups >> info->group & 1)
        report.value[i] = random_code(bench, info);
    }
  } while (status_check(&report, why, sizeof why));
  return report;
}

/* Words of the trade, so that a text model has something to work on. */
static void random_text(struct bench *bench, struct text *text, int chars)
{
  static const char *const words[] = {
      "barrière", "ouverte", "camions",    "file",     "attente", "douane",    "pluie",   "route", "coupée", "besoin",
      "gasoil",   "relève",  "patrouille", "Malpasse", "retour",  "personnes", "mineurs", "12",    "07h30",  "calme"};
  char line[TEXT_MAX_BYTES + 32] = "";
  while (text_count_chars(line, strlen(line)) < chars) {
    strcat(line, words[roll(bench, sizeof words / sizeof *words)]);
    strcat(line, " ");
  }
  size_t len = strlen(line);
  while (text_count_chars(line, len) != chars)
    len--;
  text_set(text, line, len);
}

/* One exchange.  Ends the program when it fails: a figure without it would be false. */
static double exchange(struct bench *bench, struct message *message)
{
  char why[160] = "";
  double seconds = pair_exchange(bench->pair, message, LIMIT_S, why, sizeof why);
  if (seconds >= 0)
    return seconds;
  fprintf(stderr, "airtime: a %s was not delivered: %s\n", message_kind_name(message->kind),
          seconds == -ETIMEDOUT ? "no acknowledgement in time; is the SNR below what the modes need?" : why);
  exit(EXIT_FAILURE);
}

static void add(struct figures *figures, double seconds, size_t bytes, int count)
{
  figures->mean_s += seconds / count;
  figures->bytes += (double)bytes / count;
  if (seconds > figures->max_s)
    figures->max_s = seconds;
}

/* Reports that differ in everything, and after each the same once more. */
static void run_reports(struct bench *bench, struct figures *routine, struct figures *same)
{
  for (int i = 0; i < bench->count; i++) {
    struct message message = {.kind = MESSAGE_STATUS, .body.status = random_report(bench)};
    double seconds = exchange(bench, &message);
    add(routine, seconds, pair_last_len(bench->pair, 1), bench->count);
    seconds = exchange(bench, &message);
    add(same, seconds, pair_last_len(bench->pair, 1), bench->count);
  }
}

static void run_alerts(struct bench *bench, struct figures *alert)
{
  int count = bench->count / 10 + 1;
  for (int i = 0; i < count; i++) {
    struct message message = {.kind = MESSAGE_ALERT, .precedence = IMMEDIATE};
    alert_init(&message.body.alert, roll(bench, ALERT_EVENT_COUNT));
    random_text(bench, &message.body.alert.text, ALERT_CHARS);
    add(alert, exchange(bench, &message), pair_last_len(bench->pair, 1), count);
  }
}

static double run_texts(struct bench *bench)
{
  double seconds = 0;
  for (int sent = 0; sent < TEXT_CHARS; sent += TEXT_MAX_CHARS) {
    struct message message = {.kind = MESSAGE_TEXT};
    random_text(bench, &message.body.text, TEXT_MAX_CHARS);
    seconds += exchange(bench, &message);
  }
  return seconds;
}

static void usage(FILE *out)
{
  fprintf(out, "usage: sim/bench airtime [--snr DB] [--count N] [--seed N]\n"
               "Channel seconds of acknowledged messages between two posts over the soft modem.\n");
}

int main(int argc, char **argv)
{
  static const struct option options[] = {{"snr", required_argument, NULL, 's'},
                                          {"count", required_argument, NULL, 'n'},
                                          {"seed", required_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  double snr_db = DEFAULT_SNR_DB;
  uint64_t seed = 1;
  struct bench bench = {.count = DEFAULT_COUNT};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 's')
      snr_db = atof(optarg);
    else if (option == 'n')
      bench.count = atoi(optarg);
    else if (option == 'r')
      seed = strtoull(optarg, NULL, 10);
    else {
      usage(option == 'h' ? stdout : stderr);
      return option == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  if (optind < argc || bench.count < 1) {
    usage(stderr);
    return 2;
  }
  bench.pair = pair_new(snr_db, seed);
  if (!bench.pair) {
    fprintf(stderr, "airtime: the posts could not be made; does the Codec2 library have the data modes?\n");
    return EXIT_FAILURE;
  }
  noise_init(&bench.dice, seed + 1000);
  struct figures routine = {0}, same = {0}, alert = {0};
  run_reports(&bench, &routine, &same);
  size_t ack_bytes = pair_last_len(bench.pair, 2);
  run_alerts(&bench, &alert);
  double text_s = run_texts(&bench);
  printf("{\"bench\":\"airtime\",\"status_s\":%.3f,\"status_max_s\":%.3f,\"status_same_s\":%.3f,\"status_same_max_"
         "s\":%.3f,"
         "\"status_bytes\":%.1f,\"status_same_bytes\":%.1f,\"ack_bytes\":%zu,\"alert_100_chars_s\":%.3f,"
         "\"text_1k_s\":%.3f,\"snr_db\":%.1f,\"reports\":%d}\n",
         routine.mean_s, routine.max_s, same.mean_s, same.max_s, routine.bytes, same.bytes, ack_bytes, alert.mean_s,
         text_s, snr_db, bench.count);
  pair_free(bench.pair);
  return EXIT_SUCCESS;
}
