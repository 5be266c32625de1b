/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status reports as JSON, field by field, the same for the daemon and for radioctl. */
#ifndef RADIOD_API_JSON_STATUS_H
#define RADIOD_API_JSON_STATUS_H

#include <jansson.h>

#include "protocol/wire/status.h"
#include "radiod/api/json_common.h"

/* NUMBER and COUNT as a number in the field's unit, CHOICE as a string, MASK as an array of strings, unknown as null.
 */
json_t *api_json_field(enum status_field field, uint16_t code);

/* Sets field in report from such a value.  Returns 0 or -EINVAL; report is untouched on error. */
int api_read_field(struct status_report *report, enum status_field field, const json_t *value,
                   struct api_problem *problem);

/* What values the field takes, for a person: "0 to 50.8 V in steps of 0.2", "one of none, grid, ...". */
void api_field_describe(enum status_field field, char *out, size_t size);

/* {"state", "restriction", "fields", "approximate", "or_more", "correction_of"}; id is the report's own. */
json_t *api_json_status(const struct status_report *report, struct message_id id);

/* Reads state, restriction, fields and text of body over what report already holds.  Returns 0 or -EINVAL. */
int api_read_status(struct status_report *report, const json_t *body, struct api_problem *problem);

#endif
