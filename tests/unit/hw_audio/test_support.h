/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sound-side tests share: seeded noise, a clock for deadlines. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/air/noise.h"

/* TEST_SEED repeats a run. */
static inline void random_start(struct noise *noise)
{
  const char *given = getenv("TEST_SEED");
  uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
  printf("TEST_SEED=%#llx\n", (unsigned long long)seed);
  noise_init(noise, seed);
}

static inline unsigned random_below(struct noise *noise, unsigned limit)
{
  return (unsigned)(noise_uniform(noise) * limit);
}

static inline int64_t clock_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
