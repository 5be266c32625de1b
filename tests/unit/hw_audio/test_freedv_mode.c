/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bursts of the soft modem through seeded noise: what arrives, what must not, and what must not block the receiver.
 */
#include "test_support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "hw/audio/ether_wire.h"
#include "hw/modem/freedv_mode.h"

#define GAP 1600 /* 200 ms */
#define BURSTS_MAX 64

enum { DATAC0, DATAC3 };

/* A recording under way, and what the receiver made of it. */
struct bench {
  struct noise noise;
  struct modem_mode mode;
  struct freedv_tx *tx;
  struct freedv_rx *rx;
  double snr_db;
  int16_t *chunk;
  size_t sent_count, heard_count;
  uint8_t sent[BURSTS_MAX][MODEM_BURST_MAX];
  struct freedv_burst heard[BURSTS_MAX];
};

/* What to do to one chunk of a burst: replace it by noise. */
enum { WHOLE = -1 };

static void bench_open(struct bench *bench, unsigned kind, double snr_db)
{
  memset(bench, 0, sizeof *bench);
  random_start(&bench->noise);
  bench->snr_db = snr_db;
  assert_int_equal(freedv_mode_describe(kind, &bench->mode), 0);
  bench->tx = freedv_tx_new(kind, ETHER_NOMINAL_LEVEL_PCT);
  bench->rx = freedv_rx_new(kind);
  assert_non_null(bench->tx);
  assert_non_null(bench->rx);
  bench->chunk = malloc(freedv_tx_chunk_max(bench->tx) * sizeof(int16_t));
  assert_non_null(bench->chunk);
}

static void bench_close(struct bench *bench)
{
  freedv_tx_free(bench->tx);
  freedv_rx_free(bench->rx);
  free(bench->chunk);
}

static struct bench *bench_new(unsigned kind, double snr_db)
{
  struct bench *bench = malloc(sizeof *bench);
  assert_non_null(bench);
  bench_open(bench, kind, snr_db);
  return bench;
}

static void bench_free(struct bench *bench)
{
  bench_close(bench);
  free(bench);
}

/* Adds noise for snr_db in 3 kHz and lets the receiver have it, the sum scaled by volume. */
static void hear_scaled(struct bench *bench, const int16_t *samples, size_t len, double volume)
{
  double rms = ETHER_NOMINAL_RMS * pow(10, -bench->snr_db / 20) * sqrt(4000.0 / 3000.0);
  struct freedv_burst burst;
  for (size_t i = 0; i < len;) {
    int16_t piece[160];
    size_t n = 0;
    for (; n < 160 && i < len; n++, i++)
      piece[n] = (int16_t)lrint(volume * ((samples ? samples[i] : 0) + rms * noise_next(&bench->noise)));
    const int16_t *rest = piece;
    while (freedv_rx_feed(bench->rx, &rest, &n, &burst)) {
      assert_true(bench->heard_count < BURSTS_MAX);
      bench->heard[bench->heard_count++] = burst;
    }
  }
}

static void hear(struct bench *bench, const int16_t *samples, size_t len)
{
  hear_scaled(bench, samples, len, 0.5);
}

static void pause_for(struct bench *bench, size_t samples)
{
  hear(bench, NULL, samples);
}

/* Chooses a random burst of len bytes. */
static uint8_t *choose(struct bench *bench, size_t len)
{
  uint8_t *bytes = bench->sent[bench->sent_count++];
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)random_below(&bench->noise, 256);
  bytes[0] &= (uint8_t)~MODEM_LINK_BITS;
  return bytes;
}

/* Sends it; chunk number lost (0 is the preamble) becomes noise. */
static void send_bytes(struct bench *bench, const uint8_t *bytes, size_t len, int lost)
{
  size_t n, number = 0;
  freedv_tx_begin(bench->tx, bytes, len);
  while ((n = freedv_tx_next(bench->tx, bench->chunk)) > 0)
    hear(bench, (int)number++ == lost ? NULL : bench->chunk, n);
}

static void send_random(struct bench *bench, size_t len, int lost)
{
  send_bytes(bench, choose(bench, len), len, lost);
}

static void assert_heard(const struct bench *bench, size_t index, const uint8_t *bytes, size_t len)
{
  const struct freedv_burst *burst = &bench->heard[index];
  size_t units = modem_mode_units(&bench->mode, len);
  assert_true(index < bench->heard_count);
  assert_int_equal(burst->len, units * bench->mode.unit_bytes);
  assert_memory_equal(burst->bytes, bytes, len);
  for (size_t i = len; i < burst->len; i++)
    assert_int_equal(burst->bytes[i], 0);
}

static void every_length_arrives(unsigned kind)
{
  struct bench *bench = bench_new(kind, 3);
  size_t unit = bench->mode.unit_bytes, lengths[FREEDV_FRAMES_MAX];
  pause_for(bench, 8000);
  for (size_t frames = 1; frames <= FREEDV_FRAMES_MAX; frames++) {
    lengths[frames - 1] = frames == FREEDV_FRAMES_MAX ? bench->mode.max_bytes
                                                      : frames * unit - random_below(&bench->noise, (unsigned)unit);
    send_random(bench, lengths[frames - 1], WHOLE);
    pause_for(bench, GAP);
  }
  assert_int_equal(bench->heard_count, FREEDV_FRAMES_MAX);
  for (size_t i = 0; i < FREEDV_FRAMES_MAX; i++)
    assert_heard(bench, i, bench->sent[i], lengths[i]);
  assert_int_equal(freedv_rx_dropped(bench->rx), 0);
  bench_free(bench);
}

static void every_datac0_length_arrives(void **state)
{
  (void)state;
  every_length_arrives(DATAC0);
}

static void every_datac3_length_arrives(void **state)
{
  (void)state;
  every_length_arrives(DATAC3);
}

static void bursts_200_ms_apart_are_all_heard(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC0, 5);
  for (int i = 0; i < 20; i++) {
    send_random(bench, 14, WHOLE);
    pause_for(bench, GAP);
  }
  assert_int_equal(bench->heard_count, 20);
  for (size_t i = 0; i < 20; i++)
    assert_heard(bench, i, bench->sent[i], 14);
  bench_free(bench);
}

/* Sends a burst of three frames with one chunk lost: nothing of it may be delivered, and the next burst must be. */
static void lost_chunk_drops_the_burst(int lost)
{
  struct bench *bench = bench_new(DATAC0, 6);
  uint8_t *bytes = choose(bench, 42);
  bytes[14] |= MODEM_LINK_BITS; /* these frames cannot pass for the first: see freedv_rx_feed */
  bytes[28] |= MODEM_LINK_BITS;
  pause_for(bench, 8000);
  send_bytes(bench, bytes, 42, lost);
  pause_for(bench, GAP);
  assert_int_equal(bench->heard_count, 0);
  pause_for(bench, 2 * 3520); /* what is taken for a burst of eight breaks off, too */
  send_random(bench, 14, WHOLE);
  pause_for(bench, GAP);
  assert_int_equal(bench->heard_count, 1);
  assert_heard(bench, 0, bench->sent[1], 14);
  bench_free(bench);
}

static void burst_with_a_broken_first_frame_is_dropped(void **state)
{
  (void)state;
  lost_chunk_drops_the_burst(1);
}

static void burst_with_a_broken_middle_frame_is_dropped(void **state)
{
  (void)state;
  lost_chunk_drops_the_burst(2);
}

static void burst_with_a_broken_last_frame_is_dropped(void **state)
{
  (void)state;
  lost_chunk_drops_the_burst(3);
}

static void burst_of_three_without_preamble_is_dropped(void **state)
{
  (void)state;
  lost_chunk_drops_the_burst(0);
}

static void single_frames_without_preamble_may_be_found_by_their_postamble(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC0, 6);
  pause_for(bench, 8000);
  for (int i = 0; i < 20; i++) {
    uint8_t *bytes = choose(bench, 14);
    bytes[1] = (uint8_t)i;
    send_bytes(bench, bytes, 14, 0);
    pause_for(bench, GAP);
  }
  assert_true(bench->heard_count > 0); /* version 1.0.5 finds half of them */
  for (size_t i = 0; i < bench->heard_count; i++) {
    assert_true(bench->heard[i].bytes[1] < 20);
    assert_heard(bench, i, bench->sent[bench->heard[i].bytes[1]], 14);
  }
  bench_free(bench);
}

static void burst_that_breaks_off_does_not_block_the_next(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC0, 6);
  uint8_t *bytes = choose(bench, 8 * 14);
  pause_for(bench, 8000);
  freedv_tx_begin(bench->tx, bytes, 8 * 14);
  for (int i = 0; i < 3; i++) /* preamble and two frames, then the transmitter loses power */
    hear(bench, bench->chunk, freedv_tx_next(bench->tx, bench->chunk));
  pause_for(bench, 3 * 3520);
  assert_int_equal(bench->heard_count, 0);
  assert_int_equal(freedv_rx_dropped(bench->rx), 1);
  assert_int_equal(freedv_rx_sync(bench->rx), FREEDV_SEARCHING);
  send_random(bench, 14, WHOLE);
  pause_for(bench, GAP);
  assert_int_equal(bench->heard_count, 1);
  bench_free(bench);
}

static void noise_is_no_burst(void **state)
{
  (void)state;
  for (unsigned kind = DATAC0; kind <= DATAC3; kind++) {
    struct bench *bench = bench_new(kind, -10);
    pause_for(bench, 30 * 8000);
    assert_int_equal(bench->heard_count, 0);
    assert_int_equal(freedv_rx_sync(bench->rx), FREEDV_SEARCHING);
    bench_free(bench);
  }
}

static void flush_completes_a_burst_that_has_just_ended(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC3, 6);
  struct freedv_burst burst;
  pause_for(bench, 8000);
  send_random(bench, 100, WHOLE);
  assert_int_equal(bench->heard_count, 0);
  assert_true(freedv_rx_flush(bench->rx, &bench->heard[bench->heard_count++]));
  assert_heard(bench, 0, bench->sent[0], 100);
  assert_false(freedv_rx_flush(bench->rx, &burst));
  bench_free(bench);
}

/* Version 1.0.5 of the library found the rest of a burst in its buffer after an order to lose sync. */
static void flush_forgets_half_a_burst(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC0, 10);
  struct freedv_burst burst;
  for (int part = 1; part < 5; part++) { /* the code makes good a lost eighth */
    pause_for(bench, 8000);
    freedv_tx_begin(bench->tx, choose(bench, 14), 14);
    hear(bench, bench->chunk, freedv_tx_next(bench->tx, bench->chunk));
    size_t n = freedv_tx_next(bench->tx, bench->chunk), heard = n * (size_t)part / 8;
    hear(bench, bench->chunk, heard);
    assert_false(freedv_rx_flush(bench->rx, &burst));
    assert_int_equal(freedv_rx_sync(bench->rx), FREEDV_SEARCHING);
    pause_for(bench, 8000);
    assert_int_equal(bench->heard_count, 0);
  }
  send_random(bench, 14, WHOLE);
  pause_for(bench, GAP);
  assert_int_equal(bench->heard_count, 1);
  bench_free(bench);
}

/* The library carries the amplitude over from one burst to the next: without gain control it heard none of these. */
static void weak_bursts_after_strong_ones_are_heard(void **state)
{
  (void)state;
  struct bench *bench = bench_new(DATAC0, 0);
  for (int i = 0; i < 10; i++) {
    bench->snr_db = 30; /* of a station nearby; hear() keeps its signal, so the noise is 30 dB down */
    send_random(bench, 14, WHOLE);
    pause_for(bench, GAP);
    bench->snr_db = 0;
    freedv_tx_begin(bench->tx, choose(bench, 14), 14);
    size_t n;
    while ((n = freedv_tx_next(bench->tx, bench->chunk)) > 0)
      hear_scaled(bench, bench->chunk, n, 0.0316);
    hear_scaled(bench, NULL, GAP, 0.0316);
  }
  assert_true(bench->heard_count >= 18);
  bench_free(bench);
}

static void airtime_is_what_the_samples_last(void **state)
{
  (void)state;
  for (unsigned kind = DATAC0; kind <= DATAC3; kind++) {
    struct bench *bench = bench_new(kind, 10);
    for (size_t len = 1; len <= bench->mode.max_bytes; len += bench->mode.unit_bytes) {
      size_t total = 0, n, promised = freedv_tx_begin(bench->tx, bench->sent[0], len);
      while ((n = freedv_tx_next(bench->tx, bench->chunk)) > 0)
        total += n;
      assert_int_equal(total, promised);
      assert_int_equal(modem_mode_airtime_us(&bench->mode, len), total * 125);
    }
    bench_free(bench);
  }
}

static void level_keeps_rms_and_never_clips(void **state)
{
  (void)state;
  for (unsigned kind = DATAC0; kind <= DATAC3; kind++) {
    struct bench *bench = bench_new(kind, 10);
    double power = 0, count = 0, peak = 0;
    freedv_tx_free(bench->tx);
    bench->tx = freedv_tx_new(kind, 100);
    freedv_tx_begin(bench->tx, choose(bench, bench->mode.max_bytes), bench->mode.max_bytes);
    size_t n;
    while ((n = freedv_tx_next(bench->tx, bench->chunk)) > 0) {
      for (size_t i = 0; i < n; i++) {
        power += (double)bench->chunk[i] * bench->chunk[i];
        peak = fmax(peak, fabs((double)bench->chunk[i]));
      }
      count += (double)n;
    }
    assert_true(fabs(sqrt(power / count) / FREEDV_RMS_FULL - 1) < 0.05);
    assert_true(peak < 32767);
    bench_free(bench);
  }
  assert_int_equal(FREEDV_RMS_FULL * ETHER_NOMINAL_LEVEL_PCT / 100, ETHER_NOMINAL_RMS);
}

static void snr_is_within_1_5_db_on_average(void **state)
{
  (void)state;
  const double snr_db[] = {-1, 5, 10};
  for (size_t k = 0; k < 3; k++) {
    struct bench *bench = bench_new(DATAC0, snr_db[k]);
    double sum = 0;
    for (int i = 0; i < 30; i++) {
      send_random(bench, 14, WHOLE);
      pause_for(bench, GAP);
    }
    assert_true(bench->heard_count > 25);
    for (size_t i = 0; i < bench->heard_count; i++)
      sum += bench->heard[i].snr_cb / 10.0;
    double mean = sum / (double)bench->heard_count;
    if (fabs(mean - snr_db[k]) > 1.5)
      fail_msg("true %.1f dB, reported %.1f dB", snr_db[k], mean);
    bench_free(bench);
  }
}

static void unknown_modes_are_not_found(void **state)
{
  (void)state;
  assert_int_equal(freedv_mode_find("DATAC0", 6), DATAC0);
  assert_int_equal(freedv_mode_find("DATAC3", 6), DATAC3);
  assert_int_equal(freedv_mode_find("DATAC", 5), -EINVAL);
  assert_int_equal(freedv_mode_find("datac0", 6), -EINVAL);
  assert_int_equal(freedv_mode_find("", 0), -EINVAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_datac0_length_arrives),
      cmocka_unit_test(every_datac3_length_arrives),
      cmocka_unit_test(bursts_200_ms_apart_are_all_heard),
      cmocka_unit_test(burst_with_a_broken_first_frame_is_dropped),
      cmocka_unit_test(burst_with_a_broken_middle_frame_is_dropped),
      cmocka_unit_test(burst_with_a_broken_last_frame_is_dropped),
      cmocka_unit_test(burst_of_three_without_preamble_is_dropped),
      cmocka_unit_test(single_frames_without_preamble_may_be_found_by_their_postamble),
      cmocka_unit_test(burst_that_breaks_off_does_not_block_the_next),
      cmocka_unit_test(noise_is_no_burst),
      cmocka_unit_test(flush_completes_a_burst_that_has_just_ended),
      cmocka_unit_test(flush_forgets_half_a_burst),
      cmocka_unit_test(weak_bursts_after_strong_ones_are_heard),
      cmocka_unit_test(airtime_is_what_the_samples_last),
      cmocka_unit_test(level_keeps_rms_and_never_clips),
      cmocka_unit_test(snr_is_within_1_5_db_on_average),
      cmocka_unit_test(unknown_modes_are_not_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
