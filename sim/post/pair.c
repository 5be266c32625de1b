/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sound posts that hear each other through white noise. */
#include "sim/post/pair.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sim/air/noise.h"

#define RATE_HZ 8000
/* Real noise at 8,000 samples a second spreads over 4 kHz; the SNR is told in 3 kHz. */
#define NOISE_WIDTH (4.0 / 3.0)
/* Half a second of silence after the delivery, so that the next exchange begins on a quiet channel. */
#define SILENCE_BLOCKS 25

struct pair {
  struct directory directory;
  struct keyring keyring[2];
  struct sound_post *post[2];
  struct noise noise;
  double noise_rms;
  uint64_t blocks;
};

static int64_t now_ms(const struct pair *pair)
{
  return (int64_t)(pair->blocks * SOUND_POST_BLOCK * 1000 / RATE_HZ);
}

/* Keys for a network of two, made from the seed alone so that every run is the same. */
static int make_keys(struct pair *pair, uint64_t seed)
{
  static const char *const names[] = {"One", "Two"};
  struct station_secrets secrets[2];
  char why[96];
  for (int i = 0; i < 2; i++) {
    struct directory_entry entry = {.number = (uint16_t)(i + 1), .sector = -1, .department = -1};
    memset(&secrets[i], 0, sizeof secrets[i]);
    secrets[i].number = entry.number;
    secrets[i].epoch = 1;
    crypto_generichash(secrets[i].box_secret, KEYRING_KEY_LEN, (uint8_t *)&seed, sizeof seed,
                       (uint8_t[16]){(uint8_t)i}, 16);
    if (station_public_keys(&secrets[i], entry.box_key, entry.sign_key))
      return -EKEYREJECTED;
    strcpy(entry.name, names[i]);
    strcpy(entry.callsign, i ? "BB" : "AA");
    if (directory_add(&pair->directory, &entry, why, sizeof why))
      return -EINVAL;
  }
  for (int i = 0; i < 2; i++)
    if (keyring_init(&pair->keyring[i], &secrets[i], &pair->directory))
      return -EKEYREJECTED;
  return 0;
}

static void wipe_keys(struct pair *pair)
{
  for (int i = 0; i < 2; i++)
    keyring_wipe(&pair->keyring[i]);
}

struct pair *pair_new(double snr_db, uint64_t seed)
{
  struct pair *pair = calloc(1, sizeof *pair);
  if (!pair || sodium_init() < 0 || make_keys(pair, seed)) {
    if (pair)
      wipe_keys(pair);
    free(pair);
    return NULL;
  }
  noise_init(&pair->noise, seed);
  pair->noise_rms = sound_post_rms() * sqrt(NOISE_WIDTH / pow(10, snr_db / 10));
  for (int i = 0; i < 2; i++)
    pair->post[i] = sound_post_new(&pair->directory, &pair->keyring[i], seed + (uint64_t)i + 1);
  if (!pair->post[0] || !pair->post[1]) {
    pair_free(pair);
    return NULL;
  }
  return pair;
}

void pair_free(struct pair *pair)
{
  if (!pair)
    return;
  for (int i = 0; i < 2; i++)
    sound_post_free(pair->post[i]);
  wipe_keys(pair);
  free(pair);
}

static int16_t clip(float sample)
{
  return (int16_t)(sample > 32767 ? 32767 : sample < -32768 ? -32768 : lrintf(sample));
}

/* One block of air.  Returns non-zero when somebody was keyed. */
static int step(struct pair *pair)
{
  int16_t said[2][SOUND_POST_BLOCK], heard[SOUND_POST_BLOCK];
  int keyed = 0;
  for (int i = 0; i < 2; i++)
    keyed |= sound_post_speak(pair->post[i], now_ms(pair), said[i]);
  pair->blocks++;
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < SOUND_POST_BLOCK; k++)
      heard[k] = clip((float)said[1 - i][k] + (float)pair->noise_rms * noise_next(&pair->noise));
    sound_post_hear(pair->post[i], now_ms(pair), heard);
  }
  return keyed;
}

static uint64_t keyed_samples(const struct pair *pair)
{
  return sound_post_keyed(pair->post[0]) + sound_post_keyed(pair->post[1]);
}

double pair_exchange(struct pair *pair, struct message *message, double limit_s, char *why, size_t why_len)
{
  uint64_t before = keyed_samples(pair);
  uint64_t end = pair->blocks + (uint64_t)(limit_s * RATE_HZ / SOUND_POST_BLOCK);
  message->dest = 2;
  int err = sound_post_submit(pair->post[0], now_ms(pair), message, why, why_len);
  if (err)
    return err;
  for (int silent = 0; silent < SILENCE_BLOCKS;) {
    silent = step(pair) ? 0 : silent + 1;
    const struct durable_store *store = sound_post_store(pair->post[0]);
    int delivered = durable_store_delivery(store, message->id, 2)->state == DELIVERY_DELIVERED;
    if (!delivered)
      silent = 0;
    if (pair->blocks > end)
      return -ETIMEDOUT;
  }
  return (double)(keyed_samples(pair) - before) / RATE_HZ;
}

size_t pair_last_len(const struct pair *pair, unsigned number)
{
  return sound_post_last_len(pair->post[number - 1]);
}
