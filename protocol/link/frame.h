/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sealed unit inside a burst: a clear header of four or five bytes, a tag, and items that only the addressee can
 * read. */
#ifndef PROTOCOL_LINK_FRAME_H
#define PROTOCOL_LINK_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/keyring.h"
#include "protocol/crypto/siv.h"
#include "protocol/link/channel.h"
#include "protocol/link/replay.h"
#include "protocol/wire/station.h"

#define FRAME_VERSION 0
#define FRAME_HEADER_MIN 4 /* of the first 250 stations; of others a byte more */
#define FRAME_MIN_LEN (FRAME_HEADER_MIN + SIV_TAG_SHORT + 1)
#define FRAME_PLAIN_MAX (LINK_BURST_MAX - FRAME_HEADER_MIN - SIV_TAG_LONG)

/* A frame of at most this many bytes may carry the short tag: the smallest modem frame (DATAC0, 14 bytes). */
#define FRAME_SHORT_MAX 14

#define FRAME_TO_ALL 0 /* under the hop key: every station of the network reads it */

/* The hop key that a frame for all was sealed under, as its receiver sees it; of others FRAME_EPOCH_CURRENT. */
enum frame_epoch {
  FRAME_EPOCH_CURRENT = KEYRING_CURRENT,
  FRAME_EPOCH_PREVIOUS = KEYRING_PREVIOUS,
  FRAME_EPOCH_NEXT = KEYRING_NEXT
};

struct frame {
  uint16_t source;
  uint16_t dest; /* this station, or FRAME_TO_ALL */
  uint32_t counter;
  uint8_t is_short; /* tag of four bytes */
  uint8_t epoch_is; /* enum frame_epoch; set by frame_open, frame_seal takes the current one */
  size_t len;       /* of the plain text, padding included */
  uint8_t plain[FRAME_PLAIN_MAX];
};

/* Bytes of a frame of source with len bytes of plain text. */
size_t frame_len(uint16_t source, size_t len, int is_short);

/* Seals frame->plain from source (must be the keyring's own) to dest.  out holds frame_len() bytes.
 * Returns bytes written, or -ENOENT (no key for dest). */
int frame_seal(struct keyring *keyring, const struct frame *frame, uint8_t *out);

/* The replay window of a station, or NULL when there is no such station. */
typedef const struct replay_window *frame_window_fn(void *context, uint16_t station);

/* Non-zero when the burst claims to be under the hop key. */
int frame_is_hop(const uint8_t *buf, size_t len);

/* The station that the burst claims to come from; STATION_NONE when it names none. */
uint16_t frame_source(const uint8_t *buf, size_t len);

/* Opens a burst.  Returns 0; -EBADMSG (too short or too long for a frame), -EPROTONOSUPPORT (version, or a bit that
 * this version does not use), -ENOENT (source unknown, dropped or ourselves), -EPERM (short tag on a long frame),
 * -EKEYREJECTED (claims the hop key, but does not hold), -EADDRNOTAVAIL (under a pairwise key that is not ours: for
 * another station, or forged), -EALREADY (authentic, but seen before, or too old to tell: see replay_is_behind).  out
 * is set on 0 and -EALREADY only. */
int frame_open(struct keyring *keyring, const uint8_t *buf, size_t len, frame_window_fn *window, void *context,
               struct frame *out);

#endif
