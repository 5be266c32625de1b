/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the KISS modem against a TNC that the test plays, on a pseudo-terminal and over loopback TCP. */
#include "test_support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "hw/clock.h"
#include "hw/modem/ax25.h"
#include "hw/modem/kiss.h"
#include "hw/modems.h"

static const uint8_t burst[] = {0x08, 0xC0, 0xDB, 0x00, 0xFF};

static struct kiss_settings settings_for(const char *device)
{
  return (struct kiss_settings){.device = device,
                                .air_baud = 9600,
                                .ax25 = 1,
                                .callsign = "HH2AA-1",
                                .txdelay_ms = 20,
                                .txtail_ms = 10,
                                .persistence = -1,
                                .slottime_ms = -1};
}

static struct modem *open_modem(const struct kiss_settings *settings)
{
  struct modem *modem = NULL;
  char err[200] = "";
  if (kiss_modem_open(&modem, settings, err, sizeof err) != 0)
    fail_msg("%s", err);
  return modem;
}

static void wait_event(struct modem *modem, struct modem_event *event)
{
  while (!modem_next_event(modem, event)) {
    struct pollfd ready = {.fd = modem_fd(modem), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
  }
}

static void expect(struct modem *modem, enum modem_event_type type, const char *words)
{
  struct modem_event event;
  wait_event(modem, &event);
  if (event.type != type || (words && !strstr(event.text, words)))
    fail_msg("event %d \"%s\" instead of %d \"%s\"", event.type, event.text, type, words ? words : "");
}

/* What the modem wrote: the next KISS frame. */
static void read_frame(int fd, struct kiss_decoder *decoder)
{
  uint8_t byte;
  do {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
    assert_int_equal(read(fd, &byte, 1), 1);
  } while (!kiss_decode(decoder, byte));
}

static void expect_parameter(int fd, struct kiss_decoder *decoder, enum kiss_command command, uint8_t value)
{
  read_frame(fd, decoder);
  assert_int_equal(decoder->len, 2);
  assert_int_equal(decoder->frame[0] & 0x0F, command);
  assert_int_equal(decoder->frame[1], value);
}

static void expect_burst(int fd, struct kiss_decoder *decoder)
{
  struct ax25_frame frame;
  read_frame(fd, decoder);
  assert_int_equal(decoder->frame[0], 0);
  assert_int_equal(ax25_unwrap(&frame, decoder->frame + 1, decoder->len - 1), 0);
  assert_string_equal(frame.from.call, "HH2AA");
  assert_string_equal(frame.to.call, "RADIOD");
  assert_int_equal(frame.info_len, sizeof burst);
  assert_memory_equal(frame.info, burst, sizeof burst);
}

/* Lets the TNC hear a UI frame from the station named. */
static void hear(int fd, unsigned port, const char *from_name, const uint8_t *info, size_t len)
{
  struct ax25_address to, from;
  uint8_t frame[AX25_FRAME_MAX], wire[KISS_WIRE_MAX];
  ax25_address_parse(&to, "RADIOD");
  ax25_address_parse(&from, from_name);
  int used = ax25_wrap(frame, &to, &from, info, len);
  used = kiss_encode(wire, sizeof wire, port, KISS_DATA, frame, (size_t)used);
  assert_int_equal(write(fd, wire, (size_t)used), used);
}

static void expect_heard(struct modem *modem, const uint8_t *info, size_t len)
{
  struct modem_event event;
  wait_event(modem, &event);
  assert_int_equal(event.type, MODEM_EVENT_FRAME);
  assert_int_equal(event.len, len);
  assert_memory_equal(event.bytes, info, len);
  assert_int_equal(event.snr_cb, MODEM_SNR_UNKNOWN);
}

static void expect_sent_after_airtime(struct modem *modem, int64_t start_us)
{
  struct modem_event event;
  const struct modem_mode *modes;
  assert_int_equal(modem_modes(modem, &modes), 1);
  uint32_t airtime_us = modem_mode_airtime_us(modes, sizeof burst);
  wait_event(modem, &event);
  assert_int_equal(event.type, MODEM_EVENT_SENT);
  assert_int_equal(event.keyed_us, airtime_us);
  assert_true(clock_now_us() - start_us >= airtime_us);
}

static void bursts_pass_both_ways_over_a_pseudo_terminal(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct kiss_decoder decoder;
  pty_start(&pty);
  kiss_decoder_init(&decoder);
  struct kiss_settings settings = settings_for(pty.name);
  settings.persistence = 63;
  settings.slottime_ms = 100;
  struct modem *modem = open_modem(&settings);
  expect(modem, MODEM_EVENT_READY, pty.name);
  expect_parameter(pty.master, &decoder, KISS_TXDELAY, 2);
  expect_parameter(pty.master, &decoder, KISS_PERSISTENCE, 63);
  expect_parameter(pty.master, &decoder, KISS_SLOTTIME, 10);
  expect_parameter(pty.master, &decoder, KISS_TXTAIL, 1);
  for (int i = 0; i < 3; i++) {
    int64_t start_us = clock_now_us();
    assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
    assert_int_equal(modem_send(modem, 0, burst, sizeof burst), -EBUSY);
    expect_burst(pty.master, &decoder);
    expect_sent_after_airtime(modem, start_us);
    hear(pty.master, 0, "HH3B", burst, sizeof burst);
    expect_heard(modem, burst, sizeof burst);
  }
  modem_close(modem);
  pty_stop(&pty);
}

static void frames_that_are_no_bursts_of_others_are_dropped(void **state)
{
  (void)state;
  struct pty_pair pty;
  pty_start(&pty);
  struct kiss_settings settings = settings_for(pty.name);
  struct modem *modem = open_modem(&settings);
  expect(modem, MODEM_EVENT_READY, NULL);
  hear(pty.master, 0, "HH2AA-1", burst, sizeof burst);        /* our own, from a digipeater */
  hear(pty.master, 1, "HH3B", burst, sizeof burst);           /* another port */
  hear(pty.master, 0, "HH3B", (const uint8_t[]){0x09, 1}, 2); /* link bits */
  hear(pty.master, 0, "HH3B", burst, 0);                      /* empty */
  assert_int_equal(write(pty.master, "\xC0\x00junk\xC0\xC0\xDB\xC0", 10), 10);
  hear(pty.master, 0, "HH2AA-2", burst + 1, 2);
  expect_heard(modem, burst + 1, 2);
  modem_close(modem);
  pty_stop(&pty);
}

static void without_ax25_bursts_are_bare(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct kiss_decoder decoder;
  pty_start(&pty);
  kiss_decoder_init(&decoder);
  struct kiss_settings settings = settings_for(pty.name);
  settings.ax25 = 0;
  settings.callsign = NULL;
  settings.port = 12;
  settings.txdelay_ms = settings.txtail_ms = -1;
  struct modem *modem = open_modem(&settings);
  expect(modem, MODEM_EVENT_READY, NULL);
  assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
  read_frame(pty.master, &decoder);
  assert_int_equal(decoder.frame[0], 0xC0);
  assert_int_equal(decoder.len, 1 + sizeof burst);
  assert_memory_equal(decoder.frame + 1, burst, sizeof burst);
  expect(modem, MODEM_EVENT_SENT, NULL);
  uint8_t wire[64];
  int used = kiss_encode(wire, sizeof wire, 12, KISS_DATA, burst, sizeof burst);
  assert_int_equal(write(pty.master, wire, (size_t)used), used);
  expect_heard(modem, burst, sizeof burst);
  modem_close(modem);
  pty_stop(&pty);
}

/* A TNC program that listens on loopback TCP. */
struct tcp_tnc {
  int listener, peer;
  char device[64];
};

static void tcp_listen(struct tcp_tnc *tnc)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  tnc->peer = -1;
  tnc->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(tnc->listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(tnc->listener, 1), 0);
  getsockname(tnc->listener, (struct sockaddr *)&address, &len);
  snprintf(tnc->device, sizeof tnc->device, "tcp:localhost:%u", ntohs(address.sin_port));
}

static void tcp_accept(struct tcp_tnc *tnc)
{
  struct pollfd ready = {.fd = tnc->listener, .events = POLLIN};
  assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
  tnc->peer = accept(tnc->listener, NULL, NULL);
  assert_true(tnc->peer >= 0);
}

static void tcp_drop(struct tcp_tnc *tnc)
{
  close(tnc->peer);
  tnc->peer = -1;
}

static void tcp_stop(struct tcp_tnc *tnc)
{
  if (tnc->peer >= 0)
    close(tnc->peer);
  close(tnc->listener);
}

static void a_lost_connection_is_told_and_comes_back_by_itself(void **state)
{
  (void)state;
  struct tcp_tnc tnc;
  tcp_listen(&tnc);
  struct kiss_settings settings = settings_for(tnc.device);
  struct modem *modem = open_modem(&settings);
  for (int round = 0; round < 2; round++) {
    struct kiss_decoder decoder;
    kiss_decoder_init(&decoder);
    tcp_accept(&tnc);
    expect(modem, MODEM_EVENT_READY, tnc.device);
    expect_parameter(tnc.peer, &decoder, KISS_TXDELAY, 2);
    expect_parameter(tnc.peer, &decoder, KISS_TXTAIL, 1);
    assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
    expect_burst(tnc.peer, &decoder);
    expect(modem, MODEM_EVENT_SENT, NULL);
    hear(tnc.peer, 0, "HH3B", burst, sizeof burst);
    expect_heard(modem, burst, sizeof burst);
    tcp_drop(&tnc);
    expect(modem, MODEM_EVENT_FAULT, "gone");
    assert_int_equal(modem_send(modem, 0, burst, sizeof burst), -ENODEV);
  }
  modem_close(modem);
  tcp_stop(&tnc);
}

static void a_burst_in_flight_ends_with_the_fault(void **state)
{
  (void)state;
  struct tcp_tnc tnc;
  struct kiss_decoder decoder;
  tcp_listen(&tnc);
  kiss_decoder_init(&decoder);
  struct kiss_settings settings = settings_for(tnc.device);
  settings.txdelay_ms = 2550;
  settings.txtail_ms = -1;
  struct modem *modem = open_modem(&settings);
  tcp_accept(&tnc);
  expect(modem, MODEM_EVENT_READY, NULL);
  expect_parameter(tnc.peer, &decoder, KISS_TXDELAY, 255);
  assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
  expect_burst(tnc.peer, &decoder);
  tcp_drop(&tnc);
  expect(modem, MODEM_EVENT_FAULT, "gone");
  tcp_accept(&tnc);
  expect(modem, MODEM_EVENT_READY, NULL);
  kiss_decoder_init(&decoder);
  expect_parameter(tnc.peer, &decoder, KISS_TXDELAY, 255);
  assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
  expect_burst(tnc.peer, &decoder);
  expect(modem, MODEM_EVENT_SENT, NULL);
  modem_close(modem);
  tcp_stop(&tnc);
}

static void a_missing_device_is_told_once_and_used_when_it_appears(void **state)
{
  (void)state;
  struct pty_pair pty;
  char dir[] = "/tmp/kiss-test-XXXXXX", path[64];
  pty_start(&pty);
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/tnc", dir);
  struct kiss_settings settings = settings_for(path);
  struct modem *modem = open_modem(&settings);
  expect(modem, MODEM_EVENT_FAULT, "there is no such device");
  assert_int_equal(modem_send(modem, 0, burst, sizeof burst), -ENODEV);
  assert_int_equal(symlink(pty.name, path), 0);
  expect(modem, MODEM_EVENT_READY, path);
  assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
  expect(modem, MODEM_EVENT_SENT, NULL);
  modem_close(modem);
  unlink(path);
  rmdir(dir);
  pty_stop(&pty);
}

static void a_refused_connection_is_told(void **state)
{
  (void)state;
  struct tcp_tnc tnc;
  tcp_listen(&tnc);
  tcp_stop(&tnc);
  struct kiss_settings settings = settings_for(tnc.device);
  struct modem *modem = open_modem(&settings);
  expect(modem, MODEM_EVENT_FAULT, "start the TNC program there");
  modem_close(modem);
}

struct flood {
  int fd;
  struct test_random random;
  atomic_bool is_over;
};

static void *pour(void *context)
{
  struct flood *flood = context;
  uint8_t junk[4096];
  while (!atomic_load(&flood->is_over)) {
    for (size_t i = 0; i < sizeof junk; i++)
      junk[i] = (uint8_t)random_next(&flood->random);
    (void)!send(flood->fd, junk, sizeof junk, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  return NULL;
}

static void a_flood_of_garbage_does_not_keep_bursts_from_going_out(void **state)
{
  (void)state;
  struct tcp_tnc tnc;
  struct flood flood = {.random = random_start()};
  struct kiss_decoder decoder;
  pthread_t thread;
  tcp_listen(&tnc);
  kiss_decoder_init(&decoder);
  struct kiss_settings settings = settings_for(tnc.device);
  settings.txdelay_ms = settings.txtail_ms = -1;
  struct modem *modem = open_modem(&settings);
  tcp_accept(&tnc);
  expect(modem, MODEM_EVENT_READY, NULL);
  flood.fd = tnc.peer;
  assert_int_equal(pthread_create(&thread, NULL, pour, &flood), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
    expect_burst(tnc.peer, &decoder);
    expect(modem, MODEM_EVENT_SENT, NULL);
  }
  atomic_store(&flood.is_over, true);
  pthread_join(thread, NULL);
  modem_close(modem);
  tcp_stop(&tnc);
}

static void closing_in_the_middle_of_anything_returns(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct tcp_tnc tnc;
  pty_start(&pty);
  tcp_listen(&tnc);
  const char *const devices[] = {pty.name, tnc.device, "/dev/no-such-port", "tcp:127.0.0.1:1"};
  for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
    struct kiss_settings settings = settings_for(devices[i]);
    modem_close(open_modem(&settings));
    settings.txdelay_ms = 2550;
    struct modem *modem = open_modem(&settings);
    struct modem_event event;
    wait_event(modem, &event);
    if (event.type == MODEM_EVENT_READY)
      assert_int_equal(modem_send(modem, 0, burst, sizeof burst), 0);
    modem_close(modem);
  }
  tcp_stop(&tnc);
  pty_stop(&pty);
}

static void expect_refused(const struct kiss_settings *settings, const char *words)
{
  struct modem *modem = NULL;
  char err[300] = "";
  assert_int_equal(kiss_modem_open(&modem, settings, err, sizeof err), -EINVAL);
  if (!strstr(err, words))
    fail_msg("\"%s\" lacks \"%s\"", err, words);
  assert_null(modem);
}

#define EXPECT_REFUSED(words, ...)                                                                                   \
  do {                                                                                                               \
    struct kiss_settings s = settings_for("/dev/ttyUSB0");                                                           \
    __VA_ARGS__;                                                                                                     \
    expect_refused(&s, words);                                                                                       \
  } while (0)

static void settings_that_cannot_work_are_refused_with_what_to_write(void **state)
{
  (void)state;
  EXPECT_REFUSED("write a serial port", s.device = NULL);
  EXPECT_REFUSED("write a serial port", s.device = "");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:localhost");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp::8001");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:[]:8001");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:localhost:0");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:localhost:65536");
  EXPECT_REFUSED("write tcp:HOST:PORT", s.device = "tcp:localhost:80x");
  EXPECT_REFUSED("0 to 15", s.port = 16);
  EXPECT_REFUSED("300, 1200 or 9600", s.air_baud = 0);
  EXPECT_REFUSED("own callsign", s.callsign = NULL);
  EXPECT_REFUSED("own callsign", s.callsign = "HH2ABCDE");
  EXPECT_REFUSED("destination", s.path_to = "NOT A CALL");
  EXPECT_REFUSED("leave it out", s.path_to = "HH2AA-1");
  EXPECT_REFUSED("2550 ms", s.txdelay_ms = 2551);
  EXPECT_REFUSED("0 to 255", s.persistence = 256);
  EXPECT_REFUSED("write none", s.ptt = "vox");
  EXPECT_REFUSED("ptt none", s.ptt = "rts:/dev/ttyUSB0");
  EXPECT_REFUSED("5000 ms", s.ptt = "rts:/dev/ttyS0"; s.lead_ms = 5001);
}

static void the_mode_tells_the_estimate(void **state)
{
  (void)state;
  static const struct {
    unsigned air_baud;
    const char *name;
  } cases[] = {{1200, "AFSK1200"}, {300, "AFSK300"}, {9600, "FSK9600"}};
  for (size_t i = 0; i < 3; i++) {
    const struct modem_mode *mode;
    struct kiss_settings settings = settings_for("/dev/no-such-port");
    settings.air_baud = cases[i].air_baud;
    struct modem *modem = open_modem(&settings);
    assert_int_equal(modem_modes(modem, &mode), 1);
    assert_string_equal(mode->name, cases[i].name);
    assert_int_equal(mode->unit_bytes, 1);
    assert_int_equal(mode->max_bytes, 256);
    assert_int_equal(mode->fixed, 0);
    /* 20 bytes of flags, header and check sequence, and 100 of payload, at least. */
    assert_true(modem_mode_airtime_us(mode, 100) >= 30000 + 120 * 8 * 1000000u / cases[i].air_baud);
    modem_close(modem);
  }
}

int main(void)
{
  signal(SIGPIPE, SIG_IGN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bursts_pass_both_ways_over_a_pseudo_terminal),
      cmocka_unit_test(frames_that_are_no_bursts_of_others_are_dropped),
      cmocka_unit_test(without_ax25_bursts_are_bare),
      cmocka_unit_test(a_lost_connection_is_told_and_comes_back_by_itself),
      cmocka_unit_test(a_burst_in_flight_ends_with_the_fault),
      cmocka_unit_test(a_missing_device_is_told_once_and_used_when_it_appears),
      cmocka_unit_test(a_refused_connection_is_told),
      cmocka_unit_test(a_flood_of_garbage_does_not_keep_bursts_from_going_out),
      cmocka_unit_test(closing_in_the_middle_of_anything_returns),
      cmocka_unit_test(settings_that_cannot_work_are_refused_with_what_to_write),
      cmocka_unit_test(the_mode_tells_the_estimate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
