/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One station of the network as a pure machine: bursts, requests of people and the time go in; actions come out.
 * The daemon and the simulator run this same code.  No sockets, files, threads, clocks or globals in here. */
#ifndef PROTOCOL_DELIVERY_NODE_H
#define PROTOCOL_DELIVERY_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"
#include "protocol/delivery/message.h"
#include "protocol/delivery/node_store.h"
#include "protocol/link/channel.h"
#include "protocol/route/routes.h"

#define NODE_CHANNELS_MAX LINK_CHANNELS_MAX
#define NODE_OUTBOX_MAX 512  /* messages waiting here, those for all counted once; a further one is refused */
#define NODE_CUSTODY_MAX 512 /* bundles kept for others */

struct node;

struct node_config {
  const struct directory *directory;    /* must outlive the node; changes only in node_store's commit_order */
  struct keyring *keyring;              /* must outlive the node */
  uint8_t authority[DIRECTORY_KEY_LEN]; /* Ed25519 public key whose orders count */
  struct link_channel channel[NODE_CHANNELS_MAX];
  size_t channel_count;
  uint32_t first_counter;      /* the first counter not used or reserved before; at least 1 */
  uint32_t beacon_interval_ms; /* longest time between two beacons on a channel; 0: no beacons */
  uint8_t is_mobile;           /* this station travels: others may give it what they know no way for */
  uint64_t seed;               /* for back-off; not for keys */
};

/* What a burst is for, by the weightiest of what it carries. */
enum node_purpose {
  NODE_PURPOSE_MESSAGE,
  NODE_PURPOSE_ACK,
  NODE_PURPOSE_ROUTING, /* beacons, lists */
  NODE_PURPOSE_FLOOD,   /* alerts for all */
  NODE_PURPOSE_KEYS,    /* orders, hop keys, time */
  NODE_PURPOSE_COUNT
};

enum node_action_type {
  NODE_TRANSMIT, /* send transmit.bytes on channel in mode; answer with node_sent or node_send_failed */
  NODE_RECEIVED, /* a message is stored: show it */
  NODE_DELIVERY, /* a delivery moved */
  NODE_HEARD,    /* a valid frame of a peer arrived */
  NODE_PROVEN,   /* the signature of an alert received before has come: read it again, what was shown may be forged */
  NODE_TIME,     /* a coordinator has told the time */
  NODE_ORDER,    /* an order of the authority was carried out */
  NODE_WARNING,  /* something a person should know: text */
};

#define NODE_TEXT_MAX 160

struct node_action {
  enum node_action_type type;
  uint8_t channel;
  union {
    struct {
      uint8_t mode;
      uint8_t purpose; /* enum node_purpose */
      uint16_t len;
      uint8_t bytes[LINK_BURST_MAX];
    } transmit;
    struct {
      struct message message;
      struct reception reception;
    } received;
    struct {
      struct message_id id;
      uint16_t recipient;
      enum delivery_state state;
      uint32_t attempts;
      uint16_t via; /* DELIVERY_CUSTODY: the station that has it now */
    } delivery;
    struct {
      uint16_t station;
      uint32_t counter;    /* of the frame; 0 under the hop key, which does not prove who sealed it */
      int16_t snr_cb;      /* at which we heard it */
      int16_t peer_snr_cb; /* at which it hears us, as its last acknowledgement told; LINK_SNR_UNKNOWN if never */
      uint8_t mode;
    } heard;
    struct message_id proven;
    struct {
      int64_t unix_ms; /* at the time of the call that gave this action */
      uint16_t from;   /* the coordinator whose clock it is */
    } time;
    struct order order;
    char warning[NODE_TEXT_MAX];
  } as;
};

struct node_stats {
  uint64_t bursts_heard, frames_opened, frames_not_ours, frames_rejected, frames_replayed, frames_malformed;
  uint64_t bursts_sent, acks_sent, messages_received, duplicates;
  uint64_t airtime_us; /* of bursts sent, by the channels' tables */
};

/* Copies config except what it says must outlive.  NULL when out of memory. */
struct node *node_new(const struct node_config *config, const struct node_store *store, int64_t now_ms);
void node_free(struct node *node);

/* After a restart, before anything else: tells of a delivery that has not ended, and of the replay window of a peer.
 */
int node_restore_delivery(struct node *node, const struct message *message, uint16_t recipient,
                          enum delivery_state state, uint32_t attempts);
void node_restore_peer(struct node *node, uint16_t station, uint32_t top_counter);

/* Likewise, before the deliveries: a bundle that commit_bundle kept and drop_bundle has not ended. */
int node_restore_bundle(struct node *node, const struct bundle_head *head, int64_t born_ms, uint16_t from);

/* The host knows the time: unix_ms is now.  A coordinator passes it on to the network. */
void node_set_clock(struct node *node, int64_t now_ms, int64_t unix_ms);

/* Sends an order of the authority to all, and carries it out here first.  Returns 0; order_open's errors, -ERANGE (an
 * order before it is missing), -EALREADY, or the store's error: nothing is sent then. */
int node_submit_order(struct node *node, int64_t now_ms, const uint8_t *bytes, size_t len, char *why, size_t why_len);

/* Calls a station to send what waits, for at most seconds; meant for channels whose access is polled.  Returns 0;
 * -EINVAL, -EPERM (this station is no coordinator), -ENETDOWN (the channel is down) or -EBUSY (the last call has not
 * gone out).  A channel that goes down takes a call that waits for it along. */
int node_poll(struct node *node, int64_t now_ms, unsigned channel, uint16_t station, unsigned seconds);

/* For people: walks over the routes.  at begins at 0.  Returns 0 at the end. */
int node_walk_routes(const struct node *node, int64_t now_ms, size_t *at, struct route_info *out);

/* Files a message: draws its counter, commits it and queues it.  message->id and born_ms are filled in.
 * Returns 0; -EINVAL with why (the content is not valid), -EPERM (a FLASH to all, but not by a coordinator), -ENOENT
 * (no such station, or only this one), -ENOBUFS (outbox full), -EMSGSIZE (no channel can carry it), or the store's
 * error: nothing is queued then. */
int node_submit(struct node *node, int64_t now_ms, struct message *message, char *why, size_t why_len);

/* Ends a delivery on a person's word.  Returns 0 or -ENOENT (none waits). */
int node_cancel(struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient);

/* What the modems tell. */
void node_burst(struct node *node, int64_t now_ms, unsigned channel, unsigned mode, const uint8_t *bytes, size_t len,
                int16_t snr_cb);
void node_carrier(struct node *node, int64_t now_ms, unsigned channel, int busy);
void node_sent(struct node *node, int64_t now_ms, unsigned channel);
void node_send_failed(struct node *node, int64_t now_ms, unsigned channel);
void node_channel_up(struct node *node, int64_t now_ms, unsigned channel, int up);

/* Lets time pass.  Call when node_deadline is reached; calling early does no harm. */
void node_tick(struct node *node, int64_t now_ms);
int64_t node_deadline(const struct node *node); /* INT64_MAX: none */

/* Takes the next action.  Returns 1, or 0 when there is none.  To be drained after every call above. */
int node_next_action(struct node *node, struct node_action *out);

const struct node_stats *node_stats(const struct node *node);

/* Why a delivery waits, in words for a person ("waits for acknowledgement", "next attempt in 40 s").
 * Returns 0 or -ENOENT. */
int node_explain(const struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient, char *out,
                 size_t size);

#endif
