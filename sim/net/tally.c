/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what becomes of each delivery in a simulated network. */
#include "sim/net/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/propagation.h"

/* A pair counts as reachable when its channel would carry one burst in so many at some time, looked at every so many
 * minutes; a message filed less than that before the end of the run has not had its time. */
#define REACH_ARRIVAL 0.1
#define REACH_STEP_MS 600000

int tally_filed(struct tally *tally, const struct message *message, uint16_t recipient, int64_t now_ms)
{
  if (tally->count == tally->size) {
    size_t larger = tally->size ? 2 * tally->size : 256;
    struct tally_delivery *grown = realloc(tally->delivery, larger * sizeof *grown);
    if (!grown)
      return -ENOMEM;
    tally->delivery = grown;
    tally->size = larger;
  }
  tally->delivery[tally->count++] = (struct tally_delivery){.id = message->id,
                                                            .recipient = recipient,
                                                            .precedence = message->precedence,
                                                            .filed_ms = now_ms,
                                                            .expires_ms = now_ms + message_lifetime_ms(message),
                                                            .arrived_ms = -1};
  return 0;
}

static struct tally_delivery *find(struct tally *tally, struct message_id id, uint16_t recipient)
{
  for (size_t i = tally->count; i-- > 0;) {
    struct tally_delivery *delivery = &tally->delivery[i];
    if (delivery->id.origin == id.origin && delivery->id.counter == id.counter && delivery->recipient == recipient)
      return delivery;
  }
  return NULL;
}

void tally_arrived(struct tally *tally, struct message_id id, uint16_t recipient, int64_t now_ms)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (delivery && delivery->arrived_ms < 0)
    delivery->arrived_ms = now_ms;
}

void tally_shown(struct tally *tally, struct message_id id, uint16_t recipient)
{
  struct tally_delivery *delivery = find(tally, id, recipient);
  if (delivery)
    delivery->shown++;
}

static int channel_carries(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t a, uint16_t b,
                           int64_t at_ms)
{
  const struct scenario_channel *radio = &scenario->channel[channel];
  double snr_db = propagation_snr_db(scenario, seed, channel, a, b, at_ms);
  for (size_t i = 0; i < radio->mode_count; i++)
    if (mode_arrival(radio->mode[i], snr_db, 1) >= REACH_ARRIVAL)
      return 1;
  return 0;
}

static int can_reach(const struct scenario *scenario, uint64_t seed, const struct tally_delivery *delivery)
{
  uint16_t a = delivery->id.origin, b = delivery->recipient;
  for (int64_t at = delivery->filed_ms; at < delivery->expires_ms && at + REACH_STEP_MS <= scenario->length_ms;
       at += REACH_STEP_MS) {
    if (!scenario_has_power(scenario, a, at) || !scenario_has_power(scenario, b, at))
      continue;
    for (unsigned i = 0; i < scenario->channel_count; i++)
      if (channel_carries(scenario, seed, i, a, b, at))
        return 1;
  }
  return 0;
}

void tally_judge(struct tally *tally, const struct scenario *scenario, uint64_t seed)
{
  for (size_t i = 0; i < tally->count; i++)
    tally->delivery[i].is_reachable = (uint8_t)can_reach(scenario, seed, &tally->delivery[i]);
}

static int by_size(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

/* Seconds in which 95 % of the reachable deliveries of a precedence arrived; null when fewer did, or there were none.
 */
static void write_p95(const struct tally *tally, const char *key, unsigned precedence, FILE *out)
{
  int64_t *delay = malloc((tally->count + 1) * sizeof *delay);
  size_t count = 0;
  for (size_t i = 0; i < tally->count && delay; i++) {
    const struct tally_delivery *delivery = &tally->delivery[i];
    if (delivery->precedence == precedence && delivery->is_reachable)
      delay[count++] = delivery->arrived_ms < 0 ? INT64_MAX : delivery->arrived_ms - delivery->filed_ms;
  }
  if (count)
    qsort(delay, count, sizeof *delay, by_size);
  size_t at = (count * 95 + 99) / 100;
  if (!count || delay[at - 1] == INT64_MAX)
    fprintf(out, ",\"%s\":null", key);
  else
    fprintf(out, ",\"%s\":%.1f", key, (double)delay[at - 1] / 1000);
  free(delay);
}

void tally_write(const struct tally *tally, const struct scenario *scenario, FILE *out)
{
  size_t reachable = 0, delivered = 0, delivered_reachable = 0, duplicates = 0;
  double channel_ms = (double)scenario->length_ms * (double)scenario->channel_count;
  for (size_t i = 0; i < tally->count; i++) {
    const struct tally_delivery *delivery = &tally->delivery[i];
    reachable += delivery->is_reachable;
    delivered += delivery->arrived_ms >= 0;
    delivered_reachable += delivery->is_reachable && delivery->arrived_ms >= 0;
    duplicates += delivery->shown > 1;
  }
  fprintf(out, "\"bench\":\"network\",\"scenario\":\"%s\",\"stations\":%u,\"hours\":%g", scenario->name,
          scenario->station_count, (double)scenario->length_ms / 3600000);
  fprintf(out, ",\"offered\":%zu,\"not_filed\":%llu,\"reachable\":%zu,\"delivered\":%zu,\"delivery_ratio\":%.5f",
          tally->count, (unsigned long long)tally->not_filed, reachable, delivered,
          reachable ? (double)delivered_reachable / (double)reachable : 1.0);
  fprintf(out, ",\"lost\":%llu,\"duplicates\":%zu", (unsigned long long)tally->lost, duplicates);
  write_p95(tally, "flash_p95_s", FLASH, out);
  write_p95(tally, "priority_p95_s", PRIORITY, out);
  fprintf(out, ",\"beacon_share\":%.5f,\"air_share\":%.5f,\"bursts\":%llu,\"collisions\":%llu,\"crashes\":%llu",
          (double)tally->beacon_ms / channel_ms, (double)tally->air_ms / channel_ms,
          (unsigned long long)tally->bursts, (unsigned long long)tally->collisions,
          (unsigned long long)tally->crashes);
}

void tally_wipe(struct tally *tally)
{
  free(tally->delivery);
  memset(tally, 0, sizeof *tally);
}
