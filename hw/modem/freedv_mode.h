/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codec2's raw data modes as bursts: bytes to samples and back, without threads and devices, so that benches and
 * tests use the very code that runs on the air.
 *
 * A burst is a preamble, 1 to FREEDV_FRAMES_MAX modem frames and a postamble.  Each modem frame carries unit_bytes of
 * payload and the 16-bit CRC that Codec2 checks.  The low three bits of the first byte (MODEM_LINK_BITS) say how many
 * modem frames follow the first. */
#ifndef HW_MODEM_FREEDV_MODE_H
#define HW_MODEM_FREEDV_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/modem.h"

#define FREEDV_FRAMES_MAX (MODEM_LINK_BITS + 1)

/* RMS of every mode's modem frames at a transmit level of 100 %; leaves 8.7 dB for peaks below full scale, where
 * these modes have 7 to 7.6. */
#define FREEDV_RMS_FULL 12000

/* Modes are numbered from 0 and named as in Codec2. */
size_t freedv_mode_count(void);
const char *freedv_mode_name(unsigned kind);

/* Returns the mode's number or -EINVAL. */
int freedv_mode_find(const char *name, size_t name_len);

/* Fills in what the library says about the mode.  Returns 0 or -ENOSYS (the library lacks it). */
int freedv_mode_describe(unsigned kind, struct modem_mode *out);

/* ---- Transmit: one burst is a number of chunks, each made when it is needed. */

struct freedv_tx;

/* level_pct 1..100.  Returns NULL when the library lacks the mode or memory is short. */
struct freedv_tx *freedv_tx_new(unsigned kind, unsigned level_pct);
void freedv_tx_free(struct freedv_tx *tx);

/* Most samples in one chunk. */
size_t freedv_tx_chunk_max(const struct freedv_tx *tx);

/* Starts a burst of len bytes (1..max_bytes, link bits zero).  Returns its total length in samples. */
size_t freedv_tx_begin(struct freedv_tx *tx, const uint8_t *bytes, size_t len);

/* Makes the next chunk.  Returns its length, 0 after the last. */
size_t freedv_tx_next(struct freedv_tx *tx, int16_t *samples);

/* ---- Receive: a continuous stream of samples. */

struct freedv_rx;

enum freedv_sync {
  FREEDV_SEARCHING,
  FREEDV_TRIAL,  /* something looked like a preamble; 20 minutes of noise did not */
  FREEDV_SYNCED, /* the unique word was there */
};

struct freedv_burst {
  int16_t snr_cb;     /* in 3 kHz */
  int16_t offset_dhz; /* carrier offset, 0.1 Hz */
  uint16_t len;
  uint8_t bytes[MODEM_BURST_MAX]; /* whole modem frames, link bits zero */
};

/* Returns NULL when the library lacks the mode or memory is short. */
struct freedv_rx *freedv_rx_new(unsigned kind);
void freedv_rx_free(struct freedv_rx *rx);

/* Takes samples from *samples, *len of them, and moves both on.  Returns true when a burst is complete (call again
 * with the rest), false when all samples are used.  When the preamble was lost, Codec2 finds a burst by its postamble
 * and decodes the last modem frame alone; if that was one of several, chance lets one in eight through as a burst of
 * its own: whoever reads bursts must be able to tell a forgery anyway. */
bool freedv_rx_feed(struct freedv_rx *rx, const int16_t **samples, size_t *len, struct freedv_burst *out);

enum freedv_sync freedv_rx_sync(const struct freedv_rx *rx);

/* The stream breaks off here: completes a burst that is all but decoded, then forgets what was heard.  Returns true
 * when there was one. */
bool freedv_rx_flush(struct freedv_rx *rx, struct freedv_burst *out);

/* Forgets what was heard so far. */
void freedv_rx_reset(struct freedv_rx *rx);

/* Bursts whose unique word was there but whose bytes did not arrive whole. */
uint32_t freedv_rx_dropped(const struct freedv_rx *rx);

#endif
