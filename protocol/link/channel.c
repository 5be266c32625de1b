/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a burst costs on a channel. */
#include "protocol/link/channel.h"

unsigned link_mode_units(const struct link_mode *mode, size_t len)
{
  unsigned units = (unsigned)((len + mode->unit_bytes - 1) / mode->unit_bytes);
  return units ? units : 1;
}

size_t link_mode_padded(const struct link_mode *mode, size_t len)
{
  return mode->fixed ? (size_t)link_mode_units(mode, len) * mode->unit_bytes : len;
}

uint32_t link_mode_airtime_us(const struct link_mode *mode, size_t len)
{
  return mode->overhead_us + mode->unit_us * link_mode_units(mode, len);
}
