/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replay window against a plain list of what was accepted. */
#include <string.h>

#include "protocol/link/replay.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static void a_counter_is_fresh_once(void **state)
{
  (void)state;
  struct replay_window window = {0};
  assert_true(replay_is_fresh(&window, 1));
  replay_accept(&window, 1);
  assert_false(replay_is_fresh(&window, 1));
  assert_true(replay_is_fresh(&window, 2));
}

static void zero_is_never_fresh(void **state)
{
  (void)state;
  struct replay_window window = {0};
  assert_false(replay_is_fresh(&window, 0));
  replay_accept(&window, 10);
  assert_false(replay_is_fresh(&window, 0));
}

static void late_frames_pass_inside_the_window_only(void **state)
{
  (void)state;
  struct replay_window window = {0};
  replay_accept(&window, 1000);
  assert_true(replay_is_fresh(&window, 1000 - REPLAY_WINDOW + 1));
  assert_false(replay_is_fresh(&window, 1000 - REPLAY_WINDOW));
  replay_accept(&window, 1000 - REPLAY_WINDOW + 1);
  assert_false(replay_is_fresh(&window, 1000 - REPLAY_WINDOW + 1));
  assert_true(replay_is_fresh(&window, 999));
}

static void far_behind_is_told_from_late(void **state)
{
  (void)state;
  struct replay_window window = {0};
  assert_false(replay_is_behind(&window, 0));
  assert_false(replay_is_behind(&window, 1));
  replay_accept(&window, 1000);
  assert_false(replay_is_behind(&window, 1001));
  assert_false(replay_is_behind(&window, 1000));
  assert_false(replay_is_behind(&window, 1000 - REPLAY_WINDOW + 1));
  assert_true(replay_is_behind(&window, 1000 - REPLAY_WINDOW));
  assert_true(replay_is_behind(&window, 1));
  assert_false(replay_is_behind(&window, UINT32_MAX));
}

static void after_a_restart_nothing_up_to_the_top_is_fresh(void **state)
{
  (void)state;
  struct replay_window window;
  replay_restore(&window, 500);
  for (uint32_t counter = 0; counter <= 500; counter++)
    assert_false(replay_is_fresh(&window, counter));
  assert_true(replay_is_fresh(&window, 501));
}

static void a_leap_forgets_nothing_that_matters(void **state)
{
  (void)state;
  struct replay_window window = {0};
  replay_accept(&window, 5);
  replay_accept(&window, 5 + REPLAY_WINDOW);
  assert_false(replay_is_fresh(&window, 5));
  replay_accept(&window, UINT32_MAX);
  assert_false(replay_is_fresh(&window, UINT32_MAX));
  assert_true(replay_is_fresh(&window, UINT32_MAX - 1));
  assert_false(replay_is_fresh(&window, 6));
}

static void no_order_of_arrival_lets_one_pass_twice(void **state)
{
  (void)state;
  uint64_t random = test_seed("no_order_of_arrival_lets_one_pass_twice");
  for (int round = 0; round < 500; round++) {
    static uint8_t accepted[4096];
    struct replay_window window = {0};
    uint32_t base = 1;
    memset(accepted, 0, sizeof accepted);
    for (int i = 0; i < 400; i++) {
      base += test_random_below(&random, 8);
      uint32_t counter = base + test_random_below(&random, 100);
      if (!replay_is_fresh(&window, counter))
        continue;
      assert_false(accepted[counter]);
      assert_true(counter + REPLAY_WINDOW > window.top);
      accepted[counter] = 1;
      replay_accept(&window, counter);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_counter_is_fresh_once),
      cmocka_unit_test(zero_is_never_fresh),
      cmocka_unit_test(late_frames_pass_inside_the_window_only),
      cmocka_unit_test(far_behind_is_told_from_late),
      cmocka_unit_test(after_a_restart_nothing_up_to_the_top_is_fresh),
      cmocka_unit_test(a_leap_forgets_nothing_that_matters),
      cmocka_unit_test(no_order_of_arrival_lets_one_pass_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
