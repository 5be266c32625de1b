/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One parser for the options and words of every radioctl command. */
#include "radiod/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option cli_common_options[] = {
    {"socket", "PATH", "the daemon's socket (else $RADIOD_SOCKET, else /run/radiod/radiod.sock)"},
    {"json", NULL, "print the daemon's JSON"},
    {"help", NULL, "show this help"},
    {NULL, NULL, NULL},
};

__attribute__((format(printf, 2, 0))) static void print_error(const struct cli_command *command, const char *format,
                                                              va_list args)
{
  fprintf(stderr, "radioctl%s%s: ", command ? " " : "", command ? command->name : "");
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
}

int cli_usage_error(const struct cli *cli, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_error(cli->command, format, args);
  va_end(args);
  return CLI_USAGE;
}

int cli_error(int code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_error(NULL, format, args);
  va_end(args);
  return code;
}

static void add_options(struct cli *cli, const struct cli_option *options)
{
  for (; options && options->name && cli->option_count < CLI_OPTIONS_MAX; options++)
    cli->option[cli->option_count++] = *options;
}

static void add_field_options(struct cli *cli)
{
  for (unsigned i = 0; i < STATUS_FIELD_COUNT && cli->option_count < CLI_OPTIONS_MAX; i++) {
    const struct status_field_info *info = status_field_info((enum status_field)i);
    char *name = cli->field_name[i];
    snprintf(name, CLI_OPTION_NAME_MAX, "%s", info->name);
    for (char *at = name; (at = strchr(at, '_')); at++)
      *at = '-';
    cli->option[cli->option_count++] = (struct cli_option){name, *info->unit ? info->unit : "VALUE", NULL};
  }
}

void cli_collect_options(struct cli *cli)
{
  cli->option_count = 0;
  add_options(cli, cli->command->options);
  if (cli->command->takes_fields)
    add_field_options(cli);
  add_options(cli, cli_common_options);
}

static int find_option(const struct cli *cli, const char *name, size_t len)
{
  for (size_t i = 0; i < cli->option_count; i++)
    if (strlen(cli->option[i].name) == len && !strncmp(cli->option[i].name, name, len))
      return (int)i;
  return -ENOENT;
}

const char *cli_value(const struct cli *cli, const char *name)
{
  int index = find_option(cli, name, strlen(name));
  return index < 0 ? NULL : cli->value[index];
}

static int unknown_option(const struct cli *cli, const char *name)
{
  const char *names[CLI_OPTIONS_MAX + 1];
  for (size_t i = 0; i < cli->option_count; i++)
    names[i] = cli->option[i].name;
  names[cli->option_count] = NULL;
  const char *near = cli_suggest(name, names);
  if (near)
    return cli_usage_error(cli, "no option --%s; did you mean --%s?", name, near);
  return cli_usage_error(cli, "no option --%s; radioctl %s --help lists them", name, cli->command->name);
}

/* Takes argv[*at], which begins with "--", and its value.  Returns 0 or CLI_USAGE. */
static int take_option(struct cli *cli, int argc, char **argv, int *at)
{
  const char *name = argv[*at] + 2, *inline_value = strchr(name, '=');
  size_t len = inline_value ? (size_t)(inline_value - name) : strlen(name);
  int index = find_option(cli, name, len);
  if (index < 0)
    return unknown_option(cli, name);
  const struct cli_option *option = &cli->option[index];
  if (cli->value[index])
    return cli_usage_error(cli, "--%s is given twice; give it once", option->name);
  if (!option->arg) {
    cli->value[index] = "";
    return inline_value ? cli_usage_error(cli, "--%s takes no value", option->name) : 0;
  }
  if (inline_value) {
    cli->value[index] = inline_value + 1;
    return 0;
  }
  if (*at + 1 >= argc || !argv[*at + 1] || !strncmp(argv[*at + 1], "--", 2))
    return cli_usage_error(cli, "--%s needs a value: --%s %s", option->name, option->name, option->arg);
  cli->value[index] = argv[++*at];
  return 0;
}

int cli_too_few_words(const struct cli *cli)
{
  return cli_usage_error(cli, "too few words; write: radioctl %s %s", cli->command->name, cli->command->words);
}

static int check_words(const struct cli *cli)
{
  if (cli->word_count < cli->command->min_words)
    return cli_too_few_words(cli);
  if (cli->word_count > cli->command->max_words)
    return cli_usage_error(cli, "\"%s\" is one word too many; write: radioctl %s%s%s",
                           cli->word[cli->command->max_words], cli->command->name, *cli->command->words ? " " : "",
                           cli->command->words);
  return 0;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
  int options_end = 0;
  cli_collect_options(cli);
  for (int i = 1; i < argc; i++) {
    const char *arg = argv[i];
    if (!arg)
      continue;
    if (!options_end && !strcmp(arg, "--")) {
      options_end = 1;
      continue;
    }
    if (!options_end && !strcmp(arg, "-h")) {
      cli->value[find_option(cli, "help", 4)] = "";
      continue;
    }
    if (options_end || *arg != '-' || !arg[1]) {
      cli->word[cli->word_count++] = arg;
      continue;
    }
    if (arg[1] != '-')
      return cli_usage_error(cli, "no option %s; options begin with two dashes, e.g. --help", arg);
    int err = take_option(cli, argc, argv, &i);
    if (err)
      return err;
  }
  cli->json = cli_value(cli, "json") != NULL;
  return cli_value(cli, "help") ? 0 : check_words(cli);
}

int cli_integer(const struct cli *cli, const char *name, long low, long high, long *out)
{
  const char *text = cli_value(cli, name);
  char *end;
  if (!text)
    return 0;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno || end == text || *end || value < low || value > high)
    return cli_usage_error(cli, "--%s %s: must be a whole number from %ld to %ld", name, text, low, high);
  *out = value;
  return 0;
}
