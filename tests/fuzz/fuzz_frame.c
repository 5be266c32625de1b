/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes frames.  The input: one byte of flags, four bytes of counter, two bytes that choose a bit to turn, then the
 * bytes of a burst.  They are opened as they are; then they are sealed as content, opened, and refused when one bit
 * of them has turned. */
#include <errno.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/stations.h"

#define SENDER 1
#define RECEIVER 2
#define TO_ALL 1
#define SHORT 2

static const struct replay_window *find_window(void *context, uint16_t station)
{
  return station == SENDER ? context : NULL;
}

static void open_as_it_is(struct stations *stations, struct replay_window *window, const struct fuzz_input *in)
{
  struct frame frame;
  if (!frame_open(&stations->keyring[RECEIVER], in->at, in->left, find_window, window, &frame))
    FUZZ_CHECK(frame.source == SENDER && frame.len <= FRAME_PLAIN_MAX);
}

static int seal(struct stations *stations, struct frame *frame, const struct fuzz_input *in,
                uint8_t out[LINK_BURST_MAX])
{
  size_t max = frame->is_short ? FRAME_SHORT_MAX - frame_len(SENDER, 0, 1) : FRAME_PLAIN_MAX - SIV_TAG_LONG;
  frame->len = in->left < max ? in->left : max;
  memcpy(frame->plain, in->at, frame->len);
  if (!frame->len)
    frame->plain[frame->len++] = 0;
  return frame_seal(&stations->keyring[SENDER], frame, out);
}

/* The modem's three bits of the first byte mean nothing here. */
static int bit_counts(size_t bit)
{
  return bit < 5 || bit >= 8;
}

static void seal_and_open(struct stations *stations, struct replay_window *window, struct frame *sent,
                          struct fuzz_input *in, uint32_t bit)
{
  uint8_t bytes[LINK_BURST_MAX];
  struct frame got;
  struct keyring *receiver = &stations->keyring[RECEIVER];
  int len = seal(stations, sent, in, bytes);
  FUZZ_CHECK(len == (int)frame_len(SENDER, sent->len, sent->is_short) && len <= LINK_BURST_MAX);
  FUZZ_CHECK(!frame_open(receiver, bytes, (size_t)len, find_window, window, &got));
  FUZZ_CHECK(got.source == SENDER && got.dest == sent->dest && got.counter == sent->counter);
  FUZZ_CHECK(got.len == sent->len && !memcmp(got.plain, sent->plain, got.len));
  bit %= 8 * (unsigned)len;
  bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  int err = frame_open(receiver, bytes, (size_t)len, find_window, window, &got);
  FUZZ_CHECK(bit_counts(bit) ? err < 0 && err != -EALREADY : !err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct stations *stations;
  if (!stations)
    stations = stations_new(RECEIVER);
  struct fuzz_input in = {data, size};
  uint32_t flags = fuzz_take_number(&in, 1);
  struct frame frame = {.source = SENDER,
                        .dest = flags & TO_ALL ? FRAME_TO_ALL : RECEIVER,
                        .is_short = (flags & SHORT) != 0,
                        .counter = fuzz_take_number(&in, 4)};
  uint32_t bit = fuzz_take_number(&in, 2);
  struct replay_window window = {0};
  frame.counter += !frame.counter;
  if (frame.counter > 1)
    replay_restore(&window, frame.counter - 1);
  open_as_it_is(stations, &window, &in);
  seal_and_open(stations, &window, &frame, &in, bit);
  return 0;
}
