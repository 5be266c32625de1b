/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a libgpiod back end does for lines.c: one file for each major version of that library, chosen by the build. */
#ifndef HW_LINES_IMPL_H
#define HW_LINES_IMPL_H

#include "hw/lines.h"

#define LINES_CONSUMER "radiod" /* shown by gpioinfo */

enum line_direction { LINE_OUTPUT, LINE_INPUT };

struct gpio_line;

/* Takes the line as an output at 0, or as an input with edge events.  Returns 0 or a negative errno code: -ENXIO when
 * there is no such chip, -ENOENT when it has no such line. */
int gpio_line_open(struct gpio_line **out, const struct line_name *name, enum line_direction direction, int value);

int gpio_line_set(struct gpio_line *line, int value);

/* Returns 0 or 1, or a negative errno code. */
int gpio_line_get(struct gpio_line *line);

/* Of an input: readable when edges wait. */
int gpio_line_fd(struct gpio_line *line);

/* Takes some waiting edges.  Returns 0 or a negative errno code. */
int gpio_line_discard_edges(struct gpio_line *line);

void gpio_line_close(struct gpio_line *line);

/* Reads a line number.  Returns it, or -EINVAL if text is a name. */
int gpio_line_number(const char *text);

#endif
