/* SPDX-License-Identifier: GPL-3.0-or-later */
/* radioctl wait: returns when a message got as far as the caller needs, or never will. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "radiod/api/json_common.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/message_view.h"
#include "radiod/cli/output.h"

#define POLL_NS 300000000L
#define TIMEOUT_MAX_S (365L * 24 * 3600)

enum progress { NEVER, NOT_YET, DONE };

/* Steps in their order; a word that is none of them is before the first. */
static int rank(const char *state)
{
  static const char *const steps[] = {"delivered", "read", "acted"};
  for (int i = 0; i < 3; i++)
    if (!strcmp(state, steps[i]))
      return i;
  return -1;
}

static enum progress delivery_progress(const json_t *delivery, int goal)
{
  const char *state = out_string(delivery, "state");
  if (!strcmp(state, "queued") || !strcmp(state, "sent") || !strcmp(state, "custody"))
    return NOT_YET;
  if (!strcmp(state, "refused")) {
    /* With an officer's word on it, it was at least read. */
    int by_person = out_integer(delivery, "officer") || *out_string(delivery, "note");
    return by_person && goal <= rank("read") ? DONE : NEVER;
  }
  if (rank(state) < 0)
    return NEVER;
  return rank(state) >= goal ? DONE : NOT_YET;
}

static enum progress message_progress(const json_t *message, int goal)
{
  enum progress all = DONE;
  size_t i;
  json_t *delivery;
  json_array_foreach(json_object_get(message, "deliveries"), i, delivery)
  {
    enum progress one = delivery_progress(delivery, goal);
    if (one < all)
      all = one;
  }
  return all;
}

static time_t seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

static int report(const struct cli *cli, const json_t *message, enum progress progress, const char *goal)
{
  if (cli->json)
    out_json(message);
  else
    message_print_deliveries(message);
  if (progress == DONE)
    return CLI_OK;
  if (progress == NEVER)
    return cli_error(CLI_REFUSED, "message %s: a delivery ended before it was %s; send it again or ask by voice",
                     cli->word[0], goal);
  return cli_error(CLI_TIMED_OUT,
                   "message %s: time ran out, not %s everywhere yet; it still waits, see radioctl show", cli->word[0],
                   goal);
}

static int wait_for(const struct cli *cli, const char *path, const char *goal, long timeout_s)
{
  const struct timespec pause = {0, POLL_NS};
  time_t start = seconds_now();
  while (1) {
    json_t *message;
    int code = client_call(cli, path, NULL, &message);
    if (code)
      return code;
    if (strcmp(out_string(message, "box"), "out")) {
      json_decref(message);
      return cli_usage_error(cli, "%s came from another station; only messages filed here can be waited for",
                             cli->word[0]);
    }
    enum progress progress = message_progress(message, rank(goal));
    int over = timeout_s >= 0 && seconds_now() - start >= timeout_s;
    if (progress != NOT_YET || over) {
      code = report(cli, message, progress, goal);
      json_decref(message);
      return code;
    }
    json_decref(message);
    nanosleep(&pause, NULL);
  }
}

int cmd_wait(struct cli *cli)
{
  const char *goal = cli_value(cli, "for") ? cli_value(cli, "for") : "delivered";
  char path[64];
  struct message_id id;
  long timeout_s = -1;
  int code = cli_pick_filed(cli);
  if (code)
    return code;
  if (api_id_parse(cli->word[0], &id))
    return cli_usage_error(cli, "\"%s\" is not a message id; one looks like 2-1045", cli->word[0]);
  if (rank(goal) < 0)
    return cli_usage_error(cli, "--for %s: write delivered, read or acted", goal);
  if (cli_integer(cli, "timeout", 0, TIMEOUT_MAX_S, &timeout_s))
    return CLI_USAGE;
  snprintf(path, sizeof path, "/v1/messages/%u-%u", id.origin, id.counter);
  return wait_for(cli, path, goal, timeout_s);
}
