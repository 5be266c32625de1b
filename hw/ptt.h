/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Push-to-talk: the line that keys a transmitter, whatever it is wired to. */
#ifndef HW_PTT_H
#define HW_PTT_H

#include <stddef.h>

/* Keys from one thread at a time. A ptt is always released when opened and when closed. */
struct ptt;

/* Opens the line that spec names:
 *   none                       nothing to key (a TNC or VOX does it)
 *   rts:/dev/ttyUSB0           RTS of a serial port;  dtr: likewise;  rts-:PORT and dtr-:PORT are inverted
 *   gpio:CHIP:LINE             CHIP "gpiochip0" or its label, LINE number or name;  gpio-: is active low
 * On failure returns a negative errno code and writes one line to err: what is wrong, where, what to do. */
int ptt_open(struct ptt **out, const char *spec, char *err, size_t err_len);

/* Checks the form of spec without touching a device.  Returns 0 or -EINVAL with err filled. */
int ptt_check(const char *spec, char *err, size_t err_len);

/* Keys (on non-zero) or releases.  Returns 0, or a negative errno code (-ENODEV when the device is gone). */
int ptt_key(struct ptt *ptt, int on);

/* Releases and closes.  NULL is allowed. */
void ptt_close(struct ptt *ptt);

#endif
