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
#define CELL_MAX 160

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

static int copy_option(const struct cli *cli, const char *option, char *out, size_t size)
{
  const char *text = cli_value(cli, option);
  if (!text || !*text)
    return cli_usage_error(cli, "--%s is missing; every station needs one", option);
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

static int read_entry(const struct cli *cli, struct directory_entry *entry)
{
  long number = 0;
  int8_t role = STATION_ROLE_POST;
  *entry = (struct directory_entry){.sector = -1, .department = -1};
  int code = copy_option(cli, "name", entry->name, sizeof entry->name);
  if (!code)
    code = copy_option(cli, "callsign", entry->callsign, sizeof entry->callsign);
  if (!code)
    code = cli_integer(cli, "number", 1, STATION_MAX, &number);
  if (!code)
    code = read_name(cli, "role", station_role_name, &role);
  if (!code)
    code = read_name(cli, "sector", alert_sector_name, &entry->sector);
  if (!code)
    code = read_name(cli, "department", alert_department_name, &entry->department);
  entry->number = (uint16_t)number;
  entry->role = (uint8_t)role;
  return code;
}

static json_t *entry_json(const struct directory_entry *entry)
{
  const char *sector = entry->sector < 0 ? NULL : alert_sector_name((unsigned)entry->sector);
  const char *department = entry->department < 0 ? NULL : alert_department_name((unsigned)entry->department);
  return json_pack("{s:i, s:o, s:o, s:s, s:o, s:o}", "number", (int)entry->number, "name", api_json_text(entry->name),
                   "callsign", api_json_text(entry->callsign), "role", station_role_name(entry->role), "sector",
                   api_json_text(sector), "department", api_json_text(department));
}

int cmd_network_add(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory_entry entry;
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
    printf("station %u %s added; every post needs a new key file: radioctl network export\n", entry.number,
           entry.name);
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

int cmd_network_export(struct cli *cli)
{
  char error[ERROR_MAX] = "";
  struct directory *directory = NULL;
  int code = read_directory(cli, &directory);
  if (code)
    return code;
  const struct directory_entry *entry = directory_find_text(directory, cli->word[1]);
  unsigned number = entry ? entry->number : 0;
  free(directory);
  if (!number)
    return cli_error(CLI_NOT_FOUND, "%s: no station \"%s\" there; radioctl network list %s shows them", cli->word[0],
                     cli->word[1], cli->word[0]);
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
