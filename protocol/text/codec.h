/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts as few bits, each for itself: the shortest of a numbered phrase, the trained model, and plain characters.
 *
 * protocol/text/ knows bytes, bits and its own tables; it does not know messages, items or people. */
#ifndef PROTOCOL_TEXT_CODEC_H
#define PROTOCOL_TEXT_CODEC_H

#include <stddef.h>

#include "protocol/base/bits.h"

#define TEXT_MODEL_VERSION 1
#define TEXT_BYTES_MAX 4096 /* longest text that can be coded */

/* Writes len (0..TEXT_BYTES_MAX) bytes of UTF-8 so that the reader knows where they end.  Returns 0, -EILSEQ (not
 * UTF-8) or -EMSGSIZE (too long): nothing is written then. */
int text_code_write(struct bit_writer *out, const char *bytes, size_t len);

/* Reads what text_code_write wrote: the very same bytes, at most size of them, and sets *len.  Returns 0; -EBADMSG
 * (short, too long or not a text); -EPROTONOSUPPORT (coded by a model or phrase book that is newer than this one). */
int text_code_read(char *bytes, size_t size, size_t *len, struct bit_reader *in);

/* Any bytes, UTF-8 or not, as a string of bytes whose length is kept outside; at most one byte longer than they are.
 * out has room for len + 1.  Returns the length. */
size_t text_pack(uint8_t *out, const char *bytes, size_t len);

/* Likewise back.  Errors as text_code_read. */
int text_unpack(char *bytes, size_t size, size_t *len, const uint8_t *packed, size_t packed_len);

#endif
