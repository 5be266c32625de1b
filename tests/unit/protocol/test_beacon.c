/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beacons and the metrics in them: what is written comes back, what is not valid is refused. */
#include <errno.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define BEACON_BYTES 512

static void random_entry(uint64_t *random, struct beacon_entry *entry)
{
  *entry = (struct beacon_entry){.snr_cb = SNR_UNKNOWN, .metric = METRIC_UNREACHABLE};
  while (!station_is_valid(entry->station))
    entry->station = (uint16_t)test_random_below(random, STATION_MAX + 1);
  while (!entry->has_snr && !entry->has_route && !entry->wants) {
    entry->has_snr = (uint8_t)test_random_below(random, 2);
    entry->has_route = (uint8_t)test_random_below(random, 2);
    entry->wants = (uint8_t)test_random_below(random, 3);
  }
  if (entry->has_snr)
    entry->snr_cb = (int16_t)(10 * (int)test_random_below(random, 63) - 220);
  if (entry->has_route && test_random_below(random, 4))
    entry->metric = (uint8_t)test_random_below(random, METRIC_UNREACHABLE);
  if (entry->has_route && entry->metric != METRIC_UNREACHABLE)
    entry->seq = (uint8_t)test_random(random);
  if (entry->wants == BEACON_WANTS_NEWER)
    entry->want_seq = (uint8_t)test_random(random);
}

static void random_beacon(uint64_t *random, struct beacon *beacon)
{
  memset(beacon, 0, sizeof *beacon);
  beacon->started = (uint8_t)test_random_below(random, 2);
  beacon->is_mobile = (uint8_t)test_random_below(random, 2);
  beacon->has_clock = (uint8_t)test_random_below(random, 2);
  beacon->digest = (uint16_t)test_random(random);
  beacon->version = (uint8_t)test_random(random);
  beacon->seq = (uint8_t)test_random(random);
  beacon->entry_count = test_random_below(random, BEACON_ENTRIES_MAX + 1);
  for (size_t i = 0; i < beacon->entry_count; i++)
    random_entry(random, &beacon->entry[i]);
}

static int decode(struct beacon *out, const uint8_t *buf, size_t len, size_t *used_bits)
{
  struct bit_reader reader;
  bits_reader_init(&reader, buf, len);
  bits_get(&reader, 4);
  int err = beacon_decode(out, &reader);
  *used_bits = reader.bits;
  return err;
}

static void random_beacons_come_back_and_take_the_bits_foretold(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_beacons_come_back_and_take_the_bits_foretold");
  for (int round = 0; round < 2000; round++) {
    uint8_t buf[BEACON_BYTES];
    struct beacon beacon, read;
    struct bit_writer writer;
    size_t bits = BEACON_HEAD_BITS, used;
    random_beacon(&random, &beacon);
    for (size_t i = 0; i < beacon.entry_count; i++)
      bits += beacon_entry_bits(&beacon.entry[i]);
    bits_writer_init(&writer, buf, sizeof buf);
    beacon_encode(&beacon, &writer);
    assert_false(writer.overflow);
    assert_int_equal(writer.bits, bits);
    assert_int_equal(decode(&read, buf, bits_put_len(&writer), &used), 0);
    assert_int_equal(used, bits);
    assert_memory_equal(&read, &beacon, sizeof read);
  }
}

static void a_beacon_that_ends_early_is_refused_and_leaves_no_trace(void **state)
{
  (void)state;
  uint64_t random = test_seed("a_beacon_that_ends_early_is_refused_and_leaves_no_trace");
  uint8_t buf[BEACON_BYTES];
  struct beacon beacon, read, untouched;
  struct bit_writer writer;
  size_t used;
  random_beacon(&random, &beacon);
  bits_writer_init(&writer, buf, sizeof buf);
  beacon_encode(&beacon, &writer);
  memset(&untouched, 0x5a, sizeof untouched);
  read = untouched;
  for (size_t len = 1; len < bits_put_len(&writer); len++)
    assert_int_equal(decode(&read, buf, len, &used), -EBADMSG);
  assert_memory_equal(&read, &untouched, sizeof read);
}

/* Writes a beacon with one entry by hand. */
static int decode_entry(unsigned station, uint32_t flags)
{
  uint8_t buf[32];
  struct bit_writer writer;
  struct beacon read;
  size_t used;
  bits_writer_init(&writer, buf, sizeof buf);
  bits_put(&writer, ITEM_BEACON, 4);
  bits_put(&writer, 0, 32);
  bits_put(&writer, 0, 3);
  bits_put(&writer, 1, 6);
  bits_put(&writer, station, station > 255 ? 16 : 8);
  bits_put(&writer, flags, 3);
  return decode(&read, buf, sizeof buf, &used);
}

static void entries_about_nobody_or_nothing_are_refused(void **state)
{
  (void)state;
  assert_int_equal(decode_entry(1, 4), 0);
  assert_int_equal(decode_entry(0, 4), -EBADMSG);
  assert_int_equal(decode_entry(STATION_ALL, 4), -EBADMSG);
  assert_int_equal(decode_entry(254 << 8 | 255, 4), 0);
  assert_int_equal(decode_entry(1, 0), -EBADMSG);
}

static void random_bytes_are_read_or_refused(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_are_read_or_refused");
  unsigned understood = 0;
  for (int round = 0; round < 20000; round++) {
    uint8_t buf[64];
    struct beacon read;
    size_t used;
    for (size_t i = 0; i < sizeof buf; i++)
      buf[i] = (uint8_t)test_random(&random);
    buf[5] &= 0x18 | 0xc0; /* at most three entries */
    if (decode(&read, buf, test_random_below(&random, sizeof buf), &used))
      continue;
    understood++;
    assert_true(read.entry_count <= BEACON_ENTRIES_MAX);
    for (size_t i = 0; i < read.entry_count; i++)
      assert_true(station_is_valid(read.entry[i].station));
  }
  assert_true(understood > 100);
}

static void a_beacon_without_entries_fits_the_smallest_modem_frame(void **state)
{
  (void)state;
  assert_true(frame_len((BEACON_HEAD_BITS + 7) / 8, 1) <= FRAME_SHORT_MAX);
}

static void every_code_is_the_code_of_its_metric(void **state)
{
  (void)state;
  for (unsigned code = 0; code < METRIC_UNREACHABLE; code++) {
    uint32_t value = metric_decode((uint8_t)code);
    assert_int_equal(metric_encode(value), code);
    assert_int_equal(metric_encode(value + 1), code + 1);
    assert_true(code < 12 || value / 2 == metric_decode((uint8_t)(code - 12)) ||
                value / 2 == metric_decode((uint8_t)(code - 12)) + 1);
  }
  assert_int_equal(metric_decode(0), 20);
  assert_int_equal(metric_decode(12), 40);
}

static void what_is_beyond_all_metrics_is_unreachable(void **state)
{
  (void)state;
  assert_int_equal(metric_encode(0), 0);
  assert_int_equal(metric_encode(UINT32_MAX), METRIC_UNREACHABLE);
  assert_int_equal(metric_encode(UINT32_MAX - 1), METRIC_UNREACHABLE);
  assert_int_equal(metric_decode(METRIC_UNREACHABLE), UINT32_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_beacons_come_back_and_take_the_bits_foretold),
      cmocka_unit_test(a_beacon_that_ends_early_is_refused_and_leaves_no_trace),
      cmocka_unit_test(entries_about_nobody_or_nothing_are_refused),
      cmocka_unit_test(random_bytes_are_read_or_refused),
      cmocka_unit_test(a_beacon_without_entries_fits_the_smallest_modem_frame),
      cmocka_unit_test(every_code_is_the_code_of_its_metric),
      cmocka_unit_test(what_is_beyond_all_metrics_is_unreachable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
