/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each kind of modem is opened.  Everything after that is modem.h. */
#ifndef HW_MODEMS_H
#define HW_MODEMS_H

#include <stddef.h>
#include <stdint.h>

#include "hw/modem.h"

/* All open functions start the modem's thread and return 0, or a negative errno code with one line in err when the
 * settings themselves cannot work.  A device that is missing is not an error: FAULT events tell, the thread tries again
 * with back-off (0.5 s doubling to 30 s) and READY follows.  Strings are copied. */

struct kiss_settings {
  const char *device; /* path of a serial port or pseudo-terminal, or "tcp:HOST:PORT" */
  unsigned baud;      /* of the serial line, ignored for TCP and pseudo-terminals; 0 means 9600 */
  unsigned port;      /* KISS port number 0..15 (high nibble of the command byte) */
  unsigned air_baud;  /* bits a second on air: 1200, 300, 9600: for the airtime estimate */
  int ax25;           /* non-zero: wrap each burst in an AX.25 UI frame (most TNCs need it) */
  const char *callsign; /* own callsign with optional -SSID, for AX.25 */
  const char *path_to;  /* AX.25 destination address; NULL means "RADIOD" */
  int txdelay_ms;     /* sent to the TNC as KISS TXDELAY unless negative */
  int txtail_ms;      /* likewise */
  int persistence;    /* 0..255, likewise */
  int slottime_ms;    /* likewise */
  const char *ptt;    /* NULL or "none" (the TNC keys), else see ptt.h: keyed for the estimated airtime */
  unsigned lead_ms, tail_ms; /* with own PTT only */
};

int kiss_modem_open(struct modem **out, const struct kiss_settings *settings, char *err, size_t err_len);

struct freedv_settings {
  const char *audio;  /* see audio.h */
  const char *ptt;    /* see ptt.h */
  const char *modes;  /* comma-separated subset of "DATAC0,DATAC3", NULL for all */
  unsigned lead_ms;   /* PTT to first sample */
  unsigned tail_ms;   /* last sample out to PTT release */
  unsigned level_pct; /* transmit level, 1..100 % of full scale peak */
};

/* Checks a list as modes above takes it without opening anything.  Returns 0, or -EINVAL with one line in err. */
int freedv_modes_check(const char *modes, char *err, size_t err_len);

int freedv_modem_open(struct modem **out, const struct freedv_settings *settings, char *err, size_t err_len);

#endif
