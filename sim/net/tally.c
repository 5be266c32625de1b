/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what becomes of each delivery in a simulated network. */
#include "sim/net/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/reach.h"

#define FIRST_SIZE 256
/* A FLASH that did not come within this time had its chance, whatever fails later. */
#define EXPECTED_MS 600000

static size_t hash(struct message_id id, uint16_t recipient)
{
  uint64_t key = (uint64_t)id.counter << 32 | (uint64_t)id.origin << 16 | recipient;
  return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32); /* Knuth's multiplicative hashing */
}

static int is_about(const struct tally_delivery *delivery, struct message_id id, uint16_t recipient)
{
  return delivery->id.origin == id.origin && delivery->id.counter == id.counter && delivery->recipient == recipient;
}

/* The slot of a delivery, or the free one where it belongs.  At most half of the slots are taken. */
static uint32_t *find_slot(const struct tally *tally, struct message_id id, uint16_t recipient)
{
  size_t at = hash(id, recipient) & (tally->slot_count - 1);
  while (tally->slot[at] && !is_about(&tally->delivery[tally->slot[at] - 1], id, recipient))
    at = (at + 1) & (tally->slot_count - 1);
  return &tally->slot[at];
}

static int grow(struct tally *tally)
{
  size_t larger = tally->size ? 2 * tally->size : FIRST_SIZE;
  struct tally_delivery *grown = realloc(tally->delivery, larger * sizeof *grown);
  if (!grown)
    return -ENOMEM;
  tally->delivery = grown;
  uint32_t *slot = calloc(2 * larger, sizeof *slot);
  if (!slot)
    return -ENOMEM;
  free(tally->slot);
  tally->slot = slot;
  tally->slot_count = 2 * larger;
  tally->size = larger;
  for (size_t i = 0; i < tally->count; i++)
    *find_slot(tally, tally->delivery[i].id, tally->delivery[i].recipient) = (uint32_t)i + 1;
  return 0;
}

int tally_filed(struct tally *tally, const struct message *message, uint16_t recipient, int64_t now_ms)
{
  if (tally->count == tally->size && grow(tally))
    return -ENOMEM;
  tally->delivery[tally->count++] = (struct tally_delivery){.id = message->id,
                                                            .recipient = recipient,
                                                            .precedence = message->precedence,
                                                            .filed_ms = now_ms,
                                                            .expires_ms = now_ms + message_lifetime_ms(message),
                                                            .arrived_ms = -1};
  *find_slot(tally, message->id, recipient) = (uint32_t)tally->count;
  return 0;
}

static struct tally_delivery *find(struct tally *tally, struct message_id id, uint16_t recipient)
{
  uint32_t index = tally->count ? *find_slot(tally, id, recipient) : 0;
  return index ? &tally->delivery[index - 1] : NULL;
}

void tally_arrived(struct tally *tally, struct message_id id, uint16_t recipient, int64_t now_ms)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (!delivery)
    tally->forged++;
  else if (delivery->arrived_ms < 0)
    delivery->arrived_ms = now_ms;
}

void tally_shown(struct tally *tally, struct message_id id, uint16_t recipient)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (delivery)
    delivery->shown++;
}

void tally_sent(struct tally *tally, unsigned channel, enum node_purpose purpose, int64_t air_ms)
{
  tally->bursts++;
  tally->air_ms[channel][purpose] += air_ms;
}

void tally_ended(struct tally *tally, struct message_id id, uint16_t recipient, enum delivery_state state)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (delivery)
    delivery->state = (uint8_t)state;
}

void tally_held(struct tally *tally, struct message_id id, uint16_t recipient)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (delivery)
    delivery->is_held = 1;
}

void tally_routing_at(struct tally *tally, int64_t routing_ms)
{
  if (routing_ms > tally->worst_routing_ms)
    tally->worst_routing_ms = routing_ms;
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int had_power(const struct scenario *scenario, const struct tally_delivery *delivery)
{
  int64_t until_ms = earlier(delivery->filed_ms + EXPECTED_MS, scenario->length_ms);
  if (delivery->arrived_ms >= 0)
    until_ms = earlier(until_ms, delivery->arrived_ms);
  return scenario_keeps_power(scenario, delivery->id.origin, delivery->filed_ms, until_ms) &&
         scenario_keeps_power(scenario, delivery->recipient, delivery->filed_ms, until_ms);
}

int tally_judge(struct tally *tally, const struct links *links)
{
  struct reach *reach = reach_new(links);
  if (!reach)
    return -ENOMEM;
  for (size_t i = 0; i < tally->count; i++) {
    struct tally_delivery *delivery = &tally->delivery[i];
    delivery->is_reachable = (uint8_t)reach_allows(reach, delivery->id.origin, delivery->recipient,
                                                   delivery->filed_ms, delivery->expires_ms);
    delivery->is_powered = (uint8_t)had_power(links->scenario, delivery);
  }
  reach_free(reach);
  return 0;
}

static int is_acked(unsigned state)
{
  return state == DELIVERY_DELIVERED || state == DELIVERY_READ || state == DELIVERY_ACTED;
}

int tally_is_lost(const struct tally_delivery *delivery, int64_t end_ms)
{
  if (delivery->arrived_ms >= 0)
    return 0;
  if (is_acked(delivery->state))
    return 1;
  return delivery->expires_ms > end_ms && !delivery->is_held &&
         delivery_state_rank(delivery->state) <= delivery_state_rank(DELIVERY_CUSTODY);
}

size_t tally_count_lost(const struct tally *tally, int64_t end_ms)
{
  size_t lost = 0;
  for (size_t i = 0; i < tally->count; i++)
    lost += (size_t)tally_is_lost(&tally->delivery[i], end_ms);
  return lost;
}

void tally_wipe(struct tally *tally)
{
  free(tally->delivery);
  free(tally->slot);
  memset(tally, 0, sizeof *tally);
}
