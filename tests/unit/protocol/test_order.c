/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders: only the authority's are carried out, in their sequence and in their network. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/crypto/order.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

struct fixture {
  struct stations *stations;
  struct directory *directory; /* of the stations: version 1, four entries */
  struct directory before;
  uint8_t authority[32], secret[64];
  uint8_t buf[ORDER_WIRE_MAX];
  struct order read;
};

static const uint8_t network[DIRECTORY_NETWORK_ID_LEN] = "testnet1";

static int set_up(void **state)
{
  static const uint8_t seed[32] = {7};
  struct fixture *f = calloc(1, sizeof *f);
  f->stations = stations_new(4);
  f->directory = &f->stations->directory;
  f->before = *f->directory;
  crypto_sign_seed_keypair(f->authority, f->secret, seed);
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  struct fixture *f = *state;
  stations_free(f->stations);
  free(f);
  return 0;
}

static struct order put_order(uint32_t version, uint16_t number)
{
  return (struct order){.type = ORDER_PUT,
                        .version = version,
                        .as.put = {.number = number,
                                   .role = STATION_ROLE_RELAY,
                                   .sector = -1,
                                   .department = 9,
                                   .callsign = "HH9",
                                   .name = "Jacmel",
                                   .box_key = {9},
                                   .sign_key = {8}}};
}

static struct order revoke_order(uint32_t version, uint16_t number)
{
  return (struct order){.type = ORDER_REVOKE, .version = version, .as.revoke = number};
}

static struct order epoch_order(uint32_t version)
{
  return (struct order){
      .type = ORDER_EPOCH, .version = version, .as.epoch = {.epoch = 2, .wait_min = 1440, .commit = {1, 2, 3}}};
}

static int sign(struct fixture *f, const struct order *order)
{
  return order_sign(order, network, f->secret, f->buf, sizeof f->buf);
}

static int open_signed(struct fixture *f, int len)
{
  return order_open(&f->read, network, f->authority, f->buf, (size_t)len);
}

static int apply(struct fixture *f, const struct order *order)
{
  char why[160] = "";
  int err = order_apply(order, f->directory, why, sizeof why);
  assert_true(!err || *why);
  return err;
}

static void assert_unchanged(struct fixture *f)
{
  assert_memory_equal(f->directory, &f->before, sizeof f->before);
}

static void the_signed_form_comes_back(void **state)
{
  struct fixture *f = *state;
  struct order put = put_order(2, 1279), revoke = revoke_order(3, 256), epoch = epoch_order(UINT32_MAX);
  assert_int_equal(open_signed(f, sign(f, &put)), 0);
  assert_int_equal(f->read.type, ORDER_PUT);
  assert_int_equal(f->read.version, 2);
  assert_memory_equal(&f->read.as.put, &put.as.put, sizeof put.as.put);
  assert_int_equal(open_signed(f, sign(f, &revoke)), 0);
  assert_int_equal(f->read.type, ORDER_REVOKE);
  assert_int_equal(f->read.as.revoke, 256);
  assert_int_equal(open_signed(f, sign(f, &epoch)), 0);
  assert_int_equal(f->read.type, ORDER_EPOCH);
  assert_int_equal(f->read.version, UINT32_MAX);
  assert_int_equal(f->read.as.epoch.epoch, 2);
  assert_int_equal(f->read.as.epoch.wait_min, 1440);
  assert_memory_equal(f->read.as.epoch.commit, epoch.as.epoch.commit, ORDER_COMMIT_LEN);
}

static void every_flipped_bit_of_an_order_is_refused(void **state)
{
  struct fixture *f = *state;
  struct order orders[] = {put_order(2, 9), revoke_order(2, 3), epoch_order(2)};
  f->read.version = 77;
  for (size_t i = 0; i < 3; i++) {
    int len = sign(f, &orders[i]);
    assert_true(len > 0);
    for (int bit = 0; bit < len * 8; bit++) {
      f->buf[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
      assert_int_equal(open_signed(f, len), -EKEYREJECTED);
      f->buf[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
    for (int cut = 0; cut < len; cut++)
      assert_true(open_signed(f, cut) < 0);
  }
  assert_int_equal(order_open(&f->read, network, f->authority, f->buf, ORDER_WIRE_MAX), -EBADMSG);
  assert_int_equal(order_open(&f->read, network, f->authority, f->buf, SIZE_MAX), -EBADMSG);
  assert_int_equal(f->read.version, 77);
}

static void an_order_for_another_network_is_refused(void **state)
{
  struct fixture *f = *state;
  struct order order = revoke_order(2, 3);
  int len = order_sign(&order, (const uint8_t *)"testnet2", f->secret, f->buf, sizeof f->buf);
  assert_int_equal(open_signed(f, len), -EKEYREJECTED);
}

static void another_signer_is_refused(void **state)
{
  struct fixture *f = *state;
  struct order order = revoke_order(2, 3);
  int len = order_sign(&order, network, f->stations->keyring[1].sign_secret, f->buf, sizeof f->buf);
  assert_int_equal(open_signed(f, len), -EKEYREJECTED); /* a coordinator's station is not the authority */
}

/* Signs len bytes of an order anew, as an authority that writes nonsense would. */
static int open_resigned(struct fixture *f, size_t len)
{
  uint8_t signed_bytes[512] = "radiod order v1testnet1";
  memcpy(signed_bytes + 23, f->buf, len);
  crypto_sign_detached(f->buf + len, NULL, signed_bytes, 23 + len, f->secret);
  return open_signed(f, (int)len + DIRECTORY_SIGNATURE_LEN);
}

static void signed_nonsense_is_refused(void **state)
{
  struct fixture *f = *state;
  struct order orders[] = {put_order(2, 9), revoke_order(2, 3), epoch_order(2)};
  for (size_t i = 0; i < 3; i++) {
    size_t whole = (size_t)sign(f, &orders[i]) - DIRECTORY_SIGNATURE_LEN;
    for (size_t len = 0; len <= whole + 1; len++) {
      sign(f, &orders[i]);
      assert_int_equal(open_resigned(f, len), len == whole ? 0 : -EBADMSG);
    }
  }
  struct order order = revoke_order(2, 3);
  for (unsigned type = 0; type < 256; type++) {
    size_t len = (size_t)sign(f, &order) - DIRECTORY_SIGNATURE_LEN;
    f->buf[0] = (uint8_t)type;
    assert_int_equal(open_resigned(f, len), type == ORDER_REVOKE ? 0 : -EBADMSG);
  }
  size_t len = (size_t)sign(f, &order) - DIRECTORY_SIGNATURE_LEN;
  f->buf[6] = 255; /* nobody's number */
  assert_int_equal(open_resigned(f, len), -EBADMSG);
}

static void random_signed_orders_are_survived(void **state)
{
  struct fixture *f = *state;
  uint64_t random = test_seed("random_signed_orders_are_survived");
  unsigned opened = 0;
  for (int round = 0; round < 3000; round++) {
    size_t len = 5 + test_random_below(&random, ORDER_WIRE_MAX - DIRECTORY_SIGNATURE_LEN - 5);
    for (size_t i = 0; i < len; i++)
      f->buf[i] = (uint8_t)test_random(&random);
    f->buf[0] %= 4;
    if (!open_resigned(f, f->buf[0] == ORDER_REVOKE ? 7 : f->buf[0] == ORDER_EPOCH ? 27 : len)) {
      opened++;
      f->read.version = f->directory->version + 1;
      apply(f, &f->read);
    }
  }
  assert_true(opened > 500);
  assert_true(f->directory->count <= 4);
}

static void what_no_station_takes_is_not_signed(void **state)
{
  struct fixture *f = *state;
  struct order order = put_order(2, 251);
  assert_int_equal(sign(f, &order), -EINVAL);
  order = put_order(2, 9);
  memset(order.as.put.name, 'x', sizeof order.as.put.name); /* not terminated */
  assert_int_equal(sign(f, &order), -EINVAL);
  order = put_order(2, 9);
  order.as.put.box_key[0] = 1; /* of low order */
  assert_int_equal(sign(f, &order), -EINVAL);
  order = revoke_order(2, 0);
  assert_int_equal(sign(f, &order), -EINVAL);
  order = revoke_order(2, 9);
  order.type = (enum order_type)3;
  assert_int_equal(sign(f, &order), -EINVAL);
  order = revoke_order(2, 9);
  assert_int_equal(order_sign(&order, network, f->secret, f->buf, 70), -ENOSPC);
  assert_int_equal(order_sign(&order, network, f->secret, f->buf, 71), 71);
}

static void a_signed_key_of_low_order_is_not_put(void **state)
{
  struct fixture *f = *state;
  struct order order = put_order(2, 9);
  size_t len = (size_t)sign(f, &order) - DIRECTORY_SIGNATURE_LEN;
  memset(f->buf + len - 64, 0, 32);
  assert_int_equal(open_resigned(f, len), -EBADMSG);
}

static void orders_are_carried_out_in_sequence(void **state)
{
  struct fixture *f = *state;
  struct order put = put_order(2, 300), revoke = revoke_order(3, 2), epoch = epoch_order(4),
               change = put_order(5, 300);
  assert_int_equal(apply(f, &put), 0);
  assert_int_equal(f->directory->version, 2);
  assert_memory_equal(directory_find(f->directory, 300), &put.as.put, sizeof put.as.put);
  assert_int_equal(apply(f, &revoke), 0);
  assert_null(directory_find(f->directory, 2));
  assert_int_equal(apply(f, &epoch), 0);
  assert_int_equal(f->directory->version, 4);
  strcpy(change.as.put.name, "Jacmel 2"); /* the same number and callsign */
  assert_int_equal(apply(f, &change), 0);
  assert_string_equal(directory_find(f->directory, 300)->name, "Jacmel 2");
  assert_int_equal(f->directory->count, 4);
}

static void orders_out_of_sequence_are_refused(void **state)
{
  struct fixture *f = *state;
  struct order orders[] = {put_order(0, 9), revoke_order(0, 3), epoch_order(0)};
  for (size_t i = 0; i < 3; i++) {
    orders[i].version = 0;
    assert_int_equal(apply(f, &orders[i]), -EALREADY);
    orders[i].version = 1; /* that of the directory: a repeated order */
    assert_int_equal(apply(f, &orders[i]), -EALREADY);
    orders[i].version = 3;
    assert_int_equal(apply(f, &orders[i]), -ERANGE);
    orders[i].version = UINT32_MAX;
    assert_int_equal(apply(f, &orders[i]), -ERANGE);
  }
  assert_unchanged(f);
}

static void an_order_that_does_not_fit_the_directory_changes_nothing(void **state)
{
  struct fixture *f = *state;
  struct order order = put_order(2, 9);
  strcpy(order.as.put.callsign, "4VPOST3");
  assert_int_equal(apply(f, &order), -EEXIST);
  order = put_order(2, 2);
  strcpy(order.as.put.name, "belladere"); /* the name of 3 for 2 */
  assert_int_equal(apply(f, &order), -EEXIST);
  order = put_order(2, 9);
  order.as.put.callsign[0] = 0;
  assert_int_equal(apply(f, &order), -EINVAL);
  order = revoke_order(2, 9);
  assert_int_equal(apply(f, &order), -ENOENT);
  assert_unchanged(f);
}

static void a_revoked_station_does_not_come_back_by_an_old_order(void **state)
{
  struct fixture *f = *state;
  struct order put = put_order(2, 9), revoke = revoke_order(3, 9);
  assert_int_equal(apply(f, &put), 0);
  assert_int_equal(apply(f, &revoke), 0);
  assert_int_equal(apply(f, &put), -EALREADY);
  assert_null(directory_find(f->directory, 9));
}

static void a_commitment_fits_one_secret(void **state)
{
  (void)state;
  uint8_t secret[KEYRING_KEY_LEN] = {1}, commit[ORDER_COMMIT_LEN], other[ORDER_COMMIT_LEN];
  order_commit(secret, commit);
  for (unsigned bit = 0; bit < 8 * KEYRING_KEY_LEN; bit++) {
    secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
    order_commit(secret, other);
    assert_memory_not_equal(commit, other, sizeof commit);
    secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  order_commit(secret, other);
  assert_memory_equal(commit, other, sizeof commit);
}

#define ORDER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      ORDER_TEST(the_signed_form_comes_back),
      ORDER_TEST(every_flipped_bit_of_an_order_is_refused),
      ORDER_TEST(an_order_for_another_network_is_refused),
      ORDER_TEST(another_signer_is_refused),
      ORDER_TEST(signed_nonsense_is_refused),
      ORDER_TEST(random_signed_orders_are_survived),
      ORDER_TEST(what_no_station_takes_is_not_signed),
      ORDER_TEST(a_signed_key_of_low_order_is_not_put),
      ORDER_TEST(orders_are_carried_out_in_sequence),
      ORDER_TEST(orders_out_of_sequence_are_refused),
      ORDER_TEST(an_order_that_does_not_fit_the_directory_changes_nothing),
      ORDER_TEST(a_revoked_station_does_not_come_back_by_an_old_order),
      ORDER_TEST(a_commitment_fits_one_secret),
  };
  return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
