/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node asks of its host's storage.  Every function returns only when its effect would survive a power cut. */
#ifndef PROTOCOL_DELIVERY_NODE_STORE_H
#define PROTOCOL_DELIVERY_NODE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/message.h"
#include "protocol/wire/bundle.h"

/* What is known of one message's way to one recipient.  It only rises, see delivery_state_rank. */
enum delivery_state {
  DELIVERY_QUEUED,    /* waits for its turn */
  DELIVERY_SENT,      /* was on the air at least once, unanswered */
  DELIVERY_DELIVERED, /* the recipient has stored it */
  DELIVERY_READ,
  DELIVERY_ACTED,
  DELIVERY_REFUSED,   /* the officer there cannot comply, or the station cannot take it */
  DELIVERY_EXPIRED,   /* lifetime ended unanswered */
  DELIVERY_CANCELLED, /* by a person here */
  DELIVERY_CUSTODY,   /* a station on the way answers for it */
  DELIVERY_STATE_COUNT
};

const char *delivery_state_name(unsigned state); /* "queued" ...; NULL if out of range */

/* Queued, sent, custody, expired or cancelled, delivered, read, acted or refused: a delivery moves only to a higher
 * rank, so a late answer of the recipient counts more than a time-out or a change of mind here.  -1 if out of range.
 */
int delivery_state_rank(unsigned state);

/* The state in which a receipt of this step leaves a delivery. */
enum delivery_state delivery_state_of_step(unsigned step);

/* How a message came in. */
struct reception {
  uint16_t from;   /* the neighbour that sent the frame */
  uint8_t channel; /* index */
  uint8_t mode;    /* index into the channel's modes */
  int16_t snr_cb;  /* LINK_SNR_UNKNOWN if unknown */
  int64_t now_ms;
  uint32_t frame_counter; /* of the frame that carried it: the replay window may start here after a restart; 0 for
                             a frame under the hop key, which does not prove who sealed it */
};

/* Something of another station, or an alert or order of ours, that this station keeps to pass it on. */
struct held_bundle {
  struct bundle_head head; /* its age is not kept up: born_ms tells it */
  int64_t born_ms;         /* when its originator filed it, in this node's time scale */
  uint16_t from;           /* the neighbour that gave it to us, or ourselves */
  uint8_t content[BUNDLE_MAX];
};

/* Few, because every report searched is a chance to take a wrong one for a base that was lost. */
#define NODE_STORE_BASES 32

struct node_store {
  void *context;

  /* All counters below upto may be used from now on. */
  int (*reserve_counters)(void *context, uint32_t upto);

  /* Stores a message filed here with one queued delivery for each of count recipients. */
  int (*commit_outgoing)(void *context, const struct message *message, const uint16_t *recipients, size_t count);

  /* Stores a message from another station.  A receipt also moves the delivery it speaks of.  Returns 0, -EEXIST
   * (already stored: a duplicate), or another negative errno code (disk full): then the message must not be
   * acknowledged. */
  int (*commit_received)(void *context, const struct message *message, const struct reception *reception);

  /* Moves a delivery; attempts counts transmissions so far. */
  int (*commit_delivery)(void *context, struct message_id id, uint16_t recipient, enum delivery_state state,
                         uint32_t attempts, int64_t now_ms);

  /* Reads a message filed here.  born_ms as the host knows it now.  Returns 0 or -ENOENT. */
  int (*load_outgoing)(void *context, struct message_id id, struct message *out);

  /* The newest report of ours that recipient has acknowledged.  Returns 0 or -ENOENT. */
  int (*last_acked_report)(void *context, uint16_t recipient, struct status_report *out, uint32_t *counter);

  /* Among the newest NODE_STORE_BASES reports from origin to us, the newest that status_base_ref gives this
   * reference. Returns 0 or -ENOENT. */
  int (*find_base)(void *context, uint16_t origin, uint32_t base_ref, struct status_report *out);

  /* The originator's signature of this alert has come: is_unproven ends, and the content becomes that of message:
   * what was stored may have been forged.  Returns 0, -EALREADY (it was proven before: nothing changes) or -ENOENT.
   */
  int (*prove_received)(void *context, const struct message *message);

  /* Keeps a bundle, in place of one of the same identity if there is one (it came back on a later journey, or an
   * alert now has its proof), and remembers identity and journey.  A bundle's identity is that of its message and its
   * destination: a message for all that its flood did not bring everywhere is also sealed for one station or two. */
  int (*commit_bundle)(void *context, const struct held_bundle *bundle);

  /* No longer keeps it.  That it was here stays known. */
  int (*drop_bundle)(void *context, struct message_id id, uint16_t dest);

  /* Returns 0 or -ENOENT. */
  int (*load_bundle)(void *context, struct message_id id, uint16_t dest, struct held_bundle *out);

  /* The journey with which a bundle was kept last (0..255), or -ENOENT if it never was.  Of what is for all it is 1
   * once proven, else 0, and never on air.  The memory lasts at least
   * NODE_STORE_MEMORY_MS; when an identity is forgotten, all older ones of its originator count as known, so that
   * forgetting never lets an old one in again. */
  int (*find_journey)(void *context, struct message_id id, uint16_t dest);

  /* Carries out an order whose turn it is, on the directory and keyring that the node was given.  May be NULL. */
  int (*commit_order)(void *context, const struct order *order);

  /* Keeps the hop key of an epoch to come, and adds it to the keyring.  May be NULL. */
  int (*commit_epoch_key)(void *context, const struct epoch_key *key);

  /* The keyring has gone over to its next epoch.  May be NULL. */
  int (*commit_epoch)(void *context, uint32_t epoch);
};

/* Longer than any lifetime: 31 days and a week. */
#define NODE_STORE_MEMORY_MS (INT64_C(38) * 24 * 3600 * 1000)

#endif
