/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of the coordinator's network folder; they need no daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/wire/alert.h"
#include "radiod/api/json_common.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/output.h"
#include "radiod/network/network.h"

#define ERROR_MAX 512
#define REKEY_WAIT_MIN 1440 /* a day: stations that are off at night get the key as well */

static int fail(int err, const char *error)
{
  return cli_error(err == -ENOENT ? CLI_NOT_FOUND : CLI_REFUSED, "%s", error);
}

int cmd_network_init(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  const char *name = cli_value(cli, "name");
  int err = network_init(cli->word[0], name ? name : "radiod", error, sizeof error);
  if (err)
    return fail(err, error);
  if (cli->json)
    printf("{}\n");
  else
    printf("network made in %s; keep this folder safe and off the posts, it holds every key\n", cli->word[0]);
  return CLI_OK;
}

/* Copies an option's text; out stays as it was without it. */
static int copy_option(const struct cli *cli, const char *option, char *out, size_t size)
{
  const char *text = cli_value(cli, option);
  if (!text)
    return 0;
  if (strlen(text) >= size)
    return cli_usage_error(cli, "--%s: at most %zu bytes", option, size - 1);
  snprintf(out, size, "%s", text);
  return 0;
}

/* Reads an option that is one of the names of name_of; out stays as it was without it. */
static int read_name(const struct cli *cli, const char *option, api_name_fn *name_of, int8_t *out)
{
  const char *text = cli_value(cli, option);
  char names[200];
  size_t len = 0;
  if (!text)
    return 0;
  for (unsigned bit = 0; name_of(bit) && len < sizeof names; bit++) {
    if (!strcasecmp(text, name_of(bit))) {
      *out = (int8_t)bit;
      return 0;
    }
    len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", bit ? ", " : "", name_of(bit));
  }
  return cli_usage_error(cli, "--%s %s: must be one of %s", option, text, names);
}

/* Takes over what the options say of a station; what they do not say stays. */
static int change_entry(const struct cli *cli, struct directory_entry *entry)
{
  int8_t role = (int8_t)entry->role;
  int code = copy_option(cli, "name", entry->name, sizeof entry->name);
  if (!code)
    code = copy_option(cli, "callsign", entry->callsign, sizeof entry->callsign);
  if (!code)
    code = read_name(cli, "role", station_role_name, &role);
  if (!code)
    code = read_name(cli, "sector", alert_sector_name, &entry->sector);
  if (!code)
    code = read_name(cli, "department", alert_department_name, &entry->department);
  entry->role = (uint8_t)role;
  return code;
}

static int need_option(const struct cli *cli, const char *option)
{
  const char *text = cli_value(cli, option);
  return text && *text ? 0 : cli_usage_error(cli, "--%s is missing; every station needs one", option);
}

static int read_entry(const struct cli *cli, struct directory_entry *entry)
{
  long number = 0;
  *entry = (struct directory_entry){.role = STATION_ROLE_POST, .sector = -1, .department = -1};
  int code = need_option(cli, "name");
  if (!code)
    code = need_option(cli, "callsign");
  if (!code)
    code = cli_integer(cli, "number", 1, STATION_MAX, &number);
  entry->number = (uint16_t)number;
  return code ? code : change_entry(cli, entry);
}

static json_t *entry_json(const struct directory_entry *entry)
{
  const char *sector = entry->sector < 0 ? NULL : alert_sector_name((unsigned)entry->sector);
  const char *department = entry->department < 0 ? NULL : alert_department_name((unsigned)entry->department);
  return json_pack("{s:i, s:o, s:o, s:s, s:o, s:o}", "number", (int)entry->number, "name", api_json_text(entry->name),
                   "callsign", api_json_text(entry->callsign), "role", station_role_name(entry->role), "sector",
                   api_json_text(sector), "department", api_json_text(department));
}

/* The new station needs its key file, the others an order or new key files. */
static void say_added(const char *folder, const struct directory_entry *entry)
{
  char error[ERROR_MAX], order[ERROR_MAX] = "";
  struct directory *directory = malloc(sizeof *directory);
  if (directory && !network_read(folder, directory, error, sizeof error))
    network_order_path(folder, directory->version, order, sizeof order);
  free(directory);
  printf("station %u %s added; give it a key file: radioctl network export\n"
         "stations that have theirs learn of it by: radioctl order send %s\n",
         entry->number, entry->name, order);
}

int cmd_network_add(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory_entry entry = {0};
  int code = read_entry(cli, &entry);
  if (code)
    return code;
  int err = network_add(cli->word[0], &entry, error, sizeof error);
  if (err)
    return fail(err, error);
  if (cli->json) {
    json_t *json = entry_json(&entry);
    out_json(json);
    json_decref(json);
  } else {
    say_added(cli->word[0], &entry);
  }
  return CLI_OK;
}

/* The directory of the folder that is the command's first word. */
static int read_directory(const struct cli *cli, struct directory **out)
{
  char error[ERROR_MAX] = "";
  struct directory *directory = malloc(sizeof *directory);
  int err = directory ? network_read(cli->word[0], directory, error, sizeof error) : -ENOMEM;
  if (!err) {
    *out = directory;
    return 0;
  }
  free(directory);
  return fail(err, *error ? error : "out of memory");
}

/* The station that the command's second word names. */
static int find_entry(const struct cli *cli, struct directory_entry *out)
{
  struct directory *directory = NULL;
  int code = read_directory(cli, &directory);
  if (code)
    return code;
  const struct directory_entry *entry = directory_find_text(directory, cli->word[1]);
  if (entry)
    *out = *entry;
  else
    code = cli_error(CLI_NOT_FOUND, "%s: no station \"%s\" there; radioctl network list %s shows them", cli->word[0],
                     cli->word[1], cli->word[0]);
  free(directory);
  return code;
}

int cmd_network_export(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory_entry entry = {0};
  int code = find_entry(cli, &entry);
  if (code)
    return code;
  unsigned number = entry.number;
  int err = network_export(cli->word[0], number, cli->word[2], cli_value(cli, "force") != NULL, error, sizeof error);
  if (err)
    return fail(err, error);
  if (cli->json)
    printf("{}\n");
  else
    printf("key file of station %u written to %s; carry it there by hand, never by radio or mail\n", number,
           cli->word[2]);
  return CLI_OK;
}

static void print_directory(const struct directory *directory)
{
  static const char *const heads[] = {"NO", "NAME", "CALLSIGN", "ROLE", "SECTOR", "DEPARTMENT", NULL};
  struct table *table = table_new(heads);
  for (unsigned i = 0; i < directory->count; i++) {
    json_t *json = entry_json(&directory->entry[i]);
    char number[16];
    snprintf(number, sizeof number, "%u", directory->entry[i].number);
    table_add(table, (const char *const[]){number, out_string(json, "name"), out_string(json, "callsign"),
                                           out_string(json, "role"), out_string(json, "sector"),
                                           out_string(json, "department")});
    json_decref(json);
  }
  table_print(table);
  table_free(table);
}

static void print_directory_json(const struct directory *directory)
{
  json_t *stations = json_array();
  for (unsigned i = 0; i < directory->count; i++)
    json_array_append_new(stations, entry_json(&directory->entry[i]));
  json_t *json = json_pack("{s:I, s:o}", "version", (json_int_t)directory->version, "stations", stations);
  out_json(json);
  json_decref(json);
}

int cmd_network_list(struct cli *cli)
{
  struct directory *directory = NULL;
  int code = read_directory(cli, &directory);
  if (code)
    return code;
  if (cli->json)
    print_directory_json(directory);
  else
    print_directory(directory);
  free(directory);
  return CLI_OK;
}

/* Tells of a change that waits to be sent. */
static int tell_order(const struct cli *cli, const struct network_order *order)
{
  if (!cli->json) {
    printf("%s: done here; tell the stations with: radioctl order send %s\n", order->what, order->file);
    return CLI_OK;
  }
  json_t *json = json_pack("{s:o, s:o, s:I}", "what", api_json_text(order->what), "order", api_json_text(order->file),
                           "version", (json_int_t)order->version);
  out_json(json);
  json_decref(json);
  return CLI_OK;
}

int cmd_network_change(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory_entry entry = {0};
  struct network_order order;
  int code = find_entry(cli, &entry);
  if (!code)
    code = change_entry(cli, &entry);
  if (code)
    return code;
  int err = network_change(cli->word[0], &entry, &order, error, sizeof error);
  return err ? fail(err, error) : tell_order(cli, &order);
}

int cmd_network_revoke(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory_entry entry = {0};
  struct network_order order;
  int code = find_entry(cli, &entry);
  if (code)
    return code;
  int err = network_revoke(cli->word[0], entry.number, &order, error, sizeof error);
  if (err)
    return fail(err, error);
  code = tell_order(cli, &order);
  if (!cli->json)
    printf("it still holds the key that all stations share; renew that: radioctl network rekey %s\n", cli->word[0]);
  return code;
}

int cmd_network_rekey(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  long wait_min = REKEY_WAIT_MIN;
  struct network_order order;
  if (cli_integer(cli, "wait-min", 1, UINT16_MAX, &wait_min))
    return CLI_USAGE;
  int err = network_rekey(cli->word[0], (unsigned)wait_min, &order, error, sizeof error);
  return err ? fail(err, error) : tell_order(cli, &order);
}
