/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures how many bursts of one modem frame arrive at which SNR in white noise, and writes the table of modes that
 * the network simulator reads (sim/net/modes.ini). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/modem/freedv_mode.h"
#include "sim/air/noise.h"

#define BURSTS 50
#define LEVEL_PCT 50
/* Real noise at 8,000 samples a second spreads over 4 kHz; the SNR is told in 3 kHz. */
#define NOISE_WIDTH (4.0 / 3.0)
#define SILENCE_SAMPLES 3200 /* after a burst: 0.4 s, in which Codec2 hands over what it decoded */

struct bench {
  struct freedv_tx *tx;
  struct freedv_rx *rx;
  struct noise noise;
  double noise_rms;
  struct freedv_burst burst;
};

/* One modem frame of random bytes. */
static void make_bytes(struct bench *bench, uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)(noise_uniform(&bench->noise) * 256);
  bytes[0] &= (uint8_t)~MODEM_LINK_BITS;
}

/* Adds noise to what was said and listens.  Returns non-zero when the very bytes arrived. */
static int hear(struct bench *bench, int16_t *said, size_t len, const uint8_t *bytes, size_t bytes_len)
{
  int right = 0;
  for (size_t i = 0; i < len; i++) {
    float value = (float)said[i] + (float)bench->noise_rms * noise_next(&bench->noise);
    said[i] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : lrintf(value));
  }
  for (const int16_t *at = said; freedv_rx_feed(bench->rx, &at, &len, &bench->burst);)
    right |= bench->burst.len == bytes_len && !memcmp(bench->burst.bytes, bytes, bytes_len);
  return right;
}

static int exchange(struct bench *bench, size_t unit_bytes, int16_t *chunk)
{
  uint8_t bytes[MODEM_BURST_MAX];
  int right = 0;
  size_t len;
  make_bytes(bench, bytes, unit_bytes);
  freedv_tx_begin(bench->tx, bytes, unit_bytes);
  while ((len = freedv_tx_next(bench->tx, chunk)) > 0)
    right |= hear(bench, chunk, len, bytes, unit_bytes);
  int16_t silence[SILENCE_SAMPLES] = {0};
  return right | hear(bench, silence, SILENCE_SAMPLES, bytes, unit_bytes);
}

static void measure(const char *name, const double *snr_db, size_t count)
{
  struct modem_mode mode;
  struct bench bench = {0};
  int kind = freedv_mode_find(name, strlen(name));
  if (kind < 0 || freedv_mode_describe((unsigned)kind, &mode)) {
    fprintf(stderr, "measure: this Codec2 has no mode %s\n", name);
    exit(EXIT_FAILURE);
  }
  bench.tx = freedv_tx_new((unsigned)kind, LEVEL_PCT);
  bench.rx = freedv_rx_new((unsigned)kind);
  int16_t *chunk = bench.tx ? calloc(freedv_tx_chunk_max(bench.tx), sizeof *chunk) : NULL;
  if (!bench.rx || !chunk) {
    fprintf(stderr, "measure: out of memory\n");
    exit(EXIT_FAILURE);
  }
  noise_init(&bench.noise, 1);
  printf(
      "\n[mode %s]\nunit_bytes = %u\nmax_bytes = %u\noverhead_us = %u\nunit_us = %u\nsnr_needed_cb = %d\narrival =",
      name, mode.unit_bytes, mode.max_bytes, mode.overhead_us, mode.unit_us, mode.snr_needed_cb);
  for (size_t i = 0; i < count; i++) {
    int arrived = 0;
    bench.noise_rms = FREEDV_RMS_FULL * LEVEL_PCT / 100.0 * sqrt(NOISE_WIDTH / pow(10, snr_db[i] / 10));
    for (int k = 0; k < BURSTS; k++)
      arrived += exchange(&bench, mode.unit_bytes, chunk);
    printf(" %g:%.2f", snr_db[i], (double)arrived / BURSTS);
    fflush(stdout);
  }
  printf("\n");
  free(chunk);
  freedv_tx_free(bench.tx);
  freedv_rx_free(bench.rx);
}

int main(void)
{
  static const double datac0_db[] = {-6, -5, -4, -3, -1};
  static const double datac3_db[] = {-5, -4, -3, -2, 0};
  printf("# SPDX-License-Identifier: GPL-3.0-or-later\n"
         "# What bursts of each mode cost, and the share of %d bursts of one modem frame that arrived at each SNR\n"
         "# (dB in 3 kHz, white noise).  Written by: $(sim/build)/sim/measure-modes > sim/net/modes.ini\n",
         BURSTS);
  measure("DATAC0", datac0_db, sizeof datac0_db / sizeof *datac0_db);
  measure("DATAC3", datac3_db, sizeof datac3_db / sizeof *datac3_db);
  return EXIT_SUCCESS;
}
