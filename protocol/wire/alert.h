/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alerts in the vocabulary of the Common Alerting Protocol 1.2 (OASIS), packed into a few bytes. */
#ifndef PROTOCOL_WIRE_ALERT_H
#define PROTOCOL_WIRE_ALERT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/text.h"

/* The code lists, in the order of their codes on air.  Names are CAP's own. */
enum alert_list {
  ALERT_LIST_STATUS,    /* Actual, Exercise, System, Test, Draft */
  ALERT_LIST_MSG_TYPE,  /* Alert, Update, Cancel, Ack, Error */
  ALERT_LIST_SCOPE,     /* Public, Restricted, Private */
  ALERT_LIST_CATEGORY,  /* Geo ... Other */
  ALERT_LIST_RESPONSE,  /* Shelter ... None */
  ALERT_LIST_URGENCY,   /* Immediate ... Unknown */
  ALERT_LIST_SEVERITY,  /* Extreme ... Unknown */
  ALERT_LIST_CERTAINTY, /* Observed ... Unknown */
  ALERT_LIST_COUNT
};

/* Codes of ALERT_LIST_MSG_TYPE that end an earlier alert. */
#define ALERT_UPDATE 1
#define ALERT_CANCEL 2

#define ALERT_EVENT_COUNT 32

/* What an event type brings along unless the sender says otherwise. */
struct alert_event_info {
  const char *name;  /* short English name, lower case, as on the command line: "flood" */
  const char *title; /* as a person reads it: "flood / flash flood" */
  uint8_t category;  /* ALERT_LIST_CATEGORY */
  uint8_t precedence;
  uint8_t response; /* ALERT_LIST_RESPONSE */
  uint8_t expiry;   /* expiry code */
};

enum alert_area_kind { ALERT_AREA_STATION, ALERT_AREA_SECTORS, ALERT_AREA_DEPARTMENTS, ALERT_AREA_ALL };

#define ALERT_SECTOR_COUNT 7      /* NE, NO, CE, OU, SE, SU, AR; bit 0 first */
#define ALERT_DEPARTMENT_COUNT 10 /* Artibonite ... Sud-Est; bit 0 first */
#define ALERT_EXPIRY_UNTIL_CANCELLED 63

struct alert {
  uint8_t event; /* 0..31 */
  uint8_t code[ALERT_LIST_COUNT];
  uint8_t area_kind;    /* enum alert_area_kind */
  uint16_t area;        /* station number, sector mask or department mask; zero for ALL */
  uint8_t onset;        /* quarter hours after sending */
  uint8_t expiry;       /* 0..23: 1..24 h; 24..53: 2..31 days; 63 until cancelled */
  uint16_t ref_station; /* with Update, Cancel, Ack, Error: the earlier message */
  uint16_t ref_counter; /* low 16 bits of its counter */
  struct text text;
};

const struct alert_event_info *alert_event_info(unsigned event);  /* NULL if out of range */
int alert_event_find(const char *name);                           /* event or -ENOENT */
const char *alert_code_name(enum alert_list list, unsigned code); /* NULL if out of range */
int alert_code_find(enum alert_list list, const char *name);      /* code or -ENOENT */
const char *alert_sector_name(unsigned bit);                      /* "NE" */
const char *alert_department_name(unsigned bit);                  /* "Artibonite" */

/* Fills alert with the defaults of event: Actual, Alert, Restricted, category, response, expiry, area ALL. */
void alert_init(struct alert *alert, unsigned event);

/* Codes between those of days and "until cancelled" are reserved. */
int alert_expiry_is_valid(uint8_t code);

/* Minutes from sending to expiry; UINT32_MAX when until cancelled. */
uint32_t alert_expiry_minutes(uint8_t code);

/* Returns 0, or -EINVAL with one line in why. */
int alert_check(const struct alert *alert, char *why, size_t why_len);

/* Non-zero when a post of this number, sector bit and department bit (-1: none) lies in the area. */
int alert_concerns(const struct alert *alert, unsigned station, int sector, int department);

void alert_encode(const struct alert *alert, struct bit_writer *out);

/* Returns 0, -EBADMSG or -EPROTONOSUPPORT; out is untouched on error. */
int alert_decode(struct alert *out, struct bit_reader *in);

#endif
