/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and replies of the control API, and the table that says who answers which.  Nothing here knows sockets. */
#ifndef RADIOD_API_ROUTES_H
#define RADIOD_API_ROUTES_H

#include <jansson.h>
#include <stddef.h>

#include "radiod/api/json_common.h"
#include "radiod/daemon/station.h"

#define API_QUERY_MAX 8
#define API_QUERY_NAME_MAX 24
#define API_QUERY_VALUE_MAX 128
#define API_BODY_MAX 65536

struct api_query {
  char name[API_QUERY_NAME_MAX];
  char value[API_QUERY_VALUE_MAX];
};

struct api_request {
  struct station *station;
  const char *method;
  const char *path;
  struct api_query query[API_QUERY_MAX];
  size_t query_count;
  const char *bytes; /* the body as it came */
  size_t len;
  /* filled in by routes_answer */
  struct message_id id; /* of a path that holds one */
  json_t *body;         /* an object, of POST only */
};

struct api_reply {
  unsigned status;   /* HTTP */
  const char *allow; /* methods, with 405 */
  json_t *body;
};

/* Answers one request: always fills in reply, whose body is the caller's (NULL: out of memory). */
void routes_answer(struct api_request *request, struct api_reply *reply);

/* Makes reply an error: {"error": {"code", "message"}}. */
void api_reply_error(struct api_reply *reply, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The value of a query argument, NULL when it was not given. */
const char *api_query_value(const struct api_request *request, const char *name);
/* Reads limit (1..200, else fallback) and before (a row, 0 when not given).  Returns 0 or, with reply filled in,
 * -EINVAL. */
int api_query_page(const struct api_request *request, unsigned fallback, unsigned *limit, int64_t *before,
                   struct api_reply *reply);
/* Reads lang into an enum phrase_language, API_ALL_LANGUAGES when it was not given.  Returns 0 or, with reply filled
 * in, -EINVAL. */
int api_query_language(const struct api_request *request, int *language, struct api_reply *reply);

/* The handlers, one for a route. */
typedef void api_handler(struct api_request *request, struct api_reply *reply);
api_handler api_get_status, api_get_channels, api_get_peers, api_get_log, api_get_phrases;
api_handler api_get_routes, api_post_poll, api_post_order;
api_handler api_list_messages, api_get_message, api_post_message, api_post_receipt, api_post_cancel;
api_handler api_post_cost;

#endif
