/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the settings file: every mistake must be named with its line and a remedy. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "radiod/config/config.h"
#include "tests/unit/radiod/scratch.h"

#define KISS "[channel vhf]\nmodem = kiss\nservice = licensed\ndevice = /dev/ttyUSB0\ncallsign = HH2ABC-1\n"
#define FREEDV "[channel hf]\nmodem = freedv\nservice = licensed\naudio = alsa:plughw:1,0\n"

static int read_bytes(void **state, struct config *config, char *error, const void *bytes, size_t len)
{
  struct scratch *scratch = *state;
  const char *path = scratch_path(scratch, "radiod.conf");

  scratch_write(path, bytes, len, 0644);
  memset(config, 0x5a, sizeof *config);
  return config_read(config, path, error, CONFIG_ERROR_MAX);
}

static void accept(void **state, struct config *config, const char *text)
{
  char error[CONFIG_ERROR_MAX];

  int code = read_bytes(state, config, error, text, strlen(text));
  if (code)
    fail_msg("refused: %s", error);
  assert_string_equal(error, "");
}

/* The text must be refused with a message that holds "radiod.conf:LINE: " and then each of the words (up to NULL). */
static void refuse(void **state, const char *text, int line, ...)
{
  char error[CONFIG_ERROR_MAX], place[40];
  struct config config, untouched;
  va_list words;

  memset(&untouched, 0x5a, sizeof untouched);
  assert_int_equal(read_bytes(state, &config, error, text, strlen(text)), -EINVAL);
  assert_memory_equal(&config, &untouched, sizeof config);
  snprintf(place, sizeof place, "radiod.conf:%d: ", line);
  if (!strstr(error, place))
    fail_msg("no \"%s\" in: %s", place, error);
  va_start(words, line);
  for (const char *word; (word = va_arg(words, const char *));)
    if (!strstr(error, word))
      fail_msg("no \"%s\" in: %s", word, error);
  va_end(words);
}

static void empty_file_gives_defaults(void **state)
{
  struct config config;

  accept(state, &config, "");
  assert_string_equal(config.key_file, "/etc/radiod/station.key");
  assert_string_equal(config.store, "/var/lib/radiod/radiod.db");
  assert_string_equal(config.socket, "/run/radiod/radiod.sock");
  assert_string_equal(config.language, "en");
  assert_int_equal(config.beacon_interval_s, 1800);
  assert_int_equal(config.channel_count, 0);
}

static void every_key_is_read(void **state)
{
  struct config config;

  accept(state, &config,
         "[station]\nkey_file=k\nstore=/s\nsocket=sub/x.sock\nlanguage=ht\nbeacon_interval_s=0\n"
         "clock=manual\nmobile=yes\n"
         "[channel vhf]\nmodem=kiss\nservice=test\ndevice=tcp:localhost:8001\nbaud=19200\nkiss_port=3\nair_baud=300\n"
         "ax25=no\ntxdelay_ms=300\ntxtail_ms=0\npersistence=63\nslottime_ms=100\nptt=rts-:/dev/ttyS0\n"
         "[channel hf]\nmodem=freedv\nservice=licensed\naudio=alsa:plughw:1,0\nmodes=DATAC3\nlevel=80\n"
         "ptt=rts:/dev/ttyS1\nlead_ms=150\ntail_ms=0\nanswer_guard_ms=700\n"
         "access=slots\ncycle_s=60\nturn_s=20-30\nduty_pct=25\nkey_down_max_s=12\n");
  assert_string_equal(config.store, "/s");
  assert_string_equal(config.language, "ht");
  assert_int_equal(config.beacon_interval_s, 0);
  assert_int_equal(config.channel_count, 2);
  const struct config_channel *vhf = &config.channel[0], *hf = &config.channel[1];
  assert_string_equal(vhf->name, "vhf");
  assert_int_equal(vhf->line, 9);
  assert_int_equal(config.clock, CONFIG_CLOCK_MANUAL);
  assert_int_equal(config.mobile, 1);
  assert_int_equal(vhf->service, CONFIG_SERVICE_TEST);
  assert_string_equal(vhf->device, "tcp:localhost:8001");
  assert_int_equal(vhf->baud, 19200);
  assert_int_equal(vhf->kiss_port, 3);
  assert_int_equal(vhf->air_baud, 300);
  assert_int_equal(vhf->ax25, 0);
  assert_int_equal(vhf->txdelay_ms, 300);
  assert_int_equal(vhf->txtail_ms, 0);
  assert_int_equal(vhf->answer_guard_ms, 300);
  assert_int_equal(hf->modem, CONFIG_MODEM_FREEDV);
  assert_string_equal(hf->modes, "DATAC3");
  assert_int_equal(hf->level_pct, 80);
  assert_string_equal(hf->ptt, "rts:/dev/ttyS1");
  assert_int_equal(hf->lead_ms, 150);
  assert_int_equal(hf->answer_guard_ms, 700);
  assert_int_equal(hf->access, CONFIG_ACCESS_SLOTS);
  assert_int_equal(hf->cycle_s, 60);
  assert_int_equal(hf->turn_s.begin, 20);
  assert_int_equal(hf->turn_s.end, 30);
  assert_int_equal(hf->duty_pct, 25);
  assert_int_equal(hf->key_down_max_s, 12);
}

static void channel_defaults_hold(void **state)
{
  struct config config;

  accept(state, &config, KISS FREEDV);
  const struct config_channel *vhf = &config.channel[0];
  assert_int_equal(vhf->baud, 9600);
  assert_int_equal(vhf->air_baud, 1200);
  assert_int_equal(vhf->ax25, 1);
  assert_int_equal(vhf->txdelay_ms, -1);
  assert_int_equal(vhf->persistence, -1);
  assert_string_equal(vhf->ptt, "none");
  assert_int_equal(vhf->access, CONFIG_ACCESS_CSMA);
  assert_int_equal(vhf->duty_pct, 0);
  assert_int_equal(vhf->key_down_max_s, 0);
  assert_int_equal(config.clock, CONFIG_CLOCK_SYSTEM);
  assert_int_equal(config.mobile, 0);
  assert_int_equal(config.channel[1].level_pct, 60);
  assert_string_equal(config.channel[1].modes, "");
}

static void relative_paths_start_at_the_file(void **state)
{
  struct scratch *scratch = *state;
  char expected[SCRATCH_PATH_MAX];
  struct config config;

  accept(state, &config, "[station]\nstore = data/radiod.db\n");
  snprintf(expected, sizeof expected, "%s/data/radiod.db", scratch->folder);
  assert_string_equal(config.store, expected);
}

static void editors_of_all_systems_are_understood(void **state)
{
  struct config config;

  accept(state, &config, "\xef\xbb\xbf# remark\r\n  [station]\r\n\tlanguage = fr ; why\r\n\r\n; end");
  assert_string_equal(config.language, "fr");
}

static void unknown_key_suggests_the_nearest(void **state)
{
  refuse(state, KISS "boud = 9600\n", 6, "boud = 9600", "baud = 9600", NULL);
  refuse(state, "[station]\nlangage = fr\n", 2, "language", NULL);
  refuse(state, "[station]\nqqqqqqqq = fr\n", 2, "no such setting here", NULL);
  refuse(state, "[station]\nbaud = 9600\n", 2, "no such setting", NULL);
}

static void places_are_checked(void **state)
{
  refuse(state, "language = fr\n", 1, "before the first section", NULL);
  refuse(state, "[radio]\nx = 1\n", 1, "[radio]", "[station]", NULL);
  refuse(state, "[channel ]\n", 1, "[channel hf1]", NULL);
  refuse(state, "[channel abcdefghijklmnopqrstuvwxyz]\n", 1, "1 to 23", NULL);
  refuse(state, "[station\n", 1, "]", NULL);
  refuse(state, "[station] language = fr\n", 1, "line of its own", NULL);
  refuse(state, "[station]\n[station]\n", 2, "line 1", NULL);
  refuse(state, KISS "[channel vhf]\n", 6, "line 1", NULL);
  refuse(state, "[station]\nlanguage\n", 2, "KEY = VALUE", NULL);
}

static void too_many_channels_are_refused(void **state)
{
  char text[2000] = "";

  for (int i = 0; i <= CONFIG_CHANNELS_MAX; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "[channel c%d]\nmodem=freedv\nservice=test\naudio=alsa:plughw:%d,0\n", i, i);
  refuse(state, text, 4 * CONFIG_CHANNELS_MAX + 1, "more than 8", NULL);
}

static void key_set_twice_is_refused(void **state)
{
  refuse(state, "[station]\nlanguage = fr\nlanguage = ht\n", 3, "line 2", NULL);
  refuse(state, KISS "baud = x\nbaud = 9600\n", 7, "line 6", NULL);
}

static void missing_keys_are_named(void **state)
{
  refuse(state, "\n[channel hf]\n", 2, "modem is missing", "service is missing", NULL);
  refuse(state, "[channel hf]\nmodem=freedv\nservice=test\n", 1, "audio is missing", "alsa:", NULL);
  refuse(state, "[channel v]\nmodem=kiss\nservice=test\n", 1, "device is missing", "callsign", "ax25 = no", NULL);
}

static void keys_of_the_other_modem_are_refused(void **state)
{
  refuse(state, KISS "level = 60\n", 6, "modem = kiss", "modem = freedv", NULL);
  refuse(state, FREEDV "baud = 9600\n", 5, "modem = freedv", "modem = kiss", NULL);
}

static void bad_values_are_refused(void **state)
{
  refuse(state, FREEDV "level = 140\n", 5, "level = 140: must lie between 1 and 100", "\"level = 60\"", NULL);
  refuse(state, FREEDV "level = 6x\n", 5, "whole number", NULL);
  refuse(state, FREEDV "level = 99999999999999999999\n", 5, "between", NULL);
  refuse(state, FREEDV "level =\n", 5, "whole number", NULL);
  refuse(state, FREEDV "modes =\n", 5, "is empty", NULL);
  refuse(state, KISS "txdelay_ms = -1\n", 6, "between 0 and 2550", NULL);
  refuse(state, KISS "ax25 = perhaps\n", 6, "no, yes", NULL);
  refuse(state, "[station]\nlanguage = de\n", 2, "en, fr, ht, es", NULL);
  refuse(state, "[channel x]\nmodem = pactor\n", 2, "kiss, freedv", NULL);
}

static void half_a_schedule_is_refused(void **state)
{
  refuse(state, FREEDV "access = slots\n", 5, "cycle_s is missing", "turn_s = 20-30", NULL);
  refuse(state, FREEDV "access = slots\ncycle_s = 60\n", 5, "turn_s is missing", NULL);
  refuse(state, FREEDV "access = polled\nturn_s = 0-5\n", 6, "access = slots", "remove the line", NULL);
  refuse(state, FREEDV "cycle_s = 60\n", 5, "access = slots", NULL);
  refuse(state, FREEDV "access = slots\ncycle_s = 60\nturn_s = 50-61\n", 7, "turn_s = 50-61", "round of 60 s", NULL);
  refuse(state, FREEDV "access = tdma\n", 5, "csma, slots, polled", NULL);
}

static void bad_turns_and_limits_are_refused(void **state)
{
  static const char *const bad[] = {"20", "-", "20-", "-30", "20-30x", "30-20", "20-20", "0-86401", "20 - 30"};
  char text[300];

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    snprintf(text, sizeof text, FREEDV "access = slots\ncycle_s = 60\nturn_s = %s\n", bad[i]);
    refuse(state, text, 7, bad[i], "\"turn_s = 20-30\"", NULL);
  }
  refuse(state, FREEDV "duty_pct = 101\n", 5, "between 0 and 100", NULL);
  refuse(state, FREEDV "key_down_max_s = 601\n", 5, "between 0 and 600", NULL);
  refuse(state, "[station]\nclock = gps\n", 2, "system, manual, none", NULL);
  refuse(state, "[station]\nmobile = maybe\n", 2, "no, yes", NULL);
}

static void amateur_service_is_refused(void **state)
{
  refuse(state, "[channel v]\nmodem=kiss\nservice=amateur\ndevice=/dev/x\nax25=no\n", 3, "encrypts", "licensed",
         NULL);
}

static void bad_callsigns_are_refused(void **state)
{
  static const char *const bad[] = {"hh2abc", "HH2ABC-16", "HH2ABC-", "HH2ABC-1x", "ABCDEFG", "HH 2", "-1"};
  char text[200];

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    snprintf(text, sizeof text, "[channel v]\nmodem=kiss\nservice=test\ndevice=/dev/x\ncallsign=%s\n", bad[i]);
    refuse(state, text, 5, bad[i], "capital", NULL);
  }
}

static void bad_specs_are_refused(void **state)
{
  refuse(state, KISS "ptt = rts\n", 6, "ptt = rts", NULL);
  refuse(state, "[channel h]\nmodem=freedv\nservice=test\naudio=plughw\n", 4, "audio = plughw", NULL);
  refuse(state, "[channel v]\nmodem=kiss\nservice=test\nax25=no\ndevice=tcp:host\n", 5, "tcp:HOST:PORT", NULL);
  refuse(state, "[channel v]\nmodem=kiss\nservice=test\nax25=no\ndevice=tcp::80\n", 5, "tcp:HOST:PORT", NULL);
  refuse(state, "[channel v]\nmodem=kiss\nservice=test\nax25=no\ndevice=tcp:host:0\n", 5, "65535", NULL);
  refuse(state, "[channel v]\nmodem=kiss\nservice=test\nax25=no\ndevice=tcp:host:65536\n", 5, "65535", NULL);
  refuse(state, KISS "ptt = rts:/dev/ttyUSB0\n", 6, "ptt = rts:/dev/ttyUSB0", "another port", NULL);
  refuse(state, FREEDV "modes = DATAC9\n", 5, "modes = DATAC9", "DATAC0", NULL);
  refuse(state, FREEDV "modes = DATAC0,DATAC0\n", 5, "twice", NULL);
  refuse(state, FREEDV "modes = ,\n", 5, "unknown", NULL);
}

static void shared_devices_are_refused(void **state)
{
  refuse(state, KISS "[channel two]\nmodem=kiss\nservice=test\ndevice=/dev/ttyUSB0\nax25=no\n", 9, "vhf", "line 4",
         NULL);
  refuse(state, FREEDV "[channel two]\nmodem=freedv\nservice=test\naudio=alsa:plughw:1,0\n", 8, "hf", NULL);
  refuse(state, KISS "ptt=rts:/dev/ttyS0\n" FREEDV "ptt=rts-:/dev/ttyS0\n", 11, "vhf", "line 6", NULL);
}

static void ports_of_one_tcp_tnc_are_two_channels(void **state)
{
  struct config config;

  accept(state, &config,
         "[channel a]\nmodem=kiss\nservice=test\ndevice=tcp:localhost:8001\nax25=no\n"
         "[channel b]\nmodem=kiss\nservice=test\ndevice=tcp:localhost:8001\nax25=no\nkiss_port=1\n");
  assert_int_equal(config.channel_count, 2);
}

static void all_mistakes_are_told(void **state)
{
  refuse(state, "[station]\nlanguage = de\nx = 1\n" FREEDV "level = 0\n", 2,
         "radiod.conf:3:", "radiod.conf:8:", NULL);
}

static void over_long_things_are_refused(void **state)
{
  char text[1200];

  memset(text, 'a', sizeof text - 1);
  memcpy(text, "[station]\nstore = ", 18);
  text[sizeof text - 1] = '\0';
  refuse(state, text, 2, "longer than", NULL);
  text[10 + 8 + 150] = '\0';
  memcpy(text + 10, "socket= ", 8);
  refuse(state, text, 2, "UNIX socket", NULL);
}

static void binary_is_refused(void **state)
{
  static const char nul[] = "[station]\nlanguage = fr\0\n";
  struct config config;
  char error[CONFIG_ERROR_MAX];

  refuse(state, "[station]\nlanguage = \xff\xfe\n", 2, "UTF-8", NULL);
  refuse(state, "[station]\nlanguage = \x1b[2J\n", 2, "UTF-8", NULL);
  assert_int_equal(read_bytes(state, &config, error, nul, sizeof nul - 1), -EINVAL);
}

static void unreadable_files_are_refused(void **state)
{
  struct scratch *scratch = *state;
  char error[CONFIG_ERROR_MAX];
  struct config config;

  assert_int_equal(config_read(&config, scratch_path(scratch, "none"), error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, scratch->path));
  assert_int_equal(config_read(&config, scratch->folder, error, sizeof error), -EISDIR);
  assert_int_equal(mkfifo(scratch_path(scratch, "fifo"), 0600), 0);
  assert_int_equal(config_read(&config, scratch->path, error, sizeof error), -EINVAL);
}

static void short_error_buffers_are_respected(void **state)
{
  struct scratch *scratch = *state;
  const char *path = scratch_path(scratch, "radiod.conf");
  struct config config;
  char error[CONFIG_ERROR_MAX];

  scratch_write(path, "x\ny\nz\n", 6, 0644);
  for (size_t len = 0; len < 200; len++) {
    memset(error, 'x', sizeof error);
    assert_int_equal(config_read(&config, path, error, len), -EINVAL);
    assert_true(len == 0 || strnlen(error, len) < len);
    assert_int_equal(error[len], 'x');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_file_gives_defaults),
      cmocka_unit_test(every_key_is_read),
      cmocka_unit_test(channel_defaults_hold),
      cmocka_unit_test(relative_paths_start_at_the_file),
      cmocka_unit_test(editors_of_all_systems_are_understood),
      cmocka_unit_test(unknown_key_suggests_the_nearest),
      cmocka_unit_test(places_are_checked),
      cmocka_unit_test(too_many_channels_are_refused),
      cmocka_unit_test(key_set_twice_is_refused),
      cmocka_unit_test(missing_keys_are_named),
      cmocka_unit_test(keys_of_the_other_modem_are_refused),
      cmocka_unit_test(bad_values_are_refused),
      cmocka_unit_test(half_a_schedule_is_refused),
      cmocka_unit_test(bad_turns_and_limits_are_refused),
      cmocka_unit_test(amateur_service_is_refused),
      cmocka_unit_test(bad_callsigns_are_refused),
      cmocka_unit_test(bad_specs_are_refused),
      cmocka_unit_test(shared_devices_are_refused),
      cmocka_unit_test(ports_of_one_tcp_tnc_are_two_channels),
      cmocka_unit_test(all_mistakes_are_told),
      cmocka_unit_test(over_long_things_are_refused),
      cmocka_unit_test(binary_is_refused),
      cmocka_unit_test(unreadable_files_are_refused),
      cmocka_unit_test(short_error_buffers_are_respected),
  };

  return cmocka_run_group_tests_name("config", tests, scratch_setup, scratch_teardown);
}
