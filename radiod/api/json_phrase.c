/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases of the phrase book as JSON. */
#include "radiod/api/json_phrase.h"

#include <string.h>

#include "radiod/words/words.h"

static json_t *slots_json(const struct phrase *phrase)
{
  json_t *array = json_array();
  for (size_t i = 0; i < phrase->slot_count; i++) {
    char value[PHRASE_VALUE_MAX];
    phrase_slot_format(value, sizeof value, &phrase->slot[i]);
    json_array_append_new(
        array, json_pack("{s:s, s:s}", "kind", phrase_slot_kind_name(phrase->slot[i].kind), "value", value));
  }
  return array;
}

static json_t *renderings_json(const struct phrase *phrase)
{
  json_t *sentences = json_object();
  for (unsigned language = 0; language < PHRASE_LANGUAGES; language++) {
    char sentence[PHRASE_SENTENCE_MAX];
    phrase_render(sentence, sizeof sentence, phrase, (enum phrase_language)language);
    json_object_set_new(sentences, phrase_language_code(language), json_string(sentence));
  }
  return sentences;
}

json_t *api_json_phrase(const struct text *text)
{
  struct phrase phrase;
  if (phrase_match(&phrase, text->bytes, text->len))
    return json_null();
  return json_pack("{s:i, s:s, s:o, s:o}", "number", (int)phrase.number, "language",
                   phrase_language_code(phrase.language), "slots", slots_json(&phrase), "sentences",
                   renderings_json(&phrase));
}

void api_phrase_narrow(json_t *message, enum phrase_language language)
{
  const char *code = phrase_language_code(language);
  json_t *phrase = json_object_get(message, "phrase");
  json_t *sentence = json_incref(json_object_get(json_object_get(phrase, "sentences"), code));
  if (sentence)
    json_object_set_new(phrase, "sentences", json_pack("{s:o}", code, sentence));
}

/* Whether a word of the phrase begins with the len bytes at word. */
static int phrase_has(size_t number, const char *word, size_t len)
{
  int found = words_begin(phrase_topic(number), word, len);
  for (unsigned language = 0; language < PHRASE_LANGUAGES && !found; language++)
    found = words_begin(phrase_template(number, (enum phrase_language)language), word, len);
  return found;
}

static int phrase_has_all(size_t number, const char *words)
{
  for (size_t len; *(words += strspn(words, " ")); words += len) {
    len = strcspn(words, " ");
    if (!phrase_has(number, words, len))
      return 0;
  }
  return 1;
}

static json_t *kinds_json(size_t number)
{
  uint8_t kind[PHRASE_SLOTS_MAX];
  size_t count = phrase_slots(number, kind);
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(array, json_string(phrase_slot_kind_name(kind[i])));
  return array;
}

static json_t *templates_json(size_t number, int only)
{
  json_t *sentences = json_object();
  for (int language = 0; language < PHRASE_LANGUAGES; language++)
    if (only == API_ALL_LANGUAGES || only == language)
      json_object_set_new(sentences, phrase_language_code((unsigned)language),
                          json_string(phrase_template(number, (enum phrase_language)language)));
  return sentences;
}

json_t *api_json_phrases(const char *words, int language)
{
  json_t *phrases = json_array();
  for (size_t number = 0; number < phrase_count(); number++)
    if (phrase_has_all(number, words ? words : ""))
      json_array_append_new(phrases,
                            json_pack("{s:i, s:s, s:o, s:o}", "number", (int)number, "topic", phrase_topic(number),
                                      "slots", kinds_json(number), "sentences", templates_json(number, language)));
  return json_pack("{s:o}", "phrases", phrases);
}
