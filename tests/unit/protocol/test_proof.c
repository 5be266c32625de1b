/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs: everybody can check who raised an alert or told the time, and nothing of it can be changed or moved. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/proof.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static struct stations *stations;
static const struct proof_label usual = {.purpose = PROOF_ALERT, .origin = 1, .counter = 70000, .precedence = 3};
static const uint8_t body[] = {0xcc, 0x14, 0x10, 0xc0, 0xe7, 0x10, 0x40};
static uint8_t proof[PROOF_LEN];

static int set_up(void **state)
{
  (void)state;
  stations = stations_new(3);
  proof_make(&stations->keyring[1], &usual, body, sizeof body, proof);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  stations_free(stations);
  return 0;
}

static int check(const struct proof_label *label, const uint8_t *bytes, size_t len)
{
  return proof_check(&stations->directory, label, bytes, len, proof);
}

static void every_station_can_check_it(void **state)
{
  (void)state;
  assert_int_equal(check(&usual, body, sizeof body), 0);
}

static void every_field_of_a_proof_is_covered(void **state)
{
  (void)state;
  struct proof_label label = usual;
  label.purpose = PROOF_TIME;
  assert_int_equal(check(&label, body, sizeof body), -EKEYREJECTED);
  label = usual;
  label.origin = 2;
  assert_int_equal(check(&label, body, sizeof body), -EKEYREJECTED);
  for (unsigned bit = 0; bit < 32; bit++) {
    label = usual;
    label.counter ^= UINT32_C(1) << bit;
    assert_int_equal(check(&label, body, sizeof body), -EKEYREJECTED);
  }
  for (unsigned bit = 0; bit < 8; bit++) {
    label = usual;
    label.precedence ^= (uint8_t)(1 << bit);
    assert_int_equal(check(&label, body, sizeof body), -EKEYREJECTED);
  }
  stations->directory.network_id[0] ^= 1;
  assert_int_equal(check(&usual, body, sizeof body), -EKEYREJECTED);
}

static void every_bit_of_body_and_proof_is_covered(void **state)
{
  (void)state;
  uint8_t changed[sizeof body + 1] = {0};
  memcpy(changed, body, sizeof body);
  for (size_t bit = 0; bit < sizeof body * 8; bit++) {
    changed[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    assert_int_equal(check(&usual, changed, sizeof body), -EKEYREJECTED);
    changed[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  }
  assert_int_equal(check(&usual, changed, sizeof body + 1), -EKEYREJECTED);
  for (size_t len = 0; len < sizeof body; len++)
    assert_int_equal(check(&usual, body, len), -EKEYREJECTED);
  for (size_t bit = 0; bit < sizeof proof * 8; bit++) {
    proof[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    assert_int_equal(check(&usual, body, sizeof body), -EKEYREJECTED);
    proof[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  }
}

static void another_stations_proof_is_refused(void **state)
{
  (void)state;
  stations->keyring[2].self = 1; /* station 2 signs in the name of station 1 */
  proof_make(&stations->keyring[2], &usual, body, sizeof body, proof);
  assert_int_equal(check(&usual, body, sizeof body), -EKEYREJECTED);
}

static void a_proof_of_nobody_is_refused(void **state)
{
  (void)state;
  static const uint16_t nobody[] = {0, 4, 255, 1279, 65535};
  struct proof_label label = usual;
  char why[128];
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
    label.origin = nobody[i];
    assert_int_equal(check(&label, body, sizeof body), -ENOENT);
  }
  assert_int_equal(directory_remove(&stations->directory, 1, why, sizeof why), 0);
  assert_int_equal(check(&usual, body, sizeof body), -ENOENT); /* revoked */
}

static void a_proof_under_a_former_key_is_refused(void **state)
{
  (void)state;
  memcpy(stations->directory.entry[0].sign_key, stations->directory.entry[1].sign_key, DIRECTORY_KEY_LEN);
  assert_int_equal(check(&usual, body, sizeof body), -EKEYREJECTED);
}

static void only_a_coordinator_proves_the_time(void **state)
{
  (void)state;
  for (uint16_t origin = 1; origin <= 3; origin++) {
    struct proof_label label = {.purpose = PROOF_TIME, .origin = origin, .counter = 5};
    proof_make(&stations->keyring[origin], &label, body, sizeof body, proof);
    assert_int_equal(check(&label, body, sizeof body), origin == 1 ? 0 : -EPERM); /* 1 is the coordinator */
    label.purpose = PROOF_ALERT;
    proof_make(&stations->keyring[origin], &label, body, sizeof body, proof);
    assert_int_equal(check(&label, body, sizeof body), 0);
  }
}

static void bodies_of_every_length_are_proven(void **state)
{
  (void)state;
  static uint8_t longest[PROOF_BODY_MAX + 1];
  static const size_t lengths[] = {0, 1, PROOF_BODY_MAX - 1, PROOF_BODY_MAX};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    proof_make(&stations->keyring[1], &usual, longest, lengths[i], proof);
    assert_int_equal(check(&usual, longest, lengths[i]), 0);
  }
  assert_int_equal(check(&usual, longest, PROOF_BODY_MAX + 1), -EKEYREJECTED);
  assert_int_equal(check(&usual, longest, SIZE_MAX), -EKEYREJECTED);
}

#define PROOF_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      PROOF_TEST(every_station_can_check_it),
      PROOF_TEST(every_field_of_a_proof_is_covered),
      PROOF_TEST(every_bit_of_body_and_proof_is_covered),
      PROOF_TEST(another_stations_proof_is_refused),
      PROOF_TEST(a_proof_of_nobody_is_refused),
      PROOF_TEST(a_proof_under_a_former_key_is_refused),
      PROOF_TEST(only_a_coordinator_proves_the_time),
      PROOF_TEST(bodies_of_every_length_are_proven),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
