/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beacon: I am here, I hold these alerts, I hear these stations this well, and these are my routes. */
#ifndef PROTOCOL_WIRE_BEACON_H
#define PROTOCOL_WIRE_BEACON_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/snr.h"
#include "protocol/wire/station.h"

#define BEACON_ENTRIES_MAX 63

/* A route's metric on air: expected airtime from 20 ms to 13 h in steps of a twelfth of an octave, see metric_encode.
 * Rounding up at each hop costs 3 % on average; with a tenth of an octave some ways in random networks were more than
 * a quarter dearer than the best. */
#define METRIC_UNREACHABLE 255

enum beacon_want {
  BEACON_WANTS_NOTHING,
  BEACON_WANTS_ANY,   /* the sender looks for a route to this station */
  BEACON_WANTS_NEWER, /* ... that is newer than want_seq */
};

/* An entry says one of the three things at least; one that wants but has no route says that the sender has none. */
struct beacon_entry {
  uint16_t station;  /* a station's number */
  uint8_t has_snr;   /* the sender hears this station directly, at snr_cb */
  uint8_t has_route; /* metric is set, and seq unless the route is lost */
  uint8_t wants;     /* enum beacon_want */
  int16_t snr_cb;    /* SNR in 3 kHz, as protocol/wire/snr.h */
  uint8_t metric;    /* METRIC_UNREACHABLE: the route is lost */
  uint8_t seq;       /* of the beacon of this station that the route goes back to */
  uint8_t want_seq;
};

struct beacon {
  uint8_t started;    /* the first since the station started */
  uint8_t is_mobile;  /* the station travels and takes messages along */
  uint8_t has_clock;  /* its clock goes back to a coordinator's */
  uint16_t digest;    /* of the alerts and orders it holds; 0: none */
  uint8_t version;    /* low 8 bits of its directory's version */
  uint8_t seq;        /* of the routes to it, see protocol/route/routes.h */
  size_t entry_count; /* 0..BEACON_ENTRIES_MAX */
  struct beacon_entry entry[BEACON_ENTRIES_MAX];
};

/* Bits of one entry. */
size_t beacon_entry_bits(const struct beacon_entry *entry);
/* Bits of a beacon without entries: they fit the six bytes that a 14-byte frame with a short tag leaves. */
#define BEACON_HEAD_BITS 45 /* type 4, flags 3, digest 16, version 8, seq 8, entry count 6 */

void beacon_encode(const struct beacon *beacon, struct bit_writer *out);
/* Reads what follows the type.  Returns 0 or -EBADMSG; out is untouched on error. */
int beacon_decode(struct beacon *out, struct bit_reader *in);

/* The code of the smallest metric not below airtime_ms, METRIC_UNREACHABLE when there is none; every hop's must
 * exceed the one before by at least a step, or rounding could hide a loop. */
uint8_t metric_encode(uint32_t airtime_ms);
uint32_t metric_decode(uint8_t code); /* in ms, rounded down; UINT32_MAX for METRIC_UNREACHABLE */

#endif
