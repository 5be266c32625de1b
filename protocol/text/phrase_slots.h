/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the slots of a phrase, exactly as people type it. */
#ifndef PROTOCOL_TEXT_PHRASE_SLOTS_H
#define PROTOCOL_TEXT_PHRASE_SLOTS_H

#include "protocol/text/phrases.h"

#define PHRASE_NUMBER_DIGITS 6
#define PHRASE_PLATE_DIGITS 5
#define PHRASE_DAY_MIN 1440

/* The slot whose name is at name, as in a sentence behind its brace: its kind, or -EINVAL. */
int phrase_slot_kind_of(const char *name);

/* Reads what fills a slot of this kind from the beginning of bytes: as much as can belong to it.  Returns the number
 * of bytes, or 0 when it begins with nothing of the kind; slot is written then all the same. */
size_t phrase_slot_read(struct phrase_slot *slot, enum phrase_slot_kind kind, const char *bytes, size_t len);

#endif
