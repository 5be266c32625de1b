/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts: what became of a message at its recipient, told to its originator. */
#ifndef PROTOCOL_WIRE_RECEIPT_H
#define PROTOCOL_WIRE_RECEIPT_H

#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/text.h"

/* Codes on air.  A later step implies the earlier ones. */
enum receipt_step {
  RECEIPT_RECEIVED,
  RECEIPT_READ,
  RECEIPT_ACTED,
  RECEIPT_REFUSED,
  RECEIPT_EXPIRED,
  RECEIPT_NO_BASE, /* from node to node: the report that it differs from is not here, send it whole */
  RECEIPT_STEP_COUNT
};

#define RECEIPT_OFFICER_MAX 63

struct receipt {
  uint8_t step;    /* a person's READ, ACTED or REFUSED; or the node's own of what came through others */
  uint8_t officer; /* number of the officer at the post, 0: not given */
  uint32_t
      ref_counter;  /* counter of the message receipted (on air its low 16 bits); its originator is the addressee */
  struct text text; /* required with REFUSED, allowed with ACTED */
};

const char *receipt_step_name(unsigned step); /* "received" ...; NULL if out of range */
int receipt_step_find(const char *name);      /* step or -ENOENT */

void receipt_encode(const struct receipt *receipt, struct bit_writer *out);
/* ref_counter comes back as its low 16 bits.  Returns 0, -EBADMSG or -EPROTONOSUPPORT; out untouched on error. */
int receipt_decode(struct receipt *out, struct bit_reader *in);

#endif
