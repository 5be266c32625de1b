/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message would cost on the air, told before it is filed: bytes, bursts and seconds on each channel. */
#ifndef PROTOCOL_DELIVERY_NODE_COST_H
#define PROTOCOL_DELIVERY_NODE_COST_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/node.h"

/* One channel, as if the message went out there now and alone, every burst arrived, and the answers came back as well
 * as the bursts go there.  The mode is the one that sending would choose: by what is known of how the next station
 * hears us; for all, or for nobody in particular, how those heard on the channel do; where nothing is known, the mode
 * that a station never heard is called in. */
struct node_channel_cost {
  uint8_t up;
  uint8_t mode_known;  /* the mode is chosen by what was heard */
  uint8_t mode;        /* of the first burst */
  uint16_t bursts;     /* 0: no mode carries it, the rest is 0 too */
  uint16_t frames;     /* of the modem, in all bursts; a modem without fixed frames sends one a burst */
  uint32_t airtime_us; /* of all bursts: header, tag and framing included, PTT lead and tail not */
  uint32_t answer_us;  /* of the acknowledgements of the next station; 0 for all, where receipts come later */
};

struct node_cost {
  uint16_t chars;      /* of its text or remark */
  uint16_t text_bytes; /* of that text as it travels */
  uint16_t body_bytes; /* of the whole coded body: a report as the difference that would be sent */
  uint16_t hop;        /* the next station on its way; STATION_NONE: it is for all, or for nobody in particular */
  size_t channel_count;
  struct node_channel_cost channel[NODE_CHANNELS_MAX];
};

/* Tells what filing message now would cost, and files nothing.  dest may be STATION_NONE: for nobody in particular.
 * Returns 0 or what node_submit would refuse it with; out is untouched then. */
int node_price(const struct node *node, int64_t now_ms, const struct message *message, struct node_cost *out,
               char *why, size_t why_len);

#endif
