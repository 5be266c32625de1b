/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes through stations that are not its recipient: a message sealed for one station, or an alert, an order or
 * the time for all.  Here is its head, which every station on the way reads; the bytes themselves are opaque. */
#ifndef PROTOCOL_WIRE_BUNDLE_H
#define PROTOCOL_WIRE_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/station.h"

#define BUNDLE_MAX 1024    /* bytes of content */
#define BUNDLE_HEAD_MAX 15 /* bytes of its head, with the item type before it */

enum bundle_kind {
  BUNDLE_SEALED, /* an envelope (crypto/envelope.h) for dest */
  BUNDLE_ALERT,  /* an alert's body, then its proof (crypto/proof.h) if has_proof; for all */
  BUNDLE_ORDER,  /* signed by the authority (crypto/order.h); for all */
  BUNDLE_TIME,   /* a coordinator's clock, signed by it; for all */
  BUNDLE_KIND_COUNT
};

struct bundle_head {
  uint8_t kind;
  uint8_t precedence;
  uint8_t has_proof; /* BUNDLE_ALERT only */
  uint8_t life;    /* lifetime as an alert's expiry code (alert_expiry_is_valid); BUNDLE_SEALED and BUNDLE_ORDER only,
                      else 0 */
  uint8_t journey; /* BUNDLE_SEALED: 16 * round + hops, see below; else 0 */
  uint16_t origin;
  uint16_t dest;    /* not origin; STATION_ALL unless BUNDLE_SEALED */
  uint32_t counter; /* of the message, as its originator drew it; not 0 */
  uint16_t age_min; /* since it was filed */
  uint16_t len;     /* bytes of the whole content, 1..BUNDLE_MAX */
};

/* The journey only rises: a station that takes custody again of what it passed on before sees more hops (it came back
 * because a route changed); a repetition has as many or fewer.  The originator begins a new round when no receipt
 * comes. */
#define JOURNEY_HOPS_MAX 15
#define JOURNEY_ROUND 16
#define JOURNEY_LAST 255

/* Writes what follows the item type, for the items BUNDLE and PIECES.  source and frame_counter are those of the
 * frame around it: an originator's own number and counter shrink. */
void bundle_head_encode(const struct bundle_head *head, uint16_t source, uint32_t frame_counter,
                        struct bit_writer *out);
/* Reads what follows the item type.  Returns 0 or -EBADMSG; out is untouched on error. */
int bundle_head_decode(struct bundle_head *out, uint16_t source, uint32_t frame_counter, struct bit_reader *in);

/* The item BUNDLE: the head, zero bits to a whole byte, head->len bytes of content. */
void bundle_encode(const struct bundle_head *head, const uint8_t *content, uint16_t source, uint32_t frame_counter,
                   struct bit_writer *out);
/* Reads what follows the item type.  Returns 0 or -EBADMSG; out and content are untouched on error. */
int bundle_decode(struct bundle_head *out, uint8_t content[BUNDLE_MAX], uint16_t source, uint32_t frame_counter,
                  struct bit_reader *in);

/* Names a bundle in a list: 24 bits for the first 250 stations. */
struct bundle_name {
  uint16_t origin;
  uint16_t counter_low;
};

#define LIST_NAMES_MAX 64

/* What a station holds of alerts and orders; is_complete: there are no others. */
struct bundle_list {
  uint8_t is_complete;
  size_t count;
  struct bundle_name name[LIST_NAMES_MAX];
};

/* The item LIST. */
void bundle_list_encode(const struct bundle_list *list, struct bit_writer *out);
/* Reads what follows the item type.  Returns 0 or -EBADMSG; out is untouched on error. */
int bundle_list_decode(struct bundle_list *out, struct bit_reader *in);

#endif
