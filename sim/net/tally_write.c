/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the summary of a simulated network. */
#include <ctype.h>
#include <stdlib.h>

#include "protocol/wire/precedence.h"
#include "sim/net/tally.h"

#define HOUR_MS 3600000.0

static int by_size(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static int came_in_time(const struct tally_delivery *delivery)
{
  return delivery->arrived_ms >= 0 && delivery->arrived_ms <= delivery->expires_ms;
}

/* Seconds in which 95 % of the reachable deliveries of a precedence arrived; null when fewer did, or there were none.
 */
static void write_p95(const struct tally *tally, const char *key, unsigned precedence, int only_powered, FILE *out)
{
  int64_t *delay = malloc((tally->count + 1) * sizeof *delay);
  size_t count = 0;
  for (size_t i = 0; i < tally->count && delay; i++) {
    const struct tally_delivery *delivery = &tally->delivery[i];
    if (delivery->precedence == precedence && delivery->is_reachable && (delivery->is_powered || !only_powered))
      delay[count++] = delivery->arrived_ms < 0 ? INT64_MAX : delivery->arrived_ms - delivery->filed_ms;
  }
  if (count)
    qsort(delay, count, sizeof *delay, by_size);
  size_t at = (count * 95 + 99) / 100;
  if (!count || delay[at - 1] == INT64_MAX)
    fprintf(out, ",\"%s_p95_s\":null", key);
  else
    fprintf(out, ",\"%s_p95_s\":%.1f", key, (double)delay[at - 1] / 1000);
  free(delay);
}

static void write_delays(const struct tally *tally, FILE *out)
{
  char key[16];
  for (unsigned precedence = PRECEDENCE_COUNT; precedence-- > 0;) {
    size_t len = 0;
    for (const char *at = precedence_name(precedence); *at && len + 1 < sizeof key; at++)
      key[len++] = (char)tolower((unsigned char)*at);
    key[len] = 0;
    write_p95(tally, key, precedence, 1, out);
  }
  write_p95(tally, "flash_all", FLASH, 0, out);
}

static void write_deliveries(const struct tally *tally, const struct scenario *scenario, FILE *out)
{
  size_t reachable = 0, delivered = 0, in_time = 0, duplicates = 0, expired = 0, reported = 0;
  for (size_t i = 0; i < tally->count; i++) {
    const struct tally_delivery *delivery = &tally->delivery[i];
    int has_expired = delivery->arrived_ms < 0 && delivery->expires_ms < scenario->length_ms;
    reachable += delivery->is_reachable;
    delivered += delivery->arrived_ms >= 0;
    in_time += delivery->is_reachable && came_in_time(delivery);
    duplicates += delivery->shown > 1;
    expired += (size_t)has_expired;
    reported += has_expired && delivery->state == DELIVERY_EXPIRED;
  }
  fprintf(out, ",\"offered\":%zu,\"not_filed\":%llu,\"reachable\":%zu,\"delivered\":%zu,\"delivery_ratio\":%.5f",
          tally->count, (unsigned long long)tally->not_filed, reachable, delivered,
          reachable ? (double)in_time / (double)reachable : 1.0);
  fprintf(out, ",\"lost\":%zu,\"duplicates\":%zu,\"forged\":%llu,\"expired\":%zu,\"expired_reported\":%zu",
          tally_count_lost(tally, scenario->length_ms), duplicates, (unsigned long long)tally->forged, expired,
          reported);
}

static void write_air(const struct tally *tally, const struct scenario *scenario, FILE *out)
{
  static const char *const names[NODE_PURPOSE_COUNT] = {"message", "ack", "routing", "flood", "keys"};
  int64_t all_ms = 0, routing_ms = 0, worst_ms = 0, sum_ms[NODE_PURPOSE_COUNT] = {0};
  double length_ms = (double)scenario->length_ms, channels_ms = length_ms * (double)scenario->channel_count;
  for (size_t channel = 0; channel < scenario->channel_count; channel++) {
    int64_t routing_here_ms = tally->air_ms[channel][NODE_PURPOSE_ROUTING];
    for (unsigned purpose = 0; purpose < NODE_PURPOSE_COUNT; purpose++)
      sum_ms[purpose] += tally->air_ms[channel][purpose];
    routing_ms += routing_here_ms;
    worst_ms = routing_here_ms > worst_ms ? routing_here_ms : worst_ms;
  }
  fprintf(out, ",\"air_s\":{");
  for (unsigned purpose = 0; purpose < NODE_PURPOSE_COUNT; purpose++) {
    all_ms += sum_ms[purpose];
    fprintf(out, "%s\"%s\":%.1f", purpose ? "," : "", names[purpose], (double)sum_ms[purpose] / 1000);
  }
  fprintf(out, "},\"channel_air_s\":{");
  for (size_t channel = 0; channel < scenario->channel_count; channel++) {
    fprintf(out, "%s\"%s\":{", channel ? "," : "", scenario->channel[channel].section.name);
    for (unsigned purpose = 0; purpose < NODE_PURPOSE_COUNT; purpose++)
      fprintf(out, "%s\"%s\":%.1f", purpose ? "," : "", names[purpose],
              (double)tally->air_ms[channel][purpose] / 1000);
    fprintf(out, "}");
  }
  fprintf(out,
          "},\"beacon_share\":%.5f,\"worst_channel_beacon_share\":%.5f,\"worst_station_beacon_share\":%.5f,"
          "\"air_share\":%.5f",
          (double)routing_ms / channels_ms, (double)worst_ms / length_ms, (double)tally->worst_routing_ms / length_ms,
          (double)all_ms / channels_ms);
}

void tally_write(const struct tally *tally, const struct scenario *scenario, FILE *out)
{
  fprintf(out, "\"bench\":\"network\",\"scenario\":\"%s\",\"stations\":%u,\"hours\":%g", scenario->name,
          scenario->station_count, (double)scenario->length_ms / HOUR_MS);
  write_deliveries(tally, scenario, out);
  write_delays(tally, out);
  write_air(tally, scenario, out);
  fprintf(out, ",\"bursts\":%llu,\"hostile_bursts\":%llu,\"collisions\":%llu,\"crashes\":%llu",
          (unsigned long long)tally->bursts, (unsigned long long)tally->hostile_bursts,
          (unsigned long long)tally->collisions, (unsigned long long)tally->crashes);
}
