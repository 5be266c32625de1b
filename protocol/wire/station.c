/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Station numbers and how they travel: one byte for the first 250, two for the others. */
#include "protocol/wire/station.h"

#include <assert.h>
#include <errno.h>

#define ONE_BYTE_MAX 250 /* a first byte of 251..254 announces a second */

int station_is_valid(unsigned number)
{
  return (number >= 1 && number <= ONE_BYTE_MAX) || (number > STATION_ALL && number <= STATION_MAX);
}

unsigned station_len(uint16_t number)
{
  return number > STATION_ALL ? 2 : 1;
}

void station_encode(uint16_t number, struct bit_writer *out)
{
  assert(number == STATION_ALL || station_is_valid(number));
  if (number > STATION_ALL)
    bits_put(out, ONE_BYTE_MAX + (number >> 8), 8);
  bits_put(out, number & 0xff, 8);
}

int station_decode(uint16_t *out, struct bit_reader *in)
{
  uint32_t number = bits_get(in, 8);
  if (number > ONE_BYTE_MAX && number < STATION_ALL)
    number = (number - ONE_BYTE_MAX) << 8 | bits_get(in, 8);
  if (in->underflow || (number != STATION_ALL && !station_is_valid(number)))
    return -EBADMSG;
  *out = (uint16_t)number;
  return 0;
}

int station_decode_one(uint16_t *out, struct bit_reader *in)
{
  uint16_t number;
  if (station_decode(&number, in) || number == STATION_ALL)
    return -EBADMSG;
  *out = number;
  return 0;
}
