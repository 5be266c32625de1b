/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters through the trained model into an arithmetic code, and back. */
#ifndef PROTOCOL_TEXT_MODEL_TEXT_H
#define PROTOCOL_TEXT_MODEL_TEXT_H

#include <stddef.h>

#include "protocol/text/arith.h"

/* Writes len bytes of well-formed UTF-8 and the end after them. */
void model_text_put(struct arith_writer *out, const char *bytes, size_t len);

/* Reads them, at most size bytes.  Returns their number, or -EBADMSG. */
int model_text_get(char *bytes, size_t size, struct arith_reader *in);

#endif
