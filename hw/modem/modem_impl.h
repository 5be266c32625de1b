/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the modem back ends share: the base that each embeds as its first member, and its helpers in modem.c. */
#ifndef HW_MODEM_IMPL_H
#define HW_MODEM_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "hw/modem.h"
#include "hw/modem/event_ring.h"

/* A burst on its way from the loop to the modem's thread.  The loop fills it while state is BURST_FREE and sets
 * BURST_QUEUED; modem_report_sent and modem_report_fault set BURST_FREE again. */
enum { BURST_FREE, BURST_QUEUED };

struct modem_burst {
  atomic_int state;
  unsigned mode;
  size_t len;
  uint8_t bytes[MODEM_BURST_MAX];
};

struct modem {
  struct modem_mode modes[MODEM_MODES_MAX];
  size_t mode_count;
  struct event_ring events;
  struct modem_burst burst;
  atomic_bool ready;   /* device open: modem_send may queue; set by modem_report_ready, cleared by modem_report_fault */
  atomic_bool carrier; /* as last reported */
  atomic_uint missed;  /* bit 1 << type: such an event found the ring full and is made up for when it is empty */
  atomic_bool stop;    /* set by modem_close */
  int wake_fd;         /* eventfd, wakes the thread: a burst is queued, or stop */
  pthread_t thread;
  void (*destroy)(struct modem *modem); /* frees the back end after its thread has ended */
};

/* Sets up the shared part and starts the thread, which blocks all signals.  *modem is zeroed but for its modes.
 * Returns 0 or a negative errno code (the caller then frees the back end itself). */
int modem_start(struct modem *modem, void *(*run)(void *), void (*destroy)(struct modem *));

/* For the thread: queue an event.  A full ring drops frames; SENT always finds room because at most one burst is in
 * flight; what was lost of FAULT, READY and CARRIER is told when the loop has caught up. */
void modem_report_carrier(struct modem *modem, int busy);
void modem_report_sent(struct modem *modem, unsigned mode, uint32_t keyed_us);
void modem_report_frame(struct modem *modem, unsigned mode, const uint8_t *bytes, size_t len, int16_t snr_cb,
                        int16_t offset_dhz);
void modem_report_fault(struct modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));
void modem_report_ready(struct modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
