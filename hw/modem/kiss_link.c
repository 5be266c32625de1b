/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens, reads and writes the serial port or TCP connection between a KISS modem and its TNC. */
#include "hw/modem/kiss_link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hw/clock.h"
#include "hw/serial.h"

#define CONNECT_TIMEOUT_MS 10000
#define STOP_POLL_MS 100

/* A TNC host that loses power says nothing: probes find it out within a minute, unanswered data sooner. */
enum { KEEPALIVE_IDLE_S = 20, KEEPALIVE_INTERVAL_S = 10, KEEPALIVE_COUNT = 3, USER_TIMEOUT_MS = 20000 };

struct host_port {
  char host[256];
  char port[6];
};

static int is_tcp(const char *device)
{
  return strncmp(device, "tcp:", 4) == 0;
}

/* Splits "tcp:HOST:PORT"; the host may be an IPv6 address, in brackets or not.  Returns 0 or -EINVAL. */
static int split_tcp(struct host_port *out, const char *device)
{
  const char *host = device + 4, *colon = strrchr(host, ':');
  if (!colon || colon == host)
    return -EINVAL;
  size_t len = (size_t)(colon - host);
  if (host[0] == '[' && colon[-1] == ']') {
    host++;
    len -= 2;
  }
  char *end;
  unsigned long port = strtoul(colon + 1, &end, 10);
  if (len == 0 || len >= sizeof out->host || colon[1] < '0' || colon[1] > '9' || *end || port == 0 || port > 65535)
    return -EINVAL;
  memcpy(out->host, host, len);
  out->host[len] = '\0';
  snprintf(out->port, sizeof out->port, "%lu", port);
  return 0;
}

int kiss_link_check(const char *device, char *err, size_t err_len)
{
  struct host_port where;
  if (!device || !*device) {
    snprintf(err, err_len, "no device is named: write a serial port such as /dev/ttyUSB0, or tcp:HOST:PORT");
    return -EINVAL;
  }
  if (is_tcp(device) && split_tcp(&where, device) != 0) {
    snprintf(err, err_len, "%s: not a TCP address: write tcp:HOST:PORT, such as tcp:127.0.0.1:8001", device);
    return -EINVAL;
  }
  return 0;
}

static int open_serial(struct kiss_link *link, const char *device, unsigned baud, char *err, size_t err_len)
{
  int error = serial_open(&link->serial, device, baud, err, err_len);
  if (error)
    return error;
  link->fd = serial_fd(link->serial);
  link->byte_us = serial_byte_us(link->serial);
  return 0;
}

/* Waits until fd is connected.  Returns 0 or a negative errno code. */
static int wait_connected(int fd, const struct kiss_link_stop *stop)
{
  for (int waited_ms = 0; waited_ms < CONNECT_TIMEOUT_MS; waited_ms += STOP_POLL_MS) {
    struct pollfd done = {.fd = fd, .events = POLLOUT};
    if (poll(&done, 1, STOP_POLL_MS) > 0) {
      int error = 0;
      socklen_t len = sizeof error;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
      return -error;
    }
    if (stop->asked(stop->context))
      return -ECANCELED;
  }
  return -ETIMEDOUT;
}

/* A refused option costs only speed of noticing: no error. */
static void set_options(int fd)
{
  static const struct {
    int level, name, value;
  } options[] = {
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
      {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
      {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
  };
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

static int connect_one(struct kiss_link *link, const struct addrinfo *address, const struct kiss_link_stop *stop)
{
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  set_options(fd);
  int error = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : -errno;
  if (error == -EINPROGRESS)
    error = wait_connected(fd, stop);
  if (error)
    close(fd);
  else
    link->fd = fd;
  return error;
}

/* Asking a name server may take its time; only this modem's thread waits. */
static int open_tcp(struct kiss_link *link, const char *device, const struct kiss_link_stop *stop, char *err,
                    size_t err_len)
{
  struct host_port where;
  struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  int error = split_tcp(&where, device);
  if (error)
    return kiss_link_check(device, err, err_len);
  int failure = getaddrinfo(where.host, where.port, &hints, &found);
  if (failure) {
    snprintf(err, err_len, "%s: the host is not found (%s): correct the name or write its IP address", device,
             gai_strerror(failure));
    return -ENXIO;
  }
  error = -ENXIO;
  for (const struct addrinfo *a = found; a && error && error != -ECANCELED; a = a->ai_next)
    error = connect_one(link, a, stop);
  freeaddrinfo(found);
  if (error)
    snprintf(err, err_len, "%s: no connection (%s): start the TNC program there, or correct the address", device,
             strerror(-error));
  return error;
}

int kiss_link_open(struct kiss_link *link, const char *device, unsigned baud, const struct kiss_link_stop *stop,
                   char *err, size_t err_len)
{
  *link = (struct kiss_link){.fd = -1};
  if (is_tcp(device))
    return open_tcp(link, device, stop, err, err_len);
  return open_serial(link, device, baud, err, err_len);
}

int kiss_link_read(struct kiss_link *link, uint8_t *buf, size_t len)
{
  if (link->serial)
    return serial_read(link->serial, buf, len);
  ssize_t got = recv(link->fd, buf, len, 0);
  if (got > 0)
    return (int)got;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -ENODEV;
}

static int write_tcp(int fd, const uint8_t *buf, size_t len, int timeout_ms)
{
  int64_t deadline = clock_now_ms() + timeout_ms;
  while (len > 0) {
    ssize_t taken = send(fd, buf, len, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN && errno != EINTR)
      return -ENODEV;
    if (taken > 0) {
      buf += taken;
      len -= (size_t)taken;
      continue;
    }
    int64_t left = deadline - clock_now_ms();
    if (left <= 0)
      return -ETIMEDOUT;
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    poll(&room, 1, (int)left);
  }
  return 0;
}

int kiss_link_write(struct kiss_link *link, const uint8_t *buf, size_t len, int timeout_ms)
{
  if (link->serial)
    return serial_write(link->serial, buf, len, timeout_ms);
  return write_tcp(link->fd, buf, len, timeout_ms);
}

void kiss_link_close(struct kiss_link *link)
{
  if (link->serial)
    serial_close(link->serial);
  else if (link->fd >= 0)
    close(link->fd);
  *link = (struct kiss_link){.fd = -1};
}
