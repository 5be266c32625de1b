/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a station holds for all: what gives way, what others are told of, and what goes out first. */
#include "protocol/delivery/floods.h"

#include "tests/unit/protocol/cmocka_all.h"

#define HOUR_MS INT64_C(3600000)
#define NOW_MS HOUR_MS

static struct flood *add(struct floods *floods, uint32_t counter, uint8_t precedence, int64_t born_ms)
{
  struct flood *flood = floods_add(floods);
  assert_non_null(flood);
  flood->id = (struct message_id){1, counter};
  flood->kind = BUNDLE_ALERT;
  flood->has_proof = 1;
  flood->precedence = precedence;
  flood->born_ms = born_ms;
  flood->expires_ms = born_ms + 100 * HOUR_MS;
  return flood;
}

static struct bundle_name name_of(const struct flood *flood)
{
  return (struct bundle_name){flood->id.origin, (uint16_t)flood->id.counter};
}

static void a_new_one_is_due_on_no_channel(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  struct flood *flood = add(&floods, 1, FLASH, 0);
  for (unsigned i = 0; i < LINK_CHANNELS_MAX; i++) {
    assert_int_equal(flood->turn[i].next_ms, INT64_MAX);
    assert_null(floods_next(&floods, INT64_MAX - 1, i));
    assert_int_equal(floods_next_ms(&floods, i, ROUTINE), INT64_MAX);
  }
  floods_wipe(&floods);
}

static void no_more_than_the_limit_are_held(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  for (uint32_t i = 1; i <= FLOODS_MAX; i++)
    add(&floods, i, ROUTINE, i);
  assert_null(floods_add(&floods));
  floods_remove(&floods, floods_find(&floods, (struct message_id){1, 1}));
  assert_non_null(floods_add(&floods));
  floods_wipe(&floods);
}

static void it_is_found_by_origin_and_counter_and_by_its_short_name(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  add(&floods, 0x12345, ROUTINE, 0);
  assert_non_null(floods_find(&floods, (struct message_id){1, 0x12345}));
  assert_null(floods_find(&floods, (struct message_id){1, 0x2345}));
  assert_null(floods_find(&floods, (struct message_id){2, 0x12345}));
  assert_non_null(floods_find_name(&floods, (struct bundle_name){1, 0x2345}));
  assert_null(floods_find_name(&floods, (struct bundle_name){2, 0x2345}));
  assert_null(floods_find_name(&floods, (struct bundle_name){1, 0x2344}));
  floods_wipe(&floods);
}

static void the_least_grave_gives_way_and_of_equals_the_oldest(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  assert_null(floods_least(&floods, FLASH, 1));
  add(&floods, 1, PRIORITY, 10);
  add(&floods, 2, ROUTINE, 30);
  add(&floods, 3, ROUTINE, 20);
  assert_int_equal(floods_least(&floods, FLASH, 1)->id.counter, 3);
  floods_wipe(&floods);
}

static void nothing_graver_gives_way(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  add(&floods, 1, PRIORITY, 10);
  assert_null(floods_least(&floods, ROUTINE, 1));
  assert_non_null(floods_least(&floods, PRIORITY, 1));
  floods_wipe(&floods);
}

static void a_flash_gives_way_to_nothing(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  add(&floods, 1, FLASH, 10);
  assert_null(floods_least(&floods, FLASH, 1));
  floods_wipe(&floods);
}

static void what_ended_is_known_and_named_to_others(void **state)
{
  (void)state;
  struct floods floods;
  struct bundle_list list;
  floods_init(&floods);
  struct bundle_name name = name_of(add(&floods, 7, ROUTINE, 0));
  floods_remove(&floods, floods_find_name(&floods, name));
  assert_true(floods_knows(&floods, name));
  assert_false(floods_knows(&floods, (struct bundle_name){1, 8}));
  floods_list(&floods, NOW_MS, &list);
  assert_int_equal(list.count, 1);
  assert_int_equal(list.name[0].counter_low, 7);
  assert_true(list.is_complete);
  floods_wipe(&floods);
}

static void a_time_that_ended_is_named_to_nobody(void **state)
{
  (void)state;
  struct floods floods;
  struct bundle_list list;
  floods_init(&floods);
  add(&floods, 7, ROUTINE, 0)->kind = BUNDLE_TIME;
  floods_remove(&floods, &floods.flood[0]);
  floods_list(&floods, NOW_MS, &list);
  assert_int_equal(list.count, 0);
  floods_wipe(&floods);
}

static void what_ended_twice_is_remembered_once(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  for (uint16_t i = 1; i <= 5 * FLOOD_GONE_MAX; i++)
    floods_note_gone(&floods, (struct bundle_name){1, (uint16_t)(1 + i % 2)});
  assert_int_equal(floods.gone_at, 2);
  floods_wipe(&floods);
}

static void of_what_ended_the_oldest_is_forgotten(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  for (uint16_t i = 1; i <= FLOOD_GONE_MAX + 1; i++)
    floods_note_gone(&floods, (struct bundle_name){1, i});
  assert_false(floods_knows(&floods, (struct bundle_name){1, 1}));
  assert_true(floods_knows(&floods, (struct bundle_name){1, 2}));
  assert_true(floods_knows(&floods, (struct bundle_name){1, FLOOD_GONE_MAX + 1}));
  floods_wipe(&floods);
}

static void an_alert_without_its_proof_is_still_asked_for(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  struct flood *flood = add(&floods, 7, ROUTINE, 0);
  flood->has_proof = 0;
  assert_false(floods_knows(&floods, name_of(flood)));
  assert_int_equal(floods_digest(&floods, NOW_MS), 0);
  flood->has_proof = 1;
  assert_true(floods_knows(&floods, name_of(flood)));
  assert_int_not_equal(floods_digest(&floods, NOW_MS), 0);
  floods_wipe(&floods);
}

static void what_ends_soon_and_the_time_are_not_listed(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  struct flood *flood = add(&floods, 7, ROUTINE, 0);
  assert_true(flood_is_listed(flood, NOW_MS));
  assert_false(flood_is_listed(flood, flood->expires_ms - 60000));
  assert_false(flood_is_listed(flood, flood->expires_ms + 1));
  flood->kind = BUNDLE_TIME;
  assert_false(flood_is_listed(flood, NOW_MS));
  floods_wipe(&floods);
}

static void the_digest_hangs_on_what_is_held_and_not_on_its_order(void **state)
{
  (void)state;
  struct floods a, b;
  floods_init(&a);
  floods_init(&b);
  for (uint32_t i = 1; i <= 20; i++) {
    add(&a, i, ROUTINE, i);
    add(&b, 21 - i, ROUTINE, 7);
  }
  assert_int_equal(floods_digest(&a, NOW_MS), floods_digest(&b, NOW_MS));
  floods_remove(&b, floods_find(&b, (struct message_id){1, 5}));
  assert_int_not_equal(floods_digest(&a, NOW_MS), floods_digest(&b, NOW_MS));
  floods_wipe(&a);
  floods_wipe(&b);
}

static void the_list_names_the_gravest_and_newest_first(void **state)
{
  (void)state;
  static const uint16_t order[] = {4, 3, 2, 1};
  struct floods floods;
  struct bundle_list list;
  floods_init(&floods);
  add(&floods, 1, ROUTINE, 10);
  add(&floods, 2, ROUTINE, 20);
  add(&floods, 3, IMMEDIATE, 5);
  add(&floods, 4, FLASH, 1);
  floods_list(&floods, NOW_MS, &list);
  assert_int_equal(list.count, 4);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(list.name[i].counter_low, order[i]);
  floods_wipe(&floods);
}

static void a_list_without_room_for_all_says_so(void **state)
{
  (void)state;
  struct floods floods;
  struct bundle_list list;
  floods_init(&floods);
  for (uint32_t i = 1; i <= LIST_NAMES_MAX; i++)
    add(&floods, i, ROUTINE, i);
  floods_list(&floods, NOW_MS, &list);
  assert_true(list.is_complete);
  add(&floods, LIST_NAMES_MAX + 1, ROUTINE, 0);
  floods_list(&floods, NOW_MS, &list);
  assert_false(list.is_complete);
  assert_int_equal(list.count, LIST_NAMES_MAX);
  floods_wipe(&floods);
}

static void a_channel_sends_the_gravest_that_is_due_there(void **state)
{
  (void)state;
  struct floods floods;
  floods_init(&floods);
  add(&floods, 1, ROUTINE, 20)->turn[1].next_ms = 100;
  add(&floods, 2, FLASH, 10)->turn[1].next_ms = 200;
  assert_null(floods_next(&floods, 99, 1));
  assert_int_equal(floods_next(&floods, 100, 1)->id.counter, 1);
  assert_int_equal(floods_next(&floods, 200, 1)->id.counter, 2);
  assert_null(floods_next(&floods, 200, 0));
  assert_int_equal(floods_next_ms(&floods, 1, ROUTINE), 100);
  assert_int_equal(floods_next_ms(&floods, 1, FLASH), 200);
  assert_int_equal(floods_next_ms(&floods, 0, ROUTINE), INT64_MAX);
  floods_wipe(&floods);
}

static void a_station_found_to_lack_it_is_presumed_nothing_of(void **state)
{
  (void)state;
  struct flood flood = {0};
  flood_presume(&flood, STATION_MAX);
  assert_true(flood_is_presumed(&flood, STATION_MAX));
  assert_false(flood_has(&flood, STATION_MAX));
  flood_set_has(&flood, STATION_MAX, 0);
  assert_false(flood_is_presumed(&flood, STATION_MAX));
  flood_set_has(&flood, STATION_MAX, 1);
  assert_true(flood_has(&flood, STATION_MAX));
  assert_false(flood_has(&flood, STATION_MAX - 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_one_is_due_on_no_channel),
      cmocka_unit_test(no_more_than_the_limit_are_held),
      cmocka_unit_test(it_is_found_by_origin_and_counter_and_by_its_short_name),
      cmocka_unit_test(the_least_grave_gives_way_and_of_equals_the_oldest),
      cmocka_unit_test(nothing_graver_gives_way),
      cmocka_unit_test(a_flash_gives_way_to_nothing),
      cmocka_unit_test(what_ended_is_known_and_named_to_others),
      cmocka_unit_test(a_time_that_ended_is_named_to_nobody),
      cmocka_unit_test(what_ended_twice_is_remembered_once),
      cmocka_unit_test(of_what_ended_the_oldest_is_forgotten),
      cmocka_unit_test(an_alert_without_its_proof_is_still_asked_for),
      cmocka_unit_test(what_ends_soon_and_the_time_are_not_listed),
      cmocka_unit_test(the_digest_hangs_on_what_is_held_and_not_on_its_order),
      cmocka_unit_test(the_list_names_the_gravest_and_newest_first),
      cmocka_unit_test(a_list_without_room_for_all_says_so),
      cmocka_unit_test(a_channel_sends_the_gravest_that_is_due_there),
      cmocka_unit_test(a_station_found_to_lack_it_is_presumed_nothing_of),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
