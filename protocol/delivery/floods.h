/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this station holds for all: alerts, orders of the authority, the time; and who else has it already. */
#ifndef PROTOCOL_DELIVERY_FLOODS_H
#define PROTOCOL_DELIVERY_FLOODS_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/message.h"
#include "protocol/link/channel.h"
#include "protocol/wire/bundle.h"

#define FLOODS_MAX 96 /* a further one takes the place of the least grave and oldest */
#define FLOOD_GONE_MAX 64

/* Sending on one channel. */
struct flood_turn {
  int64_t next_ms; /* INT64_MAX: not due */
  uint8_t copies;  /* heard of other stations since it became due */
  uint8_t enough;  /* so many copies make the own one needless */
  uint8_t repeats; /* so often again after this one */
  uint8_t is_bare; /* it went out here without its proof, which has to follow */
  uint8_t left;    /* pieces still to send in this turn; FLOOD_PROOF_LEFT: the proof alone */
};

#define FLOOD_PROOF_LEFT UINT8_MAX

struct flood {
  struct message_id id;
  uint8_t kind; /* enum bundle_kind */
  uint8_t precedence;
  uint8_t has_proof;
  uint8_t life;
  uint8_t piece;           /* next piece to send, when it is too long for a burst */
  uint16_t len;            /* of the content */
  struct bundle_name ends; /* a proven update or cancellation: what it speaks of; origin STATION_NONE: nothing */
  int64_t born_ms, expires_ms;
  struct flood_turn turn[LINK_CHANNELS_MAX];
  uint8_t have[STATION_MAX / 8 + 1];     /* stations that have it, as far as is known */
  uint8_t presumed[STATION_MAX / 8 + 1]; /* that hear one who was heard sending it */
};

struct floods {
  size_t count, size;
  struct flood *flood; /* no order */
  /* The last ones that ended here, so that nobody is asked for them again. */
  struct bundle_name gone[FLOOD_GONE_MAX];
  unsigned gone_at;
};

void floods_init(struct floods *floods);
void floods_wipe(struct floods *floods);

/* NULL when there is none. */
struct flood *floods_find(const struct floods *floods, struct message_id id);
struct flood *floods_find_name(const struct floods *floods, struct bundle_name name);

/* A new one, zeroed except that no turn is due.  NULL when out of memory or FLOODS_MAX are held. */
struct flood *floods_add(struct floods *floods);
/* The one that a new one of this precedence may replace: less grave or as grave and older; never a FLASH by less.
 * What is not proven gives way to all that is, or whoever forges alerts could fill the store.  NULL: none. */
struct flood *floods_least(const struct floods *floods, unsigned precedence, int has_proof);
void floods_remove(struct floods *floods, struct flood *flood);
/* It ended here before: nobody is asked for it, and others are told so. */
void floods_note_gone(struct floods *floods, struct bundle_name name);

int flood_has(const struct flood *flood, uint16_t station);
/* Once a station is found to lack it, nothing is presumed of that one any more. */
void flood_set_has(struct flood *flood, uint16_t station, int has);
void flood_presume(struct flood *flood, uint16_t station);
int flood_is_presumed(const struct flood *flood, uint16_t station);

/* What others are told of: proven alerts and orders that will last a while. */
int flood_is_listed(const struct flood *flood, int64_t now_ms);

/* A short hash of all that is listed; 0 when nothing is. */
uint16_t floods_digest(const struct floods *floods, int64_t now_ms);

/* What is listed, gravest and newest first, then what has ended here. */
void floods_list(const struct floods *floods, int64_t now_ms, struct bundle_list *out);
int floods_knows(const struct floods *floods, struct bundle_name name);

/* The due one that goes first on a channel: gravest, then newest.  NULL: none. */
struct flood *floods_next(const struct floods *floods, int64_t now_ms, unsigned channel);
int64_t floods_next_ms(const struct floods *floods, unsigned channel, unsigned precedence);

#endif
