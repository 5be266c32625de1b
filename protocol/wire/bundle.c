/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes through stations that are not its recipient: heads of bundles, whole bundles, and lists of them. */
#include "protocol/wire/bundle.h"

#include <assert.h>
#include <errno.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/identity.h"
#include "protocol/wire/item.h"

#define KIND_BITS 2
#define PRECEDENCE_BITS 2
#define LIFE_BITS 6
#define JOURNEY_BITS 8
#define AGE_BITS 16
#define LEN_BITS 10
#define LIST_COUNT_BITS 7
#define COUNTER_LOW_BITS 16

/* An alert has its expiry in its body; the time is of no use late. */
static int has_life(unsigned kind)
{
  return kind == BUNDLE_SEALED || kind == BUNDLE_ORDER;
}

/* One bit when it is zero, as the age of what is new and the journey of what is at its start. */
static void put_optional(uint32_t value, unsigned width, struct bit_writer *out)
{
  bits_put(out, value > 0, 1);
  if (value)
    bits_put(out, value, width);
}

static int get_optional(uint32_t *out, unsigned width, struct bit_reader *in)
{
  if (!bits_get(in, 1)) {
    *out = 0;
    return 0;
  }
  *out = bits_get(in, width);
  return *out ? 0 : -EBADMSG;
}

void bundle_head_encode(const struct bundle_head *head, uint16_t source, uint32_t frame_counter,
                        struct bit_writer *out)
{
  assert(head->len >= 1 && head->len <= BUNDLE_MAX);
  bits_put(out, head->kind, KIND_BITS);
  bits_put(out, head->precedence, PRECEDENCE_BITS);
  if (head->kind == BUNDLE_ALERT)
    bits_put(out, head->has_proof, 1);
  identity_encode(head->origin, head->counter, source, frame_counter, out);
  if (head->kind == BUNDLE_SEALED)
    station_encode(head->dest, out);
  if (has_life(head->kind))
    bits_put(out, head->life, LIFE_BITS);
  if (head->kind == BUNDLE_SEALED)
    put_optional(head->journey, JOURNEY_BITS, out);
  put_optional(head->age_min, AGE_BITS, out);
  bits_put(out, head->len - 1u, LEN_BITS);
}

static int get_dest(struct bundle_head *head, struct bit_reader *in)
{
  head->dest = STATION_ALL;
  if (head->kind != BUNDLE_SEALED)
    return 0;
  return station_decode_one(&head->dest, in) || head->dest == head->origin ? -EBADMSG : 0;
}

static int get_life(struct bundle_head *head, struct bit_reader *in)
{
  if (!has_life(head->kind))
    return 0;
  head->life = (uint8_t)bits_get(in, LIFE_BITS);
  return alert_expiry_is_valid(head->life) ? 0 : -EBADMSG;
}

static int get_journey_and_age(struct bundle_head *head, struct bit_reader *in)
{
  uint32_t journey = 0, age;
  if (head->kind == BUNDLE_SEALED && get_optional(&journey, JOURNEY_BITS, in))
    return -EBADMSG;
  if (get_optional(&age, AGE_BITS, in))
    return -EBADMSG;
  head->journey = (uint8_t)journey;
  head->age_min = (uint16_t)age;
  return 0;
}

int bundle_head_decode(struct bundle_head *out, uint16_t source, uint32_t frame_counter, struct bit_reader *in)
{
  struct bundle_head head = {0};
  head.kind = (uint8_t)bits_get(in, KIND_BITS);
  head.precedence = (uint8_t)bits_get(in, PRECEDENCE_BITS);
  if (head.kind == BUNDLE_ALERT)
    head.has_proof = (uint8_t)bits_get(in, 1);
  if (identity_decode(&head.origin, &head.counter, source, frame_counter, in) || get_dest(&head, in) ||
      get_life(&head, in) || get_journey_and_age(&head, in))
    return -EBADMSG;
  head.len = (uint16_t)(bits_get(in, LEN_BITS) + 1);
  if (in->underflow)
    return -EBADMSG;
  *out = head;
  return 0;
}

void bundle_encode(const struct bundle_head *head, const uint8_t *content, uint16_t source, uint32_t frame_counter,
                   struct bit_writer *out)
{
  bits_put(out, ITEM_BUNDLE, ITEM_TYPE_BITS);
  bundle_head_encode(head, source, frame_counter, out);
  bits_put_align(out);
  bits_put_bytes(out, content, head->len);
}

int bundle_decode(struct bundle_head *out, uint8_t content[BUNDLE_MAX], uint16_t source, uint32_t frame_counter,
                  struct bit_reader *in)
{
  struct bundle_head head;
  if (bundle_head_decode(&head, source, frame_counter, in))
    return -EBADMSG;
  bits_get_align(in);
  if (bits_left(in) / 8 < head.len)
    return -EBADMSG;
  bits_get_bytes(in, content, head.len);
  *out = head;
  return 0;
}

void bundle_list_encode(const struct bundle_list *list, struct bit_writer *out)
{
  assert(list->count <= LIST_NAMES_MAX);
  bits_put(out, ITEM_LIST, ITEM_TYPE_BITS);
  bits_put(out, list->is_complete, 1);
  bits_put(out, (uint32_t)list->count, LIST_COUNT_BITS);
  for (size_t i = 0; i < list->count; i++) {
    station_encode(list->name[i].origin, out);
    bits_put(out, list->name[i].counter_low, COUNTER_LOW_BITS);
  }
}

int bundle_list_decode(struct bundle_list *out, struct bit_reader *in)
{
  struct bundle_list list = {0};
  list.is_complete = (uint8_t)bits_get(in, 1);
  list.count = bits_get(in, LIST_COUNT_BITS);
  if (list.count > LIST_NAMES_MAX)
    return -EBADMSG;
  for (size_t i = 0; i < list.count; i++) {
    if (station_decode_one(&list.name[i].origin, in))
      return -EBADMSG;
    list.name[i].counter_low = (uint16_t)bits_get(in, COUNTER_LOW_BITS);
  }
  if (in->underflow)
    return -EBADMSG;
  *out = list;
  return 0;
}
