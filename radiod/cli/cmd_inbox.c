/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about messages that exist: list, show, read, acknowledge, cancel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/api/json_common.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/message_view.h"
#include "radiod/cli/output.h"

#define PATH_MAX_LEN 64
#define PAGE_DEFAULT 20
#define PAGE_MAX 200
#define SUMMARY_MAX 1024
#define NAME_MAX_LEN 160

/* Writes the path of the message that the command's first word names.  Returns 0 or CLI_USAGE. */
static int message_path(const struct cli *cli, const char *step, char out[PATH_MAX_LEN])
{
  struct message_id id;
  if (api_id_parse(cli->word[0], &id))
    return cli_usage_error(cli, "\"%s\" is not a message id; one looks like 2-1045", cli->word[0]);
  snprintf(out, PATH_MAX_LEN, "/v1/messages/%u-%u%s", id.origin, id.counter, step);
  return 0;
}

/* "2 delivered, 1 queued"; for one recipient just "queued". */
static void format_counts(const json_t *message, char *out, size_t size)
{
  const json_t *counts = json_object_get(message, "delivery_counts");
  int to_all = !strcmp(out_string(json_object_get(message, "to"), "callsign"), "ALL");
  const char *state;
  json_t *count;
  size_t len = 0;
  out[0] = '\0';
  json_object_foreach((json_t *)counts, state, count)
  {
    char number[24] = "";
    if (to_all)
      snprintf(number, sizeof number, "%lld ", (long long)json_integer_value(count));
    int n = snprintf(out + len, size - len, "%s%s%s", len ? ", " : "", number, state);
    if (n < 0 || (size_t)n >= size - len)
      return;
    len += (size_t)n;
  }
}

/* "text", "FLASH alert": routine is not worth a word. */
static void format_kind(const json_t *message, char *out, size_t size)
{
  const char *precedence = out_string(message, "precedence");
  int routine = !strcmp(precedence, "ROUTINE");
  snprintf(out, size, "%s%s%s", routine ? "" : precedence, routine ? "" : " ", out_string(message, "kind"));
}

static void add_row(struct table *table, const json_t *message, int outgoing, enum phrase_language language)
{
  char time[OUT_TIME_MAX], kind[NAME_MAX_LEN], summary[SUMMARY_MAX], counts[NAME_MAX_LEN];
  const char *id = out_string(message, "id");
  const char *who = out_string(json_object_get(message, outgoing ? "to" : "from"), "name");
  const char *unread = json_is_true(json_object_get(message, "unread")) ? "*" : " ";
  out_short_time(out_string(message, outgoing ? "filed" : "stored"), time);
  format_kind(message, kind, sizeof kind);
  message_summary(message, language, summary, sizeof summary);
  format_counts(message, counts, sizeof counts);
  if (outgoing)
    table_add(table, (const char *const[]){id, time, who, kind, counts, summary});
  else
    table_add(table, (const char *const[]){unread, id, time, who, kind, summary});
}

static void print_list(const json_t *reply, int outgoing, enum phrase_language language)
{
  char zone[OUT_TIME_MAX], time[OUT_TIME_MAX + 16];
  out_zone(zone);
  snprintf(time, sizeof time, "TIME %s", zone);
  const char *const in_heads[] = {"", "ID", time, "FROM", "KIND", "SAYS", NULL};
  const char *const out_heads[] = {"ID", time, "TO", "KIND", "STATE", "SAYS", NULL};
  struct table *table = table_new(outgoing ? out_heads : in_heads);
  size_t i;
  json_t *message;
  json_array_foreach(json_object_get(reply, "messages"), i, message) add_row(table, message, outgoing, language);
  table_print(table);
  table_free(table);
}

static int list(const struct cli *cli, const char *path, int outgoing)
{
  long limit = PAGE_DEFAULT;
  enum phrase_language language;
  json_t *reply;
  int code = cli_integer(cli, "limit", 1, PAGE_MAX, &limit);
  if (!code)
    code = cli_language(cli, &language);
  if (!code)
    code = client_get_page(cli, path, limit, &reply);
  if (code)
    return code;
  if (cli->json)
    out_json(reply);
  else
    print_list(reply, outgoing, language);
  json_decref(reply);
  return CLI_OK;
}

int cmd_inbox(struct cli *cli)
{
  return list(cli,
              cli_value(cli, "unread") ? "/v1/messages?box=in&unread=true&limit=" : "/v1/messages?box=in&limit=", 0);
}

int cmd_outbox(struct cli *cli)
{
  return list(cli, "/v1/messages?box=out&limit=", 1);
}

static int fetch(const struct cli *cli, json_t **out)
{
  char path[PATH_MAX_LEN];
  int code = message_path(cli, "", path);
  return code ? code : client_call(cli, path, NULL, out);
}

int cmd_show(struct cli *cli)
{
  enum phrase_language language;
  json_t *message;
  int code = cli_language(cli, &language);
  if (!code)
    code = cli_pick_filed(cli);
  if (!code)
    code = fetch(cli, &message);
  if (code)
    return code;
  if (cli->json)
    out_json(message);
  else
    message_print(message, language);
  json_decref(message);
  return CLI_OK;
}

/* Adds the officer's number, if given.  Returns 0 or CLI_USAGE. */
static int set_officer(const struct cli *cli, json_t *body)
{
  long officer = 0;
  int code = cli_integer(cli, "officer", 1, RECEIPT_OFFICER_MAX, &officer);
  if (!code && officer)
    json_object_set_new(body, "officer", json_integer(officer));
  return code;
}

static int send_receipt(const struct cli *cli, const json_t *body, json_t **out)
{
  char path[PATH_MAX_LEN];
  int code = message_path(cli, "/receipt", path);
  return code ? code : client_call(cli, path, body, out);
}

int cmd_read(struct cli *cli)
{
  json_t *message = NULL, *receipted = NULL, *body = json_pack("{s:s}", "step", "read");
  enum phrase_language language;
  int code = set_officer(cli, body);
  if (!code)
    code = cli_language(cli, &language);
  if (!code)
    code = cli_pick_unread(cli);
  if (!code)
    code = fetch(cli, &message);
  /* Shown first: what was not on the screen was not read. */
  if (!code && !cli->json)
    message_print(message, language);
  if (!code && json_is_true(json_object_get(message, "unread")))
    code = send_receipt(cli, body, &receipted);
  if (!code && cli->json)
    out_json(receipted ? receipted : message);
  json_decref(message);
  json_decref(receipted);
  json_decref(body);
  return code;
}

static int acknowledge(const struct cli *cli, json_t *body)
{
  const char *text = cli_value(cli, "text");
  json_t *message;
  int code = set_officer(cli, body);
  if (code)
    return code;
  if (text && json_object_set_new(body, "text", json_string(text)))
    return cli_usage_error(cli, "--text: is not UTF-8; use a UTF-8 terminal");
  code = send_receipt(cli, body, &message);
  if (code)
    return code;
  if (cli->json)
    out_json(message);
  else
    printf("%s: %s, its sender will be told\n", out_string(message, "id"),
           out_string(json_object_get(message, "local"), "step"));
  json_decref(message);
  return CLI_OK;
}

int cmd_ack(struct cli *cli)
{
  int acted = cli_value(cli, "acted") != NULL, refused = cli_value(cli, "refused") != NULL;
  if (acted == refused)
    return cli_usage_error(cli, "say what became of it: either --acted or --refused");
  if (refused && !cli_value(cli, "text"))
    return cli_usage_error(cli, "--refused needs a reason: --text TEXT");
  json_t *body = json_pack("{s:s}", "step", acted ? "acted" : "refused");
  int code = acknowledge(cli, body);
  json_decref(body);
  return code;
}

int cmd_cancel(struct cli *cli)
{
  char path[PATH_MAX_LEN];
  const char *to = cli_value(cli, "to");
  json_t *body = json_object();
  int code = message_path(cli, "/cancel", path);
  if (!code && to && json_object_set_new(body, "to", json_string(to)))
    code = cli_usage_error(cli, "--to: is not UTF-8; use a UTF-8 terminal");
  if (!code)
    code = client_show(cli, path, body, message_print_deliveries);
  json_decref(body);
  return code;
}
