/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary's counts. */
#include "sim/net/tally.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/sim/scenario_text.h"

static void file(struct tally *tally, uint32_t counter, unsigned precedence, uint16_t recipient, int64_t at_ms)
{
  struct message message = {.id = {1, counter}, .kind = MESSAGE_TEXT, .precedence = (uint8_t)precedence};
  assert_int_equal(tally_filed(tally, &message, recipient, at_ms), 0);
}

static void assert_has(const struct tally *tally, const struct scenario *scenario, const char *member)
{
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  tally_write(tally, scenario, out);
  fclose(out);
  if (!strstr(text, member))
    fail_msg("no %s in %s", member, text);
  free(text);
}

static void only_what_the_channels_can_carry_counts_in_the_ratio(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[link 1 3]\nsnr = -99\n");
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  file(&tally, 2, ROUTINE, 2, 1000);
  file(&tally, 3, ROUTINE, 3, 0);
  file(&tally, 4, ROUTINE, 2, 3500000); /* too near the end */
  tally_arrived(&tally, (struct message_id){1, 2}, 2, 5000);
  tally_judge(&tally, scenario, 1);
  assert_has(&tally, scenario,
             "\"offered\":4,\"not_filed\":0,\"reachable\":2,\"delivered\":1,\"delivery_ratio\":0.50000");
  tally_wipe(&tally);
  free(scenario);
}

static void a_pair_that_never_has_power_together_is_not_reachable(void **state)
{
  (void)state;
  struct scenario *scenario =
      scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n[outage a]\nstations = 2\nfrom = 0s\nto = 30m\n"
                                  "[outage b]\nstations = 1\nfrom = 30m\nto = 1h\n");
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  tally_judge(&tally, scenario, 1);
  assert_has(&tally, scenario, "\"reachable\":0");
  tally_wipe(&tally);
  free(scenario);
}

static void the_percentile_counts_what_never_came(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS "[link 1 2]\nsnr = 10\n");
  struct tally tally = {0};
  for (uint32_t i = 1; i <= 20; i++)
    file(&tally, i, FLASH, 2, 0);
  for (uint32_t i = 1; i <= 19; i++)
    tally_arrived(&tally, (struct message_id){1, i}, 2, i * 1000);
  tally_judge(&tally, scenario, 1);
  assert_has(&tally, scenario, "\"flash_p95_s\":19.0,\"priority_p95_s\":null");
  file(&tally, 21, FLASH, 2, 0);
  tally_judge(&tally, scenario, 1);
  assert_has(&tally, scenario, "\"flash_p95_s\":null");
  tally_wipe(&tally);
  free(scenario);
}

static void what_is_shown_twice_is_a_duplicate(void **state)
{
  (void)state;
  struct scenario *scenario = scenario_text(TEXT_STATIONS);
  struct tally tally = {0};
  file(&tally, 1, ROUTINE, 2, 0);
  tally_shown(&tally, (struct message_id){1, 1}, 2);
  assert_has(&tally, scenario, "\"duplicates\":0");
  tally_shown(&tally, (struct message_id){1, 1}, 2);
  assert_has(&tally, scenario, "\"duplicates\":1");
  tally_wipe(&tally);
  free(scenario);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_the_channels_can_carry_counts_in_the_ratio),
      cmocka_unit_test(a_pair_that_never_has_power_together_is_not_reachable),
      cmocka_unit_test(the_percentile_counts_what_never_came),
      cmocka_unit_test(what_is_shown_twice_is_a_duplicate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
