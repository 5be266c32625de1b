/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The phrase book: which sentence is a phrase, and a phrase as a sentence. */
#include "protocol/text/phrases.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "protocol/text/phrase_slots.h"
#include "protocol/text/phrases_table.h"

static const char *const language_codes[PHRASE_LANGUAGES] = {"en", "fr", "es", "ht"};

const char *phrase_language_code(unsigned language)
{
  return language < PHRASE_LANGUAGES ? language_codes[language] : NULL;
}

int phrase_language_find(const char *code)
{
  for (int language = 0; language < PHRASE_LANGUAGES; language++)
    if (!strcmp(code, language_codes[language]))
      return language;
  return -ENOENT;
}

size_t phrase_count(void)
{
  return phrase_row_count;
}

const char *phrase_template(size_t number, enum phrase_language language)
{
  return number < phrase_row_count && language < PHRASE_LANGUAGES ? phrase_rows[number].sentence[language] : NULL;
}

const char *phrase_topic(size_t number)
{
  return number < phrase_row_count ? phrase_rows[number].topic : NULL;
}

size_t phrase_slots(size_t number, uint8_t kind[PHRASE_SLOTS_MAX])
{
  size_t count = 0;
  for (const char *at = phrase_rows[number].sentence[PHRASE_EN]; (at = strchr(at, '{')); at++)
    kind[count++] = (uint8_t)phrase_slot_kind_of(at + 1);
  return count;
}

/* A part of a sentence as it stands in the book: bytes as they are, or the name of a slot. */
struct piece {
  const char *bytes;
  size_t len;
  int is_slot;
};

/* Takes the next piece of the sentence at *at.  Returns 0 at its end. */
static int next_piece(struct piece *piece, const char **at)
{
  piece->is_slot = **at == '{';
  piece->bytes = *at + piece->is_slot;
  piece->len = strcspn(piece->bytes, piece->is_slot ? "}" : "{");
  *at = piece->bytes + piece->len + piece->is_slot;
  return piece->len > 0;
}

/* Reads one sentence of the book.  Every piece tells where it ends: there is one way to read it, or none. */
static int match_sentence(struct phrase *phrase, const char *sentence, const char *bytes, size_t len)
{
  struct piece piece;
  size_t used = 0;
  while (next_piece(&piece, &sentence)) {
    size_t step = piece.len;
    if (!piece.is_slot) {
      if (len - used < step || memcmp(bytes + used, piece.bytes, step) != 0)
        return -ENOENT;
    } else {
      enum phrase_slot_kind kind = (enum phrase_slot_kind)phrase_slot_kind_of(piece.bytes);
      step = phrase_slot_read(&phrase->slot[phrase->slot_count++], kind, bytes + used, len - used);
      if (!step)
        return -ENOENT;
    }
    used += step;
  }
  return used == len ? 0 : -ENOENT;
}

/* Whether text begins as a sentence does before its first slot. */
static int begins_alike(const char *sentence, const char *bytes, size_t len)
{
  size_t head = strcspn(sentence, "{");
  return head <= len && !memcmp(sentence, bytes, head);
}

/* Finds the first of the sentences of the book that begin with the byte first. */
static int match_among(struct phrase *found, unsigned char first, const char *bytes, size_t len)
{
  for (unsigned i = phrase_sorted_from[first]; i < phrase_sorted_from[first + 1]; i++) {
    struct phrase phrase = {.number = phrase_sorted[i] / PHRASE_LANGUAGES,
                            .language = phrase_sorted[i] % PHRASE_LANGUAGES};
    const char *sentence = phrase_rows[phrase.number].sentence[phrase.language];
    if (!begins_alike(sentence, bytes, len) || match_sentence(&phrase, sentence, bytes, len))
      continue;
    *found = phrase;
    return 0;
  }
  return -ENOENT;
}

int phrase_match(struct phrase *phrase, const char *bytes, size_t len)
{
  struct phrase plain, open; /* open: begins with a slot, whatever the text begins with */
  if (!len)
    return -ENOENT;
  int no_plain = match_among(&plain, (unsigned char)*bytes, bytes, len);
  int no_open = match_among(&open, '{', bytes, len);
  if (no_plain && no_open)
    return -ENOENT;
  *phrase = no_plain || (!no_open && open.number < plain.number) ? open : plain;
  return 0;
}

int phrase_render(char *out, size_t size, const struct phrase *phrase, enum phrase_language language)
{
  const char *sentence = phrase_template(phrase->number, language);
  struct piece piece;
  size_t len = 0, slot = 0;
  assert(sentence);
  while (next_piece(&piece, &sentence)) {
    char value[PHRASE_VALUE_MAX];
    if (piece.is_slot) {
      piece.len = (size_t)phrase_slot_format(value, sizeof value, &phrase->slot[slot++]);
      piece.bytes = value;
    }
    if (len + piece.len >= size)
      return -ENOSPC;
    memcpy(out + len, piece.bytes, piece.len);
    len += piece.len;
  }
  if (len >= size)
    return -ENOSPC;
  out[len] = '\0';
  return (int)len;
}
