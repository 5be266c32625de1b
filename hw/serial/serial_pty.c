/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pseudo-terminals, behind which a software TNC such as Dire Wolf sits, by termios: libserialport refuses them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "hw/serial/serial_impl.h"

/* With VMIN 1 an idle pseudo-terminal gives EAGAIN and only one whose other end is closed gives 0. */
static int pty_read(struct serial *serial, uint8_t *buf, size_t len)
{
  ssize_t got = read(serial->fd, buf, len);
  if (got > 0)
    return (int)got;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -ENODEV;
}

static int pty_write(struct serial *serial, const uint8_t *buf, size_t len)
{
  ssize_t taken = write(serial->fd, buf, len);
  if (taken >= 0)
    return (int)taken;
  return errno == EAGAIN || errno == EINTR ? 0 : -ENODEV;
}

static int pty_set_lines(struct serial *serial, int rts, int dtr)
{
  (void)serial;
  (void)rts;
  (void)dtr;
  return -ENOTSUP;
}

static void pty_close(struct serial *serial)
{
  close(serial->fd);
  free(serial);
}

static int make_raw(int fd)
{
  struct termios settings;
  if (tcgetattr(fd, &settings) != 0)
    return -errno;
  cfmakeraw(&settings);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return tcsetattr(fd, TCSANOW, &settings) == 0 ? 0 : -errno;
}

/* No TIOCEXCL here: while the other end stays open it would outlive this process and lock the next one out. */
int serial_pty_open(struct serial **out, const char *path, char *err, size_t err_len)
{
  int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return serial_explain(errno, path, err, err_len);
  int error = serial_lock(fd, path, err, err_len);
  if (error == 0 && (error = make_raw(fd)) != 0)
    serial_explain(-error, path, err, err_len);
  struct serial *serial = error ? NULL : malloc(sizeof *serial);
  if (!serial) {
    close(fd);
    return error ? error : serial_explain(ENOMEM, path, err, err_len);
  }
  *serial =
      (struct serial){.fd = fd, .read = pty_read, .write = pty_write, .set_lines = pty_set_lines, .close = pty_close};
  *out = serial;
  return 0;
}
