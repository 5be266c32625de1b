/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part that every modem shares: its thread, the burst on its way out, and its events for the daemon's loop. */
#include "hw/modem/modem_impl.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Ring slots that an event of each kind leaves to others: a flood of frames must not push out a change of state, and
 * SENT and FAULT end the wait for a burst. */
static const unsigned slots_left[] = {
    [MODEM_EVENT_FRAME] = 8, [MODEM_EVENT_CARRIER] = 2, [MODEM_EVENT_READY] = 2,
    [MODEM_EVENT_FAULT] = 1, [MODEM_EVENT_SENT] = 0,
};

/* What is made up for when it was missed; frames are lost. */
#define MADE_UP (1u << MODEM_EVENT_FAULT | 1u << MODEM_EVENT_READY | 1u << MODEM_EVENT_CARRIER)

static void put_event(struct modem *modem, const struct modem_event *event)
{
  if (event_ring_room(&modem->events) > slots_left[event->type] && event_ring_put(&modem->events, event) == 0)
    return;
  /* The loop may have emptied the ring since, and sleep. */
  atomic_fetch_or(&modem->missed, 1u << event->type & MADE_UP);
  event_ring_wake(&modem->events);
}

static void wake_thread(struct modem *modem)
{
  (void)!write(modem->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

/* Signals belong to the daemon's loop. */
static int start_thread(struct modem *modem, void *(*run)(void *))
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&modem->thread, NULL, run, modem);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return -error;
}

int modem_start(struct modem *modem, void *(*run)(void *), void (*destroy)(struct modem *))
{
  assert(modem->mode_count > 0 && modem->mode_count <= MODEM_MODES_MAX);
  modem->destroy = destroy;
  int error = event_ring_open(&modem->events);
  if (error)
    return error;
  modem->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  error = modem->wake_fd < 0 ? -errno : start_thread(modem, run);
  if (error == 0)
    return 0;
  if (modem->wake_fd >= 0)
    close(modem->wake_fd);
  event_ring_close(&modem->events);
  return error;
}

void modem_stop(struct modem *modem)
{
  atomic_store(&modem->stop, true);
  wake_thread(modem);
}

void modem_close(struct modem *modem)
{
  if (!modem)
    return;
  modem_stop(modem);
  pthread_join(modem->thread, NULL);
  close(modem->wake_fd);
  event_ring_close(&modem->events);
  modem->destroy(modem);
}

int modem_fd(const struct modem *modem)
{
  return modem->events.fd;
}

size_t modem_modes(const struct modem *modem, const struct modem_mode **out)
{
  *out = modem->modes;
  return modem->mode_count;
}

/* What the loop must still learn although the ring was full when it happened. */
static int take_missed(struct modem *modem, struct modem_event *out)
{
  *out = (struct modem_event){.snr_cb = MODEM_SNR_UNKNOWN};
  if (atomic_fetch_and(&modem->missed, ~(1u << MODEM_EVENT_FAULT)) & 1u << MODEM_EVENT_FAULT) {
    out->type = MODEM_EVENT_FAULT;
    snprintf(out->text, sizeof out->text, "the device failed while the daemon was too busy to listen");
    /* Its READY may have found room and come before this. */
    if (atomic_load(&modem->ready))
      atomic_fetch_or(&modem->missed, 1u << MODEM_EVENT_READY);
    return 1;
  }
  if (atomic_fetch_and(&modem->missed, ~(1u << MODEM_EVENT_READY)) & 1u << MODEM_EVENT_READY &&
      atomic_load(&modem->ready)) {
    out->type = MODEM_EVENT_READY;
    snprintf(out->text, sizeof out->text, "the device is open");
    return 1;
  }
  if (atomic_fetch_and(&modem->missed, ~(1u << MODEM_EVENT_CARRIER)) & 1u << MODEM_EVENT_CARRIER) {
    out->type = MODEM_EVENT_CARRIER;
    out->busy = atomic_load(&modem->carrier);
    return 1;
  }
  return 0;
}

int modem_next_event(struct modem *modem, struct modem_event *out)
{
  if (event_ring_take(&modem->events, out))
    return 1;
  int is_taken = atomic_load(&modem->missed) ? take_missed(modem, out) : 0;
  if (atomic_load(&modem->missed))
    event_ring_wake(&modem->events); /* the loop may turn to others before it asks again */
  return is_taken;
}

int modem_send(struct modem *modem, unsigned mode, const uint8_t *bytes, size_t len)
{
  struct modem_burst *burst = &modem->burst;
  if (mode >= modem->mode_count || len == 0)
    return -EINVAL;
  if (len > modem->modes[mode].max_bytes || len > MODEM_BURST_MAX)
    return -EMSGSIZE;
  if (bytes[0] & MODEM_LINK_BITS)
    return -EINVAL;
  if (!atomic_load(&modem->ready))
    return -ENODEV;
  if (atomic_load(&burst->state) != BURST_FREE)
    return -EBUSY;
  burst->mode = mode;
  burst->len = len;
  memcpy(burst->bytes, bytes, len);
  atomic_store(&burst->state, BURST_QUEUED);
  /* The device may have failed since the test above, and the FAULT that frees the burst may already be out. */
  if (!atomic_load(&modem->ready)) {
    atomic_store(&burst->state, BURST_FREE);
    return -ENODEV;
  }
  wake_thread(modem);
  return 0;
}

unsigned modem_mode_units(const struct modem_mode *mode, size_t len)
{
  return (unsigned)((len + mode->unit_bytes - 1) / mode->unit_bytes);
}

uint32_t modem_mode_airtime_us(const struct modem_mode *mode, size_t len)
{
  return mode->overhead_us + mode->unit_us * modem_mode_units(mode, len);
}

void modem_report_carrier(struct modem *modem, int busy)
{
  struct modem_event event = {.type = MODEM_EVENT_CARRIER, .busy = busy != 0, .snr_cb = MODEM_SNR_UNKNOWN};
  atomic_store(&modem->carrier, busy != 0);
  put_event(modem, &event);
}

void modem_report_sent(struct modem *modem, unsigned mode, uint32_t keyed_us)
{
  struct modem_event event = {
      .type = MODEM_EVENT_SENT, .mode = (uint8_t)mode, .keyed_us = keyed_us, .snr_cb = MODEM_SNR_UNKNOWN};
  atomic_store(&modem->burst.state, BURST_FREE);
  put_event(modem, &event);
}

void modem_report_frame(struct modem *modem, unsigned mode, const uint8_t *bytes, size_t len, int16_t snr_cb,
                        int16_t offset_dhz)
{
  assert(len > 0 && len <= MODEM_BURST_MAX);
  struct modem_event event = {.type = MODEM_EVENT_FRAME,
                              .mode = (uint8_t)mode,
                              .snr_cb = snr_cb,
                              .offset_dhz = offset_dhz,
                              .len = (uint16_t)len};
  memcpy(event.bytes, bytes, len);
  put_event(modem, &event);
}

void modem_report_fault(struct modem *modem, const char *format, ...)
{
  struct modem_event event = {.type = MODEM_EVENT_FAULT, .snr_cb = MODEM_SNR_UNKNOWN};
  va_list args;
  va_start(args, format);
  vsnprintf(event.text, sizeof event.text, format, args);
  va_end(args);
  /* In this order: see modem_send. */
  atomic_store(&modem->ready, false);
  atomic_store(&modem->burst.state, BURST_FREE);
  put_event(modem, &event);
}

void modem_report_ready(struct modem *modem, const char *format, ...)
{
  struct modem_event event = {.type = MODEM_EVENT_READY, .snr_cb = MODEM_SNR_UNKNOWN};
  va_list args;
  va_start(args, format);
  vsnprintf(event.text, sizeof event.text, format, args);
  va_end(args);
  atomic_store(&modem->ready, true);
  put_event(modem, &event);
}
