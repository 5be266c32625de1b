/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the post's time scale: it never jumps or goes back, and finds its dates when they become known. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "radiod/clock/clock.h"
#include "tests/unit/radiod/store_samples.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define WALL_MS INT64_C(1795000000000) /* 2026-11 */

/* A post that is switched off and on. */
struct post {
  struct scratch *scratch;
  struct store *store;
  struct post_clock *clock;
  struct clock_reading reading;
};

static void switch_on(struct post *post)
{
  post->store = sample_open(post->scratch);
  assert_int_equal(post_clock_start(&post->clock, post->store, &post->reading), 0);
}

static void switch_off(struct post *post)
{
  post_clock_free(post->clock);
  store_close(post->store);
}

/* wall_ms 0: a post without a clock. */
static struct post start(void **state, int64_t wall_ms, int is_vouched)
{
  struct post post = {.scratch = *state,
                      .reading = {.boot = "boot-1", .boot_ms = 50000, .wall_ms = wall_ms, .is_vouched = is_vouched}};

  switch_on(&post);
  return post;
}

static void pass(struct post *post, int64_t ms)
{
  post->reading.boot_ms += ms;
  if (post->reading.wall_ms)
    post->reading.wall_ms += ms;
}

/* The power fails; the machine is off for off_ms. */
static void reboot(struct post *post, const char *boot, int64_t off_ms)
{
  switch_off(post);
  memset(post->reading.boot, 0, sizeof post->reading.boot);
  memcpy(post->reading.boot, boot, strlen(boot));
  post->reading.boot_ms = 20000;
  if (post->reading.wall_ms)
    post->reading.wall_ms += off_ms;
  switch_on(post);
}

static int64_t now(const struct post *post)
{
  return post_clock_now(post->clock, post->reading.boot_ms);
}

static void setting_the_clock_does_not_move_the_scale(void **state)
{
  struct post post = start(state, 100000, 0); /* 1970 */
  int64_t before = now(&post);

  assert_int_equal(post_clock_unix(post.clock, before), 0);
  pass(&post, HOUR_MS);
  post.reading.wall_ms = WALL_MS;
  post.reading.is_vouched = 1;
  assert_int_equal(post_clock_take_system(post.clock, &post.reading), 1);
  assert_int_equal(now(&post), before + HOUR_MS);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS);
  assert_int_equal(post_clock_unix(post.clock, before), WALL_MS - HOUR_MS); /* dates are filled in */
  switch_off(&post);
}

static void known_time_counts_the_hours_without_power(void **state)
{
  struct post post = start(state, WALL_MS, 1);
  int64_t before = now(&post);

  reboot(&post, "boot-2", 12 * HOUR_MS);
  assert_int_equal(now(&post), before + 12 * HOUR_MS);
  assert_int_equal(post_clock_unix(post.clock, before), WALL_MS);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS + 12 * HOUR_MS);
  switch_off(&post);
}

static void unknown_stretch_counts_nothing(void **state)
{
  struct post post = start(state, 0, 0);
  int64_t before = now(&post);

  reboot(&post, "boot-2", 12 * HOUR_MS);
  assert_in_range(now(&post), before + 1, before + 1000);
  assert_int_equal(post_clock_source(post.clock), CLOCK_UNKNOWN);
  switch_off(&post);
}

/* The clock stood still at the system's build date, then a time server set it, then the power failed: a difference of
 * the two readings would be months. */
static void clock_set_between_two_runs_ages_nothing(void **state)
{
  struct post post = start(state, WALL_MS - 500 * DAY_MS, 0);
  int64_t before = now(&post);

  post.reading.is_vouched = 1;
  reboot(&post, "boot-2", 500 * DAY_MS);
  assert_in_range(now(&post), before + 1, before + 1000);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS);
  switch_off(&post);
}

static void restart_of_the_daemon_alone_is_counted_exactly(void **state)
{
  struct post post = start(state, 0, 0);
  int64_t before = now(&post);

  assert_int_equal(post_clock_take_network(post.clock, before, WALL_MS), 1);
  switch_off(&post);
  pass(&post, 7 * HOUR_MS);
  switch_on(&post);
  assert_int_equal(now(&post), before + 7 * HOUR_MS);
  assert_int_equal(post_clock_source(post.clock), CLOCK_NETWORK);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS + 7 * HOUR_MS);
  switch_off(&post);
}

static void machine_without_a_name_for_its_run_counts_nothing(void **state)
{
  struct post post = start(state, 0, 0);
  post.reading.boot[0] = '\0';
  reboot(&post, "", 0);
  int64_t before = now(&post);

  pass(&post, HOUR_MS);
  reboot(&post, "", 0);
  assert_in_range(now(&post), before + 1, before + 1000);
  switch_off(&post);
}

static void system_clock_that_went_back_does_not_take_the_scale_along(void **state)
{
  struct post post = start(state, WALL_MS, 1);
  int64_t before = now(&post);

  reboot(&post, "boot-2", -3 * DAY_MS);
  assert_true(now(&post) > before);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS - 3 * DAY_MS);
  assert_int_equal(post_clock_unix(post.clock, before), WALL_MS); /* of the era before */
  switch_off(&post);
}

static void each_era_keeps_its_own_dates(void **state)
{
  struct post post = start(state, 0, 0);
  int64_t first = now(&post), second;

  post_clock_take_network(post.clock, first, WALL_MS);
  reboot(&post, "boot-2", 0);
  second = now(&post);
  assert_int_equal(post_clock_unix(post.clock, second), 0);
  assert_int_equal(post_clock_unix(post.clock, first), WALL_MS);
  post_clock_take_network(post.clock, second, WALL_MS + 30 * DAY_MS);
  reboot(&post, "boot-3", 0);
  assert_int_equal(post_clock_unix(post.clock, first), WALL_MS);
  assert_int_equal(post_clock_unix(post.clock, first - 9 * DAY_MS), WALL_MS - 9 * DAY_MS); /* older than the post */
  assert_int_equal(post_clock_unix(post.clock, second), WALL_MS + 30 * DAY_MS);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), 0);
  switch_off(&post);
}

static void better_source_is_not_replaced_by_a_worse(void **state)
{
  struct post post = start(state, WALL_MS, 0);

  assert_int_equal(post_clock_source(post.clock), CLOCK_GUESSED);
  assert_int_equal(post_clock_take_network(post.clock, now(&post), WALL_MS + DAY_MS), 1);
  assert_int_equal(post_clock_take_system(post.clock, &post.reading), 0);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS + DAY_MS);
  post.reading.is_vouched = 1;
  assert_int_equal(post_clock_take_system(post.clock, &post.reading), 1);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS);
  assert_int_equal(post_clock_take_network(post.clock, now(&post), WALL_MS + DAY_MS), 0);
  assert_int_equal(post_clock_source(post.clock), CLOCK_SYSTEM);
  switch_off(&post);
}

static void small_corrections_are_not_written(void **state)
{
  struct post post = start(state, WALL_MS, 1);

  post.reading.wall_ms += 999;
  assert_int_equal(post_clock_take_system(post.clock, &post.reading), 0);
  post.reading.wall_ms += 1;
  assert_int_equal(post_clock_take_system(post.clock, &post.reading), 1);
  switch_off(&post);
}

static void scale_never_goes_back_behind_what_is_stored(void **state)
{
  struct post post = start(state, 0, 0);

  for (int i = 0; i < 20; i++) {
    int64_t before = now(&post) + HOUR_MS;
    char boot[16] = "boot-x";

    boot[5] = (char)('a' + i);
    pass(&post, HOUR_MS);
    if (i % 2)
      assert_int_equal(store_add_event(post.store, now(&post), STORE_INFO, "test", "x"), 0);
    else
      assert_int_equal(post_clock_save(post.clock, &post.reading), 0);
    reboot(&post, boot, 0);
    assert_true(now(&post) > before);
  }
  switch_off(&post);
}

static void more_eras_than_are_kept_do_no_harm(void **state)
{
  struct post post = start(state, 0, 0);
  int64_t first = now(&post);

  for (int i = 0; i < 300; i++)
    reboot(&post, i % 2 ? "boot-a" : "boot-b", 0);
  assert_int_equal(post_clock_unix(post.clock, first), 0);
  post_clock_take_network(post.clock, now(&post), WALL_MS);
  assert_int_equal(post_clock_unix(post.clock, now(&post)), WALL_MS);
  switch_off(&post);
}

static void policy_none_hides_the_system_clock(void **state)
{
  struct clock_reading reading;

  (void)state;
  clock_read(&reading, CONFIG_CLOCK_NONE);
  assert_int_equal(reading.wall_ms, 0);
  assert_int_equal(reading.is_vouched, 0);
  assert_true(reading.boot_ms > 0);
  clock_read(&reading, CONFIG_CLOCK_MANUAL);
  assert_int_equal(reading.is_vouched, clock_is_plausible(reading.wall_ms));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(setting_the_clock_does_not_move_the_scale),
      CASE(known_time_counts_the_hours_without_power),
      CASE(unknown_stretch_counts_nothing),
      CASE(clock_set_between_two_runs_ages_nothing),
      CASE(restart_of_the_daemon_alone_is_counted_exactly),
      CASE(machine_without_a_name_for_its_run_counts_nothing),
      CASE(system_clock_that_went_back_does_not_take_the_scale_along),
      CASE(each_era_keeps_its_own_dates),
      CASE(better_source_is_not_replaced_by_a_worse),
      CASE(small_corrections_are_not_written),
      CASE(scale_never_goes_back_behind_what_is_stored),
      CASE(more_eras_than_are_kept_do_no_harm),
      CASE(policy_none_hides_the_system_clock),
  };

  return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
