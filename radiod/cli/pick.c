/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message that a person means who names none: the next to read, or what was filed last. */
#include <stdio.h>
#include <string.h>

#include "protocol/wire/precedence.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/output.h"

#define UNREAD_MAX 200

static int take(struct cli *cli, const json_t *message)
{
  snprintf(cli->picked, sizeof cli->picked, "%s", out_string(message, "id"));
  cli->word[0] = cli->picked;
  cli->word_count = 1;
  return CLI_OK;
}

/* The list comes newest first: of equal precedence the last one is the oldest. */
static const json_t *gravest(const json_t *messages)
{
  const json_t *best = NULL;
  size_t i;
  json_t *message;
  json_array_foreach(messages, i, message)
  {
    if (!best ||
        precedence_find(out_string(message, "precedence")) >= precedence_find(out_string(best, "precedence")))
      best = message;
  }
  return best;
}

static int pick(struct cli *cli, const char *path, long limit, const char *none)
{
  json_t *reply;
  if (cli->word_count)
    return CLI_OK;
  int code = client_get_page(cli, path, limit, &reply);
  if (code)
    return code;
  const json_t *message = gravest(json_object_get(reply, "messages"));
  code = message ? take(cli, message) : cli_error(CLI_NOT_FOUND, "%s", none);
  json_decref(reply);
  return code;
}

int cli_pick_unread(struct cli *cli)
{
  return pick(cli, "/v1/messages?box=in&unread=true&limit=", UNREAD_MAX, "nothing is unread; see \"radioctl inbox\"");
}

int cli_pick_filed(struct cli *cli)
{
  return pick(cli, "/v1/messages?box=out&limit=", 1, "nothing was filed here yet");
}
