/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station directory: nothing unsigned or malformed is believed, and people find stations as they write them. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/crypto/directory.h"
#include "protocol/wire/station.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

struct fixture {
  struct directory directory, read;
  uint8_t authority[32], secret[64];
  uint8_t buf[DIRECTORY_WIRE_MAX];
  int len;
};

static int set_up(void **state)
{
  struct fixture *f = calloc(1, sizeof *f);
  struct stations *stations = stations_new(4);
  static const uint8_t seed[32] = {7};
  crypto_sign_seed_keypair(f->authority, f->secret, seed);
  f->directory = stations->directory;
  stations_free(stations);
  f->len = directory_sign(&f->directory, f->secret, f->buf, sizeof f->buf);
  *state = f;
  return f->len < 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

/* Signs the bytes before the signature anew, as an authority that writes nonsense would. */
static int open_resigned(struct fixture *f, size_t body_len)
{
  crypto_sign_detached(f->buf + body_len, NULL, f->buf, body_len, f->secret);
  return directory_open(&f->read, f->authority, f->buf, body_len + DIRECTORY_SIGNATURE_LEN);
}

static void the_signed_form_comes_back(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(directory_open(&f->read, f->authority, f->buf, (size_t)f->len), 0);
  assert_memory_equal(&f->read, &f->directory, sizeof f->read);
}

static void every_flipped_bit_of_a_directory_is_refused(void **state)
{
  struct fixture *f = *state;
  f->read.version = 77;
  for (int bit = 0; bit < f->len * 8; bit++) {
    f->buf[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    assert_int_equal(directory_open(&f->read, f->authority, f->buf, (size_t)f->len), -EKEYREJECTED);
    f->buf[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  }
  assert_int_equal(f->read.version, 77);
}

static void every_truncation_is_refused(void **state)
{
  struct fixture *f = *state;
  for (size_t len = 0; len < (size_t)f->len; len++)
    assert_true(directory_open(&f->read, f->authority, f->buf, len) < 0);
  assert_int_equal(directory_open(&f->read, f->authority, f->buf, DIRECTORY_WIRE_MAX + 1), -EBADMSG);
}

static void another_authority_is_refused(void **state)
{
  struct fixture *f = *state;
  f->authority[0] ^= 1;
  assert_int_equal(directory_open(&f->read, f->authority, f->buf, (size_t)f->len), -EKEYREJECTED);
}

static void signed_nonsense_is_refused(void **state)
{
  struct fixture *f = *state;
  size_t body = (size_t)f->len - DIRECTORY_SIGNATURE_LEN;
  uint64_t random = test_seed("signed_nonsense_is_refused");
  f->read.version = 77;
  for (size_t len = DIRECTORY_HEADER_LEN; len < body; len++) {
    uint8_t saved[DIRECTORY_SIGNATURE_LEN];
    memcpy(saved, f->buf + len, sizeof saved);
    assert_int_equal(open_resigned(f, len), -EBADMSG);
    memcpy(f->buf + len, saved, sizeof saved);
  }
  assert_int_equal(open_resigned(f, body + 1), -EBADMSG); /* something follows */
  assert_int_equal(f->read.version, 77);
  for (int round = 0; round < 2000; round++) {
    size_t len = DIRECTORY_HEADER_LEN + test_random_below(&random, 600);
    for (size_t i = DIRECTORY_HEADER_LEN - 1; i < len; i++)
      f->buf[i] = (uint8_t)test_random(&random);
    open_resigned(f, len); /* only a sanitizer or a crash can tell */
  }
}

static void expect_add(struct fixture *f, const struct directory_entry *entry, int result, const char *word)
{
  char why[128] = "";
  unsigned before = f->directory.count;
  assert_int_equal(directory_add(&f->directory, entry, why, sizeof why), result);
  assert_non_null(strstr(why, word));
  assert_int_equal(f->directory.count, before);
}

static struct directory_entry new_entry(void)
{
  return (struct directory_entry){
      .number = 9, .sector = -1, .department = -1, .callsign = "HH9", .name = "Jacmel", .box_key = {9}};
}

static void an_entry_that_makes_no_sense_is_refused_with_a_reason(void **state)
{
  struct fixture *f = *state;
  struct directory_entry entry = new_entry();
  entry.number = 0;
  expect_add(f, &entry, -EINVAL, "number");
  entry.number = 251;
  expect_add(f, &entry, -EINVAL, "number");
  entry.number = STATION_ALL;
  expect_add(f, &entry, -EINVAL, "number");
  entry.number = STATION_MAX + 1;
  expect_add(f, &entry, -EINVAL, "number");
  entry = new_entry();
  entry.role = STATION_ROLE_COUNT;
  expect_add(f, &entry, -EINVAL, "role");
  entry = new_entry();
  entry.sector = 7;
  expect_add(f, &entry, -EINVAL, "sector");
  entry = new_entry();
  entry.department = -2;
  expect_add(f, &entry, -EINVAL, "department");
  entry = new_entry();
  strcpy(entry.callsign, "hh9");
  expect_add(f, &entry, -EINVAL, "callsign");
  entry.callsign[0] = 0;
  expect_add(f, &entry, -EINVAL, "callsign");
  entry = new_entry();
  entry.name[0] = 0;
  expect_add(f, &entry, -EINVAL, "name");
  strcpy(entry.name, "Jac\nmel");
  expect_add(f, &entry, -EINVAL, "name");
  memset(entry.name, 'x', sizeof entry.name); /* not even terminated */
  expect_add(f, &entry, -EINVAL, "name");
  strcpy(entry.name, "Jac\xc3");
  expect_add(f, &entry, -EINVAL, "name");
}

static void a_number_callsign_or_name_that_is_taken_is_refused(void **state)
{
  struct fixture *f = *state;
  struct directory_entry entry = new_entry();
  entry.number = 3;
  expect_add(f, &entry, -EEXIST, "Belladère");
  entry = new_entry();
  strcpy(entry.callsign, "4VPOST3");
  expect_add(f, &entry, -EEXIST, "Belladère");
  entry = new_entry();
  strcpy(entry.name, "BELLADERE");
  expect_add(f, &entry, -EEXIST, "Belladère");
}

/* An entry of a number with strings of its own. */
static struct directory_entry numbered_entry(unsigned number)
{
  struct directory_entry entry = new_entry();
  entry.number = (uint16_t)number;
  snprintf(entry.callsign, sizeof entry.callsign, "HH%u", number);
  snprintf(entry.name, sizeof entry.name, "Site %u", number);
  return entry;
}

static void entries_stay_in_order_and_a_full_directory_refuses(void **state)
{
  struct fixture *f = *state;
  char why[128];
  for (unsigned number = STATION_MAX; f->directory.count < DIRECTORY_MAX_STATIONS; number--) {
    struct directory_entry entry = numbered_entry(number);
    assert_int_equal(directory_add(&f->directory, &entry, why, sizeof why), 0);
  }
  for (unsigned i = 0; i < DIRECTORY_MAX_STATIONS; i++) {
    assert_true(i == 0 || f->directory.entry[i].number > f->directory.entry[i - 1].number);
    assert_ptr_equal(directory_find(&f->directory, f->directory.entry[i].number), &f->directory.entry[i]);
  }
  struct directory_entry entry = numbered_entry(5);
  expect_add(f, &entry, -ENOSPC, "1000");
  f->len = directory_sign(&f->directory, f->secret, f->buf, sizeof f->buf);
  assert_true(f->len > 0);
  assert_int_equal(directory_open(&f->read, f->authority, f->buf, (size_t)f->len), 0);
  assert_memory_equal(&f->read, &f->directory, sizeof f->read);
  assert_int_equal(directory_sign(&f->directory, f->secret, f->buf, (size_t)f->len - 1), -ENOSPC);
}

static void an_entry_is_replaced_but_takes_nobody_elses_name(void **state)
{
  struct fixture *f = *state;
  char why[128];
  struct directory_entry entry = *directory_find(&f->directory, 3);
  entry.role = STATION_ROLE_RELAY;
  assert_int_equal(directory_put(&f->directory, &entry, why, sizeof why), 0);
  assert_int_equal(f->directory.count, 4);
  assert_int_equal(directory_find(&f->directory, 3)->role, STATION_ROLE_RELAY);
  f->read = f->directory;
  strcpy(entry.name, "Ouanaminthe");
  assert_int_equal(directory_put(&f->directory, &entry, why, sizeof why), -EEXIST);
  strcpy(entry.name, "");
  assert_int_equal(directory_put(&f->directory, &entry, why, sizeof why), -EINVAL);
  assert_memory_equal(&f->directory, &f->read, sizeof f->read);
  entry = numbered_entry(1279);
  assert_int_equal(directory_put(&f->directory, &entry, why, sizeof why), 0);
  assert_int_equal(f->directory.count, 5);
}

static void a_removed_entry_is_gone_and_the_others_stay(void **state)
{
  struct fixture *f = *state;
  char why[128] = "";
  struct directory_entry removed = *directory_find(&f->directory, 2);
  f->read = f->directory;
  assert_int_equal(directory_remove(&f->directory, 5, why, sizeof why), -ENOENT);
  assert_non_null(strstr(why, "5"));
  assert_int_equal(directory_remove(&f->directory, 2, why, sizeof why), 0);
  assert_null(directory_find(&f->directory, 2));
  assert_memory_equal(&f->directory.entry[3], &(struct directory_entry){0}, sizeof f->directory.entry[3]);
  assert_int_equal(f->directory.count, 3);
  assert_non_null(directory_find(&f->directory, 1));
  assert_non_null(directory_find(&f->directory, 4));
  assert_int_equal(directory_add(&f->directory, &removed, why, sizeof why), 0);
  assert_memory_equal(&f->directory, &f->read, sizeof f->read);
}

/* Opens the directory with its first entry's box key replaced. */
static int open_with_key(struct fixture *f, const uint8_t key[DIRECTORY_KEY_LEN])
{
  memcpy(f->directory.entry[0].box_key, key, DIRECTORY_KEY_LEN);
  f->len = directory_sign(&f->directory, f->secret, f->buf, sizeof f->buf);
  return directory_open(&f->read, f->authority, f->buf, (size_t)f->len);
}

static void a_signed_key_of_low_order_is_refused(void **state)
{
  struct fixture *f = *state;
  static const char *const points[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  static const uint8_t scalar[32] = {7};
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
    uint8_t key[32], product[32];
    sodium_hex2bin(key, sizeof key, points[i], 64, NULL, NULL, NULL);
    assert_int_not_equal(crypto_scalarmult(product, scalar, key), 0); /* libsodium knows them as such */
    assert_int_equal(open_with_key(f, key), -EBADMSG);
    key[31] |= 0x80; /* a bit that X25519 ignores */
    assert_int_equal(open_with_key(f, key), -EBADMSG);
    key[1] ^= 2;
    assert_int_equal(open_with_key(f, key), 0);
  }
}

static void stations_are_found_by_number_callsign_and_name_without_accents(void **state)
{
  struct fixture *f = *state;
  static const char *const texts[] = {"3", "4vpost3", "4VPOST3", "Belladère", "belladere", "BELLADÈRE", "BellaDére"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const struct directory_entry *entry = directory_find_text(&f->directory, texts[i]);
    assert_non_null(entry);
    assert_int_equal(entry->number, 3);
  }
  static const char *const nobody[] = {"",   "0",  "5",  "251",    "256",        "99999999999999999999", "3x",
                                       "-3", "+3", " 3", "Bellad", "Belladèree", "Bellad\xc3",           "\xc3"};
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
    assert_null(directory_find_text(&f->directory, nobody[i]));
  assert_null(directory_find(&f->directory, 0));
  assert_null(directory_find(&f->directory, 70000));
}

static void roles_have_names(void **state)
{
  (void)state;
  assert_int_equal(station_role_find("Coordinator"), STATION_ROLE_COORDINATOR);
  assert_int_equal(station_role_find("king"), -ENOENT);
  assert_null(station_role_name(STATION_ROLE_COUNT));
}

#define DIRECTORY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      DIRECTORY_TEST(the_signed_form_comes_back),
      DIRECTORY_TEST(every_flipped_bit_of_a_directory_is_refused),
      DIRECTORY_TEST(every_truncation_is_refused),
      DIRECTORY_TEST(another_authority_is_refused),
      DIRECTORY_TEST(signed_nonsense_is_refused),
      DIRECTORY_TEST(an_entry_that_makes_no_sense_is_refused_with_a_reason),
      DIRECTORY_TEST(a_number_callsign_or_name_that_is_taken_is_refused),
      DIRECTORY_TEST(entries_stay_in_order_and_a_full_directory_refuses),
      DIRECTORY_TEST(an_entry_is_replaced_but_takes_nobody_elses_name),
      DIRECTORY_TEST(a_removed_entry_is_gone_and_the_others_stay),
      DIRECTORY_TEST(a_signed_key_of_low_order_is_refused),
      DIRECTORY_TEST(stations_are_found_by_number_callsign_and_name_without_accents),
      DIRECTORY_TEST(roles_have_names),
  };
  return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
