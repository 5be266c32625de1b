/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that look things up without a daemon: the settings file, status fields and alert events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/delivery/message.h"
#include "radiod/api/json_status.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/output.h"
#include "radiod/config/config.h"
#include "radiod/network/network.h"

#define DEFAULT_CONFIG "/etc/radiod/radiod.conf"
#define ERROR_MAX 2048
#define VALUES_MAX 400

/* Checks the key file named by config; one that is not there yet is only worth a word. */
static int check_keys(const struct config *config)
{
  char error[512] = "";
  struct station_secrets secrets;
  struct directory *directory = malloc(sizeof *directory);
  int err = directory ? network_read_key_file(config->key_file, &secrets, directory, error, sizeof error) : -ENOMEM;
  free(directory);
  if (err == 0)
    explicit_bzero(&secrets, sizeof secrets);
  if (err == 0 || err == -ENOENT) {
    if (err)
      fprintf(stderr, "radioctl: note: key file %s is not there yet; radioctl network export makes it\n",
              config->key_file);
    return CLI_OK;
  }
  return cli_error(CLI_REFUSED, "%s", *error ? error : "out of memory");
}

static void print_config(const struct config *config)
{
  printf("key file  %s\nstore     %s\nsocket    %s\n", config->key_file, config->store, config->socket);
  for (size_t i = 0; i < config->channel_count; i++) {
    const struct config_channel *channel = &config->channel[i];
    int kiss = channel->modem == CONFIG_MODEM_KISS;
    printf("channel   %s: %s on %s\n", channel->name, kiss ? "kiss" : "freedv",
           kiss ? channel->device : channel->audio);
  }
}

static void print_config_json(const struct config *config, const char *path)
{
  json_t *channels = json_array();
  for (size_t i = 0; i < config->channel_count; i++)
    json_array_append_new(channels, api_json_text(config->channel[i].name));
  json_t *json =
      json_pack("{s:o, s:o, s:o, s:o, s:o}", "file", api_json_text(path), "key_file", api_json_text(config->key_file),
                "store", api_json_text(config->store), "socket", api_json_text(config->socket), "channels", channels);
  out_json(json);
  json_decref(json);
}

int cmd_config_check(struct cli *cli)
{
  const char *path = cli->word_count ? cli->word[0] : DEFAULT_CONFIG;
  char error[ERROR_MAX] = "";
  struct config *config = calloc(1, sizeof *config);
  if (!config)
    return cli_error(CLI_REFUSED, "out of memory");
  int err = config_read(config, path, error, sizeof error);
  int code = CLI_OK;
  if (err) {
    fprintf(stderr, "%s\n", error);
    code = err == -ENOENT ? CLI_NOT_FOUND : CLI_REFUSED;
  } else {
    code = check_keys(config);
  }
  if (!code && cli->json)
    print_config_json(config, path);
  else if (!code)
    print_config(config);
  free(config);
  return code;
}

static json_t *field_json(enum status_field field)
{
  static const char *const types[] = {[STATUS_TYPE_NUMBER] = "number",
                                      [STATUS_TYPE_COUNT] = "count",
                                      [STATUS_TYPE_CHOICE] = "choice",
                                      [STATUS_TYPE_MASK] = "mask"};
  const struct status_field_info *info = status_field_info(field);
  char values[VALUES_MAX];
  api_field_describe(field, values, sizeof values);
  return json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", info->name, "group", status_group_name(info->group), "type",
                   types[info->type], "unit", info->unit, "values", values);
}

static void print_fields(const json_t *fields)
{
  const char *group = "";
  size_t i;
  json_t *field;
  json_array_foreach(fields, i, field)
  {
    if (strcmp(group, out_string(field, "group")))
      printf("%s%s\n", i ? "\n" : "", out_string(field, "group"));
    group = out_string(field, "group");
    printf("  %-17s", out_string(field, "name"));
    out_wrapped(19, out_string(field, "values"));
  }
}

int cmd_fields(struct cli *cli)
{
  json_t *fields = json_array();
  for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++)
    json_array_append_new(fields, field_json((enum status_field)i));
  json_t *json = json_pack("{s:O}", "fields", fields);
  if (cli->json)
    out_json(json);
  else
    print_fields(fields);
  json_decref(json);
  json_decref(fields);
  return CLI_OK;
}

static void format_expiry(uint8_t code, char *out, size_t size)
{
  uint32_t minutes = alert_expiry_minutes(code);
  if (minutes == UINT32_MAX)
    snprintf(out, size, "cancel");
  else if (minutes > 24 * 60)
    snprintf(out, size, "%u d", minutes / (24 * 60));
  else
    snprintf(out, size, "%u h", minutes / 60);
}

static json_t *event_json(unsigned event)
{
  const struct alert_event_info *info = alert_event_info(event);
  uint32_t minutes = alert_expiry_minutes(info->expiry);
  return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o}", "code", (int)event, "name", info->name, "title",
                   info->title, "category", alert_code_name(ALERT_LIST_CATEGORY, info->category), "precedence",
                   precedence_name(info->precedence), "response",
                   alert_code_name(ALERT_LIST_RESPONSE, info->response), "expiry_h",
                   minutes == UINT32_MAX ? json_null() : json_integer((json_int_t)minutes / 60));
}

static void print_events(void)
{
  static const char *const heads[] = {"EVENT", "PREC", "RESPONSE", "ENDS", "MEANING", NULL};
  struct table *table = table_new(heads);
  for (unsigned i = 0; i < ALERT_EVENT_COUNT; i++) {
    const struct alert_event_info *info = alert_event_info(i);
    char expiry[16];
    format_expiry(info->expiry, expiry, sizeof expiry);
    table_add(table,
              (const char *const[]){info->name, precedence_name(info->precedence),
                                    alert_code_name(ALERT_LIST_RESPONSE, info->response), expiry, info->title});
  }
  table_print(table);
  table_free(table);
}

int cmd_events(struct cli *cli)
{
  if (!cli->json) {
    print_events();
    return CLI_OK;
  }
  json_t *events = json_array();
  for (unsigned i = 0; i < ALERT_EVENT_COUNT; i++)
    json_array_append_new(events, event_json(i));
  json_t *json = json_pack("{s:o}", "events", events);
  out_json(json);
  json_decref(json);
  return CLI_OK;
}
