/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items inside a frame: each begins with its type, the rest follows in bits and ends on a byte. */
#ifndef PROTOCOL_WIRE_ITEM_H
#define PROTOCOL_WIRE_ITEM_H

#include <stdint.h>

#include "protocol/base/bits.h"

enum item_type {
  ITEM_END, /* zero padding to the end of the frame */
  ITEM_STATUS,
  ITEM_ALERT,
  ITEM_TEXT,
  ITEM_RECEIPT,
  ITEM_ACK,
  ITEM_BEACON, /* protocol/wire/beacon.h */
};

#define ITEM_AGE_OLDEST 65535 /* minutes: this old or older */

/* What the items of messages begin with. */
struct item_head {
  uint8_t type;
  uint8_t precedence;
  uint32_t counter; /* of the message */
  uint16_t age_min; /* since it was filed; 0: less than one minute */
};

/* What an acknowledgement says of the message it names. */
enum ack_code {
  ACK_DELIVERED,      /* its recipient has stored it */
  ACK_EXPIRED,        /* stored, but it came after its expiry */
  ACK_NO_BASE,        /* the report that it differs from is not here: send it whole */
  ACK_NOT_UNDERSTOOD, /* authentic, but its content is not known to this version, or not valid */
  ACK_TRY_LATER,      /* cannot be stored now */
  ACK_CODE_COUNT
};

struct ack {
  uint8_t code;
  uint16_t counter; /* low 16 bits of the counter of a message of the addressee */
  int16_t snr_cb;   /* at which the addressee was heard: as protocol/wire/snr.h */
};

/* frame_counter is that of the frame which carries the item, at most 2^31 above the message's. */
void item_head_encode(const struct item_head *head, uint32_t frame_counter, struct bit_writer *out);

/* Reads what follows the type.  Returns 0 or -EBADMSG. */
int item_head_decode(struct item_head *out, uint8_t type, uint32_t frame_counter, struct bit_reader *in);

void ack_encode(const struct ack *ack, struct bit_writer *out);
int ack_decode(struct ack *out, struct bit_reader *in); /* after the type; 0 or -EBADMSG */

#endif
