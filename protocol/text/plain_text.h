/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters that no model knows better: each about as likely as any other of its kind.  For codes, tables and
 * scripts that the trained model would spend more than a byte a character on. */
#ifndef PROTOCOL_TEXT_PLAIN_TEXT_H
#define PROTOCOL_TEXT_PLAIN_TEXT_H

#include <stddef.h>

#include "protocol/text/arith.h"

/* As model_text_put and model_text_get. */
void plain_text_put(struct arith_writer *out, const char *bytes, size_t len);
int plain_text_get(char *bytes, size_t size, struct arith_reader *in);

#endif
