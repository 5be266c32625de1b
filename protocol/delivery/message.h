/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message: what a person sends to a person, whole, with its identity and precedence. */
#ifndef PROTOCOL_DELIVERY_MESSAGE_H
#define PROTOCOL_DELIVERY_MESSAGE_H

#include <stdint.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/precedence.h"
#include "protocol/wire/receipt.h"
#include "protocol/wire/status.h"
#include "protocol/wire/text.h"

#define STATION_NONE 0
#define STATION_MAX 250 /* 1..250 are stations */
#define STATION_ALL 255

enum message_kind { MESSAGE_STATUS = 1, MESSAGE_ALERT = 2, MESSAGE_TEXT = 3, MESSAGE_RECEIPT = 4 };

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
  int64_t born_ms; /* when its originator filed it, in the node's time scale (may lie before the node's start) */
  union {
    struct status_report status;
    struct alert alert;
    struct text text;
    struct receipt receipt;
  } body;
};

const char *message_kind_name(unsigned kind);     /* "status" ...; NULL if out of range */

#endif
