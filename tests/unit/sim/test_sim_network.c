/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real nodes in a simulated network: the same seed gives the same run, and no cut of power loses what was promised.
 */
#include "sim/net/network.h"

#include <stdlib.h>
#include <string.h>

#include "sim/net/network_impl.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

#define MINUTE_MS INT64_C(60000)

#define LOUD "[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 20\n[link 1 3]\nsnr = 20\n"
#define ONE_TEXT "[traffic t]\nkind = text\nfrom = 2\nto = 1\nat = 5m\n"
#define MUCH "[traffic t]\nkind = status\nfrom = all\nto = random\nevery = 2m\nspread = 2m\n"

static struct network *run(const struct scenario *scenario, uint64_t seed, FILE *trace)
{
  struct network *network = network_new(scenario, seed, trace);
  assert_non_null(network);
  assert_int_equal(network_run(network), 0);
  return network;
}

/* Everything that a run tells, as one text. */
static char *told(const struct scenario *scenario, uint64_t seed)
{
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  struct network *network = run(scenario, seed, out);
  tally_write(network_tally(network), scenario, out);
  network_free(network);
  fclose(out);
  return text;
}

static void the_same_seed_gives_the_same_run(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS MUCH "[outage o]\nstations = 3\nfrom = 20m\nto = 25m\n");
  scenario->crash_permille = 10;
  scenario->hello_ms = 10 * MINUTE_MS;
  char *one = told(scenario, 1), *again = told(scenario, 1), *other = told(scenario, 2);
  assert_true(strlen(one) > 1000);
  assert_string_equal(one, again);
  assert_string_not_equal(one, other);
  free(one);
  free(again);
  free(other);
  free(scenario);
}

static void a_message_arrives_once_and_is_acknowledged(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD ONE_TEXT);
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->count, 1);
  assert_in_range(tally->delivery[0].arrived_ms, 5 * MINUTE_MS, 6 * MINUTE_MS);
  assert_int_equal(tally->delivery[0].shown, 1);
  assert_int_equal(tally->bursts, 2);
  assert_true(tally->air_ms[0][NODE_PURPOSE_MESSAGE] > 0 && tally->air_ms[0][NODE_PURPOSE_ACK] > 0);
  assert_int_equal(network_store(network, 2)->delivery[0].state, DELIVERY_DELIVERED);
  assert_int_equal(tally_count_lost(tally, scenario->length_ms), 0);
  network_free(network);
  free(scenario);
}

static void a_wrong_clock_delays_nothing(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD ONE_TEXT);
  scenario->station[1].clock_ms = -400 * 24 * 60 * MINUTE_MS;
  scenario->station[2].clock_ms = 24 * 60 * MINUTE_MS;
  struct network *network = run(scenario, 1, NULL);
  assert_in_range(network_tally(network)->delivery[0].arrived_ms, 5 * MINUTE_MS, 6 * MINUTE_MS);
  network_free(network);
  free(scenario);
}

static void a_power_cut_keeps_what_was_committed(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS LOUD ONE_TEXT "[outage far]\nstations = 1\nfrom = 0s\nto = 30m\n"
                                                "[outage here]\nstations = 2\nfrom = 10m\nto = 20m\n");
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->count, 1);
  assert_in_range(tally->delivery[0].arrived_ms, 30 * MINUTE_MS, 59 * MINUTE_MS);
  assert_int_equal(tally_count_lost(tally, scenario->length_ms), 0);
  network_free(network);
  free(scenario);
}

static void a_dark_post_files_and_hears_nothing(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD MUCH "[outage o]\nstations = 1\nfrom = 0s\nto = 1h\n");
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->not_filed, 30);
  assert_int_equal(network_store(network, 1)->received_count, 0);
  assert_true(network_store(network, 2)->received_count > 0);
  for (size_t i = 0; i < tally->count; i++)
    assert_true(tally->delivery[i].id.origin != 1);
  network_free(network);
  free(scenario);
}

static void a_burst_that_the_power_cuts_is_not_heard(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD ONE_TEXT);
  struct network *network = run(scenario, 1, NULL);
  int64_t arrived_ms = network_tally(network)->delivery[0].arrived_ms;
  network_free(network);
  /* A little before the burst's end, for good. */
  scenario->outage[0] =
      (struct scenario_outage){.stations.has[2] = 1, .from_ms = arrived_ms - 300, .to_ms = scenario->length_ms};
  scenario->outage_count = 1;
  network = run(scenario, 1, NULL);
  assert_int_equal(network_tally(network)->delivery[0].arrived_ms, -1);
  assert_int_equal(network_tally(network)->bursts, 1);
  network_free(network);
  free(scenario);
}

static void a_burst_that_the_power_cuts_leaves_the_channel_free(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD ONE_TEXT);
  struct network *network = run(scenario, 1, NULL);
  int64_t cut_ms = network_tally(network)->delivery[0].arrived_ms - 600;
  network_free(network);
  scenario->outage[0] =
      (struct scenario_outage){.stations.has[2] = 1, .from_ms = cut_ms, .to_ms = scenario->length_ms};
  scenario->outage_count = 1;
  scenario->length_ms = cut_ms;
  network = run(scenario, 1, NULL);
  assert_int_equal(network->post[3]->is_busy[0], 1);
  network_free(network);
  scenario->length_ms = cut_ms + 250;
  network = run(scenario, 1, NULL);
  assert_int_equal(network->post[3]->is_busy[0], 0);
  network_free(network);
  free(scenario);
}

static void who_sends_notices_a_carrier_only_afterwards(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD);
  struct network *network = network_new(scenario, 1, NULL);
  assert_non_null(network);
  post_start(network, 1);
  struct post *post = network->post[1];
  post->sending[0] = 1;
  post->carriers[0] = 1;
  post_sense(network, 1, 0);
  assert_int_equal(post->is_busy[0], 0);
  post_sent(network, 1, 0);
  assert_int_equal(post->is_busy[0], 0);
  assert_int_equal(network_run(network), 0);
  assert_int_equal(post->is_busy[0], 1);
  network_free(network);
  free(scenario);
}

static void who_starts_in_the_middle_of_a_burst_does_not_read_it(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD ONE_TEXT);
  struct network *network = run(scenario, 1, NULL);
  int64_t arrived_ms = network_tally(network)->delivery[0].arrived_ms;
  network_free(network);
  scenario->outage[0] = (struct scenario_outage){.stations.has[1] = 1, .to_ms = arrived_ms - 300};
  scenario->outage_count = 1;
  network = run(scenario, 1, NULL);
  assert_true(network_tally(network)->delivery[0].arrived_ms > arrived_ms + 1000);
  network_free(network);
  free(scenario);
}

static void crashes_at_any_store_call_lose_nothing_acknowledged(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD MUCH);
  uint64_t crashes = 0;
  scenario->crash_permille = 50;
  scenario->length_ms = 30 * MINUTE_MS;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    struct network *network = run(scenario, seed, NULL);
    const struct tally *tally = network_tally(network);
    crashes += tally->crashes;
    assert_int_equal(tally_count_lost(tally, scenario->length_ms), 0);
    for (size_t i = 0; i < tally->count; i++) {
      const struct tally_delivery *delivery = &tally->delivery[i];
      assert_true(delivery->shown <= 1);
      if (delivery->filed_ms < 15 * MINUTE_MS)
        assert_true(delivery->arrived_ms >= 0);
    }
    network_free(network);
  }
  assert_true(crashes > 100);
  free(scenario);
}

static uint64_t collisions(const char *text)
{
  uint64_t count = 0;
  struct scenario *scenario = scenario_text(text);
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct network *network = run(scenario, seed, NULL);
    count += network_tally(network)->collisions;
    network_free(network);
  }
  free(scenario);
  return count;
}

static void stations_that_hear_each_other_collide_less(void **state)
{
  (void)state;
#define CALLS "[traffic t]\nkind = text\nfrom = 1, 3\nto = 2\nevery = 1m\nspread = 1m\n"
  uint64_t open = collisions(TEXT_STATIONS LOUD CALLS);
  uint64_t hidden =
      collisions(TEXT_STATIONS CALLS "[link 1 2]\nsnr = 20\n[link 2 3]\nsnr = 20\n[link 1 3]\nsnr = -99\n");
  assert_true(hidden > 2 * open);
}

static void beacons_are_counted_apart(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD);
  scenario->hello_ms = 10 * MINUTE_MS;
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_in_range(tally->bursts, 15, 24);
  assert_true(tally->air_ms[0][NODE_PURPOSE_ROUTING] > 0);
  assert_true(tally->air_ms[0][NODE_PURPOSE_MESSAGE] == 0 && tally->air_ms[0][NODE_PURPOSE_ACK] == 0);
  assert_in_range(tally->worst_routing_ms, 1, tally->air_ms[0][NODE_PURPOSE_ROUTING]);
  network_free(network);
  free(scenario);
}

static void a_station_without_a_clock_starts_at_zero_and_works(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS LOUD ONE_TEXT "[outage far]\nstations = 1\nfrom = 0s\nto = 30m\n"
                                                "[outage here]\nstations = 2\nfrom = 15m\nto = 20m\n");
  scenario->station[1].has_no_clock = scenario->station[2].has_no_clock = 1;
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->count, 1);
  assert_in_range(tally->delivery[0].arrived_ms, 30 * MINUTE_MS, 59 * MINUTE_MS);
  /* Filed 10 minutes before the power went, as that life's clock showed; the next began at 0. */
  assert_in_range(network_store(network, 2)->outgoing[0].born_ms + 10 * MINUTE_MS, 0, 100);
  /* The age came along: 1 has lived for less time than that. */
  assert_true(network_store(network, 1)->received[0].born_ms < 0);
  network_free(network);
  free(scenario);
}

static void a_clock_that_drifts_delays_nothing(void **state)
{
  (void)state;
  const double drifts[] = {-10000, -50, 50, 10000};
  for (size_t i = 0; i < sizeof drifts / sizeof *drifts; i++) {
    struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD MUCH);
    scenario->station[1].drift_ppm = scenario->station[2].drift_ppm = drifts[i];
    struct network *network = run(scenario, 1, NULL);
    const struct tally *tally = network_tally(network);
    for (size_t k = 0; k < tally->count; k++)
      if (tally->delivery[k].filed_ms < 50 * MINUTE_MS)
        assert_in_range(tally->delivery[k].arrived_ms - tally->delivery[k].filed_ms, 0, 5 * MINUTE_MS);
    network_free(network);
    free(scenario);
  }
}

static void a_clock_that_drifts_is_seen_in_what_is_kept(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS LOUD "[traffic t]\nkind = text\nfrom = 2\nto = 1\nat = 50m\n");
  struct network *network = run(scenario, 1, NULL);
  int64_t right_ms = network_store(network, 2)->outgoing[0].born_ms;
  network_free(network);
  scenario->station[2].drift_ppm = 1000;
  network = run(scenario, 1, NULL);
  assert_int_equal(network_store(network, 2)->outgoing[0].born_ms - right_ms, 3000);
  network_free(network);
  free(scenario);
}

static void each_reports_to_its_own_coordinator(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(
      TEXT_STATIONS "coordinator = 2\n" LOUD "[traffic t]\nkind = status\nfrom = all\nto = own\nat = 5m\n");
  scenario->station[2].coordinator = 1;
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->count, 2);
  for (size_t i = 0; i < tally->count; i++)
    assert_int_equal(tally->delivery[i].recipient, tally->delivery[i].id.origin - 1);
  network_free(network);
  free(scenario);
}

static void a_text_for_anybody_goes_where_people_are(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS LOUD MUCH);
  scenario->station[3].role = STATION_ROLE_RELAY;
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_true(tally->count > 50);
  for (size_t i = 0; i < tally->count; i++)
    assert_in_range(tally->delivery[i].recipient, 1, 2);
  network_free(network);
  free(scenario);
}

#define VALLEY                                                                                                       \
  "[scenario]\nhours = 3\n[channel air]\nkind = vhf\nmhz = 155\nmodes = A\n"                                         \
  "[station 1]\nlatitude = 18\nlongitude = -72\n[station 2]\nlatitude = 19\nlongitude = -72\n"                       \
  "[station 3]\nrole = mobile\nroute = 0s 1 20m, 1h 2 30m\n"

static void a_vehicle_gets_its_messages_where_it_stops(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(VALLEY "[traffic t]\nkind = text\nfrom = 1, 2\nto = 3\nprecedence = FLASH\nat = 5m\n");
  struct network *network = run(scenario, 1, NULL);
  const struct tally *tally = network_tally(network);
  assert_int_equal(tally->count, 2);
  for (size_t i = 0; i < tally->count; i++) {
    int64_t there_ms = tally->delivery[i].id.origin == 1 ? 5 * MINUTE_MS : 50 * MINUTE_MS;
    assert_in_range(tally->delivery[i].arrived_ms, there_ms, there_ms + 30 * MINUTE_MS);
  }
  network_free(network);
  free(scenario);
}

static void the_trace_tells_places_and_links(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(VALLEY "[traffic t]\nkind = text\nfrom = 1\nto = 3\nat = 5m\n");
  char *text = told(scenario, 1);
  assert_non_null(strstr(text, "\"event\":\"station\",\"station\":3,\"name\":\"Station 3\",\"role\":\"mobile\","
                               "\"latitude\":18.00000,\"longitude\":-72.00000,\"route\":[[18.00000,-72.00000],"));
  assert_non_null(strstr(text, "\"event\":\"link\",\"station\":1,\"to\":3,\"channel\":\"air\",\"bursts\":1}"));
  assert_non_null(strstr(text, "\"event\":\"link\",\"station\":3,\"to\":1,\"channel\":\"air\",\"bursts\":1}"));
  free(text);
  free(scenario);
}

static void what_has_not_ended_is_held(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = -99\n[link 2 3]\nsnr = 20\n"
                                                          "[traffic t]\nkind = text\nfrom = 2\nto = 1, 3\nat = 5m\n");
  struct network *network = run(scenario, 1, NULL);
  struct message_id id;
  uint16_t recipient = 0;
  size_t at = 0;
  assert_true(durable_store_next_held(network_store(network, 2), &at, &id, &recipient));
  assert_true(id.origin == 2 && recipient == 1);
  assert_false(durable_store_next_held(network_store(network, 2), &at, &id, &recipient));
  assert_int_equal(tally_count_lost(network_tally(network), scenario->length_ms), 0);
  network_free(network);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_seed_gives_the_same_run),
      cmocka_unit_test(a_message_arrives_once_and_is_acknowledged),
      cmocka_unit_test(a_wrong_clock_delays_nothing),
      cmocka_unit_test(a_power_cut_keeps_what_was_committed),
      cmocka_unit_test(a_dark_post_files_and_hears_nothing),
      cmocka_unit_test(a_burst_that_the_power_cuts_is_not_heard),
      cmocka_unit_test(a_burst_that_the_power_cuts_leaves_the_channel_free),
      cmocka_unit_test(who_sends_notices_a_carrier_only_afterwards),
      cmocka_unit_test(who_starts_in_the_middle_of_a_burst_does_not_read_it),
      cmocka_unit_test(crashes_at_any_store_call_lose_nothing_acknowledged),
      cmocka_unit_test(stations_that_hear_each_other_collide_less),
      cmocka_unit_test(beacons_are_counted_apart),
      cmocka_unit_test(a_station_without_a_clock_starts_at_zero_and_works),
      cmocka_unit_test(a_clock_that_drifts_delays_nothing),
      cmocka_unit_test(a_clock_that_drifts_is_seen_in_what_is_kept),
      cmocka_unit_test(each_reports_to_its_own_coordinator),
      cmocka_unit_test(a_text_for_anybody_goes_where_people_are),
      cmocka_unit_test(a_vehicle_gets_its_messages_where_it_stops),
      cmocka_unit_test(the_trace_tells_places_and_links),
      cmocka_unit_test(what_has_not_ended_is_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
