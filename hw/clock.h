/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The monotonic clock, for deadlines of devices. */
#ifndef HW_CLOCK_H
#define HW_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static inline int64_t clock_now_ms(void)
{
  return clock_now_us() / 1000;
}

#endif
