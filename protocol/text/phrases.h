/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The phrase book: sentences that travel as numbers, each in four languages, with slots for what differs.
 *
 * A text that equals a phrase in one of the languages is that phrase: nothing else marks it, in a store or on a
 * screen. Numbers never change their meaning; the book only grows. */
#ifndef PROTOCOL_TEXT_PHRASES_H
#define PROTOCOL_TEXT_PHRASES_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/text/arith.h"

#define PHRASE_SLOTS_MAX 4
#define PHRASE_PLACE_MAX 64 /* bytes of a place's name */

enum phrase_language { PHRASE_EN, PHRASE_FR, PHRASE_ES, PHRASE_HT, PHRASE_LANGUAGES };

enum phrase_slot_kind { PHRASE_NUMBER, PHRASE_TIME, PHRASE_PLACE, PHRASE_PLATE };

struct phrase_slot {
  uint8_t kind;                    /* enum phrase_slot_kind */
  uint32_t value;                  /* number 0..999999; minutes of the day 0..1439; plate's digits 0..99999 */
  char text[PHRASE_PLACE_MAX + 1]; /* place; letters of a plate */
};

/* A phrase with its slots filled, in one language. */
struct phrase {
  uint16_t number;
  uint8_t language; /* enum phrase_language */
  uint8_t slot_count;
  struct phrase_slot slot[PHRASE_SLOTS_MAX]; /* in the order of the English sentence */
};

/* Number of phrases in the book, and one of them as it stands there, slots as {number} and so on. */
size_t phrase_count(void);
const char *phrase_template(size_t number, enum phrase_language language);
const char *phrase_topic(size_t number);

/* Finds the phrase that a text is, byte for byte.  Returns 0 or -ENOENT. */
int phrase_match(struct phrase *phrase, const char *bytes, size_t len);

/* Writes the sentence of a phrase in any language, with a zero at its end.  Returns its length, or -ENOSPC. */
int phrase_render(char *out, size_t size, const struct phrase *phrase, enum phrase_language language);

/* Number, language and slots, as choices of known odds.  phrase_get returns 0, -EBADMSG or -EPROTONOSUPPORT (a number
 * that this book does not have yet). */
void phrase_put(struct arith_writer *out, const struct phrase *phrase);
int phrase_get(struct phrase *phrase, struct arith_reader *in);

#endif
