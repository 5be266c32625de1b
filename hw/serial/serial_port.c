/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real serial ports, built in or on USB, through libserialport. */
#include <errno.h>
#include <libserialport.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

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

/* Returns 0 or a negative errno code with err filled. */
static int lock_and_configure(struct port *port, const char *path, unsigned baud, char *err, size_t err_len)
{
  const struct serial_lines *rest = &port->rest;
  /* Before all else, and even when the port turns out to be in use: this opening has raised the lines. */
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
  enum sp_return result = sp_open(port->device, SP_MODE_READ_WRITE);
  if (result != SP_OK)
    return serial_explain(error_of(result), path, err, err_len);
  sp_get_port_handle(port->device, &port->serial.fd);
  int error = lock_and_configure(port, path, baud, err, err_len);
  if (error)
    sp_close(port->device);
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
