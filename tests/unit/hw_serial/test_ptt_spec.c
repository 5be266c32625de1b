/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a person may write for a PTT line, and of the sentences that answer what cannot be. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "hw/lines.h"
#include "hw/ptt.h"

static void good_specs_pass(void **state)
{
  (void)state;
  static const char *const good[] = {"none",
                                     "rts:/dev/ttyUSB0",
                                     "rts-:/dev/ttyS1",
                                     "dtr:/dev/ttyS0",
                                     "dtr-:/dev/serial/by-id/usb-FTDI_x-if00-port0",
                                     "gpio:gpiochip0:17",
                                     "gpio-:pinctrl-bcm2711:PTT",
                                     "gpio:a:b:3"};
  char err[200];
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    assert_int_equal(ptt_check(good[i], err, sizeof err), 0);
}

static void bad_specs_are_answered_with_what_to_write(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "vox",
                                    "rts",
                                    "rts:",
                                    "rts:ttyUSB0",
                                    "RTS:/dev/ttyUSB0",
                                    "rts--:/dev/ttyUSB0",
                                    "none:/dev/ttyUSB0",
                                    "rts:/dev/ttyUSB0,dtr:/dev/ttyUSB0",
                                    "rts:/dev/ttyUSB0+gpio:gpiochip0:1",
                                    "gpio",
                                    "gpio:",
                                    "gpio:gpiochip0",
                                    "gpio:gpiochip0:",
                                    "gpio::17",
                                    "gpio:gpiochip0: 17",
                                    "rts:/dev/tty USB0",
                                    ":",
                                    "cat:1"};
  char err[300];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct ptt *ptt = NULL;
    err[0] = '\0';
    assert_int_equal(ptt_check(bad[i], err, sizeof err), -EINVAL);
    assert_non_null(strstr(err, "write none, rts:/dev/ttyUSB0"));
    assert_null(strchr(err, '\n'));
    assert_int_equal(ptt_open(&ptt, bad[i], err, sizeof err), -EINVAL);
    assert_null(ptt);
  }
}

static void names_of_any_length_do_no_harm(void **state)
{
  (void)state;
  char spec[1200], err[40];
  for (size_t len = 1; len < sizeof spec - 20; len += 7) {
    strcpy(spec, "rts:/");
    memset(spec + 5, 'x', len);
    spec[5 + len] = '\0';
    assert_int_equal(ptt_check(spec, err, sizeof err), len < 255 ? 0 : -EINVAL);
    memcpy(spec, "gpio:", 5);
    assert_int_equal(ptt_check(spec, err, sizeof err), -EINVAL);
    strcat(spec, ":1");
    assert_int_equal(ptt_check(spec, err, sizeof err), len < 256 ? 0 : -EINVAL);
  }
}

static void random_specs_do_no_harm(void **state)
{
  (void)state;
  static const char letters[] = "rtsdgpionec-:/0 ,;+%\x80";
  struct test_random random = random_start();
  for (int round = 0; round < 100000; round++) {
    char spec[40], err[80];
    size_t len = random_next(&random) % (sizeof spec - 1);
    for (size_t i = 0; i < len; i++)
      spec[i] = letters[random_next(&random) % (sizeof letters - 1)];
    spec[len] = '\0';
    ptt_check(spec, err, sizeof err);
  }
}

static void none_keys_nothing_and_never_fails(void **state)
{
  (void)state;
  struct ptt *ptt;
  char err[200];
  assert_int_equal(ptt_open(&ptt, "none", err, sizeof err), 0);
  assert_int_equal(ptt_key(ptt, 1), 0);
  assert_int_equal(ptt_key(ptt, 0), 0);
  ptt_close(ptt);
  ptt_close(NULL);
}

static void a_missing_port_or_chip_is_named_in_the_error(void **state)
{
  (void)state;
  struct ptt *ptt = NULL;
  char err[300];
  assert_int_equal(ptt_open(&ptt, "rts:/dev/no-such-port", err, sizeof err), -ENOENT);
  assert_non_null(strstr(err, "/dev/no-such-port: there is no such device"));
  assert_int_equal(ptt_open(&ptt, "gpio:no-such-chip:1", err, sizeof err), -ENXIO);
  assert_non_null(strstr(err, "no-such-chip"));
  assert_non_null(strstr(err, "no such GPIO chip"));
  assert_null(ptt);
}

static void a_pseudo_terminal_cannot_key(void **state)
{
  (void)state;
  struct pty_pair pty;
  struct ptt *ptt = NULL;
  char spec[100], err[200];
  pty_start(&pty);
  snprintf(spec, sizeof spec, "rts-:%s", pty.name);
  assert_int_equal(ptt_open(&ptt, spec, err, sizeof err), -ENOTSUP);
  assert_non_null(strstr(err, "no RTS and DTR lines"));
  assert_null(ptt);
  pty_stop(&pty);
}

static void a_debounce_time_out_of_range_is_refused(void **state)
{
  (void)state;
  struct line_input *input = NULL;
  struct line_name name = {.chip = "gpiochip0", .line = "1"};
  char err[200];
  assert_int_equal(line_input_open(&input, &name, 0, err, sizeof err), -EINVAL);
  assert_int_equal(line_input_open(&input, &name, 1001, err, sizeof err), -EINVAL);
  assert_non_null(strstr(err, "1 to 1000 ms"));
  assert_null(input);
  line_input_close(NULL);
  line_output_close(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_specs_pass),
      cmocka_unit_test(bad_specs_are_answered_with_what_to_write),
      cmocka_unit_test(names_of_any_length_do_no_harm),
      cmocka_unit_test(random_specs_do_no_harm),
      cmocka_unit_test(none_keys_nothing_and_never_fails),
      cmocka_unit_test(a_missing_port_or_chip_is_named_in_the_error),
      cmocka_unit_test(a_pseudo_terminal_cannot_key),
      cmocka_unit_test(a_debounce_time_out_of_range_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
