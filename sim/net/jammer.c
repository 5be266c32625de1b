/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a hostile transmitter records and sends. */
#include "sim/net/jammer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/item.h"

#define FLIPPED_BITS_MAX 8
/* Stations number their messages from 1 on, so low numbers are the best guess at what waits for an answer. */
#define GUESSED_COUNTERS 512

void jammer_init(struct jammer *jammer, const struct scenario *scenario, size_t index,
                 const struct directory *directory, struct keyring *keys, uint64_t seed)
{
  memset(jammer, 0, sizeof *jammer);
  jammer->plan = &scenario->jammer[index];
  jammer->radio = &scenario->channel[jammer->plan->channel];
  jammer->directory = directory;
  jammer->keys = keys;
  noise_init(&jammer->dice, seed + index);
}

void jammer_wipe(struct jammer *jammer)
{
  free(jammer->keys);
  jammer->keys = NULL;
}

static unsigned roll(struct jammer *jammer, unsigned below)
{
  unsigned value = (unsigned)(noise_uniform(&jammer->dice) * below);
  return value < below ? value : below - 1;
}

void jammer_hear(struct jammer *jammer, const struct air_burst *burst)
{
  size_t at = jammer->record_count;
  if (at < JAMMER_MEMORY)
    jammer->record_count++;
  else
    at = roll(jammer, JAMMER_MEMORY);
  struct jammer_record *record = &jammer->record[at];
  record->mode = burst->mode;
  record->len = burst->len;
  memcpy(record->bytes, burst->bytes, burst->len);
}

static size_t replay(struct jammer *jammer, uint8_t *mode, uint8_t *bytes)
{
  if (!jammer->record_count)
    return 0;
  const struct jammer_record *record = &jammer->record[roll(jammer, (unsigned)jammer->record_count)];
  *mode = record->mode;
  memcpy(bytes, record->bytes, record->len);
  return record->len;
}

static size_t flip(struct jammer *jammer, uint8_t *mode, uint8_t *bytes)
{
  size_t len = replay(jammer, mode, bytes);
  for (unsigned i = 1 + roll(jammer, FLIPPED_BITS_MAX); len && i > 0; i--)
    bytes[roll(jammer, (unsigned)len)] ^= (uint8_t)(1u << roll(jammer, 8));
  return len;
}

static size_t garbage(struct jammer *jammer, uint8_t *mode, uint8_t *bytes)
{
  *mode = (uint8_t)roll(jammer, (unsigned)jammer->radio->mode_count);
  const struct link_mode *link = &jammer->radio->mode[*mode]->link;
  size_t len = link_mode_padded(link, 1 + roll(jammer, link->max_bytes));
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)roll(jammer, 256);
  /* Something that looks like a frame of the network gets further than anything else. */
  bytes[0] &= 0x0f;
  bytes[1] = (uint8_t)(1 + roll(jammer, 250));
  return len;
}

/* An enemy has no window: whatever it hears is new to it. */
static const struct replay_window *any_window(void *context, uint16_t station)
{
  static const struct replay_window fresh = {0};
  (void)context;
  (void)station;
  return &fresh;
}

/* Takes over what somebody said to all.  Returns 0 when the record is not such a burst. */
static int read_to_all(struct jammer *jammer, const struct jammer_record *record, struct frame *frame)
{
  return frame_is_hop(record->bytes, record->len) &&
         !frame_open(jammer->keys, record->bytes, record->len, any_window, NULL, frame);
}

static void write_ack(struct jammer *jammer, struct frame *frame)
{
  struct bit_writer writer;
  struct ack ack = {.code = ACK_DELIVERED, .counter = (uint16_t)(1 + roll(jammer, GUESSED_COUNTERS))};
  bits_writer_init(&writer, frame->plain, sizeof frame->plain);
  ack_encode(&ack, &writer);
  bits_put_align(&writer);
  frame->is_short = 1;
  frame->len = bits_put_len(&writer);
}

static uint16_t other_station(struct jammer *jammer)
{
  return jammer->directory->entry[roll(jammer, jammer->directory->count)].number;
}

/* Seals, with zeros in the frame up to the end of the last modem frame, as stations do. */
static size_t seal_padded(struct jammer *jammer, const struct link_mode *mode, struct frame *frame, uint8_t *bytes)
{
  int len = frame_seal(jammer->keys, frame, bytes);
  if (len <= 0)
    return 0;
  frame->len += link_mode_padded(mode, (size_t)len) - (size_t)len;
  len = frame_seal(jammer->keys, frame, bytes);
  return len > 0 ? (size_t)len : 0;
}

/* Seals under the hop key in another's name, far ahead of its counter: what every holder of that key can do. */
static size_t forge(struct jammer *jammer, uint8_t *mode, uint8_t *bytes)
{
  struct frame frame = {0};
  struct jammer_record *record = &jammer->record[roll(jammer, JAMMER_MEMORY)];
  uint16_t self = jammer->keys->self;
  *mode = record->mode;
  if (!record->len || !read_to_all(jammer, record, &frame)) {
    *mode = 0;
    write_ack(jammer, &frame);
  }
  frame.source = jammer->keys->self = other_station(jammer);
  frame.dest = FRAME_TO_ALL;
  frame.counter = 1 + roll(jammer, INT32_MAX);
  size_t len = seal_padded(jammer, &jammer->radio->mode[*mode]->link, &frame, bytes);
  jammer->keys->self = self;
  return len;
}

size_t jammer_make(struct jammer *jammer, uint8_t *mode, uint8_t bytes[LINK_BURST_MAX])
{
  switch (jammer->plan->kind) {
  case JAMMER_REPLAY:
    return replay(jammer, mode, bytes);
  case JAMMER_FLIP:
    return flip(jammer, mode, bytes);
  case JAMMER_GARBAGE:
    return garbage(jammer, mode, bytes);
  case JAMMER_STOLEN:
    return forge(jammer, mode, bytes);
  default:
    return 0;
  }
}
