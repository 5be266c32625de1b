/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Picks the back end for a serial port, locks the port and says in plain words why one cannot be had. */
#include "hw/serial.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hw/clock.h"
#include "hw/serial/serial_impl.h"

/* Character devices of UNIX 98 pseudo-terminals (Linux, Documentation/admin-guide/devices.txt). */
enum { PTY_MAJOR_FIRST = 136, PTY_MAJOR_LAST = 143 };

int serial_explain(int error, const char *path, char *err, size_t err_len)
{
  const char *advice = "check the cable and the device name";
  const char *what = strerror(error);
  switch (error) {
  case ENOENT:
  case ENODEV:
  case ENXIO:
    what = "there is no such device";
    advice = "plug it in, or correct the name (ls /dev/serial/by-id shows what is there)";
    break;
  case ENOTTY:
    what = "this is not a serial port";
    advice = "name a device such as /dev/ttyUSB0 or /dev/serial/by-id/...";
    break;
  case EACCES:
  case EPERM:
    what = "this user may not open it";
    advice = "add the user to the group that owns it, usually dialout";
    break;
  case EBUSY:
    what = "it is in use";
    advice = "stop the program that has it open, or remove the second line of the configuration that names it";
    break;
  case EIO:
    what = "no hardware answers there";
    break;
  case EINVAL:
    what = "the port cannot be set so";
    advice = "choose a baud rate that it supports, such as 9600";
    break;
  default:
    break;
  }
  snprintf(err, err_len, "%s: %s: %s", path, what, advice);
  return -error;
}

int serial_lock(int fd, const char *path, char *err, size_t err_len)
{
  if (flock(fd, LOCK_EX | LOCK_NB) != 0)
    return serial_explain(errno == EWOULDBLOCK ? EBUSY : errno, path, err, err_len);
  return 0;
}

static int is_pty(const struct stat *status)
{
  return major(status->st_rdev) >= PTY_MAJOR_FIRST && major(status->st_rdev) <= PTY_MAJOR_LAST;
}

int serial_open_with_lines(struct serial **out, const char *path, unsigned baud, const struct serial_lines *rest,
                           char *err, size_t err_len)
{
  char target[PATH_MAX];
  struct stat status;
  if (!realpath(path, target) || stat(target, &status) != 0)
    return serial_explain(errno, path, err, err_len);
  if (!S_ISCHR(status.st_mode))
    return serial_explain(ENOTTY, path, err, err_len);
  if (is_pty(&status))
    return serial_pty_open(out, target, err, err_len);
  return serial_port_open(out, target, baud, rest, err, err_len);
}

int serial_open(struct serial **out, const char *path, unsigned baud, char *err, size_t err_len)
{
  return serial_open_with_lines(out, path, baud, &(struct serial_lines){0, 0}, err, err_len);
}

int serial_fd(const struct serial *serial)
{
  return serial->fd;
}

unsigned serial_byte_us(const struct serial *serial)
{
  return serial->byte_us;
}

int serial_read(struct serial *serial, uint8_t *buf, size_t len)
{
  return serial->read(serial, buf, len);
}

int serial_write(struct serial *serial, const uint8_t *buf, size_t len, int timeout_ms)
{
  int64_t deadline = clock_now_ms() + timeout_ms;
  while (len > 0) {
    int taken = serial->write(serial, buf, len);
    if (taken < 0)
      return taken;
    buf += taken;
    len -= (size_t)taken;
    int64_t left = deadline - clock_now_ms();
    if (len > 0 && left <= 0)
      return -ETIMEDOUT;
    struct pollfd room = {.fd = serial->fd, .events = POLLOUT};
    if (len > 0 && poll(&room, 1, (int)left) > 0 && room.revents & (POLLERR | POLLHUP))
      return -ENODEV;
  }
  return 0;
}

int serial_set_rts(struct serial *serial, int on)
{
  return serial->set_lines(serial, on != 0, -1);
}

int serial_set_dtr(struct serial *serial, int on)
{
  return serial->set_lines(serial, -1, on != 0);
}

void serial_close(struct serial *serial)
{
  if (serial)
    serial->close(serial);
}
