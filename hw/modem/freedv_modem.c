/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The soft modem: sends and receives Codec2 bursts over a sound device with a PTT line, in a thread of its own. */
#include "hw/modem/modem_impl.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hw/audio.h"
#include "hw/modem/dcd.h"
#include "hw/modem/freedv_mode.h"
#include "hw/modems.h"
#include "hw/ptt.h"

#define SPEC_MAX 160
#define PTT_TIME_MAX_MS 5000
#define BLOCK_LEN 160      /* 20 ms: the pace of the thread, and the latency of a burst that waits */
#define BACKOFF_MIN_MS 500 /* as hw/modems.h says */
#define BACKOFF_MAX_MS 30000

/* A device that worked so long was good: the next failure starts with the shortest wait again.  One that opens and
 * fails at once must not fill the log. */
#define BACKOFF_RESET_MS 10000

/* Deadlines after which a sound device counts as stuck: it delivers nothing, or a burst takes longer than its samples
 * last and this. */
#define SILENT_MAX_MS 5000
#define STUCK_MARGIN_MS 5000

struct freedv_modem {
  struct modem base;
  char audio_spec[SPEC_MAX], ptt_spec[SPEC_MAX];
  unsigned lead_ms, tail_ms;
  struct freedv_tx *tx[MODEM_MODES_MAX];
  struct freedv_rx *rx[MODEM_MODES_MAX];
  int16_t *chunk; /* room for two of the longest of any mode */
  struct audio *audio;
  struct ptt *ptt;
  struct dcd dcd;
  bool busy;
  bool told;        /* the fault under way has been reported */
  int64_t heard_ms; /* when the device last delivered samples */
};

static int64_t clock_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool stopping(const struct freedv_modem *modem)
{
  return atomic_load(&modem->base.stop);
}

static void report_carrier(struct freedv_modem *modem, bool busy)
{
  if (busy != modem->busy)
    modem_report_carrier(&modem->base, busy);
  modem->busy = busy;
}

/* ---- Receive */

static void demodulate(struct freedv_modem *modem, const int16_t *samples, size_t len)
{
  struct freedv_burst burst;
  bool synced = false;
  for (size_t i = 0; i < modem->base.mode_count; i++) {
    const int16_t *rest = samples;
    size_t rest_len = len;
    while (freedv_rx_feed(modem->rx[i], &rest, &rest_len, &burst))
      modem_report_frame(&modem->base, (unsigned)i, burst.bytes, burst.len, burst.snr_cb, burst.offset_dhz);
    synced |= freedv_rx_sync(modem->rx[i]) != FREEDV_SEARCHING;
  }
  dcd_feed(&modem->dcd, samples, len, synced);
  report_carrier(modem, dcd_busy(&modem->dcd));
}

/* Before and after a transmission the stream of samples breaks off.  A burst whose end is still on its way through a
 * demodulator when we key is not lost. */
static void flush_receivers(struct freedv_modem *modem)
{
  struct freedv_burst burst;
  for (size_t i = 0; i < modem->base.mode_count; i++) {
    if (freedv_rx_flush(modem->rx[i], &burst))
      modem_report_frame(&modem->base, (unsigned)i, burst.bytes, burst.len, burst.snr_cb, burst.offset_dhz);
  }
  dcd_rest(&modem->dcd);
  report_carrier(modem, false);
}

/* Reads a block and demodulates it unless we transmit.  Returns the samples read or a negative errno code. */
static int listen_once(struct freedv_modem *modem, int timeout_ms, bool discard)
{
  int16_t samples[BLOCK_LEN];
  int n = audio_read(modem->audio, samples, BLOCK_LEN, timeout_ms);
  if (n == -EPIPE)
    return 0; /* samples were lost: what is in the demodulators fails its CRC, the rest goes on */
  if (n < 0)
    return n;
  if (n > 0)
    modem->heard_ms = clock_ms();
  else if (clock_ms() - modem->heard_ms > SILENT_MAX_MS)
    return -ETIMEDOUT;
  if (n > 0 && !discard)
    demodulate(modem, samples, (size_t)n);
  return n;
}

/* ---- Transmit */

/* Returns 0 or a negative errno code; -ECANCELED when the modem is being closed. */
static int discard_for(struct freedv_modem *modem, unsigned ms)
{
  int64_t end_ms = clock_ms() + ms, left;
  while ((left = end_ms - clock_ms()) > 0) {
    int n = stopping(modem) ? -ECANCELED : listen_once(modem, left < 20 ? (int)left : 20, true);
    if (n < 0)
      return n;
  }
  return 0;
}

/* Throws away what was received while we were keyed: our own echo, or the silence of a muted receiver. */
static int discard_received(struct freedv_modem *modem)
{
  int n;
  do
    n = listen_once(modem, 0, true);
  while (n > 0 && !stopping(modem));
  return n < 0 ? n : 0;
}

/* Writes piece by piece so that the receive side never overflows meanwhile. */
static int write_chunk(struct freedv_modem *modem, size_t len, int64_t deadline_ms)
{
  for (size_t done = 0; done < len;) {
    size_t n = len - done < BLOCK_LEN ? len - done : BLOCK_LEN;
    int error = audio_write(modem->audio, modem->chunk + done, n);
    if (error == 0)
      error = discard_received(modem);
    if (error)
      return error;
    if (stopping(modem))
      return -ECANCELED;
    if (clock_ms() > deadline_ms)
      return -ETIMEDOUT;
    done += n;
  }
  return 0;
}

static int wait_played(struct freedv_modem *modem, int64_t deadline_ms)
{
  for (;;) {
    int pending = audio_pending(modem->audio);
    if (pending <= 0)
      return pending;
    if (stopping(modem))
      return -ECANCELED;
    if (clock_ms() > deadline_ms)
      return -ETIMEDOUT;
    int n = listen_once(modem, 20, true);
    if (n < 0)
      return n;
  }
}

/* The first len samples are in chunk already. */
static int play_burst(struct freedv_modem *modem, struct freedv_tx *tx, size_t len, size_t samples)
{
  int64_t keyed_ms = clock_ms();
  flush_receivers(modem);
  int64_t flushed_ms = clock_ms() - keyed_ms;
  int error = discard_for(modem, flushed_ms < modem->lead_ms ? modem->lead_ms - (unsigned)flushed_ms : 0);
  int64_t deadline_ms = clock_ms() + (int64_t)samples * 1000 / AUDIO_RATE_HZ + STUCK_MARGIN_MS;
  for (; error == 0 && len > 0; len = freedv_tx_next(tx, modem->chunk))
    error = write_chunk(modem, len, deadline_ms);
  if (error == 0)
    error = wait_played(modem, deadline_ms);
  if (error)
    audio_flush(modem->audio);
  return error ? error : discard_for(modem, modem->tail_ms);
}

static int transmit(struct freedv_modem *modem)
{
  const struct modem_burst *burst = &modem->base.burst;
  struct freedv_tx *tx = modem->tx[burst->mode];
  unsigned mode = burst->mode;
  size_t samples = freedv_tx_begin(tx, burst->bytes, burst->len);
  /* The preamble lasts 0.11 s, less than a slow machine may need to make the first frame: both are made beforehand.
   */
  size_t len = freedv_tx_next(tx, modem->chunk);
  len += freedv_tx_next(tx, modem->chunk + len);
  int error = ptt_key(modem->ptt, 1);
  if (error == 0)
    error = play_burst(modem, tx, len, samples);
  int unkey_error = ptt_key(modem->ptt, 0);
  if (error == 0)
    error = unkey_error;
  if (error == 0)
    error = discard_received(modem);
  if (error)
    return error;
  dcd_rest(&modem->dcd);
  modem_report_sent(&modem->base, mode, (uint32_t)((uint64_t)samples * 1000000 / AUDIO_RATE_HZ));
  return 0;
}

/* ---- The thread */

static int operate(struct freedv_modem *modem)
{
  int error = 0;
  modem->heard_ms = clock_ms();
  while (error == 0 && !stopping(modem)) {
    int n = listen_once(modem, 20, false);
    error = n < 0 ? n : 0;
    if (error == 0 && atomic_load(&modem->base.burst.state) == BURST_QUEUED)
      error = transmit(modem);
  }
  return stopping(modem) ? 0 : error;
}

/* A device that stays away is reported once, not at every try. */
static void report_fault(struct freedv_modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void report_fault(struct freedv_modem *modem, const char *format, ...)
{
  char text[MODEM_TEXT_MAX];
  va_list args;
  if (modem->told)
    return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  modem_report_fault(&modem->base, "%s", text);
  modem->told = true;
}

static void close_devices(struct freedv_modem *modem)
{
  ptt_close(modem->ptt);
  audio_close(modem->audio);
  modem->ptt = NULL;
  modem->audio = NULL;
}

/* Returns whether both are open; else the fault is reported. */
static bool open_devices(struct freedv_modem *modem)
{
  char err[MODEM_TEXT_MAX] = "";
  int error = ptt_open(&modem->ptt, modem->ptt_spec, err, sizeof err);
  if (error == 0)
    error = audio_open(&modem->audio, modem->audio_spec, err, sizeof err);
  if (error == 0)
    return true;
  close_devices(modem);
  report_fault(modem, "%s", err);
  return false;
}

static void explain_fault(struct freedv_modem *modem, int error)
{
  if (error == -ETIMEDOUT)
    report_fault(modem, "sound device %.60s is stuck: check the cable and the driver", modem->audio_spec);
  else if (error == -ENODEV)
    report_fault(modem, "sound device %.60s or PTT %.40s is gone: plug it in", modem->audio_spec, modem->ptt_spec);
  else
    report_fault(modem, "sound device %.60s or PTT %.40s failed: %s", modem->audio_spec, modem->ptt_spec,
                 strerror(-error));
}

static void wait_before_retry(struct freedv_modem *modem, int wait_ms)
{
  int64_t end_ms = clock_ms() + wait_ms, left;
  uint64_t wakes; /* left by bursts, which the thread finds at its own pace */
  while (!stopping(modem) && (left = end_ms - clock_ms()) > 0) {
    struct pollfd poll_fd = {.fd = modem->base.wake_fd, .events = POLLIN};
    if (poll(&poll_fd, 1, (int)left) > 0)
      (void)!read(modem->base.wake_fd, &wakes, sizeof wakes);
  }
}

static void *run(void *arg)
{
  struct freedv_modem *modem = arg;
  int backoff_ms = BACKOFF_MIN_MS;
  while (!stopping(modem)) {
    if (open_devices(modem)) {
      int64_t ready_ms = clock_ms();
      modem->told = false;
      modem_report_ready(&modem->base, "sound device %.60s is open", modem->audio_spec);
      int error = operate(modem);
      if (clock_ms() - ready_ms >= BACKOFF_RESET_MS)
        backoff_ms = BACKOFF_MIN_MS;
      close_devices(modem);
      flush_receivers(modem);
      if (error)
        explain_fault(modem, error);
    }
    wait_before_retry(modem, backoff_ms);
    backoff_ms = backoff_ms * 2 < BACKOFF_MAX_MS ? backoff_ms * 2 : BACKOFF_MAX_MS;
  }
  return NULL;
}

static void destroy(struct modem *base)
{
  struct freedv_modem *modem = (struct freedv_modem *)base;
  for (size_t i = 0; i < MODEM_MODES_MAX; i++) {
    freedv_tx_free(modem->tx[i]);
    freedv_rx_free(modem->rx[i]);
  }
  free(modem->chunk);
  free(modem);
}

/* ---- Opening */

static int fail(int error, char *err, size_t err_len, const char *format, ...) __attribute__((format(printf, 4, 5)));
static int fail(int error, char *err, size_t err_len, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return error;
}

static int check_settings(const struct freedv_settings *settings, char *err, size_t err_len)
{
  int error = audio_check(settings->audio, err, err_len);
  if (error == 0)
    error = ptt_check(settings->ptt, err, err_len);
  if (error)
    return error;
  if (strlen(settings->audio) >= SPEC_MAX || strlen(settings->ptt) >= SPEC_MAX)
    return fail(-EINVAL, err, err_len, "the name of the sound device or of the PTT line is too long");
  if (settings->level_pct < 1 || settings->level_pct > 100)
    return fail(-EINVAL, err, err_len, "transmit level %u %%: choose 1 to 100", settings->level_pct);
  if (settings->lead_ms > PTT_TIME_MAX_MS || settings->tail_ms > PTT_TIME_MAX_MS)
    return fail(-EINVAL, err, err_len, "PTT lead %u ms, tail %u ms: choose at most %d", settings->lead_ms,
                settings->tail_ms, PTT_TIME_MAX_MS);
  return 0;
}

static int is_listed(const unsigned *kinds, size_t count, unsigned kind)
{
  for (size_t i = 0; i < count; i++) {
    if (kinds[i] == kind)
      return 1;
  }
  return 0;
}

/* Reads names such as "DATAC0,DATAC3", NULL for all.  Returns how many modes they are, or a negative errno code. */
static int list_modes(unsigned kinds[MODEM_MODES_MAX], const char *names, char *err, size_t err_len)
{
  size_t count = 0;
  for (; !names && count < freedv_mode_count() && count < MODEM_MODES_MAX; count++)
    kinds[count] = (unsigned)count;
  while (names) {
    size_t len = strcspn(names, ",");
    int kind = freedv_mode_find(names, len);
    if (kind < 0)
      return fail(-EINVAL, err, err_len, "mode \"%.*s\" is unknown: write DATAC0, DATAC3 or both with a comma",
                  len < 40 ? (int)len : 40, names);
    if (is_listed(kinds, count, (unsigned)kind))
      return fail(-EINVAL, err, err_len, "mode %s is listed twice", freedv_mode_name((unsigned)kind));
    if (count == MODEM_MODES_MAX)
      return fail(-EINVAL, err, err_len, "more than %d modes on one sound device", MODEM_MODES_MAX);
    kinds[count++] = (unsigned)kind;
    names = names[len] ? names + len + 1 : NULL;
  }
  return (int)count;
}

int freedv_modes_check(const char *names, char *err, size_t err_len)
{
  unsigned kinds[MODEM_MODES_MAX];
  int count = list_modes(kinds, names, err, err_len);
  return count < 0 ? count : 0;
}

static int add_mode(struct freedv_modem *modem, unsigned kind, unsigned level_pct, char *err, size_t err_len)
{
  size_t index = modem->base.mode_count;
  if (freedv_mode_describe(kind, &modem->base.modes[index]) != 0)
    return fail(-ENOSYS, err, err_len, "mode %s: this Codec2 library lacks it", freedv_mode_name(kind));
  modem->base.mode_count++;
  modem->tx[index] = freedv_tx_new(kind, level_pct);
  modem->rx[index] = freedv_rx_new(kind);
  if (!modem->tx[index] || !modem->rx[index])
    return fail(-ENOMEM, err, err_len, "mode %s: out of memory", freedv_mode_name(kind));
  return 0;
}

static int add_modes(struct freedv_modem *modem, const char *names, unsigned level_pct, char *err, size_t err_len)
{
  unsigned kinds[MODEM_MODES_MAX];
  int count = list_modes(kinds, names, err, err_len), error = count < 0 ? count : 0;
  for (int i = 0; i < count && error == 0; i++)
    error = add_mode(modem, kinds[i], level_pct, err, err_len);
  return error;
}

static int allocate_chunk(struct freedv_modem *modem, char *err, size_t err_len)
{
  size_t longest = 0;
  for (size_t i = 0; i < modem->base.mode_count; i++) {
    size_t len = freedv_tx_chunk_max(modem->tx[i]);
    longest = len > longest ? len : longest;
  }
  modem->chunk = malloc(2 * longest * sizeof *modem->chunk);
  return modem->chunk ? 0 : fail(-ENOMEM, err, err_len, "soft modem: out of memory");
}

int freedv_modem_open(struct modem **out, const struct freedv_settings *settings, char *err, size_t err_len)
{
  int error = check_settings(settings, err, err_len);
  if (error)
    return error;
  struct freedv_modem *modem = calloc(1, sizeof *modem);
  if (!modem)
    return fail(-ENOMEM, err, err_len, "soft modem: out of memory");
  strcpy(modem->audio_spec, settings->audio);
  strcpy(modem->ptt_spec, settings->ptt);
  modem->lead_ms = settings->lead_ms;
  modem->tail_ms = settings->tail_ms;
  dcd_init(&modem->dcd);
  error = add_modes(modem, settings->modes, settings->level_pct, err, err_len);
  if (error == 0)
    error = allocate_chunk(modem, err, err_len);
  if (error == 0) {
    error = modem_start(&modem->base, run, destroy);
    if (error)
      fail(error, err, err_len, "soft modem: cannot start its thread: %s", strerror(-error));
  }
  if (error)
    destroy(&modem->base);
  else
    *out = &modem->base;
  return error;
}
