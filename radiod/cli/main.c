/* SPDX-License-Identifier: GPL-3.0-or-later */
/* radioctl: the daemon's commands for officers, coordinators, technicians and scripts. */
#include "radiod/cli/cli.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/api/json_status.h"
#include "radiod/cli/output.h"

#define COMMAND_NAME_MAX 64
#define HELP_COLUMN 21
#define ANY_WORDS ((size_t)INT_MAX)
#define LANGUAGE_OPTION                                                                                              \
  {                                                                                                                  \
    "lang", "L", "language of phrases: en, fr, es or ht (default: as the locale says, else fr)"                      \
  }

static const struct cli_option send_status_options[] = {
    {"to", "WHO", "station by number, callsign or name (default: the coordinator)"},
    {"state", "STATE", "unknown, open, restricted, closed_order, closed_hazard, closed_other_side, evacuated"},
    {"same", NULL, "start from the last report filed here; give only what changed"},
    {"restriction", "A,B", "pedestrians, light_vehicles, freight, livestock, exports, imports"},
    {"text", "TEXT", "remark, at most 200 characters"},
    {"correct", "ID", "replaces this earlier report"},
    {"precedence", "P", "ROUTINE (default), PRIORITY, IMMEDIATE or FLASH"},
    {NULL, NULL, NULL}};
static const struct cli_option send_text_options[] = {
    {"phrase", "N", "the phrase with this number (radioctl phrases), VALUE... in its slots"},
    LANGUAGE_OPTION,
    {"precedence", "P", "ROUTINE (default), PRIORITY, IMMEDIATE or FLASH"},
    {NULL, NULL, NULL}};
static const struct cli_option cost_options[] = {
    {"to", "WHO", "as if it was sent to this station, or to all (default: nobody in particular)"},
    {NULL, NULL, NULL}};
static const struct cli_option send_alert_options[] = {
    {"to", "WHO", "station by number, callsign or name, or all (default)"},
    {"text", "TEXT", "at most 200 characters"},
    {"sectors", "NE,NO", "whom it concerns: NE, NO, CE, OU, SE, SU, AR"},
    {"departments", "A,B", "whom it concerns: Artibonite ... Sud-Est"},
    {"severity", "S", "Extreme, Severe, Moderate, Minor, Unknown"},
    {"urgency", "U", "Immediate, Expected, Future, Past, Unknown"},
    {"certainty", "C", "Observed, Likely, Possible, Unlikely, Unknown"},
    {"status", "S", "Actual (default), Exercise, System, Test, Draft"},
    {"category", "C", "Geo, Met, ... (default: the event's)"},
    {"response", "R", "Shelter, Evacuate, ... (default: the event's)"},
    {"scope", "S", "Public, Restricted (default), Private"},
    {"onset-min", "N", "minutes until it begins, in steps of 15"},
    {"expiry-h", "N", "hours until it ends: 1 to 24, or whole days up to 744"},
    {"until-cancelled", NULL, "it ends only by a Cancel"},
    {"update", "ID", "updates this earlier alert"},
    {"cancel", "ID", "cancels this earlier alert"},
    {"precedence", "P", "ROUTINE, PRIORITY, IMMEDIATE or FLASH (default: the event's)"},
    {NULL, NULL, NULL}};
static const struct cli_option inbox_options[] = {{"unread", NULL, "only what nobody here has read"},
                                                  {"limit", "N", "how many, newest first (1 to 200, default 20)"},
                                                  LANGUAGE_OPTION,
                                                  {NULL, NULL, NULL}};
static const struct cli_option outbox_options[] = {
    {"limit", "N", "how many, newest first (1 to 200, default 20)"}, LANGUAGE_OPTION, {NULL, NULL, NULL}};
static const struct cli_option log_options[] = {{"limit", "N", "how many, the newest (1 to 200, default 20)"},
                                                {"follow", NULL, "go on printing new events until interrupted"},
                                                {NULL, NULL, NULL}};
static const struct cli_option read_options[] = {
    {"officer", "N", "number of the officer who reads (1 to 63)"}, LANGUAGE_OPTION, {NULL, NULL, NULL}};
static const struct cli_option language_options[] = {LANGUAGE_OPTION, {NULL, NULL, NULL}};
static const struct cli_option ack_options[] = {{"acted", NULL, "the instruction is carried out"},
                                                {"refused", NULL, "it cannot be carried out; --text says why"},
                                                {"text", "TEXT", "at most 200 characters"},
                                                {"officer", "N", "number of the officer (1 to 63)"},
                                                {NULL, NULL, NULL}};
static const struct cli_option cancel_options[] = {{"to", "WHO", "only the delivery to this station"},
                                                   {NULL, NULL, NULL}};
static const struct cli_option wait_options[] = {{"for", "STEP", "delivered (default), read or acted"},
                                                 {"timeout", "S", "give up after so many seconds (default: never)"},
                                                 {NULL, NULL, NULL}};
static const struct cli_option init_options[] = {{"name", "N", "name of the network"}, {NULL, NULL, NULL}};
static const struct cli_option add_options[] = {{"name", "N", "the station's name"},
                                                {"callsign", "C", "A-Z, 0-9 and -"},
                                                {"number", "N", "1 to 250 or 256 to 1279 (default: the lowest free)"},
                                                {"role", "ROLE", "post (default), coordinator or relay"},
                                                {"sector", "S", "NE, NO, CE, OU, SE, SU or AR"},
                                                {"department", "D", "Artibonite ... Sud-Est"},
                                                {NULL, NULL, NULL}};
static const struct cli_option change_options[] = {
    {"name", "N", "the station's new name"},        {"callsign", "C", "A-Z, 0-9 and -"},
    {"role", "ROLE", "post, coordinator or relay"}, {"sector", "S", "NE, NO, CE, OU, SE, SU or AR"},
    {"department", "D", "Artibonite ... Sud-Est"},  {NULL, NULL, NULL}};
static const struct cli_option rekey_options[] = {
    {"wait-min", "N", "minutes until the new key is used: time for it to spread (1 to 65535, default 1440)"},
    {NULL, NULL, NULL}};
static const struct cli_option poll_options[] = {{"channel", "NAME", "on this channel (default: the first)"},
                                                 {"seconds", "N", "how long it may send (1 to 255, default 30)"},
                                                 {NULL, NULL, NULL}};
static const struct cli_option export_options[] = {{"force", NULL, "overwrite FILE"}, {NULL, NULL, NULL}};

static const struct cli_command commands[] = {
    {"status", "", "what this post is and does", 0, 0, NULL, 0, cmd_status},
    {"inbox", "", "messages received", 0, 0, inbox_options, 0, cmd_inbox},
    {"outbox", "", "messages filed here and how far they got", 0, 0, outbox_options, 0, cmd_outbox},
    {"read", "[ID]", "show a message (default: the next unread) and tell its sender", 0, 1, read_options, 0,
     cmd_read},
    {"show", "[ID]", "show a message (default: the last filed here), send nothing", 0, 1, language_options, 0,
     cmd_show},
    {"ack", "ID --acted|--refused", "tell the sender what became of a message", 1, 1, ack_options, 0, cmd_ack},
    {"send status", "[--FIELD VALUE ...]", "file a status report", 0, 0, send_status_options, 1, cmd_send_status},
    {"send text", "WHO [TEXT...|VALUE...]", "file a text (TEXT -: standard input; none: write it now)", 1, ANY_WORDS,
     send_text_options, 0, cmd_send_text},
    {"send alert", "EVENT", "file an alert", 1, 1, send_alert_options, 0, cmd_send_alert},
    {"cost", "TEXT...", "what a text would cost on the air (TEXT -: standard input)", 1, ANY_WORDS, cost_options, 0,
     cmd_cost},
    {"wait", "[ID]", "wait until every recipient got a message (default: the last)", 0, 1, wait_options, 0, cmd_wait},
    {"cancel", "ID", "end what still waits of a message", 1, 1, cancel_options, 0, cmd_cancel},
    {"peers", "", "the other stations and how they are heard", 0, 0, NULL, 0, cmd_peers},
    {"routes", "", "which way messages go to each station", 0, 0, NULL, 0, cmd_routes},
    {"poll", "STATION", "call a station to send what waits there", 1, 1, poll_options, 0, cmd_poll},
    {"channel list", "", "radios, their modes and counters", 0, 0, NULL, 0, cmd_channel_list},
    {"log", "", "the event log, newest last", 0, 0, log_options, 0, cmd_log},
    {"fields", "", "fields of a status report with their values", 0, 0, NULL, 0, cmd_fields},
    {"events", "", "alert events with their defaults", 0, 0, NULL, 0, cmd_events},
    {"phrases", "[WORDS...]", "the phrase book, or its phrases with these words", 0, ANY_WORDS, language_options, 0,
     cmd_phrases},
    {"config check", "[FILE]", "check a settings file (default /etc/radiod/radiod.conf)", 0, 1, NULL, 0,
     cmd_config_check},
    {"network init", "DIR", "make a network: authority, keys, empty directory", 1, 1, init_options, 0,
     cmd_network_init},
    {"network add", "DIR --name N --callsign C", "add a station to a network", 1, 1, add_options, 0, cmd_network_add},
    {"network change", "DIR STATION", "change a station's name, callsign, role or place", 2, 2, change_options, 0,
     cmd_network_change},
    {"network revoke", "DIR STATION", "remove a station: nothing of it is believed any more", 2, 2, NULL, 0,
     cmd_network_revoke},
    {"network rekey", "DIR", "renew the key that all stations share", 1, 1, rekey_options, 0, cmd_network_rekey},
    {"network export", "DIR STATION FILE", "write the key file of one station", 3, 3, export_options, 0,
     cmd_network_export},
    {"network list", "DIR", "the stations of a network", 1, 1, NULL, 0, cmd_network_list},
    {"order send", "FILE...", "send orders of the network's authority to all stations", 1, ANY_WORDS, NULL, 0,
     cmd_order_send},
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static const char exit_help[] = "\nExit status: 0 done, 1 refused (standard error says why), 2 usage,\n"
                                "3 daemon not reachable, 4 no such message, station or file, 5 time ran out.\n";

/* Prints the commands whose name begins with the word group, all when it is empty. */
static void print_overview(const char *group)
{
  size_t len = strlen(group);
  printf("Usage: radioctl COMMAND [OPTIONS]\n\n");
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (!len || (!strncmp(commands[i].name, group, len) && commands[i].name[len] == ' '))
      printf("  %-15s %s\n", commands[i].name, commands[i].help);
  printf("\nradioctl COMMAND --help tells more.  All take --socket PATH, --json and --help.\n%s", exit_help);
}

static void print_field_help(const char *option, unsigned field)
{
  char range[400];
  api_field_describe((enum status_field)field, range, sizeof range);
  printf("  --%-17s", option);
  out_wrapped(HELP_COLUMN, range);
}

static void print_help(const struct cli *cli)
{
  const struct cli_command *command = cli->command;
  printf("Usage: radioctl %s%s%s [OPTIONS]\n\n%c%s.\n\n", command->name, *command->words ? " " : "", command->words,
         toupper((unsigned char)*command->help), command->help + 1);
  for (size_t i = 0; i < cli->option_count; i++) {
    const struct cli_option *option = &cli->option[i];
    char name[48];
    if (!option->help)
      continue;
    snprintf(name, sizeof name, "--%s%s%s", option->name, option->arg ? " " : "", option->arg ? option->arg : "");
    printf("  %-19s", name);
    out_wrapped(HELP_COLUMN, option->help);
  }
  if (command->takes_fields) {
    printf("\nFields of the report, each with a value:\n");
    for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++)
      print_field_help(cli->field_name[i], i);
  }
  fputs(exit_help, stdout);
}

/* Is argv[i] an option of all commands?  Then *skip tells whether its value follows. */
static int is_common_option(const char *arg, int *skip)
{
  if (strncmp(arg, "--", 2))
    return 0;
  size_t len = strcspn(arg + 2, "=");
  for (const struct cli_option *option = cli_common_options; option->name; option++)
    if (strlen(option->name) == len && !strncmp(arg + 2, option->name, len)) {
      *skip = option->arg && arg[2 + len] != '=';
      return 1;
    }
  return 0;
}

/* Finds up to two words that may be a command's name.  Returns how many; at[] are their places in argv. */
static int leading_words(int argc, char **argv, int at[2])
{
  int count = 0, skip = 0;
  for (int i = 1; i < argc && count < 2; i++) {
    if (*argv[i] != '-')
      at[count++] = i;
    else if (!is_common_option(argv[i], &skip))
      break;
    else if (skip)
      i++;
  }
  return count;
}

static const struct cli_command *find_command(const char *name)
{
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (!strcmp(commands[i].name, name))
      return &commands[i];
  return NULL;
}

static int is_group(const char *word)
{
  size_t len = strlen(word);
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (!strncmp(commands[i].name, word, len) && commands[i].name[len] == ' ')
      return 1;
  return 0;
}

/* "send status, send text, send alert" */
static int unfinished_command(const char *group)
{
  char names[160] = "";
  size_t len = 0, group_len = strlen(group);
  for (size_t i = 0; i < COMMAND_COUNT && len < sizeof names; i++)
    if (!strncmp(commands[i].name, group, group_len) && commands[i].name[group_len] == ' ')
      len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", commands[i].name);
  return cli_error(CLI_USAGE, "\"%s\" alone is no command; write %s", group, names);
}

static int unknown_command(const char *name, const char *first)
{
  if (is_group(name))
    return unfinished_command(name);
  const char *names[COMMAND_COUNT + 1];
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    names[i] = commands[i].name;
  names[COMMAND_COUNT] = NULL;
  const char *near = cli_suggest(name, names);
  if (!near && !is_group(first))
    near = cli_suggest(first, names);
  if (near)
    return cli_error(CLI_USAGE, "no command \"%s\"; did you mean \"%s\"?", is_group(first) ? name : first, near);
  return cli_error(CLI_USAGE, "no command \"%s\"; radioctl --help lists them", is_group(first) ? name : first);
}

static int has_help(int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
      return 1;
  return 0;
}

/* No command was named: help, version, or a mistake. */
static int run_without_command(int argc, char **argv, const char *name, const char *first)
{
  if (argc > 1 && !strcmp(argv[1], "--version")) {
    printf("radioctl %s\n", RADIOD_VERSION);
    return CLI_OK;
  }
  if (!strcmp(first, "help") || (has_help(argc, argv) && (!*first || is_group(first)))) {
    print_overview(is_group(first) ? first : "");
    return CLI_OK;
  }
  if (!*first)
    return cli_error(CLI_USAGE, "no command given; radioctl --help lists them");
  return unknown_command(name, first);
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
  struct cli cli = {.command = command};
  cli.word = calloc((size_t)argc + 1, sizeof *cli.word);
  if (!cli.word)
    return cli_error(CLI_REFUSED, "out of memory");
  int code = cli_parse(&cli, argc, argv);
  if (!code && cli_value(&cli, "help"))
    print_help(&cli);
  else if (!code)
    code = command->run(&cli);
  free(cli.word);
  if (fflush(stdout) || ferror(stdout))
    return cli_error(CLI_REFUSED, "standard output: cannot be written; is the disk full?");
  return code;
}

int main(int argc, char **argv)
{
  char name[COMMAND_NAME_MAX] = "";
  int at[2];
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8"))
    setlocale(LC_CTYPE, "C.UTF-8");
  int count = leading_words(argc, argv, at);
  if (count == 2)
    snprintf(name, sizeof name, "%s %s", argv[at[0]], argv[at[1]]);
  const struct cli_command *command = find_command(name);
  if (!command && count) {
    count = 1;
    command = find_command(argv[at[0]]);
  }
  if (!command)
    return run_without_command(argc, argv, *name ? name : count ? argv[at[0]] : "", count ? argv[at[0]] : "");
  for (int i = 0; i < count; i++)
    argv[at[i]] = NULL;
  return run_command(command, argc, argv);
}
