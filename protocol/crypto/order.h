/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of the network's authority that travel over the air: a station joins or changes, is revoked, or a new hop
 * key begins.  Each is signed by the authority and leads from one version of the directory to the next. */
#ifndef PROTOCOL_CRYPTO_ORDER_H
#define PROTOCOL_CRYPTO_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"

enum order_type {
  ORDER_PUT,    /* an entry is added or replaces that of its number */
  ORDER_REVOKE, /* a station is removed, and nothing under its keys is believed any more */
  ORDER_EPOCH,  /* a new hop key begins; the key itself comes sealed (struct epoch_key) */
};

#define ORDER_COMMIT_LEN 16

struct order {
  enum order_type type;
  uint32_t version; /* of the directory after it: one more than before */
  union {
    struct directory_entry put;
    uint16_t revoke; /* station number */
    struct {
      uint32_t epoch;
      uint16_t wait_min; /* after the order was filed the new key is used for sending: time for it to spread */
      uint8_t commit[ORDER_COMMIT_LEN]; /* BLAKE2b of the hop secret: whoever brings the key, only this one fits */
    } epoch;
  } as;
};

/* The hop key of an epoch, as it travels inside an envelope. */
struct epoch_key {
  uint32_t epoch;
  uint8_t secret[KEYRING_KEY_LEN];
};

/* Longest signed order in bytes. */
#define ORDER_WIRE_MAX 256

/* Signs with the authority's 64-byte Ed25519 secret.  The network id is signed, but not written.  Returns bytes
 * written, -EINVAL (an entry or number that no station takes) or -ENOSPC. */
int order_sign(const struct order *order, const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN],
               const uint8_t sign_secret[64], uint8_t *buf, size_t size);

/* Returns 0, -EBADMSG (malformed) or -EKEYREJECTED (not the authority's, or for another network); out is untouched on
 * error. */
int order_open(struct order *out, const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN],
               const uint8_t authority[DIRECTORY_KEY_LEN], const uint8_t *buf, size_t len);

/* Carries out ORDER_PUT and ORDER_REVOKE on the directory (ORDER_EPOCH only raises its version).  Returns 0, or with
 * why: -EALREADY (version is not above the directory's), -ERANGE (an order before this one is missing), or the errors
 * of directory_put and directory_remove; the directory is untouched on error.  The outcome hangs on order and
 * directory alone, so an authority that tries an order on its own directory first knows that of every station.
 * After it: keyring_update_peer for ORDER_PUT, keyring_drop_peer for ORDER_REVOKE. */
int order_apply(const struct order *order, struct directory *directory, char *why, size_t why_len);

/* What an ORDER_EPOCH says of a hop secret before the secret itself is there. */
void order_commit(const uint8_t secret[KEYRING_KEY_LEN], uint8_t commit[ORDER_COMMIT_LEN]);

#endif
