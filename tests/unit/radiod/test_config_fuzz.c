/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Throws broken settings files at the reader: it may refuse, it may not fall over or answer without a reason. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "radiod/config/config.h"
#include "tests/unit/radiod/scratch.h"

#define ROUNDS 3000
#define FILE_MAX 1200

static const char good[] = "[station]\nkey_file = /etc/radiod/station.key\nlanguage = fr\nbeacon_interval_s = 600\n\n"
                           "[channel vhf]\nmodem = kiss\nservice = licensed\ndevice = /dev/ttyUSB0\nbaud = 9600\n"
                           "callsign = HH2ABC-1\ntxdelay_ms = 300\n\n[channel hf]\nmodem = freedv\nservice = test\n"
                           "audio = alsa:plughw:1,0\nmodes = DATAC0,DATAC3\nlevel = 60\nptt = rts:/dev/ttyUSB1\n";

static void check_file(struct scratch *scratch, const char *bytes, size_t len)
{
  const char *path = scratch_path(scratch, "radiod.conf");
  char error[CONFIG_ERROR_MAX];
  struct config config;

  scratch_write(path, bytes, len, 0644);
  int code = config_read(&config, path, error, sizeof error);
  if (code == 0) {
    assert_string_equal(error, "");
    assert_true(config.channel_count <= CONFIG_CHANNELS_MAX);
    return;
  }
  assert_int_equal(code, -EINVAL);
  assert_int_equal(strncmp(error, path, strlen(path)), 0);
}

static size_t mutate(uint64_t *dice, char *bytes, size_t len)
{
  size_t at = chance(dice, (uint32_t)len), other = chance(dice, (uint32_t)len), run = 1 + chance(dice, 40);

  switch (chance(dice, 5)) {
  case 0:
    bytes[at] = (char)chance(dice, 256);
    return len;
  case 1: /* cut */
    return at ? at : 1;
  case 2: /* remove */
    run = run < len - at ? run : len - at - 1;
    memmove(bytes + at, bytes + at + run, len - at - run);
    return len - run;
  case 3: /* repeat a piece elsewhere */
    run = run < len - at ? run : len - at;
    if (len + run > FILE_MAX)
      return len;
    memmove(bytes + other + run, bytes + other, len - other);
    memcpy(bytes + other, good + at % (sizeof good - 41), run);
    return len + run;
  default:
    bytes[at] = "=[]\n;# \t\r:"[chance(dice, 10)];
    return len;
  }
}

static void mutated_files_are_survived(void **state)
{
  uint64_t seed = chance_seed(), *dice = &seed;
  char bytes[FILE_MAX];

  for (int round = 0; round < ROUNDS; round++) {
    size_t len = sizeof good - 1;

    memcpy(bytes, good, len);
    for (uint32_t n = 1 + chance(dice, 6); n > 0; n--)
      len = mutate(dice, bytes, len);
    check_file(*state, bytes, len);
  }
}

static void random_bytes_are_survived(void **state)
{
  uint64_t seed = chance_seed(), *dice = &seed;
  char bytes[FILE_MAX];

  for (int round = 0; round < ROUNDS; round++) {
    size_t len = chance(dice, FILE_MAX);

    for (size_t i = 0; i < len; i++)
      bytes[i] = (char)chance(dice, 256);
    check_file(*state, bytes, len);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mutated_files_are_survived),
      cmocka_unit_test(random_bytes_are_survived),
  };

  return cmocka_run_group_tests_name("config_fuzz", tests, scratch_setup, scratch_teardown);
}
