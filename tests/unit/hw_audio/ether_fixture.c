/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ether of the sound-side tests: starts, joins, waits with deadlines, cleans up. */
#include "ether_fixture.h"

#include "test_support.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "hw/modems.h"

struct ether_fixture {
  char folder[64], socket_path[96];
  struct mixer mixer;
  FILE *log;
  int ready[2], stop_fd;
  bool running;
  pthread_t thread;
  size_t modem_count;
  struct heard_modem modems[FIXTURE_MODEMS_MAX];
};

struct ether_fixture *fixture_new(double snr_db)
{
  struct ether_fixture *fixture = calloc(1, sizeof *fixture);
  struct noise seed;
  assert_non_null(fixture);
  random_start(&seed);
  strcpy(fixture->folder, "/tmp/ether-test-XXXXXX");
  assert_non_null(mkdtemp(fixture->folder));
  snprintf(fixture->socket_path, sizeof fixture->socket_path, "%s/socket", fixture->folder);
  fixture->log = tmpfile();
  assert_non_null(fixture->log);
  mixer_init(&fixture->mixer, snr_db, (uint64_t)(noise_uniform(&seed) * 1e15));
  return fixture;
}

void fixture_attenuate(struct ether_fixture *fixture, const char *a, const char *b, double db)
{
  assert_int_equal(mixer_attenuate(&fixture->mixer, a, b, db), 0);
}

static void *serve(void *arg)
{
  struct ether_fixture *fixture = arg;
  char err[200];
  const struct server_settings settings = {.socket_path = fixture->socket_path,
                                           .mixer = &fixture->mixer,
                                           .log = fixture->log,
                                           .ready_fd = fixture->ready[1],
                                           .stop_fd = fixture->stop_fd};
  if (server_run(&settings, err, sizeof err) != 0)
    fprintf(stderr, "%s\n", err);
  return NULL;
}

void fixture_start(struct ether_fixture *fixture)
{
  char line[8];
  fixture->stop_fd = eventfd(0, EFD_CLOEXEC);
  assert_int_equal(pipe(fixture->ready), 0);
  assert_int_equal(pthread_create(&fixture->thread, NULL, serve, fixture), 0);
  assert_int_equal(read(fixture->ready[0], line, sizeof line), 6);
  close(fixture->ready[0]);
  fixture->running = true;
}

void fixture_stop(struct ether_fixture *fixture)
{
  if (!fixture->running)
    return;
  uint64_t one = 1;
  assert_int_equal(write(fixture->stop_fd, &one, sizeof one), sizeof one);
  pthread_join(fixture->thread, NULL);
  close(fixture->stop_fd);
  fixture->running = false;
  assert_int_not_equal(access(fixture->socket_path, F_OK), 0);
}

void fixture_free(struct ether_fixture *fixture)
{
  for (size_t i = 0; i < fixture->modem_count; i++)
    modem_close(fixture->modems[i].modem);
  fixture_stop(fixture);
  fclose(fixture->log);
  rmdir(fixture->folder);
  free(fixture);
}

const char *fixture_socket(const struct ether_fixture *fixture)
{
  return fixture->socket_path;
}

static bool is_ready(const void *context)
{
  return ((const struct heard_modem *)context)->ready > 0;
}

struct heard_modem *fixture_modem(struct ether_fixture *fixture, const char *name)
{
  char audio[160], err[200];
  struct heard_modem *modem = &fixture->modems[fixture->modem_count];
  assert_true(fixture->modem_count < FIXTURE_MODEMS_MAX);
  snprintf(audio, sizeof audio, "ether:%s:%s", fixture->socket_path, name);
  const struct freedv_settings settings = {
      .audio = audio, .ptt = "none", .lead_ms = 20, .tail_ms = 20, .level_pct = ETHER_NOMINAL_LEVEL_PCT};
  if (freedv_modem_open(&modem->modem, &settings, err, sizeof err) != 0)
    fail_msg("%s", err);
  fixture->modem_count++;
  fixture_wait(fixture, is_ready, modem, "the modem to be ready");
  return modem;
}

static void take_events(struct heard_modem *modem)
{
  struct modem_event event;
  while (modem_next_event(modem->modem, &event)) {
    modem->ready += event.type == MODEM_EVENT_READY;
    modem->faults += event.type == MODEM_EVENT_FAULT;
    modem->sent += event.type == MODEM_EVENT_SENT;
    if (event.type == MODEM_EVENT_SENT)
      modem->keyed_us = event.keyed_us;
    if (event.type == MODEM_EVENT_CARRIER)
      modem->busy = event.busy;
    if (event.type == MODEM_EVENT_FRAME && modem->frame_count < FIXTURE_FRAMES_MAX)
      modem->frames[modem->frame_count++] = event;
  }
}

void fixture_wait(struct ether_fixture *fixture, bool (*done)(const void *context), const void *context,
                  const char *what)
{
  int64_t deadline_ms = clock_ms() + FIXTURE_DEADLINE_MS;
  struct pollfd fds[FIXTURE_MODEMS_MAX];
  for (;;) {
    for (size_t i = 0; i < fixture->modem_count; i++) {
      take_events(&fixture->modems[i]);
      fds[i] = (struct pollfd){.fd = modem_fd(fixture->modems[i].modem), .events = POLLIN};
    }
    if (done(context))
      return;
    if (clock_ms() > deadline_ms)
      fail_msg("waited in vain for %s", what);
    poll(fds, fixture->modem_count, 100);
  }
}

bool has_sent(const void *context)
{
  return ((const struct heard_modem *)context)->sent > 0;
}

bool has_frame(const void *context)
{
  return ((const struct heard_modem *)context)->frame_count > 0;
}

bool is_idle(const void *context)
{
  return !((const struct heard_modem *)context)->busy;
}

bool is_busy(const void *context)
{
  return ((const struct heard_modem *)context)->busy;
}

bool has_fault(const void *context)
{
  return ((const struct heard_modem *)context)->faults > 0;
}

bool is_ready_again(const void *context)
{
  return ((const struct heard_modem *)context)->ready > 1;
}

char *fixture_log(struct ether_fixture *fixture)
{
  fflush(fixture->log);
  long len = ftell(fixture->log);
  char *text = calloc(1, (size_t)len + 1);
  assert_non_null(text);
  assert_int_equal(pread(fileno(fixture->log), text, (size_t)len, 0), len);
  return text;
}

int fixture_connect(const struct ether_fixture *fixture)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  strcpy(address.sun_path, fixture->socket_path);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}
