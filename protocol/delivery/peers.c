/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has learnt of each other one by hearing it, and the choice of mode that follows. */
#include "protocol/delivery/peers.h"

#include <stdlib.h>
#include <string.h>

/* What is assumed of a listener never heard: the cheapest mode gets its chance, failures correct it. */
#define SNR_ASSUMED_CB 60
/* Every unanswered burst makes the link look this much worse than it was last told. */
#define FAILURE_STEP_CB 30
/* The need of a mode is where 95 % of bursts arrive; the curve of a coded mode falls to nearly nothing within 2 dB.
 */
#define CURVE_STEP_CB 20

#define PROVEN_MS 3600000
/* HF paths come and go with the hours. */
#define HEARS_MS (6 * INT64_C(3600000))

#define LINK_UNKNOWN                                                                                                 \
  {                                                                                                                  \
    .heard_ms = PEER_NEVER, .beacon_ms = PEER_NEVER, .proven_ms = PEER_NEVER, .forgiven_ms = PEER_NEVER,             \
    .told_ms = PEER_NEVER, .hears_ms = PEER_NEVER, .snr_cb = LINK_SNR_UNKNOWN, .peer_snr_cb = LINK_SNR_UNKNOWN,      \
    .mean_cb = LINK_SNR_UNKNOWN, .peer_mean_cb = LINK_SNR_UNKNOWN                                                    \
  }

static const struct peer unknown = {.link = {LINK_UNKNOWN, LINK_UNKNOWN, LINK_UNKNOWN, LINK_UNKNOWN, LINK_UNKNOWN,
                                             LINK_UNKNOWN, LINK_UNKNOWN, LINK_UNKNOWN},
                                    .searched_ms = PEER_NEVER,
                                    .order_told_ms = PEER_NEVER,
                                    .counter_told_ms = PEER_NEVER};

void peers_init(struct peers *peers)
{
  *peers = (struct peers){0};
}

void peers_wipe(struct peers *peers)
{
  for (unsigned i = 0; i <= STATION_MAX; i++)
    free(peers->peer[i]);
  peers_init(peers);
}

struct peer *peers_get(struct peers *peers, uint16_t station)
{
  struct peer **peer = &peers->peer[station];
  if (!*peer && (*peer = malloc(sizeof **peer)))
    **peer = unknown;
  return *peer;
}

const struct peer *peers_look(const struct peers *peers, uint16_t station)
{
  return peers->peer[station] ? peers->peer[station] : &unknown;
}

void peer_link_note_hears(struct peer_link *link, int64_t now_ms, uint16_t station)
{
  if (link->hears_ms == PEER_NEVER || now_ms - link->hears_ms > HEARS_MS) {
    memset(link->hears, 0, sizeof link->hears);
    link->hears_ms = now_ms;
  }
  link->hears[station / 8] = (uint8_t)(link->hears[station / 8] | 1 << station % 8);
}

int peer_link_hears(const struct peer_link *link, uint16_t station)
{
  return link->hears[station / 8] >> station % 8 & 1;
}

int peer_link_is_proven(const struct peer_link *link, int64_t now_ms)
{
  return link->proven_ms != PEER_NEVER && now_ms - link->proven_ms < PROVEN_MS;
}

/* Moves a quarter of the way. */
static void follow(int16_t *mean_cb, int16_t snr_cb)
{
  if (snr_cb != LINK_SNR_UNKNOWN)
    *mean_cb = (int16_t)(*mean_cb == LINK_SNR_UNKNOWN ? snr_cb : *mean_cb + (snr_cb - *mean_cb) / 4);
}

void peer_link_note_snr(struct peer_link *link, int16_t snr_cb)
{
  link->snr_cb = snr_cb;
  follow(&link->mean_cb, snr_cb);
}

void peer_link_note_peer_snr(struct peer_link *link, int16_t snr_cb)
{
  link->peer_snr_cb = snr_cb;
  follow(&link->peer_mean_cb, snr_cb);
}

int16_t peer_link_mean_snr(const struct peer_link *link)
{
  return link->peer_mean_cb != LINK_SNR_UNKNOWN ? link->peer_mean_cb : link->mean_cb;
}

int16_t peer_link_snr(const struct peer_link *link)
{
  return link->peer_snr_cb != LINK_SNR_UNKNOWN ? link->peer_snr_cb : link->snr_cb;
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

/* Chance in 1/1000 that a burst of len bytes arrives at snr_cb; at least 1.  All its modem frames must. */
static unsigned burst_permille(const struct link_mode *mode, size_t len, int snr_cb)
{
  unsigned one = arrival_permille(snr_cb - mode->snr_needed_cb), all = one;
  for (unsigned i = 1; mode->fixed && i < link_mode_units(mode, len); i++)
    all = all * one / 1000;
  return all ? all : 1;
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
  return (uint64_t)link_mode_airtime_us(a, len) * burst_permille(b, len, snr_cb) <
         (uint64_t)link_mode_airtime_us(b, len) * burst_permille(a, len, snr_cb);
}

static int believed_snr_cb(int16_t snr_cb, unsigned failures)
{
  return (snr_cb == LINK_SNR_UNKNOWN ? SNR_ASSUMED_CB : snr_cb) - FAILURE_STEP_CB * (int)failures;
}

static int carries(const struct link_channel *channel, const struct link_mode *mode, size_t len)
{
  return len <= mode->max_bytes &&
         (!channel->key_down_max_ms || link_mode_airtime_us(mode, len) / 1000 <= channel->key_down_max_ms);
}

int peer_choose_mode(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures)
{
  int best = -1;
  int snr = believed_snr_cb(snr_cb, failures);
  for (int i = 0; i < channel->mode_count; i++) {
    const struct link_mode *mode = &channel->mode[i];
    if (carries(channel, mode, len) && (best < 0 || is_better(mode, &channel->mode[best], len, snr)))
      best = i;
  }
  return best;
}

uint32_t peer_expected_ms(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures)
{
  int mode = peer_choose_mode(channel, len, snr_cb, failures);
  if (mode < 0)
    return UINT32_MAX;
  unsigned permille = burst_permille(&channel->mode[mode], len, believed_snr_cb(snr_cb, failures));
  return link_mode_airtime_us(&channel->mode[mode], len) / permille + 1;
}
