/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beacon: I am here, I hold these alerts, I hear these stations this well, and these are my routes. */
#ifndef PROTOCOL_WIRE_BEACON_H
#define PROTOCOL_WIRE_BEACON_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/station.h"

#define BEACON_ENTRIES_MAX 63

/* A route's metric on air: expected airtime in steps of a tenth of an octave, see metric_encode. */
#define METRIC_UNREACHABLE 255

struct beacon_entry {
  uint16_t station;
  uint8_t has_snr;   /* the sender hears this station directly, at snr_cb */
  uint8_t has_route; /* seq and metric are set */
  uint8_t wants;     /* the sender looks for a newer route to this station than seq (has_route: from there on) */
  int16_t snr_cb;    /* SNR in 3 kHz, in whole dB as in an acknowledgement; LINK_SNR_UNKNOWN */
  uint16_t seq;      /* low 16 bits of the frame counter of the beacon of this station that the route goes back to */
  uint8_t metric;    /* METRIC_UNREACHABLE: the route is lost */
};

struct beacon {
  uint8_t started;    /* the first since the station started */
  uint8_t is_mobile;  /* the station travels and takes messages along */
  uint8_t has_clock;  /* its clock goes back to a coordinator's */
  uint16_t digest;    /* of the alerts and orders it holds; 0: none */
  uint8_t version;    /* low 8 bits of its directory's version */
  size_t entry_count; /* 0..BEACON_ENTRIES_MAX */
  struct beacon_entry entry[BEACON_ENTRIES_MAX];
};

/* Bits of one entry. */
size_t beacon_entry_bits(const struct beacon_entry *entry);
/* Bits of a beacon without entries. */
#define BEACON_HEAD_BITS 37 /* type 4, flags 3, digest 16, version 8, entry count 6 */

void beacon_encode(const struct beacon *beacon, struct bit_writer *out);
/* Reads what follows the type.  Returns 0 or -EBADMSG; out is untouched on error. */
int beacon_decode(struct beacon *out, struct bit_reader *in);

/* The code of the smallest metric not below airtime_ms; every hop's must exceed the one before by at least a step, or
 * rounding could hide a loop. */
uint8_t metric_encode(uint32_t airtime_ms);
uint32_t metric_decode(uint8_t code); /* UINT32_MAX for METRIC_UNREACHABLE */

#endif
