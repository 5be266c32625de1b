/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How strongly one simulated station hears another.  Each constant names its source; "(plan)" marks our own
 * assumption, to be replaced when somebody measures it. */
#include "sim/net/propagation.h"

#include <math.h>

#define DEGREE (M_PI / 180)
#define EARTH_KM 6371.0
#define MINUTE_MS 60000.0
#define HOUR_MS 3600000.0
/* Thermal noise in 1 Hz at 290 K: kT in dBW (ITU-R P.372). */
#define THERMAL_DBW (-204.0)

/* VHF.  The radio horizon over an earth of 4/3 its radius: 4.12 (sqrt h1 + sqrt h2) km, heights in m (ITU-R P.310 and
 * usual practice). */
#define HORIZON_KM 4.12
#define VHF_ANTENNA_DBI 3.0   /* (plan) a vertical of half a wave or a little more, cable deducted */
#define VHF_CLUTTER_DB 20.0   /* (plan) buildings, trees and hills below the horizon */
#define VHF_NOISE_DB 12.0     /* (plan) receiver and rural surroundings at 150 MHz above kT */
#define VHF_WIDTH_HZ 12500.0  /* an FM channel */
#define VHF_THRESHOLD_DB 10.0 /* below this carrier-to-noise ratio FM gives way to noise (textbooks: 9 to 12 dB) */

/* HF.  One hop by way of the F2 layer. */
#define LAYER_KM 300.0        /* (plan) its virtual height */
#define HF_ANTENNA_DBI (-2.0) /* (plan) a low dipole, near-vertical, ground and cable deducted */
#define HF_OTHER_DB 8.72      /* losses not otherwise included, ITU-R P.533 (Lz) */
#define HF_WIDTH_HZ 3000.0
/* Man-made noise in rural surroundings, Fam = c - d log10 f (ITU-R P.372). */
#define NOISE_C_DB 67.2
#define NOISE_D_DB 27.7
#define NIGHT_NOISE_DB 6.0 /* (plan) tropical thunderstorms after dark */
/* Multipath costs the OFDM modes so much against white noise, in which they were measured. */
#define MULTIPATH_DB 4.0 /* (plan) */
/* Sunspot number and gyrofrequency over Haiti. */
#define SUNSPOTS 80.0 /* (plan) the middle of a cycle */
#define GYRO_MHZ 0.8  /* (plan) */
/* Critical frequency of F2: so much at night, so much more with the sun overhead. */
#define FOF2_NIGHT_MHZ 4.8 /* (plan) */
#define FOF2_SUN_MHZ 4.7   /* (plan) */

/* Slow fading: a sum of sines, so that it needs no state. */
#define HF_FADING_DB 4.0  /* (plan) standard deviation */
#define VHF_FADING_DB 1.5 /* (plan) */
#define FADING_MAX 2.83   /* all sines at their top: sqrt(2 / PROPAGATION_SINES) of each */

/* A link that is never stronger is none: neither read nor noticed, and too weak to disturb what is. */
#define NEVER_DB (-15.0)

static double free_space_db(double mhz, double km)
{
  return 32.45 + 20 * log10(mhz) + 20 * log10(km); /* ITU-R P.525 */
}

double propagation_distance_km(struct position a, struct position b)
{
  double dlat = sin((a.latitude - b.latitude) * DEGREE / 2), dlon = sin((a.longitude - b.longitude) * DEGREE / 2);
  double h = dlat * dlat + cos(a.latitude * DEGREE) * cos(b.latitude * DEGREE) * dlon * dlon;
  return 2 * EARTH_KM * asin(sqrt(h < 1 ? h : 1));
}

/* A number in [0, 1) that depends on all of its parameters: SplitMix64's mixing. */
static double fraction(uint64_t seed, unsigned a, unsigned b, unsigned channel, unsigned index)
{
  uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15) * (((uint64_t)a << 32 | b << 16 | channel << 8 | index) + 1);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static void draw_fading(struct propagation_link *link, uint64_t seed, unsigned a, unsigned b, unsigned channel)
{
  for (unsigned i = 0; i < PROPAGATION_SINES; i++) {
    double period_ms = MINUTE_MS * 6 * pow(10, fraction(seed, a, b, channel, 2 * i));
    link->turn_per_ms[i] = 2 * M_PI / period_ms;
    link->turn[i] = 2 * M_PI * fraction(seed, a, b, channel, 2 * i + 1);
  }
}

/* Of unit variance, with periods of 6 to 60 minutes. */
static double fading(const struct propagation_link *link, int64_t at_ms)
{
  double sum = 0;
  for (unsigned i = 0; i < PROPAGATION_SINES; i++)
    sum += sin((double)at_ms * link->turn_per_ms[i] + link->turn[i]);
  return sum * sqrt(2.0 / PROPAGATION_SINES);
}

/* Cosine of the sun's angle from the zenith half way between two places. */
static double sun_cosine(const struct scenario *scenario, struct position a, struct position b, int64_t at_ms)
{
  double hour = scenario->hour + (double)at_ms / HOUR_MS;
  double latitude = (a.latitude + b.latitude) / 2 * DEGREE, longitude = (a.longitude + b.longitude) / 2;
  double solar = (hour + (longitude + 75) / 15 - 12) * 15 * DEGREE; /* UTC-5 is the sun's time at 75 degrees west */
  double day = (scenario->month - 0.5) * 30.4;
  double declination = -23.44 * DEGREE * cos(2 * M_PI * (day + 10) / 365.25); /* Cooper 1969, its cosine form */
  return sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(solar);
}

/* Absorption of one hop in the D layer: Lucas and Haydon 1966, as in IONCAP. */
static double absorption_db(double mhz, double sun, double secant)
{
  double zenith = acos(sun > 1 ? 1 : sun < -1 ? -1 : sun) * 0.881;
  if (zenith >= M_PI / 2)
    return 0;
  double index = (1 + 0.0037 * SUNSPOTS) * pow(cos(zenith), 1.3);
  return 677.2 * secant * index / (pow(mhz + GYRO_MHZ, 1.98) + 10.2);
}

/* What the hour does not change, for a transmitter of 1 W. */
static double hf_budget_db(const struct scenario_channel *channel, double slant_km)
{
  double noise_dbw = THERMAL_DBW + 10 * log10(HF_WIDTH_HZ) + NOISE_C_DB - NOISE_D_DB * log10(channel->mhz);
  return 2 * HF_ANTENNA_DBI - free_space_db(channel->mhz, slant_km) - HF_OTHER_DB - MULTIPATH_DB - noise_dbw;
}

static double hf_slant_km(double km)
{
  return 2 * hypot(km / 2, LAYER_KM);
}

/* What the hour takes away. */
static double hf_losses_db(const struct scenario *scenario, const struct scenario_channel *channel, struct position a,
                           struct position b, double slant_km, int64_t at_ms)
{
  double sun = sun_cosine(scenario, a, b, at_ms), secant = slant_km / (2 * LAYER_KM);
  double critical_mhz = FOF2_NIGHT_MHZ + (sun > 0 ? FOF2_SUN_MHZ * sqrt(sun) : 0);
  double over = channel->mhz / (critical_mhz * secant) - 1;
  /* Above the highest usable frequency: ITU-R P.533 (Lm for F2). */
  double over_db = over > 0 ? fmin(36 * sqrt(over), 62) : 0;
  return absorption_db(channel->mhz, sun, secant) + over_db + (sun < 0 ? NIGHT_NOISE_DB : 0);
}

/* For a transmitter of 1 W. */
static double vhf_budget_db(const struct scenario_channel *channel, double km)
{
  double noise_dbw = THERMAL_DBW + 10 * log10(VHF_WIDTH_HZ) + VHF_NOISE_DB;
  /* No antenna is nearer than this to another: two masts of one town. */
  double loss_db = free_space_db(channel->mhz, km > 0.1 ? km : 0.1) + VHF_CLUTTER_DB;
  return 2 * VHF_ANTENNA_DBI - loss_db - noise_dbw;
}

static int is_in_sight(const struct scenario_station *a, const struct scenario_station *b, double km)
{
  return km <= HORIZON_KM * (sqrt(a->height_m) + sqrt(b->height_m));
}

static double power_dbw(const struct scenario *scenario, unsigned channel, uint16_t from)
{
  double own_w = scenario->station[from].power_w;
  return 10 * log10(own_w > 0 ? own_w : scenario->channel[channel].power_w);
}

static int travels(const struct scenario *scenario, uint16_t place)
{
  return scenario->station[place].route_count > 0;
}

/* Of two who stay.  Returns non-zero when the far one can hear at some time. */
static int measure_way(const struct scenario *scenario, unsigned channel, uint16_t from,
                       struct propagation_link *link)
{
  const struct scenario_channel *radio = &scenario->channel[channel];
  link->km = propagation_distance_km(position_at(scenario, from, 0), position_at(scenario, link->to, 0));
  if (radio->kind == CHANNEL_HF) {
    link->budget_db = hf_budget_db(radio, hf_slant_km(link->km));
    return link->budget_db + link->gain_db + HF_FADING_DB * FADING_MAX >= NEVER_DB;
  }
  link->budget_db = vhf_budget_db(radio, link->km);
  return is_in_sight(&scenario->station[from], &scenario->station[link->to], link->km) &&
         link->budget_db + link->gain_db + VHF_FADING_DB * FADING_MAX >= VHF_THRESHOLD_DB;
}

int propagation_prepare(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from, uint16_t to,
                        struct propagation_link *link)
{
  *link = (struct propagation_link){.to = to};
  if (from == to || !scenario_has_channel(scenario, from, channel) || !scenario_has_channel(scenario, to, channel))
    return 0;
  if (from <= STATION_MAX && to <= STATION_MAX && scenario_find_link(scenario, from, to, channel, &link->budget_db)) {
    link->is_fixed = 1;
    return link->budget_db >= NEVER_DB;
  }
  link->gain_db = power_dbw(scenario, channel, from) - scenario->station[to].noise_db;
  draw_fading(link, seed, from < to ? from : to, from < to ? to : from, channel);
  link->is_moving = travels(scenario, from) || travels(scenario, to);
  return link->is_moving || measure_way(scenario, channel, from, link);
}

double propagation_link_snr_db(const struct scenario *scenario, unsigned channel, uint16_t from,
                               const struct propagation_link *prepared, int64_t at_ms)
{
  const struct scenario_channel *radio = &scenario->channel[channel];
  struct propagation_link link = *prepared;
  if (link.is_fixed)
    return link.budget_db;
  struct position a = position_at(scenario, from, at_ms), b = position_at(scenario, link.to, at_ms);
  if (link.is_moving)
    link.km = propagation_distance_km(a, b);
  if (radio->kind == CHANNEL_HF) {
    double slant_km = hf_slant_km(link.km);
    double budget_db = link.is_moving ? hf_budget_db(radio, slant_km) : link.budget_db;
    return budget_db + link.gain_db - hf_losses_db(scenario, radio, a, b, slant_km, at_ms) +
           HF_FADING_DB * fading(prepared, at_ms);
  }
  if (link.is_moving && !is_in_sight(&scenario->station[from], &scenario->station[link.to], link.km))
    return PROPAGATION_NONE_DB;
  double budget_db = link.is_moving ? vhf_budget_db(radio, link.km) : link.budget_db;
  double snr_db = budget_db + link.gain_db + VHF_FADING_DB * fading(prepared, at_ms);
  return snr_db >= VHF_THRESHOLD_DB ? snr_db : PROPAGATION_NONE_DB;
}

double propagation_snr_db(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from,
                          uint16_t to, int64_t at_ms)
{
  struct propagation_link link;
  if (!propagation_prepare(scenario, seed, channel, from, to, &link))
    return PROPAGATION_NONE_DB;
  return propagation_link_snr_db(scenario, channel, from, &link, at_ms);
}
