/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets a person write a text at the terminal, and shows what it costs meanwhile. */
#include "radiod/cli/compose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/cli/client.h"
#include "radiod/cli/line_screen.h"
#include "radiod/cli/output.h"

/* The daemon answers within a few milliseconds.  One that hangs must not hold up the writer. */
#define ANSWER_MS 500

struct composition {
  const struct cli *cli;
  const json_t *body;
};

/* The first channel that is up; the first of all when none is. */
static const json_t *best_channel(const json_t *channels)
{
  size_t i;
  json_t *channel;
  json_array_foreach(channels, i, channel)
  {
    if (json_is_true(json_object_get(channel, "up")))
      return channel;
  }
  return json_array_get(channels, 0);
}

static void append_cost(const json_t *cost, char *note, size_t len)
{
  const json_t *channel = best_channel(json_object_get(cost, "channels"));
  const json_t *airtime = json_object_get(channel, "airtime_s");
  char *name = out_clean(out_string(channel, "name"));
  len += (size_t)snprintf(note + len, LINE_NOTE_MAX - len, ", %lld bytes, ", out_integer(cost, "bytes"));
  if (json_is_number(airtime))
    snprintf(note + len, LINE_NOTE_MAX - len, "%.2f s on %s%s", json_number_value(airtime), name ? name : "?",
             json_is_true(json_object_get(channel, "up")) ? "" : " (down)");
  else
    snprintf(note + len, LINE_NOTE_MAX - len, "%s cannot carry it", name ? name : "?");
  free(name);
}

static int append_answer(const struct composition *composition, const struct line_edit *line, char *note, size_t len)
{
  char why[CLIENT_WHY_MAX] = "";
  json_t *body = json_copy((json_t *)composition->body), *cost;
  json_object_set_new(body, "text", json_string(line->text));
  int code = client_ask(composition->cli, "/v1/cost", body, ANSWER_MS, &cost, why);
  json_decref(body);
  if (code == CLI_UNREACHABLE) {
    snprintf(note + len, LINE_NOTE_MAX - len, ", cost unknown: radiod does not answer");
    return -EAGAIN;
  }
  if (code) {
    snprintf(note + len, LINE_NOTE_MAX - len, ", %s", why);
    return 0;
  }
  append_cost(cost, note, len);
  json_decref(cost);
  return 0;
}

static int write_note(void *context, const struct line_edit *line, char note[LINE_NOTE_MAX])
{
  int chars = line_edit_chars(line);
  if (chars > TEXT_MAX_CHARS) {
    snprintf(note, LINE_NOTE_MAX, "%d characters too many: shorten it", chars - TEXT_MAX_CHARS);
    return 0;
  }
  size_t len = (size_t)snprintf(note, LINE_NOTE_MAX, "%d characters left", TEXT_MAX_CHARS - chars);
  if (chars)
    return append_answer(context, line, note, len);
  snprintf(note + len, LINE_NOTE_MAX - len, "; Enter sends, Esc cancels");
  return 0;
}

int compose_text(const struct cli *cli, const json_t *body, char text[TEXT_INPUT_MAX + 1])
{
  struct composition composition = {cli, body};
  struct line_edit line;
  line_edit_init(&line);
  int err = line_screen_edit(&line, write_note, &composition);
  if (err == -ECANCELED)
    return cli_error(CLI_REFUSED, "cancelled, nothing was sent");
  if (err)
    return cli_error(CLI_REFUSED, "the terminal cannot be used: %s", strerror(-err));
  memcpy(text, line.text, line.len + 1);
  printf("%s\n", text);
  return CLI_OK;
}
