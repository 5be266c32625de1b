/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The item that carries pieces of a bundle which does not fit a burst. */
#include "protocol/wire/piece_run.h"

#include <assert.h>
#include <errno.h>

#include "protocol/wire/item.h"

#define FIRST_BITS 8
#define COUNT_BITS 6

static int count_is_valid(unsigned first, unsigned count)
{
  return count >= 1 && count <= PIECE_RUN_MAX && first + count - 1 <= PIECE_INDEX_MAX;
}

void piece_run_encode(const struct piece_run *run, uint16_t source, uint32_t frame_counter, struct bit_writer *out)
{
  assert(count_is_valid(run->first, run->count));
  bits_put(out, ITEM_PIECES, ITEM_TYPE_BITS);
  bundle_head_encode(&run->head, source, frame_counter, out);
  bits_put(out, run->first, FIRST_BITS);
  bits_put(out, run->count, COUNT_BITS);
  bits_put_align(out);
  bits_put_bytes(out, run->piece[0], (size_t)run->count * PIECE_LEN);
}

int piece_run_decode(struct piece_run *out, uint16_t source, uint32_t frame_counter, struct bit_reader *in)
{
  struct bundle_head head;
  if (bundle_head_decode(&head, source, frame_counter, in))
    return -EBADMSG;
  uint8_t first = (uint8_t)bits_get(in, FIRST_BITS);
  uint8_t count = (uint8_t)bits_get(in, COUNT_BITS);
  if (in->underflow || !count_is_valid(first, count))
    return -EBADMSG;
  bits_get_align(in);
  size_t len = (size_t)count * PIECE_LEN;
  if (bits_left(in) / 8 < len)
    return -EBADMSG;
  out->head = head;
  out->first = first;
  out->count = count;
  bits_get_bytes(in, out->piece[0], len);
  return 0;
}
