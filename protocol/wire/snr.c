/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an SNR travels in acknowledgements and beacons: six bits of whole decibels. */
#include "protocol/wire/snr.h"

#define UNKNOWN_CODE 63
#define LOWEST_DB -22
#define HIGHEST_DB 40

static uint32_t snr_to_code(int16_t snr_cb)
{
  if (snr_cb == SNR_UNKNOWN)
    return UNKNOWN_CODE;
  int db = (snr_cb + (snr_cb < 0 ? -5 : 5)) / 10;
  if (db < LOWEST_DB)
    db = LOWEST_DB;
  if (db > HIGHEST_DB)
    db = HIGHEST_DB;
  return (uint32_t)(db - LOWEST_DB);
}

void snr_encode(int16_t snr_cb, struct bit_writer *out)
{
  bits_put(out, snr_to_code(snr_cb), SNR_BITS);
}

int16_t snr_decode(struct bit_reader *in)
{
  uint32_t code = bits_get(in, SNR_BITS);
  return code == UNKNOWN_CODE ? SNR_UNKNOWN : (int16_t)(((int)code + LOWEST_DB) * 10);
}
