/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame of radioctl: its commands as a table, one parser for the options of all, exit codes.  Commands talk to
 * the daemon through client.h and to the person through output.h; they know no protocol beyond the tables of names.
 */
#ifndef RADIOD_CLI_H
#define RADIOD_CLI_H

#include <jansson.h>
#include <stddef.h>

#include "protocol/text/phrases.h"
#include "protocol/wire/status.h"

enum cli_exit { CLI_OK, CLI_REFUSED, CLI_USAGE, CLI_UNREACHABLE, CLI_NOT_FOUND, CLI_TIMED_OUT };

#define CLI_OPTIONS_MAX 64
#define CLI_OPTION_NAME_MAX 24

struct cli_option {
  const char *name; /* without dashes */
  const char *arg;  /* what its value is called, NULL: it takes none */
  const char *help;
};

struct cli;

struct cli_command {
  const char *name;  /* one or two words */
  const char *words; /* as in the usage line */
  const char *help;
  size_t min_words, max_words;
  const struct cli_option *options; /* ends with a name of NULL; NULL: none of its own */
  int takes_fields;                 /* one more option per status field */
  int (*run)(struct cli *cli);      /* returns an enum cli_exit */
};

/* One invocation. */
struct cli {
  const struct cli_command *command;
  struct cli_option option[CLI_OPTIONS_MAX];
  const char *value[CLI_OPTIONS_MAX]; /* NULL: not given; "" for one that takes none */
  size_t option_count;
  char field_name[STATUS_FIELD_COUNT][CLI_OPTION_NAME_MAX]; /* of the options for status fields, with '-' for '_' */
  const char **word;
  size_t word_count;
  char picked[32]; /* id of the message that was meant without being named */
  int json;
};

/* Reads what follows the command's own words (argv entries of NULL are skipped) into cli.  Returns 0 or CLI_USAGE. */
int cli_parse(struct cli *cli, int argc, char **argv);
/* The options of cli's command, before parsing. */
void cli_collect_options(struct cli *cli);
/* Options that every command takes; ends with a name of NULL. */
extern const struct cli_option cli_common_options[];

/* NULL when the option was not given. */
const char *cli_value(const struct cli *cli, const char *name);
/* Reads an option that is a whole number into out, which stays as it was without it.  Returns 0 or CLI_USAGE. */
int cli_integer(const struct cli *cli, const char *name, long low, long high, long *out);

/* The person's language: --lang, else as the environment says, else French.  Returns 0 or CLI_USAGE. */
int cli_language(const struct cli *cli, enum phrase_language *out);

/* One line on stderr; return CLI_USAGE, but for cli_error: code. */
int cli_too_few_words(const struct cli *cli);
int cli_usage_error(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The candidate of names (ends with NULL) that text probably meant, NULL when none is near. */
const char *cli_suggest(const char *text, const char *const *names);

/* When no message id was given, these make it the first word: of the gravest, oldest unread message; of the message
 * filed here last.  Return CLI_OK or another exit code after saying why. */
int cli_pick_unread(struct cli *cli);
int cli_pick_filed(struct cli *cli);

/* The commands. */
int cmd_status(struct cli *cli), cmd_peers(struct cli *cli), cmd_channel_list(struct cli *cli),
    cmd_log(struct cli *cli);
int cmd_send_status(struct cli *cli), cmd_send_text(struct cli *cli), cmd_send_alert(struct cli *cli);
int cmd_cost(struct cli *cli);
int cmd_inbox(struct cli *cli), cmd_outbox(struct cli *cli), cmd_show(struct cli *cli), cmd_read(struct cli *cli);
int cmd_ack(struct cli *cli), cmd_cancel(struct cli *cli), cmd_wait(struct cli *cli);
int cmd_network_init(struct cli *cli), cmd_network_add(struct cli *cli), cmd_network_export(struct cli *cli);
int cmd_network_change(struct cli *cli), cmd_network_revoke(struct cli *cli), cmd_network_rekey(struct cli *cli);
int cmd_routes(struct cli *cli), cmd_poll(struct cli *cli), cmd_order_send(struct cli *cli);
int cmd_network_list(struct cli *cli), cmd_config_check(struct cli *cli), cmd_fields(struct cli *cli);
int cmd_events(struct cli *cli), cmd_phrases(struct cli *cli);

#endif
