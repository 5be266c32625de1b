/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the outbox, and the choice of mode for a peer. */
#include "protocol/delivery/outbox.h"
#include "protocol/delivery/peers.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define HOUR_MS INT64_C(3600000)
#define LONGEST_WAIT_MS (INT64_C(31) * 24 * HOUR_MS)

static struct outbox_entry entry_of(uint32_t counter, uint16_t recipient, uint8_t precedence, int64_t born_ms)
{
  return (struct outbox_entry){
      .id = {1, counter}, .recipient = recipient, .precedence = precedence, .born_ms = born_ms};
}

static void add(struct outbox *outbox, const struct outbox_entry *entry)
{
  assert_int_equal(outbox_make_room(outbox, 1), 0);
  outbox_add(outbox, entry);
}

static void higher_precedence_goes_first_then_the_older(void **state)
{
  (void)state;
  const struct outbox_entry order[] = {entry_of(3, 2, FLASH, 20),    entry_of(2, 2, FLASH, 30),
                                       entry_of(4, 3, IMMEDIATE, 5), entry_of(1, 2, ROUTINE, 10),
                                       entry_of(5, 3, ROUTINE, 10),  entry_of(5, 4, ROUTINE, 10)};
  for (size_t i = 0; i < 6; i++)
    for (size_t j = 0; j < 6; j++)
      assert_int_equal(outbox_goes_before(&order[i], &order[j], 100), i < j);
}

static void of_equals_the_lower_identity_goes_first(void **state)
{
  (void)state;
  struct outbox_entry a = entry_of(7, 2, ROUTINE, 10), b = a;
  b.id.origin = 2;
  assert_true(outbox_goes_before(&a, &b, 100));
  assert_false(outbox_goes_before(&b, &a, 100));
}

static void who_has_waited_long_goes_with_the_next_higher(void **state)
{
  (void)state;
  struct outbox_entry routine = entry_of(1, 2, ROUTINE, 0), priority = entry_of(2, 2, PRIORITY, 8 * HOUR_MS);
  assert_int_equal(outbox_rank(&routine, 8 * HOUR_MS), ROUTINE);
  assert_true(outbox_goes_before(&priority, &routine, 8 * HOUR_MS));
  assert_int_equal(outbox_rank(&routine, 8 * HOUR_MS + 1), PRIORITY);
  assert_true(outbox_goes_before(&routine, &priority, 8 * HOUR_MS + 1));
}

static void nothing_waits_itself_up_to_flash(void **state)
{
  (void)state;
  for (unsigned precedence = ROUTINE; precedence < FLASH; precedence++) {
    struct outbox_entry entry = entry_of(1, 2, (uint8_t)precedence, 0);
    assert_true(outbox_rank(&entry, LONGEST_WAIT_MS) < FLASH);
  }
  struct outbox_entry flash = entry_of(1, 2, FLASH, 0);
  assert_int_equal(outbox_rank(&flash, LONGEST_WAIT_MS), FLASH);
}

static void what_was_born_in_the_future_has_not_waited(void **state)
{
  (void)state;
  struct outbox_entry routine = entry_of(1, 2, ROUTINE, 100 * HOUR_MS);
  assert_int_equal(outbox_rank(&routine, 0), ROUTINE);
}

static void an_entry_is_found_by_all_of_its_identity(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry entry = entry_of(7, 2, ROUTINE, 10);
  outbox_init(&outbox);
  add(&outbox, &entry);
  assert_non_null(outbox_find(&outbox, entry.id, 2));
  assert_null(outbox_find(&outbox, entry.id, 3));
  assert_null(outbox_find(&outbox, (struct message_id){1, 8}, 2));
  assert_null(outbox_find(&outbox, (struct message_id){2, 7}, 2));
  outbox_wipe(&outbox);
}

static void what_is_removed_is_gone_and_the_others_stay(void **state)
{
  (void)state;
  struct outbox outbox;
  outbox_init(&outbox);
  for (uint32_t i = 1; i <= 100; i++) {
    struct outbox_entry entry = entry_of(i, 2, ROUTINE, 10);
    add(&outbox, &entry);
  }
  for (uint32_t i = 1; i <= 100; i += 2)
    outbox_remove(&outbox, outbox_find(&outbox, (struct message_id){1, i}, 2));
  assert_int_equal(outbox.count, 50);
  for (uint32_t i = 1; i <= 100; i++)
    assert_int_equal(outbox_find(&outbox, (struct message_id){1, i}, 2) != NULL, i % 2 == 0);
  outbox_wipe(&outbox);
}

static void room_that_was_made_is_enough_for_all(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry entry = entry_of(1, 2, ROUTINE, 10);
  outbox_init(&outbox);
  assert_int_equal(outbox_make_room(&outbox, 999), 0);
  const struct outbox_entry *before = outbox.entry;
  for (size_t i = 0; i < 999; i++)
    outbox_add(&outbox, &entry);
  assert_ptr_equal(outbox.entry, before);
  outbox_wipe(&outbox);
}

static void an_ack_names_the_low_bits_the_origin_and_comes_from_the_last_hop(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry entry = entry_of(0x12345, 2, ROUTINE, 10);
  entry.hop = 3;
  outbox_init(&outbox);
  add(&outbox, &entry);
  assert_non_null(outbox_find_sent(&outbox, 3, 1, 0x2345));
  assert_null(outbox_find_sent(&outbox, 3, 1, 0x2346));
  assert_null(outbox_find_sent(&outbox, 3, 4, 0x2345)); /* another station's message */
  assert_null(outbox_find_sent(&outbox, 2, 1, 0x2345)); /* a station that it never went to */
  outbox_wipe(&outbox);
}

static void a_receipt_finds_only_what_its_station_was_to_get(void **state)
{
  (void)state;
  struct outbox outbox;
  struct outbox_entry entry = entry_of(0x12345, 2, ROUTINE, 10);
  entry.hop = 3;
  outbox_init(&outbox);
  add(&outbox, &entry);
  assert_non_null(outbox_find_low(&outbox, 1, 2, 0x2345));
  assert_null(outbox_find_low(&outbox, 1, 3, 0x2345));
  assert_null(outbox_find_low(&outbox, 2, 2, 0x2345));
  assert_null(outbox_find_low(&outbox, 1, 2, 0x2346));
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
      cmocka_unit_test(of_equals_the_lower_identity_goes_first),
      cmocka_unit_test(who_has_waited_long_goes_with_the_next_higher),
      cmocka_unit_test(nothing_waits_itself_up_to_flash),
      cmocka_unit_test(what_was_born_in_the_future_has_not_waited),
      cmocka_unit_test(an_entry_is_found_by_all_of_its_identity),
      cmocka_unit_test(what_is_removed_is_gone_and_the_others_stay),
      cmocka_unit_test(room_that_was_made_is_enough_for_all),
      cmocka_unit_test(an_ack_names_the_low_bits_the_origin_and_comes_from_the_last_hop),
      cmocka_unit_test(a_receipt_finds_only_what_its_station_was_to_get),
      cmocka_unit_test(the_mode_with_the_least_expected_airtime_is_taken),
      cmocka_unit_test(failures_lead_to_the_mode_that_reaches_deeper),
      cmocka_unit_test(what_no_mode_carries_is_said),
      cmocka_unit_test(airtime_grows_by_whole_modem_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
