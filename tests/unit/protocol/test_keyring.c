/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link keys: both ends derive the same, nobody else does, and wrong secrets or directories are refused. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/keyring.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static struct keyring keyring;

static void both_ends_derive_the_same_key_and_no_third_does(void **state)
{
  struct stations *s = *state;
  assert_memory_equal(&s->keyring[1].pair[2], &s->keyring[2].pair[1], sizeof(struct seal_key));
  assert_memory_equal(&s->keyring[1].hop, &s->keyring[3].hop, sizeof(struct seal_key));
  assert_memory_not_equal(&s->keyring[1].pair[2], &s->keyring[1].pair[3], sizeof(struct seal_key));
  assert_memory_not_equal(&s->keyring[3].pair[1], &s->keyring[3].pair[2], sizeof(struct seal_key));
  assert_memory_not_equal(s->keyring[1].pair[2].mac, s->keyring[1].pair[2].enc, KEYRING_KEY_LEN);
  assert_false(s->keyring[1].has_pair[1]);
  assert_false(s->keyring[1].has_pair[4]);
}

static void a_key_of_low_order_is_refused(void **state)
{
  struct stations *s = *state;
  static const uint8_t low_order[][DIRECTORY_KEY_LEN] = {
      {0},
      {1},
      {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
       0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
  };
  static const struct keyring zero;
  for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
    memcpy(s->directory.entry[1].box_key, low_order[i], DIRECTORY_KEY_LEN);
    assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), -EKEYREJECTED);
    assert_memory_equal(&keyring, &zero, sizeof keyring); /* no half-made keys stay behind */
  }
}

static void another_network_is_refused(void **state)
{
  struct stations *s = *state;
  s->secrets[1].network_id[7] ^= 1;
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), -EKEYREJECTED);
}

static void a_station_that_is_not_in_the_directory_is_refused(void **state)
{
  struct stations *s = *state;
  s->secrets[1].number = 9;
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), -ENOENT);
}

static void secrets_of_another_station_are_refused(void **state)
{
  struct stations *s = *state;
  struct station_secrets secrets = s->secrets[1];
  secrets.box_secret[5] ^= 1;
  assert_int_equal(keyring_init(&keyring, &secrets, &s->directory), -EKEYREJECTED);
  secrets = s->secrets[1];
  secrets.sign_seed[5] ^= 1;
  assert_int_equal(keyring_init(&keyring, &secrets, &s->directory), -EKEYREJECTED);
}

static void epoch_and_network_change_the_keys(void **state)
{
  struct stations *s = *state;
  s->secrets[1].epoch++;
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), 0);
  assert_memory_not_equal(&keyring.hop, &s->keyring[1].hop, sizeof keyring.hop);
  assert_memory_equal(&keyring.pair[2], &s->keyring[1].pair[2], sizeof keyring.hop); /* the epoch is the hop key's */
  s->secrets[1].epoch--;
  s->secrets[1].network_id[0] = s->directory.network_id[0] = 'x';
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), 0);
  assert_memory_not_equal(&keyring.hop, &s->keyring[1].hop, sizeof keyring.hop);
  assert_memory_not_equal(&keyring.pair[2], &s->keyring[1].pair[2], sizeof keyring.hop);
}

static void wiping_leaves_nothing(void **state)
{
  struct stations *s = *state;
  static const struct keyring zero;
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), 0);
  keyring_wipe(&keyring);
  assert_memory_equal(&keyring, &zero, sizeof keyring);
}

static int set_up(void **state)
{
  *state = stations_new(3);
  return 0;
}

static int tear_down(void **state)
{
  stations_free(*state);
  return 0;
}

#define KEYRING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      KEYRING_TEST(both_ends_derive_the_same_key_and_no_third_does),
      KEYRING_TEST(a_key_of_low_order_is_refused),
      KEYRING_TEST(another_network_is_refused),
      KEYRING_TEST(a_station_that_is_not_in_the_directory_is_refused),
      KEYRING_TEST(secrets_of_another_station_are_refused),
      KEYRING_TEST(epoch_and_network_change_the_keys),
      KEYRING_TEST(wiping_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
