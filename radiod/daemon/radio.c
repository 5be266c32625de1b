/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One radio channel of the post: opens its modem and describes it to the protocol. */
#include "radiod/daemon/radio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hw/modems.h"

/* From the last sample on air to the burst in our hands: the soft modem's blocks and postamble take about a quarter
 * of a second each way, a TNC adds its own contention (slot time over persistence, 0.4 s with the usual settings). */
#define FREEDV_LATENCY_MS 600
#define KISS_LATENCY_MS 2000

/* What it takes to notice that another one has begun: the soft modem's preamble detection, or, since KISS tells
 * nothing, a TNC's own. */
#define FREEDV_SLOT_MS 300
#define KISS_SLOT_MS 400

static int open_kiss(struct radio *radio, char *err, size_t err_len)
{
  const struct config_channel *config = &radio->config;
  struct kiss_settings settings = {.device = config->device,
                                   .baud = config->baud,
                                   .port = config->kiss_port,
                                   .air_baud = config->air_baud,
                                   .ax25 = config->ax25,
                                   .callsign = config->callsign,
                                   .txdelay_ms = config->txdelay_ms,
                                   .txtail_ms = config->txtail_ms,
                                   .persistence = config->persistence,
                                   .slottime_ms = config->slottime_ms,
                                   .ptt = config->ptt,
                                   .lead_ms = config->lead_ms,
                                   .tail_ms = config->tail_ms};
  return kiss_modem_open(&radio->modem, &settings, err, err_len);
}

static int open_freedv(struct radio *radio, char *err, size_t err_len)
{
  const struct config_channel *config = &radio->config;
  struct freedv_settings settings = {.audio = config->audio,
                                     .ptt = config->ptt,
                                     .modes = config->modes[0] ? config->modes : NULL,
                                     .lead_ms = config->lead_ms,
                                     .tail_ms = config->tail_ms,
                                     .level_pct = config->level_pct};
  return freedv_modem_open(&radio->modem, &settings, err, err_len);
}

/* A limit that forbids the shortest burst of every mode would silence the channel without a word. */
static int check_key_down(const struct radio *radio, char *err, size_t err_len)
{
  const struct modem_mode *modes;
  size_t count = modem_modes(radio->modem, &modes);
  uint64_t limit_us = radio->config.key_down_max_s * UINT64_C(1000000);
  uint64_t shortest_us = UINT64_MAX;
  for (size_t i = 0; i < count; i++) {
    uint64_t airtime_us = modem_mode_airtime_us(&modes[i], 1);
    shortest_us = airtime_us < shortest_us ? airtime_us : shortest_us;
  }
  if (!limit_us || !count || shortest_us <= limit_us)
    return 0;
  snprintf(err, err_len, "key_down_max_s = %u: the shortest burst of any mode takes %.1f s; write at least %u, or 0",
           radio->config.key_down_max_s, (double)shortest_us / 1e6, (unsigned)(shortest_us / 1000000) + 1);
  return -EINVAL;
}

int radio_open(struct radio *radio, const struct config_channel *config, char *err, size_t err_len)
{
  memset(radio, 0, sizeof *radio);
  radio->config = *config;
  snprintf(radio->text, sizeof radio->text, "opening");
  int code = config->modem == CONFIG_MODEM_KISS ? open_kiss(radio, err, err_len) : open_freedv(radio, err, err_len);
  if (!code && (code = check_key_down(radio, err, err_len)) != 0)
    radio_close(radio);
  return code;
}

void radio_close(struct radio *radio)
{
  modem_close(radio->modem);
  radio->modem = NULL;
}

static enum link_access describe_access(enum config_access access)
{
  return access == CONFIG_ACCESS_SLOTS    ? LINK_ACCESS_SLOTS
         : access == CONFIG_ACCESS_POLLED ? LINK_ACCESS_POLLED
                                          : LINK_ACCESS_CSMA;
}

static struct link_mode describe_mode(const struct modem_mode *mode)
{
  return (struct link_mode){.unit_bytes = mode->unit_bytes,
                            .max_bytes = mode->max_bytes,
                            .overhead_us = mode->overhead_us,
                            .unit_us = mode->unit_us,
                            .snr_needed_cb = mode->snr_needed_cb,
                            .fixed = mode->fixed != 0};
}

void radio_describe(const struct radio *radio, struct link_channel *out)
{
  const struct config_channel *config = &radio->config;
  const struct modem_mode *modes;
  int is_kiss = config->modem == CONFIG_MODEM_KISS;
  size_t count = modem_modes(radio->modem, &modes);
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < count && i < LINK_MODES_MAX; i++)
    out->mode[out->mode_count++] = describe_mode(&modes[i]);
  out->answer_guard_ms = config->answer_guard_ms;
  out->key_ms = config->lead_ms + config->tail_ms;
  out->latency_ms = is_kiss ? KISS_LATENCY_MS : FREEDV_LATENCY_MS;
  out->slot_ms = is_kiss ? KISS_SLOT_MS : FREEDV_SLOT_MS;
  out->has_dcd = !is_kiss;
  out->access = (uint8_t)describe_access(config->access);
  out->cycle_ms = config->cycle_s * 1000;
  out->turn_begin_ms = config->turn_s.begin * 1000;
  out->turn_len_ms = (config->turn_s.end - config->turn_s.begin) * 1000;
  out->duty_permille = (uint16_t)(config->duty_pct * 10);
  out->key_down_max_ms = config->key_down_max_s * 1000;
}
