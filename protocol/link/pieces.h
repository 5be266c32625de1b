/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts long content into small erasure-coded pieces: any set of as many pieces as the content has source pieces gives
 * it back, so a receiver says how many it lacks, not which, and one repair burst serves many listeners.
 *
 * The code is a systematic Reed-Solomon code over GF(2^8) (Reed and Solomon 1960; polynomial x^8+x^4+x^3+x^2+1): byte
 * i of the pieces 0..k-1 are the values at the points 0..k-1 of one polynomial of degree below k, byte i of piece n
 * its value at n. */
#ifndef PROTOCOL_LINK_PIECES_H
#define PROTOCOL_LINK_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/wire/piece_run.h"

#define PIECES_SOURCE_MAX (BUNDLE_MAX / PIECE_LEN)

_Static_assert(BUNDLE_MAX % PIECE_LEN == 0, "the longest content is cut into whole pieces");

/* Source pieces of len bytes (1..BUNDLE_MAX). */
unsigned pieces_needed(size_t len);

/* Writes piece index (0..PIECE_INDEX_MAX) of content; the last source piece is filled up with zeros. */
void piece_make(const uint8_t *content, size_t len, unsigned index, uint8_t out[PIECE_LEN]);

/* Pieces of one content as they come in.  Plain data. */
struct piece_collector {
  uint16_t len; /* of the content */
  uint8_t count;
  uint8_t index[PIECES_SOURCE_MAX];
  uint8_t piece[PIECES_SOURCE_MAX][PIECE_LEN];
};

void piece_collector_init(struct piece_collector *collector, size_t len);

/* Returns 1 when the piece helped, 0 when it was known or is no longer needed. */
int piece_collector_add(struct piece_collector *collector, unsigned index, const uint8_t piece[PIECE_LEN]);

/* How many more different pieces are needed, whichever. */
unsigned piece_collector_lacks(const struct piece_collector *collector);

/* Writes the content (len bytes) once nothing lacks.  Returns 0 or -EAGAIN. */
int piece_collector_read(const struct piece_collector *collector, uint8_t *out);

#endif
