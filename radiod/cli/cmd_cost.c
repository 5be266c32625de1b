/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that tells what a text would cost on the air, and sends nothing. */
#include <stdio.h>
#include <string.h>

#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/output.h"
#include "radiod/cli/text_input.h"

#define NAME_MAX_LEN 160

static void print_head(const json_t *cost)
{
  printf("%lld characters, %lld bytes, %.2f bits a character\n", out_integer(cost, "characters"),
         out_integer(cost, "bytes"), json_number_value(json_object_get(cost, "bits_per_character")));
}

static void print_way(const json_t *cost)
{
  char to[NAME_MAX_LEN], line[2 * NAME_MAX_LEN + 16];
  const json_t *via = json_object_get(cost, "via");
  if (!json_is_object(json_object_get(cost, "to")))
    return;
  out_station(json_object_get(cost, "to"), to, sizeof to);
  snprintf(line, sizeof line, "%s", to);
  if (json_is_object(via) && out_integer(via, "number") != out_integer(json_object_get(cost, "to"), "number")) {
    char hop[NAME_MAX_LEN];
    out_station(via, hop, sizeof hop);
    snprintf(line, sizeof line, "%s, as far as %s", to, hop);
  }
  printf("to ");
  out_wrapped(3, line);
}

static void format_seconds(const json_t *value, char *out, size_t size)
{
  if (json_is_number(value))
    snprintf(out, size, "%.2f", json_number_value(value));
  else
    snprintf(out, size, "-");
}

static void add_channel(struct table *table, const json_t *channel)
{
  char bursts[24], frames[24], seconds[24], answer[24];
  const char *mode = out_string(channel, "mode");
  const char *state = json_is_true(json_object_get(channel, "up")) ? "up" : "down";
  snprintf(bursts, sizeof bursts, "%lld", out_integer(channel, "bursts"));
  snprintf(frames, sizeof frames, "%lld", out_integer(channel, "frames"));
  format_seconds(json_object_get(channel, "airtime_s"), seconds, sizeof seconds);
  format_seconds(json_object_get(channel, "answer_s"), answer, sizeof answer);
  const char *const cells[] = {
      out_string(channel, "name"), state, *mode ? mode : "cannot carry it", bursts, frames, seconds, answer};
  table_add(table, cells);
}

static void print_channels(const json_t *channels)
{
  static const char *const heads[] = {"CHANNEL", "STATE", "MODE", "BURSTS", "FRAMES", "SECONDS", "ANSWER", NULL};
  struct table *table = table_new(heads);
  size_t i;
  json_t *channel;
  json_array_foreach(channels, i, channel)
  {
    add_channel(table, channel);
  }
  table_print(table);
  table_free(table);
}

static void print_cost(const json_t *cost)
{
  print_head(cost);
  print_way(cost);
  print_channels(json_object_get(cost, "channels"));
}

/* A text for nobody in particular stands alone. */
static int build(const struct cli *cli, json_t *body)
{
  char text[TEXT_INPUT_MAX + 1];
  const char *to = cli_value(cli, "to");
  int code = text_input_read(cli, 0, text);
  if (code)
    return code;
  if (json_object_set_new(body, "text", json_string(text)))
    return cli_usage_error(cli, "text: is not UTF-8; use a UTF-8 terminal");
  if (to && json_object_set_new(body, "to", json_string(to)))
    return cli_usage_error(cli, "to: is not UTF-8; use a UTF-8 terminal");
  if (to)
    json_object_set_new(body, "kind", json_string("text"));
  return CLI_OK;
}

int cmd_cost(struct cli *cli)
{
  json_t *body = json_object();
  int code = build(cli, body);
  if (!code)
    code = client_show(cli, "/v1/cost", body, print_cost);
  json_decref(body);
  return code;
}
