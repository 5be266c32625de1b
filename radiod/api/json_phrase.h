/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases of the phrase book as JSON: the one that a text is, and those in which words are found. */
#ifndef RADIOD_API_JSON_PHRASE_H
#define RADIOD_API_JSON_PHRASE_H

#include <jansson.h>

#include "protocol/text/phrases.h"
#include "protocol/wire/text.h"

#define API_ALL_LANGUAGES (-1) /* instead of an enum phrase_language */
#define API_LANGUAGE_RULE "lang: write en, fr, es or ht"

/* The phrase that a text is, with its sentence in every language; null when it is none. */
json_t *api_json_phrase(const struct text *text);

/* Leaves one language to the sentences of the phrase of a message. */
void api_phrase_narrow(json_t *message, enum phrase_language language);

/* {"phrases": [...]}: those in which every one of words (NULL or "": no condition) begins a word of the topic or of a
 * sentence in any language, without regard to case and accents. */
json_t *api_json_phrases(const char *words, int language);

#endif
