/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile transmitters against real nodes: nothing is forged, shown twice or lost, and what they cost is seen. */
#include "sim/net/jammer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/network_impl.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

#define LOUD "[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 20\n[link 1 3]\nsnr = 20\n"
#define MUCH "[traffic t]\nkind = text\nfrom = all\nto = random\nevery = 5m\nspread = 5m\n"
#define JAMMER "[jammer j]\nchannel = air\nlatitude = 18.6\nlongitude = -72.31\nevery = 20s\nkind = "

static struct network *run(const struct scenario *scenario)
{
  struct network *network = network_new(scenario, 1, NULL);
  assert_non_null(network);
  assert_int_equal(network_run(network), 0);
  return network;
}

static void no_hostile_burst_forges_repeats_or_loses(void **state)
{
  (void)state;
  static const char *const kinds[] = {"replay", "garbage", "flip", "stolen\nstation = 3"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char text[2048];
    snprintf(text, sizeof text, "%s%s\n", TEXT_STATIONS LOUD MUCH JAMMER, kinds[i]);
    struct scenario *scenario = scenario_text(text);
    scenario->hello_ms = 300000;
    struct network *network = run(scenario);
    const struct tally *tally = network_tally(network);
    assert_true(tally->hostile_bursts > 100);
    assert_int_equal(tally->forged, 0);
    assert_true(tally->count > 20);
    for (size_t k = 0; k < tally->count; k++) {
      const struct tally_delivery *delivery = &tally->delivery[k];
      assert_true(delivery->shown <= 1);
      assert_false(tally_is_lost(delivery, scenario->length_ms));
      if (delivery->filed_ms < 40 * INT64_C(60000))
        assert_true(delivery->arrived_ms >= 0);
    }
    network_free(network);
    free(scenario);
  }
}

static void steady_noise_is_noticed_for_a_while_only(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS LOUD JAMMER "noise\nfrom = 10m\nto = 20m\npower_w = 1500\n");
  const int64_t at_ms[] = {599999, 600001, 629999, 630001};
  const int busy[] = {0, 1, 1, 0};
  for (size_t i = 0; i < sizeof busy / sizeof *busy; i++) {
    scenario->length_ms = at_ms[i];
    struct network *network = run(scenario);
    assert_int_equal(network->post[2]->is_busy[0], busy[i]);
    network_free(network);
  }
  free(scenario);
}

static void noise_in_turns_is_noticed_each_time(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS LOUD JAMMER "noise\nfrom = 10m\nto = 20m\non = 5s\noff = 7s\npower_w = 1500\n");
  for (int64_t turn = 0; turn < 5; turn++) {
    scenario->length_ms = 600000 + turn * 12000 + 4999;
    struct network *network = run(scenario);
    assert_int_equal(network->post[2]->is_busy[0], 1);
    network_free(network);
    scenario->length_ms += 2;
    network = run(scenario);
    assert_int_equal(network->post[2]->is_busy[0], 0);
    network_free(network);
  }
  free(scenario);
}

static struct jammer jammer;

static void begin(struct scenario *scenario)
{
  jammer_init(&jammer, scenario, 0, NULL, NULL, 7);
}

static struct air_burst heard(uint8_t fill)
{
  struct air_burst burst = {.from = 1, .len = 28};
  memset(burst.bytes, fill, burst.len);
  return burst;
}

static void who_has_heard_nothing_plays_nothing_back(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS JAMMER "replay\n");
  uint8_t mode, bytes[LINK_BURST_MAX];
  begin(scenario);
  assert_int_equal(jammer_make(&jammer, &mode, bytes), 0);
  struct air_burst burst = heard(5);
  jammer_hear(&jammer, &burst);
  assert_int_equal(jammer_make(&jammer, &mode, bytes), 28);
  assert_memory_equal(bytes, burst.bytes, 28);
  jammer_wipe(&jammer);
  free(scenario);
}

static void what_was_heard_long_ago_comes_back_too(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS JAMMER "replay\n");
  uint8_t mode, bytes[LINK_BURST_MAX], seen[200] = {0};
  begin(scenario);
  for (int i = 0; i < 200; i++) {
    struct air_burst burst = heard((uint8_t)i);
    jammer_hear(&jammer, &burst);
  }
  for (int i = 0; i < 2000; i++) {
    assert_int_equal(jammer_make(&jammer, &mode, bytes), 28);
    seen[bytes[0]] = 1;
  }
  int old = 0, kinds = 0;
  for (int i = 0; i < 200; i++) {
    old += i < 100 && seen[i];
    kinds += seen[i];
  }
  assert_int_equal(kinds, JAMMER_MEMORY);
  assert_true(old > 5);
  jammer_wipe(&jammer);
  free(scenario);
}

static void flipped_bursts_differ_in_a_few_bits(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS JAMMER "flip\n");
  uint8_t mode, bytes[LINK_BURST_MAX];
  struct air_burst burst = heard(0);
  int changed = 0;
  begin(scenario);
  jammer_hear(&jammer, &burst);
  for (int i = 0; i < 100; i++) {
    int bits = 0;
    assert_int_equal(jammer_make(&jammer, &mode, bytes), 28);
    for (int k = 0; k < 28; k++)
      bits += __builtin_popcount(bytes[k]);
    assert_true(bits <= 8);
    changed += bits > 0;
  }
  assert_true(changed > 80);
  jammer_wipe(&jammer);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_hostile_burst_forges_repeats_or_loses),
      cmocka_unit_test(steady_noise_is_noticed_for_a_while_only),
      cmocka_unit_test(noise_in_turns_is_noticed_each_time),
      cmocka_unit_test(who_has_heard_nothing_plays_nothing_back),
      cmocka_unit_test(what_was_heard_long_ago_comes_back_too),
      cmocka_unit_test(flipped_bursts_differ_in_a_few_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
