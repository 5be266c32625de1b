/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message: what a person sends to a person, whole, with its identity and precedence. */
#ifndef PROTOCOL_DELIVERY_MESSAGE_H
#define PROTOCOL_DELIVERY_MESSAGE_H

#include <stdint.h>

#include "protocol/crypto/order.h"
#include "protocol/wire/alert.h"
#include "protocol/wire/precedence.h"
#include "protocol/wire/receipt.h"
#include "protocol/wire/station.h"
#include "protocol/wire/status.h"
#include "protocol/wire/text.h"

enum message_kind {
  MESSAGE_STATUS = 1,
  MESSAGE_ALERT = 2,
  MESSAGE_TEXT = 3,
  MESSAGE_RECEIPT = 4,
  MESSAGE_KEY = 5, /* the hop key of an epoch: between nodes, never shown to a person */
};

/* Unique for ever: the originator draws counter from the durable counter that also numbers its frames. */
struct message_id {
  uint16_t origin;
  uint32_t counter;
};

struct message {
  struct message_id id;
  uint16_t dest; /* a station, or STATION_ALL (each of the other stations gets it) */
  uint8_t kind;  /* enum message_kind */
  uint8_t precedence;
  uint8_t is_unproven; /* an alert that came through others, before its originator's signature */
  int64_t born_ms;     /* when its originator filed it, in the node's time scale (may lie before the node's start) */
  union {
    struct status_report status;
    struct alert alert;
    struct text text;
    struct receipt receipt;
    struct epoch_key key;
  } body;
};

/* Longest body of any message, in bytes. */
#define MESSAGE_BODY_MAX (TEXT_MAX_BYTES + 48)

/* Returns 0, or -EINVAL with one line in why when the content cannot be sent. */
int message_check(const struct message *message, char *why, size_t why_len);

/* How long a message stays worth sending, from its birth; as it travels, in the code of an alert's expiry. */
uint8_t message_life(const struct message *message);
int64_t message_life_ms(uint8_t life);
int64_t message_lifetime_ms(const struct message *message);

/* Writes the body; a status as the difference from base if that is not NULL and shorter. */
void message_encode_body(const struct message *message, const struct status_report *base, uint32_t base_ref,
                         struct bit_writer *out);

/* Reads the body of message->kind.  Returns 0, -EBADMSG, -ENOENT (base unknown) or -EPROTONOSUPPORT. */
int message_decode_body(struct message *message, struct bit_reader *in, status_find_base_fn *find_base,
                        void *context);

const char *message_kind_name(unsigned kind); /* "status" ...; NULL if out of range */

#endif
