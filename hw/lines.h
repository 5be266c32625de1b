/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single GPIO lines: outputs for PTT, LED and buzzer, debounced inputs for COR, duress button and power-fail. */
#ifndef HW_LINES_H
#define HW_LINES_H

#include <stddef.h>

/* Which line, as a person names it.  Values everywhere below are logical: 1 is active. */
struct line_name {
  const char *chip; /* "gpiochip0", "/dev/gpiochip0" or the chip's label */
  const char *line; /* number on the chip, or name */
  int is_active_low;
};

/* Each of these is used from one thread.  Names are not kept. */
struct line_output;
struct line_input;

/* Takes the line for this process alone and sets value.  Returns 0, or a negative errno code with one line in err:
 * -ENOENT (no such chip or line), -EBUSY (used by another program), -EACCES ... */
int line_output_open(struct line_output **out, const struct line_name *name, int value, char *err, size_t err_len);

/* Returns 0, or a negative errno code (-ENODEV when the chip is gone). */
int line_output_set(struct line_output *output, int value);

/* Sets the line inactive and gives it back.  NULL is allowed. */
void line_output_close(struct line_output *output);

/* Takes the line as an input whose changes count once they have lasted debounce_ms (1..1000). */
int line_input_open(struct line_input **out, const struct line_name *name, unsigned debounce_ms, char *err,
                    size_t err_len);

/* The value now: the one at opening, later the last that line_input_read gave. */
int line_input_value(const struct line_input *input);

/* For poll(): readable when line_input_read has something to do. */
int line_input_fd(const struct line_input *input);

/* Call when the descriptor is readable.  Returns 1 with the new value when the line has changed for good, 0 when it
 * has not, or a negative errno code (-ENODEV: the chip is gone; close, and open again later). */
int line_input_read(struct line_input *input, int *value);

/* NULL is allowed. */
void line_input_close(struct line_input *input);

#endif
