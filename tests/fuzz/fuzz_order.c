/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes orders of the authority: the input as it is, then with the authority's true signature behind it; what opens
 * is carried out on a directory. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "protocol/crypto/order.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/stations.h"

static const char implied[] = "radiod order v1testnet1"; /* what is signed before an order: its label, the network */

struct authority {
  uint8_t network_id[DIRECTORY_NETWORK_ID_LEN];
  uint8_t public_key[DIRECTORY_KEY_LEN];
  uint8_t secret[64];
};

/* The input, signed.  Returns its length, 0 when it is too long for an order. */
static size_t sign_input(const struct authority *authority, const uint8_t *data, size_t size,
                         uint8_t out[ORDER_WIRE_MAX])
{
  uint8_t message[sizeof implied - 1 + ORDER_WIRE_MAX];
  if (size + DIRECTORY_SIGNATURE_LEN > ORDER_WIRE_MAX)
    return 0;
  memcpy(message, implied, sizeof implied - 1);
  memcpy(message + sizeof implied - 1, data, size);
  memcpy(out, data, size);
  crypto_sign_detached(out + size, NULL, message, sizeof implied - 1 + size, authority->secret);
  return size + DIRECTORY_SIGNATURE_LEN;
}

static void check_directory(const struct order *order, const struct directory *before, int err,
                            const struct directory *after)
{
  if (err) {
    FUZZ_CHECK(!memcmp(before, after, sizeof *before));
    return;
  }
  FUZZ_CHECK(after->version == order->version && after->count <= DIRECTORY_MAX_STATIONS);
  if (order->type == ORDER_PUT)
    FUZZ_CHECK(directory_find(after, order->as.put.number));
  if (order->type == ORDER_REVOKE)
    FUZZ_CHECK(!directory_find(after, order->as.revoke));
  for (unsigned i = 1; i < after->count; i++)
    FUZZ_CHECK(after->entry[i].number > after->entry[i - 1].number);
}

static void carry_out(const struct stations *stations, const struct order *order)
{
  char why[160] = "";
  struct directory *directory = malloc(sizeof *directory);
  FUZZ_CHECK(directory);
  *directory = stations->directory;
  int err = order_apply(order, directory, why, sizeof why);
  FUZZ_CHECK(!err || *why);
  check_directory(order, &stations->directory, err, directory);
  free(directory);
}

static void check_round_trip(const struct authority *authority, const struct order *order, const uint8_t *wire,
                             size_t len)
{
  uint8_t again[ORDER_WIRE_MAX];
  int again_len = order_sign(order, authority->network_id, authority->secret, again, sizeof again);
  FUZZ_CHECK(again_len == (int)len && !memcmp(again, wire, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct stations *stations;
  if (!stations)
    stations = stations_new(3);
  struct authority authority;
  uint8_t wire[ORDER_WIRE_MAX];
  struct order order;
  memcpy(authority.network_id, "testnet1", sizeof authority.network_id);
  crypto_sign_seed_keypair(authority.public_key, authority.secret, (const uint8_t[32]){0x31});
  FUZZ_CHECK(order_open(&order, authority.network_id, authority.public_key, data, size));
  size_t len = sign_input(&authority, data, size, wire);
  if (!len || order_open(&order, authority.network_id, authority.public_key, wire, len))
    return 0;
  check_round_trip(&authority, &order, wire, len);
  carry_out(stations, &order);
  return 0;
}
