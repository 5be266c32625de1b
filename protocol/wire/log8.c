/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8-bit count code of status reports. */
#include "protocol/wire/log8.h"

#include <assert.h>
#include <stddef.h>

static const struct {
  uint8_t code; /* first of the segment */
  uint16_t count, step;
} segments[] = {{0, 0, 1}, {64, 64, 2}, {128, 192, 8}, {192, 704, 64}};

#define SEGMENT_COUNT (sizeof segments / sizeof *segments)

uint32_t log8_decode(uint8_t code)
{
  assert(code != LOG8_UNKNOWN);
  size_t s = SEGMENT_COUNT - 1;
  while (code < segments[s].code)
    s--;
  return segments[s].count + (uint32_t)(code - segments[s].code) * segments[s].step;
}

uint8_t log8_encode(uint32_t count)
{
  unsigned last = LOG8_UNKNOWN - 1;
  if (count > LOG8_MAX_COUNT + 32)
    return LOG8_UNKNOWN;
  unsigned code = 0;
  while (code < last && log8_decode((uint8_t)(code + 1)) <= count)
    code++;
  if (code < last && count - log8_decode((uint8_t)code) > log8_decode((uint8_t)(code + 1)) - count)
    code++;
  return (uint8_t)code;
}

int log8_is_exact(uint8_t code)
{
  return code < segments[1].code;
}
