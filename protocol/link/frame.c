/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals and opens frames. */
#include "protocol/link/frame.h"

#include <assert.h>
#include <errno.h>

/* First byte: version (2 bits), parity of the hop key's epoch, hop key, short tag, and three bits of the modem. */
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
/* And below it: nothing so old is accepted, but a station restored from a backup must hear that it counts again what
 * it has counted before. */
#define TRIES_BEHIND 8

#define COUNTER_STEP 0x10000 /* the header carries what is below */

struct header {
  uint8_t flags; /* the modem's bits cleared */
  uint8_t len;
  uint16_t source;
  uint16_t counter_low;
};

static size_t tag_len(int is_short)
{
  return is_short ? SIV_TAG_SHORT : SIV_TAG_LONG;
}

static size_t header_len(uint16_t source)
{
  return 3 + station_len(source);
}

size_t frame_len(uint16_t source, size_t len, int is_short)
{
  return header_len(source) + tag_len(is_short) + len;
}

static void put_header(const struct frame *frame, uint8_t flags, uint8_t *out)
{
  struct bit_writer writer;
  bits_writer_init(&writer, out, header_len(frame->source));
  bits_put(&writer, flags, 8);
  station_encode(frame->source, &writer);
  bits_put(&writer, frame->counter & 0xffff, 16);
}

int frame_seal(struct keyring *keyring, const struct frame *frame, uint8_t *out)
{
  const struct hop_key *hop = frame->dest == FRAME_TO_ALL ? &keyring->hop[KEYRING_CURRENT] : NULL;
  const struct seal_key *key = hop ? &hop->key : keyring_pair(keyring, frame->dest);
  size_t len = frame_len(frame->source, frame->len, frame->is_short);
  assert(frame->source == keyring->self && len <= LINK_BURST_MAX);
  if (!key)
    return -ENOENT;
  uint32_t epoch = hop ? hop->epoch : 0;
  uint8_t flags = (uint8_t)(FRAME_VERSION << VERSION_SHIFT | (epoch & 1 ? FLAG_EPOCH : 0) | (hop ? FLAG_HOP : 0) |
                            (frame->is_short ? FLAG_SHORT : 0));
  struct siv_context context = {flags, frame->source, frame->dest, epoch, frame->counter};
  put_header(frame, flags, out);
  siv_seal(key, &context, tag_len(frame->is_short), frame->plain, frame->len, out + header_len(frame->source));
  return (int)len;
}

int frame_is_hop(const uint8_t *buf, size_t len)
{
  return len > 0 && (buf[0] & FLAG_HOP);
}

static int get_header(struct header *out, const uint8_t *buf, size_t len)
{
  struct bit_reader reader;
  bits_reader_init(&reader, buf, len);
  out->flags = bits_get(&reader, 8) & (uint8_t)~MODEM_BITS;
  if (station_decode(&out->source, &reader) || out->source == STATION_ALL)
    return -ENOENT;
  out->counter_low = (uint16_t)bits_get(&reader, 16);
  out->len = (uint8_t)header_len(out->source);
  return reader.underflow ? -EBADMSG : 0;
}

uint16_t frame_source(const uint8_t *buf, size_t len)
{
  struct header header;
  return get_header(&header, buf, len) ? STATION_NONE : header.source;
}

/* What can be refused without a key. */
static int check_outside(const uint8_t *buf, size_t len, struct header *header)
{
  if (len < FRAME_MIN_LEN || len > LINK_BURST_MAX)
    return -EBADMSG;
  if (buf[0] >> VERSION_SHIFT != FRAME_VERSION || (buf[0] & (FLAG_EPOCH | FLAG_HOP)) == FLAG_EPOCH)
    return -EPROTONOSUPPORT;
  int is_short = (buf[0] & FLAG_SHORT) != 0;
  if (is_short && len > FRAME_SHORT_MAX)
    return -EPERM;
  int err = get_header(header, buf, len);
  if (err)
    return err;
  return len < frame_len(header->source, 1, is_short) ? -EBADMSG : 0;
}

/* The counter nearest to top whose low half is low. */
static uint32_t nearest_counter(uint32_t top, uint16_t low)
{
  int64_t nearest = (int64_t)top + (int16_t)(low - (uint16_t)top);
  if (nearest < 0)
    return (uint32_t)(nearest + COUNTER_STEP);
  return (uint32_t)(nearest > UINT32_MAX ? nearest - COUNTER_STEP : nearest);
}

static unsigned count_tries(const struct replay_window *window, int is_short)
{
  if (is_short)
    return TRIES_SHORT;
  return window->top ? TRIES_KNOWN : TRIES_FIRST_CONTACT;
}

/* Near the hint only: before first contact. */
static unsigned count_hinted_tries(const struct replay_window *window, int is_short)
{
  if (window->top || !window->hint)
    return 0;
  return is_short ? TRIES_SHORT : TRIES_KNOWN;
}

/* A frame on its way to be opened: the counter and the key are sought for. */
struct attempt {
  const struct replay_window *window;
  const uint8_t *sealed;
  size_t sealed_len;
  uint32_t nearest;
  struct siv_context context;
  struct frame frame;
};

static int opens_with(struct attempt *attempt, const struct seal_key *key, uint32_t counter)
{
  attempt->context.counter = attempt->frame.counter = counter;
  return !siv_open(key, &attempt->context, tag_len(attempt->frame.is_short), attempt->sealed, attempt->sealed_len,
                   attempt->frame.plain);
}

static int try_hint(struct attempt *attempt, const struct seal_key *key)
{
  const struct replay_window *window = attempt->window;
  uint32_t counter = nearest_counter(window->hint, (uint16_t)attempt->nearest);
  for (unsigned up = count_hinted_tries(window, attempt->frame.is_short); up > 0; up--, counter += COUNTER_STEP)
    if (opens_with(attempt, key, counter))
      return 1;
  return 0;
}

static int try_counters(struct attempt *attempt, const struct seal_key *key, uint32_t epoch)
{
  uint32_t counter = attempt->nearest;
  unsigned up = count_tries(attempt->window, attempt->frame.is_short);
  unsigned down = attempt->frame.is_short ? 0 : TRIES_BEHIND;
  attempt->context.epoch = epoch;
  if (try_hint(attempt, key))
    return 1;
  if (!attempt->window->top && attempt->window->hint && attempt->window->is_hurried)
    return 0;
  for (; up > 0 && counter >= attempt->nearest; up--, counter += COUNTER_STEP)
    if (opens_with(attempt, key, counter))
      return 1;
  for (counter = attempt->nearest; down > 0 && counter >= COUNTER_STEP; down--)
    if (opens_with(attempt, key, counter -= COUNTER_STEP))
      return 1;
  return 0;
}

static int try_hop_keys(struct attempt *attempt, const struct keyring *keyring)
{
  uint32_t parity = attempt->context.flags & FLAG_EPOCH ? 1 : 0;
  for (uint8_t i = 0; i < KEYRING_EPOCH_COUNT; i++) {
    const struct hop_key *hop = &keyring->hop[i];
    attempt->frame.epoch_is = i;
    if (hop->is_set && (hop->epoch & 1) == parity && try_counters(attempt, &hop->key, hop->epoch))
      return 0;
  }
  return -EKEYREJECTED;
}

static int try_pair_key(struct attempt *attempt, struct keyring *keyring)
{
  const struct seal_key *key = keyring_pair(keyring, attempt->frame.source);
  attempt->frame.epoch_is = FRAME_EPOCH_CURRENT;
  return key && try_counters(attempt, key, 0) ? 0 : -EADDRNOTAVAIL;
}

int frame_open(struct keyring *keyring, const uint8_t *buf, size_t len, frame_window_fn *window, void *context,
               struct frame *out)
{
  struct header header;
  int err = check_outside(buf, len, &header);
  if (err)
    return err;
  const struct replay_window *seen = keyring_has_peer(keyring, header.source) ? window(context, header.source) : NULL;
  if (!seen)
    return -ENOENT;
  struct attempt attempt = {.window = seen,
                            .sealed = buf + header.len,
                            .sealed_len = len - header.len,
                            .nearest = nearest_counter(seen->top, header.counter_low)};
  struct frame *frame = &attempt.frame;
  frame->source = header.source;
  frame->dest = header.flags & FLAG_HOP ? FRAME_TO_ALL : keyring->self;
  frame->is_short = (header.flags & FLAG_SHORT) != 0;
  frame->len = len - frame_len(header.source, 0, frame->is_short);
  attempt.context = (struct siv_context){.flags = header.flags, .source = frame->source, .dest = frame->dest};
  err = frame->dest == FRAME_TO_ALL ? try_hop_keys(&attempt, keyring) : try_pair_key(&attempt, keyring);
  if (err)
    return err;
  *out = *frame;
  return replay_is_fresh(seen, frame->counter) ? 0 : -EALREADY;
}
