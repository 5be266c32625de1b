/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The authority of the tests' network. */
#include "tests/unit/protocol/authority.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"

static const uint8_t network_id[] = "testnet1";

static void make_keys(uint8_t public_key[DIRECTORY_KEY_LEN], uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
  static const uint8_t seed[crypto_sign_SEEDBYTES] = {0x31};
  crypto_sign_seed_keypair(public_key, secret, seed);
}

void authority_separate_stations(struct ether *ether)
{
  uint8_t secret[crypto_sign_SECRETKEYBYTES];
  make_keys(ether->config.authority, secret);
  for (unsigned i = 1; i <= ether->stations->count; i++) {
    struct fake_store *store = &ether->station[i].store;
    store->directory = malloc(sizeof *store->directory);
    assert_non_null(store->directory);
    *store->directory = ether->stations->directory;
    store->keyring = &ether->stations->keyring[i];
    keyring_update_peer(store->keyring, store->directory, STATION_NONE);
  }
}

size_t authority_sign(const struct order *order, uint8_t out[ORDER_WIRE_MAX])
{
  uint8_t public_key[DIRECTORY_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
  make_keys(public_key, secret);
  int len = order_sign(order, network_id, secret, out, ORDER_WIRE_MAX);
  assert_true(len > 0);
  return (size_t)len;
}

struct order authority_revoke(uint32_t version, uint16_t station)
{
  return (struct order){.type = ORDER_REVOKE, .version = version, .as.revoke = station};
}

struct order authority_begin_epoch(uint32_t version, const struct epoch_key *key, uint16_t wait_min)
{
  struct order order = {.type = ORDER_EPOCH, .version = version};
  order.as.epoch.epoch = key->epoch;
  order.as.epoch.wait_min = wait_min;
  order_commit(key->secret, order.as.epoch.commit);
  return order;
}

void authority_send(struct ether *ether, uint16_t from, const struct order *order)
{
  uint8_t bytes[ORDER_WIRE_MAX];
  size_t len = authority_sign(order, bytes);
  assert_int_equal(ether_submit_order(ether, from, bytes, len), 0);
}

struct message_id authority_send_key(struct ether *ether, uint16_t from, uint16_t to, const struct epoch_key *key)
{
  struct message message = {.dest = to, .kind = MESSAGE_KEY, .precedence = PRIORITY, .body.key = *key};
  assert_int_equal(ether_submit(ether, from, &message), 0);
  return message.id;
}

struct epoch_key authority_key(uint32_t epoch)
{
  struct epoch_key key = {.epoch = epoch};
  memset(key.secret, (int)(0x50 + epoch), sizeof key.secret);
  return key;
}
