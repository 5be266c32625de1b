/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's only loop: modems, timers, signals and the control API on one thread. */
#ifndef RADIOD_LOOP_H
#define RADIOD_LOOP_H

#include <stddef.h>

#include "radiod/config/config.h"

/* Runs the post until SIGTERM or SIGINT.  Returns 0, or a negative errno code with one line in err when it cannot
 * start. */
int loop_run(const char *config_path, const struct config *config, char *err, size_t err_len);

#endif
