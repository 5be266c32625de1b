/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the PTT back ends share. */
#ifndef HW_PTT_IMPL_H
#define HW_PTT_IMPL_H

#include "hw/ptt.h"

/* Embedded by a back end as its first member. */
struct ptt {
  int (*key)(struct ptt *ptt, int on);
  void (*close)(struct ptt *ptt); /* called released; frees ptt */
};

enum ptt_kind { PTT_NONE, PTT_RTS, PTT_DTR, PTT_GPIO };

#define PTT_NAME_MAX 256

/* A spec taken apart. */
struct ptt_spec {
  enum ptt_kind kind;
  int inverted;              /* keyed when the line is low */
  char device[PTT_NAME_MAX]; /* port, or chip */
  char line[PTT_NAME_MAX];   /* of a chip */
};

int ptt_serial_open(struct ptt **out, const struct ptt_spec *spec, char *err, size_t err_len);
int ptt_gpio_open(struct ptt **out, const struct ptt_spec *spec, char *err, size_t err_len);

#endif
