/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has learnt of each other one by hearing it. */
#ifndef PROTOCOL_DELIVERY_PEERS_H
#define PROTOCOL_DELIVERY_PEERS_H

#include <stdint.h>

#include "protocol/link/channel.h"
#include "protocol/link/replay.h"
#include "protocol/wire/station.h"

struct peer {
  struct replay_window window;     /* of frames under the pairwise key: only this peer can move it */
  struct replay_window hop_window; /* of frames under the hop key, which every station holds */
  int16_t snr_cb;                  /* at which we heard it last; LINK_SNR_UNKNOWN */
  int16_t peer_snr_cb;             /* at which it heard us last, by its word; LINK_SNR_UNKNOWN */
  uint8_t channel;                 /* where we heard it last */
  uint8_t heard;                   /* ever since the start */
  uint8_t failures;                /* bursts to it in a row that stayed unanswered */
  uint8_t repeats; /* messages of it in a row that we had acknowledged before: our acknowledgements get lost */
};

struct peers {
  struct peer peer[STATION_MAX + 1]; /* by station number */
};

void peers_init(struct peers *peers);

/* The mode in which a burst of len bytes is expected to cost the least air until it arrives, for a listener at snr_cb
 * (LINK_SNR_UNKNOWN: none known yet) after failures in a row.  -1 when no mode carries len bytes. */
int peer_choose_mode(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures);

#endif
