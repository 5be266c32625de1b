/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a command gets the text of a message from: its words, or standard input. */
#ifndef RADIOD_CLI_TEXT_INPUT_H
#define RADIOD_CLI_TEXT_INPUT_H

#include "radiod/cli/cli.h"

#define TEXT_INPUT_MAX 4096 /* far above what a message may hold; the daemon says by how much it is too long */

/* Joins the words from first on with spaces; a single "-" reads standard input.  Returns 0 or CLI_USAGE. */
int text_input_read(const struct cli *cli, size_t first, char text[TEXT_INPUT_MAX + 1]);

#endif
