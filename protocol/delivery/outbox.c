/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has to bring on its way. */
#include "protocol/delivery/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 16

/* Twice the speed of service asked of a precedence (ROUTINE 4 h, PRIORITY 30 min): who has waited so long goes with
 * the next higher one. */
static const int64_t ageing_ms[PRECEDENCE_COUNT] = {8 * INT64_C(3600000), 3600000, INT64_MAX, INT64_MAX};

void outbox_init(struct outbox *outbox)
{
  *outbox = (struct outbox){0};
}

void outbox_wipe(struct outbox *outbox)
{
  free(outbox->entry);
  *outbox = (struct outbox){0};
}

int outbox_make_room(struct outbox *outbox, size_t count)
{
  size_t size = outbox->size ? outbox->size : FIRST_SIZE;
  while (size < outbox->count + count)
    size *= 2;
  if (size == outbox->size)
    return 0;
  struct outbox_entry *grown = realloc(outbox->entry, size * sizeof *grown);
  if (!grown)
    return -ENOMEM;
  outbox->entry = grown;
  outbox->size = size;
  return 0;
}

void outbox_add(struct outbox *outbox, const struct outbox_entry *entry)
{
  assert(outbox->count < outbox->size);
  outbox->entry[outbox->count++] = *entry;
}

void outbox_remove(struct outbox *outbox, struct outbox_entry *entry)
{
  *entry = outbox->entry[--outbox->count];
}

struct outbox_entry *outbox_find(const struct outbox *outbox, struct message_id id, uint16_t recipient)
{
  for (size_t i = 0; i < outbox->count; i++) {
    struct outbox_entry *entry = &outbox->entry[i];
    if (entry->recipient == recipient && entry->id.counter == id.counter && entry->id.origin == id.origin)
      return entry;
  }
  return NULL;
}

static int is_named(const struct outbox_entry *entry, uint16_t origin, uint16_t counter_low)
{
  return entry->id.origin == origin && (entry->id.counter & 0xffff) == counter_low;
}

struct outbox_entry *outbox_find_sent(const struct outbox *outbox, uint16_t hop, uint16_t origin,
                                      uint16_t counter_low)
{
  struct outbox_entry *found = NULL;
  for (size_t i = 0; i < outbox->count; i++) {
    struct outbox_entry *entry = &outbox->entry[i];
    if (is_named(entry, origin, counter_low) && entry->hop == hop && (!found || found->phase != OUTBOX_UNANSWERED))
      found = entry;
  }
  return found;
}

int outbox_has_twin(const struct outbox *outbox, const struct outbox_entry *entry, uint16_t hop)
{
  for (size_t i = 0; i < outbox->count; i++) {
    const struct outbox_entry *other = &outbox->entry[i];
    if (other != entry && other->hop == hop && other->id.counter == entry->id.counter &&
        other->id.origin == entry->id.origin && (other->phase == OUTBOX_ON_AIR || other->phase == OUTBOX_UNANSWERED))
      return 1;
  }
  return 0;
}

struct outbox_entry *outbox_find_low(const struct outbox *outbox, uint16_t origin, uint16_t recipient,
                                     uint16_t counter_low)
{
  for (size_t i = 0; i < outbox->count; i++)
    if (is_named(&outbox->entry[i], origin, counter_low) && outbox->entry[i].recipient == recipient)
      return &outbox->entry[i];
  return NULL;
}

unsigned outbox_rank(const struct outbox_entry *entry, int64_t now_ms)
{
  return entry->precedence + (now_ms - entry->born_ms > ageing_ms[entry->precedence]);
}

int outbox_goes_before(const struct outbox_entry *a, const struct outbox_entry *b, int64_t now_ms)
{
  unsigned rank_a = outbox_rank(a, now_ms), rank_b = outbox_rank(b, now_ms);
  if (rank_a != rank_b)
    return rank_a > rank_b;
  if (a->born_ms != b->born_ms)
    return a->born_ms < b->born_ms;
  if (a->id.counter != b->id.counter)
    return a->id.counter < b->id.counter;
  if (a->id.origin != b->id.origin)
    return a->id.origin < b->id.origin;
  return a->recipient < b->recipient;
}
