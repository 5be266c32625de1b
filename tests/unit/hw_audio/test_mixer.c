/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated air: noise power, who hears whom, collisions, and stations that break the rules. */
#include "test_support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "sim/ether/mixer.h"

#define EVENTS_MAX 16

struct air {
  struct mixer mixer;
  struct mixer_event events[EVENTS_MAX];
  size_t event_count;
};

static void keep_event(void *context, const struct mixer_event *event)
{
  struct air *air = context;
  assert_true(air->event_count < EVENTS_MAX);
  air->events[air->event_count++] = *event;
}

static struct air *air_new(double snr_db, uint64_t seed)
{
  struct air *air = calloc(1, sizeof *air);
  assert_non_null(air);
  mixer_init(&air->mixer, snr_db, seed);
  air->mixer.on_event = keep_event;
  air->mixer.context = air;
  return air;
}

static void queue_level(struct air *air, int station, int16_t level, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    int16_t sample = i & 1 ? level : (int16_t)-level;
    assert_int_equal(mixer_queue(&air->mixer, station, &sample, 1), 0);
  }
}

/* A transmission shorter than 0.5 s starts after 0.2 s. */
static void wait_start(struct air *air)
{
  for (int i = 0; i < 10; i++)
    mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 0);
}

static double power_of(const int16_t *samples, size_t len)
{
  double sum = 0;
  for (size_t i = 0; i < len; i++)
    sum += (double)samples[i] * samples[i];
  return sum / (double)len;
}

static const int16_t *heard_by(const struct air *air, int station)
{
  return air->mixer.stations[station].heard;
}

/* A signal of nominal power against noise: 10 dB in 3 kHz are 8.75 dB in the 4 kHz that the samples hold. */
static void signal_and_noise_have_the_given_ratio(void **state)
{
  (void)state;
  struct noise seed;
  random_start(&seed);
  struct air *air = air_new(10, (uint64_t)(noise_uniform(&seed) * 1e15));
  int a = mixer_join(&air->mixer, "A"), b = mixer_join(&air->mixer, "B");
  double quiet = 0, loud = 0;
  for (int i = 0; i < 1000; i++) {
    mixer_block(&air->mixer);
    quiet += power_of(heard_by(air, b), ETHER_BLOCK_SAMPLES);
  }
  queue_level(air, a, ETHER_NOMINAL_RMS, ETHER_TX_WINDOW);
  for (int i = 0; i < 1000; i++) {
    queue_level(air, a, ETHER_NOMINAL_RMS, ETHER_BLOCK_SAMPLES);
    mixer_block(&air->mixer);
    loud += power_of(heard_by(air, b), ETHER_BLOCK_SAMPLES);
    assert_true(power_of(heard_by(air, a), ETHER_BLOCK_SAMPLES) == 0);
    air->event_count = 0;
  }
  double snr_db = 10 * log10((loud - quiet) / quiet * 4 / 3);
  assert_true(fabs(snr_db - 10) < 0.3);
  free(air);
}

static void same_seed_gives_same_noise_whoever_joins_first(void **state)
{
  (void)state;
  struct air *one = air_new(0, 7), *other = air_new(0, 7), *third = air_new(0, 8);
  mixer_join(&one->mixer, "A");
  int b1 = mixer_join(&one->mixer, "B");
  int b2 = mixer_join(&other->mixer, "B");
  int b3 = mixer_join(&third->mixer, "B");
  mixer_block(&one->mixer);
  mixer_block(&other->mixer);
  mixer_block(&third->mixer);
  assert_memory_equal(heard_by(one, b1), heard_by(other, b2), sizeof one->mixer.stations[0].heard);
  assert_memory_not_equal(heard_by(one, b1), heard_by(third, b3), sizeof one->mixer.stations[0].heard);
  assert_memory_not_equal(heard_by(one, b1), heard_by(one, 0), sizeof one->mixer.stations[0].heard);
  free(one);
  free(other);
  free(third);
}

static void attenuation_weakens_one_path_both_ways(void **state)
{
  (void)state;
  struct air *air = air_new(100, 1);
  assert_int_equal(mixer_attenuate(&air->mixer, "B", "A", 20), 0);
  int a = mixer_join(&air->mixer, "A"), b = mixer_join(&air->mixer, "B"), c = mixer_join(&air->mixer, "C");
  queue_level(air, a, 10000, ETHER_BLOCK_SAMPLES);
  wait_start(air);
  mixer_block(&air->mixer);
  assert_true(fabs(sqrt(power_of(heard_by(air, c), 160)) - 5000) < 10);
  assert_true(fabs(sqrt(power_of(heard_by(air, b), 160)) - 500) < 10);
  air->event_count = 0;
  queue_level(air, b, 10000, ETHER_BLOCK_SAMPLES);
  wait_start(air);
  mixer_block(&air->mixer);
  assert_true(fabs(sqrt(power_of(heard_by(air, a), 160)) - 500) < 10);
  free(air);
}

static void key_downs_are_logged_to_the_sample(void **state)
{
  (void)state;
  struct air *air = air_new(20, 1);
  int a = mixer_join(&air->mixer, "A");
  mixer_block(&air->mixer);
  queue_level(air, a, 1000, 401);
  wait_start(air);
  for (int i = 0; i < 4; i++)
    mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 2);
  assert_true(air->events[0].key && air->events[0].t_ms == 220);
  assert_false(air->events[1].key);
  assert_int_equal(air->events[1].samples, 401);
  assert_int_equal(air->events[1].t_ms, 270);
  assert_false(air->events[1].collision);
  assert_int_equal(air->mixer.stations[a].played, 401);
  free(air);
}

static void overlap_is_a_collision_for_both(void **state)
{
  (void)state;
  struct air *air = air_new(20, 1);
  int a = mixer_join(&air->mixer, "A"), b = mixer_join(&air->mixer, "B");
  queue_level(air, a, 1000, 4000);
  mixer_block(&air->mixer);
  queue_level(air, b, 1000, 4000);
  for (int i = 0; i < 25; i++)
    mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 4);
  assert_false(air->events[0].collision);                       /* A keys first */
  assert_true(air->events[1].key && air->events[1].collision);  /* B keys into it */
  assert_true(!air->events[2].key && air->events[2].collision); /* A is spoilt */
  assert_true(!air->events[3].key && air->events[3].collision); /* B, too */
  free(air);
}

/* How much of A's alternating signal C hears in step while B sends the very same, this much weaker at C: 1 is all of
 * it, 0 as good as none. */
static double share_in_step(double attenuation_db)
{
  struct air *air = air_new(60, 1);
  assert_int_equal(mixer_attenuate(&air->mixer, "B", "C", attenuation_db), 0);
  int a = mixer_join(&air->mixer, "A"), b = mixer_join(&air->mixer, "B"), c = mixer_join(&air->mixer, "C");
  queue_level(air, a, 1000, 8000);
  queue_level(air, b, 1000, 8000);
  double in_step = 0, all = 0;
  for (int block = 0; block < 40; block++) {
    mixer_block(&air->mixer);
    for (int s = 0; s < ETHER_BLOCK_SAMPLES; s++) {
      double sample = heard_by(air, c)[s];
      in_step += s & 1 ? sample : -sample;
      all += fabs(sample);
    }
  }
  free(air);
  return fabs(in_step) / all;
}

static void equal_signals_in_step_are_noise_to_a_third(void **state)
{
  (void)state;
  assert_true(share_in_step(0) < 0.1);
  assert_true(share_in_step(5) < 0.1);
}

static void much_stronger_signal_captures_the_receiver(void **state)
{
  (void)state;
  assert_true(share_in_step(7) > 0.9);
}

/* A and B, C and D talk in two valleys. */
static void stations_that_nobody_hears_together_do_not_collide(void **state)
{
  (void)state;
  struct air *air = air_new(20, 1);
  const char *far[][2] = {{"A", "C"}, {"A", "D"}, {"B", "C"}, {"B", "D"}};
  for (int i = 0; i < 4; i++)
    assert_int_equal(mixer_attenuate(&air->mixer, far[i][0], far[i][1], 100), 0);
  int a = mixer_join(&air->mixer, "A"), c = mixer_join(&air->mixer, "C");
  mixer_join(&air->mixer, "B");
  mixer_join(&air->mixer, "D");
  queue_level(air, a, 1000, 4000);
  queue_level(air, c, 1000, 4000);
  for (int i = 0; i < 25; i++)
    mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 4);
  for (size_t i = 0; i < air->event_count; i++)
    assert_false(air->events[i].collision);
  mixer_join(&air->mixer, "E"); /* on the ridge, hears both */
  queue_level(air, a, 1000, 4000);
  queue_level(air, c, 1000, 4000);
  for (int i = 0; i < 25; i++)
    mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 8);
  assert_true(air->events[7].collision);
  free(air);
}

static void flush_and_leaving_end_the_key_down(void **state)
{
  (void)state;
  struct air *air = air_new(20, 1);
  int a = mixer_join(&air->mixer, "A");
  queue_level(air, a, 1000, 4000);
  mixer_block(&air->mixer);
  mixer_flush(&air->mixer, a);
  assert_int_equal(air->mixer.stations[a].played, 4000);
  assert_int_equal(air->events[1].samples, 160);
  queue_level(air, a, 1000, 4000);
  mixer_block(&air->mixer);
  mixer_leave(&air->mixer, a);
  assert_int_equal(air->event_count, 4);
  assert_int_equal(mixer_join(&air->mixer, "A"), a);
  mixer_block(&air->mixer);
  assert_int_equal(air->event_count, 4);
  free(air);
}

static void bad_names_and_full_houses_are_refused(void **state)
{
  (void)state;
  struct air *air = air_new(20, 1);
  char name[ETHER_NAME_MAX + 1];
  int16_t sample = 1;
  assert_int_equal(mixer_join(&air->mixer, ""), -EINVAL);
  assert_int_equal(mixer_join(&air->mixer, "A\"B"), -EINVAL);
  memset(name, 'x', sizeof name);
  assert_int_equal(mixer_join(&air->mixer, name), -EINVAL); /* no end within its room */
  assert_int_equal(mixer_attenuate(&air->mixer, "A", "B", NAN), -EINVAL);
  assert_int_equal(mixer_attenuate(&air->mixer, "A", "", 3), -EINVAL);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    snprintf(name, sizeof name, "S%d", i);
    assert_true(mixer_join(&air->mixer, name) >= 0);
    assert_int_equal(mixer_join(&air->mixer, name), -EADDRINUSE);
  }
  assert_int_equal(mixer_join(&air->mixer, "late"), -ENOSPC);
  for (int i = 0; i < MIXER_QUEUE_LEN; i++)
    assert_int_equal(mixer_queue(&air->mixer, 0, &sample, 1), 0);
  assert_int_equal(mixer_queue(&air->mixer, 0, &sample, 1), -ENOBUFS);
  free(air);
}

static void noise_is_gaussian_and_white(void **state)
{
  (void)state;
  struct noise noise;
  random_start(&noise);
  enum { N = 1000000 };
  double sum = 0, square = 0, fourth = 0, product = 0, last = 0;
  int beyond_3 = 0, beyond_tail = 0;
  for (int i = 0; i < N; i++) {
    double x = noise_next(&noise);
    sum += x;
    square += x * x;
    fourth += x * x * x * x;
    product += x * last;
    last = x;
    beyond_3 += fabs(x) > 3;
    beyond_tail += fabs(x) > 3.6;
  }
  assert_true(fabs(sum / N) < 0.006); /* six deviations */
  assert_true(fabs(square / N - 1) < 0.009);
  assert_true(fabs(fourth / N - 3) < 0.06);
  assert_true(fabs(product / N) < 0.006);
  assert_in_range(beyond_3, 2387, 3013);  /* 2,700 expected */
  assert_in_range(beyond_tail, 211, 425); /* 318 expected */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signal_and_noise_have_the_given_ratio),
      cmocka_unit_test(same_seed_gives_same_noise_whoever_joins_first),
      cmocka_unit_test(attenuation_weakens_one_path_both_ways),
      cmocka_unit_test(key_downs_are_logged_to_the_sample),
      cmocka_unit_test(overlap_is_a_collision_for_both),
      cmocka_unit_test(equal_signals_in_step_are_noise_to_a_third),
      cmocka_unit_test(much_stronger_signal_captures_the_receiver),
      cmocka_unit_test(stations_that_nobody_hears_together_do_not_collide),
      cmocka_unit_test(flush_and_leaving_end_the_key_down),
      cmocka_unit_test(bad_names_and_full_houses_are_refused),
      cmocka_unit_test(noise_is_gaussian_and_white),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
