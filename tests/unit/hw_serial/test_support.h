/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the serial-side tests share: seeded random numbers, a pseudo-terminal pair, waiting with a deadline. */
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
#include <pty.h>
#include <termios.h>

#define DEADLINE_MS 10000

struct test_random {
  uint64_t state;
};

/* TEST_SEED repeats a run. */
static inline struct test_random random_start(void)
{
  const char *given = getenv("TEST_SEED");
  uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
  printf("TEST_SEED=%#llx\n", (unsigned long long)seed);
  return (struct test_random){seed};
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint32_t random_next(struct test_random *random)
{
  uint64_t z = (random->state += 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (uint32_t)(z >> 32);
}

/* A raw pseudo-terminal: the test holds the master, the code under test opens name. */
struct pty_pair {
  int master, slave;
  char name[64];
};

static inline void pty_start(struct pty_pair *pair)
{
  assert_int_equal(openpty(&pair->master, &pair->slave, pair->name, NULL, NULL), 0);
  struct termios raw;
  assert_int_equal(tcgetattr(pair->slave, &raw), 0);
  cfmakeraw(&raw);
  assert_int_equal(tcsetattr(pair->slave, TCSANOW, &raw), 0);
}

static inline void pty_stop(struct pty_pair *pair)
{
  if (pair->master >= 0)
    close(pair->master);
  if (pair->slave >= 0)
    close(pair->slave);
  pair->master = pair->slave = -1;
}

#endif
