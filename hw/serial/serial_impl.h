/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two serial back ends share: one drives ports, one pseudo-terminals. */
#ifndef HW_SERIAL_IMPL_H
#define HW_SERIAL_IMPL_H

#include "hw/serial.h"

/* Embedded by a back end as its first member.  Its functions follow serial.h. */
struct serial {
  int fd; /* non-blocking */
  unsigned byte_us;
  int (*read)(struct serial *serial, uint8_t *buf, size_t len);
  int (*write)(struct serial *serial, const uint8_t *buf, size_t len); /* what fits now: bytes taken, or an error */
  int (*set_lines)(struct serial *serial, int rts, int dtr);           /* -1 leaves a line as it is */
  void (*close)(struct serial *serial);                                /* frees serial */
};

/* path has no symbolic links.  lines says how RTS and DTR are to stand (see serial.h). */
int serial_port_open(struct serial **out, const char *path, unsigned baud, const struct serial_lines *lines,
                     char *err, size_t err_len);
int serial_pty_open(struct serial **out, const char *path, char *err, size_t err_len);

/* Keeps a second program, or a second part of this one, from using the port.  Returns 0 or -EBUSY with err filled. */
int serial_lock(int fd, const char *path, char *err, size_t err_len);

/* Writes the line for a person that says why path could not be opened, and returns -error. */
int serial_explain(int error, const char *path, char *err, size_t err_len);

#endif
