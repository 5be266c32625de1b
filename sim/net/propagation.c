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
#define FADING_SINES 4
#define HF_FADING_DB 4.0  /* (plan) standard deviation */
#define VHF_FADING_DB 1.5 /* (plan) */

static double free_space_db(double mhz, double km)
{
  return 32.45 + 20 * log10(mhz) + 20 * log10(km); /* ITU-R P.525 */
}

double propagation_distance_km(const struct scenario_station *a, const struct scenario_station *b)
{
  double dlat = sin((a->latitude - b->latitude) * DEGREE / 2), dlon = sin((a->longitude - b->longitude) * DEGREE / 2);
  double h = dlat * dlat + cos(a->latitude * DEGREE) * cos(b->latitude * DEGREE) * dlon * dlon;
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

/* Of unit variance, with periods of 6 to 60 minutes. */
static double fading(uint64_t seed, unsigned a, unsigned b, unsigned channel, int64_t at_ms)
{
  double sum = 0;
  for (unsigned i = 0; i < FADING_SINES; i++) {
    double period_ms = MINUTE_MS * 6 * pow(10, fraction(seed, a, b, channel, 2 * i));
    sum += sin(2 * M_PI * ((double)at_ms / period_ms + fraction(seed, a, b, channel, 2 * i + 1)));
  }
  return sum * sqrt(2.0 / FADING_SINES);
}

/* Cosine of the sun's angle from the zenith half way between the stations. */
static double sun_cosine(const struct scenario *scenario, const struct scenario_station *a,
                         const struct scenario_station *b, int64_t at_ms)
{
  double hour = scenario->hour + (double)at_ms / HOUR_MS;
  double latitude = (a->latitude + b->latitude) / 2 * DEGREE, longitude = (a->longitude + b->longitude) / 2;
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

static double hf_snr_db(const struct scenario *scenario, const struct scenario_channel *channel,
                        const struct scenario_station *a, const struct scenario_station *b, int64_t at_ms)
{
  double km = propagation_distance_km(a, b), sun = sun_cosine(scenario, a, b, at_ms);
  double slant_km = 2 * hypot(km / 2, LAYER_KM), secant = slant_km / (2 * LAYER_KM);
  double critical_mhz = FOF2_NIGHT_MHZ + (sun > 0 ? FOF2_SUN_MHZ * sqrt(sun) : 0);
  double over = channel->mhz / (critical_mhz * secant) - 1;
  /* Above the highest usable frequency: ITU-R P.533 (Lm for F2). */
  double over_db = over > 0 ? fmin(36 * sqrt(over), 62) : 0;
  double noise_dbw = THERMAL_DBW + 10 * log10(HF_WIDTH_HZ) + NOISE_C_DB - NOISE_D_DB * log10(channel->mhz) +
                     (sun < 0 ? NIGHT_NOISE_DB : 0);
  return 10 * log10(channel->power_w) + 2 * HF_ANTENNA_DBI - free_space_db(channel->mhz, slant_km) - HF_OTHER_DB -
         absorption_db(channel->mhz, sun, secant) - over_db - MULTIPATH_DB - noise_dbw;
}

static double vhf_snr_db(const struct scenario_channel *channel, const struct scenario_station *a,
                         const struct scenario_station *b)
{
  double km = propagation_distance_km(a, b);
  if (km > HORIZON_KM * (sqrt(a->height_m) + sqrt(b->height_m)))
    return PROPAGATION_NONE_DB;
  double noise_dbw = THERMAL_DBW + 10 * log10(VHF_WIDTH_HZ) + VHF_NOISE_DB;
  /* No antenna is nearer than this to another: two masts of one town. */
  double loss_db = free_space_db(channel->mhz, km > 0.1 ? km : 0.1) + VHF_CLUTTER_DB;
  return 10 * log10(channel->power_w) + 2 * VHF_ANTENNA_DBI - loss_db - noise_dbw;
}

static int find_link(const struct scenario *scenario, uint16_t a, uint16_t b, double *snr_db)
{
  for (size_t i = 0; i < scenario->link_count; i++) {
    const struct scenario_link *link = &scenario->link[i];
    if ((link->a == a && link->b == b) || (link->a == b && link->b == a)) {
      *snr_db = link->snr_db;
      return 1;
    }
  }
  return 0;
}

double propagation_snr_db(const struct scenario *scenario, uint64_t seed, unsigned channel, uint16_t from,
                          uint16_t to, int64_t at_ms)
{
  const struct scenario_station *a = &scenario->station[from < to ? from : to];
  const struct scenario_station *b = &scenario->station[from < to ? to : from];
  const struct scenario_channel *radio = &scenario->channel[channel];
  double snr_db;
  if (!scenario_has_channel(scenario, from, channel) || !scenario_has_channel(scenario, to, channel))
    return PROPAGATION_NONE_DB;
  if (find_link(scenario, from, to, &snr_db))
    return snr_db;
  double swing = fading(seed, from < to ? from : to, from < to ? to : from, channel, at_ms);
  if (radio->kind == CHANNEL_HF)
    return hf_snr_db(scenario, radio, a, b, at_ms) + HF_FADING_DB * swing;
  snr_db = vhf_snr_db(radio, a, b) + VHF_FADING_DB * swing;
  return snr_db >= VHF_THRESHOLD_DB ? snr_db : PROPAGATION_NONE_DB;
}
