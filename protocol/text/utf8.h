/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, well-formed only (Unicode 15, table 3-7). */
#ifndef PROTOCOL_TEXT_UTF8_H
#define PROTOCOL_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_LEN_MAX 4

/* Length of the well-formed sequence at bytes, 1..4, and its code point; 0 if there is none.  code_point may be NULL.
 */
size_t utf8_decode(uint32_t *code_point, const char *bytes, size_t left);

/* Writes a code point that UTF-8 has a sequence for.  Returns its length. */
size_t utf8_encode(char out[UTF8_LEN_MAX], uint32_t code_point);

/* Whether UTF-8 has a sequence for it: up to 10FFFF, no surrogate. */
int utf8_is_scalar(uint32_t code_point);

#endif
