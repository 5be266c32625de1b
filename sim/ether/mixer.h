/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The air between simulated stations, 20 ms at a time: who hears whom, how loud, in how much noise.  In sim/ether/
 * live the real-time ether and its program; the mixer itself knows no sockets and no clock. */
#ifndef SIM_ETHER_MIXER_H
#define SIM_ETHER_MIXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/audio/ether_wire.h"
#include "sim/air/noise.h"

#define MIXER_STATIONS_MAX 32
#define MIXER_PATHS_MAX 256

/* Each station's queue holds more than the window it has to keep, so that a station that breaks it is found out. */
#define MIXER_QUEUE_LEN (2 * ETHER_TX_WINDOW)

struct mixer_path {
  char a[ETHER_NAME_MAX], b[ETHER_NAME_MAX];
  double attenuation_db;
};

struct mixer_station {
  bool joined;
  char name[ETHER_NAME_MAX];
  struct noise noise;
  int16_t queue[MIXER_QUEUE_LEN];
  uint32_t head, tail;    /* of queue; they count on, modulo 2^32 */
  uint32_t played;        /* samples that left the queue */
  uint32_t on_air;        /* samples of this block that the station itself sends */
  uint32_t start_blocks;  /* how long a transmission has waited for its start */
  uint32_t keyed_samples; /* since the key went down; 0: not keyed */
  bool collided;
  int16_t heard[ETHER_BLOCK_SAMPLES]; /* what mixer_block leaves for the station */
};

struct mixer_event {
  int64_t t_ms; /* of air time since the start */
  const char *station;
  bool key;         /* down, else up */
  uint32_t samples; /* key up: how long it was down */
  bool collision;   /* another transmission overlapped where somebody hears both (or is one of the two) */
};

struct mixer {
  double snr_db;
  uint64_t seed;
  float noise_rms, gain;
  int64_t samples; /* of air time so far */
  size_t path_count;
  struct mixer_path paths[MIXER_PATHS_MAX];
  struct mixer_station stations[MIXER_STATIONS_MAX];
  float path_gain[MIXER_STATIONS_MAX][MIXER_STATIONS_MAX];
  void (*on_event)(void *context, const struct mixer_event *event); /* NULL: nobody wants to know */
  void *context;
};

/* A path of 0 dB gives a signal of ETHER_NOMINAL_RMS the ratio snr_db to the noise in 3 kHz. */
void mixer_init(struct mixer *mixer, double snr_db, uint64_t seed);

/* Weakens the path between two names in both directions.  Before they join.  Returns 0, -EINVAL (bad name or figure)
 * or -ENOSPC. */
int mixer_attenuate(struct mixer *mixer, const char *a, const char *b, double attenuation_db);

/* Returns the station's index, or -EINVAL (bad name), -EADDRINUSE (name taken), -ENOSPC. */
int mixer_join(struct mixer *mixer, const char *name);

void mixer_leave(struct mixer *mixer, int station);

/* Returns 0, or -ENOBUFS when the station has queued more than the window allows. */
int mixer_queue(struct mixer *mixer, int station, const int16_t *samples, size_t len);

void mixer_flush(struct mixer *mixer, int station);

/* Lets 20 ms of air time pass. */
void mixer_block(struct mixer *mixer);

#endif
