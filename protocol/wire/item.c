/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items inside a frame: heads of messages and acknowledgements. */
#include "protocol/wire/item.h"

#include <errno.h>

#include "protocol/wire/identity.h"
#include "protocol/wire/piece_run.h"
#include "protocol/wire/snr.h"

#define CODE_BITS 3
#define COUNTER_BITS 32
#define COUNTER_LOW_BITS 16
#define LACKS_BITS 8
#define LACKS_MAX (BUNDLE_MAX / PIECE_LEN)
#define SECONDS_BITS 8

void item_head_encode(const struct item_head *head, uint32_t frame_counter, struct bit_writer *out)
{
  bits_put(out, head->type, ITEM_TYPE_BITS);
  counter_encode(head->counter, frame_counter, out);
  bits_put(out, head->age_min > 0, 1);
  bits_put(out, head->precedence, 2);
  if (head->age_min)
    bits_put(out, head->age_min, 16);
}

int item_head_decode(struct item_head *out, uint8_t type, uint32_t frame_counter, struct bit_reader *in)
{
  struct item_head head = {.type = type};
  if (counter_decode(&head.counter, frame_counter, in))
    return -EBADMSG;
  uint32_t has_age = bits_get(in, 1);
  head.precedence = (uint8_t)bits_get(in, 2);
  if (has_age)
    head.age_min = (uint16_t)bits_get(in, 16);
  if (in->underflow)
    return -EBADMSG;
  *out = head;
  return 0;
}

void ack_encode(const struct ack *ack, struct bit_writer *out)
{
  int has_origin = ack->origin != STATION_NONE;
  bits_put(out, ITEM_ACK, ITEM_TYPE_BITS);
  bits_put(out, ack->code, CODE_BITS);
  bits_put(out, ack->counter, COUNTER_LOW_BITS);
  snr_encode(ack->snr_cb, out);
  bits_put(out, (uint32_t)has_origin, 1);
  if (has_origin)
    station_encode(ack->origin, out);
  if (ack->code == ACK_LACKS)
    bits_put(out, ack->lacks, LACKS_BITS);
}

static int get_lacks(struct ack *ack, struct bit_reader *in)
{
  if (ack->code != ACK_LACKS)
    return 0;
  ack->lacks = (uint8_t)bits_get(in, LACKS_BITS);
  return ack->lacks >= 1 && ack->lacks <= LACKS_MAX ? 0 : -EBADMSG;
}

int ack_decode(struct ack *out, struct bit_reader *in)
{
  struct ack ack = {.origin = STATION_NONE};
  ack.code = (uint8_t)bits_get(in, CODE_BITS);
  ack.counter = (uint16_t)bits_get(in, COUNTER_LOW_BITS);
  ack.snr_cb = snr_decode(in);
  int has_origin = (int)bits_get(in, 1);
  if (in->underflow || (has_origin && station_decode_one(&ack.origin, in)) || get_lacks(&ack, in))
    return -EBADMSG;
  *out = ack;
  return 0;
}

void proof_item_encode(const struct proof_item *item, uint16_t source, uint32_t frame_counter, struct bit_writer *out)
{
  bits_put(out, ITEM_PROOF, ITEM_TYPE_BITS);
  identity_encode(item->origin, item->counter, source, frame_counter, out);
  bits_put_align(out);
  bits_put_bytes(out, item->proof, sizeof item->proof);
}

int proof_item_decode(struct proof_item *out, uint16_t source, uint32_t frame_counter, struct bit_reader *in)
{
  struct proof_item item;
  if (identity_decode(&item.origin, &item.counter, source, frame_counter, in))
    return -EBADMSG;
  bits_get_align(in);
  bits_get_bytes(in, item.proof, sizeof item.proof);
  if (in->underflow)
    return -EBADMSG;
  *out = item;
  return 0;
}

void counter_item_encode(const struct counter_item *item, struct bit_writer *out)
{
  bits_put(out, ITEM_COUNTER, ITEM_TYPE_BITS);
  bits_put(out, item->counter, COUNTER_BITS);
  bits_put(out, item->echo, COUNTER_LOW_BITS);
}

int counter_item_decode(struct counter_item *out, struct bit_reader *in)
{
  struct counter_item item;
  item.counter = bits_get(in, COUNTER_BITS);
  item.echo = (uint16_t)bits_get(in, COUNTER_LOW_BITS);
  if (in->underflow || !item.counter)
    return -EBADMSG;
  *out = item;
  return 0;
}

void poll_item_encode(const struct poll_item *item, struct bit_writer *out)
{
  bits_put(out, ITEM_POLL, ITEM_TYPE_BITS);
  bits_put(out, item->seconds, SECONDS_BITS);
}

int poll_item_decode(struct poll_item *out, struct bit_reader *in)
{
  uint8_t seconds = (uint8_t)bits_get(in, SECONDS_BITS);
  if (!seconds) /* short, or no time at all */
    return -EBADMSG;
  out->seconds = seconds;
  return 0;
}
