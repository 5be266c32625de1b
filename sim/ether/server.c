/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets daemons talk over the simulated air in real time, each at its own pace and none at the cost of the others. */
#include "sim/ether/server.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_NS 20000000
#define HELLO_TIMEOUT_NS 3000000000
#define MESSAGES_AT_ONCE 16 /* read from one station before the others get their turn */

/* Samples that a station has not read yet wait in the socket.  On an overloaded host the ether waits once half of
 * this is full (2 s) rather than let samples fall out; but only for HOLD_NS without progress: then the station counts
 * as stopped and the others go on.  A block takes about 1,280 bytes of socket memory. */
#define SOCKET_BYTES 131072 /* the kernel doubles it */
#define HOLD_NS 500000000

#define LATE_MAX_NS 1000000000 /* later than this, the ether's clock is set back instead of hurrying */

struct client {
  int fd;      /* -1: free */
  int station; /* -1: no hello yet */
  int64_t since_ns;
  uint32_t sequence;
  bool stalled;
};

struct server {
  const struct server_settings *settings;
  int listen_fd;
  struct client clients[MIXER_STATIONS_MAX];
  int64_t block_ns; /* when the next block is due */
  int64_t hold_ns;  /* since when it waits for a station; 0: it does not */
};

static int64_t clock_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int fail(int error, char *err, size_t err_len, const char *format, ...) __attribute__((format(printf, 4, 5)));
static int fail(int error, char *err, size_t err_len, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return error;
}

static void note(const struct server *server, const struct client *client, const char *text)
{
  FILE *notes = server->settings->notes;
  if (!notes)
    return;
  const char *name = client->station < 0 ? "(nameless)" : server->settings->mixer->stations[client->station].name;
  fprintf(notes, "ether: %s %s\n", name, text);
  fflush(notes);
}

static void log_event(void *context, const struct mixer_event *event)
{
  FILE *log = context;
  fprintf(log, "{\"t_ms\":%lld,\"station\":\"%s\",\"event\":\"%s\",\"samples\":%u,\"collision\":%s}\n",
          (long long)event->t_ms, event->station, event->key ? "key" : "unkey", (unsigned)event->samples,
          event->collision ? "true" : "false");
  fflush(log);
}

static void drop(struct server *server, struct client *client, const char *why)
{
  if (why)
    note(server, client, why);
  if (client->station >= 0)
    mixer_leave(server->settings->mixer, client->station);
  close(client->fd);
  *client = (struct client){.fd = -1, .station = -1};
}

/* Returns NULL, or why the client must go. */
static const char *take_hello(struct server *server, struct client *client, const void *message, size_t len)
{
  struct ether_hello hello;
  if (len != sizeof hello)
    return "dropped: its first message is no hello";
  memcpy(&hello, message, sizeof hello);
  if (hello.magic != ETHER_MAGIC)
    return "dropped: it speaks another version";
  int station = mixer_join(server->settings->mixer, hello.name);
  struct ether_welcome welcome = {.magic = ETHER_MAGIC, .error = station < 0 ? station : 0};
  if (send(client->fd, &welcome, sizeof welcome, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return "dropped: gone before its welcome";
  if (station < 0)
    return "dropped: the name is taken or bad, or the ether is full";
  client->station = station;
  note(server, client, "joined");
  return NULL;
}

static const char *take_samples(struct server *server, struct client *client, const struct ether_tx *tx, size_t len)
{
  size_t header = offsetof(struct ether_tx, samples);
  if (len == header && tx->type == ETHER_TX_FLUSH) {
    mixer_flush(server->settings->mixer, client->station);
    return NULL;
  }
  if (len <= header || len > sizeof *tx || len % sizeof tx->samples[0] || tx->type != ETHER_TX_SAMPLES)
    return "dropped: it sent garbage";
  size_t samples = (len - header) / sizeof tx->samples[0];
  if (mixer_queue(server->settings->mixer, client->station, tx->samples, samples) != 0)
    return "dropped: it sent more than its window";
  return NULL;
}

static void serve_client(struct server *server, struct client *client)
{
  for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
    struct ether_tx tx;
    ssize_t n = recv(client->fd, &tx, sizeof tx, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n <= 0) {
      drop(server, client, client->station < 0 ? NULL : "left");
      return;
    }
    const char *why = client->station < 0 ? take_hello(server, client, &tx, (size_t)n)
                                          : take_samples(server, client, &tx, (size_t)n);
    if (why) {
      drop(server, client, why);
      return;
    }
  }
}

static void accept_client(struct server *server)
{
  int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    return;
  int bytes = SOCKET_BYTES;
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (server->clients[i].fd < 0) {
      server->clients[i] = (struct client){.fd = fd, .station = -1, .since_ns = clock_ns()};
      return;
    }
  }
  close(fd);
}

/* Whether the station has left more than half of its socket unread. */
static bool lags(const struct client *client)
{
  int bytes = 0;
  return ioctl(client->fd, SIOCOUTQ, &bytes) == 0 && bytes > SOCKET_BYTES;
}

/* Whether the next block must wait for a station that lags. */
static bool must_hold(struct server *server, int64_t now_ns)
{
  bool hold = false;
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    struct client *client = &server->clients[i];
    if (client->fd < 0 || client->station < 0)
      continue;
    if (!lags(client)) {
      client->stalled = false;
    } else if (!client->stalled && server->hold_ns && now_ns - server->hold_ns > HOLD_NS) {
      client->stalled = true;
      note(server, client, "has stopped listening: the others go on");
    } else if (!client->stalled) {
      hold = true;
    }
  }
  if (!hold)
    server->hold_ns = 0;
  else if (!server->hold_ns)
    server->hold_ns = now_ns;
  return hold;
}

static void send_block(struct server *server, struct client *client)
{
  const struct mixer_station *station = &server->settings->mixer->stations[client->station];
  struct ether_block block = {.sequence = client->sequence++, .played = station->played};
  memcpy(block.samples, station->heard, sizeof block.samples);
  if (send(client->fd, &block, sizeof block, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN && errno != EINTR)
    drop(server, client, "left");
}

static void next_block(struct server *server, int64_t now_ns)
{
  mixer_block(server->settings->mixer);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    struct client *client = &server->clients[i];
    if (client->fd >= 0 && client->station >= 0)
      send_block(server, client);
    else if (client->fd >= 0 && now_ns - client->since_ns > HELLO_TIMEOUT_NS)
      drop(server, client, "dropped: it said no hello");
  }
  server->block_ns += BLOCK_NS;
  if (now_ns - server->block_ns > LATE_MAX_NS)
    server->block_ns = now_ns;
}

/* Waits for the next block's time or a socket.  Returns 0 when told to stop, else 1. */
static int serve_sockets(struct server *server, int64_t timeout_ns)
{
  struct pollfd fds[MIXER_STATIONS_MAX + 2];
  struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
  for (int i = 0; i < MIXER_STATIONS_MAX; i++)
    fds[i] = (struct pollfd){.fd = server->clients[i].fd, .events = POLLIN};
  fds[MIXER_STATIONS_MAX] = (struct pollfd){.fd = server->listen_fd, .events = POLLIN};
  fds[MIXER_STATIONS_MAX + 1] = (struct pollfd){.fd = server->settings->stop_fd, .events = POLLIN};
  if (ppoll(fds, MIXER_STATIONS_MAX + 2, &timeout, NULL) <= 0)
    return 1;
  /* Those who left first, so that a daemon that starts again finds its name free. */
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (fds[i].revents)
      serve_client(server, &server->clients[i]);
  }
  if (fds[MIXER_STATIONS_MAX].revents)
    accept_client(server);
  return fds[MIXER_STATIONS_MAX + 1].revents ? 0 : 1;
}

static void serve(struct server *server)
{
  int64_t wait_ns = 0;
  server->block_ns = clock_ns() + BLOCK_NS;
  while (serve_sockets(server, wait_ns > 0 ? wait_ns : 0)) {
    int64_t now_ns = clock_ns();
    if (now_ns >= server->block_ns && must_hold(server, now_ns)) {
      wait_ns = BLOCK_NS / 4;
      continue;
    }
    if (now_ns >= server->block_ns)
      next_block(server, now_ns);
    wait_ns = server->block_ns - now_ns;
  }
}

/* Binds the socket; one that a dead ether has left is replaced. */
static int open_socket(const char *path, int *out, char *err, size_t err_len)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) == 0 || strlen(path) >= sizeof address.sun_path)
    return fail(-EINVAL, err, err_len, "ether: the socket path must have 1 to %zu characters",
                sizeof address.sun_path - 1);
  strcpy(address.sun_path, path);
  struct stat status;
  bool exists = lstat(path, &status) == 0;
  if (exists && !S_ISSOCK(status.st_mode))
    return fail(-EEXIST, err, err_len, "ether: %s exists and is no socket: choose another path", path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail(-errno, err, err_len, "ether: no socket: %s", strerror(errno));
  if (exists && (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN)) {
    close(fd);
    return fail(-EADDRINUSE, err, err_len, "ether: another ether serves %s: stop it or choose another path", path);
  }
  if (exists)
    unlink(path);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, MIXER_STATIONS_MAX) != 0) {
    int error = -errno;
    close(fd);
    return fail(error, err, err_len, "ether: cannot serve %s: %s", path, strerror(-error));
  }
  *out = fd;
  return 0;
}

static void tell_ready(int fd)
{
  if (fd < 0)
    return;
  (void)!write(fd, "ready\n", 6);
  close(fd);
}

int server_run(const struct server_settings *settings, char *err, size_t err_len)
{
  struct server server = {.settings = settings};
  int error = open_socket(settings->socket_path, &server.listen_fd, err, err_len);
  if (error)
    return error;
  for (int i = 0; i < MIXER_STATIONS_MAX; i++)
    server.clients[i] = (struct client){.fd = -1, .station = -1};
  settings->mixer->on_event = settings->log ? log_event : NULL;
  settings->mixer->context = settings->log;
  tell_ready(settings->ready_fd);
  serve(&server);
  unlink(settings->socket_path);
  for (int i = 0; i < MIXER_STATIONS_MAX; i++) {
    if (server.clients[i].fd >= 0)
      drop(&server, &server.clients[i], NULL);
  }
  close(server.listen_fd);
  return 0;
}
