/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes: only the recipient opens one, nothing of it can be changed on the way, and it is never taken for a
 * frame. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/crypto/siv.h"
#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define LEN 40
#define SEALED_LEN (LEN + ENVELOPE_OVERHEAD)

static struct stations *stations;
static const struct envelope_label usual = {.origin = 1, .dest = 3, .counter = 70000, .precedence = 2, .life = 12};

static int set_up(void **state)
{
  (void)state;
  stations = stations_new(4);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  stations_free(stations);
  return 0;
}

static void seal(const struct envelope_label *label, uint8_t sealed[SEALED_LEN])
{
  uint8_t plain[LEN];
  memset(plain, 0x31, sizeof plain);
  assert_int_equal(envelope_seal(&stations->keyring[label->origin], label, plain, LEN, sealed), 0);
}

static int open_as(uint16_t self, const struct envelope_label *label, const uint8_t *sealed)
{
  uint8_t plain[LEN];
  return envelope_open(&stations->keyring[self], label, sealed, SEALED_LEN, plain);
}

static void the_recipient_opens_it(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN], plain[LEN], expected[LEN];
  seal(&usual, sealed);
  memset(expected, 0x31, sizeof expected);
  assert_int_equal(envelope_open(&stations->keyring[3], &usual, sealed, sizeof sealed, plain), 0);
  assert_memory_equal(plain, expected, sizeof plain);
}

static void a_relay_can_neither_open_nor_change_an_envelope(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN];
  struct envelope_label label = usual;
  seal(&usual, sealed);
  assert_int_equal(open_as(2, &usual, sealed), -EBADMSG);
  label.dest = 2; /* it claims to be the recipient */
  assert_int_equal(open_as(2, &label, sealed), -EBADMSG);
  for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
    sealed[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    assert_int_equal(open_as(3, &usual, sealed), -EBADMSG);
    sealed[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  }
  assert_int_equal(open_as(3, &usual, sealed), 0);
}

static void every_field_of_the_label_is_covered(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN];
  struct envelope_label label = usual;
  seal(&usual, sealed);
  label.origin = 2; /* a relay passes it off as its own, or as another's */
  assert_int_equal(open_as(3, &label, sealed), -EBADMSG);
  label = usual;
  label.dest = 4; /* sent on to somebody else */
  assert_int_equal(open_as(4, &label, sealed), -EBADMSG);
  assert_int_equal(open_as(3, &label, sealed), -EBADMSG);
  for (unsigned bit = 0; bit < 32; bit++) {
    label = usual;
    label.counter ^= UINT32_C(1) << bit;
    assert_int_equal(open_as(3, &label, sealed), -EBADMSG);
  }
  for (unsigned other = 0; other < 256; other++) {
    label = usual;
    label.precedence = (uint8_t)other;
    assert_int_equal(open_as(3, &label, sealed), other == usual.precedence ? 0 : -EBADMSG);
    label = usual;
    label.life = (uint8_t)other;
    assert_int_equal(open_as(3, &label, sealed), other == usual.life ? 0 : -EBADMSG);
  }
}

static void sent_back_to_its_origin_it_does_not_open(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN];
  struct envelope_label label = usual;
  seal(&usual, sealed);
  label.origin = 3;
  label.dest = 1;
  assert_int_equal(open_as(1, &label, sealed), -EBADMSG);
  label.origin = 1;
  assert_int_equal(open_as(1, &label, sealed), -ENOENT); /* from itself */
}

/* Station 1 seals for station 3, but under a label that names station 4. */
static void a_label_for_somebody_else_is_refused_even_from_its_origin(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN], plain[LEN] = {0};
  struct envelope_label label = usual;
  struct siv_context context = {
      .flags = 0xc0 | usual.precedence, .source = 1, .dest = 4, .epoch = usual.life, .counter = usual.counter};
  label.dest = 4;
  siv_seal(keyring_pair(&stations->keyring[1], 3), &context, SIV_TAG_LONG, plain, LEN, sealed);
  assert_int_equal(open_as(3, &label, sealed), -EBADMSG);
}

static void a_cut_envelope_is_refused(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN], plain[LEN];
  seal(&usual, sealed);
  for (size_t len = 0; len < sizeof sealed; len++)
    assert_int_equal(envelope_open(&stations->keyring[3], &usual, sealed, len, plain), -EBADMSG);
}

static void what_does_not_open_leaves_no_plain_text(void **state)
{
  (void)state;
  static const uint8_t zero[LEN];
  uint8_t sealed[SEALED_LEN], plain[LEN];
  seal(&usual, sealed);
  sealed[0] ^= 1;
  memset(plain, 0x55, sizeof plain);
  assert_int_equal(envelope_open(&stations->keyring[3], &usual, sealed, sizeof sealed, plain), -EBADMSG);
  assert_memory_equal(plain, zero, sizeof plain);
}

static void without_a_key_nothing_is_sealed_or_opened(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN], plain[LEN] = {0};
  static const uint16_t nobody[] = {0, 1, 9, 255, 256, 1279, 1280, 65535};
  struct envelope_label label = usual;
  seal(&usual, sealed);
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
    label = usual;
    label.dest = nobody[i];
    assert_int_equal(envelope_seal(&stations->keyring[1], &label, plain, LEN, sealed), -ENOENT);
    label = usual;
    label.origin = nobody[i] == 1 ? 3 : nobody[i];
    assert_int_equal(open_as(3, &label, sealed), -ENOENT);
  }
}

static void a_revoked_stations_envelope_is_refused(void **state)
{
  (void)state;
  uint8_t sealed[SEALED_LEN];
  seal(&usual, sealed);
  keyring_drop_peer(&stations->keyring[3], 1);
  assert_int_equal(open_as(3, &usual, sealed), -ENOENT);
}

static void a_change_of_the_hop_key_does_not_matter(void **state)
{
  (void)state;
  static const uint8_t secret[KEYRING_KEY_LEN] = {2};
  uint8_t sealed[SEALED_LEN];
  seal(&usual, sealed);
  assert_int_equal(keyring_add_epoch(&stations->keyring[3], 2, secret), 0);
  assert_int_equal(keyring_begin_epoch(&stations->keyring[3]), 0);
  assert_int_equal(open_as(3, &usual, sealed), 0);
}

static const struct replay_window *find_window(void *context, uint16_t station)
{
  (void)station;
  return context;
}

/* Behind every header that a frame of station 1 can have, with the counter and epoch that the envelope's label has in
 * their places. */
static void an_envelope_never_opens_as_a_frame(void **state)
{
  (void)state;
  struct replay_window window = {0};
  for (unsigned precedence = 0; precedence < 4; precedence++) {
    struct envelope_label label = {.origin = 1, .dest = 3, .counter = 5, .precedence = (uint8_t)precedence};
    uint8_t burst[4 + SEALED_LEN] = {0, 1, 0, 5};
    struct frame frame;
    seal(&label, burst + 4);
    for (unsigned flags = 0; flags < 256; flags++) {
      burst[0] = (uint8_t)flags;
      assert_true(frame_open(&stations->keyring[3], burst, sizeof burst, find_window, &window, &frame) < 0);
    }
    seal(&label, burst); /* bare */
    assert_true(frame_open(&stations->keyring[3], burst, SEALED_LEN, find_window, &window, &frame) < 0);
  }
}

static void a_frame_never_opens_as_an_envelope(void **state)
{
  (void)state;
  struct frame frame = {.source = 1, .dest = 3, .counter = 5, .len = LEN};
  uint8_t burst[4 + SEALED_LEN];
  assert_int_equal(frame_seal(&stations->keyring[1], &frame, burst), sizeof burst);
  for (unsigned precedence = 0; precedence < 256; precedence++) {
    struct envelope_label label = {.origin = 1, .dest = 3, .counter = 5, .precedence = (uint8_t)precedence};
    assert_int_equal(open_as(3, &label, burst + 4), -EBADMSG);
  }
}

#define ENVELOPE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      ENVELOPE_TEST(the_recipient_opens_it),
      ENVELOPE_TEST(a_relay_can_neither_open_nor_change_an_envelope),
      ENVELOPE_TEST(every_field_of_the_label_is_covered),
      ENVELOPE_TEST(sent_back_to_its_origin_it_does_not_open),
      ENVELOPE_TEST(a_label_for_somebody_else_is_refused_even_from_its_origin),
      ENVELOPE_TEST(a_cut_envelope_is_refused),
      ENVELOPE_TEST(what_does_not_open_leaves_no_plain_text),
      ENVELOPE_TEST(without_a_key_nothing_is_sealed_or_opened),
      ENVELOPE_TEST(a_revoked_stations_envelope_is_refused),
      ENVELOPE_TEST(a_change_of_the_hop_key_does_not_matter),
      ENVELOPE_TEST(an_envelope_never_opens_as_a_frame),
      ENVELOPE_TEST(a_frame_never_opens_as_an_envelope),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
