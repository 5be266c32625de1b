/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what a person configured for a KISS modem and works out what a burst costs on air. */
#include "hw/modem/kiss_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/modem/kiss_link.h"
#include "hw/ptt.h"

/* What a TNC does when nobody tells it (KISS specification, section 4, and Dire Wolf 1.6). */
enum { DEFAULT_TXDELAY_MS = 500, DEFAULT_TXTAIL_MS = 100 };

enum {
  FLAGS_LEN = 2,
  FCS_LEN = 2,
  AIR_BAUD_MIN = 50,
  AIR_BAUD_MAX = 1000000,
  TIME_MAX_MS = 2550,
  KEYING_MAX_MS = 5000
};

static int refuse(char *err, size_t err_len, const char *what)
{
  snprintf(err, err_len, "%s", what);
  return -EINVAL;
}

/* A time in the TNC's unit of 10 ms, or any byte.  Negative means that the TNC keeps its own. */
static void add_parameter(struct kiss_config *config, enum kiss_command command, int value)
{
  if (value < 0)
    return;
  config->parameters[config->parameter_count].command = command;
  config->parameters[config->parameter_count++].value = (uint8_t)value;
}

static int time_units(int ms)
{
  return ms < 0 ? -1 : (ms + 9) / 10;
}

static int load_parameters(struct kiss_config *config, const struct kiss_settings *s, char *err, size_t err_len)
{
  if (s->txdelay_ms > TIME_MAX_MS || s->txtail_ms > TIME_MAX_MS || s->slottime_ms > TIME_MAX_MS)
    return refuse(err, err_len, "TXDELAY, TX tail and slot time reach to 2550 ms in KISS: write a smaller number");
  if (s->persistence > 255)
    return refuse(err, err_len, "the persistence is a number from 0 to 255: write for example 63");
  add_parameter(config, KISS_TXDELAY, time_units(s->txdelay_ms));
  add_parameter(config, KISS_PERSISTENCE, s->persistence);
  add_parameter(config, KISS_SLOTTIME, time_units(s->slottime_ms));
  add_parameter(config, KISS_TXTAIL, time_units(s->txtail_ms));
  return 0;
}

static int load_addresses(struct kiss_config *config, const struct kiss_settings *s, char *err, size_t err_len)
{
  config->ax25 = s->ax25 != 0;
  if (!config->ax25)
    return 0;
  if (!s->callsign || ax25_address_parse(&config->own, s->callsign) != 0)
    return refuse(
        err, err_len,
        "AX.25 needs the station's own callsign: up to 6 letters and digits and -1 to -15 if wanted, such as "
        "HH2ABC-7");
  if (ax25_address_parse(&config->to, s->path_to ? s->path_to : "RADIOD") != 0)
    return refuse(err, err_len,
                  "the AX.25 destination is up to 6 letters and digits and -1 to -15 if wanted, such as RADIOD");
  if (ax25_address_equal(&config->own, &config->to))
    return refuse(err, err_len, "the AX.25 destination is the station's own callsign: leave it out to get RADIOD");
  return 0;
}

static int has_own_ptt(const struct kiss_settings *s)
{
  return s->ptt && *s->ptt && strcmp(s->ptt, "none") != 0;
}

static int load_ptt(struct kiss_config *config, const struct kiss_settings *s, char *err, size_t err_len)
{
  if (!has_own_ptt(s))
    return 0;
  int error = ptt_check(s->ptt, err, err_len);
  if (error)
    return error;
  const char *port = strchr(s->ptt, ':');
  if (port && strcmp(port + 1, s->device) == 0)
    return refuse(err, err_len,
                  "the PTT line is on the port that the TNC uses: let the TNC key (ptt none), or wire PTT elsewhere");
  if (s->lead_ms > KEYING_MAX_MS || s->tail_ms > KEYING_MAX_MS)
    return refuse(err, err_len, "PTT lead and tail reach to 5000 ms: write a smaller number");
  config->lead_us = s->lead_ms * INT64_C(1000);
  config->tail_us = s->tail_ms * INT64_C(1000);
  config->ptt = strdup(s->ptt);
  return config->ptt ? 0 : -ENOMEM;
}

/* Bit stuffing adds one bit in 62 to random data, which sealed bursts are; twice that is allowed for. */
static uint32_t byte_airtime_us(unsigned air_baud)
{
  return (8u * 1000000u / 32u * 33u + air_baud - 1) / air_baud;
}

static void describe_mode(struct modem_mode *mode, const struct kiss_settings *s)
{
  int txdelay_ms = s->txdelay_ms < 0 ? DEFAULT_TXDELAY_MS : s->txdelay_ms;
  int txtail_ms = s->txtail_ms < 0 ? DEFAULT_TXTAIL_MS : s->txtail_ms;
  unsigned framing = FLAGS_LEN + FCS_LEN + (s->ax25 ? AX25_HEADER_LEN : 0);
  *mode = (struct modem_mode){.unit_bytes = 1, .max_bytes = AX25_INFO_MAX};
  mode->unit_us = byte_airtime_us(s->air_baud);
  mode->overhead_us = (uint32_t)(txdelay_ms + txtail_ms) * 1000u + framing * mode->unit_us;
  /* Dire Wolf's atest on its own packets in noise: 300 Bd +2 dB, 1200 Bd +10 dB.  Above that an FM radio's threshold
   * decides; +16 dB is an allowance, not measured. */
  mode->snr_needed_cb = s->air_baud <= 300 ? 20 : s->air_baud <= 1200 ? 100 : 160;
  snprintf(mode->name, sizeof mode->name, "%s%u", s->air_baud <= 1200 ? "AFSK" : "FSK", s->air_baud);
}

int kiss_config_load(struct kiss_config *out, struct modem_mode *mode, const struct kiss_settings *s, char *err,
                     size_t err_len)
{
  *out = (struct kiss_config){.baud = s->baud ? s->baud : 9600, .port = s->port};
  if (s->port > 15)
    return refuse(err, err_len, "the KISS port is a number from 0 to 15: write 0 unless the TNC has several radios");
  if (s->air_baud < AIR_BAUD_MIN || s->air_baud > AIR_BAUD_MAX)
    return refuse(err, err_len, "the rate on air is missing or impossible: write 300, 1200 or 9600 bits a second");
  int error = kiss_link_check(s->device, err, err_len);
  if (error == 0)
    error = load_addresses(out, s, err, err_len);
  if (error == 0)
    error = load_parameters(out, s, err, err_len);
  if (error == 0)
    error = load_ptt(out, s, err, err_len);
  if (error == 0 && !(out->device = strdup(s->device)))
    error = -ENOMEM;
  if (error == -ENOMEM)
    snprintf(err, err_len, "no memory is left for a modem");
  if (error)
    kiss_config_free(out);
  else
    describe_mode(mode, s);
  return error;
}

void kiss_config_free(struct kiss_config *config)
{
  free(config->device);
  free(config->ptt);
  *config = (struct kiss_config){0};
}
