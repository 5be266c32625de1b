/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GPIO lines for the rest of the program: clear errors, and inputs that are debounced and noticed when they go away,
 * neither of which libgpiod 1.6 does. */
#include "hw/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "hw/lines/lines_impl.h"

/* On kernel 6.1 a client is not woken when its chip goes away: an idle input is looked at so often. */
#define ALIVE_MS 2000

#define DEBOUNCE_MAX_MS 1000

struct line_output {
  struct gpio_line *gpio;
};

struct line_input {
  struct gpio_line *gpio;
  int value;
  unsigned debounce_ms;
  int timer_fd;
  int poll_fd; /* epoll over the line's edges and the timer, so that the owner watches one descriptor */
};

int gpio_line_number(const char *text)
{
  char *end;
  if (text[0] < '0' || text[0] > '9')
    return -EINVAL;
  unsigned long number = strtoul(text, &end, 10);
  return *end == '\0' && number < 1000000 ? (int)number : -EINVAL;
}

static int explain(int error, const struct line_name *name, char *err, size_t err_len)
{
  const char *what = strerror(-error), *advice = "see gpioinfo for what is there";
  if (error == -ENXIO) {
    what = "there is no such GPIO chip";
    advice = "see gpiodetect for the chips' names and labels";
  } else if (error == -ENOENT) {
    what = "the chip has no such line";
    advice = "see gpioinfo for its lines' numbers and names";
  } else if (error == -EBUSY) {
    what = "the line is in use";
    advice = "see gpioinfo for who uses it, and stop that program or choose another line";
  } else if (error == -EACCES || error == -EPERM) {
    what = "this user may not use the chip";
    advice = "add the user to the group that owns /dev/gpiochip*, usually gpio";
  }
  snprintf(err, err_len, "GPIO %.60s:%.40s: %s: %s", name->chip, name->line, what, advice);
  return error;
}

int line_output_open(struct line_output **out, const struct line_name *name, int value, char *err, size_t err_len)
{
  struct line_output *output = calloc(1, sizeof *output);
  int error = output ? gpio_line_open(&output->gpio, name, LINE_OUTPUT, value != 0) : -ENOMEM;
  if (error) {
    free(output);
    return explain(error, name, err, err_len);
  }
  *out = output;
  return 0;
}

int line_output_set(struct line_output *output, int value)
{
  return gpio_line_set(output->gpio, value != 0);
}

void line_output_close(struct line_output *output)
{
  if (!output)
    return;
  gpio_line_set(output->gpio, 0);
  gpio_line_close(output->gpio);
  free(output);
}

static void start_timer(const struct line_input *input, unsigned ms)
{
  struct itimerspec after = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}};
  timerfd_settime(input->timer_fd, 0, &after, NULL);
}

static int watch(const struct line_input *input, int fd)
{
  struct epoll_event event = {.events = EPOLLIN | EPOLLPRI, .data.fd = fd};
  return epoll_ctl(input->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int start_input(struct line_input *input, const struct line_name *name)
{
  int error = gpio_line_open(&input->gpio, name, LINE_INPUT, 0);
  if (error)
    return error;
  input->value = gpio_line_get(input->gpio);
  if (input->value < 0)
    return input->value;
  input->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  input->poll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (input->timer_fd < 0 || input->poll_fd < 0)
    return -errno;
  error = watch(input, input->timer_fd);
  if (error == 0)
    error = watch(input, gpio_line_fd(input->gpio));
  if (error == 0)
    start_timer(input, ALIVE_MS);
  return error;
}

int line_input_open(struct line_input **out, const struct line_name *name, unsigned debounce_ms, char *err,
                    size_t err_len)
{
  if (debounce_ms < 1 || debounce_ms > DEBOUNCE_MAX_MS) {
    snprintf(err, err_len, "GPIO %.60s:%.40s: the debounce time is 1 to %d ms: write for example 20", name->chip,
             name->line, DEBOUNCE_MAX_MS);
    return -EINVAL;
  }
  struct line_input *input = calloc(1, sizeof *input);
  if (!input)
    return explain(-ENOMEM, name, err, err_len);
  *input = (struct line_input){.debounce_ms = debounce_ms, .timer_fd = -1, .poll_fd = -1};
  int error = start_input(input, name);
  if (error) {
    line_input_close(input);
    return explain(error, name, err, err_len);
  }
  *out = input;
  return 0;
}

int line_input_value(const struct line_input *input)
{
  return input->value;
}

int line_input_fd(const struct line_input *input)
{
  return input->poll_fd;
}

/* The line has been quiet for the time set: what it shows now counts. */
static int settle(struct line_input *input, int *value)
{
  int now = gpio_line_get(input->gpio);
  if (now < 0)
    return now;
  start_timer(input, ALIVE_MS);
  if (now == input->value)
    return 0;
  *value = input->value = now;
  return 1;
}

int line_input_read(struct line_input *input, int *value)
{
  struct epoll_event ready[2];
  uint64_t expired;
  int count = epoll_wait(input->poll_fd, ready, 2, 0), edges = 0, is_due = 0;
  for (int i = 0; i < count; i++) {
    if (ready[i].data.fd == input->timer_fd)
      is_due = read(input->timer_fd, &expired, sizeof expired) > 0;
    else if (ready[i].events & (EPOLLERR | EPOLLHUP))
      return -ENODEV;
    else
      edges = 1;
  }
  if (!edges)
    return is_due ? settle(input, value) : 0;
  int error = gpio_line_discard_edges(input->gpio);
  if (error)
    return error;
  start_timer(input, input->debounce_ms);
  return 0;
}

void line_input_close(struct line_input *input)
{
  if (!input)
    return;
  gpio_line_close(input->gpio);
  if (input->timer_fd >= 0)
    close(input->timer_fd);
  if (input->poll_fd >= 0)
    close(input->poll_fd);
  free(input);
}
