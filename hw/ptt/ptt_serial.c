/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PTT by RTS or DTR of a serial port. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hw/ptt/ptt_impl.h"
#include "hw/serial.h"

/* The port carries no data. */
#define ANY_BAUD 9600

struct ptt_serial {
  struct ptt ptt;
  struct serial *port;
  int (*set)(struct serial *serial, int on);
  int inverted;
};

static int key(struct ptt *ptt, int on)
{
  struct ptt_serial *p = (struct ptt_serial *)ptt;
  return p->set(p->port, on != p->inverted);
}

static void close_port(struct ptt *ptt)
{
  struct ptt_serial *p = (struct ptt_serial *)ptt;
  serial_close(p->port);
  free(p);
}

int ptt_serial_open(struct ptt **out, const struct ptt_spec *spec, char *err, size_t err_len)
{
  struct serial_lines rest = {.rts = spec->kind == PTT_RTS && spec->inverted,
                              .dtr = spec->kind == PTT_DTR && spec->inverted};
  struct ptt_serial *p = calloc(1, sizeof *p);
  if (!p) {
    snprintf(err, err_len, "no memory is left for PTT");
    return -ENOMEM;
  }
  int error = serial_open_with_lines(&p->port, spec->device, ANY_BAUD, &rest, err, err_len);
  if (error) {
    free(p);
    return error;
  }
  p->ptt = (struct ptt){.key = key, .close = close_port};
  p->set = spec->kind == PTT_RTS ? serial_set_rts : serial_set_dtr;
  p->inverted = spec->inverted;
  error = key(&p->ptt, 0);
  if (error) {
    snprintf(err, err_len, "%s: it has no RTS and DTR lines to key a radio with: name a real serial port",
             spec->device);
    close_port(&p->ptt);
    return error;
  }
  *out = &p->ptt;
  return 0;
}
