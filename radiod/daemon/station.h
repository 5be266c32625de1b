/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running post: the protocol's node, its store and its modems under one roof.  The control API talks to this. */
#ifndef RADIOD_STATION_H
#define RADIOD_STATION_H

#include <stddef.h>
#include <stdint.h>

#include "hw/modem.h"
#include "protocol/crypto/directory.h"
#include "protocol/delivery/node.h"
#include "radiod/config/config.h"
#include "radiod/store/store.h"

/* Used from the loop's thread only. */
struct station;

struct store *station_store(struct station *station);
const struct directory *station_directory(const struct station *station);
unsigned station_number(const struct station *station);
int64_t station_now_ms(const struct station *station);
int64_t station_started_ms(const struct station *station);
const struct node_stats *station_stats(const struct station *station);

/* Files a message of this post; see node_submit. */
int station_submit(struct station *station, struct message *message, char *why, size_t why_len);

/* Records what the officer did with an incoming message and sends the receipt to its originator.  A step already
 * taken sends nothing.  Returns 0, -ENOENT (no such incoming message), -EINVAL (REFUSED without text, step
 * backwards). */
int station_receipt(struct station *station, struct message_id id, const struct receipt *receipt, char *why,
                    size_t why_len);

/* Ends the delivery to recipient (0: to all that wait).  Returns 0 or -ENOENT. */
int station_cancel(struct station *station, struct message_id id, uint16_t recipient);

/* Why a delivery waits; see node_explain. */
int station_explain(struct station *station, struct message_id id, uint16_t recipient, char *out, size_t size);

struct station_channel {
  const struct config_channel *config;
  const struct modem_mode *modes;
  size_t mode_count;
  int up;   /* device open */
  int busy; /* DCD */
  int transmitting;
  char text[MODEM_TEXT_MAX]; /* last word of the modem: fault or ready */
  uint64_t bursts_heard, bursts_sent, keyed_us;
};

size_t station_channel_count(const struct station *station);
void station_channel(const struct station *station, size_t index, struct station_channel *out);

#endif
