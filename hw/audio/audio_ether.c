/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the simulator's ether, so that a daemon without any radio talks to others through its real modem. */
#include "hw/audio/audio_impl.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hw/audio/ether_wire.h"

#define WELCOME_TIMEOUT_MS 3000
#define WRITE_TIMEOUT_MS 5000 /* 2 s of queue must have moved by then, else the ether hangs */
#define RECEIVE_RING_LEN                                                                                             \
  16000u /* samples that wait for audio_read while the caller only writes: as long as the queue */

struct ether {
  struct audio base;
  int fd;
  bool lost; /* samples are missing: the next read says so */
  bool synced;
  uint32_t sequence; /* of the next block */
  uint32_t written, played;
  uint32_t head, tail; /* of ring; they count on, modulo 2^32 */
  int16_t ring[RECEIVE_RING_LEN];
};

static int64_t clock_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns 1 when readable, 0 after timeout_ms, or -ENODEV. */
static int wait_readable(const struct ether *ether, int timeout_ms)
{
  struct pollfd poll_fd = {.fd = ether->fd, .events = POLLIN};
  int n = poll(&poll_fd, 1, timeout_ms);
  if (n < 0)
    return errno == EINTR ? 0 : -ENODEV;
  return n;
}

static void ring_put(struct ether *ether, const int16_t *samples, size_t len)
{
  for (size_t i = 0; i < len; i++)
    ether->ring[ether->head++ % RECEIVE_RING_LEN] = samples[i];
  if (ether->head - ether->tail > RECEIVE_RING_LEN) {
    ether->tail = ether->head - RECEIVE_RING_LEN;
    ether->lost = true;
  }
}

static size_t ring_take(struct ether *ether, int16_t *samples, size_t len)
{
  size_t n = 0;
  while (n < len && ether->tail != ether->head)
    samples[n++] = ether->ring[ether->tail++ % RECEIVE_RING_LEN];
  return n;
}

/* Takes one block from the socket.  Returns 1, 0 when none waits, or -ENODEV when the ether is gone. */
static int receive_block(struct ether *ether)
{
  struct ether_block block;
  ssize_t n = recv(ether->fd, &block, sizeof block, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  if (n != (ssize_t)sizeof block)
    return -ENODEV;
  if (ether->synced && block.sequence != ether->sequence)
    ether->lost = true;
  ether->synced = true;
  ether->sequence = block.sequence + 1;
  ether->played = block.played;
  ring_put(ether, block.samples, ETHER_BLOCK_SAMPLES);
  return 1;
}

static int receive_all(struct ether *ether)
{
  int n;
  do
    n = receive_block(ether);
  while (n > 0);
  return n;
}

static int ether_read(struct audio *audio, int16_t *samples, size_t len, int timeout_ms)
{
  struct ether *ether = (struct ether *)audio;
  if (ether->head == ether->tail && wait_readable(ether, timeout_ms) < 0)
    return -ENODEV;
  /* Only as much as the caller wants: the rest stays in the socket, where it tells the ether that we lag. */
  while (ether->head - ether->tail < len) {
    int n = receive_block(ether);
    if (n < 0)
      return n;
    if (n == 0)
      break;
  }
  if (ether->lost) {
    ether->lost = false;
    return -EPIPE;
  }
  return (int)ring_take(ether, samples, len);
}

static int ether_pending(struct audio *audio)
{
  struct ether *ether = (struct ether *)audio;
  int error = receive_all(ether);
  return error ? error : (int)(ether->written - ether->played);
}

/* Waits until len more samples fit the window.  Returns 0, -ETIMEDOUT or -ENODEV. */
static int wait_window(struct ether *ether, size_t len)
{
  int64_t deadline = clock_ms() + WRITE_TIMEOUT_MS;
  for (;;) {
    int pending = ether_pending(&ether->base);
    if (pending < 0)
      return pending;
    if ((size_t)pending + len <= ETHER_TX_WINDOW)
      return 0;
    int64_t left = deadline - clock_ms();
    if (left <= 0)
      return -ETIMEDOUT;
    int error = wait_readable(ether, (int)left);
    if (error < 0)
      return error;
  }
}

static int send_message(struct ether *ether, const void *message, size_t len)
{
  struct pollfd poll_fd = {.fd = ether->fd, .events = POLLOUT};
  for (;;) {
    if (send(ether->fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len)
      return 0;
    if (errno != EAGAIN && errno != EINTR)
      return -ENODEV;
    if (poll(&poll_fd, 1, WRITE_TIMEOUT_MS) == 0)
      return -ETIMEDOUT;
  }
}

static int ether_write(struct audio *audio, const int16_t *samples, size_t len)
{
  struct ether *ether = (struct ether *)audio;
  struct ether_tx tx = {.type = ETHER_TX_SAMPLES};
  while (len > 0) {
    size_t n = len < ETHER_TX_SAMPLES_MAX ? len : ETHER_TX_SAMPLES_MAX;
    int error = wait_window(ether, n);
    if (error)
      return error;
    memcpy(tx.samples, samples, n * sizeof samples[0]);
    error = send_message(ether, &tx, offsetof(struct ether_tx, samples) + n * sizeof samples[0]);
    if (error)
      return error;
    ether->written += (uint32_t)n;
    samples += n;
    len -= n;
  }
  return 0;
}

static void ether_flush(struct audio *audio)
{
  struct ether *ether = (struct ether *)audio;
  uint32_t type = ETHER_TX_FLUSH;
  (void)send_message(ether, &type, sizeof type); /* a lost ether shows at the next read */
}

static void ether_close(struct audio *audio)
{
  struct ether *ether = (struct ether *)audio;
  close(ether->fd);
  free(ether);
}

static const struct audio_ops ether_ops = {ether_read, ether_write, ether_pending, ether_flush, ether_close};

/* Splits PATH:NAME, where only the path may contain colons.  Returns 0 or -EINVAL with err filled. */
static int ether_parse(const char *spec, struct sockaddr_un *address, char *name, char *err, size_t err_len)
{
  const char *colon = strrchr(spec, ':');
  size_t path_len = colon ? (size_t)(colon - spec) : 0;
  size_t name_len = colon ? strlen(colon + 1) : 0;
  if (path_len == 0 || name_len == 0)
    return audio_fail(-EINVAL, err, err_len, "sound device \"ether:%.60s\": write ether:PATH:NAME", spec);
  if (path_len >= sizeof address->sun_path)
    return audio_fail(-EINVAL, err, err_len, "sound device ether: the socket path is longer than %zu characters",
                      sizeof address->sun_path - 1);
  if (name_len >= ETHER_NAME_MAX)
    return audio_fail(-EINVAL, err, err_len, "sound device ether: the station name is longer than %d characters",
                      ETHER_NAME_MAX - 1);
  for (const char *p = colon + 1; *p; p++) {
    if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
      return audio_fail(-EINVAL, err, err_len,
                        "sound device ether: station name \"%s\" may hold only letters, digits, - and _", colon + 1);
  }
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path, spec, path_len);
  memcpy(name, colon + 1, name_len + 1);
  return 0;
}

int audio_ether_check(const char *spec, char *err, size_t err_len)
{
  struct sockaddr_un address;
  char name[ETHER_NAME_MAX];
  return ether_parse(spec, &address, name, err, err_len);
}

/* Returns 0, or what the ether has against us. */
static int introduce(struct ether *ether, const char *name)
{
  struct ether_hello hello = {.magic = ETHER_MAGIC};
  memcpy(hello.name, name, strlen(name));
  int error = send_message(ether, &hello, sizeof hello);
  if (error)
    return error;
  int n = wait_readable(ether, WELCOME_TIMEOUT_MS);
  if (n <= 0)
    return n ? n : -ETIMEDOUT;
  struct ether_welcome welcome;
  if (recv(ether->fd, &welcome, sizeof welcome, MSG_DONTWAIT) != (ssize_t)sizeof welcome)
    return -ENODEV;
  return welcome.magic == ETHER_MAGIC ? welcome.error : -EPROTO;
}

int audio_ether_open(struct audio **out, const char *spec, char *err, size_t err_len)
{
  struct sockaddr_un address;
  char name[ETHER_NAME_MAX] = "";
  int error = ether_parse(spec, &address, name, err, err_len);
  if (error)
    return error;
  struct ether *ether = calloc(1, sizeof *ether);
  if (!ether)
    return audio_fail(-ENOMEM, err, err_len, "sound device ether: out of memory");
  ether->base.ops = &ether_ops;
  ether->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (ether->fd < 0 || connect(ether->fd, (struct sockaddr *)&address, sizeof address) != 0)
    error = -errno;
  else
    error = introduce(ether, name);
  if (error == 0) {
    *out = &ether->base;
    return 0;
  }
  if (ether->fd >= 0)
    close(ether->fd);
  free(ether);
  if (error == -EADDRINUSE)
    return audio_fail(error, err, err_len, "sound device ether: another station has joined as \"%s\" already", name);
  return audio_fail(error == -ENOENT || error == -ECONNREFUSED ? -ENODEV : error, err, err_len,
                    "sound device ether: cannot join at %.60s (%s): is the ether running?", address.sun_path,
                    strerror(-error));
}
