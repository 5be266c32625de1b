/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the protocol must know of a radio channel: its modes, what they cost, and its waiting times. */
#ifndef PROTOCOL_LINK_CHANNEL_H
#define PROTOCOL_LINK_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#define LINK_CHANNELS_MAX 8 /* of one station */
#define LINK_MODES_MAX 8
#define LINK_BURST_MAX 1024
#define LINK_SNR_UNKNOWN INT16_MIN

struct link_mode {
  uint16_t unit_bytes;  /* payload of one modem frame; 1 for modems without fixed frames */
  uint16_t max_bytes;   /* in one burst */
  uint32_t overhead_us; /* airtime of a burst: overhead_us + unit_us * units */
  uint32_t unit_us;
  int16_t snr_needed_cb; /* SNR in 3 kHz, 0.1 dB */
  uint8_t fixed;         /* bursts arrive padded to whole units */
};

/* When a station may begin to speak.  FLASH and answers are never held back by slots or polling. */
enum link_access {
  LINK_ACCESS_CSMA,   /* whenever the channel is free */
  LINK_ACCESS_SLOTS,  /* in its own turn of a schedule, when it knows the time */
  LINK_ACCESS_POLLED, /* when the coordinator has called it */
};

struct link_channel {
  struct link_mode mode[LINK_MODES_MAX];
  uint8_t mode_count;
  uint32_t answer_guard_ms; /* quiet time before answering: decoding ends before the peer unkeys */
  uint32_t key_ms;          /* PTT lead and tail of one transmission */
  uint32_t latency_ms;      /* from the last sample on air to the burst handed over, with a margin */
  uint32_t slot_ms;         /* contention slot: detection time of a carrier */
  uint8_t access;           /* enum link_access */
  uint32_t cycle_ms;        /* LINK_ACCESS_SLOTS: the schedule's round; its rounds are counted from 1970 (UTC) */
  uint32_t turn_begin_ms;   /* own turn in the round */
  uint32_t turn_len_ms;
  uint16_t duty_permille;   /* longest share of an hour on the air, except FLASH and answers; 0: no limit */
  uint32_t key_down_max_ms; /* longest burst; 0: no limit */
};

/* Modem frames that len bytes take, at least one. */
unsigned link_mode_units(const struct link_mode *mode, size_t len);

/* Bytes on air for a burst of len bytes (len rounded up to whole units where fixed). */
size_t link_mode_padded(const struct link_mode *mode, size_t len);

/* Key-down time of a burst of len bytes in microseconds. */
uint32_t link_mode_airtime_us(const struct link_mode *mode, size_t len);

#endif
