/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derives the link keys of a station from its secrets and the directory. */
#include "protocol/crypto/keyring.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
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

static void derive_hop(struct hop_key *out, uint32_t epoch, const uint8_t secret[KEYRING_KEY_LEN],
                       const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN])
{
  uint8_t number[4] = {(uint8_t)(epoch >> 24), (uint8_t)(epoch >> 16), (uint8_t)(epoch >> 8), (uint8_t)epoch};
  derive(&out->key, secret, HOP_LABEL, network_id, number, sizeof number);
  out->epoch = epoch;
  out->is_set = 1;
}

/* The lower station number's public key comes first, so that both ends derive the same. */
static int derive_pair(struct seal_key *out, const struct keyring *keyring, const struct directory_entry *peer)
{
  uint8_t shared[crypto_scalarmult_BYTES], keys[2 * DIRECTORY_KEY_LEN];
  if (crypto_scalarmult(shared, keyring->box_secret, peer->box_key))
    return -EKEYREJECTED;
  int self_first = keyring->self < peer->number;
  memcpy(keys, self_first ? keyring->box_public : peer->box_key, DIRECTORY_KEY_LEN);
  memcpy(keys + DIRECTORY_KEY_LEN, self_first ? peer->box_key : keyring->box_public, DIRECTORY_KEY_LEN);
  derive(out, shared, PAIR_LABEL, keyring->network_id, keys, sizeof keys);
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

/* Whether the directory gives the keyring's station the keys that it has. */
static int check_self(const struct keyring *keyring, const struct directory *directory)
{
  const struct directory_entry *self = directory_find(directory, keyring->self);
  if (!self)
    return -ENOENT;
  if (memcmp(keyring->network_id, directory->network_id, DIRECTORY_NETWORK_ID_LEN) ||
      memcmp(keyring->box_public, self->box_key, DIRECTORY_KEY_LEN) ||
      memcmp(keyring->sign_secret + KEYRING_KEY_LEN, self->sign_key, DIRECTORY_KEY_LEN))
    return -EKEYREJECTED;
  return 0;
}

static int take_secrets(struct keyring *keyring, const struct station_secrets *secrets)
{
  uint8_t sign_public[DIRECTORY_KEY_LEN];
  if (crypto_scalarmult_base(keyring->box_public, secrets->box_secret))
    return -EKEYREJECTED;
  keyring->self = secrets->number;
  memcpy(keyring->network_id, secrets->network_id, sizeof keyring->network_id);
  memcpy(keyring->box_secret, secrets->box_secret, sizeof keyring->box_secret);
  crypto_sign_seed_keypair(sign_public, keyring->sign_secret, secrets->sign_seed);
  derive_hop(&keyring->hop[KEYRING_CURRENT], secrets->epoch, secrets->hop_key, secrets->network_id);
  return 0;
}

int keyring_init(struct keyring *keyring, const struct station_secrets *secrets, const struct directory *directory)
{
  memset(keyring, 0, sizeof *keyring);
  if (sodium_init() < 0)
    return -EKEYREJECTED;
  int err = take_secrets(keyring, secrets);
  if (!err)
    err = check_self(keyring, directory);
  if (err) {
    keyring_wipe(keyring);
    return err;
  }
  keyring->directory = directory;
  return 0;
}

static void forget_pair(struct keyring *keyring, unsigned number)
{
  if (!keyring->pair[number])
    return;
  sodium_memzero(keyring->pair[number], sizeof *keyring->pair[number]);
  free(keyring->pair[number]);
  keyring->pair[number] = NULL;
}

void keyring_wipe(struct keyring *keyring)
{
  for (unsigned number = 0; number <= STATION_MAX; number++)
    forget_pair(keyring, number);
  sodium_memzero(keyring, sizeof *keyring);
}

static void set_dropped(struct keyring *keyring, unsigned number, int dropped)
{
  uint8_t bit = (uint8_t)(1 << number % 8);
  if (dropped)
    keyring->is_dropped[number / 8] |= bit;
  else
    keyring->is_dropped[number / 8] &= (uint8_t)~bit;
}

int keyring_has_peer(const struct keyring *keyring, unsigned number)
{
  return station_is_valid(number) && number != keyring->self &&
         !(keyring->is_dropped[number / 8] >> number % 8 & 1) && directory_find(keyring->directory, number);
}

const struct seal_key *keyring_pair(struct keyring *keyring, unsigned number)
{
  if (!keyring_has_peer(keyring, number))
    return NULL;
  if (keyring->pair[number])
    return keyring->pair[number];
  struct seal_key *key = malloc(sizeof *key);
  if (key && derive_pair(key, keyring, directory_find(keyring->directory, number))) {
    free(key);
    key = NULL;
  }
  keyring->pair[number] = key;
  return key;
}

void keyring_drop_peer(struct keyring *keyring, unsigned number)
{
  if (!station_is_valid(number))
    return;
  forget_pair(keyring, number);
  set_dropped(keyring, number, 1);
}

int keyring_update_peer(struct keyring *keyring, const struct directory *directory, unsigned number)
{
  keyring->directory = directory;
  if (!station_is_valid(number))
    return 0;
  forget_pair(keyring, number);
  set_dropped(keyring, number, 0);
  return number == keyring->self ? check_self(keyring, directory) : 0;
}

int keyring_add_epoch(struct keyring *keyring, uint32_t epoch, const uint8_t secret[KEYRING_KEY_LEN])
{
  struct hop_key *next = &keyring->hop[KEYRING_NEXT];
  if (epoch <= keyring->hop[KEYRING_CURRENT].epoch || (next->is_set && epoch <= next->epoch))
    return -EALREADY;
  if (next->is_set)
    keyring_begin_epoch(keyring);
  derive_hop(next, epoch, secret, keyring->network_id);
  return 0;
}

int keyring_begin_epoch(struct keyring *keyring)
{
  if (!keyring->hop[KEYRING_NEXT].is_set)
    return -ENOENT;
  keyring->hop[KEYRING_PREVIOUS] = keyring->hop[KEYRING_CURRENT];
  keyring->hop[KEYRING_CURRENT] = keyring->hop[KEYRING_NEXT];
  sodium_memzero(&keyring->hop[KEYRING_NEXT], sizeof keyring->hop[KEYRING_NEXT]);
  return 0;
}

void keyring_end_epoch(struct keyring *keyring)
{
  sodium_memzero(&keyring->hop[KEYRING_PREVIOUS], sizeof keyring->hop[KEYRING_PREVIOUS]);
}
