/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Soft modems and worse guests on the real-time ether. */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "ether_fixture.h"
#include "hw/audio.h"

enum { DATAC0, DATAC3 };

static bool has_opened_four_times(const void *context)
{
  return ((const struct heard_modem *)context)->ready >= 4;
}

static void send_burst(struct heard_modem *modem, unsigned mode, uint8_t first, size_t len)
{
  uint8_t bytes[MODEM_BURST_MAX];
  memset(bytes, first, sizeof bytes);
  bytes[0] = 0;
  assert_int_equal(modem_send(modem->modem, mode, bytes, len), 0);
}

static void assert_first_frame(const struct heard_modem *modem, unsigned mode, uint8_t first, size_t len)
{
  const struct modem_event *frame = &modem->frames[0];
  assert_int_equal(modem->frame_count, 1);
  assert_int_equal(frame->mode, mode);
  assert_true(frame->len >= len);
  assert_int_equal(frame->bytes[0], 0);
  for (size_t i = 1; i < frame->len; i++)
    assert_int_equal(frame->bytes[i], i < len ? first : 0);
}

static void burst_reaches_all_others_and_not_its_sender(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  struct heard_modem *c = fixture_modem(fixture, "C");
  send_burst(a, DATAC0, 0x5a, 20);
  fixture_wait(fixture, is_busy, b, "B's carrier detection");
  fixture_wait(fixture, has_frame, b, "the burst at B");
  fixture_wait(fixture, has_frame, c, "the burst at C");
  fixture_wait(fixture, has_sent, a, "the end of A's burst");
  fixture_wait(fixture, is_idle, b, "B's carrier detection to end");
  assert_first_frame(b, DATAC0, 0x5a, 20);
  assert_first_frame(c, DATAC0, 0x5a, 20);
  assert_int_equal(a->frame_count, 0);
  const struct modem_mode *modes;
  assert_int_equal(modem_modes(a->modem, &modes), 2);
  assert_int_equal(a->keyed_us, modem_mode_airtime_us(&modes[DATAC0], 20));
  char *log = fixture_log(fixture);
  char expected[64];
  snprintf(expected, sizeof expected, "\"event\":\"unkey\",\"samples\":%u", (unsigned)(a->keyed_us / 125));
  assert_non_null(strstr(log, expected));
  free(log);
  fixture_free(fixture);
}

static void both_modes_pass_both_ways(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(5);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  send_burst(a, DATAC3, 0x11, 126);
  fixture_wait(fixture, has_frame, b, "the burst at B");
  fixture_wait(fixture, has_sent, a, "the end of A's burst");
  fixture_wait(fixture, is_idle, b, "the channel to be free");
  assert_first_frame(b, DATAC3, 0x11, 126);
  send_burst(b, DATAC0, 0x22, 1);
  fixture_wait(fixture, has_frame, a, "the answer at A");
  assert_first_frame(a, DATAC0, 0x22, 1);
  fixture_free(fixture);
}

static void collision_destroys_both_bursts(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(10);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  struct heard_modem *c = fixture_modem(fixture, "C");
  send_burst(a, DATAC0, 1, 14);
  send_burst(b, DATAC0, 2, 14);
  fixture_wait(fixture, has_sent, a, "the end of A's burst");
  fixture_wait(fixture, has_sent, b, "the end of B's burst");
  fixture_wait(fixture, is_idle, c, "the channel to be free");
  assert_int_equal(a->frame_count + b->frame_count + c->frame_count, 0);
  char *log = fixture_log(fixture);
  assert_non_null(strstr(log, "\"station\":\"A\",\"event\":\"unkey\",\"samples\":5280,\"collision\":true"));
  assert_non_null(strstr(log, "\"station\":\"B\",\"event\":\"unkey\",\"samples\":5280,\"collision\":true"));
  free(log);
  fixture_free(fixture);
}

static void burst_over_a_lossy_path_is_heard_only_on_the_good_one(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(10);
  fixture_attenuate(fixture, "A", "C", 60);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  struct heard_modem *c = fixture_modem(fixture, "C");
  send_burst(a, DATAC0, 3, 14);
  fixture_wait(fixture, has_frame, b, "the burst at B");
  fixture_wait(fixture, is_idle, b, "B's carrier detection to end");
  assert_int_equal(c->frame_count, 0);
  assert_false(c->busy);
  send_burst(b, DATAC0, 4, 14);
  fixture_wait(fixture, has_frame, c, "B's burst at C");
  fixture_wait(fixture, has_frame, a, "B's burst at A");
  fixture_free(fixture);
}

static int join_raw(const struct ether_fixture *fixture, const char *name)
{
  struct ether_hello hello = {.magic = ETHER_MAGIC};
  struct ether_welcome welcome;
  int fd = fixture_connect(fixture);
  strcpy(hello.name, name);
  assert_int_equal(send(fd, &hello, sizeof hello, 0), sizeof hello);
  assert_int_equal(recv(fd, &welcome, sizeof welcome, 0), sizeof welcome);
  assert_int_equal(welcome.error, 0);
  return fd;
}

/* It joins and never reads; its socket is full after 4 s, its lag is noticed after 2 s. */
static void stopped_station_does_not_stall_the_others(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  int stopped = join_raw(fixture, "stopped");
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  send_burst(a, DATAC3, 7, 252); /* 6.6 s */
  fixture_wait(fixture, has_frame, b, "the burst at B");
  assert_first_frame(b, DATAC3, 7, 252);
  close(stopped);
  fixture_free(fixture);
}

static void wait_dropped(int fd)
{
  struct ether_block block;
  ssize_t n;
  do
    n = recv(fd, &block, sizeof block, 0);
  while (n > 0);
  close(fd);
}

static void send_raw(int fd, const void *message, size_t len)
{
  (void)!send(fd, message, len, MSG_NOSIGNAL);
}

static void garbage_gets_its_sender_dropped(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  struct noise random;
  random_start(&random);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  for (int i = 0; i < 200; i++) {
    uint8_t junk[2000];
    size_t len = 1 + random_below(&random, sizeof junk - 1);
    for (size_t k = 0; k < len; k++)
      junk[k] = (uint8_t)random_below(&random, 256);
    int fd = i & 1 ? join_raw(fixture, "junk") : fixture_connect(fixture);
    if (i & 2 && len >= 4)
      memcpy(junk, &(uint32_t){ETHER_TX_SAMPLES}, 4);
    if (i & 2)
      len |= 1; /* no whole number of samples */
    send_raw(fd, junk, len);
    wait_dropped(fd);
  }
  struct ether_hello hello = {.magic = ETHER_MAGIC};
  memset(hello.name, 'x', sizeof hello.name);
  int fd = fixture_connect(fixture);
  send_raw(fd, &hello, sizeof hello);
  wait_dropped(fd);
  send_burst(a, DATAC0, 1, 14);
  fixture_wait(fixture, has_sent, a, "A to go on");
  fixture_free(fixture);
}

static void station_that_floods_its_queue_is_dropped(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  int fd = join_raw(fixture, "flood");
  struct ether_tx tx = {.type = ETHER_TX_SAMPLES};
  for (int i = 0; i < 60; i++)
    send_raw(fd, &tx, sizeof tx);
  wait_dropped(fd);
  fixture_free(fixture);
}

static void name_that_is_taken_is_refused(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  struct audio *audio = NULL;
  char spec[160], err[200];
  fixture_start(fixture);
  fixture_modem(fixture, "A");
  snprintf(spec, sizeof spec, "ether:%s:A", fixture_socket(fixture));
  assert_int_equal(audio_open(&audio, spec, err, sizeof err), -EADDRINUSE);
  assert_non_null(strstr(err, "already"));
  fixture_free(fixture);
}

static void modem_comes_back_with_the_ether(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  uint8_t bytes[14] = {0};
  fixture_stop(fixture);
  fixture_wait(fixture, has_fault, a, "the fault");
  assert_int_equal(modem_send(a->modem, DATAC0, bytes, sizeof bytes), -ENODEV);
  fixture_start(fixture);
  fixture_wait(fixture, is_ready_again, a, "the modem to come back");
  send_burst(a, DATAC0, 1, 14);
  fixture_wait(fixture, has_sent, a, "the end of A's burst");
  assert_int_equal(a->faults, 1);
  fixture_free(fixture);
}

/* An ether that lets everybody in and throws them out at once, until told to stop. */
struct fickle_ether {
  int fd, stop[2];
};

static void *be_fickle(void *arg)
{
  struct fickle_ether *ether = arg;
  struct pollfd ready[2] = {{.fd = ether->fd, .events = POLLIN}, {.fd = ether->stop[0], .events = POLLIN}};
  while (poll(ready, 2, -1) > 0 && !ready[1].revents) {
    struct ether_hello hello;
    struct ether_welcome welcome = {.magic = ETHER_MAGIC};
    int guest = accept(ether->fd, NULL, NULL);
    if (recv(guest, &hello, sizeof hello, 0) > 0)
      send(guest, &welcome, sizeof welcome, MSG_NOSIGNAL);
    close(guest);
  }
  return NULL;
}

/* Each opening and each failure is a line in the log of the post. */
static void device_that_fails_at_once_is_tried_less_and_less(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8); /* for its folder */
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct fickle_ether ether = {.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  pthread_t thread;
  strcpy(address.sun_path, fixture_socket(fixture));
  assert_int_equal(bind(ether.fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(ether.fd, 8), 0);
  assert_int_equal(pipe(ether.stop), 0);
  assert_int_equal(pthread_create(&thread, NULL, be_fickle, &ether), 0);
  struct heard_modem *a = fixture_modem(fixture, "A");
  int64_t first_ms = clock_ms();
  fixture_wait(fixture, has_opened_four_times, a, "the device to open four times");
  assert_true(clock_ms() - first_ms >= 3000); /* 0.5, 1 and 2 s */
  close(ether.stop[1]);
  pthread_join(thread, NULL);
  close(ether.stop[0]);
  close(ether.fd);
  unlink(address.sun_path);
  fixture_free(fixture);
}

static void burst_in_flight_ends_with_the_fault(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  send_burst(a, DATAC3, 1, 1008);
  fixture_wait(fixture, is_busy, b, "A to be on the air");
  fixture_stop(fixture);
  fixture_wait(fixture, has_fault, a, "the fault");
  assert_int_equal(a->sent, 0);
  fixture_free(fixture);
}

static void closing_a_modem_ends_its_transmission(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  struct heard_modem *b = fixture_modem(fixture, "B");
  struct heard_modem *a = fixture_modem(fixture, "A"); /* the last, so that it can go */
  send_burst(a, DATAC3, 1, 1008);
  fixture_wait(fixture, is_busy, b, "A to be on the air");
  modem_close(a->modem);
  a->modem = NULL;
  fixture_stop(fixture);
  char *log = fixture_log(fixture);
  assert_non_null(strstr(log, "\"station\":\"A\",\"event\":\"unkey\""));
  free(log);
  fixture_free(fixture);
}

/* The burst lasts half a minute; another modem's device may take as long to close. */
static void stopping_a_modem_unkeys_before_it_is_closed(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  fixture_start(fixture);
  struct heard_modem *a = fixture_modem(fixture, "A");
  struct heard_modem *b = fixture_modem(fixture, "B");
  const struct modem_mode *modes;
  assert_int_equal(modem_modes(a->modem, &modes), 2);
  send_burst(a, DATAC3, 1, 1008);
  int64_t end_ms = clock_ms() + modem_mode_airtime_us(&modes[DATAC3], 1008) / 1000;
  fixture_wait(fixture, is_busy, b, "A to be on the air");
  modem_stop(a->modem);
  fixture_wait(fixture, is_idle, b, "A to be off the air");
  assert_true(clock_ms() < end_ms - 5000);
  fixture_free(fixture);
}

static int run_server(const char *path, int stop_fd, char *err, size_t err_len)
{
  struct mixer *mixer = malloc(sizeof *mixer);
  assert_non_null(mixer);
  mixer_init(mixer, 10, 1);
  const struct server_settings settings = {.socket_path = path, .mixer = mixer, .ready_fd = -1, .stop_fd = stop_fd};
  int error = server_run(&settings, err, err_len);
  free(mixer);
  return error;
}

static void second_ether_on_a_live_socket_is_refused(void **state)
{
  (void)state;
  struct ether_fixture *fixture = fixture_new(8);
  char err[200] = "";
  fixture_start(fixture);
  assert_int_equal(run_server(fixture_socket(fixture), -1, err, sizeof err), -EADDRINUSE);
  assert_non_null(strstr(err, "another ether"));
  fixture_modem(fixture, "A"); /* the first goes on */
  fixture_free(fixture);
}

static void stale_socket_is_replaced_and_other_files_are_not(void **state)
{
  (void)state;
  char folder[] = "/tmp/ether-test-XXXXXX", path[64], err[200] = "";
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int pipe_fds[2];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/socket", folder);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  close(fd); /* as after SIGKILL: the file stays */
  assert_int_equal(pipe(pipe_fds), 0);
  close(pipe_fds[1]); /* readable at once: end */
  assert_int_equal(run_server(path, pipe_fds[0], err, sizeof err), 0);
  assert_int_not_equal(access(path, F_OK), 0);
  close(creat(path, 0600));
  assert_int_equal(run_server(path, pipe_fds[0], err, sizeof err), -EEXIST);
  assert_int_equal(access(path, F_OK), 0);
  close(pipe_fds[0]);
  unlink(path);
  rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(burst_reaches_all_others_and_not_its_sender),
      cmocka_unit_test(both_modes_pass_both_ways),
      cmocka_unit_test(collision_destroys_both_bursts),
      cmocka_unit_test(burst_over_a_lossy_path_is_heard_only_on_the_good_one),
      cmocka_unit_test(stopped_station_does_not_stall_the_others),
      cmocka_unit_test(garbage_gets_its_sender_dropped),
      cmocka_unit_test(station_that_floods_its_queue_is_dropped),
      cmocka_unit_test(name_that_is_taken_is_refused),
      cmocka_unit_test(modem_comes_back_with_the_ether),
      cmocka_unit_test(device_that_fails_at_once_is_tried_less_and_less),
      cmocka_unit_test(burst_in_flight_ends_with_the_fault),
      cmocka_unit_test(closing_a_modem_ends_its_transmission),
      cmocka_unit_test(stopping_a_modem_unkeys_before_it_is_closed),
      cmocka_unit_test(second_ether_on_a_live_socket_is_refused),
      cmocka_unit_test(stale_socket_is_replaced_and_other_files_are_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
