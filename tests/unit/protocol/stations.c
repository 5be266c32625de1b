/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small network with fixed keys, for every test that seals or opens frames. */
#include "tests/unit/protocol/stations.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const names[STATIONS_MAX] = {"Port-au-Prince", "Ouanaminthe", "Belladère", "Malpasse",
                                                "Anse-à-Pitres"};

static void make_secrets(struct station_secrets *secrets, uint16_t number)
{
  secrets->number = number;
  memcpy(secrets->network_id, "testnet1", DIRECTORY_NETWORK_ID_LEN);
  memset(secrets->box_secret, 0x10 + number, sizeof secrets->box_secret);
  memset(secrets->sign_seed, 0x20 + number, sizeof secrets->sign_seed);
  memset(secrets->hop_key, 0x42, sizeof secrets->hop_key);
  secrets->epoch = 1;
}

struct stations *stations_new(unsigned count)
{
  struct stations *stations = calloc(1, sizeof *stations);
  assert(stations && count <= STATIONS_MAX);
  stations->count = count;
  memcpy(stations->directory.network_id, "testnet1", DIRECTORY_NETWORK_ID_LEN);
  stations->directory.version = 1;
  for (unsigned i = 1; i <= count; i++) {
    struct directory_entry entry = {.number = (uint16_t)i,
                                    .role = i == 1 ? STATION_ROLE_COORDINATOR : STATION_ROLE_POST,
                                    .sector = (int8_t)(i - 1),
                                    .department = (int8_t)i};
    char why[128];
    make_secrets(&stations->secrets[i], (uint16_t)i);
    snprintf(entry.callsign, sizeof entry.callsign, "4VPOST%u", i);
    snprintf(entry.name, sizeof entry.name, "%s", names[i - 1]);
    int err = station_public_keys(&stations->secrets[i], entry.box_key, entry.sign_key);
    if (!err)
      err = directory_add(&stations->directory, &entry, why, sizeof why);
    assert(!err);
    (void)err;
  }
  for (unsigned i = 1; i <= count; i++) {
    int err = keyring_init(&stations->keyring[i], &stations->secrets[i], &stations->directory);
    assert(!err);
    (void)err;
  }
  return stations;
}

void stations_free(struct stations *stations)
{
  for (unsigned i = 1; i <= stations->count; i++)
    keyring_wipe(&stations->keyring[i]);
  free(stations);
}

uint64_t test_random(uint64_t *state)
{
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

uint32_t test_random_below(uint64_t *state, uint32_t below)
{
  return below ? (uint32_t)(test_random(state) % below) : 0;
}

uint64_t test_seed(const char *what)
{
  const char *given = getenv("TEST_SEED");
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  printf("%s: TEST_SEED=%llu\n", what, (unsigned long long)seed);
  fflush(stdout);
  return seed;
}
