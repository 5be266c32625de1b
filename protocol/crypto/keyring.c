/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derives the link keys of a station from its secrets and the directory. */
#include "protocol/crypto/keyring.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define HOP_LABEL "radiod hop v1"
#define PAIR_LABEL "radiod pair v1"

/* One BLAKE2b-512 under secret over label, network and extra: its halves are the two keys. */
static void derive(struct seal_key *out, const uint8_t secret[KEYRING_KEY_LEN], const char *label,
                   const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN], const uint8_t *extra, size_t extra_len)
{
  uint8_t both[2 * KEYRING_KEY_LEN];
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret, KEYRING_KEY_LEN, sizeof both);
  crypto_generichash_update(&state, (const uint8_t *)label, strlen(label));
  crypto_generichash_update(&state, network_id, DIRECTORY_NETWORK_ID_LEN);
  crypto_generichash_update(&state, extra, extra_len);
  crypto_generichash_final(&state, both, sizeof both);
  memcpy(out->mac, both, KEYRING_KEY_LEN);
  memcpy(out->enc, both + KEYRING_KEY_LEN, KEYRING_KEY_LEN);
  sodium_memzero(both, sizeof both);
}

static void derive_hop(struct keyring *keyring, const struct station_secrets *secrets)
{
  uint8_t epoch[4] = {(uint8_t)(secrets->epoch >> 24), (uint8_t)(secrets->epoch >> 16),
                      (uint8_t)(secrets->epoch >> 8), (uint8_t)secrets->epoch};
  derive(&keyring->hop, secrets->hop_key, HOP_LABEL, secrets->network_id, epoch, sizeof epoch);
}

/* The lower station number's public key comes first, so that both ends derive the same. */
static int derive_pair(struct keyring *keyring, const struct station_secrets *secrets,
                       const struct directory_entry *self, const struct directory_entry *peer)
{
  uint8_t shared[crypto_scalarmult_BYTES], keys[2 * DIRECTORY_KEY_LEN];
  if (crypto_scalarmult(shared, secrets->box_secret, peer->box_key))
    return -EKEYREJECTED;
  const struct directory_entry *low = self->number < peer->number ? self : peer;
  const struct directory_entry *high = low == self ? peer : self;
  memcpy(keys, low->box_key, DIRECTORY_KEY_LEN);
  memcpy(keys + DIRECTORY_KEY_LEN, high->box_key, DIRECTORY_KEY_LEN);
  derive(&keyring->pair[peer->number], shared, PAIR_LABEL, secrets->network_id, keys, sizeof keys);
  keyring->has_pair[peer->number] = 1;
  sodium_memzero(shared, sizeof shared);
  return 0;
}

int station_public_keys(const struct station_secrets *secrets, uint8_t box_key[DIRECTORY_KEY_LEN],
                        uint8_t sign_key[DIRECTORY_KEY_LEN])
{
  uint8_t sign_secret[crypto_sign_SECRETKEYBYTES];
  if (crypto_scalarmult_base(box_key, secrets->box_secret))
    return -EKEYREJECTED;
  crypto_sign_seed_keypair(sign_key, sign_secret, secrets->sign_seed);
  sodium_memzero(sign_secret, sizeof sign_secret);
  return 0;
}

static int secrets_fit(const struct station_secrets *secrets, const struct directory *directory,
                       const struct directory_entry *self)
{
  uint8_t box_key[DIRECTORY_KEY_LEN], sign_key[DIRECTORY_KEY_LEN];
  if (memcmp(secrets->network_id, directory->network_id, DIRECTORY_NETWORK_ID_LEN) ||
      station_public_keys(secrets, box_key, sign_key))
    return 0;
  return !memcmp(box_key, self->box_key, sizeof box_key) && !memcmp(sign_key, self->sign_key, sizeof sign_key);
}

int keyring_init(struct keyring *keyring, const struct station_secrets *secrets, const struct directory *directory)
{
  if (sodium_init() < 0)
    return -EKEYREJECTED;
  const struct directory_entry *self = directory_find(directory, secrets->number);
  if (!self)
    return -ENOENT;
  if (!secrets_fit(secrets, directory, self))
    return -EKEYREJECTED;
  memset(keyring, 0, sizeof *keyring);
  keyring->self = secrets->number;
  keyring->epoch = secrets->epoch;
  memcpy(keyring->network_id, secrets->network_id, sizeof keyring->network_id);
  derive_hop(keyring, secrets);
  for (unsigned i = 0; i < directory->count; i++) {
    const struct directory_entry *peer = &directory->entry[i];
    if (peer != self && derive_pair(keyring, secrets, self, peer)) {
      keyring_wipe(keyring);
      return -EKEYREJECTED;
    }
  }
  return 0;
}

void keyring_wipe(struct keyring *keyring)
{
  sodium_memzero(keyring, sizeof *keyring);
}
