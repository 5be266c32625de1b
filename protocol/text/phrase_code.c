/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases on the air: number, language and slots, each phrase in one form only. */
#include <errno.h>
#include <string.h>

#include "protocol/text/model_text.h"
#include "protocol/text/phrase_slots.h"
#include "protocol/text/phrases.h"
#include "protocol/text/phrases_table.h"

#define FREQUENT_COUNT 64 /* the phrases of everyday come first in the book */
#define NUMBER_COUNT 1024
#define LETTER_COUNT 26
#define PLACE_NUMBERS 256 /* 1..255; 0 stays free */
#define LOW_COUNT 1000    /* digits beyond what one choice can carry go as a second choice of the last three */
#define LOW_DIGITS 3
#define ONE_CHOICE_DIGITS 4

/* Different languages may have the same sentence: it goes as the first of them, as phrase_match finds it. */
static unsigned first_language(unsigned number, unsigned language)
{
  const char *const *sentence = phrase_rows[number].sentence;
  unsigned first = 0;
  while (strcmp(sentence[first], sentence[language]) != 0)
    first++;
  return first;
}

/* The lowest and the number of the values that have so many digits, zero being one digit. */
static void digits_range(unsigned digits, uint32_t *low, uint32_t *count)
{
  *low = 1;
  for (unsigned i = 1; i < digits; i++)
    *low *= 10;
  *count = *low * 9;
  if (digits > 1)
    return;
  *low = 0;
  *count = 10;
}

static void put_number(struct arith_writer *out, uint32_t value)
{
  unsigned digits = 1;
  uint32_t low, count;
  for (digits_range(digits, &low, &count); value - low >= count; digits_range(digits, &low, &count))
    digits++;
  arith_put_uniform(out, digits - 1, PHRASE_NUMBER_DIGITS);
  if (digits <= ONE_CHOICE_DIGITS) {
    arith_put_uniform(out, value - low, count);
    return;
  }
  arith_put_uniform(out, (value - low) / LOW_COUNT, count / LOW_COUNT);
  arith_put_uniform(out, value % LOW_COUNT, LOW_COUNT);
}

static uint32_t get_number(struct arith_reader *in)
{
  unsigned digits = 1 + arith_get_uniform(in, PHRASE_NUMBER_DIGITS);
  uint32_t low, count;
  digits_range(digits, &low, &count);
  if (digits <= ONE_CHOICE_DIGITS)
    return low + arith_get_uniform(in, count);
  uint32_t high = arith_get_uniform(in, count / LOW_COUNT) * LOW_COUNT;
  return low + high + arith_get_uniform(in, LOW_COUNT);
}

static void put_plate(struct arith_writer *out, const struct phrase_slot *slot)
{
  size_t letters = strlen(slot->text);
  arith_put_uniform(out, letters == 2, 2);
  for (size_t i = 0; i < letters; i++)
    arith_put_uniform(out, (uint32_t)(slot->text[i] - 'A'), LETTER_COUNT);
  arith_put_uniform(out, slot->value / LOW_COUNT, 100);
  arith_put_uniform(out, slot->value % LOW_COUNT, LOW_COUNT);
}

static void get_plate(struct phrase_slot *slot, struct arith_reader *in)
{
  size_t letters = 1 + arith_get_uniform(in, 2);
  for (size_t i = 0; i < letters; i++)
    slot->text[i] = (char)('A' + arith_get_uniform(in, LETTER_COUNT));
  slot->value = arith_get_uniform(in, 100) * LOW_COUNT;
  slot->value += arith_get_uniform(in, LOW_COUNT);
}

/* Number of a place in the list, 0 when it is not there. */
static unsigned place_number(const char *name)
{
  for (unsigned i = 0; i < phrase_place_count; i++)
    if (!strcmp(name, phrase_places[i]))
      return i + 1;
  return 0;
}

static void put_place(struct arith_writer *out, const char *name)
{
  unsigned number = place_number(name);
  arith_put_uniform(out, number != 0, 2);
  if (number)
    arith_put_uniform(out, number, PLACE_NUMBERS);
  else
    model_text_put(out, name, strlen(name));
}

static int get_listed_place(struct phrase_slot *slot, struct arith_reader *in)
{
  unsigned number = arith_get_uniform(in, PLACE_NUMBERS);
  if (!number)
    return -EBADMSG;
  if (number > phrase_place_count)
    return -EPROTONOSUPPORT;
  strcpy(slot->text, phrase_places[number - 1]);
  return 0;
}

/* A name that is in the list may come spelled out: from a post whose list is shorter. */
static int get_place(struct phrase_slot *slot, struct arith_reader *in)
{
  char name[PHRASE_PLACE_MAX];
  if (arith_get_uniform(in, 2))
    return get_listed_place(slot, in);
  int len = model_text_get(name, sizeof name, in);
  if (len <= 0 || phrase_slot_read(slot, PHRASE_PLACE, name, (size_t)len) != (size_t)len)
    return -EBADMSG;
  return 0;
}

static void put_slot(struct arith_writer *out, const struct phrase_slot *slot)
{
  switch (slot->kind) {
  case PHRASE_NUMBER:
    put_number(out, slot->value);
    break;
  case PHRASE_TIME:
    arith_put_uniform(out, slot->value, PHRASE_DAY_MIN);
    break;
  case PHRASE_PLACE:
    put_place(out, slot->text);
    break;
  default:
    put_plate(out, slot);
  }
}

static int get_slot(struct phrase_slot *slot, unsigned kind, struct arith_reader *in)
{
  *slot = (struct phrase_slot){.kind = (uint8_t)kind};
  switch (kind) {
  case PHRASE_NUMBER:
    slot->value = get_number(in);
    return 0;
  case PHRASE_TIME:
    slot->value = arith_get_uniform(in, PHRASE_DAY_MIN);
    return 0;
  case PHRASE_PLACE:
    return get_place(slot, in);
  default:
    get_plate(slot, in);
    return 0;
  }
}

static int get_phrase_number(struct phrase *phrase, struct arith_reader *in)
{
  int frequent = (int)arith_get_uniform(in, 2);
  phrase->number = (uint16_t)arith_get_uniform(in, frequent ? FREQUENT_COUNT : NUMBER_COUNT);
  if (!frequent && phrase->number < FREQUENT_COUNT)
    return -EBADMSG;
  return phrase->number < phrase_row_count ? 0 : -EPROTONOSUPPORT;
}

void phrase_put(struct arith_writer *out, const struct phrase *phrase)
{
  int frequent = phrase->number < FREQUENT_COUNT;
  arith_put_uniform(out, (uint32_t)frequent, 2);
  arith_put_uniform(out, phrase->number, frequent ? FREQUENT_COUNT : NUMBER_COUNT);
  arith_put_uniform(out, first_language(phrase->number, phrase->language), PHRASE_LANGUAGES);
  for (size_t i = 0; i < phrase->slot_count; i++)
    put_slot(out, &phrase->slot[i]);
}

int phrase_get(struct phrase *phrase, struct arith_reader *in)
{
  struct phrase got = {0};
  uint8_t kind[PHRASE_SLOTS_MAX];
  int err = get_phrase_number(&got, in);
  if (err)
    return err;
  got.language = (uint8_t)arith_get_uniform(in, PHRASE_LANGUAGES);
  if (first_language(got.number, got.language) != got.language)
    return -EBADMSG;
  got.slot_count = (uint8_t)phrase_slots(got.number, kind);
  for (size_t i = 0; i < got.slot_count; i++)
    if ((err = get_slot(&got.slot[i], kind[i], in)))
      return err;
  *phrase = got;
  return 0;
}
