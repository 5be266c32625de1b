/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of PROTOCOL.md about keys, seals and signatures, each in both directions. */
#include "tests/unit/protocol/vectors_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/crypto/order.h"
#include "protocol/crypto/proof.h"
#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"

static void take_key(const struct vector *v, const char *key, uint8_t out[32])
{
  uint8_t bytes[VECTOR_BYTES_MAX];
  assert_int_equal(vector_hex(v, key, bytes), 32);
  memcpy(out, bytes, 32);
}

static void take_network(const struct vector *v, uint8_t out[DIRECTORY_NETWORK_ID_LEN])
{
  uint8_t bytes[VECTOR_BYTES_MAX];
  assert_int_equal(vector_hex(v, "network", bytes), DIRECTORY_NETWORK_ID_LEN);
  memcpy(out, bytes, DIRECTORY_NETWORK_ID_LEN);
}

static void add_station(struct directory *directory, unsigned number, const uint8_t box[32], const uint8_t sign[32])
{
  struct directory_entry entry = {.number = (uint16_t)number, .sector = -1, .department = -1};
  char why[128];
  snprintf(entry.callsign, sizeof entry.callsign, "C%u", number);
  snprintf(entry.name, sizeof entry.name, "N%u", number);
  memcpy(entry.box_key, box, 32);
  memcpy(entry.sign_key, sign, 32);
  assert_int_equal(directory_add(directory, &entry, why, sizeof why), 0);
}

static void expect_key(const struct vector *v, const struct seal_key *key)
{
  vector_expect(v, "mac", key->mac, sizeof key->mac);
  vector_expect(v, "enc", key->enc, sizeof key->enc);
}

static void derive(struct keyring *keyring, struct station_secrets *secrets, unsigned peer, const uint8_t *peer_box)
{
  static struct directory directory;
  uint8_t box[32], sign[32];
  memset(&directory, 0, sizeof directory);
  memcpy(directory.network_id, secrets->network_id, sizeof directory.network_id);
  assert_int_equal(station_public_keys(secrets, box, sign), 0);
  add_station(&directory, secrets->number, box, sign);
  if (peer)
    add_station(&directory, peer, peer_box, sign);
  assert_int_equal(keyring_init(keyring, secrets, &directory), 0);
}

void vector_replay_hop_key(const struct vector *v)
{
  static struct keyring keyring;
  struct station_secrets secrets = {.number = 1, .box_secret = {1}, .epoch = vector_number(v, "epoch")};
  take_key(v, "hop_secret", secrets.hop_key);
  take_network(v, secrets.network_id);
  derive(&keyring, &secrets, 0, NULL);
  expect_key(v, &keyring.hop[KEYRING_CURRENT].key);
  keyring_wipe(&keyring);
}

void vector_replay_pair_key(const struct vector *v)
{
  static struct keyring keyring;
  struct station_secrets secrets = {.number = (uint16_t)vector_number(v, "number")};
  uint8_t peer_box[32], box[32], sign[32];
  unsigned peer = vector_number(v, "peer");
  take_key(v, "secret", secrets.box_secret);
  take_key(v, "peer_public", peer_box);
  take_network(v, secrets.network_id);
  assert_int_equal(station_public_keys(&secrets, box, sign), 0);
  vector_expect(v, "public", box, sizeof box);
  derive(&keyring, &secrets, peer, peer_box);
  expect_key(v, keyring_pair(&keyring, peer));
  keyring_wipe(&keyring);
}

static const struct replay_window *find_window(void *context, uint16_t station)
{
  (void)station;
  return context;
}

/* Keys as the vector gives them, for a station whose only peer is peer. */
struct holder {
  struct directory directory;
  struct keyring keyring;
  struct seal_key key;
};

static struct keyring *hold(const struct vector *v, struct holder *holder, unsigned self, unsigned peer, int hop)
{
  static const uint8_t no_key[32] = {9};
  memset(holder, 0, sizeof *holder);
  take_key(v, "mac", holder->key.mac);
  take_key(v, "enc", holder->key.enc);
  add_station(&holder->directory, peer, no_key, no_key);
  holder->keyring.self = (uint16_t)self;
  holder->keyring.directory = &holder->directory;
  if (hop)
    holder->keyring.hop[KEYRING_CURRENT] = (struct hop_key){vector_number(v, "epoch"), 1, holder->key};
  else
    holder->keyring.pair[peer] = &holder->key;
  return &holder->keyring;
}

void vector_replay_frame(const struct vector *v)
{
  static struct holder holder;
  unsigned source = vector_number(v, "source"), dest = vector_number(v, "dest"), receiver = dest ? dest : 200;
  struct frame frame = {.source = (uint16_t)source,
                        .dest = (uint16_t)dest,
                        .counter = vector_number(v, "counter"),
                        .is_short = (uint8_t)vector_number(v, "short")};
  uint8_t plain[VECTOR_BYTES_MAX], sealed[VECTOR_BYTES_MAX];
  struct frame read;
  assert_true(dest == FRAME_TO_ALL || vector_number(v, "epoch") == 0);
  frame.len = vector_hex(v, "plain", plain);
  memcpy(frame.plain, plain, frame.len);
  int len = frame_seal(hold(v, &holder, source, receiver, dest == FRAME_TO_ALL), &frame, sealed);
  assert_true(len > 0);
  vector_expect(v, "hex", sealed, (size_t)len);
  struct replay_window window = {0};
  if (frame.counter > 1)
    replay_restore(&window, frame.counter - 1);
  struct keyring *keyring = hold(v, &holder, receiver, source, dest == FRAME_TO_ALL);
  assert_int_equal(frame_open(keyring, sealed, (size_t)len, find_window, &window, &read), 0);
  assert_int_equal(read.source, source);
  assert_int_equal(read.dest, dest);
  assert_int_equal(read.counter, frame.counter);
  assert_int_equal(read.is_short, frame.is_short);
  assert_int_equal(read.len, frame.len);
  assert_memory_equal(read.plain, plain, frame.len);
}

void vector_replay_envelope(const struct vector *v)
{
  static struct holder holder;
  struct envelope_label label = {.origin = (uint16_t)vector_number(v, "origin"),
                                 .dest = (uint16_t)vector_number(v, "dest"),
                                 .counter = vector_number(v, "counter"),
                                 .precedence = (uint8_t)vector_number(v, "precedence"),
                                 .life = (uint8_t)vector_number(v, "life")};
  uint8_t plain[VECTOR_BYTES_MAX], sealed[VECTOR_BYTES_MAX], read[VECTOR_BYTES_MAX];
  size_t len = vector_hex(v, "plain", plain);
  struct keyring *keyring = hold(v, &holder, label.origin, label.dest, 0);
  assert_int_equal(envelope_seal(keyring, &label, plain, len, sealed), 0);
  vector_expect(v, "hex", sealed, len + ENVELOPE_OVERHEAD);
  keyring = hold(v, &holder, label.dest, label.origin, 0);
  assert_int_equal(envelope_open(keyring, &label, sealed, len + ENVELOPE_OVERHEAD, read), 0);
  assert_memory_equal(read, plain, len);
}

/* The key pair of a vector's seed, checked against its public key. */
static void take_signer(const struct vector *v, uint8_t public_key[32], uint8_t secret[64])
{
  uint8_t seed[32];
  take_key(v, "seed", seed);
  crypto_sign_seed_keypair(public_key, secret, seed);
  vector_expect(v, "public", public_key, 32);
}

void vector_replay_proof(const struct vector *v)
{
  static struct keyring keyring;
  static struct directory directory;
  static const uint8_t no_key[32] = {9};
  int is_time = !strcmp(vector_get(v, "purpose"), "time");
  struct proof_label label = {.purpose = is_time ? PROOF_TIME : PROOF_ALERT,
                              .origin = (uint16_t)vector_number(v, "origin"),
                              .counter = vector_number(v, "counter"),
                              .precedence = (uint8_t)vector_number(v, "precedence")};
  uint8_t public_key[32], plain[VECTOR_BYTES_MAX], given[VECTOR_BYTES_MAX], proof[PROOF_LEN];
  size_t len = vector_hex(v, "plain", plain);
  keyring.self = label.origin;
  take_network(v, keyring.network_id);
  take_signer(v, public_key, keyring.sign_secret);
  proof_make(&keyring, &label, plain, len, proof);
  vector_expect(v, "hex", proof, sizeof proof);
  memset(&directory, 0, sizeof directory);
  take_network(v, directory.network_id);
  add_station(&directory, label.origin, no_key, public_key);
  directory.entry[0].role = STATION_ROLE_COORDINATOR;
  assert_int_equal(vector_hex(v, "hex", given), PROOF_LEN);
  assert_int_equal(proof_check(&directory, &label, plain, len, given), 0);
}

static void take_entry(const char *line, struct directory_entry *entry)
{
  int number, role, sector, department, name_at = 0;
  char box[65], sign[65];
  memset(entry, 0, sizeof *entry);
  int fields = sscanf(line, "%d %d %d %d %12s %64s %64s %n", &number, &role, &sector, &department, entry->callsign,
                      box, sign, &name_at);
  assert_int_equal(fields, 7);
  entry->number = (uint16_t)number;
  entry->role = (uint8_t)role;
  entry->sector = (int8_t)sector;
  entry->department = (int8_t)department;
  assert_int_equal(hex_read(box, 64, entry->box_key), 32);
  assert_int_equal(hex_read(sign, 64, entry->sign_key), 32);
  snprintf(entry->name, sizeof entry->name, "%s", line + name_at);
}

void vector_replay_directory(const struct vector *v)
{
  static struct directory directory, read;
  static uint8_t signed_form[DIRECTORY_WIRE_MAX];
  uint8_t public_key[32], secret[64], given[VECTOR_BYTES_MAX];
  char why[128];
  memset(&directory, 0, sizeof directory);
  take_network(v, directory.network_id);
  directory.version = vector_number(v, "version");
  for (size_t i = 0; i < v->count; i++) {
    struct directory_entry entry;
    if (strcmp(v->key[i], "entry"))
      continue;
    take_entry(v->value[i], &entry);
    assert_int_equal(directory_add(&directory, &entry, why, sizeof why), 0);
  }
  take_signer(v, public_key, secret);
  int len = directory_sign(&directory, secret, signed_form, sizeof signed_form);
  assert_true(len > 0);
  vector_expect(v, "hex", signed_form, (size_t)len);
  assert_int_equal(directory_open(&read, public_key, given, vector_hex(v, "hex", given)), 0);
  assert_memory_equal(&read, &directory, sizeof read);
}

static void take_order(const struct vector *v, struct order *order)
{
  const char *type = vector_get(v, "order");
  order->version = vector_number(v, "version");
  if (!strcmp(type, "put")) {
    order->type = ORDER_PUT;
    take_entry(vector_get(v, "entry"), &order->as.put);
  } else if (!strcmp(type, "revoke")) {
    order->type = ORDER_REVOKE;
    order->as.revoke = (uint16_t)vector_number(v, "station");
  } else {
    uint8_t commit[VECTOR_BYTES_MAX];
    order->type = ORDER_EPOCH;
    order->as.epoch.epoch = vector_number(v, "epoch");
    order->as.epoch.wait_min = (uint16_t)vector_number(v, "wait");
    assert_int_equal(vector_hex(v, "commit", commit), ORDER_COMMIT_LEN);
    memcpy(order->as.epoch.commit, commit, ORDER_COMMIT_LEN);
  }
}

void vector_replay_order(const struct vector *v)
{
  struct order order, read;
  uint8_t network[DIRECTORY_NETWORK_ID_LEN], public_key[32], secret[64], buf[ORDER_WIRE_MAX], given[VECTOR_BYTES_MAX];
  memset(&order, 0, sizeof order);
  memset(&read, 0, sizeof read);
  take_order(v, &order);
  take_network(v, network);
  take_signer(v, public_key, secret);
  int len = order_sign(&order, network, secret, buf, sizeof buf);
  assert_true(len > 0);
  vector_expect(v, "hex", buf, (size_t)len);
  assert_int_equal(order_open(&read, network, public_key, given, vector_hex(v, "hex", given)), 0);
  assert_int_equal(order_sign(&read, network, secret, buf, sizeof buf), len); /* what was read says the same */
  vector_expect(v, "hex", buf, (size_t)len);
}

void vector_replay_commit(const struct vector *v)
{
  uint8_t secret[32], commit[ORDER_COMMIT_LEN];
  take_key(v, "hop_secret", secret);
  order_commit(secret, commit);
  vector_expect(v, "hex", commit, sizeof commit);
}
