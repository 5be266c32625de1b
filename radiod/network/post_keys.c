/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the post's directory, keyring and key file in step while orders come by radio. */
#include "radiod/network/post_keys.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/network/network_file.h"
#include "radiod/network/network_key.h"

#define WHY_MAX 512

struct post_keys {
  char file[PATH_MAX];
  struct network_key key;
  struct keyring keyring;
  struct directory directory, changed; /* changed: what becomes of it, until the file is written */
  uint8_t wire[DIRECTORY_WIRE_MAX];
};

static int start_keyring(struct post_keys *keys)
{
  const struct network_key *key = &keys->key;
  struct station_secrets secrets = key->secrets;

  /* A keyring is made oldest epoch first. */
  if (key->previous.epoch) {
    secrets.epoch = key->previous.epoch;
    memcpy(secrets.hop_key, key->previous.secret, sizeof secrets.hop_key);
  }
  int code = keyring_init(&keys->keyring, &secrets, &keys->directory);
  sodium_memzero(&secrets, sizeof secrets);
  if (!code && key->previous.epoch)
    code = keyring_add_epoch(&keys->keyring, key->secrets.epoch, key->secrets.hop_key);
  if (!code && key->previous.epoch)
    code = keyring_begin_epoch(&keys->keyring);
  if (!code && key->next.epoch)
    code = keyring_add_epoch(&keys->keyring, key->next.epoch, key->next.secret);
  return code;
}

int post_keys_open(struct post_keys **out, const char *file, char *err, size_t err_len)
{
  struct post_keys *keys = network_secret_new(sizeof *keys, err, err_len);

  if (!keys)
    return -ENOMEM;
  snprintf(keys->file, sizeof keys->file, "%s", file);
  int code = network_key_read(file, &keys->key, &keys->directory, err, err_len);
  if (!code && (code = start_keyring(keys)) != 0)
    network_fail(err, err_len, code,
                 "%s: the keys do not fit the directory in it; export it anew with \"radioctl network export\"",
                 file);
  if (code) {
    post_keys_close(keys);
    return code;
  }
  *out = keys;
  return 0;
}

void post_keys_close(struct post_keys *keys)
{
  if (!keys)
    return;
  keyring_wipe(&keys->keyring);
  sodium_free(keys);
}

const struct directory *post_keys_directory(const struct post_keys *keys)
{
  return &keys->directory;
}

struct keyring *post_keys_keyring(struct post_keys *keys)
{
  return &keys->keyring;
}

const uint8_t *post_keys_authority(const struct post_keys *keys)
{
  return keys->key.secrets.authority;
}

static int sign_own(struct post_keys *keys, const struct directory *directory)
{
  uint8_t public_key[DIRECTORY_KEY_LEN], secret_key[crypto_sign_SECRETKEYBYTES];

  crypto_sign_seed_keypair(public_key, secret_key, keys->key.secrets.sign_seed);
  int len = directory_sign(directory, secret_key, keys->wire, sizeof keys->wire);
  sodium_memzero(secret_key, sizeof secret_key);
  return len;
}

/* Writes the key file as it is to be. */
static int write_file(struct post_keys *keys, const struct network_key *key, const struct directory *directory)
{
  char why[WHY_MAX];

  int len = sign_own(keys, directory);
  if (len < 0)
    return len;
  return network_key_write(keys->file, key, keys->wire, (size_t)len, 1, why, sizeof why);
}

static void tell_keyring(struct post_keys *keys, const struct order *order)
{
  switch (order->type) {
  case ORDER_PUT:
    /* An error tells that this station's own keys were exchanged: nobody will answer it any more, and the next start
     * says so. */
    keyring_update_peer(&keys->keyring, &keys->directory, order->as.put.number);
    break;
  case ORDER_REVOKE:
    keyring_drop_peer(&keys->keyring, order->as.revoke);
    break;
  case ORDER_EPOCH:
    break;
  }
}

int post_keys_carry_out(void *context, const struct order *order)
{
  struct post_keys *keys = context;
  char why[WHY_MAX];

  keys->changed = keys->directory;
  int code = order_apply(order, &keys->changed, why, sizeof why);
  if (!code)
    code = write_file(keys, &keys->key, &keys->changed);
  if (code)
    return code;
  keys->directory = keys->changed;
  tell_keyring(keys, order);
  return 0;
}

static int is_held(const struct post_keys *keys, const struct epoch_key *key)
{
  const struct station_secrets *current = &keys->key.secrets;
  const struct epoch_key *next = &keys->key.next;

  return (key->epoch == current->epoch && !sodium_memcmp(key->secret, current->hop_key, sizeof key->secret)) ||
         (key->epoch == next->epoch && !sodium_memcmp(key->secret, next->secret, sizeof key->secret));
}

/* The next epoch becomes the present one. */
static void turn(struct network_key *key)
{
  key->previous.epoch = key->secrets.epoch;
  memcpy(key->previous.secret, key->secrets.hop_key, sizeof key->previous.secret);
  key->secrets.epoch = key->next.epoch;
  memcpy(key->secrets.hop_key, key->next.secret, sizeof key->secrets.hop_key);
  sodium_memzero(&key->next, sizeof key->next);
}

/* Writes the file with changed keys, then takes them over; wipes changed. */
static int take_over(struct post_keys *keys, struct network_key *changed)
{
  int code = write_file(keys, changed, &keys->directory);

  if (!code)
    keys->key = *changed;
  sodium_memzero(changed, sizeof *changed);
  return code;
}

int post_keys_add_epoch(void *context, const struct epoch_key *key)
{
  struct post_keys *keys = context;

  if (is_held(keys, key))
    return 0;
  if (key->epoch <= keys->key.secrets.epoch || key->epoch <= keys->key.next.epoch)
    return -EALREADY;
  struct network_key changed = keys->key;
  if (changed.next.epoch)
    turn(&changed); /* as keyring_add_epoch does: the network is past it */
  changed.next = *key;
  int code = take_over(keys, &changed);
  return code ? code : keyring_add_epoch(&keys->keyring, key->epoch, key->secret);
}

int post_keys_begin_epoch(void *context, uint32_t epoch)
{
  struct post_keys *keys = context;

  if (epoch == keys->key.secrets.epoch)
    return 0;
  if (!epoch || epoch != keys->key.next.epoch)
    return -ENOENT;
  struct network_key changed = keys->key;
  turn(&changed);
  return take_over(keys, &changed);
}
