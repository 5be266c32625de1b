/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a message is named on air: by its originator and its counter, which shrink when the frame is the originator's.
 */
#include "protocol/wire/identity.h"

#include <assert.h>
#include <errno.h>

#define BACK_BITS 3
#define BACK_EXPLICIT 7 /* a longer distance follows: one bit, and 15 or 31 bits */
#define NEAR_BITS 15
#define FAR_BITS 31
#define WIDTH_BITS 2 /* bytes of a counter in full, less one */

static int is_far(uint32_t distance, unsigned bits)
{
  return distance >> bits != 0;
}

/* A coordinator on the air all day draws some 20,000 counters; a message may wait a month. */
void counter_encode(uint32_t counter, uint32_t frame_counter, struct bit_writer *out)
{
  uint32_t back = frame_counter - counter;
  assert(!is_far(back, FAR_BITS));
  if (back < BACK_EXPLICIT) {
    bits_put(out, back, BACK_BITS);
    return;
  }
  int far = is_far(back, NEAR_BITS);
  bits_put(out, BACK_EXPLICIT, BACK_BITS);
  bits_put(out, (uint32_t)far, 1);
  bits_put(out, back, far ? FAR_BITS : NEAR_BITS);
}

int counter_decode(uint32_t *out, uint32_t frame_counter, struct bit_reader *in)
{
  uint32_t back = bits_get(in, BACK_BITS);
  if (back == BACK_EXPLICIT)
    back = bits_get(in, bits_get(in, 1) ? FAR_BITS : NEAR_BITS);
  if (in->underflow || back >= frame_counter)
    return -EBADMSG;
  *out = frame_counter - back;
  return 0;
}

static unsigned bytes_of(uint32_t counter)
{
  unsigned bytes = 1;
  while (counter >>= 8)
    bytes++;
  return bytes;
}

/* A station whose memory was restored from an old copy may hold messages of its own with higher counters than its
 * frames have: these go in full. */
void identity_encode(uint16_t origin, uint32_t counter, uint16_t source, uint32_t frame_counter,
                     struct bit_writer *out)
{
  assert(counter);
  int is_own = origin == source && counter <= frame_counter && !is_far(frame_counter - counter, FAR_BITS);
  bits_put(out, (uint32_t)is_own, 1);
  if (is_own) {
    counter_encode(counter, frame_counter, out);
    return;
  }
  unsigned bytes = bytes_of(counter);
  station_encode(origin, out);
  bits_put(out, bytes - 1, WIDTH_BITS);
  bits_put(out, counter, bytes * 8);
}

int identity_decode(uint16_t *origin, uint32_t *counter, uint16_t source, uint32_t frame_counter,
                    struct bit_reader *in)
{
  if (bits_get(in, 1)) {
    if (counter_decode(counter, frame_counter, in))
      return -EBADMSG;
    *origin = source;
    return 0;
  }
  uint16_t station;
  if (station_decode_one(&station, in))
    return -EBADMSG;
  unsigned bytes = bits_get(in, WIDTH_BITS) + 1;
  uint32_t value = bits_get(in, bytes * 8);
  if (in->underflow || !value)
    return -EBADMSG;
  *origin = station;
  *counter = value;
  return 0;
}
