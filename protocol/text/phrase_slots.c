/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the slots of a phrase, exactly as people type it. */
#include "protocol/text/phrase_slots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/text/utf8.h"

#define TIME_LEN 5 /* "07:30" */

static const char *const kind_names[PHRASE_SLOT_KINDS] = {"number", "time", "place", "plate"};

const char *phrase_slot_kind_name(unsigned kind)
{
  return kind < PHRASE_SLOT_KINDS ? kind_names[kind] : NULL;
}

int phrase_slot_kind_of(const char *name)
{
  for (int kind = 0; kind < PHRASE_SLOT_KINDS; kind++)
    if (!strncmp(name, kind_names[kind], strlen(kind_names[kind])))
      return kind;
  return -EINVAL;
}

/* Reads up to max digits.  Returns their number. */
static size_t read_digits(uint32_t *value, const char *bytes, size_t len, size_t max)
{
  size_t used = 0;
  *value = 0;
  while (used < len && used < max && bytes[used] >= '0' && bytes[used] <= '9')
    *value = *value * 10 + (uint32_t)(bytes[used++] - '0');
  return used;
}

/* No zero in front, so that a value has one form. */
static size_t read_number(struct phrase_slot *slot, const char *bytes, size_t len)
{
  size_t max = len && *bytes == '0' ? 1 : PHRASE_NUMBER_DIGITS;
  return read_digits(&slot->value, bytes, len, max);
}

static size_t read_time(struct phrase_slot *slot, const char *bytes, size_t len)
{
  uint32_t hours, minutes;
  if (len < TIME_LEN || bytes[2] != ':')
    return 0;
  if (read_digits(&hours, bytes, 2, 2) != 2 || read_digits(&minutes, bytes + 3, 2, 2) != 2)
    return 0;
  slot->value = hours * 60 + minutes;
  return hours < 24 && minutes < 60 ? TIME_LEN : 0;
}

static size_t read_plate(struct phrase_slot *slot, const char *bytes, size_t len)
{
  size_t letters = 0;
  while (letters < len && letters < 2 && bytes[letters] >= 'A' && bytes[letters] <= 'Z')
    letters++;
  memcpy(slot->text, bytes, letters);
  slot->text[letters] = '\0';
  if (!letters || letters == len || bytes[letters] != '-')
    return 0;
  size_t digits = read_digits(&slot->value, bytes + letters + 1, len - letters - 1, PHRASE_PLATE_DIGITS);
  return digits == PHRASE_PLATE_DIGITS ? letters + 1 + digits : 0;
}

/* Bytes of the character at bytes if it can be part of a place's name, else 0.  What ends a clause ends a name: a
 * whole sentence is no place. */
static size_t place_character(const char *bytes, size_t left)
{
  uint32_t code_point;
  size_t len = utf8_decode(&code_point, bytes, left);
  if (!len || code_point < ' ' || (code_point >= 0x7f && code_point < 0xa0) || strchr(".,;:!?", *bytes))
    return 0;
  return len;
}

static size_t read_place(struct phrase_slot *slot, const char *bytes, size_t len)
{
  size_t used = 0, step;
  while (used < len && used <= PHRASE_PLACE_MAX && (step = place_character(bytes + used, len - used)))
    used += step;
  while (used && bytes[used - 1] == ' ')
    used--;
  if (!used || used > PHRASE_PLACE_MAX || *bytes == ' ')
    return 0;
  memcpy(slot->text, bytes, used);
  slot->text[used] = '\0';
  return used;
}

size_t phrase_slot_read(struct phrase_slot *slot, enum phrase_slot_kind kind, const char *bytes, size_t len)
{
  *slot = (struct phrase_slot){.kind = (uint8_t)kind};
  switch (kind) {
  case PHRASE_NUMBER:
    return read_number(slot, bytes, len);
  case PHRASE_TIME:
    return read_time(slot, bytes, len);
  case PHRASE_PLACE:
    return read_place(slot, bytes, len);
  default:
    return read_plate(slot, bytes, len);
  }
}

int phrase_slot_parse(struct phrase_slot *slot, enum phrase_slot_kind kind, const char *text)
{
  struct phrase_slot read;
  size_t len = strlen(text);
  if (!len || phrase_slot_read(&read, kind, text, len) != len)
    return -EINVAL;
  *slot = read;
  return 0;
}

int phrase_slot_format(char *out, size_t size, const struct phrase_slot *slot)
{
  switch (slot->kind) {
  case PHRASE_NUMBER:
    return snprintf(out, size, "%u", slot->value);
  case PHRASE_TIME:
    return snprintf(out, size, "%02u:%02u", slot->value / 60, slot->value % 60);
  case PHRASE_PLACE:
    return snprintf(out, size, "%s", slot->text);
  default:
    return snprintf(out, size, "%s-%05u", slot->text, slot->value);
  }
}
