/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the beacon decoder: the input is the item, its type first. */
#include "protocol/wire/beacon.h"
#include "tests/fuzz/fuzz.h"

#define TYPE_BITS 4

static int decode(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  bits_get(in, TYPE_BITS);
  return beacon_decode(out, in);
}

static void encode(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  beacon_encode(in, out);
}

static void check_beacon(const struct beacon *beacon)
{
  struct bit_writer writer;
  uint8_t bytes[1024];
  size_t bits = BEACON_HEAD_BITS;
  bits_writer_init(&writer, bytes, sizeof bytes);
  beacon_encode(beacon, &writer);
  FUZZ_CHECK(beacon->entry_count <= BEACON_ENTRIES_MAX);
  for (size_t i = 0; i < beacon->entry_count; i++) {
    const struct beacon_entry *entry = &beacon->entry[i];
    FUZZ_CHECK(station_is_valid(entry->station));
    FUZZ_CHECK(metric_encode(metric_decode(entry->metric)) <= METRIC_UNREACHABLE);
    bits += beacon_entry_bits(entry);
  }
  FUZZ_CHECK(writer.bits == bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct beacon), decode, encode, NULL};
  struct beacon beacon;
  if (!fuzz_codec_check(&codec, data, size, &beacon))
    check_beacon(&beacon);
  return 0;
}
