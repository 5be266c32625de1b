/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's settings: one INI file, read once and checked whole before anything is opened. */
#ifndef RADIOD_CONFIG_H
#define RADIOD_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#define CONFIG_PATH_MAX 256
#define CONFIG_NAME_MAX 24
#define CONFIG_CHANNELS_MAX 8
#define CONFIG_ERROR_MAX 512

enum config_modem { CONFIG_MODEM_KISS, CONFIG_MODEM_FREEDV };
enum config_clock { CONFIG_CLOCK_SYSTEM, CONFIG_CLOCK_MANUAL, CONFIG_CLOCK_NONE };
enum config_access { CONFIG_ACCESS_CSMA, CONFIG_ACCESS_SLOTS, CONFIG_ACCESS_POLLED };
enum config_service { CONFIG_SERVICE_LICENSED, CONFIG_SERVICE_AMATEUR, CONFIG_SERVICE_TEST };

/* From begin to end, written "20-30". */
struct config_span {
  uint32_t begin, end;
};

struct config_channel {
  char name[CONFIG_NAME_MAX]; /* of the section [channel NAME] */
  int line;                   /* where the section begins, for messages */
  enum config_modem modem;
  enum config_service service;
  /* kiss */
  char device[CONFIG_PATH_MAX]; /* /dev/ttyUSB0, /dev/pts/3 or tcp:HOST:PORT */
  unsigned baud;
  unsigned kiss_port;
  unsigned air_baud;
  int ax25;
  char callsign[16];
  int txdelay_ms, txtail_ms, persistence, slottime_ms; /* -1: leave the TNC's own */
  /* freedv */
  char audio[CONFIG_PATH_MAX];
  char modes[64]; /* empty: all */
  unsigned level_pct;
  /* both */
  char ptt[CONFIG_PATH_MAX];
  unsigned lead_ms, tail_ms;
  unsigned answer_guard_ms;
  enum config_access access;
  unsigned cycle_s;          /* CONFIG_ACCESS_SLOTS: length of a round */
  struct config_span turn_s; /* own turn in it */
  unsigned duty_pct;         /* 0: no limit */
  unsigned key_down_max_s;   /* 0: no limit */
};

struct config {
  char key_file[CONFIG_PATH_MAX]; /* written by radioctl network export */
  char store[CONFIG_PATH_MAX];
  char socket[CONFIG_PATH_MAX];
  char language[4]; /* en, fr, ht, es */
  uint32_t beacon_interval_s;
  enum config_clock clock;
  int mobile;
  size_t channel_count;
  struct config_channel channel[CONFIG_CHANNELS_MAX];
};

/* Reads and checks the file.  Relative paths in it are taken from its own folder.  Returns 0; or a negative errno
 * code with error text naming file, line, value and remedy, e.g. /etc/radiod/radiod.conf:14: level = 140: must lie
 * between 1 and 100; write e.g. "level = 60" All mistakes found are reported, one a line, as far as they fit. */
int config_read(struct config *out, const char *path, char *error, size_t error_len);

#endif
