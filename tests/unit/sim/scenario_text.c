/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios written in a test. */
#include "tests/unit/sim/scenario_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/protocol/cmocka_all.h"

const struct mode_table text_modes = {
    .mode = {{.name = "A",
              .link = {.unit_bytes = 14,
                       .max_bytes = 1008,
                       .overhead_us = 220000,
                       .unit_us = 440000,
                       .snr_needed_cb = 0,
                       .fixed = 1},
              .point = {{-1, 0}, {0, 1}},
              .point_count = 2}},
    .count = 1,
};

void text_file_make(char path[TEXT_PATH_MAX], const char *text)
{
  char folder[] = "/tmp/radiod-scenario-XXXXXX";
  assert_non_null(mkdtemp(folder));
  snprintf(path, TEXT_PATH_MAX, "%s/test.ini", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
}

void text_file_remove(const char *path)
{
  char folder[TEXT_PATH_MAX];
  strcpy(folder, path);
  *strrchr(folder, '/') = 0;
  unlink(path);
  rmdir(folder);
}

int scenario_text_try(struct scenario *out, const char *text, char *why, size_t why_len)
{
  char path[TEXT_PATH_MAX];
  text_file_make(path, text);
  int err = scenario_read(out, &text_modes, path, why, why_len);
  text_file_remove(path);
  return err;
}

struct scenario *scenario_text(const char *text)
{
  char why[512] = "";
  struct scenario *scenario = malloc(sizeof *scenario);
  assert_non_null(scenario);
  if (scenario_text_try(scenario, text, why, sizeof why))
    fail_msg("%s", why);
  return scenario;
}
