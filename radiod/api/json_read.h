/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client files, read from JSON into the protocol's structs and checked member by member. */
#ifndef RADIOD_API_JSON_READ_H
#define RADIOD_API_JSON_READ_H

#include <jansson.h>

#include "radiod/api/json_common.h"

/* What the reader must know of the post. */
struct api_read_context {
  const struct directory *directory;
  unsigned self;
  const struct status_report *last; /* the last report filed here, NULL: none */
};

struct api_filing {
  struct message message;
  struct message_id refers; /* the message that is corrected, updated or cancelled; origin 0: none */
};

/* Reads the body of POST /v1/messages.  Returns 0, or -EINVAL with problem filled in; out is untouched then. */
int api_read_filing(struct api_filing *out, const json_t *body, const struct api_read_context *context,
                    struct api_problem *problem);

/* Reads the body of POST /v1/cost: the same, or a "text" alone, which is for nobody in particular: dest is
 * STATION_NONE then. */
int api_read_question(struct api_filing *out, const json_t *body, const struct api_read_context *context,
                      struct api_problem *problem);

/* Reads {"step", "officer", "text"}; ref_counter is left to the caller. */
int api_read_receipt(struct receipt *out, const json_t *body, struct api_problem *problem);

/* Reads a member of body: a station of the directory, not this post, by number, callsign or name.  Leaves out as it
 * was when there is none. */
int api_read_station(uint16_t *out, const json_t *body, const char *member, const struct api_read_context *context,
                     struct api_problem *problem);

/* Likewise member "to", which may also be "all": STATION_ALL. */
int api_read_recipient(uint16_t *out, const json_t *body, const struct api_read_context *context,
                       struct api_problem *problem);

/* The alert part of api_read_filing, in a file of its own. */
int api_read_alert(struct alert *out, struct message_id *refers, const json_t *body,
                   const struct api_read_context *context, struct api_problem *problem);

#endif
