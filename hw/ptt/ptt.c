/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what a person wrote about the PTT line and picks the back end that drives it. */
#include "hw/ptt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/ptt/ptt_impl.h"

#define HOW_TO_WRITE                                                                                                 \
  "write none, rts:/dev/ttyUSB0, dtr:/dev/ttyUSB0 or gpio:gpiochip0:17 (rts-, dtr-, gpio- if inverted)"

static const struct {
  const char *word;
  enum ptt_kind kind;
  int inverted;
} kinds[] = {
    {"rts", PTT_RTS, 0},  {"rts-", PTT_RTS, 1},  {"dtr", PTT_DTR, 0},
    {"dtr-", PTT_DTR, 1}, {"gpio", PTT_GPIO, 0}, {"gpio-", PTT_GPIO, 1},
};

static int refuse(char *err, size_t err_len, const char *text, const char *what)
{
  snprintf(err, err_len, "PTT \"%.60s\": %s: " HOW_TO_WRITE, text, what);
  return -EINVAL;
}

/* Copies len characters.  Returns 0, or -EINVAL if they are none or too many. */
static int copy_name(char out[PTT_NAME_MAX], const char *text, size_t len)
{
  if (len == 0 || len >= PTT_NAME_MAX)
    return -EINVAL;
  memcpy(out, text, len);
  out[len] = '\0';
  return 0;
}

static int parse_kind(struct ptt_spec *spec, const char *text, size_t len)
{
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strlen(kinds[i].word) != len || memcmp(kinds[i].word, text, len) != 0)
      continue;
    spec->kind = kinds[i].kind;
    spec->inverted = kinds[i].inverted;
    return 0;
  }
  return -EINVAL;
}

static int parse(struct ptt_spec *spec, const char *text, char *err, size_t err_len)
{
  *spec = (struct ptt_spec){.kind = PTT_NONE};
  if (strpbrk(text, " \t\r\n,;+"))
    return refuse(err, err_len, text, "one line keys one radio, and its name has no blanks or commas");
  const char *colon = strchr(text, ':');
  if (!colon)
    return strcmp(text, "none") == 0 ? 0 : refuse(err, err_len, text, "this is no kind of PTT");
  if (parse_kind(spec, text, (size_t)(colon - text)) != 0)
    return refuse(err, err_len, text, "this is no kind of PTT");
  const char *device = colon + 1;
  if (spec->kind != PTT_GPIO) {
    if (device[0] != '/' || copy_name(spec->device, device, strlen(device)) != 0)
      return refuse(err, err_len, text, "a serial port is named by its whole path");
    return 0;
  }
  /* The last colon: a chip's label may hold others. */
  const char *line = strrchr(device, ':');
  if (!line || copy_name(spec->device, device, (size_t)(line - device)) != 0 ||
      copy_name(spec->line, line + 1, strlen(line + 1)) != 0)
    return refuse(err, err_len, text, "a GPIO line is named by its chip and its number or name");
  return 0;
}

int ptt_check(const char *spec, char *err, size_t err_len)
{
  struct ptt_spec parsed;
  return parse(&parsed, spec, err, err_len);
}

static int key_nothing(struct ptt *ptt, int on)
{
  (void)ptt;
  (void)on;
  return 0;
}

static void close_nothing(struct ptt *ptt)
{
  free(ptt);
}

static int open_nothing(struct ptt **out, char *err, size_t err_len)
{
  struct ptt *ptt = malloc(sizeof *ptt);
  if (!ptt) {
    snprintf(err, err_len, "no memory is left for PTT");
    return -ENOMEM;
  }
  *ptt = (struct ptt){.key = key_nothing, .close = close_nothing};
  *out = ptt;
  return 0;
}

int ptt_open(struct ptt **out, const char *spec, char *err, size_t err_len)
{
  struct ptt_spec parsed;
  int error = parse(&parsed, spec, err, err_len);
  if (error)
    return error;
  switch (parsed.kind) {
  case PTT_RTS:
  case PTT_DTR:
    return ptt_serial_open(out, &parsed, err, err_len);
  case PTT_GPIO:
    return ptt_gpio_open(out, &parsed, err, err_len);
  default:
    return open_nothing(out, err, err_len);
  }
}

int ptt_key(struct ptt *ptt, int on)
{
  return ptt->key(ptt, on != 0);
}

void ptt_close(struct ptt *ptt)
{
  if (!ptt)
    return;
  ptt->key(ptt, 0);
  ptt->close(ptt);
}
