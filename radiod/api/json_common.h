/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small forms that all JSON of the control API shares: identities, times, stations, safe strings, complaints.
 * Here and in its neighbours json_*.c live JSON and the protocol's structs; HTTP must not. */
#ifndef RADIOD_API_JSON_COMMON_H
#define RADIOD_API_JSON_COMMON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/delivery/message.h"

/* "1279-4294967295" and a zero. */
#define API_ID_MAX 16

/* What is wrong with what a client sent: a code for programs, one line (what, where, what to do) for people. */
struct api_problem {
  const char *code;
  char text[256];
};

/* Fills problem; returns -EINVAL, so that a reader can return it at once. */
int api_refuse(struct api_problem *problem, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads "2-1045".  Returns 0 or -EINVAL. */
int api_id_parse(const char *text, struct message_id *out);
void api_id_format(struct message_id id, char out[API_ID_MAX]);

/* The full counter behind its low 16 bits, told by a message of counter later from the same station. */
uint32_t api_counter_before(uint32_t later, uint16_t low);

/* A JSON string of any bytes: what is no UTF-8, or a control character other than newline and tab, becomes '?'. */
json_t *api_json_string(const char *bytes, size_t len);
json_t *api_json_text(const char *text); /* NULL gives null */
json_t *api_json_id(struct message_id id);
json_t *api_json_time(int64_t ms);     /* Unix time: RFC 3339 UTC with milliseconds; null outside 1970..9999 */
json_t *api_json_db(int16_t centibel); /* decibel; LINK_SNR_UNKNOWN gives null */
json_t *api_json_station(const struct directory *directory, unsigned number);
json_t *api_json_member(const struct directory *directory, unsigned number); /* with its role */

/* Refuses every member of object that is not in allowed (ends with NULL).  where names the object ("" for the body).
 */
int api_only_members(const json_t *object, const char *const *allowed, const char *where,
                     struct api_problem *problem);

/* Optional members: 0 leaves out as it was when the member is absent, -EINVAL when it is of another type. */
int api_read_string(const json_t *object, const char *name, const char **out, struct api_problem *problem);
int api_read_bool(const json_t *object, const char *name, int *out, struct api_problem *problem);
int api_read_integer(const json_t *object, const char *name, json_int_t low, json_int_t high, json_int_t *out,
                     struct api_problem *problem);
int api_read_text(const json_t *object, struct text *out, struct api_problem *problem);

/* Reads an array of names as a mask by name_of(bit), which is NULL behind the last name. */
typedef const char *api_name_fn(unsigned bit);
int api_read_mask(const json_t *array, const char *where, api_name_fn *name_of, uint16_t *out,
                  struct api_problem *problem);

#endif
