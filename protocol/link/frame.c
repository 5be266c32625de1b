/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals and opens frames. */
#include "protocol/link/frame.h"

#include <assert.h>
#include <errno.h>

/* First byte: version (2 bits), parity of the key epoch, hop key, short tag, and three bits of the modem. */
#define FLAG_EPOCH 0x20
#define FLAG_HOP 0x10
#define FLAG_SHORT 0x08
#define MODEM_BITS 0x07
#define VERSION_SHIFT 6

/* How many values of the upper counter half are tried above the likely one.  A station never heard before may have
 * counted far; one that we know can only have run away while we were deaf.  With a short tag every try is a gift to a
 * forger, so there are few. */
#define TRIES_FIRST_CONTACT 256
#define TRIES_KNOWN 8
#define TRIES_SHORT 2

size_t frame_len(size_t len, int is_short)
{
  return FRAME_HEADER_LEN + (is_short ? SIV_TAG_SHORT : SIV_TAG_LONG) + len;
}

static const struct seal_key *find_key(const struct keyring *keyring, uint16_t peer, int hop)
{
  if (hop)
    return &keyring->hop;
  return peer <= DIRECTORY_MAX_STATIONS && keyring->has_pair[peer] ? &keyring->pair[peer] : NULL;
}

int frame_seal(const struct keyring *keyring, const struct frame *frame, uint8_t *out)
{
  int hop = frame->dest == FRAME_TO_ALL;
  const struct seal_key *key = find_key(keyring, frame->dest, hop);
  assert(frame->source == keyring->self && frame->len <= FRAME_PLAIN_MAX);
  if (!key)
    return -ENOENT;
  out[0] = (uint8_t)(FRAME_VERSION << VERSION_SHIFT | (keyring->epoch & 1 ? FLAG_EPOCH : 0) | (hop ? FLAG_HOP : 0) |
                     (frame->is_short ? FLAG_SHORT : 0));
  out[1] = (uint8_t)frame->source;
  out[2] = (uint8_t)(frame->counter >> 8);
  out[3] = (uint8_t)frame->counter;
  struct siv_context context = {out[0], frame->source, frame->dest, keyring->epoch, frame->counter};
  siv_seal(key, &context, frame->is_short ? SIV_TAG_SHORT : SIV_TAG_LONG, frame->plain, frame->len,
           out + FRAME_HEADER_LEN);
  return (int)frame_len(frame->len, frame->is_short);
}

/* The counter nearest to top whose low half is low. */
static uint32_t nearest_counter(uint32_t top, uint16_t low)
{
  int16_t step = (int16_t)(low - (uint16_t)top);
  if (step < 0 && top < (uint32_t)-step)
    return low;
  return top + (uint32_t)(int32_t)step;
}

static unsigned count_tries(const struct replay_window *window, int is_short)
{
  if (is_short)
    return TRIES_SHORT;
  return window->top ? TRIES_KNOWN : TRIES_FIRST_CONTACT;
}

static int try_counters(const struct keyring *keyring, const struct seal_key *key, const uint8_t *buf, size_t len,
                        const struct replay_window *window, struct frame *out)
{
  uint32_t counter = nearest_counter(window->top, (uint16_t)(buf[2] << 8 | buf[3]));
  size_t tag_len = out->is_short ? SIV_TAG_SHORT : SIV_TAG_LONG;
  struct siv_context context = {buf[0] & (uint8_t)~MODEM_BITS, out->source, out->dest, keyring->epoch, counter};
  for (unsigned tries = count_tries(window, out->is_short); tries > 0; tries--, context.counter += 0x10000)
    if (!siv_open(key, &context, tag_len, buf + FRAME_HEADER_LEN, len - FRAME_HEADER_LEN, out->plain)) {
      out->counter = context.counter;
      return 0;
    }
  return -EKEYREJECTED;
}

int frame_is_hop(const uint8_t *buf, size_t len)
{
  return len > 0 && (buf[0] & FLAG_HOP);
}

int frame_open(const struct keyring *keyring, const uint8_t *buf, size_t len, frame_window_fn *window, void *context,
               struct frame *out)
{
  if (len < FRAME_MIN_LEN || len > LINK_BURST_MAX)
    return -EBADMSG;
  if (buf[0] >> VERSION_SHIFT != FRAME_VERSION)
    return -EPROTONOSUPPORT;
  struct frame frame;
  int hop = (buf[0] & FLAG_HOP) != 0;
  frame.source = buf[1];
  frame.dest = hop ? FRAME_TO_ALL : keyring->self;
  frame.is_short = (buf[0] & FLAG_SHORT) != 0;
  if (frame.is_short && len > FRAME_SHORT_MAX)
    return -EPERM;
  if (!frame.is_short && len < FRAME_HEADER_LEN + SIV_TAG_LONG + 1)
    return -EBADMSG;
  const struct replay_window *seen = window(context, frame.source);
  const struct seal_key *key = find_key(keyring, frame.source, hop);
  if (!seen || !key || frame.source == keyring->self)
    return -ENOENT;
  frame.len = len - frame_len(0, frame.is_short);
  int err = (keyring->epoch & 1) == ((buf[0] & FLAG_EPOCH) != 0) ? try_counters(keyring, key, buf, len, seen, &frame)
                                                                 : -EKEYREJECTED;
  if (err)
    return hop ? err : -EADDRNOTAVAIL;
  *out = frame;
  return replay_is_fresh(seen, frame.counter) ? 0 : -EALREADY;
}
