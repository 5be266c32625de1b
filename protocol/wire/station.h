/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Station numbers and how they travel: one byte for the first 250, two for the others. */
#ifndef PROTOCOL_WIRE_STATION_H
#define PROTOCOL_WIRE_STATION_H

#include <stdint.h>

#include "protocol/base/bits.h"

#define STATION_NONE 0
#define STATION_ALL 255  /* every station; so 251..255 are nobody's numbers */
#define STATION_MAX 1279 /* stations are 1..250 and 256..1279 */

/* Non-zero when number can be a station's. */
int station_is_valid(unsigned number);

/* 1..250 and STATION_ALL as themselves; the others as 250 + number / 256, then number % 256. */
void station_encode(uint16_t number, struct bit_writer *out);

/* Bytes that station_encode writes. */
unsigned station_len(uint16_t number);

/* Returns 0 or -EBADMSG (short, or no such number); STATION_ALL is accepted. */
int station_decode(uint16_t *out, struct bit_reader *in);

/* The same where one station is meant: STATION_ALL is refused. */
int station_decode_one(uint16_t *out, struct bit_reader *in);

#endif
