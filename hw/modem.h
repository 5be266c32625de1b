/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one interface behind which every modem stands.  Here live bursts of bytes and samples; messages, stations and keys
 * must not. */
#ifndef HW_MODEM_H
#define HW_MODEM_H

#include <stddef.h>
#include <stdint.h>

/* A modem runs in a thread of its own, so that a device that hangs never stalls the caller.  All functions below are
 * called from one thread (the daemon's loop) and return at once. */
struct modem;

#define MODEM_MODES_MAX 8
#define MODEM_NAME_MAX 16
#define MODEM_BURST_MAX 1024 /* bytes in one burst, the largest of any mode */
#define MODEM_TEXT_MAX 160

/* The low three bits of the first byte of every burst belong to the modem: a sender leaves them zero, a receiver gets
 * them back as zero.  A modem with fixed-size modem frames writes there how many more modem frames follow the first
 * (0..7), which saves a length byte in the one place where a byte costs half a second. */
#define MODEM_LINK_BITS 0x07

/* What a mode can carry and what it costs.  A burst of n bytes takes unit_count(n) modem frames; its key-down time,
 * without PTT lead and tail, is overhead_ms + unit_ms * units.  Modems without fixed frames have unit_bytes 1. */
struct modem_mode {
  char name[MODEM_NAME_MAX]; /* "DATAC0", "AFSK1200" */
  uint16_t unit_bytes;       /* payload bytes of one modem frame */
  uint16_t max_bytes;        /* most payload bytes in one burst */
  uint32_t overhead_us;      /* preamble, postamble, flags, TXDELAY */
  uint32_t unit_us;          /* one modem frame (or one byte) */
  int16_t snr_needed_cb;     /* SNR in 3 kHz, centibel (0.1 dB), for 95 % of single-frame bursts; AWGN */
  int fixed;                 /* non-zero: a burst arrives padded with zeros to whole modem frames */
};

enum modem_event_type {
  MODEM_EVENT_FRAME,   /* a burst arrived: bytes[0..len) */
  MODEM_EVENT_CARRIER, /* DCD changed: busy says to what */
  MODEM_EVENT_SENT,    /* the burst given to modem_send has left the transmitter; keyed_us says how long modulated samples (or TNC airtime) lasted */
  MODEM_EVENT_FAULT,   /* the device failed, text says what and what to do; a burst in flight is lost, no SENT follows */
  MODEM_EVENT_READY,   /* the device is open (again) */
};

#define MODEM_SNR_UNKNOWN INT16_MIN

struct modem_event {
  enum modem_event_type type;
  uint8_t mode;       /* FRAME, SENT: index into the modes */
  uint8_t busy;       /* CARRIER */
  int16_t snr_cb;     /* FRAME: SNR in 3 kHz, or MODEM_SNR_UNKNOWN */
  int16_t offset_dhz; /* FRAME: carrier offset, 0.1 Hz, 0 if unknown */
  uint16_t len;       /* FRAME */
  uint32_t keyed_us;  /* SENT */
  uint8_t bytes[MODEM_BURST_MAX];
  char text[MODEM_TEXT_MAX]; /* FAULT, READY: one line for a person */
};

/* Readable (poll) while events wait. */
int modem_fd(const struct modem *modem);

/* Takes the next event.  Returns 1, or 0 when none waits. */
int modem_next_event(struct modem *modem, struct modem_event *out);

/* The modes, valid from open to close.  Returns their number. */
size_t modem_modes(const struct modem *modem, const struct modem_mode **out);

/* Queues one burst (one may be in flight).  Returns 0, -EBUSY (one is in flight), -EMSGSIZE (too long for the mode),
 * -EINVAL (no such mode, empty, or link bits set), -ENODEV (device not open).  SENT or FAULT follows. */
int modem_send(struct modem *modem, unsigned mode, const uint8_t *bytes, size_t len);

/* Has the modem unkey and end, but does not wait for it: whoever closes several stops them all first, so that none
 * stays keyed while another's device takes its time.  Only modem_close may follow. */
void modem_stop(struct modem *modem);

/* Unkeys, stops the thread, closes the device.  NULL is allowed. */
void modem_close(struct modem *modem);

/* Number of modem frames that a burst of len bytes takes in this mode. */
unsigned modem_mode_units(const struct modem_mode *mode, size_t len);

/* Key-down time in microseconds of a burst of len bytes, without PTT lead and tail. */
uint32_t modem_mode_airtime_us(const struct modem_mode *mode, size_t len);

#endif
