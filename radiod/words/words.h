/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares words that people type with those that exist: finds them, and answers a slip with a suggestion. */
#ifndef RADIOD_WORDS_H
#define RADIOD_WORDS_H

#include <stddef.h>

#define WORDS_DISTANCE_FAR 64 /* one of the words is too long to be a slip of the other */

/* Edits that turn a into b: letters inserted, removed or changed; two neighbours swapped count as one (the optimal
 * string alignment distance of Damerau, 1964).  WORDS_DISTANCE_FAR when a word has more than 50 bytes. */
size_t words_distance(const char *a, const char *b);

/* Whether a word of text begins with the len bytes at start, without regard to case and accents. */
int words_begin(const char *text, const char *start, size_t len);

#endif
