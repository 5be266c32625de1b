/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A KISS TNC, on a serial port or over TCP, as a modem: one thread that keeps it open, sends, times and receives. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hw/clock.h"
#include "hw/modem/kiss.h"
#include "hw/modem/kiss_config.h"
#include "hw/modem/kiss_link.h"
#include "hw/modem/modem_impl.h"
#include "hw/ptt.h"

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000

/* A link that held so long was good: the next failure starts with the shortest wait again. */
#define BACKOFF_RESET_MS 10000

/* Beyond the time on the wire: a TNC that takes no byte for so long has stopped. */
#define WRITE_TIMEOUT_MS 2000

/* A peer that fills this buffer at every reading is no TNC (the fastest channel is 1,200 bytes a second): it gets one
 * buffer every 20 ms, so that it can neither starve bursts nor take the processor. */
enum { READ_MAX = 2048, FLOOD_PAUSE_US = 20000 };

enum transmit_state { IDLE, LEADING, ON_AIR, TAILING };

struct kiss_modem {
  struct modem base;
  struct kiss_config config;
  struct kiss_link link;
  struct ptt *ptt;
  struct kiss_decoder decoder;
  enum transmit_state transmit;
  int64_t transmit_due_us;      /* end of the state, unless IDLE */
  int64_t read_after_us;        /* after a flood */
  char trouble[MODEM_TEXT_MAX]; /* why the device cannot be used */
  char told[MODEM_TEXT_MAX];    /* the trouble that was reported last, empty while the device is open */
};

static int is_stopping(void *context)
{
  return atomic_load(&((struct kiss_modem *)context)->base.stop);
}

/* -- Sending -------------------------------------------------------------------------------------------------- */

static int write_frame(struct kiss_modem *m, enum kiss_command command, const uint8_t *data, size_t len)
{
  uint8_t wire[KISS_WIRE_MAX];
  int used = kiss_encode(wire, sizeof wire, m->config.port, command, data, len);
  if (used < 0)
    return used;
  int64_t wire_us = (int64_t)used * m->link.byte_us;
  int error = kiss_link_write(&m->link, wire, (size_t)used, WRITE_TIMEOUT_MS + (int)(wire_us / 1000));
  if (error == -ETIMEDOUT)
    snprintf(m->trouble, sizeof m->trouble, "%s: takes no data: check that the TNC is on and in KISS mode",
             m->config.device);
  else if (error)
    snprintf(m->trouble, sizeof m->trouble, "%s: gone while writing: check the cable and the TNC", m->config.device);
  return error;
}

static int write_parameters(struct kiss_modem *m)
{
  for (size_t i = 0; i < m->config.parameter_count; i++) {
    int error = write_frame(m, m->config.parameters[i].command, &m->config.parameters[i].value, 1);
    if (error)
      return error;
  }
  return 0;
}

static int key(struct kiss_modem *m, int on)
{
  int error = m->ptt ? ptt_key(m->ptt, on) : 0;
  if (error)
    snprintf(m->trouble, sizeof m->trouble, "%s: the PTT line does not answer (%s): check the cable", m->config.ptt,
             strerror(-error));
  return error;
}

/* Hands the burst to the TNC.  Its time on air starts when the last byte has reached it. */
static int write_burst(struct kiss_modem *m)
{
  const struct modem_burst *burst = &m->base.burst;
  uint8_t frame[AX25_FRAME_MAX];
  size_t len = burst->len;
  if (m->config.ax25)
    len = (size_t)ax25_wrap(frame, &m->config.to, &m->config.own, burst->bytes, burst->len);
  else
    memcpy(frame, burst->bytes, burst->len);
  int64_t start_us = clock_now_us();
  int error = write_frame(m, KISS_DATA, frame, len);
  uint32_t airtime_us = modem_mode_airtime_us(&m->base.modes[0], burst->len);
  m->transmit = ON_AIR;
  m->transmit_due_us = start_us + (int64_t)(len + 3) * m->link.byte_us + airtime_us;
  return error;
}

static int begin_transmit(struct kiss_modem *m, int64_t now_us)
{
  m->transmit = LEADING;
  m->transmit_due_us = now_us + m->config.lead_us;
  return key(m, 1);
}

static int end_transmit(struct kiss_modem *m)
{
  int error = key(m, 0);
  if (error)
    return error;
  m->transmit = IDLE;
  modem_report_sent(&m->base, 0, modem_mode_airtime_us(&m->base.modes[0], m->base.burst.len));
  return 0;
}

/* Goes on with the burst in flight as far as the time allows.  Returns 0, or an error with trouble filled. */
static int step_transmit(struct kiss_modem *m, int64_t now_us)
{
  if (m->transmit == IDLE)
    return atomic_load(&m->base.burst.state) == BURST_QUEUED ? begin_transmit(m, now_us) : 0;
  if (now_us < m->transmit_due_us)
    return 0;
  switch (m->transmit) {
  case LEADING:
    return write_burst(m);
  case ON_AIR:
    m->transmit = TAILING;
    m->transmit_due_us += m->config.tail_us;
    return 0;
  default:
    return end_transmit(m);
  }
}

/* -- Receiving ------------------------------------------------------------------------------------------------ */

/* Passes on what can be a burst of another station.  Own frames come back from digipeaters. */
static void take_frame(struct kiss_modem *m)
{
  const uint8_t *data = m->decoder.frame + 1;
  size_t len = m->decoder.len - 1;
  if (m->decoder.frame[0] != (m->config.port << 4 | KISS_DATA))
    return;
  if (m->config.ax25) {
    struct ax25_frame frame;
    if (ax25_unwrap(&frame, data, len) != 0 || ax25_address_equal(&frame.from, &m->config.own))
      return;
    data = frame.info;
    len = frame.info_len;
  }
  if (len == 0 || len > m->base.modes[0].max_bytes || data[0] & MODEM_LINK_BITS)
    return;
  modem_report_frame(&m->base, 0, data, len, MODEM_SNR_UNKNOWN, 0);
}

static int receive(struct kiss_modem *m, int is_hung_up, int64_t now_us)
{
  uint8_t buf[READ_MAX];
  int got = kiss_link_read(&m->link, buf, sizeof buf);
  if (got < 0 || (got == 0 && is_hung_up)) {
    snprintf(m->trouble, sizeof m->trouble, "%s: gone: check the cable and the TNC; it is tried again by itself",
             m->config.device);
    return -ENODEV;
  }
  for (int i = 0; i < got; i++)
    if (kiss_decode(&m->decoder, buf[i]))
      take_frame(m);
  if (got == READ_MAX)
    m->read_after_us = now_us + FLOOD_PAUSE_US;
  return 0;
}

/* -- The thread ----------------------------------------------------------------------------------------------- */

/* Waits for the link, a wake-up or the next deadline.  Returns poll's answer for the link. */
static short wait_for_work(struct kiss_modem *m, int64_t now_us)
{
  int is_pausing = now_us < m->read_after_us;
  int64_t until_us = is_pausing ? m->read_after_us : INT64_MAX;
  if (m->transmit != IDLE && m->transmit_due_us < until_us)
    until_us = m->transmit_due_us;
  int64_t wait_us = until_us > now_us ? until_us - now_us : 0;
  int timeout_ms = until_us == INT64_MAX ? -1 : (int)((wait_us + 999) / 1000);
  struct pollfd ready[2] = {{.fd = m->base.wake_fd, .events = POLLIN},
                            {.fd = is_pausing ? -1 : m->link.fd, .events = POLLIN}};
  if (poll(ready, 2, timeout_ms) <= 0)
    return 0;
  uint64_t count;
  if (ready[0].revents)
    (void)!read(m->base.wake_fd, &count, sizeof count);
  return ready[1].revents;
}

/* Works until the link fails or the modem is closed. */
static void serve(struct kiss_modem *m)
{
  int error = 0;
  while (!error && !is_stopping(m)) {
    short link = wait_for_work(m, clock_now_us());
    int64_t now_us = clock_now_us();
    if (link)
      error = receive(m, link & (POLLERR | POLLHUP | POLLNVAL), now_us);
    if (!error)
      error = step_transmit(m, now_us);
  }
}

/* Returns 0, or an error with trouble filled. */
static int open_devices(struct kiss_modem *m)
{
  struct kiss_link_stop stop = {is_stopping, m};
  int error = kiss_link_open(&m->link, m->config.device, m->config.baud, &stop, m->trouble, sizeof m->trouble);
  if (!error && m->config.ptt)
    error = ptt_open(&m->ptt, m->config.ptt, m->trouble, sizeof m->trouble);
  if (error)
    return error;
  kiss_decoder_init(&m->decoder);
  m->transmit = IDLE;
  m->read_after_us = 0;
  return write_parameters(m);
}

/* The PTT first: whatever else fails, the transmitter goes off. */
static void close_devices(struct kiss_modem *m)
{
  ptt_close(m->ptt);
  m->ptt = NULL;
  kiss_link_close(&m->link);
}

static void pause_before_retry(struct kiss_modem *m, int pause_ms)
{
  int64_t end_ms = clock_now_ms() + pause_ms;
  for (int64_t now_ms = clock_now_ms(); now_ms < end_ms && !is_stopping(m); now_ms = clock_now_ms()) {
    struct pollfd wake = {.fd = m->base.wake_fd, .events = POLLIN};
    uint64_t count;
    if (poll(&wake, 1, (int)(end_ms - now_ms)) > 0)
      (void)!read(m->base.wake_fd, &count, sizeof count);
  }
}

/* The same fault is told once, not at every try. */
static void report_trouble(struct kiss_modem *m)
{
  if (strcmp(m->trouble, m->told) == 0)
    return;
  memcpy(m->told, m->trouble, sizeof m->told);
  modem_report_fault(&m->base, "%s", m->trouble);
}

static void *run(void *context)
{
  struct kiss_modem *m = context;
  int pause_ms = BACKOFF_MIN_MS;
  while (!is_stopping(m)) {
    if (open_devices(m) == 0) {
      int64_t ready_ms = clock_now_ms();
      m->told[0] = '\0';
      modem_report_ready(&m->base, "%s: open", m->config.device);
      serve(m);
      if (clock_now_ms() - ready_ms >= BACKOFF_RESET_MS)
        pause_ms = BACKOFF_MIN_MS;
    }
    close_devices(m);
    if (is_stopping(m))
      break;
    report_trouble(m);
    pause_before_retry(m, pause_ms);
    pause_ms = pause_ms * 2 < BACKOFF_MAX_MS ? pause_ms * 2 : BACKOFF_MAX_MS;
  }
  return NULL;
}

static void destroy(struct modem *modem)
{
  struct kiss_modem *m = (struct kiss_modem *)modem;
  kiss_config_free(&m->config);
  free(m);
}

int kiss_modem_open(struct modem **out, const struct kiss_settings *settings, char *err, size_t err_len)
{
  struct kiss_modem *m = calloc(1, sizeof *m);
  if (!m) {
    snprintf(err, err_len, "no memory is left for a modem");
    return -ENOMEM;
  }
  m->link.fd = -1;
  m->base.mode_count = 1;
  int error = kiss_config_load(&m->config, &m->base.modes[0], settings, err, err_len);
  if (error) {
    free(m);
    return error;
  }
  error = modem_start(&m->base, run, destroy);
  if (error) {
    snprintf(err, err_len, "%s: no thread can be started (%s)", m->config.device, strerror(-error));
    destroy(&m->base);
    return error;
  }
  *out = &m->base;
  return 0;
}
