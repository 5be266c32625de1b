/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items inside a frame: heads of messages and acknowledgements. */
#include "protocol/wire/item.h"

#include <assert.h>
#include <errno.h>

#include "protocol/wire/snr.h"

#define TYPE_BITS 4
#define BACK_BITS 3
#define BACK_EXPLICIT 7 /* a longer distance follows: one bit, and 15 or 31 bits */
#define NEAR_BITS 15
#define FAR_BITS 31

/* A coordinator on the air all day draws some 20,000 counters; a message may wait a month. */
static void put_distance(uint32_t back, struct bit_writer *out)
{
  uint32_t far = back >> NEAR_BITS;
  assert(!(back >> FAR_BITS));
  bits_put(out, far != 0, 1);
  bits_put(out, back, far ? FAR_BITS : NEAR_BITS);
}

static uint32_t get_distance(struct bit_reader *in)
{
  return bits_get(in, bits_get(in, 1) ? FAR_BITS : NEAR_BITS);
}

void item_head_encode(const struct item_head *head, uint32_t frame_counter, struct bit_writer *out)
{
  uint32_t back = frame_counter - head->counter;
  bits_put(out, head->type, TYPE_BITS);
  bits_put(out, back < BACK_EXPLICIT ? back : BACK_EXPLICIT, BACK_BITS);
  bits_put(out, head->age_min > 0, 1);
  bits_put(out, head->precedence, 2);
  if (back >= BACK_EXPLICIT)
    put_distance(back, out);
  if (head->age_min)
    bits_put(out, head->age_min, 16);
}

int item_head_decode(struct item_head *out, uint8_t type, uint32_t frame_counter, struct bit_reader *in)
{
  struct item_head head = {.type = type};
  uint32_t back = bits_get(in, BACK_BITS);
  uint32_t has_age = bits_get(in, 1);
  head.precedence = (uint8_t)bits_get(in, 2);
  if (back == BACK_EXPLICIT)
    back = get_distance(in);
  if (has_age)
    head.age_min = (uint16_t)bits_get(in, 16);
  if (in->underflow || back >= frame_counter)
    return -EBADMSG;
  head.counter = frame_counter - back;
  *out = head;
  return 0;
}

void ack_encode(const struct ack *ack, struct bit_writer *out)
{
  bits_put(out, ITEM_ACK, TYPE_BITS);
  bits_put(out, ack->code, 3);
  bits_put(out, ack->counter, 16);
  snr_encode(ack->snr_cb, out);
}

int ack_decode(struct ack *out, struct bit_reader *in)
{
  struct ack ack;
  ack.code = (uint8_t)bits_get(in, 3);
  ack.counter = (uint16_t)bits_get(in, 16);
  ack.snr_cb = snr_decode(in);
  if (in->underflow || ack.code >= ACK_CODE_COUNT)
    return -EBADMSG;
  *out = ack;
  return 0;
}
