/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has learnt of each other one by hearing it, and the choice of mode that follows. */
#include "protocol/delivery/peers.h"

/* What is assumed of a listener never heard: the cheapest mode gets its chance, failures correct it. */
#define SNR_ASSUMED_CB 60
/* Every unanswered burst makes the link look this much worse than it was last told. */
#define FAILURE_STEP_CB 30
/* The need of a mode is where 95 % of bursts arrive; the curve of a coded mode falls to nearly nothing within 2 dB.
 */
#define CURVE_STEP_CB 20

void peers_init(struct peers *peers)
{
  for (unsigned i = 0; i <= STATION_MAX; i++)
    peers->peer[i] = (struct peer){.snr_cb = LINK_SNR_UNKNOWN, .peer_snr_cb = LINK_SNR_UNKNOWN};
}

/* Chance in 1/1000 that a burst arrives with this margin above the mode's need. */
static unsigned arrival_permille(int margin_cb)
{
  if (margin_cb >= CURVE_STEP_CB)
    return 990;
  if (margin_cb >= 0)
    return 950;
  if (margin_cb >= -CURVE_STEP_CB)
    return 400;
  return 20;
}

static int is_hopeless(const struct link_mode *mode, int snr_cb)
{
  return snr_cb < mode->snr_needed_cb - CURVE_STEP_CB;
}

/* Non-zero when a burst of len bytes goes better in mode a than in mode b. */
static int is_better(const struct link_mode *a, const struct link_mode *b, size_t len, int snr_cb)
{
  /* Where neither is expected to arrive, the one that reaches deeper is the only hope. */
  if (is_hopeless(a, snr_cb) && is_hopeless(b, snr_cb))
    return a->snr_needed_cb < b->snr_needed_cb;
  return (uint64_t)link_mode_airtime_us(a, len) * arrival_permille(snr_cb - b->snr_needed_cb) <
         (uint64_t)link_mode_airtime_us(b, len) * arrival_permille(snr_cb - a->snr_needed_cb);
}

int peer_choose_mode(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures)
{
  int best = -1;
  int snr = (snr_cb == LINK_SNR_UNKNOWN ? SNR_ASSUMED_CB : snr_cb) - FAILURE_STEP_CB * (int)failures;
  for (int i = 0; i < channel->mode_count; i++) {
    const struct link_mode *mode = &channel->mode[i];
    if (len <= mode->max_bytes && (best < 0 || is_better(mode, &channel->mode[best], len, snr)))
      best = i;
  }
  return best;
}
