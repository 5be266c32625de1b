/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters without case and accent, for everything that compares what people type with names and words. */
#ifndef PROTOCOL_BASE_FOLD_H
#define PROTOCOL_BASE_FOLD_H

/* The next letter of text (which ends with a zero), and *at behind it: Latin-1 letters in UTF-8 fold to ASCII, every
 * other byte stays as it is. */
unsigned char fold_letter(const char **at);

#endif
