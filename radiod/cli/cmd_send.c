/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that file messages: status reports, texts and alerts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "radiod/api/json_status.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/compose.h"
#include "radiod/cli/output.h"
#include "radiod/cli/phrase_input.h"
#include "radiod/cli/text_input.h"

#define NAME_MAX_LEN 160

/* Sets a member of body.  Returns 0, or CLI_USAGE when text is not UTF-8. */
static int set_string(const struct cli *cli, json_t *body, const char *name, const char *text)
{
  if (json_object_set_new(body, name, json_string(text)))
    return cli_usage_error(cli, "%s: is not UTF-8; use a UTF-8 terminal", name);
  return 0;
}

/* Sets a member from an option, if it was given. */
static int set_option(const struct cli *cli, json_t *body, const char *name, const char *option)
{
  const char *text = cli_value(cli, option);
  return text ? set_string(cli, body, name, text) : 0;
}

/* Splits "a,b" into an array member. */
static int set_list(const struct cli *cli, json_t *body, const char *name, const char *text)
{
  json_t *array = json_array();
  json_object_set_new(body, name, array);
  while (1) {
    size_t len = strcspn(text, ",");
    if (len && json_array_append_new(array, json_stringn(text, len)))
      return cli_usage_error(cli, "%s: is not UTF-8; use a UTF-8 terminal", name);
    if (!text[len])
      return 0;
    text += len + 1;
  }
}

static int file_message(const struct cli *cli, const json_t *body)
{
  json_t *message;
  char to[NAME_MAX_LEN];
  int code = client_call(cli, "/v1/messages", body, &message);
  if (code)
    return code;
  out_station(json_object_get(message, "to"), to, sizeof to);
  if (cli->json) {
    out_json(message);
  } else {
    printf("%s  ", out_string(message, "id"));
    out_wrapped(strlen(out_string(message, "id")) + 2, to);
  }
  json_decref(message);
  return CLI_OK;
}

/* Files body unless code says that it could not be built; drops it. */
static int finish(const struct cli *cli, json_t *body, int code)
{
  if (!code)
    code = file_message(cli, body);
  json_decref(body);
  return code;
}

/* Lists the coordinators into names; returns how many, and the number of the last in number. */
static size_t find_coordinators(const json_t *reply, long long *number, char *names, size_t size)
{
  size_t count = 0, len = 0, i;
  json_t *peer;
  json_array_foreach(json_object_get(reply, "peers"), i, peer)
  {
    if (strcmp(out_string(peer, "role"), "coordinator"))
      continue;
    *number = out_integer(peer, "number");
    char name[NAME_MAX_LEN];
    out_station(peer, name, sizeof name);
    if (len < size)
      len += (size_t)snprintf(names + len, size - len, "%s%s", count ? ", " : "", name);
    count++;
  }
  return count;
}

/* Without --to a report goes to the coordinator, if it is clear who that is. */
static int set_coordinator(const struct cli *cli, json_t *body)
{
  json_t *reply;
  long long number = 0;
  char names[512] = "";
  int code = client_call(cli, "/v1/peers", NULL, &reply);
  if (code)
    return code;
  size_t count = find_coordinators(reply, &number, names, sizeof names);
  json_decref(reply);
  if (count == 0)
    return cli_usage_error(cli, "the directory has no coordinator besides this post; say --to WHO");
  if (count > 1) {
    char *clean = out_clean(names);
    code = cli_usage_error(cli, "several coordinators: %s; say --to WHO", clean ? clean : "?");
    free(clean);
    return code;
  }
  json_object_set_new(body, "to", json_integer(number));
  return 0;
}

/* Turns what the person wrote for a field into the value that the API takes. */
static int set_field(const struct cli *cli, json_t *fields, enum status_field field, const char *text)
{
  struct status_report scratch;
  char range[400];
  status_init(&scratch);
  if (status_field_parse(&scratch, field, text)) {
    api_field_describe(field, range, sizeof range);
    return cli_usage_error(cli, "--%s %s: must be %s", cli->field_name[field], text, range);
  }
  json_object_set_new(fields, status_field_info(field)->name, api_json_field(field, scratch.value[field]));
  return 0;
}

static int set_fields(const struct cli *cli, json_t *body)
{
  json_t *fields = json_object();
  json_object_set_new(body, "fields", fields);
  for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++) {
    const char *text = cli_value(cli, cli->field_name[i]);
    int code = text ? set_field(cli, fields, (enum status_field)i, text) : 0;
    if (code)
      return code;
  }
  return 0;
}

static int build_status(const struct cli *cli, json_t *body)
{
  const char *restriction = cli_value(cli, "restriction");
  if (!cli_value(cli, "state") && !cli_value(cli, "same") && !cli_value(cli, "correct"))
    return cli_usage_error(cli, "say the state of the post: --state open, or --same to repeat the last report");
  if (cli_value(cli, "same"))
    json_object_set_new(body, "same_as_last", json_true());
  int code = set_option(cli, body, "state", "state");
  if (!code)
    code = set_option(cli, body, "text", "text");
  if (!code)
    code = set_option(cli, body, "correction_of", "correct");
  if (!code)
    code = set_option(cli, body, "precedence", "precedence");
  if (!code && restriction)
    code = set_list(cli, body, "restriction", restriction);
  if (!code)
    code = set_fields(cli, body);
  if (!code)
    code = cli_value(cli, "to") ? set_option(cli, body, "to", "to") : set_coordinator(cli, body);
  return code;
}

int cmd_send_status(struct cli *cli)
{
  json_t *body = json_pack("{s:s}", "kind", "status");
  return finish(cli, body, build_status(cli, body));
}

/* The sentence of a phrase, or the words; a person who gave none writes it now. */
static int get_text(const struct cli *cli, json_t *body, char text[TEXT_INPUT_MAX + 1])
{
  if (cli_value(cli, "phrase"))
    return phrase_input_read(cli, 1, text, TEXT_INPUT_MAX + 1);
  if (cli_value(cli, "lang"))
    return cli_usage_error(cli, "--lang is the language of a phrase: give --phrase N too");
  if (cli->word_count > 1)
    return text_input_read(cli, 1, text);
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    return cli_too_few_words(cli);
  return compose_text(cli, body, text);
}

int cmd_send_text(struct cli *cli)
{
  char text[TEXT_INPUT_MAX + 1];
  json_t *body = json_pack("{s:s}", "kind", "text");
  int code = set_string(cli, body, "to", cli->word[0]);
  if (!code)
    code = set_option(cli, body, "precedence", "precedence");
  if (!code)
    code = get_text(cli, body, text);
  if (!code)
    code = set_string(cli, body, "text", text);
  return finish(cli, body, code);
}

static int set_area(const struct cli *cli, json_t *body)
{
  const char *sectors = cli_value(cli, "sectors"), *departments = cli_value(cli, "departments");
  if (sectors && departments)
    return cli_usage_error(cli, "an alert concerns either --sectors or --departments; leave one out");
  if (!sectors && !departments)
    return 0;
  json_t *area = json_pack("{s:s}", "kind", sectors ? "sectors" : "departments");
  json_object_set_new(body, "area", area);
  return set_list(cli, area, "values", sectors ? sectors : departments);
}

static int set_times(const struct cli *cli, json_t *body)
{
  long onset = 0, hours = 0;
  if (cli_integer(cli, "onset-min", 0, 3825, &onset) || cli_integer(cli, "expiry-h", 1, 744, &hours))
    return CLI_USAGE;
  if (onset)
    json_object_set_new(body, "onset_min", json_integer(onset));
  if (hours)
    json_object_set_new(body, "expiry_h", json_integer(hours));
  if (cli_value(cli, "until-cancelled"))
    json_object_set_new(body, "until_cancelled", json_true());
  return 0;
}

static int set_reference(const struct cli *cli, json_t *body)
{
  const char *update = cli_value(cli, "update"), *cancel = cli_value(cli, "cancel");
  if (update && cancel)
    return cli_usage_error(cli, "either --update or --cancel; leave one out");
  if (!update && !cancel)
    return 0;
  json_object_set_new(body, "msg_type", json_string(update ? "Update" : "Cancel"));
  return set_string(cli, body, "references", update ? update : cancel);
}

static int build_alert(const struct cli *cli, json_t *body)
{
  static const char *const members[] = {"to",     "text",     "severity", "urgency",    "certainty",
                                        "status", "category", "response", "precedence", "scope"};
  int code = set_string(cli, body, "event", cli->word[0]);
  for (size_t i = 0; !code && i < sizeof members / sizeof *members; i++)
    code = set_option(cli, body, members[i], members[i]);
  if (!code)
    code = set_area(cli, body);
  if (!code)
    code = set_times(cli, body);
  if (!code)
    code = set_reference(cli, body);
  return code;
}

int cmd_send_alert(struct cli *cli)
{
  json_t *body = json_pack("{s:s}", "kind", "alert");
  return finish(cli, body, build_alert(cli, body));
}
