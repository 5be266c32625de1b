/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How radioctl asks the daemon: one request over its UNIX socket. */
#ifndef RADIOD_CLI_CLIENT_H
#define RADIOD_CLI_CLIENT_H

#include <jansson.h>

#include "radiod/cli/cli.h"

/* body NULL: GET, else POST.  Returns CLI_OK with the reply in out (the caller's), or another exit code after saying
 * why on stderr. */
int client_call(const struct cli *cli, const char *path, const json_t *body, json_t **out);

#define CLIENT_WHY_MAX 640

/* Likewise, but says nothing: why is one line.  Waits for at most timeout_ms. */
int client_ask(const struct cli *cli, const char *path, const json_t *body, long timeout_ms, json_t **out,
               char why[CLIENT_WHY_MAX]);

/* Likewise, and prints the reply as --json asks, or with print. */
int client_show(const struct cli *cli, const char *path, const json_t *body, void (*print)(const json_t *));

/* GET of path with a whole number as its argument, e.g. "/v1/log?limit=" and 20. */
int client_get_page(const struct cli *cli, const char *path, long limit, json_t **out);

#endif
