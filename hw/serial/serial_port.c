/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real serial ports, built in or on USB, through libserialport. */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "hw/serial/serial_impl.h"

struct port {
  struct serial serial;
  struct sp_port *device;
  struct serial_lines rest;
};

/* The errno code behind a failed call. */
static int error_of(enum sp_return result)
{
  if (result == SP_ERR_FAIL)
    return sp_last_error_code() > 0 ? sp_last_error_code() : EIO;
  return result == SP_ERR_MEM ? ENOMEM : result == SP_ERR_SUPP ? EINVAL : ENOTTY;
}

/* A lost adapter lets reads return 0 for ever; asking for the number of waiting bytes fails with EIO. */
static int port_read(struct serial *serial, uint8_t *buf, size_t len)
{
  struct port *port = (struct port *)serial;
  int got = sp_nonblocking_read(port->device, buf, len);
  if (got > 0)
    return got;
  return got < 0 || sp_input_waiting(port->device) < 0 ? -ENODEV : 0;
}

static int port_write(struct serial *serial, const uint8_t *buf, size_t len)
{
  int taken = sp_nonblocking_write(((struct port *)serial)->device, buf, len);
  return taken < 0 ? -ENODEV : taken;
}

static int port_set_lines(struct serial *serial, int rts, int dtr)
{
  struct sp_port *device = ((struct port *)serial)->device;
  if (rts >= 0 && sp_set_rts(device, rts ? SP_RTS_ON : SP_RTS_OFF) != SP_OK)
    return -ENODEV;
  if (dtr >= 0 && sp_set_dtr(device, dtr ? SP_DTR_ON : SP_DTR_OFF) != SP_OK)
    return -ENODEV;
  return 0;
}

static void port_close(struct serial *serial)
{
  struct port *port = (struct port *)serial;
  port_set_lines(serial, port->rest.rts, port->rest.dtr);
  sp_close(port->device);
  sp_free_port(port->device);
  free(port);
}

/* HUPCL lets the kernel drop both lines at the last close, so also when this process is killed. */
static void set_hangup(int fd, int wanted)
{
  struct termios settings;
  if (tcgetattr(fd, &settings) != 0)
    return;
  settings.c_cflag = wanted ? settings.c_cflag | HUPCL : settings.c_cflag & ~(tcflag_t)HUPCL;
  tcsetattr(fd, TCSANOW, &settings);
}

static enum sp_return configure(struct sp_port *device, unsigned baud)
{
  enum sp_return result = sp_set_flowcontrol(device, SP_FLOWCONTROL_NONE);
  if (result == SP_OK)
    result = sp_set_baudrate(device, (int)baud);
  if (result == SP_OK)
    result = sp_set_bits(device, 8);
  if (result == SP_OK)
    result = sp_set_parity(device, SP_PARITY_NONE);
  if (result == SP_OK)
    result = sp_set_stopbits(device, 1);
  return result;
}

/* Opens the port a first time to see whether it is free, and puts its lines to rest even when it is not: the opening
 * has raised them.  (libserialport 0.1.2 has a lock too, but leaves the lines of a port in use raised; 0.1.1 has
 * none.) Returns a descriptor, or a negative errno code with err filled. */
static int claim(const char *path, const struct serial_lines *rest, char *err, size_t err_len)
{
  int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return serial_explain(errno, path, err, err_len);
  int high = (rest->rts ? TIOCM_RTS : 0) | (rest->dtr ? TIOCM_DTR : 0);
  int low = (TIOCM_RTS | TIOCM_DTR) & ~high;
  ioctl(fd, TIOCMBIC, &low);
  ioctl(fd, TIOCMBIS, &high);
  int error = serial_lock(fd, path, err, err_len);
  if (error) {
    close(fd);
    return error;
  }
  flock(fd, LOCK_UN);
  return fd;
}

/* Returns 0 or a negative errno code with err filled. */
static int lock_and_configure(struct port *port, const char *path, unsigned baud, char *err, size_t err_len)
{
  const struct serial_lines *rest = &port->rest;
  int error = port_set_lines(&port->serial, rest->rts, rest->dtr);
  if (error)
    return serial_explain(-error, path, err, err_len);
  error = serial_lock(port->serial.fd, path, err, err_len);
  if (error)
    return error;
  enum sp_return result = configure(port->device, baud);
  if (result != SP_OK)
    return serial_explain(error_of(result), path, err, err_len);
  /* Once more: the flow control of the last user, ended just now, may have moved them. */
  error = port_set_lines(&port->serial, rest->rts, rest->dtr);
  if (error)
    return serial_explain(-error, path, err, err_len);
  /* The lock above binds programs that ask for it; this one binds all but root's, and ends with the last close. */
  ioctl(port->serial.fd, TIOCEXCL);
  set_hangup(port->serial.fd, !rest->rts && !rest->dtr);
  return 0;
}

static int start_port(struct port *port, const char *path, unsigned baud, char *err, size_t err_len)
{
  /* Held open until the second opening, so that no closing in between moves the lines. */
  int claimed = claim(path, &port->rest, err, err_len);
  if (claimed < 0)
    return claimed;
  enum sp_return result = sp_open(port->device, SP_MODE_READ_WRITE);
  int error = result == SP_OK ? 0 : serial_explain(error_of(result), path, err, err_len);
  if (error == 0) {
    sp_get_port_handle(port->device, &port->serial.fd);
    error = lock_and_configure(port, path, baud, err, err_len);
    if (error)
      sp_close(port->device);
  }
  close(claimed);
  return error;
}

int serial_port_open(struct serial **out, const char *path, unsigned baud, const struct serial_lines *lines,
                     char *err, size_t err_len)
{
  if (baud == 0 || baud > INT_MAX)
    return serial_explain(EINVAL, path, err, err_len);
  struct port *port = calloc(1, sizeof *port);
  if (!port)
    return serial_explain(ENOMEM, path, err, err_len);
  port->rest = *lines;
  port->serial = (struct serial){.read = port_read,
                                 .write = port_write,
                                 .set_lines = port_set_lines,
                                 .close = port_close,
                                 .byte_us = 10 * 1000000 / baud};
  enum sp_return result = sp_get_port_by_name(path, &port->device);
  int error = result == SP_OK ? start_port(port, path, baud, err, err_len)
                              : serial_explain(error_of(result), path, err, err_len);
  if (error) {
    sp_free_port(port->device);
    free(port);
    return error;
  }
  *out = &port->serial;
  return 0;
}
