/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items inside a frame: each begins with its type, the rest follows in bits and ends on a byte. */
#ifndef PROTOCOL_WIRE_ITEM_H
#define PROTOCOL_WIRE_ITEM_H

#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/station.h"

#define ITEM_TYPE_BITS 4

enum item_type {
  ITEM_END, /* zero padding to the end of the frame */
  ITEM_STATUS,
  ITEM_ALERT,
  ITEM_TEXT,
  ITEM_RECEIPT,
  ITEM_ACK,
  ITEM_BEACON, /* wire/beacon.h */
  ITEM_BUNDLE, /* wire/bundle.h */
  ITEM_PIECES, /* wire/piece_run.h */
  ITEM_PROOF,
  ITEM_LIST, /* wire/bundle.h */
  ITEM_COUNTER,
  ITEM_POLL,
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
  ACK_CUSTODY,        /* stored for its recipient: this station answers for it from now on */
  ACK_LACKS,          /* of its pieces some are still missing here, any of them will do */
  ACK_NO_ROUTE,       /* cannot take custody: it knows no way, or the journey is too long */
  ACK_CODE_COUNT
};

#define ACK_MAX_LEN 7 /* bytes; 4 without origin and lacks, 5 with lacks or an origin of one byte */

struct ack {
  uint8_t code;
  uint16_t counter; /* low 16 bits of the message's counter */
  int16_t snr_cb;   /* at which the addressee was heard: as protocol/wire/snr.h */
  uint16_t origin;  /* of the message; STATION_NONE: the addressee, else whose message the addressee had in custody */
  uint8_t lacks;    /* ACK_LACKS: pieces missing, 1..BUNDLE_MAX / PIECE_LEN; else 0 */
};

#define ITEM_PROOF_LEN 64 /* bytes */

/* The signature of an alert that went without it: it follows when the alarm has sounded. */
struct proof_item {
  uint16_t origin;
  uint32_t counter;
  uint8_t proof[ITEM_PROOF_LEN];
};

/* Tells a station that was restored from an old backup how far it had counted. */
struct counter_item {
  uint32_t counter; /* the addressee's has been at least this high; not 0 */
  uint16_t echo;    /* low 16 bits of the counter of the frame that was too low: nobody can play this back later */
};

/* The channel belongs to the addressee for so long. */
struct poll_item {
  uint8_t seconds; /* not 0 */
};

/* frame_counter is that of the frame which carries the item, at most 2^31 - 1 above the message's. */
void item_head_encode(const struct item_head *head, uint32_t frame_counter, struct bit_writer *out);

/* Reads what follows the type.  Returns 0 or -EBADMSG. */
int item_head_decode(struct item_head *out, uint8_t type, uint32_t frame_counter, struct bit_reader *in);

void ack_encode(const struct ack *ack, struct bit_writer *out);
int ack_decode(struct ack *out, struct bit_reader *in); /* after the type; 0 or -EBADMSG */

/* source and frame_counter are those of the frame around the item. */
void proof_item_encode(const struct proof_item *item, uint16_t source, uint32_t frame_counter,
                       struct bit_writer *out);
int proof_item_decode(struct proof_item *out, uint16_t source, uint32_t frame_counter,
                      struct bit_reader *in); /* after the type; 0 or -EBADMSG */

void counter_item_encode(const struct counter_item *item, struct bit_writer *out);
int counter_item_decode(struct counter_item *out, struct bit_reader *in); /* after the type; 0 or -EBADMSG */

void poll_item_encode(const struct poll_item *item, struct bit_writer *out);
int poll_item_decode(struct poll_item *out, struct bit_reader *in); /* after the type; 0 or -EBADMSG */

#endif
