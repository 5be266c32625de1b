/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Trickle timer (RFC 6206, section 4.2) of a channel's beacons, and their token bucket. */
#include "protocol/route/trickle.h"

#include <assert.h>

/* A beacon also says that its sender is there: neighbours must hear one in three. */
#define SUPPRESSED_MAX 2

/* Credit is kept in thousandths of a millisecond of airtime: each millisecond of the channel's time brings share in
 * permille / stations of them. */
#define CREDIT_PER_MS INT64_C(1000)

/* The beacon's time is a random point in the second half of the interval, so that stations which began together do
 * not all speak at once, and each has listened first. */
static void begin_interval(struct trickle *trickle, int64_t begin_ms, uint32_t interval_ms, uint32_t random)
{
  uint32_t half = interval_ms / 2;
  trickle->begin_ms = begin_ms;
  trickle->interval_ms = interval_ms;
  trickle->due_ms = begin_ms + half + random % (interval_ms - half);
  trickle->heard = 0;
}

void trickle_init(struct trickle *trickle, const struct trickle_config *config, int64_t now_ms, uint32_t random)
{
  assert(config->imin_ms >= 2 && config->imax_ms >= config->imin_ms && config->share_permille >= 1);
  *trickle = (struct trickle){.config = *config,
                              .must_send = 1,
                              .stations = 1,
                              .credit = config->allowance_ms * CREDIT_PER_MS,
                              .credit_ms = now_ms};
  begin_interval(trickle, now_ms, config->imin_ms, random);
}

void trickle_hear_consistent(struct trickle *trickle, int64_t now_ms)
{
  if (now_ms >= trickle->begin_ms && trickle->heard < UINT8_MAX)
    trickle->heard++;
}

void trickle_reset(struct trickle *trickle, int64_t now_ms, uint32_t random)
{
  trickle->must_send = 1;
  if (trickle->interval_ms > trickle->config.imin_ms)
    begin_interval(trickle, now_ms, trickle->config.imin_ms, random);
}

static int64_t credit_at(const struct trickle *trickle, int64_t now_ms)
{
  int64_t full = trickle->config.allowance_ms * CREDIT_PER_MS;
  int64_t missing = full - trickle->credit, elapsed = now_ms - trickle->credit_ms;
  if (elapsed <= 0)
    return trickle->credit;
  if (elapsed > (missing + 1) * trickle->stations / trickle->config.share_permille)
    return full;
  return trickle->credit + elapsed * trickle->config.share_permille / trickle->stations;
}

/* A beacon larger than the allowance goes when the allowance is full; the debt is paid before the next. */
static int64_t credit_needed(const struct trickle *trickle, uint32_t airtime_ms)
{
  uint32_t allowance = trickle->config.allowance_ms;
  return (airtime_ms < allowance ? airtime_ms : allowance) * CREDIT_PER_MS;
}

static void settle_credit(struct trickle *trickle, int64_t now_ms)
{
  if (now_ms <= trickle->credit_ms)
    return;
  trickle->credit = credit_at(trickle, now_ms);
  trickle->credit_ms = now_ms;
}

void trickle_set_stations(struct trickle *trickle, int64_t now_ms, uint16_t stations)
{
  assert(stations >= 1);
  if (stations == trickle->stations)
    return;
  settle_credit(trickle, now_ms);
  trickle->stations = stations;
}

static int is_superfluous(const struct trickle *trickle)
{
  const struct trickle_config *config = &trickle->config;
  return config->redundancy && trickle->heard >= config->redundancy && !trickle->must_send &&
         trickle->suppressed < SUPPRESSED_MAX;
}

int64_t trickle_due_ms(const struct trickle *trickle, uint32_t airtime_ms)
{
  int64_t affordable_ms = trickle_affordable_ms(trickle, airtime_ms);
  if (is_superfluous(trickle))
    return trickle->due_ms;
  return affordable_ms > trickle->due_ms ? affordable_ms : trickle->due_ms;
}

static void begin_next(struct trickle *trickle, int64_t now_ms, uint32_t random)
{
  int64_t end_ms = trickle->begin_ms + trickle->interval_ms;
  uint32_t interval_ms = trickle->interval_ms, imax_ms = trickle->config.imax_ms;
  interval_ms = interval_ms > imax_ms / 2 ? imax_ms : interval_ms * 2;
  begin_interval(trickle, end_ms > now_ms ? end_ms : now_ms, interval_ms, random);
}

enum trickle_verdict trickle_fire(struct trickle *trickle, int64_t now_ms, uint32_t random, uint32_t airtime_ms)
{
  if (now_ms < trickle_due_ms(trickle, airtime_ms))
    return TRICKLE_WAIT;
  if (is_superfluous(trickle)) {
    trickle->suppressed++;
    begin_next(trickle, now_ms, random);
    return TRICKLE_SKIP;
  }
  settle_credit(trickle, now_ms);
  trickle->credit -= airtime_ms * CREDIT_PER_MS;
  trickle->suppressed = trickle->must_send = 0;
  begin_next(trickle, now_ms, random);
  return TRICKLE_SEND;
}

int64_t trickle_affordable_ms(const struct trickle *trickle, uint32_t airtime_ms)
{
  int64_t missing = credit_needed(trickle, airtime_ms) - trickle->credit;
  int64_t share = trickle->config.share_permille;
  return missing <= 0 ? trickle->credit_ms : trickle->credit_ms + (missing * trickle->stations + share - 1) / share;
}

int trickle_is_superfluous(const struct trickle *trickle)
{
  return is_superfluous(trickle);
}

void trickle_charge(struct trickle *trickle, int64_t now_ms, uint32_t airtime_ms)
{
  settle_credit(trickle, now_ms);
  trickle->credit -= airtime_ms * CREDIT_PER_MS;
}
