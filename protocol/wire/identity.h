/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a message is named on air: by its originator and its counter, which shrink when the frame is the originator's.
 */
#ifndef PROTOCOL_WIRE_IDENTITY_H
#define PROTOCOL_WIRE_IDENTITY_H

#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/station.h"

/* The counter of a message of the frame's own source as its distance from the frame's counter, which is at most
 * 2^31 - 1 above it: 3 bits up to a distance of 6, else 19 or 35. */
void counter_encode(uint32_t counter, uint32_t frame_counter, struct bit_writer *out);

/* Returns 0 or -EBADMSG. */
int counter_decode(uint32_t *out, uint32_t frame_counter, struct bit_reader *in);

/* Any message: 4 bits at best when source, that of the frame, is its originator, else its number and the counter. */
void identity_encode(uint16_t origin, uint32_t counter, uint16_t source, uint32_t frame_counter,
                     struct bit_writer *out);

/* Returns 0 or -EBADMSG; origin and counter are untouched on error. */
int identity_decode(uint16_t *origin, uint32_t *counter, uint16_t source, uint32_t frame_counter,
                    struct bit_reader *in);

#endif
