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
#define PHRASE_PLACE_MAX 64      /* bytes of a place's name */
#define PHRASE_SENTENCE_MAX 1152 /* bytes of any sentence with its slots filled, and a zero */
#define PHRASE_VALUE_MAX 80      /* bytes of any slot's value as people type it, and a zero */

enum phrase_language { PHRASE_EN, PHRASE_FR, PHRASE_ES, PHRASE_HT, PHRASE_LANGUAGES };

enum phrase_slot_kind { PHRASE_NUMBER, PHRASE_TIME, PHRASE_PLACE, PHRASE_PLATE, PHRASE_SLOT_KINDS };

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
  struct phrase_slot slot[PHRASE_SLOTS_MAX]; /* in the order of the sentence, the same in all languages */
};

/* "en" and so on; NULL or -ENOENT when there is none. */
const char *phrase_language_code(unsigned language);
int phrase_language_find(const char *code);

/* Number of phrases in the book, and one of them as it stands there, slots as {number} and so on; NULL beyond them.
 */
size_t phrase_count(void);
const char *phrase_template(size_t number, enum phrase_language language);
const char *phrase_topic(size_t number);

/* The kinds (enum phrase_slot_kind) of the slots of a phrase that the book has.  Returns their number. */
size_t phrase_slots(size_t number, uint8_t kind[PHRASE_SLOTS_MAX]);
const char *phrase_slot_kind_name(unsigned kind); /* "number" and so on, or NULL */

/* Reads what a person typed for a slot of this kind, all of it.  Returns 0 or -EINVAL: slot untouched. */
int phrase_slot_parse(struct phrase_slot *slot, enum phrase_slot_kind kind, const char *text);

/* Writes it as it was typed, with a zero at its end.  Returns its length; PHRASE_VALUE_MAX bytes are enough. */
int phrase_slot_format(char *out, size_t size, const struct phrase_slot *slot);

/* Finds the phrase that a text is, byte for byte.  Returns 0 or -ENOENT. */
int phrase_match(struct phrase *phrase, const char *bytes, size_t len);

/* Writes the sentence of a phrase that the book has in any language, with a zero at its end.  Returns its length, or
 * -ENOSPC. */
int phrase_render(char *out, size_t size, const struct phrase *phrase, enum phrase_language language);

/* Number, language and slots of a phrase of the book, as choices of known odds.  phrase_get returns 0, -EBADMSG or
 * -EPROTONOSUPPORT (a number that this book does not have yet). */
void phrase_put(struct arith_writer *out, const struct phrase *phrase);
int phrase_get(struct phrase *phrase, struct arith_reader *in);

#endif
