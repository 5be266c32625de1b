/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GPIO lines through libgpiod 2 (Debian 13). */
#include <errno.h>
#include <gpiod.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/lines/lines_impl.h"

#define EDGES_AT_ONCE 16

struct gpio_line {
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *edges; /* of an input */
  unsigned offset;
};

/* Opens the chip at path if its name or label is wanted.  Returns NULL with errno otherwise. */
static struct gpiod_chip *open_if_called(const char *path, const char *wanted)
{
  struct gpiod_chip *chip = gpiod_chip_open(path);
  struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;
  int is_wanted = info && (strcmp(gpiod_chip_info_get_name(info), wanted) == 0 ||
                           strcmp(gpiod_chip_info_get_label(info), wanted) == 0);
  int error = chip ? ENXIO : errno;
  if (info)
    gpiod_chip_info_free(info);
  if (is_wanted)
    return chip;
  if (chip)
    gpiod_chip_close(chip);
  errno = error;
  return NULL;
}

/* Returns NULL with errno ENXIO, or with the reason why a chip that may be the one meant could not be looked at. */
static struct gpiod_chip *find_chip(const char *wanted)
{
  glob_t paths;
  struct gpiod_chip *chip = NULL;
  int error = ENXIO;
  if (wanted[0] == '/')
    return gpiod_chip_open(wanted);
  if (glob("/dev/gpiochip*", 0, NULL, &paths) == 0) {
    for (size_t i = 0; i < paths.gl_pathc && !chip; i++) {
      chip = open_if_called(paths.gl_pathv[i], wanted);
      if (!chip && (errno == EACCES || errno == EPERM))
        error = errno;
    }
    globfree(&paths);
  }
  errno = error;
  return chip;
}

static int find_offset(struct gpiod_chip *chip, const char *line)
{
  int number = gpio_line_number(line);
  if (number < 0)
    number = gpiod_chip_get_line_offset_from_name(chip, line);
  if (number < 0)
    return -ENOENT;
  struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
  size_t count = info ? gpiod_chip_info_get_num_lines(info) : 0;
  if (info)
    gpiod_chip_info_free(info);
  return (size_t)number < count ? number : -ENOENT;
}

static int fill_settings(struct gpiod_line_settings *settings, const struct line_name *name,
                         enum line_direction direction, int value)
{
  gpiod_line_settings_set_active_low(settings, name->is_active_low != 0);
  if (direction == LINE_INPUT)
    return gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) ||
           gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
  return gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) ||
         gpiod_line_settings_set_output_value(settings, value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

static int request_line(struct gpio_line *line, struct gpiod_chip *chip, const struct line_name *name,
                        enum line_direction direction, int value)
{
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *request = gpiod_request_config_new();
  int error = -ENOMEM;
  if (settings && lines && request) {
    gpiod_request_config_set_consumer(request, LINES_CONSUMER);
    if (fill_settings(settings, name, direction, value) == 0 &&
        gpiod_line_config_add_line_settings(lines, &line->offset, 1, settings) == 0)
      line->request = gpiod_chip_request_lines(chip, request, lines);
    error = line->request ? 0 : -errno;
  }
  if (request)
    gpiod_request_config_free(request);
  if (lines)
    gpiod_line_config_free(lines);
  if (settings)
    gpiod_line_settings_free(settings);
  return error;
}

static int open_on_chip(struct gpio_line *line, struct gpiod_chip *chip, const struct line_name *name,
                        enum line_direction direction, int value)
{
  int offset = find_offset(chip, name->line);
  if (offset < 0)
    return offset;
  line->offset = (unsigned)offset;
  if (direction == LINE_INPUT && !(line->edges = gpiod_edge_event_buffer_new(EDGES_AT_ONCE)))
    return -ENOMEM;
  return request_line(line, chip, name, direction, value);
}

int gpio_line_open(struct gpio_line **out, const struct line_name *name, enum line_direction direction, int value)
{
  struct gpiod_chip *chip = find_chip(name->chip);
  if (!chip)
    return errno == EACCES || errno == EPERM ? -errno : -ENXIO;
  struct gpio_line *line = calloc(1, sizeof *line);
  int error = line ? open_on_chip(line, chip, name, direction, value) : -ENOMEM;
  gpiod_chip_close(chip);
  if (error) {
    gpio_line_close(line);
    return error;
  }
  *out = line;
  return 0;
}

int gpio_line_set(struct gpio_line *line, int value)
{
  enum gpiod_line_value wanted = value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  return gpiod_line_request_set_value(line->request, line->offset, wanted) == 0 ? 0 : -errno;
}

int gpio_line_get(struct gpio_line *line)
{
  enum gpiod_line_value value = gpiod_line_request_get_value(line->request, line->offset);
  return value == GPIOD_LINE_VALUE_ERROR ? -errno : value == GPIOD_LINE_VALUE_ACTIVE;
}

int gpio_line_fd(struct gpio_line *line)
{
  return gpiod_line_request_get_fd(line->request);
}

int gpio_line_discard_edges(struct gpio_line *line)
{
  return gpiod_line_request_read_edge_events(line->request, line->edges, EDGES_AT_ONCE) < 0 ? -errno : 0;
}

void gpio_line_close(struct gpio_line *line)
{
  if (!line)
    return;
  if (line->request)
    gpiod_line_request_release(line->request);
  if (line->edges)
    gpiod_edge_event_buffer_free(line->edges);
  free(line);
}
