/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station has learnt of each other one by hearing it, on each channel, and what sending to it costs. */
#ifndef PROTOCOL_DELIVERY_PEERS_H
#define PROTOCOL_DELIVERY_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/link/channel.h"
#include "protocol/link/replay.h"
#include "protocol/wire/station.h"

#define PEER_NEVER INT64_MIN

/* One direction each of one channel to a peer. */
struct peer_link {
  int64_t heard_ms;    /* PEER_NEVER */
  int64_t beacon_ms;   /* its last beacon; PEER_NEVER */
  int64_t proven_ms;   /* its last frame under the pairwise key, which nobody else can send; PEER_NEVER */
  int64_t forgiven_ms; /* when its beacon last made us forget failures; PEER_NEVER */
  int64_t told_ms;     /* when a beacon of ours last said how we hear it; PEER_NEVER */
  int16_t snr_cb;      /* at which we heard it last; LINK_SNR_UNKNOWN */
  int16_t peer_snr_cb; /* at which it heard us last, by its word; LINK_SNR_UNKNOWN */
  int16_t mean_cb;     /* of snr_cb over the last few bursts: routes shall not follow each fading */
  int16_t peer_mean_cb;
  int64_t hears_ms;                   /* when hears was begun; PEER_NEVER */
  uint8_t hears[STATION_MAX / 8 + 1]; /* the stations that it hears well there, by its beacons */
  uint8_t failures;                   /* bursts to it in a row that stayed unanswered */
  uint8_t repeats; /* messages of it in a row that we had acknowledged before: our acknowledgements get lost */
};

struct peer {
  struct replay_window window;     /* of frames under the pairwise key: only this peer can move it */
  struct replay_window hop_window; /* of frames under the hop key, which every station holds */
  struct peer_link link[LINK_CHANNELS_MAX];
  uint8_t channel;         /* where we heard it last */
  uint8_t is_mobile;       /* by its beacon */
  int64_t searched_ms;     /* when the counter of a frame of it was last sought far and wide; PEER_NEVER */
  uint8_t is_behind;       /* its last frame for all was under the hop key of an epoch that has passed */
  int64_t order_told_ms;   /* when it was last told of the present epoch for that; PEER_NEVER */
  uint32_t time_counter;   /* a coordinator: of the time that was believed last */
  int64_t counter_told_ms; /* when it was last told that its counter has been higher */
};

struct peers {
  struct peer *peer[STATION_MAX + 1]; /* by station number; NULL: nothing known */
};

void peers_init(struct peers *peers);
void peers_wipe(struct peers *peers);

/* NULL when out of memory. */
struct peer *peers_get(struct peers *peers, uint16_t station);

/* Never NULL: of a station of which nothing is known, what is assumed of it. */
const struct peer *peers_look(const struct peers *peers, uint16_t station);

/* The peer's beacon says that it hears station well.  What it heard long ago is forgotten. */
void peer_link_note_hears(struct peer_link *link, int64_t now_ms, uint16_t station);
int peer_link_hears(const struct peer_link *link, uint16_t station);

/* Notes at which SNR we heard the peer, or it heard us; LINK_SNR_UNKNOWN changes nothing but the last value. */
void peer_link_note_snr(struct peer_link *link, int16_t snr_cb);
void peer_link_note_peer_snr(struct peer_link *link, int16_t snr_cb);

/* Non-zero while what is known of the link was proven not long ago: then beacons, which any station can send in the
 * peer's name, do not change it. */
int peer_link_is_proven(const struct peer_link *link, int64_t now_ms);

/* The SNR at which the peer is expected to hear us: its own word, else ours of it. */
int16_t peer_link_snr(const struct peer_link *link);
int16_t peer_link_mean_snr(const struct peer_link *link);

/* The mode in which a burst of len bytes is expected to cost the least air until it arrives, for a listener at snr_cb
 * (LINK_SNR_UNKNOWN: none known yet) after failures in a row.  -1 when no mode carries len bytes. */
int peer_choose_mode(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures);

/* Expected airtime in ms until a burst of len bytes has arrived in that mode; UINT32_MAX: no mode. */
uint32_t peer_expected_ms(const struct link_channel *channel, size_t len, int16_t snr_cb, unsigned failures);

#endif
