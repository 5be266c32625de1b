/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power goes at every step of a conversation in turn: nothing acknowledged is lost, nothing is shown twice. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

/* One of each kind, in both directions.  A call that the power cut is repeated, as an officer would who finds the
 * message missing from the log. */
static void file(struct ether *ether, uint16_t from, struct message message)
{
  struct fake_store *store = &ether->station[from].store;
  size_t before = store->outgoing_count;
  while (ether_submit(ether, from, &message) == -ECANCELED || !ether->station[from].node) {
    ether_run(ether, ether->now_ms + 2 * ether->outage_ms);
    if (store->outgoing_count > before)
      return;
  }
}

static void converse(struct ether *ether)
{
  struct message alert = {.dest = 1, .kind = MESSAGE_ALERT, .precedence = IMMEDIATE};
  alert_init(&alert.body.alert, 12);
  file(ether, 1, ether_text(2, PRIORITY, "Aucun camion depuis midi"));
  file(ether, 2, ether_status(1));
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  file(ether, 2, ether_status(1)); /* a difference now */
  file(ether, 2, alert);
  struct message receipt = {.dest = 1, .kind = MESSAGE_RECEIPT, .precedence = PRIORITY};
  receipt.body.receipt =
      (struct receipt){.step = RECEIPT_READ, .ref_counter = ether->station[1].store.outgoing[0].id.counter};
  file(ether, 2, receipt);
  ether_run_until_quiet(ether, ether->now_ms + 2 * HOUR_MS);
}

static void check(struct ether *ether)
{
  assert_true(ether_is_quiet(ether));
  ether_check_delivered(ether);
  assert_int_equal(ether->station[1].store.received_count, 4);
  assert_int_equal(ether->station[2].store.received_count, 1);
  assert_int_equal(ether->station[1].store.delivery[0].state, DELIVERY_READ);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(ether->station[2].store.delivery[i].state, DELIVERY_DELIVERED);
}

/* Returns the number of steps. */
static uint64_t run(uint64_t crash_at, uint64_t gap, unsigned loss_permille)
{
  struct ether *ether = ether_new(2, 7);
  ether->crash_at = crash_at;
  ether->crash_gap = gap;
  ether->loss_permille = loss_permille;
  ether_start_all(ether);
  converse(ether);
  check(ether);
  uint64_t steps = ether->step;
  ether_free(ether);
  return steps;
}

static void a_crash_at_any_step_loses_nothing(void **state)
{
  (void)state;
  uint64_t steps = run(0, 0, 0);
  assert_true(steps > 50);
  for (uint64_t at = 1; at <= steps; at++)
    run(at, 0, 0);
  printf("%llu steps\n", (unsigned long long)steps);
}

static void a_second_crash_soon_after_loses_nothing(void **state)
{
  (void)state;
  uint64_t steps = run(0, 0, 0);
  for (uint64_t at = 1; at <= steps; at++)
    for (uint64_t gap = 1; gap <= 12; gap += 1 + at % 2)
      run(at, gap, 0);
}

static void a_crash_on_a_bad_channel_loses_nothing(void **state)
{
  (void)state;
  uint64_t steps = run(0, 0, 300);
  for (uint64_t at = 1; at <= steps; at++)
    run(at, 0, 300);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_crash_at_any_step_loses_nothing),
      cmocka_unit_test(a_second_crash_soon_after_loses_nothing),
      cmocka_unit_test(a_crash_on_a_bad_channel_loses_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
