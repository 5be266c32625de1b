/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys one station holds, and the link keys it derives from them. */
#ifndef PROTOCOL_CRYPTO_KEYRING_H
#define PROTOCOL_CRYPTO_KEYRING_H

#include <stdint.h>

#include "protocol/crypto/directory.h"

#define KEYRING_KEY_LEN 32

/* What a station must keep secret and what it is sure of.  Plain data: the caller stores it and wipes it. */
struct station_secrets {
  uint16_t number;
  uint8_t network_id[DIRECTORY_NETWORK_ID_LEN];
  uint8_t authority[DIRECTORY_KEY_LEN]; /* Ed25519 public key of the coordinator's authority, pinned */
  uint8_t box_secret[KEYRING_KEY_LEN];  /* X25519 */
  uint8_t sign_seed[KEYRING_KEY_LEN];   /* Ed25519 seed */
  uint32_t epoch;                       /* of the hop key */
  uint8_t hop_key[KEYRING_KEY_LEN];     /* shared by the network in this epoch */
};

/* A key ready for sealing: one half authenticates, the other encrypts. */
struct seal_key {
  uint8_t mac[KEYRING_KEY_LEN];
  uint8_t enc[KEYRING_KEY_LEN];
};

struct keyring {
  uint16_t self;
  uint8_t network_id[DIRECTORY_NETWORK_ID_LEN];
  uint32_t epoch;
  struct seal_key hop;
  struct seal_key pair[DIRECTORY_MAX_STATIONS + 1]; /* by station number */
  uint8_t has_pair[DIRECTORY_MAX_STATIONS + 1];
};

/* Derives all link keys.  Returns 0, -ENOENT (own number is not in the directory), -EKEYREJECTED (own public keys in
 * the directory are not those of the secrets, the network differs, or a peer's key is of low order). */
int keyring_init(struct keyring *keyring, const struct station_secrets *secrets, const struct directory *directory);

void keyring_wipe(struct keyring *keyring);

/* Public keys of a station's secrets. */
int station_public_keys(const struct station_secrets *secrets, uint8_t box_key[DIRECTORY_KEY_LEN],
                        uint8_t sign_key[DIRECTORY_KEY_LEN]);

#endif
