/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that show the post itself: status, channels and the event log. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/output.h"

#define CELL_MAX 160
#define PAGE_MAX 200
#define FOLLOW_POLL_NS 500000000L

static const char *channel_state(const json_t *channel)
{
  if (!json_is_true(json_object_get(channel, "up")))
    return "down";
  if (json_is_true(json_object_get(channel, "transmitting")))
    return "sending";
  return json_is_true(json_object_get(channel, "busy")) ? "busy" : "free";
}

static void format_uptime(long long seconds, char *out, size_t size)
{
  snprintf(out, size, "%lld d %02lld:%02lld", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
}

/* A post without a clock works all the same, and must say so. */
static void print_clock(const json_t *status)
{
  const char *source = out_string(json_object_get(status, "clock"), "source");
  char now[OUT_TIME_MAX], line[CELL_MAX];
  out_time(out_string(status, "now"), now);
  const char *remark = !strcmp(source, "none")          ? "not known: set the clock, or wait for a coordinator's"
                       : !strcmp(source, "unconfirmed") ? ", not confirmed: the clock is not synchronised"
                       : !strcmp(source, "network")     ? ", as a coordinator told it"
                                                        : "";
  snprintf(line, sizeof line, "%s%s", strcmp(source, "none") ? now : "", remark);
  printf("Time      ");
  out_wrapped(10, line);
}

static void print_status(const json_t *status)
{
  const json_t *station = json_object_get(status, "station"), *stats = json_object_get(status, "stats");
  char name[CELL_MAX], uptime[32], line[CELL_MAX * 2];
  size_t i;
  json_t *channel;
  out_station(station, name, sizeof name);
  format_uptime(out_integer(status, "uptime_s"), uptime, sizeof uptime);
  snprintf(line, sizeof line, "%s, %s, %s", name, out_string(station, "callsign"), out_string(station, "role"));
  printf("Station   ");
  out_wrapped(10, line);
  printf("Version   %s, up %s\n", out_string(status, "version"), uptime);
  print_clock(status);
  printf("Messages  %lld unread, %lld waiting to be delivered\n", out_integer(status, "unread"),
         out_integer(status, "waiting"));
  printf("On air    %.1f s sent in %lld bursts, %lld bursts heard\n",
         json_number_value(json_object_get(stats, "airtime_s")), out_integer(stats, "bursts_sent"),
         out_integer(stats, "bursts_heard"));
  json_array_foreach(json_object_get(status, "channels"), i, channel)
  {
    const char *text = out_string(channel, "text");
    snprintf(line, sizeof line, "%s, %s, %s%s%s", out_string(channel, "name"), out_string(channel, "modem"),
             channel_state(channel), *text ? ": " : "", text);
    printf("Channel   ");
    out_wrapped(10, line);
  }
}

int cmd_status(struct cli *cli)
{
  return client_show(cli, "/v1/status", NULL, print_status);
}

static void add_modes(struct table *table, const json_t *channel)
{
  size_t i;
  json_t *mode;
  json_array_foreach(json_object_get(channel, "modes"), i, mode)
  {
    char unit[24], most[24], airtime[24], snr[24];
    snprintf(unit, sizeof unit, "%lld", out_integer(mode, "unit_bytes"));
    snprintf(most, sizeof most, "%lld", out_integer(mode, "max_bytes"));
    snprintf(airtime, sizeof airtime, "%.2f", json_number_value(json_object_get(mode, "airtime_s")));
    out_db(json_object_get(mode, "snr_needed_db"), snr, sizeof snr);
    table_add(table,
              (const char *const[]){out_string(channel, "name"), out_string(mode, "name"), unit, most, airtime, snr});
  }
}

static void print_channels(const json_t *reply)
{
  static const char *const heads[] = {"CHANNEL", "MODEM", "STATE", "HEARD", "SENT", "KEYED s", "LAST WORD", NULL};
  static const char *const mode_heads[] = {"CHANNEL", "MODE", "UNIT B", "MOST B", "UNIT s", "NEEDS dB", NULL};
  struct table *table = table_new(heads), *modes = table_new(mode_heads);
  size_t i;
  json_t *channel;
  table_wrap_last(table);
  json_array_foreach(json_object_get(reply, "channels"), i, channel)
  {
    char heard[24], sent[24], keyed[32];
    snprintf(heard, sizeof heard, "%lld", out_integer(channel, "bursts_heard"));
    snprintf(sent, sizeof sent, "%lld", out_integer(channel, "bursts_sent"));
    snprintf(keyed, sizeof keyed, "%.1f", json_number_value(json_object_get(channel, "keyed_s")));
    table_add(table, (const char *const[]){out_string(channel, "name"), out_string(channel, "modem"),
                                           channel_state(channel), heard, sent, keyed, out_string(channel, "text")});
    add_modes(modes, channel);
  }
  table_print(table);
  putchar('\n');
  table_print(modes);
  table_free(table);
  table_free(modes);
}

int cmd_channel_list(struct cli *cli)
{
  return client_show(cli, "/v1/channels", NULL, print_channels);
}

static void print_event(const json_t *event)
{
  char time[OUT_TIME_MAX], line[CELL_MAX * 4];
  out_time(out_string(event, "at"), time);
  snprintf(line, sizeof line, "%s: %s: %s", out_string(event, "level"), out_string(event, "source"),
           out_string(event, "text"));
  printf("%s  ", time);
  out_wrapped(strlen(time) + 2, line);
}

/* Prints the events of a page above row, oldest first.  Returns the newest row seen. */
static long long print_events(const struct cli *cli, const json_t *reply, long long row)
{
  const json_t *events = json_object_get(reply, "events");
  for (size_t i = json_array_size(events); i > 0; i--) {
    const json_t *event = json_array_get(events, i - 1);
    if (out_integer(event, "row") <= row)
      continue;
    row = out_integer(event, "row");
    if (cli->json) {
      json_dumpf(event, stdout, JSON_COMPACT);
      putchar('\n');
    } else {
      print_event(event);
    }
  }
  fflush(stdout);
  return row;
}

/* Asks again and again; ends with the daemon, or when nobody reads any more. */
static int follow(const struct cli *cli, long long row)
{
  const struct timespec pause = {0, FOLLOW_POLL_NS};
  while (!ferror(stdout)) {
    json_t *reply;
    nanosleep(&pause, NULL);
    int code = client_get_page(cli, "/v1/log?limit=", PAGE_MAX, &reply);
    if (code)
      return code;
    row = print_events(cli, reply, row);
    json_decref(reply);
  }
  return CLI_OK;
}

int cmd_log(struct cli *cli)
{
  long limit = 20;
  json_t *reply;
  int follows = cli_value(cli, "follow") != NULL;
  int code = cli_integer(cli, "limit", 1, PAGE_MAX, &limit);
  if (!code)
    code = client_get_page(cli, "/v1/log?limit=", limit, &reply);
  if (code)
    return code;
  long long row = 0;
  if (cli->json && !follows)
    out_json(reply);
  else
    row = print_events(cli, reply, 0);
  json_decref(reply);
  return follows ? follow(cli, row) : CLI_OK;
}
