/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of serial ports over real pseudo-terminals, and of the sentences for what cannot be opened. */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "hw/serial.h"

static void open_ok(struct serial **out, const char *path)
{
  char err[200] = "";
  int error = serial_open(out, path, 9600, err, sizeof err);
  if (error)
    print_error("%s\n", err);
  assert_int_equal(error, 0);
}

/* Reads exactly len bytes. */
static void read_all(struct serial *serial, uint8_t *buf, size_t len)
{
  while (len > 0) {
    struct pollfd ready = {.fd = serial_fd(serial), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
    int got = serial_read(serial, buf, len);
    assert_true(got >= 0);
    buf += got;
    len -= (size_t)got;
  }
}

static void every_byte_passes_both_ways(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *serial;
  uint8_t out[256], in[256];
  for (int i = 0; i < 256; i++)
    out[i] = (uint8_t)i;
  pty_start(&pty);
  open_ok(&serial, pty.name);
  assert_int_equal(serial_read(serial, in, sizeof in), 0);
  assert_int_equal(write(pty.master, out, sizeof out), sizeof out);
  read_all(serial, in, sizeof in);
  assert_memory_equal(in, out, sizeof in);
  memset(in, 0, sizeof in);
  assert_int_equal(serial_write(serial, out, sizeof out, DEADLINE_MS), 0);
  for (size_t got = 0; got < sizeof in;) {
    ssize_t some = read(pty.master, in + got, sizeof in - got);
    assert_true(some > 0);
    got += (size_t)some;
  }
  assert_memory_equal(in, out, sizeof in);
  assert_int_equal(serial_byte_us(serial), 0);
  serial_close(serial);
  serial_close(NULL);
  pty_stop(&pty);
}

static void a_symbolic_link_is_followed(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *serial;
  char dir[] = "/tmp/serial-test-XXXXXX", path[64];
  pty_start(&pty);
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/tnc", dir);
  assert_int_equal(symlink(pty.name, path), 0);
  open_ok(&serial, path);
  serial_close(serial);
  unlink(path);
  rmdir(dir);
  pty_stop(&pty);
}

static void a_port_in_use_is_refused_until_it_is_closed(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *first, *second = NULL;
  char err[200];
  pty_start(&pty);
  open_ok(&first, pty.name);
  assert_int_equal(serial_open(&second, pty.name, 9600, err, sizeof err), -EBUSY);
  assert_non_null(strstr(err, "it is in use"));
  assert_null(second);
  serial_close(first);
  open_ok(&second, pty.name);
  serial_close(second);
  pty_stop(&pty);
}

static void expect_refusal(const char *path, unsigned baud, int error, const char *words)
{
  struct serial *serial = NULL;
  char err[200] = "";
  assert_int_equal(serial_open(&serial, path, baud, err, sizeof err), error);
  assert_non_null(strstr(err, path));
  assert_non_null(strstr(err, words));
  assert_null(strchr(err, '\n'));
  assert_null(serial);
}

static void what_is_no_serial_port_is_refused_with_a_reason(void **state)
{
  (void)state;
  expect_refusal("/dev/no-such-port", 9600, -ENOENT, "there is no such device");
  expect_refusal("/dev/null", 9600, -ENOTTY, "this is not a serial port");
  expect_refusal("/etc/passwd", 9600, -ENOTTY, "this is not a serial port");
  expect_refusal("/tmp", 9600, -ENOTTY, "this is not a serial port");
  expect_refusal("", 9600, -ENOENT, "there is no such device");
  expect_refusal("/dev/null", 0, -EINVAL, "choose a baud rate");
}

static void a_port_without_permission_is_refused(void **state)
{
  (void)state;
  if (geteuid() != 0)
    skip();
  struct pty_pair pty;
  pty_start(&pty);
  assert_int_equal(chmod(pty.name, 0), 0);
  assert_int_equal(seteuid(65534), 0);
  struct serial *serial = NULL;
  char err[200] = "";
  int error = serial_open(&serial, pty.name, 9600, err, sizeof err);
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(error, -EACCES);
  assert_non_null(strstr(err, "dialout"));
  pty_stop(&pty);
}

static void a_closed_far_end_is_noticed(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *serial;
  uint8_t byte = 0;
  pty_start(&pty);
  open_ok(&serial, pty.name);
  pty_stop(&pty);
  struct pollfd ready = {.fd = serial_fd(serial), .events = POLLIN};
  assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
  assert_true(ready.revents & (POLLHUP | POLLERR));
  assert_int_equal(serial_read(serial, &byte, 1), -ENODEV);
  assert_int_equal(serial_write(serial, &byte, 1, 100), -ENODEV);
  serial_close(serial);
}

static void a_far_end_that_takes_nothing_ends_the_write(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *serial;
  uint8_t *much = calloc(1, 1 << 20);
  pty_start(&pty);
  open_ok(&serial, pty.name);
  assert_int_equal(serial_write(serial, much, 1 << 20, 50), -ETIMEDOUT);
  serial_close(serial);
  pty_stop(&pty);
  free(much);
}

static void a_pseudo_terminal_has_no_lines(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct serial *serial;
  pty_start(&pty);
  open_ok(&serial, pty.name);
  assert_int_equal(serial_set_rts(serial, 1), -ENOTSUP);
  assert_int_equal(serial_set_dtr(serial, 0), -ENOTSUP);
  serial_close(serial);
  pty_stop(&pty);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_byte_passes_both_ways),
      cmocka_unit_test(a_symbolic_link_is_followed),
      cmocka_unit_test(a_port_in_use_is_refused_until_it_is_closed),
      cmocka_unit_test(what_is_no_serial_port_is_refused_with_a_reason),
      cmocka_unit_test(a_port_without_permission_is_refused),
      cmocka_unit_test(a_closed_far_end_is_noticed),
      cmocka_unit_test(a_far_end_that_takes_nothing_ends_the_write),
      cmocka_unit_test(a_pseudo_terminal_has_no_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
