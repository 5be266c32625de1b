/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decides from samples whether the channel is in use, also by signals that no demodulator of ours knows. */
#ifndef HW_MODEM_DCD_H
#define HW_MODEM_DCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DCD_WINDOWS 6

struct dcd {
  double sum, square_sum; /* of the block under way */
  unsigned block_len;
  double level;               /* smoothed power, full scale 1; negative: not known yet */
  double window[DCD_WINDOWS]; /* lowest level in each of the last windows; negative: not known yet */
  unsigned window_index, window_blocks;
  bool energy;
  unsigned hang_blocks; /* how much longer the channel counts as busy */
  unsigned rest_blocks; /* how much longer power tells nothing */
};

void dcd_init(struct dcd *dcd);

/* Takes received samples; synced says that a demodulator is in a burst.  Time is what the samples last. */
void dcd_feed(struct dcd *dcd, const int16_t *samples, size_t len, bool synced);

bool dcd_busy(const struct dcd *dcd);

/* After a transmission: forgets the signal, keeps the noise floor, and ignores power while the receiver recovers. */
void dcd_rest(struct dcd *dcd);

#endif
