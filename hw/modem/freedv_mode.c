/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes and reads bursts of Codec2's raw data modes for the soft modem. */
#include "hw/modem/freedv_mode.h"

#include <assert.h>
#include <codec2/freedv_api.h>
#include <codec2/modem_stats.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hw/audio.h"

#define CRC_BYTES 2
#define FRAME_BYTES_MAX (MODEM_BURST_MAX + CRC_BYTES)
/* The receiver looks 0.05 s beyond a frame, in steps of 880 samples. */
#define SILENCE_LEN 1760

#define PRIME_LEN (13 * 880) /* the preamble and 12 of the library's own frames */
#define RMS_TARGET 4000
#define RMS_MIN 1 /* below, there is nothing to scale */

#define BROKEN_MAX 2

struct mode_row {
  const char *name;
  int codec2_mode;
  int16_t snr_needed_cb;
};

static const struct mode_row rows[] = {
    {"DATAC0", FREEDV_MODE_DATAC0, -20},
    {"DATAC3", FREEDV_MODE_DATAC3, -30},
};

/* What the library estimates, on average, at a true SNR in white noise.  It reads low and saturates because the
 * clipping of the transmitted signal counts as noise.  DATAC0 and DATAC3 agree within 0.2 dB; one frame of DATAC0
 * spreads by 0.8 dB (library), one of DATAC3 by 0.3 dB. */
struct snr_point {
  float library_db, true_db;
};

static const struct snr_point snr_points[] = {
    {-3.1f, -4}, {-2.8f, -3}, {-2.3f, -2}, {-1.7f, -1}, {-1.0f, 0}, {-0.27f, 1}, {0.52f, 2},
    {2.1f, 4},   {3.6f, 6},   {5.0f, 8},   {6.05f, 10}, {6.9f, 12}, {7.6f, 14},  {8.1f, 16},
};

#define SNR_POINT_COUNT (sizeof snr_points / sizeof snr_points[0])
#define ROW_COUNT (sizeof rows / sizeof rows[0])

size_t freedv_mode_count(void)
{
  return ROW_COUNT;
}

const char *freedv_mode_name(unsigned kind)
{
  assert(kind < ROW_COUNT);
  return rows[kind].name;
}

int freedv_mode_find(const char *name, size_t name_len)
{
  for (size_t i = 0; i < ROW_COUNT; i++) {
    if (strlen(rows[i].name) == name_len && memcmp(rows[i].name, name, name_len) == 0)
      return (int)i;
  }
  return -EINVAL;
}

static size_t unit_bytes(struct freedv *lib)
{
  return (size_t)freedv_get_bits_per_modem_frame(lib) / 8 - CRC_BYTES;
}

static size_t max_frames(size_t unit)
{
  size_t frames = MODEM_BURST_MAX / unit;
  return frames < FREEDV_FRAMES_MAX ? frames : FREEDV_FRAMES_MAX;
}

static uint32_t samples_to_us(size_t samples)
{
  return (uint32_t)((uint64_t)samples * 1000000 / AUDIO_RATE_HZ);
}

int freedv_mode_describe(unsigned kind, struct modem_mode *out)
{
  assert(kind < ROW_COUNT);
  struct freedv *lib = freedv_open(rows[kind].codec2_mode);
  if (!lib)
    return -ENOSYS;
  size_t unit = unit_bytes(lib);
  int around = freedv_get_n_tx_preamble_modem_samples(lib) + freedv_get_n_tx_postamble_modem_samples(lib);
  *out = (struct modem_mode){.unit_bytes = (uint16_t)unit,
                             .max_bytes = (uint16_t)(unit * max_frames(unit)),
                             .overhead_us = samples_to_us((size_t)around),
                             .unit_us = samples_to_us((size_t)freedv_get_n_tx_modem_samples(lib)),
                             .snr_needed_cb = rows[kind].snr_needed_cb,
                             .fixed = 1};
  strcpy(out->name, rows[kind].name);
  freedv_close(lib);
  return 0;
}

/* ---- Transmit */

struct freedv_tx {
  struct freedv *lib;
  size_t unit, frames, next; /* chunks: 0 is the preamble, 1..frames the modem frames, frames + 1 the postamble */
  float gain;
  uint8_t bytes[MODEM_BURST_MAX];
};

static size_t make_frame(struct freedv_tx *tx, const uint8_t *payload, int16_t *samples)
{
  uint8_t frame[FRAME_BYTES_MAX];
  memcpy(frame, payload, tx->unit);
  unsigned crc = freedv_gen_crc16(frame, (int)tx->unit);
  frame[tx->unit] = (uint8_t)(crc >> 8);
  frame[tx->unit + 1] = (uint8_t)crc;
  freedv_rawdatatx(tx->lib, samples, frame);
  return (size_t)freedv_get_n_tx_modem_samples(tx->lib);
}

/* The library's amplitude differs with mode and version: one frame of mixed bits tells it.  Returns 0 or -ENOMEM. */
static int find_gain(struct freedv_tx *tx, unsigned level_pct)
{
  int16_t *samples = malloc(freedv_tx_chunk_max(tx) * sizeof *samples);
  if (!samples)
    return -ENOMEM;
  for (size_t i = 0; i < tx->unit; i++)
    tx->bytes[i] = (uint8_t)(i * 167 + (i * i >> 3));
  size_t len = make_frame(tx, tx->bytes, samples);
  double power = 0;
  for (size_t i = 0; i < len; i++)
    power += (double)samples[i] * samples[i];
  tx->gain = (float)(FREEDV_RMS_FULL * (level_pct / 100.0) / sqrt(power / (double)len));
  free(samples);
  return 0;
}

struct freedv_tx *freedv_tx_new(unsigned kind, unsigned level_pct)
{
  assert(kind < ROW_COUNT && level_pct >= 1 && level_pct <= 100);
  struct freedv_tx *tx = calloc(1, sizeof *tx);
  if (!tx)
    return NULL;
  tx->lib = freedv_open(rows[kind].codec2_mode);
  if (tx->lib) {
    tx->unit = unit_bytes(tx->lib);
    if (find_gain(tx, level_pct) == 0)
      return tx;
  }
  freedv_tx_free(tx);
  return NULL;
}

void freedv_tx_free(struct freedv_tx *tx)
{
  if (!tx)
    return;
  if (tx->lib)
    freedv_close(tx->lib);
  free(tx);
}

size_t freedv_tx_chunk_max(const struct freedv_tx *tx)
{
  int preamble = freedv_get_n_tx_preamble_modem_samples(tx->lib);
  int frame = freedv_get_n_tx_modem_samples(tx->lib);
  return (size_t)(preamble > frame ? preamble : frame);
}

size_t freedv_tx_begin(struct freedv_tx *tx, const uint8_t *bytes, size_t len)
{
  assert(len > 0 && len <= tx->unit * max_frames(tx->unit) && (bytes[0] & MODEM_LINK_BITS) == 0);
  memset(tx->bytes, 0, sizeof tx->bytes);
  memcpy(tx->bytes, bytes, len);
  tx->frames = (len + tx->unit - 1) / tx->unit;
  tx->bytes[0] |= (uint8_t)(tx->frames - 1);
  tx->next = 0;
  int around = freedv_get_n_tx_preamble_modem_samples(tx->lib) + freedv_get_n_tx_postamble_modem_samples(tx->lib);
  return (size_t)around + tx->frames * (size_t)freedv_get_n_tx_modem_samples(tx->lib);
}

size_t freedv_tx_next(struct freedv_tx *tx, int16_t *samples)
{
  size_t chunk = tx->next, len;
  if (chunk > tx->frames + 1)
    return 0;
  tx->next++;
  if (chunk == 0)
    len = (size_t)freedv_rawdatapreambletx(tx->lib, samples);
  else if (chunk <= tx->frames)
    len = make_frame(tx, tx->bytes + (chunk - 1) * tx->unit, samples);
  else
    len = (size_t)freedv_rawdatapostambletx(tx->lib, samples);
  for (size_t i = 0; i < len; i++)
    samples[i] = (int16_t)lrintf(fminf(fmaxf(samples[i] * tx->gain, -32767), 32767));
  return len;
}

/* ---- Receive
 *
 * Codec2's burst receiver leaves sync only after the number of modem frames that it was told beforehand.  So it is
 * told FREEDV_FRAMES_MAX while it searches.  The first frame says the true number: for one, sync is taken away at
 * once (the next burst may follow 0.05 s later); for more, the library is told and stops by itself.  If the first
 * frame is broken nobody knows the number: sync is taken away.  If a later one is, the receiver stays so that DCD
 * does, but not for two: then the transmitter is gone.
 *
 * The library learns the amplitude over about ten frames and carries it from burst to burst: fresh, it lost one short
 * burst in ten at -1 dB; after a station 20 dB stronger, all.  So the samples pass an automatic gain control that
 * follows their power while the receiver searches and stands still in a burst, and a new library is first given a
 * burst of ours.
 *
 * Version 1.0.5 keeps the samples in its buffer when sync is taken away: who breaks off the stream opens it anew.
 *
 * A burst whose preamble was lost is found by its postamble; the library then goes back one frame in its buffer,
 * which shows as a call that wants no samples.  That frame is the last one: the library is told 1 and stops by
 * itself. */

struct freedv_rx {
  const struct mode_row *row;
  struct freedv *lib;
  struct MODEM_STATS *stats;
  int16_t *prime; /* PRIME_LEN samples of a burst */
  float gain;
  int16_t *samples; /* towards the next call of the library */
  size_t have;
  size_t since_burst; /* samples since the last whole burst */
  enum freedv_sync sync;
  bool by_postamble;
  unsigned broken;         /* frames of this burst that failed */
  unsigned frames, expect; /* received and expected in this burst; expect 0: not known yet */
  float snr_sum, offset_hz;
  uint32_t dropped;
  uint8_t bytes[FREEDV_FRAMES_MAX * FRAME_BYTES_MAX];
};

static void forget_burst(struct freedv_rx *rx)
{
  rx->frames = rx->expect = 0;
  rx->snr_sum = 0;
  rx->broken = 0;
  rx->by_postamble = false;
  freedv_set_frames_per_burst(rx->lib, FREEDV_FRAMES_MAX);
}

/* After the last frame that the library was told of it has left sync by itself.  Otherwise sync is taken away. */
static void end_burst(struct freedv_rx *rx, bool as_told)
{
  if (!as_told)
    freedv_set_sync(rx->lib, FREEDV_SYNC_UNSYNC);
  rx->sync = FREEDV_SEARCHING;
  forget_burst(rx);
}

/* Scales what the library asked for to the same power, whoever sends and whatever the radio's volume. */
static void control_gain(struct freedv_rx *rx, size_t len)
{
  float from = rx->gain;
  if (len == 0)
    return;
  if (rx->sync == FREEDV_SEARCHING) {
    double power = 0;
    for (size_t i = 0; i < len; i++)
      power += (double)rx->samples[i] * rx->samples[i];
    double rms = sqrt(power / (double)len);
    rx->gain = rms < RMS_MIN ? from : (float)(RMS_TARGET / rms);
    if (from == 0)
      from = rx->gain;
  }
  float step = (rx->gain - from) / (float)len;
  for (size_t i = 0; i < len; i++)
    rx->samples[i] = (int16_t)lrintf(fminf(fmaxf(rx->samples[i] * (from + step * (float)i), -32767), 32767));
}

/* Makes the beginning of a burst: enough frames for the library to learn the amplitude.  Returns 0 or -ENOMEM. */
static int make_prime(struct freedv_rx *rx, unsigned kind)
{
  struct freedv_tx *tx = freedv_tx_new(kind, 50);
  int16_t *chunk = tx ? malloc(freedv_tx_chunk_max(tx) * sizeof *chunk) : NULL;
  static const uint8_t bytes[MODEM_BURST_MAX] = {0x55 & ~MODEM_LINK_BITS, 0x33};
  rx->prime = malloc(PRIME_LEN * sizeof *rx->prime);
  if (chunk && rx->prime) {
    freedv_tx_begin(tx, bytes, tx->unit * max_frames(tx->unit));
    for (size_t have = 0, n; have < PRIME_LEN && (n = freedv_tx_next(tx, chunk)) > 0; have += n)
      memcpy(rx->prime + have, chunk, (n < PRIME_LEN - have ? n : PRIME_LEN - have) * sizeof *chunk);
  }
  int error = chunk && rx->prime ? 0 : -ENOMEM;
  freedv_tx_free(tx);
  free(chunk);
  return error;
}

static void prime(struct freedv_rx *rx)
{
  struct freedv_burst ignored;
  const int16_t *samples = rx->prime;
  size_t len = PRIME_LEN;
  rx->have = 0;
  rx->sync = FREEDV_SEARCHING;
  forget_burst(rx);
  (void)freedv_rx_feed(rx, &samples, &len, &ignored);
  end_burst(rx, false);
  rx->have = 0;
  rx->gain = 0;
  rx->since_burst = SIZE_MAX / 2;
}

struct freedv_rx *freedv_rx_new(unsigned kind)
{
  assert(kind < ROW_COUNT);
  struct freedv_rx *rx = calloc(1, sizeof *rx);
  if (!rx)
    return NULL;
  rx->row = &rows[kind];
  rx->lib = freedv_open(rx->row->codec2_mode);
  rx->stats = calloc(1, sizeof *rx->stats);
  if (rx->lib)
    rx->samples = malloc((size_t)freedv_get_n_max_modem_samples(rx->lib) * sizeof *rx->samples);
  if (!rx->lib || !rx->stats || !rx->samples || make_prime(rx, kind) != 0) {
    freedv_rx_free(rx);
    return NULL;
  }
  prime(rx);
  return rx;
}

void freedv_rx_free(struct freedv_rx *rx)
{
  if (!rx)
    return;
  if (rx->lib)
    freedv_close(rx->lib);
  free(rx->stats);
  free(rx->prime);
  free(rx->samples);
  free(rx);
}

static int16_t true_snr_cb(float library_db)
{
  const struct snr_point *p = snr_points, *last = snr_points + SNR_POINT_COUNT - 1;
  if (library_db <= p->library_db)
    return (int16_t)lrintf(10 * p->true_db);
  if (library_db >= last->library_db)
    return (int16_t)lrintf(10 * last->true_db);
  while (library_db > p[1].library_db)
    p++;
  float share = (library_db - p->library_db) / (p[1].library_db - p->library_db);
  return (int16_t)lrintf(10 * (p->true_db + share * (p[1].true_db - p->true_db)));
}

static void emit(struct freedv_rx *rx, struct freedv_burst *out)
{
  size_t unit = unit_bytes(rx->lib);
  out->len = (uint16_t)(rx->frames * unit);
  memcpy(out->bytes, rx->bytes, out->len);
  out->bytes[0] &= (uint8_t)~MODEM_LINK_BITS;
  out->snr_cb = true_snr_cb(rx->snr_sum / (float)rx->frames);
  out->offset_dhz = (int16_t)lrintf(fminf(fmaxf(10 * rx->offset_hz, INT16_MIN), INT16_MAX));
}

/* Learns from the first frame how many there are.  Returns whether that number can be.  A frame found by its
 * postamble sooner after the last burst than it takes to send is that burst once more, still in the buffer. */
static bool learn_count(struct freedv_rx *rx)
{
  rx->expect = (rx->bytes[0] & MODEM_LINK_BITS) + 1;
  if (rx->by_postamble)
    return rx->expect == 1 && rx->since_burst > (size_t)freedv_get_n_tx_modem_samples(rx->lib);
  if (rx->expect > 1)
    freedv_set_frames_per_burst(rx->lib, (int)rx->expect);
  return rx->expect <= max_frames(unit_bytes(rx->lib));
}

/* A good modem frame stands at its place in bytes.  Returns whether the burst is complete. */
static bool take_frame(struct freedv_rx *rx, struct freedv_burst *out)
{
  bool possible = rx->frames > 0 || learn_count(rx);
  rx->frames++;
  freedv_get_modem_extended_stats(rx->lib, rx->stats);
  rx->snr_sum += rx->stats->snr_est;
  rx->offset_hz = rx->stats->foff;
  if (possible && rx->frames < rx->expect)
    return false;
  bool whole = possible && !rx->broken;
  if (whole) {
    emit(rx, out);
    rx->since_burst = 0;
  } else {
    rx->dropped++;
  }
  end_burst(rx, rx->by_postamble || (possible && rx->expect > 1));
  return whole;
}

static void take_broken_frame(struct freedv_rx *rx)
{
  bool counted = rx->frames > 0;
  rx->broken++;
  rx->frames++;
  if (counted && rx->frames < rx->expect && rx->broken < BROKEN_MAX)
    return;
  rx->dropped++;
  end_burst(rx, rx->by_postamble || (counted && rx->frames == rx->expect));
}

/* Runs the library on the samples it asked for.  Returns whether a burst is complete. */
static bool step(struct freedv_rx *rx, struct freedv_burst *out)
{
  uint8_t *place = rx->bytes + rx->frames * unit_bytes(rx->lib);
  control_gain(rx, rx->have);
  int bytes = freedv_rawdatarx(rx->lib, place, rx->samples);
  int status = freedv_get_rx_status(rx->lib);
  rx->have = 0;
  if (!(status & FREEDV_RX_SYNC)) {
    if (rx->sync != FREEDV_SEARCHING)
      forget_burst(rx);
    rx->sync = FREEDV_SEARCHING;
    if (freedv_nin(rx->lib) == 0) {
      rx->by_postamble = true;
      freedv_set_frames_per_burst(rx->lib, 1);
    }
    return false;
  }
  rx->sync = status & FREEDV_RX_TRIAL_SYNC ? FREEDV_TRIAL : FREEDV_SYNCED;
  if (bytes > 0)
    return take_frame(rx, out);
  if (status & FREEDV_RX_BIT_ERRORS)
    take_broken_frame(rx);
  return false;
}

bool freedv_rx_feed(struct freedv_rx *rx, const int16_t **samples, size_t *len, struct freedv_burst *out)
{
  for (;;) {
    size_t need = (size_t)freedv_nin(rx->lib);
    size_t take = need - rx->have < *len ? need - rx->have : *len;
    memcpy(rx->samples + rx->have, *samples, take * sizeof **samples);
    rx->have += take;
    rx->since_burst += take;
    *samples += take;
    *len -= take;
    if (rx->have < need)
      return false;
    if (step(rx, out))
      return true;
  }
}

enum freedv_sync freedv_rx_sync(const struct freedv_rx *rx)
{
  return rx->sync;
}

bool freedv_rx_flush(struct freedv_rx *rx, struct freedv_burst *out)
{
  static const int16_t silence[SILENCE_LEN];
  const int16_t *samples = silence;
  size_t len = SILENCE_LEN;
  bool whole = rx->sync != FREEDV_SEARCHING && freedv_rx_feed(rx, &samples, &len, out);
  freedv_rx_reset(rx);
  return whole;
}

void freedv_rx_reset(struct freedv_rx *rx)
{
  struct freedv *fresh = freedv_open(rx->row->codec2_mode);
  if (!fresh) { /* short of memory: the next best */
    end_burst(rx, rx->by_postamble);
    return;
  }
  freedv_close(rx->lib);
  rx->lib = fresh;
  uint32_t dropped = rx->dropped;
  prime(rx);
  rx->dropped = dropped;
}

uint32_t freedv_rx_dropped(const struct freedv_rx *rx)
{
  return rx->dropped;
}
