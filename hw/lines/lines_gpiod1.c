/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GPIO lines through libgpiod 1.6 (Debian 12). */
#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>

#include "hw/lines/lines_impl.h"

#define EDGES_AT_ONCE 16

struct gpio_line {
  struct gpiod_chip *chip;
  struct gpiod_line *line;
};

static int find_line(struct gpio_line *found, const struct line_name *name)
{
  int number = gpio_line_number(name->line);
  if (number >= 0 && (unsigned)number >= gpiod_chip_num_lines(found->chip))
    return -ENOENT;
  found->line = number >= 0 ? gpiod_chip_get_line(found->chip, (unsigned)number)
                            : gpiod_chip_find_line(found->chip, name->line);
  return found->line ? 0 : -ENOENT;
}

static int request(struct gpiod_line *line, const struct line_name *name, enum line_direction direction, int value)
{
  int flags = name->is_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  int result = direction == LINE_OUTPUT ? gpiod_line_request_output_flags(line, LINES_CONSUMER, flags, value)
                                        : gpiod_line_request_both_edges_events_flags(line, LINES_CONSUMER, flags);
  return result == 0 ? 0 : -errno;
}

int gpio_line_open(struct gpio_line **out, const struct line_name *name, enum line_direction direction, int value)
{
  struct gpio_line *found = calloc(1, sizeof *found);
  if (!found)
    return -ENOMEM;
  errno = 0;
  found->chip = gpiod_chip_open_lookup(name->chip);
  int error = found->chip ? find_line(found, name) : errno == EACCES || errno == EPERM ? -errno : -ENXIO;
  if (error == 0)
    error = request(found->line, name, direction, value);
  if (error) {
    gpio_line_close(found);
    return error;
  }
  *out = found;
  return 0;
}

int gpio_line_set(struct gpio_line *line, int value)
{
  return gpiod_line_set_value(line->line, value) == 0 ? 0 : -errno;
}

int gpio_line_get(struct gpio_line *line)
{
  int value = gpiod_line_get_value(line->line);
  return value < 0 ? -errno : value;
}

int gpio_line_fd(struct gpio_line *line)
{
  return gpiod_line_event_get_fd(line->line);
}

int gpio_line_discard_edges(struct gpio_line *line)
{
  struct gpiod_line_event edges[EDGES_AT_ONCE];
  return gpiod_line_event_read_multiple(line->line, edges, EDGES_AT_ONCE) < 0 ? -errno : 0;
}

void gpio_line_close(struct gpio_line *line)
{
  if (!line)
    return;
  if (line->chip)
    gpiod_chip_close(line->chip);
  free(line);
}
