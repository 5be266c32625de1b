/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as people write it, and how it travels: UTF-8 in, the very same bytes out. */
#ifndef PROTOCOL_WIRE_TEXT_H
#define PROTOCOL_WIRE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"

#define TEXT_MAX_CHARS 200 /* Unicode code points */
#define TEXT_MAX_BYTES 800 /* a code point takes at most four bytes */

struct text {
  uint16_t len;                   /* bytes */
  char bytes[TEXT_MAX_BYTES + 1]; /* UTF-8, followed by a zero that is not counted */
};

/* Takes len bytes.  Returns 0; -EMSGSIZE (more than TEXT_MAX_CHARS characters), -EILSEQ (not UTF-8, or a control
 * character other than newline and tab): text untouched. */
int text_set(struct text *text, const char *bytes, size_t len);

/* Number of characters of valid UTF-8, or -EILSEQ. */
int text_count_chars(const char *bytes, size_t len);

/* The text must be one that text_set took.  How it is coded: protocol/text/. */
void text_encode(const struct text *text, struct bit_writer *out);

/* Returns 0, -EBADMSG (short, too long or not UTF-8) or -EPROTONOSUPPORT (a text model that this version does not
 * know). */
int text_decode(struct text *text, struct bit_reader *in);

#endif
