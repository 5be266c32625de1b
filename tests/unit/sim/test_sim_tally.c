/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary's counts. */
#include "sim/net/tally.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

static void judge(struct tally *tally, const struct scenario *scenario)
{
  struct links *links = links_new(scenario, 1);
  assert_non_null(links);
  assert_int_equal(tally_judge(tally, links), 0);
  links_free(links);
}

static void file(struct tally *tally, uint32_t counter, unsigned precedence, uint16_t recipient, int64_t at_ms)
{
  struct message message = {.id = {1, counter}, .kind = MESSAGE_TEXT, .precedence = (uint8_t)precedence};
  assert_int_equal(tally_filed(tally, &message, recipient, at_ms), 0);
}

static void assert_has(const struct tally *tally, const struct scenario *scenario, const char *member)
{
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  tally_write(tally, scenario, out);
  fclose(out);
  if (!strstr(text, member))
    fail_msg("no %s in %s", member, text);
  free(text);
}

static void only_what_the_channels_can_carry_counts_in_the_ratio(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[link 1 3]\nsnr = -99\n[link 2 3]\nsnr = -99\n");
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  file(&tally, 2, ROUTINE, 2, 1000);
  file(&tally, 3, ROUTINE, 3, 0);
  file(&tally, 4, ROUTINE, 2, 3500000); /* too near the end */
  tally_arrived(&tally, (struct message_id){1, 2}, 2, 5000);
  judge(&tally, scenario);
  assert_has(&tally, scenario,
             "\"offered\":4,\"not_filed\":0,\"reachable\":2,\"delivered\":1,\"delivery_ratio\":0.50000");
  tally_wipe(&tally);
  free(scenario);
}

static void a_pair_that_never_has_power_together_is_not_reachable(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[outage a]\nstations = 2\nfrom = 0s\nto = 30m\n"
                                  "[outage b]\nstations = 1\nfrom = 30m\nto = 1h\n");
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  judge(&tally, scenario);
  assert_has(&tally, scenario, "\"reachable\":0");
  tally_wipe(&tally);
  free(scenario);
}

static void the_percentile_counts_what_never_came(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n");
  struct tally tally = {0};
  for (uint32_t i = 1; i <= 20; i++)
    file(&tally, i, FLASH, 2, 0);
  for (uint32_t i = 1; i <= 19; i++)
    tally_arrived(&tally, (struct message_id){1, i}, 2, i * 1000);
  judge(&tally, scenario);
  assert_has(&tally, scenario, "\"flash_p95_s\":19.0,\"immediate_p95_s\":null,\"priority_p95_s\":null");
  file(&tally, 21, FLASH, 2, 0);
  judge(&tally, scenario);
  assert_has(&tally, scenario, "\"flash_p95_s\":null");
  tally_wipe(&tally);
  free(scenario);
}

static void a_delivery_whose_end_lost_its_power_is_no_powered_one(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[outage o]\nstations = 2\nfrom = 5m\nto = 7m\n");
  struct tally tally = {0};
  file(&tally, 1, FLASH, 2, 240000);  /* came before the power went */
  file(&tally, 2, FLASH, 2, 280000);  /* came after it was back */
  file(&tally, 3, FLASH, 2, 1000000); /* came late, with power all the time */
  tally_arrived(&tally, (struct message_id){1, 1}, 2, 243000);
  tally_arrived(&tally, (struct message_id){1, 2}, 2, 480000);
  tally_arrived(&tally, (struct message_id){1, 3}, 2, 1030000);
  judge(&tally, scenario);
  assert_true(tally.delivery[0].is_powered && !tally.delivery[1].is_powered && tally.delivery[2].is_powered);
  assert_has(&tally, scenario, "\"flash_all_p95_s\":200.0");
  assert_has(&tally, scenario, "\"flash_p95_s\":30.0");
  tally_wipe(&tally);
  free(scenario);
}

static void what_came_after_its_expiry_counts_as_not_delivered_in_time(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n");
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  tally.delivery[0].expires_ms = 1200000;
  tally_arrived(&tally, (struct message_id){1, 1}, 2, 1200001);
  judge(&tally, scenario);
  assert_has(&tally, scenario, "\"reachable\":1,\"delivered\":1,\"delivery_ratio\":0.00000");
  tally_wipe(&tally);
  free(scenario);
}

static struct tally_delivery ended(enum delivery_state state, int is_held, int64_t arrived_ms)
{
  return (struct tally_delivery){
      .state = (uint8_t)state, .is_held = (uint8_t)is_held, .arrived_ms = arrived_ms, .expires_ms = 1000};
}

static void only_what_nobody_answers_for_is_lost(void **state)
{
  (void)state;
  struct tally_delivery here = ended(DELIVERY_DELIVERED, 0, 5), promised = ended(DELIVERY_DELIVERED, 0, -1);
  struct tally_delivery held = ended(DELIVERY_SENT, 1, -1), dropped = ended(DELIVERY_SENT, 0, -1);
  struct tally_delivery cancelled = ended(DELIVERY_CANCELLED, 0, -1), acted = ended(DELIVERY_ACTED, 1, -1);
  assert_false(tally_is_lost(&here, 500));
  assert_true(tally_is_lost(&promised, 500) && tally_is_lost(&promised, 2000));
  assert_false(tally_is_lost(&held, 500));
  assert_true(tally_is_lost(&dropped, 500));
  assert_false(tally_is_lost(&dropped, 1000)); /* expired */
  assert_false(tally_is_lost(&cancelled, 500));
  assert_true(tally_is_lost(&acted, 500));
}

static void an_expiry_counts_as_reported_when_its_originator_knows(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS);
  struct tally tally = {0};
  for (uint32_t i = 1; i <= 3; i++) {
    file(&tally, i, ROUTINE, 2, 0);
    tally.delivery[i - 1].expires_ms = i < 3 ? 60000 : INT64_MAX;
  }
  tally_ended(&tally, (struct message_id){1, 1}, 2, DELIVERY_EXPIRED);
  tally_ended(&tally, (struct message_id){1, 2}, 2, DELIVERY_SENT);
  assert_has(&tally, scenario, "\"expired\":2,\"expired_reported\":1");
  tally_wipe(&tally);
  free(scenario);
}

static void what_nobody_filed_is_forged(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS);
  struct tally tally = {0};
  file(&tally, 7, ROUTINE, 2, 0);
  tally_arrived(&tally, (struct message_id){1, 7}, 2, 1000);
  assert_has(&tally, scenario, "\"forged\":0");
  tally_arrived(&tally, (struct message_id){1, 7}, 3, 1000);
  tally_arrived(&tally, (struct message_id){1, 8}, 2, 1000);
  assert_has(&tally, scenario, "\"forged\":2");
  tally_wipe(&tally);
  free(scenario);
}

static void air_is_told_by_purpose_and_channel(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[channel sea]\nmhz = 5\nmodes = A\n");
  struct tally tally = {0};
  tally_sent(&tally, 0, NODE_PURPOSE_MESSAGE, 36000);
  tally_sent(&tally, 1, NODE_PURPOSE_ROUTING, 36000);
  tally_sent(&tally, 1, NODE_PURPOSE_ROUTING, 36000);
  tally_routing_at(&tally, 18000);
  tally_routing_at(&tally, 9000);
  assert_has(&tally, scenario, "\"air_s\":{\"message\":36.0,\"ack\":0.0,\"routing\":72.0");
  assert_has(&tally, scenario, "\"sea\":{\"message\":0.0,\"ack\":0.0,\"routing\":72.0");
  assert_has(&tally, scenario, "\"beacon_share\":0.01000,\"worst_channel_beacon_share\":0.02000");
  assert_has(&tally, scenario, "\"worst_station_beacon_share\":0.00500,\"air_share\":0.01500");
  tally_wipe(&tally);
  free(scenario);
}

static void thousands_of_deliveries_are_told_apart(void **state)
{
  (void)state;
  struct tally tally = {0};
  for (uint32_t i = 0; i < 5000; i++)
    file(&tally, i, ROUTINE, (uint16_t)(2 + i % 100), i);
  for (uint32_t i = 0; i < 5000; i += 2)
    tally_arrived(&tally, (struct message_id){1, i}, (uint16_t)(2 + i % 100), 10000 + i);
  for (uint32_t i = 0; i < 5000; i++)
    assert_int_equal(tally.delivery[i].arrived_ms, i % 2 ? -1 : 10000 + (int64_t)i);
  assert_int_equal(tally.forged, 0);
  tally_wipe(&tally);
}

static void what_is_shown_twice_is_a_duplicate(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS);
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  tally_shown(&tally, (struct message_id){1, 1}, 2);
  assert_has(&tally, scenario, "\"duplicates\":0");
  tally_shown(&tally, (struct message_id){1, 1}, 2);
  assert_has(&tally, scenario, "\"duplicates\":1");
  tally_wipe(&tally);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_the_channels_can_carry_counts_in_the_ratio),
      cmocka_unit_test(a_pair_that_never_has_power_together_is_not_reachable),
      cmocka_unit_test(the_percentile_counts_what_never_came),
      cmocka_unit_test(a_delivery_whose_end_lost_its_power_is_no_powered_one),
      cmocka_unit_test(what_came_after_its_expiry_counts_as_not_delivered_in_time),
      cmocka_unit_test(only_what_nobody_answers_for_is_lost),
      cmocka_unit_test(an_expiry_counts_as_reported_when_its_originator_knows),
      cmocka_unit_test(what_nobody_filed_is_forged),
      cmocka_unit_test(air_is_told_by_purpose_and_channel),
      cmocka_unit_test(thousands_of_deliveries_are_told_apart),
      cmocka_unit_test(what_is_shown_twice_is_a_duplicate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
