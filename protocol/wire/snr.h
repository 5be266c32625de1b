/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an SNR travels in acknowledgements and beacons: six bits of whole decibels. */
#ifndef PROTOCOL_WIRE_SNR_H
#define PROTOCOL_WIRE_SNR_H

#include <stdint.h>

#include "protocol/base/bits.h"

#define SNR_BITS 6
#define SNR_UNKNOWN INT16_MIN

/* snr_cb: SNR in 3 kHz, rounded to whole dB and limited to -22..40; or SNR_UNKNOWN. */
void snr_encode(int16_t snr_cb, struct bit_writer *out);
int16_t snr_decode(struct bit_reader *in);

#endif
