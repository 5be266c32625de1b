/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carrier detection for the soft modem: sync of the demodulators, or power above a noise floor that follows the band.
 */
#include "hw/modem/dcd.h"

#define BLOCK_LEN 160 /* 20 ms */

/* The level is smoothed over about 0.1 s.  Its floor is the lowest of the last 30 s (minimum statistics, Martin
 * 2001), so steady noise, however loud, counts as busy for at most that long, and any pause between signals keeps the
 * floor low. */
#define SMOOTHING 0.2

/* No signal varies by 9 dB from one block to the next: its end does, and need not be smoothed. */
#define SIGNAL_END 0.125

#define WINDOW_BLOCKS 250 /* 5 s */

/* Noise smoothed like this spreads by 0.2 dB, its lowest value of 30 s lies 0.8 dB below the mean.  4 dB above the
 * floor no noise counts as a signal; a signal of +2 dB in 3 kHz does.  Weaker ones are left to the demodulators. */
#define RATIO_ON 2.5
#define RATIO_OFF 1.8

/* Below -72 dB of full scale a closed squelch or a silent ether only hums. */
#define FLOOR_MIN 6e-8

/* The postamble lasts 0.11 s beyond the end of sync, a fade or a pause between words about as long. */
#define HANG_BLOCKS 10

/* A sound device begins, and a receiver comes back from transmitting, with silence that is not the band's: taken into
 * the floor it would make plain noise a signal for half a minute. */
#define START_BLOCKS 25
#define REST_BLOCKS 10

void dcd_init(struct dcd *dcd)
{
  *dcd = (struct dcd){.level = -1, .rest_blocks = START_BLOCKS};
  for (int i = 0; i < DCD_WINDOWS; i++)
    dcd->window[i] = -1;
}

static double floor_level(const struct dcd *dcd)
{
  double floor = -1;
  for (int i = 0; i < DCD_WINDOWS; i++) {
    double lowest = dcd->window[i];
    if (lowest >= 0 && (floor < 0 || lowest < floor))
      floor = lowest;
  }
  return floor > FLOOR_MIN ? floor : FLOOR_MIN;
}

static void follow_floor(struct dcd *dcd)
{
  if (dcd->window_blocks++ == WINDOW_BLOCKS) {
    dcd->window_blocks = 1;
    dcd->window_index = (dcd->window_index + 1) % DCD_WINDOWS;
    dcd->window[dcd->window_index] = -1;
  }
  double *lowest = &dcd->window[dcd->window_index];
  if (*lowest < 0 || dcd->level < *lowest)
    *lowest = dcd->level;
}

/* The variance of a block: an offset of the sound card is no signal. */
static double block_power(const struct dcd *dcd)
{
  double mean = dcd->sum / BLOCK_LEN;
  double variance = dcd->square_sum / BLOCK_LEN - mean * mean;
  return variance > 0 ? variance / (32768.0 * 32768.0) : 0;
}

static void take_power(struct dcd *dcd, double power)
{
  if (dcd->rest_blocks > 0) {
    dcd->rest_blocks--;
    return;
  }
  if (dcd->level < 0 || power < dcd->level * SIGNAL_END)
    dcd->level = power;
  else
    dcd->level += SMOOTHING * (power - dcd->level);
  follow_floor(dcd);
  dcd->energy = dcd->level > floor_level(dcd) * (dcd->energy ? RATIO_OFF : RATIO_ON);
}

static void end_block(struct dcd *dcd, bool synced)
{
  take_power(dcd, block_power(dcd));
  dcd->sum = dcd->square_sum = 0;
  dcd->block_len = 0;
  if (synced || dcd->energy)
    dcd->hang_blocks = HANG_BLOCKS;
  else if (dcd->hang_blocks > 0)
    dcd->hang_blocks--;
}

void dcd_feed(struct dcd *dcd, const int16_t *samples, size_t len, bool synced)
{
  for (size_t i = 0; i < len; i++) {
    dcd->sum += samples[i];
    dcd->square_sum += (double)samples[i] * samples[i];
    if (++dcd->block_len == BLOCK_LEN)
      end_block(dcd, synced);
  }
}

bool dcd_busy(const struct dcd *dcd)
{
  return dcd->hang_blocks > 0;
}

void dcd_rest(struct dcd *dcd)
{
  dcd->sum = dcd->square_sum = 0;
  dcd->block_len = 0;
  dcd->level = -1;
  dcd->energy = false;
  dcd->hang_blocks = 0;
  dcd->rest_blocks = REST_BLOCKS;
}
