/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running post: the protocol's node, its store and its modems under one roof.  The control API talks to this. */
#ifndef RADIOD_STATION_H
#define RADIOD_STATION_H

#include <stddef.h>
#include <stdint.h>

#include "hw/modem.h"
#include "protocol/crypto/directory.h"
#include "protocol/delivery/node.h"
#include "protocol/delivery/node_cost.h"
#include "radiod/config/config.h"
#include "radiod/store/store.h"

/* Used from the loop's thread only. */
struct station;

struct store *station_store(struct station *station);
const struct directory *station_directory(const struct station *station);
unsigned station_number(const struct station *station);
int64_t station_now_ms(const struct station *station);
/* The time of day of a moment of the node's time; 0: not known (or node_ms is 0: never). */
int64_t station_unix_ms(const struct station *station, int64_t node_ms);
enum clock_source station_clock_source(const struct station *station);
int64_t station_started_ms(const struct station *station);
const struct node_stats *station_stats(const struct station *station);

/* Files a message of this post; see node_submit. */
int station_submit(struct station *station, struct message *message, char *why, size_t why_len);

/* Tells what filing a message would cost, and files nothing; see node_price. */
int station_price(const struct station *station, const struct message *message, struct node_cost *out, char *why,
                  size_t why_len);

/* Records what the officer did with an incoming message and sends the receipt to its originator.  A step already
 * taken sends nothing.  Returns 0, -ENOENT (no such incoming message), -EINVAL (REFUSED without text, step
 * backwards). */
int station_receipt(struct station *station, struct message_id id, const struct receipt *receipt, char *why,
                    size_t why_len);

/* Ends the delivery to recipient (0: to all that wait).  Returns 0 or -ENOENT. */
int station_cancel(struct station *station, struct message_id id, uint16_t recipient);

/* Why a delivery waits; see node_explain. */
int station_explain(struct station *station, struct message_id id, uint16_t recipient, char *out, size_t size);

/* Hands an order of the authority to the network, see node_submit_order.  An order for a new epoch comes with its hop
 * secret (KEYRING_KEY_LEN bytes), which is filed as a message for each station that was not given it before; else
 * hop_secret is NULL.  *filed: how many such messages were filed now.  Returns 0; -EBADMSG, -EKEYREJECTED, -ERANGE,
 * -EALREADY (without a key to file), -EINVAL (not the key that the order promises), -ENOBUFS (keys are left over: the
 * outbox is full), or the store's error, with why. */
int station_send_order(struct station *station, const uint8_t *order, size_t len, const uint8_t *hop_secret,
                       unsigned *filed, char *why, size_t why_len);

/* Calls a station to send what waits there; see node_poll. */
int station_poll(struct station *station, unsigned channel, uint16_t number, unsigned seconds);

/* See node_walk_routes. */
int station_walk_routes(const struct station *station, size_t *at, struct route_info *out);

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
