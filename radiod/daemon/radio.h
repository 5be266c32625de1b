/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One radio channel of the post: its settings, its modem, and what a technician wants to know of both. */
#ifndef RADIOD_RADIO_H
#define RADIOD_RADIO_H

#include <stddef.h>
#include <stdint.h>

#include "hw/modem.h"
#include "protocol/link/channel.h"
#include "radiod/config/config.h"

struct radio {
  struct config_channel config;
  struct modem *modem;
  int up, busy, transmitting;
  char text[MODEM_TEXT_MAX]; /* last word of the modem */
  uint64_t bursts_heard, bursts_sent, keyed_us;
};

/* Starts the modem that config names.  Returns 0, or a negative errno code with one line in err when the settings
 * cannot work; a device that is missing is reported later, by events. */
int radio_open(struct radio *radio, const struct config_channel *config, char *err, size_t err_len);
void radio_close(struct radio *radio);

/* What the protocol must know of this channel. */
void radio_describe(const struct radio *radio, struct link_channel *out);

#endif
