/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link keys: both ends derive the same, nobody else does, wrong secrets or directories are refused, hop keys change,
 * and a revoked station is forgotten. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/keyring.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static struct keyring keyring;

static const struct seal_key *pair(struct stations *s, unsigned self, unsigned peer)
{
  const struct seal_key *key = keyring_pair(&s->keyring[self], peer);
  assert_non_null(key);
  return key;
}

static void assert_same_hop(const struct keyring *a, enum keyring_epoch i, const struct keyring *b,
                            enum keyring_epoch j)
{
  assert_true(a->hop[i].is_set && b->hop[j].is_set);
  assert_int_equal(a->hop[i].epoch, b->hop[j].epoch);
  assert_memory_equal(&a->hop[i].key, &b->hop[j].key, sizeof(struct seal_key));
}

static void both_ends_derive_the_same_key_and_no_third_does(void **state)
{
  struct stations *s = *state;
  assert_memory_equal(pair(s, 1, 2), pair(s, 2, 1), sizeof(struct seal_key));
  assert_same_hop(&s->keyring[1], KEYRING_CURRENT, &s->keyring[3], KEYRING_CURRENT);
  assert_memory_not_equal(pair(s, 1, 2), pair(s, 1, 3), sizeof(struct seal_key));
  assert_memory_not_equal(pair(s, 3, 1), pair(s, 3, 2), sizeof(struct seal_key));
  assert_memory_not_equal(pair(s, 1, 2)->mac, pair(s, 1, 2)->enc, KEYRING_KEY_LEN);
}

static void a_key_is_derived_once_and_only_for_other_stations_of_the_directory(void **state)
{
  struct stations *s = *state;
  static const unsigned nobody[] = {0, 1, 4, 251, 255, 256, STATION_MAX, STATION_MAX + 1, 65535};
  assert_null(s->keyring[1].pair[2]);
  assert_ptr_equal(pair(s, 1, 2), pair(s, 1, 2));
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
    assert_null(keyring_pair(&s->keyring[1], nobody[i]));
    assert_false(keyring_has_peer(&s->keyring[1], nobody[i]));
    keyring_drop_peer(&s->keyring[1], nobody[i] == 1 ? 0 : nobody[i]); /* and no write out of bounds */
  }
}

static void a_keyring_is_small_until_it_is_used(void **state)
{
  (void)state;
  assert_true(sizeof(struct keyring) < 16 * 1024);
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
  for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
    memcpy(s->directory.entry[1].box_key, low_order[i], DIRECTORY_KEY_LEN);
    assert_null(keyring_pair(&s->keyring[1], 2));
    assert_null(s->keyring[1].pair[2]); /* no half-made key stays behind */
    pair(s, 1, 3);                      /* one bad entry does not stop the others */
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
  assert_memory_not_equal(&keyring.hop[0].key, &s->keyring[1].hop[0].key, sizeof keyring.hop[0].key);
  assert_memory_equal(keyring_pair(&keyring, 2), pair(s, 1, 2),
                      sizeof(struct seal_key)); /* the epoch is the hop key's */
  keyring_wipe(&keyring);
  s->secrets[1].epoch--;
  s->secrets[1].network_id[0] = s->directory.network_id[0] = 'x';
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), 0);
  assert_memory_not_equal(&keyring.hop[0].key, &s->keyring[1].hop[0].key, sizeof keyring.hop[0].key);
  assert_memory_not_equal(keyring_pair(&keyring, 2), pair(s, 1, 2), sizeof(struct seal_key));
  keyring_wipe(&keyring);
}

static void what_is_refused_leaves_an_empty_keyring(void **state)
{
  struct stations *s = *state;
  static const struct keyring zero;
  s->secrets[1].network_id[7] ^= 1;
  memset(&keyring, 0x55, sizeof keyring);
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), -EKEYREJECTED);
  assert_memory_equal(&keyring, &zero, sizeof keyring);
}

static void wiping_leaves_nothing(void **state)
{
  struct stations *s = *state;
  static const struct keyring zero;
  assert_int_equal(keyring_init(&keyring, &s->secrets[1], &s->directory), 0);
  assert_non_null(keyring_pair(&keyring, 2));
  keyring_wipe(&keyring);
  assert_memory_equal(&keyring, &zero, sizeof keyring);
  keyring_wipe(&keyring); /* an empty one, too */
}

static void a_dropped_station_has_no_key_until_the_directory_has_it_anew(void **state)
{
  struct stations *s = *state;
  struct seal_key before = *pair(s, 1, 2);
  keyring_drop_peer(&s->keyring[1], 2);
  assert_false(keyring_has_peer(&s->keyring[1], 2));
  assert_null(keyring_pair(&s->keyring[1], 2));
  assert_null(s->keyring[1].pair[2]);
  pair(s, 1, 3);
  s->directory.entry[1].box_key[3] ^= 1; /* a new box takes the number */
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 2), 0);
  assert_memory_not_equal(pair(s, 1, 2), &before, sizeof before);
}

static void a_changed_key_in_the_directory_is_used_once_told(void **state)
{
  struct stations *s = *state;
  struct seal_key before = *pair(s, 1, 2);
  s->directory.entry[1].box_key[3] ^= 1;
  assert_memory_equal(pair(s, 1, 2), &before, sizeof before); /* the cached one */
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 2), 0);
  assert_memory_not_equal(pair(s, 1, 2), &before, sizeof before);
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, STATION_MAX + 1), 0);
}

static void another_station_in_ones_own_place_is_told(void **state)
{
  struct stations *s = *state;
  struct directory_entry self = s->directory.entry[0];
  s->directory.entry[0].sign_key[0] ^= 1;
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 1), -EKEYREJECTED);
  s->directory.entry[0] = self;
  s->directory.entry[0].box_key[0] ^= 1;
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 1), -EKEYREJECTED);
  s->directory.entry[0] = self;
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 1), 0);
  s->directory.count = 0;
  assert_int_equal(keyring_update_peer(&s->keyring[1], &s->directory, 1), -ENOENT);
}

static const uint8_t secret_2[KEYRING_KEY_LEN] = {2}, secret_3[KEYRING_KEY_LEN] = {3};

static void a_new_epoch_is_next_then_current_then_previous(void **state)
{
  struct stations *s = *state;
  struct keyring *late = &s->keyring[1], *early = &s->keyring[2];
  assert_int_equal(keyring_begin_epoch(early), -ENOENT);
  assert_int_equal(keyring_add_epoch(late, 2, secret_2), 0);
  assert_int_equal(keyring_add_epoch(early, 2, secret_2), 0);
  assert_same_hop(late, KEYRING_NEXT, early, KEYRING_NEXT);
  assert_int_equal(late->hop[KEYRING_CURRENT].epoch, 1);
  assert_int_equal(keyring_begin_epoch(early), 0);
  assert_same_hop(late, KEYRING_NEXT, early, KEYRING_CURRENT);
  assert_same_hop(late, KEYRING_CURRENT, early, KEYRING_PREVIOUS);
  assert_false(early->hop[KEYRING_NEXT].is_set);
  assert_int_equal(keyring_begin_epoch(early), -ENOENT);
  assert_int_equal(early->hop[KEYRING_CURRENT].epoch, 2);
  keyring_end_epoch(early);
  assert_false(early->hop[KEYRING_PREVIOUS].is_set);
}

static void an_epoch_that_is_not_above_all_others_is_refused(void **state)
{
  struct stations *s = *state;
  struct keyring *k = &s->keyring[1];
  struct keyring before;
  assert_int_equal(keyring_add_epoch(k, 3, secret_3), 0);
  before = *k;
  for (uint32_t epoch = 0; epoch <= 3; epoch++)
    assert_int_equal(keyring_add_epoch(k, epoch, secret_2), -EALREADY);
  assert_memory_equal(k->hop, before.hop, sizeof before.hop);
}

static void two_new_epochs_without_a_beginning_move_on(void **state)
{
  struct stations *s = *state;
  struct keyring *k = &s->keyring[1], *other = &s->keyring[2];
  assert_int_equal(keyring_add_epoch(k, 2, secret_2), 0);
  assert_int_equal(keyring_add_epoch(k, 3, secret_3), 0);
  assert_int_equal(k->hop[KEYRING_PREVIOUS].epoch, 1);
  assert_int_equal(k->hop[KEYRING_CURRENT].epoch, 2);
  assert_int_equal(k->hop[KEYRING_NEXT].epoch, 3);
  s->secrets[2].epoch = 3;
  memcpy(s->secrets[2].hop_key, secret_3, sizeof secret_3);
  keyring_wipe(other);
  assert_int_equal(keyring_init(other, &s->secrets[2], &s->directory), 0);
  assert_same_hop(k, KEYRING_NEXT, other, KEYRING_CURRENT);
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
      KEYRING_TEST(a_key_is_derived_once_and_only_for_other_stations_of_the_directory),
      KEYRING_TEST(a_keyring_is_small_until_it_is_used),
      KEYRING_TEST(a_key_of_low_order_is_refused),
      KEYRING_TEST(another_network_is_refused),
      KEYRING_TEST(a_station_that_is_not_in_the_directory_is_refused),
      KEYRING_TEST(secrets_of_another_station_are_refused),
      KEYRING_TEST(epoch_and_network_change_the_keys),
      KEYRING_TEST(what_is_refused_leaves_an_empty_keyring),
      KEYRING_TEST(wiping_leaves_nothing),
      KEYRING_TEST(a_dropped_station_has_no_key_until_the_directory_has_it_anew),
      KEYRING_TEST(a_changed_key_in_the_directory_is_used_once_told),
      KEYRING_TEST(another_station_in_ones_own_place_is_told),
      KEYRING_TEST(a_new_epoch_is_next_then_current_then_previous),
      KEYRING_TEST(an_epoch_that_is_not_above_all_others_is_refused),
      KEYRING_TEST(two_new_epochs_without_a_beginning_move_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
