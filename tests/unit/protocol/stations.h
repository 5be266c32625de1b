/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small network with fixed keys, for every test that seals or opens frames. */
#ifndef TESTS_UNIT_PROTOCOL_STATIONS_H
#define TESTS_UNIT_PROTOCOL_STATIONS_H

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"

#define STATIONS_MAX 5

struct stations {
  unsigned count; /* numbered 1..count; the first is the coordinator */
  struct directory directory;
  struct station_secrets secrets[STATIONS_MAX + 1]; /* by number */
  struct keyring keyring[STATIONS_MAX + 1];
};

/* Free with stations_free. */
struct stations *stations_new(unsigned count);
void stations_free(struct stations *stations);

/* A reproducible stream of random numbers (splitmix64). */
uint64_t test_random(uint64_t *state);
uint32_t test_random_below(uint64_t *state, uint32_t below);

/* A seed from the clock, or from the environment variable TEST_SEED to repeat a run; printed. */
uint64_t test_seed(const char *what);

#endif
