/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station holds for all. */
#include "protocol/delivery/floods.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 8
/* What ends so soon is not worth asking for; clocks and ages differ by a minute or two besides. */
#define ENDS_SOON_MS 600000

void floods_init(struct floods *floods)
{
  *floods = (struct floods){0};
}

void floods_wipe(struct floods *floods)
{
  free(floods->flood);
  floods_init(floods);
}

struct flood *floods_find(const struct floods *floods, struct message_id id)
{
  for (size_t i = 0; i < floods->count; i++)
    if (floods->flood[i].id.origin == id.origin && floods->flood[i].id.counter == id.counter)
      return &floods->flood[i];
  return NULL;
}

static int has_name(const struct flood *flood, struct bundle_name name)
{
  return flood->id.origin == name.origin && (flood->id.counter & 0xffff) == name.counter_low;
}

struct flood *floods_find_name(const struct floods *floods, struct bundle_name name)
{
  for (size_t i = 0; i < floods->count; i++)
    if (has_name(&floods->flood[i], name))
      return &floods->flood[i];
  return NULL;
}

static int make_room(struct floods *floods)
{
  if (floods->count >= FLOODS_MAX)
    return 0;
  if (floods->count < floods->size)
    return 1;
  size_t size = floods->size ? 2 * floods->size : FIRST_SIZE;
  struct flood *grown = realloc(floods->flood, size * sizeof *grown);
  if (!grown)
    return 0;
  floods->flood = grown;
  floods->size = size;
  return 1;
}

struct flood *floods_add(struct floods *floods)
{
  if (!make_room(floods))
    return NULL;
  struct flood *flood = &floods->flood[floods->count++];
  *flood = (struct flood){0};
  for (unsigned i = 0; i < LINK_CHANNELS_MAX; i++)
    flood->turn[i].next_ms = INT64_MAX;
  return flood;
}

static unsigned weight_of(unsigned precedence, int has_proof)
{
  return has_proof ? 1 + precedence : 0;
}

struct flood *floods_least(const struct floods *floods, unsigned precedence, int has_proof)
{
  struct flood *least = NULL;
  unsigned limit = weight_of(precedence, has_proof), least_weight = 0;
  for (size_t i = 0; i < floods->count; i++) {
    struct flood *flood = &floods->flood[i];
    unsigned weight = weight_of(flood->precedence, flood->has_proof);
    if (weight > limit || (weight == limit && limit == weight_of(FLASH, 1)))
      continue;
    if (!least || weight < least_weight || (weight == least_weight && flood->born_ms < least->born_ms)) {
      least = flood;
      least_weight = weight;
    }
  }
  return least;
}

static int is_gone(const struct floods *floods, struct bundle_name name)
{
  for (unsigned i = 0; i < FLOOD_GONE_MAX; i++)
    if (floods->gone[i].origin == name.origin && floods->gone[i].counter_low == name.counter_low)
      return 1;
  return 0;
}

void floods_note_gone(struct floods *floods, struct bundle_name name)
{
  if (is_gone(floods, name))
    return;
  floods->gone[floods->gone_at] = name;
  floods->gone_at = (floods->gone_at + 1) % FLOOD_GONE_MAX;
}

void floods_remove(struct floods *floods, struct flood *flood)
{
  if (flood->kind != BUNDLE_TIME) /* which nobody asks for */
    floods_note_gone(floods, (struct bundle_name){flood->id.origin, (uint16_t)flood->id.counter});
  *flood = floods->flood[--floods->count];
}

static int get_bit(const uint8_t *bits, uint16_t station)
{
  return bits[station / 8] >> (station % 8) & 1;
}

static void set_bit(uint8_t *bits, uint16_t station, int on)
{
  uint8_t bit = (uint8_t)(1 << (station % 8));
  bits[station / 8] = (uint8_t)(on ? bits[station / 8] | bit : bits[station / 8] & ~bit);
}

int flood_has(const struct flood *flood, uint16_t station)
{
  return get_bit(flood->have, station);
}

void flood_set_has(struct flood *flood, uint16_t station, int has)
{
  set_bit(flood->have, station, has);
  if (!has)
    set_bit(flood->presumed, station, 0);
}

void flood_presume(struct flood *flood, uint16_t station)
{
  set_bit(flood->presumed, station, 1);
}

int flood_is_presumed(const struct flood *flood, uint16_t station)
{
  return get_bit(flood->presumed, station);
}

int flood_is_listed(const struct flood *flood, int64_t now_ms)
{
  return flood->has_proof && flood->kind != BUNDLE_TIME && flood->expires_ms > now_ms + ENDS_SOON_MS;
}

/* Mixes an identity into 16 bits; not against enemies, who cannot read digests. */
static uint16_t mix(struct message_id id)
{
  uint32_t x = id.counter * UINT32_C(2654435761) ^ id.origin * UINT32_C(2246822519);
  x ^= x >> 15;
  x *= UINT32_C(2654435761);
  return (uint16_t)(x >> 16);
}

uint16_t floods_digest(const struct floods *floods, int64_t now_ms)
{
  uint16_t digest = 0;
  unsigned listed = 0;
  for (size_t i = 0; i < floods->count; i++)
    if (flood_is_listed(&floods->flood[i], now_ms)) {
      digest = (uint16_t)(digest + mix(floods->flood[i].id));
      listed++;
    }
  return listed && !digest ? 1 : digest;
}

/* Non-zero when a goes before b: gravest, then newest; identities make the order total. */
static int goes_before(const struct flood *a, const struct flood *b)
{
  if (a->precedence != b->precedence)
    return a->precedence > b->precedence;
  if (a->born_ms != b->born_ms)
    return a->born_ms > b->born_ms;
  return a->id.origin != b->id.origin ? a->id.origin > b->id.origin : a->id.counter > b->id.counter;
}

static const struct flood *next_listed(const struct floods *floods, int64_t now_ms, const struct flood *after)
{
  const struct flood *best = NULL;
  for (size_t i = 0; i < floods->count; i++) {
    const struct flood *flood = &floods->flood[i];
    if (flood_is_listed(flood, now_ms) && (!after || goes_before(after, flood)) &&
        (!best || goes_before(flood, best)))
      best = flood;
  }
  return best;
}

static void add_name(struct bundle_list *list, struct bundle_name name)
{
  if (list->count < LIST_NAMES_MAX)
    list->name[list->count++] = name;
}

void floods_list(const struct floods *floods, int64_t now_ms, struct bundle_list *out)
{
  *out = (struct bundle_list){0};
  const struct flood *flood = next_listed(floods, now_ms, NULL);
  for (; flood && out->count < LIST_NAMES_MAX; flood = next_listed(floods, now_ms, flood))
    add_name(out, (struct bundle_name){flood->id.origin, (uint16_t)flood->id.counter});
  out->is_complete = !flood;
  for (unsigned i = 0; i < FLOOD_GONE_MAX; i++)
    if (floods->gone[i].origin)
      add_name(out, floods->gone[i]);
}

int floods_knows(const struct floods *floods, struct bundle_name name)
{
  const struct flood *flood = floods_find_name(floods, name);
  return is_gone(floods, name) || (flood && flood->has_proof);
}

struct flood *floods_next(const struct floods *floods, int64_t now_ms, unsigned channel)
{
  struct flood *best = NULL;
  for (size_t i = 0; i < floods->count; i++) {
    struct flood *flood = &floods->flood[i];
    if (flood->turn[channel].next_ms <= now_ms && (!best || goes_before(flood, best)))
      best = flood;
  }
  return best;
}

int64_t floods_next_ms(const struct floods *floods, unsigned channel, unsigned precedence)
{
  int64_t at = INT64_MAX;
  for (size_t i = 0; i < floods->count; i++) {
    const struct flood *flood = &floods->flood[i];
    if (flood->precedence >= precedence && flood->turn[channel].next_ms < at)
      at = flood->turn[channel].next_ms;
  }
  return at;
}
