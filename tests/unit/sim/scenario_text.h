/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios written in a test, with modes that leave nothing to chance. */
#ifndef TESTS_UNIT_SIM_SCENARIO_TEXT_H
#define TESTS_UNIT_SIM_SCENARIO_TEXT_H

#include "sim/net/scenario.h"

/* Mode A: 14 bytes in 0.66 s, all arrives from 0 dB on, nothing below -1 dB. */
extern const struct mode_table text_modes;

/* A scenario of an hour with the channel "air" and stations 1 to 3, all within a few km. */
#define TEXT_STATIONS                                                                                                \
  "[scenario]\nhours = 1\n[channel air]\nkind = hf\nmhz = 7\nmodes = A\n"                                            \
  "[station 1]\nlatitude = 18.5\nlongitude = -72.3\nrole = coordinator\n"                                            \
  "[station 2]\nlatitude = 18.6\nlongitude = -72.3\n"                                                                \
  "[station 3]\nlatitude = 18.7\nlongitude = -72.3\n"

#define TEXT_PATH_MAX 64

/* Writes text to a file "test.ini" in a folder of its own, and removes both. */
void text_file_make(char path[TEXT_PATH_MAX], const char *text);
void text_file_remove(const char *path);

/* Reads text as the file "test.ini" in a folder of its own.  Returns what scenario_read does. */
int scenario_text_try(struct scenario *out, const char *text, char *why, size_t why_len);

/* Likewise; fails the test when it is refused.  The caller frees it. */
struct scenario *scenario_text(const char *text);

#endif
