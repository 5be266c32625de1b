/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes and reads beacons and the metrics of the routes in them. */
#include "protocol/wire/beacon.h"

#include <assert.h>
#include <errno.h>

#include "protocol/wire/item.h"

#define FLAG_BITS 3 /* of an entry */
#define SEQ_BITS 8
#define METRIC_BITS 8
#define COUNT_BITS 6

#define STEPS_PER_OCTAVE 12

/* 20 ms x 2^(i/12) x 2^16, rounded: the one octave that all others are shifted from, so that no implementation needs
 * floating point. */
static const uint32_t octave[STEPS_PER_OCTAVE] = {1310720, 1388659, 1471233, 1558718, 1651404, 1749601,
                                                  1853638, 1963861, 2080638, 2204359, 2335438, 2474310};

uint32_t metric_decode(uint8_t code)
{
  if (code == METRIC_UNREACHABLE)
    return UINT32_MAX;
  return (uint32_t)((uint64_t)octave[code % STEPS_PER_OCTAVE] << code / STEPS_PER_OCTAVE >> 16);
}

uint8_t metric_encode(uint32_t airtime_ms)
{
  unsigned low = 0, high = METRIC_UNREACHABLE;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (metric_decode((uint8_t)middle) < airtime_ms)
      low = middle + 1;
    else
      high = middle;
  }
  return (uint8_t)low;
}

static int tells_seq(const struct beacon_entry *entry)
{
  return entry->has_route && entry->metric != METRIC_UNREACHABLE;
}

size_t beacon_entry_bits(const struct beacon_entry *entry)
{
  size_t bits = station_len(entry->station) * 8u + FLAG_BITS;
  if (entry->has_snr)
    bits += SNR_BITS;
  if (entry->has_route)
    bits += METRIC_BITS;
  if (tells_seq(entry))
    bits += SEQ_BITS;
  if (entry->wants)
    bits += 1;
  if (entry->wants == BEACON_WANTS_NEWER)
    bits += SEQ_BITS;
  return bits;
}

static void entry_encode(const struct beacon_entry *entry, struct bit_writer *out)
{
  assert(station_is_valid(entry->station) && (entry->has_snr || entry->has_route || entry->wants));
  station_encode(entry->station, out);
  bits_put(out, entry->has_snr != 0, 1);
  bits_put(out, entry->has_route != 0, 1);
  bits_put(out, entry->wants != BEACON_WANTS_NOTHING, 1);
  if (entry->has_snr)
    snr_encode(entry->snr_cb, out);
  if (entry->has_route)
    bits_put(out, entry->metric, METRIC_BITS);
  if (tells_seq(entry))
    bits_put(out, entry->seq, SEQ_BITS);
  if (entry->wants)
    bits_put(out, entry->wants == BEACON_WANTS_NEWER, 1);
  if (entry->wants == BEACON_WANTS_NEWER)
    bits_put(out, entry->want_seq, SEQ_BITS);
}

void beacon_encode(const struct beacon *beacon, struct bit_writer *out)
{
  assert(beacon->entry_count <= BEACON_ENTRIES_MAX);
  bits_put(out, ITEM_BEACON, ITEM_TYPE_BITS);
  bits_put(out, beacon->started != 0, 1);
  bits_put(out, beacon->is_mobile != 0, 1);
  bits_put(out, beacon->has_clock != 0, 1);
  bits_put(out, beacon->digest, 16);
  bits_put(out, beacon->version, 8);
  bits_put(out, beacon->seq, SEQ_BITS);
  bits_put(out, (uint32_t)beacon->entry_count, COUNT_BITS);
  for (size_t i = 0; i < beacon->entry_count; i++)
    entry_encode(&beacon->entry[i], out);
}

/* Returns 0 or -EBADMSG. */
static int entry_decode(struct beacon_entry *out, struct bit_reader *in)
{
  struct beacon_entry entry = {.snr_cb = SNR_UNKNOWN, .metric = METRIC_UNREACHABLE};
  if (station_decode(&entry.station, in) || entry.station == STATION_ALL)
    return -EBADMSG;
  entry.has_snr = (uint8_t)bits_get(in, 1);
  entry.has_route = (uint8_t)bits_get(in, 1);
  uint32_t wants = bits_get(in, 1);
  if (entry.has_snr)
    entry.snr_cb = snr_decode(in);
  if (entry.has_route)
    entry.metric = (uint8_t)bits_get(in, METRIC_BITS);
  if (tells_seq(&entry))
    entry.seq = (uint8_t)bits_get(in, SEQ_BITS);
  if (wants)
    entry.wants = bits_get(in, 1) ? BEACON_WANTS_NEWER : BEACON_WANTS_ANY;
  if (entry.wants == BEACON_WANTS_NEWER)
    entry.want_seq = (uint8_t)bits_get(in, SEQ_BITS);
  if (in->underflow || (!entry.has_snr && !entry.has_route && !entry.wants))
    return -EBADMSG;
  *out = entry;
  return 0;
}

int beacon_decode(struct beacon *out, struct bit_reader *in)
{
  struct beacon beacon = {0};
  beacon.started = (uint8_t)bits_get(in, 1);
  beacon.is_mobile = (uint8_t)bits_get(in, 1);
  beacon.has_clock = (uint8_t)bits_get(in, 1);
  beacon.digest = (uint16_t)bits_get(in, 16);
  beacon.version = (uint8_t)bits_get(in, 8);
  beacon.seq = (uint8_t)bits_get(in, SEQ_BITS);
  beacon.entry_count = bits_get(in, COUNT_BITS);
  if (in->underflow)
    return -EBADMSG;
  for (size_t i = 0; i < beacon.entry_count; i++)
    if (entry_decode(&beacon.entry[i], in))
      return -EBADMSG;
  *out = beacon;
  return 0;
}
