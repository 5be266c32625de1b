/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One serial port.  Real ports go through libserialport; pseudo-terminals, which it refuses, through termios. */
#ifndef HW_SERIAL_H
#define HW_SERIAL_H

#include <stddef.h>
#include <stdint.h>

struct serial;

/* Opens path at baud, 8N1, no flow control, RTS and DTR low as soon as the driver allows (opening raises them, which
 * keys a radio whose PTT hangs there).  Returns 0 or a negative errno code with one line in err. */
int serial_open(struct serial **out, const char *path, unsigned baud, char *err, size_t err_len);

/* How the lines stand while nobody sets them: right after opening and at closing.  What is low also goes low when the
 * process dies; what is high stays as it then was. */
struct serial_lines {
  int rts, dtr;
};

/* As serial_open, for a line that is at rest when high. */
int serial_open_with_lines(struct serial **out, const char *path, unsigned baud, const struct serial_lines *rest,
                           char *err, size_t err_len);

/* For poll(): POLLERR or POLLHUP mean that the port is gone (a lost USB adapter makes reads return 0). */
int serial_fd(const struct serial *serial);

/* Returns bytes read (0: none now) or a negative errno code (-ENODEV: the port is gone). */
int serial_read(struct serial *serial, uint8_t *buf, size_t len);

/* Writes all of buf, waiting at most timeout_ms.  Returns 0, -ETIMEDOUT or -ENODEV. */
int serial_write(struct serial *serial, const uint8_t *buf, size_t len, int timeout_ms);

/* Microseconds that one byte takes on the wire after serial_write; 0 for a pseudo-terminal. */
unsigned serial_byte_us(const struct serial *serial);

/* Return 0, -ENODEV, or -ENOTSUP: a pseudo-terminal has no such lines. */
int serial_set_rts(struct serial *serial, int on);
int serial_set_dtr(struct serial *serial, int on);

/* NULL is allowed. */
void serial_close(struct serial *serial);

#endif
