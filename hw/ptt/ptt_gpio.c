/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PTT by a GPIO line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hw/lines.h"
#include "hw/ptt/ptt_impl.h"

struct ptt_gpio {
  struct ptt ptt;
  struct line_output *line;
};

static int key(struct ptt *ptt, int on)
{
  return line_output_set(((struct ptt_gpio *)ptt)->line, on);
}

static void close_line(struct ptt *ptt)
{
  struct ptt_gpio *p = (struct ptt_gpio *)ptt;
  line_output_close(p->line);
  free(p);
}

int ptt_gpio_open(struct ptt **out, const struct ptt_spec *spec, char *err, size_t err_len)
{
  struct line_name name = {.chip = spec->device, .line = spec->line, .is_active_low = spec->inverted};
  struct ptt_gpio *p = calloc(1, sizeof *p);
  if (!p) {
    snprintf(err, err_len, "no memory is left for PTT");
    return -ENOMEM;
  }
  int error = line_output_open(&p->line, &name, 0, err, err_len);
  if (error) {
    free(p);
    return error;
  }
  p->ptt = (struct ptt){.key = key, .close = close_line};
  *out = &p->ptt;
  return 0;
}
