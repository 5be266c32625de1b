/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the outbox, and the choice of mode for a peer. */
#include <errno.h>

#include "protocol/delivery/outbox.h"
#include "protocol/delivery/peers.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static struct outbox_entry entry_of(uint32_t counter, uint16_t recipient, uint8_t precedence, int64_t born_ms)
{
  return (struct outbox_entry){
      .id = {1, counter}, .recipient = recipient, .precedence = precedence, .born_ms = born_ms};
}

static void higher_precedence_goes_first_then_the_older(void **state)
{
  (void)state;
  struct outbox outbox;
  assert_int_equal(outbox_init(&outbox, 8), 0);
  const struct outbox_entry entries[] = {entry_of(1, 2, ROUTINE, 10), entry_of(2, 2, FLASH, 30),
                                         entry_of(3, 2, FLASH, 20),   entry_of(4, 3, IMMEDIATE, 5),
                                         entry_of(6, 3, ROUTINE, 10), entry_of(5, 3, ROUTINE, 10)};
  static const uint32_t order[] = {3, 2, 4, 1, 5, 6};
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(outbox_add(&outbox, &entries[i]), 0);
  const struct outbox_entry *at = NULL;
  for (size_t i = 0; i < 6; i++) {
    at = outbox_next(&outbox, 100, 0, 0, at);
    assert_non_null(at);
    assert_int_equal(at->id.counter, order[i]);
  }
  assert_null(outbox_next(&outbox, 100, 0, 0, at));
  assert_int_equal(outbox_next(&outbox, 100, 3, 0, NULL)->id.counter, 4);
  outbox_wipe(&outbox);
}

static void what_is_not_due_rides_along_unless_held(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry later = entry_of(1, 2, ROUTINE, 10);
  later.next_ms = 1000;
  assert_int_equal(outbox_init(&outbox, 2), 0);
  assert_int_equal(outbox_add(&outbox, &later), 0);
  assert_null(outbox_next(&outbox, 999, 0, 0, NULL));
  assert_non_null(outbox_next(&outbox, 999, 0, 1, NULL));
  assert_non_null(outbox_next(&outbox, 1000, 0, 0, NULL));
  outbox.entry[0].is_held = 1;
  assert_null(outbox_next(&outbox, 999, 0, 1, NULL));
  assert_non_null(outbox_next(&outbox, 1000, 0, 1, NULL));
  outbox.entry[0].phase = OUTBOX_ON_AIR;
  assert_null(outbox_next(&outbox, 1000, 0, 1, NULL));
  outbox_wipe(&outbox);
}

static void a_full_outbox_takes_no_more_until_one_leaves(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry a = entry_of(1, 2, ROUTINE, 10), b = entry_of(2, 2, ROUTINE, 10), c = entry_of(3, 3, FLASH, 1);
  assert_int_equal(outbox_init(&outbox, 2), 0);
  assert_int_equal(outbox_add(&outbox, &a), 0);
  assert_int_equal(outbox_add(&outbox, &b), 0);
  assert_int_equal(outbox_add(&outbox, &c), -ENOBUFS);
  outbox_remove(&outbox, outbox_find(&outbox, a.id, 2));
  assert_null(outbox_find(&outbox, a.id, 2));
  assert_non_null(outbox_find(&outbox, b.id, 2));
  assert_int_equal(outbox_add(&outbox, &c), 0);
  assert_non_null(outbox_find_low(&outbox, 3, 3));
  assert_null(outbox_find_low(&outbox, 2, 3)); /* another station's number */
  outbox_wipe(&outbox);
}

static void an_ack_names_the_low_bits_only(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry entry = entry_of(0x12345, 2, ROUTINE, 10);
  assert_int_equal(outbox_init(&outbox, 2), 0);
  assert_int_equal(outbox_add(&outbox, &entry), 0);
  assert_non_null(outbox_find_low(&outbox, 2, 0x2345));
  assert_null(outbox_find_low(&outbox, 2, 0x2346));
  outbox_wipe(&outbox);
}

static const struct link_channel link_table = {
    .mode = {{14, 112, 220000, 440000, -20, 1}, {126, 1008, 370000, 3040000, -30, 1}, {30, 30, 0, 5940000, -90, 1}},
    .mode_count = 3};

static void the_mode_with_the_least_expected_airtime_is_taken(void **state)
{
  (void)state;
  assert_int_equal(peer_choose_mode(&link_table, 14, 100, 0), 0);
  assert_int_equal(peer_choose_mode(&link_table, 14, LINK_SNR_UNKNOWN, 0), 0);
  assert_int_equal(peer_choose_mode(&link_table, 112, 100, 0), 1); /* one long frame is shorter than eight short */
  assert_int_equal(peer_choose_mode(&link_table, 200, 100, 0), 1);
}

static void failures_lead_to_the_mode_that_reaches_deeper(void **state)
{
  (void)state;
  int mode = -1;
  for (unsigned failures = 0; failures < 20; failures++) {
    int next = peer_choose_mode(&link_table, 14, 100, failures);
    assert_true(next >= mode); /* the table is ordered by reach */
    mode = next;
  }
  assert_int_equal(mode, 2);
  assert_int_equal(peer_choose_mode(&link_table, 14, 100, 510), 2); /* as many as can be counted */
  assert_int_equal(peer_choose_mode(&link_table, 14, INT16_MIN + 1, 510), 2);
}

static void what_no_mode_carries_is_said(void **state)
{
  (void)state;
  const struct link_channel none = {.mode_count = 0};
  assert_int_equal(peer_choose_mode(&link_table, 1009, 100, 0), -1);
  assert_int_equal(peer_choose_mode(&link_table, 31, -500, 3), 1); /* the deepest one is too small */
  assert_int_equal(peer_choose_mode(&none, 1, 100, 0), -1);
}

static void airtime_grows_by_whole_modem_frames(void **state)
{
  (void)state;
  const struct link_mode *mode = &link_table.mode[0];
  const struct link_mode packet = {1, 256, 300000, 26667, 100, 0};
  assert_int_equal(link_mode_units(mode, 0), 1);
  assert_int_equal(link_mode_units(mode, 14), 1);
  assert_int_equal(link_mode_units(mode, 15), 2);
  assert_int_equal(link_mode_padded(mode, 15), 28);
  assert_int_equal(link_mode_airtime_us(mode, 28), 1100000);
  assert_int_equal(link_mode_padded(&packet, 15), 15);
  assert_int_equal(link_mode_airtime_us(&packet, 100), 300000 + 100 * 26667);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(higher_precedence_goes_first_then_the_older),
      cmocka_unit_test(what_is_not_due_rides_along_unless_held),
      cmocka_unit_test(a_full_outbox_takes_no_more_until_one_leaves),
      cmocka_unit_test(an_ack_names_the_low_bits_only),
      cmocka_unit_test(the_mode_with_the_least_expected_airtime_is_taken),
      cmocka_unit_test(failures_lead_to_the_mode_that_reaches_deeper),
      cmocka_unit_test(what_no_mode_carries_is_said),
      cmocka_unit_test(airtime_grows_by_whole_modem_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
