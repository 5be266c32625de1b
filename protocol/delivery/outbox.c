/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deliveries of this station that have not ended. */
#include "protocol/delivery/outbox.h"

#include <errno.h>
#include <stdlib.h>

int outbox_init(struct outbox *outbox, size_t size)
{
  *outbox = (struct outbox){.size = size, .entry = calloc(size, sizeof *outbox->entry)};
  return outbox->entry ? 0 : -ENOMEM;
}

void outbox_wipe(struct outbox *outbox)
{
  free(outbox->entry);
  *outbox = (struct outbox){0};
}

int outbox_add(struct outbox *outbox, const struct outbox_entry *entry)
{
  if (outbox->count == outbox->size)
    return -ENOBUFS;
  outbox->entry[outbox->count++] = *entry;
  return 0;
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

struct outbox_entry *outbox_find_low(const struct outbox *outbox, uint16_t recipient, uint16_t counter_low)
{
  for (size_t i = 0; i < outbox->count; i++)
    if (outbox->entry[i].recipient == recipient && (outbox->entry[i].id.counter & 0xffff) == counter_low)
      return &outbox->entry[i];
  return NULL;
}

/* Non-zero when a goes before b.  Counters break ties, so that the order is total. */
static int goes_before(const struct outbox_entry *a, const struct outbox_entry *b)
{
  if (a->precedence != b->precedence)
    return a->precedence > b->precedence;
  if (a->born_ms != b->born_ms)
    return a->born_ms < b->born_ms;
  if (a->id.counter != b->id.counter)
    return a->id.counter < b->id.counter;
  return a->recipient < b->recipient;
}

struct outbox_entry *outbox_next(const struct outbox *outbox, int64_t now_ms, uint16_t recipient, int any_time,
                                 const struct outbox_entry *after)
{
  struct outbox_entry *best = NULL;
  for (size_t i = 0; i < outbox->count; i++) {
    struct outbox_entry *entry = &outbox->entry[i];
    if (entry->phase != OUTBOX_WAITING || (recipient && entry->recipient != recipient))
      continue;
    if (((!any_time || entry->is_held) && entry->next_ms > now_ms) || (after && !goes_before(after, entry)))
      continue;
    if (!best || goes_before(entry, best))
      best = entry;
  }
  return best;
}
