/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hostile transmitters of the simulated network: when they speak, and who notices their noise. */
#include <errno.h>
#include <stdlib.h>

#include "sim/net/network_impl.h"

/* hw/modem/dcd.c: a signal of +2 dB counts as a carrier; after so long the noise floor has followed it. */
#define NOISE_SENSED_DB 2.0
#define NOISE_FORGOTTEN_MS 30000

static struct keyring *stolen_keys(const struct network *network, size_t index)
{
  const struct scenario_jammer *plan = &network->scenario->jammer[index];
  struct keyring *keys = malloc(sizeof *keys);
  if (keys)
    *keys = network->post[plan->station]->keyring;
  return keys;
}

int jammers_prepare(struct network *network, uint64_t seed)
{
  const struct scenario *scenario = network->scenario;
  network->jammer = calloc(scenario->jammer_count + 1, sizeof *network->jammer);
  if (!network->jammer)
    return -ENOMEM;
  for (size_t i = 0; i < scenario->jammer_count; i++) {
    const struct scenario_jammer *plan = &scenario->jammer[i];
    struct keyring *keys = plan->kind == JAMMER_STOLEN ? stolen_keys(network, i) : NULL;
    if (plan->kind == JAMMER_STOLEN && !keys)
      return -ENOMEM;
    jammer_init(&network->jammer[i], scenario, i, &network->directory, keys, seed);
    network_push(network, plan->from_ms, plan->kind == JAMMER_NOISE ? EVENT_NOISE_ON : EVENT_JAM, 0, 0, (uint32_t)i);
  }
  return network->err;
}

void jammers_free(struct network *network)
{
  for (size_t i = 0; network->jammer && i < network->scenario->jammer_count; i++)
    jammer_wipe(&network->jammer[i]);
  free(network->jammer);
}

void jammer_speak(struct network *network, uint32_t index)
{
  struct jammer *jammer = &network->jammer[index];
  const struct scenario_jammer *plan = jammer->plan;
  uint8_t mode = 0, bytes[LINK_BURST_MAX];
  int64_t next_ms = network->now_ms + plan->every_ms;
  size_t len = jammer_make(jammer, &mode, bytes);
  if (len) {
    struct air_burst like = {.from = scenario_jammer_place(index),
                             .channel = plan->channel,
                             .mode = mode,
                             .purpose = NODE_PURPOSE_COUNT,
                             .len = len};
    struct air_burst *burst = network_send(network, &like, bytes);
    if (burst && burst->end_ms > next_ms)
      next_ms = burst->end_ms;
    network->tally.hostile_bursts++;
  }
  if (scenario_jammer_is_active(plan, next_ms))
    network_push(network, next_ms, EVENT_JAM, 0, 0, index);
}

void jammer_notice(struct network *network, const struct air_burst *burst, uint16_t place)
{
  struct jammer *jammer = &network->jammer[place - scenario_jammer_place(0)];
  int records = jammer->plan->kind != JAMMER_NOISE && jammer->plan->kind != JAMMER_GARBAGE;
  if (records && burst->from <= STATION_MAX && air_arrives(&network->air, burst, place))
    jammer_hear(jammer, burst);
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* Tells the posts that hear the noise of a change in it. */
static void change_noise(struct network *network, uint32_t index, int change)
{
  struct jammer *jammer = &network->jammer[index];
  unsigned channel = jammer->plan->channel;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (jammer->is_noticed[i]) {
      network->post[i]->carriers[channel] += change;
      post_sense(network, i, channel);
    }
}

void jammer_noise_on(struct network *network, uint32_t index)
{
  struct jammer *jammer = &network->jammer[index];
  const struct scenario_jammer *plan = jammer->plan;
  uint16_t place = scenario_jammer_place(index);
  int64_t again_ms = network->now_ms + plan->on_ms + plan->off_ms, off_ms = network->now_ms + NOISE_FORGOTTEN_MS;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    jammer->is_noticed[i] =
        network->post[i] && links_snr_db(network->links, plan->channel, place, i, network->now_ms) >= NOISE_SENSED_DB;
  change_noise(network, index, 1);
  if (plan->on_ms)
    off_ms = earlier(off_ms, network->now_ms + plan->on_ms);
  network_push(network, earlier(off_ms, plan->to_ms), EVENT_NOISE_OFF, 0, 0, index);
  if (plan->on_ms && again_ms < plan->to_ms)
    network_push(network, again_ms, EVENT_NOISE_ON, 0, 0, index);
}

void jammer_noise_off(struct network *network, uint32_t index)
{
  change_noise(network, index, -1);
}
