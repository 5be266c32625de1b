/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of bytes between a KISS modem and its TNC: a serial port or a TCP connection. */
#ifndef HW_MODEM_KISS_LINK_H
#define HW_MODEM_KISS_LINK_H

#include <stddef.h>
#include <stdint.h>

struct serial;

struct kiss_link {
  struct serial *serial; /* or NULL: TCP */
  int fd;
  unsigned byte_us; /* what a byte takes to the TNC after kiss_link_write */
};

/* Checks the form of device (see struct kiss_settings).  Returns 0 or -EINVAL with err filled. */
int kiss_link_check(const char *device, char *err, size_t err_len);

/* Returns non-zero when a long wait must end: called every 100 ms at most. */
struct kiss_link_stop {
  int (*asked)(void *context);
  void *context;
};

/* Opens or connects; a connection is waited for.  Returns 0, or a negative errno code with err filled (-ECANCELED
 * when stop asked for it). */
int kiss_link_open(struct kiss_link *link, const char *device, unsigned baud, const struct kiss_link_stop *stop,
                   char *err, size_t err_len);

/* Returns bytes read (0: none now), or -ENODEV when the other end is gone. */
int kiss_link_read(struct kiss_link *link, uint8_t *buf, size_t len);

/* Writes all of buf, waiting at most timeout_ms.  Returns 0, -ETIMEDOUT or -ENODEV. */
int kiss_link_write(struct kiss_link *link, const uint8_t *buf, size_t len, int timeout_ms);

void kiss_link_close(struct kiss_link *link);

#endif
