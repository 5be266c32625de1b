/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The status report of a post: its fields, how a person writes them and how they are packed for the air. */
#ifndef PROTOCOL_WIRE_STATUS_H
#define PROTOCOL_WIRE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/bits.h"
#include "protocol/wire/text.h"

/* Groups of fields travel or stay away together.  The order is that of the presence bits. */
enum status_group {
  STATUS_GROUP_POWER,
  STATUS_GROUP_COMMS,
  STATUS_GROUP_STAFF,
  STATUS_GROUP_TRAFFIC,
  STATUS_GROUP_QUEUE,
  STATUS_GROUP_PROTECTION, /* persons handed over, refused, detained, minors */
  STATUS_GROUP_MEDICAL,
  STATUS_GROUP_INCIDENTS,
  STATUS_GROUP_NEEDS,
  STATUS_GROUP_WEATHER,
  STATUS_GROUP_COUNT
};

enum status_field {
  STATUS_POWER_SOURCE,
  STATUS_BATTERY,
  STATUS_FUEL,
  STATUS_COMMS,
  STATUS_STAFF,
  STATUS_STAFF_EXPECTED,
  STATUS_VEHICLES_USABLE,
  STATUS_BOATS_USABLE,
  STATUS_PERSONS_IN,
  STATUS_PERSONS_OUT,
  STATUS_VEHICLES,
  STATUS_QUEUE,
  STATUS_WAIT,
  STATUS_RETURNED,
  STATUS_REFUSED,
  STATUS_DETAINED,
  STATUS_MINORS,
  STATUS_INFIRM,
  STATUS_MEDICAL,
  STATUS_CHOLERA,
  STATUS_DEATHS,
  STATUS_INCIDENTS,
  STATUS_GRAVEST,
  STATUS_NEEDS,
  STATUS_NEEDS_URGENCY,
  STATUS_WEATHER,
  STATUS_WIND,
  STATUS_SEA,
  STATUS_ROAD,
  STATUS_FIELD_COUNT
};

enum status_state {
  STATUS_STATE_UNKNOWN,
  STATUS_STATE_OPEN,
  STATUS_STATE_RESTRICTED,
  STATUS_STATE_CLOSED_ORDER,
  STATUS_STATE_CLOSED_HAZARD,
  STATUS_STATE_CLOSED_OTHER_SIDE,
  STATUS_STATE_EVACUATED,
  STATUS_STATE_COUNT
};

enum status_field_type {
  STATUS_TYPE_NUMBER, /* code * step_milli / 1000 */
  STATUS_TYPE_COUNT,  /* log8 */
  STATUS_TYPE_CHOICE, /* one of names */
  STATUS_TYPE_MASK,   /* any of names, bit 0 first */
};

/* How one field is named, written and packed. */
struct status_field_info {
  const char *name; /* as in JSON and on the command line: "battery" */
  const char *unit; /* "V", "days", "min" or "" */
  enum status_group group;
  enum status_field_type type;
  uint8_t bits;             /* width of the code on air */
  uint16_t step_milli;      /* NUMBER: thousandths of the unit in one step */
  uint16_t max_code;        /* highest code with a value */
  int16_t unknown_code;     /* code that means unknown, -1 if none */
  int8_t top_is_more;       /* NUMBER: max_code means "this many or more" */
  const char *const *names; /* CHOICE, MASK: max_code + 1 (CHOICE) or bits (MASK) names; NULL entries are reserved */
};

/* A report.  value[] holds wire codes, so that sender and receiver keep bit for bit the same report and either can be
 * the base of a delta; a field is meaningful only if its group is in groups. */
struct status_report {
  uint8_t state;       /* enum status_state */
  uint8_t restriction; /* 6-bit mask, zero unless RESTRICTED */
  uint16_t groups;     /* bit per enum status_group */
  uint16_t value[STATUS_FIELD_COUNT];
  uint8_t is_correction;
  uint16_t corrects; /* low 16 bits of the counter of the report corrected */
  struct text text;  /* length 0: none */
};

const struct status_field_info *status_field_info(enum status_field field);
const char *status_group_name(enum status_group group);
const char *status_state_name(unsigned state);     /* NULL if out of range */
const char *status_restriction_name(unsigned bit); /* 0..5 */

/* Finds a field by its name; returns the field or -ENOENT. */
int status_field_find(const char *name);
/* Finds a state by its name; returns it or -ENOENT. */
int status_state_find(const char *name);

/* Reads what a person wrote ("24.1", "generator", "water,fuel", "unknown") as the code of field; sets the field and
 * its group in report.  Returns 0; -EINVAL (not a value of this field) or -ERANGE (too large or negative): report
 * untouched. */
int status_field_parse(struct status_report *report, enum status_field field, const char *text);

/* Writes the value of code as a person reads it ("24.0 V" without unit: "24.0"; counts above 63 begin with "≈").
 * Returns the length, cut to size - 1. */
size_t status_field_format(enum status_field field, uint16_t code, char *out, size_t size);

void status_init(struct status_report *report);

/* Returns 0, or -EINVAL with one line in why when fields contradict each other or a code is out of range
 * (minors may not exceed returned + persons in; no counts of traffic from an evacuated post; text too long). */
int status_check(const struct status_report *report, char *why, size_t why_len);

/* Non-zero when both reports mean the same. */
int status_equal(const struct status_report *a, const struct status_report *b);

/* Names a report as the base of a difference: the first three bytes of BLAKE2b over its whole form and the low 16
 * bits of its message counter.  Two bytes let one report in 65,536 be decoded against the wrong base. */
#define STATUS_BASE_REF_BITS 24
uint32_t status_base_ref(const struct status_report *report, uint32_t counter);

/* Writes the full form.  The writer reports overflow itself (bits_overflow). */
void status_encode(const struct status_report *report, struct bit_writer *out);

/* Writes the shorter of the full form and the difference from base (named base_ref). */
void status_encode_delta(const struct status_report *report, const struct status_report *base, uint32_t base_ref,
                         struct bit_writer *out);

/* Looks up the base of a delta.  Returns 0 or -ENOENT. */
typedef int status_find_base_fn(void *context, uint32_t base_ref, struct status_report *out);

/* Reads either form.  Returns 0, -EBADMSG (short, or a code out of range), -ENOENT (base unknown), -EPROTONOSUPPORT
 * (text model unknown).  out is untouched on error. */
int status_decode(struct status_report *out, struct bit_reader *in, status_find_base_fn *find_base, void *context);

#endif
