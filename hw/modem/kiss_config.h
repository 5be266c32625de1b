/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a KISS modem, checked and copied once at opening. */
#ifndef HW_MODEM_KISS_CONFIG_H
#define HW_MODEM_KISS_CONFIG_H

#include "hw/modem/ax25.h"
#include "hw/modem/kiss.h"
#include "hw/modems.h"

#define KISS_PARAMETERS_MAX 4

struct kiss_config {
  char *device;
  char *ptt; /* NULL: the TNC keys */
  unsigned baud, port;
  int ax25;
  struct ax25_address own, to;
  int64_t lead_us, tail_us; /* 0 when the TNC keys */
  struct {
    enum kiss_command command;
    uint8_t value;
  } parameters[KISS_PARAMETERS_MAX];
  size_t parameter_count;
};

/* Fills *out and describes the one mode.  Returns 0, or a negative errno code with err filled. */
int kiss_config_load(struct kiss_config *out, struct modem_mode *mode, const struct kiss_settings *settings,
                     char *err, size_t err_len);

void kiss_config_free(struct kiss_config *config);

#endif
