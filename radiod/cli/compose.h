/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets a person write a text at the terminal, and shows what it costs meanwhile. */
#ifndef RADIOD_CLI_COMPOSE_H
#define RADIOD_CLI_COMPOSE_H

#include <jansson.h>

#include "radiod/cli/cli.h"
#include "radiod/cli/text_input.h"

/* body: the message as it will be filed, but without its text.  Returns CLI_OK, or another exit code after saying
 * why: nothing is to be sent then. */
int compose_text(const struct cli *cli, const json_t *body, char text[TEXT_INPUT_MAX + 1]);

#endif
