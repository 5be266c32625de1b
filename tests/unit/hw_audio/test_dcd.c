/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carrier detection: foreign signals count, noise never for good, a recovering receiver not at all. */
#include "test_support.h"

#include <math.h>
#include <string.h>

#include "hw/modem/dcd.h"

struct band {
  struct noise noise;
  struct dcd dcd;
};

static void band_open(struct band *band)
{
  random_start(&band->noise);
  dcd_init(&band->dcd);
}

/* Feeds ms of noise and a tone.  Returns for how many ms the channel counted as busy. */
static unsigned feed(struct band *band, unsigned ms, double noise_rms, double tone_rms)
{
  unsigned busy_ms = 0;
  for (unsigned t = 0; t < ms; t += 20) {
    int16_t samples[160];
    for (int i = 0; i < 160; i++) {
      double tone = sqrt(2) * tone_rms * sin(2 * 3.14159265 * 1000 / 8000 * i);
      samples[i] = (int16_t)lrint(noise_rms * noise_next(&band->noise) + tone);
    }
    dcd_feed(&band->dcd, samples, 160, false);
    busy_ms += dcd_busy(&band->dcd) ? 20 : 0;
  }
  return busy_ms;
}

static void noise_alone_is_never_busy(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  assert_int_equal(feed(&band, 120000, 1000, 0), 0);
}

static void foreign_signal_is_busy_while_it_lasts(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  feed(&band, 3000, 1000, 0);
  unsigned busy_ms = feed(&band, 2000, 1000, 2000);
  assert_true(busy_ms >= 1900);
  busy_ms = feed(&band, 2000, 1000, 0);
  assert_in_range(busy_ms, 100, 1000);
  assert_false(dcd_busy(&band.dcd));
}

static void louder_noise_is_busy_for_half_a_minute_at_most(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  feed(&band, 5000, 500, 0);
  assert_true(feed(&band, 5000, 4000, 0) > 4000);
  feed(&band, 31000, 4000, 0);
  assert_int_equal(feed(&band, 10000, 4000, 0), 0);
}

static void silence_is_not_busy_and_a_signal_in_it_is(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  assert_int_equal(feed(&band, 60000, 0, 0), 0);
  assert_true(feed(&band, 1000, 0, 1000) >= 900);
  assert_true(feed(&band, 2000, 0, 0) <= 300);
  assert_false(dcd_busy(&band.dcd));
}

static void silence_at_the_start_does_not_make_noise_a_signal(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  feed(&band, 400, 0, 0);
  assert_int_equal(feed(&band, 10000, 1000, 0), 0);
}

static void muted_receiver_after_transmitting_does_not_make_noise_a_signal(void **state)
{
  (void)state;
  struct band band;
  band_open(&band);
  feed(&band, 5000, 1000, 0);
  dcd_rest(&band.dcd);
  feed(&band, 180, 0, 0);
  assert_int_equal(feed(&band, 10000, 1000, 0), 0);
}

static void offset_of_the_sound_card_is_no_signal(void **state)
{
  (void)state;
  struct dcd dcd;
  dcd_init(&dcd);
  int16_t samples[160];
  for (int t = 0; t < 500; t++) {
    for (int i = 0; i < 160; i++)
      samples[i] = t < 250 ? 0 : 5000;
    dcd_feed(&dcd, samples, 160, false);
    assert_false(dcd_busy(&dcd));
  }
}

static void sync_is_busy_however_weak_the_signal(void **state)
{
  (void)state;
  struct dcd dcd;
  int16_t samples[160] = {0};
  dcd_init(&dcd);
  dcd_feed(&dcd, samples, 160, true);
  assert_true(dcd_busy(&dcd));
  for (int t = 0; t < 20; t++)
    dcd_feed(&dcd, samples, 160, false);
  assert_false(dcd_busy(&dcd));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_alone_is_never_busy),
      cmocka_unit_test(foreign_signal_is_busy_while_it_lasts),
      cmocka_unit_test(louder_noise_is_busy_for_half_a_minute_at_most),
      cmocka_unit_test(silence_is_not_busy_and_a_signal_in_it_is),
      cmocka_unit_test(silence_at_the_start_does_not_make_noise_a_signal),
      cmocka_unit_test(muted_receiver_after_transmitting_does_not_make_noise_a_signal),
      cmocka_unit_test(offset_of_the_sound_card_is_no_signal),
      cmocka_unit_test(sync_is_busy_however_weak_the_signal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
