/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds up what each simulated station hears, and notes for tests who keyed when and whether it collided. */
#include "sim/ether/mixer.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

/* A signal this far below the noise (3 kHz) is not heard: the weakest mode of the library works to -19 dB. */
#define HEARD_SNR_DB (-20.0)

/* A signal 6 dB stronger than the next one captures the receiver; between closer ones nobody is understood. */
#define CAPTURE_GAIN 0.5f

/* Receivers have automatic gain control: signals arrive with room for two at once, strong noise is turned down so
 * that it does not clip. */
#define OUTPUT_GAIN_MAX 0.5
#define OUTPUT_RMS_MAX 7000.0

/* Like a sound card, a transmission starts when 0.5 s are queued, or 0.2 s after its first sample: on a busy host a
 * station needs that long to write it. */
#define START_SAMPLES 4000
#define START_BLOCKS 10

#define NOISE_BANDWIDTH_HZ 4000.0 /* of white noise at 8,000 samples a second */
#define SNR_BANDWIDTH_HZ 3000.0

void mixer_init(struct mixer *mixer, double snr_db, uint64_t seed)
{
  memset(mixer, 0, sizeof *mixer);
  mixer->snr_db = snr_db;
  mixer->seed = seed;
  double signal = (double)ETHER_NOMINAL_RMS * ETHER_NOMINAL_RMS;
  double noise = signal * pow(10, -snr_db / 10) * NOISE_BANDWIDTH_HZ / SNR_BANDWIDTH_HZ;
  mixer->noise_rms = (float)sqrt(noise);
  mixer->gain = (float)fmin(OUTPUT_GAIN_MAX, OUTPUT_RMS_MAX / sqrt(noise + signal));
}

static bool name_ok(const char *name)
{
  size_t len = strnlen(name, ETHER_NAME_MAX);
  if (len == 0 || len == ETHER_NAME_MAX)
    return false;
  for (size_t i = 0; i < len; i++) {
    if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
      return false;
  }
  return true;
}

int mixer_attenuate(struct mixer *mixer, const char *a, const char *b, double attenuation_db)
{
  if (!name_ok(a) || !name_ok(b) || !isfinite(attenuation_db))
    return -EINVAL;
  if (mixer->path_count == MIXER_PATHS_MAX)
    return -ENOSPC;
  struct mixer_path *path = &mixer->paths[mixer->path_count++];
  strcpy(path->a, a);
  strcpy(path->b, b);
  path->attenuation_db = attenuation_db;
  return 0;
}

static double attenuation_between(const struct mixer *mixer, const char *a, const char *b)
{
  for (size_t i = mixer->path_count; i-- > 0;) {
    const struct mixer_path *path = &mixer->paths[i];
    if ((strcmp(path->a, a) == 0 && strcmp(path->b, b) == 0) || (strcmp(path->a, b) == 0 && strcmp(path->b, a) == 0))
      return path->attenuation_db;
  }
  return 0;
}

/* FNV-1a, so that a station's noise depends on its name and not on the order of joining. */
static uint64_t name_hash(const char *name)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *name; name++)
    hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
  return hash;
}

int mixer_join(struct mixer *mixer, const char *name)
{
  int free_slot = -ENOSPC;
  if (!name_ok(name))
    return -EINVAL;
  for (int i = MIXER_STATIONS_MAX - 1; i >= 0; i--) {
    if (!mixer->stations[i].joined)
      free_slot = i;
    else if (strcmp(mixer->stations[i].name, name) == 0)
      return -EADDRINUSE;
  }
  if (free_slot < 0)
    return free_slot;
  struct mixer_station *station = &mixer->stations[free_slot];
  memset(station, 0, sizeof *station);
  station->joined = true;
  strcpy(station->name, name);
  noise_init(&station->noise, mixer->seed ^ name_hash(name));
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (i != free_slot && mixer->stations[i].joined) {
      float gain = (float)pow(10, -attenuation_between(mixer, name, mixer->stations[i].name) / 20);
      mixer->path_gain[i][free_slot] = mixer->path_gain[free_slot][i] = gain;
    }
  }
  return free_slot;
}

static uint32_t queued(const struct mixer_station *station)
{
  return station->head - station->tail;
}

static void report(struct mixer *mixer, const struct mixer_station *station, bool key, uint32_t offset)
{
  if (!mixer->on_event)
    return;
  struct mixer_event event = {.t_ms = (mixer->samples + offset) / 8,
                              .station = station->name,
                              .key = key,
                              .samples = key ? 0 : station->keyed_samples,
                              .collision = station->collided};
  mixer->on_event(mixer->context, &event);
}

static void unkey(struct mixer *mixer, struct mixer_station *station, uint32_t offset)
{
  report(mixer, station, false, offset);
  station->keyed_samples = 0;
  station->collided = false;
}

void mixer_leave(struct mixer *mixer, int index)
{
  struct mixer_station *station = &mixer->stations[index];
  if (station->keyed_samples)
    unkey(mixer, station, 0);
  station->joined = false;
}

int mixer_queue(struct mixer *mixer, int index, const int16_t *samples, size_t len)
{
  struct mixer_station *station = &mixer->stations[index];
  if (len > MIXER_QUEUE_LEN - queued(station))
    return -ENOBUFS;
  for (size_t i = 0; i < len; i++)
    station->queue[station->head++ % MIXER_QUEUE_LEN] = samples[i];
  return 0;
}

void mixer_flush(struct mixer *mixer, int index)
{
  struct mixer_station *station = &mixer->stations[index];
  station->played += queued(station);
  station->tail = station->head;
  station->start_blocks = 0;
  if (station->keyed_samples)
    unkey(mixer, station, 0);
}

static bool hears(const struct mixer *mixer, int listener, int sender)
{
  return mixer->snr_db + 20 * log10f(mixer->path_gain[sender][listener]) > HEARD_SNR_DB;
}

/* Two that key together lose what somebody hears of both; each of the two is also deaf to the other. */
static bool collide(const struct mixer *mixer, int a, int b)
{
  if (hears(mixer, a, b))
    return true;
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (i != a && i != b && mixer->stations[i].joined && hears(mixer, i, a) && hears(mixer, i, b))
      return true;
  }
  return false;
}

static void mark_collisions(struct mixer *mixer)
{
  for (int a = 0; a < MIXER_STATIONS_MAX; a++) {
    for (int b = a + 1; b < MIXER_STATIONS_MAX; b++) {
      struct mixer_station *one = &mixer->stations[a], *other = &mixer->stations[b];
      if (one->on_air && other->on_air && !(one->collided && other->collided) && collide(mixer, a, b))
        one->collided = other->collided = true;
    }
  }
}

/* Returns how many samples the station sends in this block. */
static uint32_t choose_on_air(struct mixer_station *station)
{
  uint32_t waiting = station->joined ? queued(station) : 0;
  if (waiting == 0) {
    station->start_blocks = 0;
    return 0;
  }
  if (station->keyed_samples == 0 && waiting < START_SAMPLES && station->start_blocks < START_BLOCKS) {
    station->start_blocks++;
    return 0;
  }
  station->start_blocks = 0;
  return waiting < ETHER_BLOCK_SAMPLES ? waiting : ETHER_BLOCK_SAMPLES;
}

/* Decides who is on the air in this block.  Returns whether anybody is. */
static bool start_block(struct mixer *mixer)
{
  bool anybody = false;
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    struct mixer_station *station = &mixer->stations[i];
    station->on_air = choose_on_air(station);
    anybody |= station->on_air > 0;
  }
  if (anybody)
    mark_collisions(mixer);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    struct mixer_station *station = &mixer->stations[i];
    if (station->on_air && station->keyed_samples == 0)
      report(mixer, station, true, 0);
    station->keyed_samples += station->on_air;
  }
  return anybody;
}

static void add_signals(const struct mixer *mixer, int listener, float *sum)
{
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    const struct mixer_station *sender = &mixer->stations[i];
    float gain = mixer->path_gain[i][listener];
    if (i == listener || !sender->joined)
      continue;
    for (uint32_t s = 0; s < sender->on_air; s++)
      sum[s] += gain * sender->queue[(sender->tail + s) % MIXER_QUEUE_LEN];
  }
}

/* For how many samples of this block the listener hears two signals of which neither captures it. */
static uint32_t count_contested(const struct mixer *mixer, int listener)
{
  float strongest = 0, second = 0;
  uint32_t strongest_len = 0, second_len = 0;
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    const struct mixer_station *sender = &mixer->stations[i];
    float gain = i != listener && sender->joined && sender->on_air ? mixer->path_gain[i][listener] : 0;
    if (gain > strongest) {
      second = strongest;
      second_len = strongest_len;
      strongest = gain;
      strongest_len = sender->on_air;
    } else if (gain > second) {
      second = gain;
      second_len = sender->on_air;
    }
  }
  if (second < CAPTURE_GAIN * strongest)
    return 0;
  return strongest_len < second_len ? strongest_len : second_len;
}

/* Radios have no common clock, but simulated ones do: two bursts that begin in the same block add up in step,
 * preamble on preamble, and now and then one of them is decoded.  A random sign for each sample takes that away. */
static void scramble(struct noise *noise, float *sum, uint32_t len)
{
  for (uint32_t s = 0; s < len; s++)
    if (noise_next(noise) < 0)
      sum[s] = -sum[s];
}

static int16_t clip(float sample)
{
  return (int16_t)lrintf(fminf(fmaxf(sample, -32768), 32767));
}

static void listen(struct mixer *mixer, int index, bool anybody)
{
  struct mixer_station *station = &mixer->stations[index];
  float sum[ETHER_BLOCK_SAMPLES] = {0};
  if (anybody) {
    add_signals(mixer, index, sum);
    scramble(&station->noise, sum, count_contested(mixer, index));
  }
  for (int s = 0; s < ETHER_BLOCK_SAMPLES; s++)
    sum[s] += mixer->noise_rms * noise_next(&station->noise);
  uint32_t deaf = station->start_blocks ? ETHER_BLOCK_SAMPLES : station->on_air;
  for (uint32_t s = 0; s < ETHER_BLOCK_SAMPLES; s++)
    station->heard[s] = s < deaf ? 0 : clip(mixer->gain * sum[s]);
}

void mixer_block(struct mixer *mixer)
{
  bool anybody = start_block(mixer);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (mixer->stations[i].joined)
      listen(mixer, i, anybody);
  }
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    struct mixer_station *station = &mixer->stations[i];
    station->tail += station->on_air;
    station->played += station->on_air;
    if (station->on_air && queued(station) == 0)
      unkey(mixer, station, station->on_air);
  }
  mixer->samples += ETHER_BLOCK_SAMPLES;
}
