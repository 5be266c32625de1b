/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages as a person reads them on a screen. */
#ifndef RADIOD_CLI_MESSAGE_VIEW_H
#define RADIOD_CLI_MESSAGE_VIEW_H

#include <jansson.h>
#include <stddef.h>

#include "protocol/text/phrases.h"

/* One line: what the message says in short; a phrase in the reader's language. */
void message_summary(const json_t *message, enum phrase_language language, char *out, size_t size);

/* The whole message with its deliveries; a phrase in the reader's language, and as it was written. */
void message_print(const json_t *message, enum phrase_language language);

/* The table of its deliveries alone. */
void message_print_deliveries(const json_t *message);

#endif
