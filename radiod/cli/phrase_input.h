/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the number of a phrase and the values for its slots into the sentence. */
#ifndef RADIOD_CLI_PHRASE_INPUT_H
#define RADIOD_CLI_PHRASE_INPUT_H

#include "radiod/cli/cli.h"

/* Writes the sentence of --phrase with the words from first on in its slots, in the person's language; size at least
 * PHRASE_SENTENCE_MAX.  Returns 0 or CLI_USAGE. */
int phrase_input_read(const struct cli *cli, size_t first, char *text, size_t size);

#endif
