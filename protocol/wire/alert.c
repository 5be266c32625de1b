/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs alerts: the event's usual category and response cost one bit, the rest of the CAP codes their own. */
#include "protocol/wire/alert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATION_NUMBER_MAX 250

enum {
  STATUS_ACTUAL = 0,
  MSG_ALERT = 0,
  SCOPE_RESTRICTED = 1,
  URGENCY_UNKNOWN = 4,
  SEVERITY_UNKNOWN = 4,
  CERTAINTY_UNKNOWN = 4
};

static const uint8_t list_bits[ALERT_LIST_COUNT] = {3, 3, 2, 4, 4, 3, 3, 3};
static const uint8_t area_bits[] = {8, ALERT_SECTOR_COUNT, ALERT_DEPARTMENT_COUNT, 0};

void alert_init(struct alert *alert, unsigned event)
{
  const struct alert_event_info *info = alert_event_info(event);
  memset(alert, 0, sizeof *alert);
  alert->event = (uint8_t)event;
  alert->code[ALERT_LIST_STATUS] = STATUS_ACTUAL;
  alert->code[ALERT_LIST_MSG_TYPE] = MSG_ALERT;
  alert->code[ALERT_LIST_SCOPE] = SCOPE_RESTRICTED;
  alert->code[ALERT_LIST_CATEGORY] = info->category;
  alert->code[ALERT_LIST_RESPONSE] = info->response;
  alert->code[ALERT_LIST_URGENCY] = URGENCY_UNKNOWN;
  alert->code[ALERT_LIST_SEVERITY] = SEVERITY_UNKNOWN;
  alert->code[ALERT_LIST_CERTAINTY] = CERTAINTY_UNKNOWN;
  alert->area_kind = ALERT_AREA_ALL;
  alert->expiry = info->expiry;
}

uint32_t alert_expiry_minutes(uint8_t code)
{
  if (code < 24)
    return (code + 1u) * 60;
  if (code < 54)
    return (code - 24u + 2) * 24 * 60;
  return UINT32_MAX;
}

int alert_expiry_is_valid(uint8_t code)
{
  return code < 54 || code == ALERT_EXPIRY_UNTIL_CANCELLED;
}

static int area_is_valid(const struct alert *alert)
{
  if (alert->area_kind > ALERT_AREA_ALL)
    return 0;
  if (alert->area_kind == ALERT_AREA_ALL)
    return alert->area == 0;
  if (alert->area_kind == ALERT_AREA_STATION)
    return alert->area >= 1 && alert->area <= STATION_NUMBER_MAX;
  return alert->area && !(alert->area >> area_bits[alert->area_kind]);
}

static int names_earlier(const struct alert *alert)
{
  return alert->code[ALERT_LIST_MSG_TYPE] != MSG_ALERT;
}

int alert_check(const struct alert *alert, char *why, size_t why_len)
{
  const char *wrong = NULL;
  if (!alert_event_info(alert->event))
    wrong = "event: no such event type";
  for (int list = 0; list < ALERT_LIST_COUNT && !wrong; list++)
    if (!alert_code_name(list, alert->code[list]))
      wrong = "a CAP code is out of its list";
  if (!wrong && !area_is_valid(alert))
    wrong = "area: name at least one station, sector or department, or all";
  if (!wrong && !alert_expiry_is_valid(alert->expiry))
    wrong = "expiry: 1..24 hours, 2..31 days, or until cancelled";
  if (!wrong && names_earlier(alert) && (alert->ref_station < 1 || alert->ref_station > STATION_NUMBER_MAX))
    wrong = "references: Update, Cancel, Ack and Error must name the earlier message";
  int chars = text_count_chars(alert->text.bytes, alert->text.len);
  if (!wrong && (chars < 0 || chars > TEXT_MAX_CHARS))
    wrong = "text: at most 200 characters of UTF-8";
  if (!wrong)
    return 0;
  snprintf(why, why_len, "%s", wrong);
  return -EINVAL;
}

int alert_concerns(const struct alert *alert, unsigned station, int sector, int department)
{
  switch (alert->area_kind) {
  case ALERT_AREA_STATION:
    return alert->area == station;
  case ALERT_AREA_SECTORS:
    return sector >= 0 && (alert->area >> sector & 1);
  case ALERT_AREA_DEPARTMENTS:
    return department >= 0 && (alert->area >> department & 1);
  default:
    return 1;
  }
}

static int is_usual(const struct alert *alert)
{
  const struct alert_event_info *info = alert_event_info(alert->event);
  return alert->code[ALERT_LIST_CATEGORY] == info->category && alert->code[ALERT_LIST_RESPONSE] == info->response &&
         alert->expiry == info->expiry;
}

/* Category, response and expiry go only when they are not the event's own. */
static int is_carried(enum alert_list list, int usual)
{
  return !usual || (list != ALERT_LIST_CATEGORY && list != ALERT_LIST_RESPONSE);
}

void alert_encode(const struct alert *alert, struct bit_writer *out)
{
  int usual = is_usual(alert);
  bits_put(out, alert->event, 5);
  bits_put(out, (uint32_t)usual, 1);
  for (int list = 0; list < ALERT_LIST_COUNT; list++)
    if (is_carried(list, usual))
      bits_put(out, alert->code[list], list_bits[list]);
  if (!usual)
    bits_put(out, alert->expiry, 6);
  bits_put(out, alert->onset > 0, 1);
  if (alert->onset)
    bits_put(out, alert->onset, 8);
  bits_put(out, alert->area_kind, 2);
  bits_put(out, alert->area, area_bits[alert->area_kind]);
  if (names_earlier(alert)) {
    bits_put(out, alert->ref_station, 8);
    bits_put(out, alert->ref_counter, 16);
  }
  bits_put(out, alert->text.len > 0, 1);
  if (alert->text.len)
    text_encode(&alert->text, out);
}

int alert_decode(struct alert *out, struct bit_reader *in)
{
  struct alert alert;
  alert_init(&alert, bits_get(in, 5));
  int usual = (int)bits_get(in, 1);
  for (int list = 0; list < ALERT_LIST_COUNT; list++)
    if (is_carried(list, usual))
      alert.code[list] = (uint8_t)bits_get(in, list_bits[list]);
  if (!usual)
    alert.expiry = (uint8_t)bits_get(in, 6);
  if (bits_get(in, 1))
    alert.onset = (uint8_t)bits_get(in, 8);
  alert.area_kind = (uint8_t)bits_get(in, 2);
  alert.area = (uint16_t)bits_get(in, area_bits[alert.area_kind]);
  if (names_earlier(&alert)) {
    alert.ref_station = (uint16_t)bits_get(in, 8);
    alert.ref_counter = (uint16_t)bits_get(in, 16);
  }
  int has_text = (int)bits_get(in, 1);
  if (in->underflow)
    return -EBADMSG;
  if (has_text) {
    int err = text_decode(&alert.text, in);
    if (err)
      return err;
  }
  char why[80];
  if (alert_check(&alert, why, sizeof why))
    return -EBADMSG;
  *out = alert;
  return 0;
}
