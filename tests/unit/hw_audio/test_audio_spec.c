/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound specifications from the settings file: what is refused, and that the line says what to do. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "hw/audio.h"
#include "hw/modems.h"

static void assert_refused(const char *spec, const char *hint)
{
  char err[200] = "";
  assert_int_equal(audio_check(spec, err, sizeof err), -EINVAL);
  if (!strstr(err, hint))
    fail_msg("\"%s\" does not mention \"%s\"", err, hint);
}

static void assert_accepted(const char *spec)
{
  char err[200] = "";
  if (audio_check(spec, err, sizeof err) != 0)
    fail_msg("%s: %s", spec, err);
}

static void unknown_kinds_are_refused(void **state)
{
  (void)state;
  assert_refused("", "alsa:");
  assert_refused("plughw:1,0", "alsa:");
  assert_refused("oss:/dev/dsp", "ether:");
}

static void incomplete_names_are_refused(void **state)
{
  (void)state;
  assert_refused("alsa:", "CAPTURE");
  assert_refused("alsa:,default", "CAPTURE");
  assert_refused("alsa:default,", "CAPTURE");
  assert_refused("ether:", "PATH:NAME");
  assert_refused("ether:/tmp/x", "PATH:NAME");
  assert_refused("ether:/tmp/x:", "PATH:NAME");
  assert_refused("ether::A", "PATH:NAME");
}

static void names_that_cannot_be_are_refused(void **state)
{
  (void)state;
  char spec[400] = "ether:/tmp/x:";
  assert_refused("ether:/tmp/x:A B", "letters");
  assert_refused("ether:/tmp/x:A\"", "letters");
  assert_refused("alsa:default,default,default", "two");
  assert_refused("alsa:def'ault", "character");
  memset(spec + strlen(spec), 'A', 40);
  assert_refused(spec, "longer");
  memset(spec, 0, sizeof spec);
  memset(spec, 'x', 300);
  memcpy(spec, "ether:/", 7);
  memcpy(spec + 200, ":A", 3);
  assert_refused(spec, "longer");
  memset(spec, 'x', 300);
  memcpy(spec, "alsa:", 5);
  assert_refused(spec, "longer");
}

static void commas_inside_alsa_names_do_not_split_them(void **state)
{
  (void)state;
  assert_accepted("alsa:default");
  assert_accepted("alsa:plughw:1,0");
  assert_accepted("alsa:plughw:1,0,plughw:2,0");
  assert_accepted("alsa:plughw:CARD=Device,DEV=0,plughw:CARD=Other,DEV=1");
  assert_accepted("alsa:a_rx,a_tx");
  assert_accepted("ether:/run/with:colon:A-1_b");
}

static void missing_devices_say_what_to_do(void **state)
{
  (void)state;
  struct audio *audio = NULL;
  char err[200] = "";
  assert_int_equal(audio_open(&audio, "alsa:hw:CARD=NoSuchCard", err, sizeof err), -ENODEV);
  assert_non_null(strstr(err, "plug it in"));
  assert_int_equal(audio_open(&audio, "ether:/nonexistent/ether:A", err, sizeof err), -ENODEV);
  assert_non_null(strstr(err, "is the ether running"));
  assert_null(audio);
  audio_close(NULL);
}

static void assert_modem_refused(struct freedv_settings settings, const char *hint)
{
  struct modem *modem = NULL;
  char err[200] = "";
  assert_true(freedv_modem_open(&modem, &settings, err, sizeof err) < 0);
  assert_null(modem);
  if (!strstr(err, hint))
    fail_msg("\"%s\" does not mention \"%s\"", err, hint);
}

static void modem_settings_that_cannot_work_are_refused(void **state)
{
  (void)state;
  const struct freedv_settings good = {.audio = "ether:/nonexistent:A", .ptt = "none", .level_pct = 50};
  struct freedv_settings bad = good;
  bad.audio = "oss:";
  assert_modem_refused(bad, "sound device");
  bad = good;
  bad.ptt = "smoke-signal";
  assert_modem_refused(bad, "smoke-signal");
  bad = good;
  bad.level_pct = 0;
  assert_modem_refused(bad, "1 to 100");
  bad.level_pct = 101;
  assert_modem_refused(bad, "1 to 100");
  bad = good;
  bad.lead_ms = 60000;
  assert_modem_refused(bad, "at most");
  bad = good;
  bad.modes = "DATAC0,DATAC99";
  assert_modem_refused(bad, "DATAC99");
  bad.modes = "";
  assert_modem_refused(bad, "unknown");
  bad.modes = "DATAC3,DATAC3";
  assert_modem_refused(bad, "twice");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_kinds_are_refused),
      cmocka_unit_test(incomplete_names_are_refused),
      cmocka_unit_test(names_that_cannot_be_are_refused),
      cmocka_unit_test(commas_inside_alsa_names_do_not_split_them),
      cmocka_unit_test(missing_devices_say_what_to_do),
      cmocka_unit_test(modem_settings_that_cannot_work_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
