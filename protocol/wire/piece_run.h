/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The item that carries pieces of a bundle which does not fit a burst; how they are made is link/pieces.h. */
#ifndef PROTOCOL_WIRE_PIECE_RUN_H
#define PROTOCOL_WIRE_PIECE_RUN_H

#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/bundle.h"

#define PIECE_LEN 16        /* bytes */
#define PIECE_INDEX_MAX 255 /* pieces 0..255 exist of every content */
#define PIECE_RUN_MAX 63

/* Pieces first .. first + count - 1 of the bundle, whose whole head goes along: a station that hears only this burst
 * knows what it has a part of. */
struct piece_run {
  struct bundle_head head;
  uint8_t first;
  uint8_t count; /* 1..PIECE_RUN_MAX, first + count - 1 <= PIECE_INDEX_MAX */
  uint8_t piece[PIECE_RUN_MAX][PIECE_LEN];
};

/* source and frame_counter are those of the frame around it. */
void piece_run_encode(const struct piece_run *run, uint16_t source, uint32_t frame_counter, struct bit_writer *out);

/* Reads what follows the item type.  Returns 0 or -EBADMSG; out is untouched on error. */
int piece_run_decode(struct piece_run *out, uint16_t source, uint32_t frame_counter, struct bit_reader *in);

#endif
