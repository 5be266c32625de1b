/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys one station holds, and the link keys it derives from them. */
#ifndef PROTOCOL_CRYPTO_KEYRING_H
#define PROTOCOL_CRYPTO_KEYRING_H

#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/wire/station.h"

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

/* The hop keys a station holds: while a new one spreads, not all stations change at the same time. */
enum keyring_epoch { KEYRING_CURRENT, KEYRING_PREVIOUS, KEYRING_NEXT, KEYRING_EPOCH_COUNT };

struct hop_key {
  uint32_t epoch;
  uint8_t is_set;
  struct seal_key key;
};

/* Some 11 KiB, and 64 bytes on the heap for each peer that was sealed for or heard. */
struct keyring {
  uint16_t self;
  uint8_t network_id[DIRECTORY_NETWORK_ID_LEN];
  const struct directory *directory;
  uint8_t box_secret[KEYRING_KEY_LEN], box_public[DIRECTORY_KEY_LEN];
  uint8_t sign_secret[2 * KEYRING_KEY_LEN]; /* Ed25519 seed and public key, as libsodium wants them */
  struct hop_key hop[KEYRING_EPOCH_COUNT];
  struct seal_key *pair[STATION_MAX + 1]; /* by station number; NULL: not derived yet */
  uint8_t is_dropped[STATION_MAX / 8 + 1];
};

/* Makes the keyring, whatever it held before is not looked at.  It refers to the directory, which must outlive it,
 * and is told of changes there by keyring_update_peer and keyring_drop_peer.  Returns 0, -ENOENT (own number is not
 * in the directory) or -EKEYREJECTED (own public keys in the directory are not those of the secrets, or the network
 * differs): then the keyring is empty. */
int keyring_init(struct keyring *keyring, const struct station_secrets *secrets, const struct directory *directory);

/* Leaves nothing.  An empty keyring (all bytes zero) may be wiped too. */
void keyring_wipe(struct keyring *keyring);

/* Non-zero for another station of the directory that was not dropped. */
int keyring_has_peer(const struct keyring *keyring, unsigned number);

/* The key shared with a peer, derived when it is asked for first.  NULL: no such peer, its key is of low order, or
 * out of memory.  Valid until the peer is dropped or updated. */
const struct seal_key *keyring_pair(struct keyring *keyring, unsigned number);

/* A revoked station: nothing of it opens any more, under no key, and nothing is sealed for it. */
void keyring_drop_peer(struct keyring *keyring, unsigned number);

/* The entry of number was added, changed or removed: forgets what was derived from it or decided about it.  The
 * keyring refers to directory from now on.  Returns 0; for the station's own number -ENOENT or -EKEYREJECTED as
 * keyring_init: the network has another station in its place. */
int keyring_update_peer(struct keyring *keyring, const struct directory *directory, unsigned number);

/* Takes the hop secret of an epoch above all it holds as the next one.  If there is a next one already, that begins
 * first: the network is past it.  So a keyring is also restored, oldest epoch first.  Returns 0 or -EALREADY (the
 * epoch is not above). */
int keyring_add_epoch(struct keyring *keyring, uint32_t epoch, const uint8_t secret[KEYRING_KEY_LEN]);

/* The next epoch becomes the current one, and the current the previous.  Returns 0 or -ENOENT (there is no next). */
int keyring_begin_epoch(struct keyring *keyring);

/* Forgets the previous epoch, if there is one: until then a revoked station that holds its key can still send beacons
 * in the name of others. */
void keyring_end_epoch(struct keyring *keyring);

/* Public keys of a station's secrets. */
int station_public_keys(const struct station_secrets *secrets, uint8_t box_key[DIRECTORY_KEY_LEN],
                        uint8_t sign_key[DIRECTORY_KEY_LEN]);

#endif
