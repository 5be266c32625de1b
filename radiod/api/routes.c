/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the handler of a request and refuses what no handler should see: unknown paths, methods, arguments, bodies.
 */
#include "radiod/api/routes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX 200

struct route {
  const char *method;
  const char *path; /* "ID" stands for a message id */
  api_handler *handler;
  const char *query[API_QUERY_MAX + 1]; /* names it takes, ends with NULL */
};

static const struct route routes[] = {
    {"GET", "/v1/status", api_get_status, {NULL}},
    {"GET", "/v1/channels", api_get_channels, {NULL}},
    {"GET", "/v1/peers", api_get_peers, {NULL}},
    {"GET", "/v1/routes", api_get_routes, {NULL}},
    {"POST", "/v1/poll", api_post_poll, {NULL}},
    {"POST", "/v1/orders", api_post_order, {NULL}},
    {"GET", "/v1/messages", api_list_messages, {"box", "unread", "kind", "station", "before", "limit", "lang", NULL}},
    {"POST", "/v1/messages", api_post_message, {NULL}},
    {"POST", "/v1/cost", api_post_cost, {NULL}},
    {"GET", "/v1/messages/ID", api_get_message, {"lang", NULL}},
    {"POST", "/v1/messages/ID/receipt", api_post_receipt, {NULL}},
    {"POST", "/v1/messages/ID/cancel", api_post_cancel, {NULL}},
    {"GET", "/v1/phrases", api_get_phrases, {"q", "lang", NULL}},
    {"GET", "/v1/log", api_get_log, {"before", "limit", NULL}},
};
#define ROUTE_COUNT (sizeof routes / sizeof *routes)

void api_reply_error(struct api_reply *reply, unsigned status, const char *code, const char *format, ...)
{
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  json_decref(reply->body);
  reply->status = status;
  reply->body = json_pack("{s:{s:s, s:o}}", "error", "code", code, "message", api_json_text(text));
}

const char *api_query_value(const struct api_request *request, const char *name)
{
  for (size_t i = 0; i < request->query_count; i++)
    if (!strcmp(request->query[i].name, name))
      return request->query[i].value;
  return NULL;
}

/* Reads a whole number from low to high.  Returns 0 or -EINVAL. */
static int parse_number(const char *text, int64_t low, int64_t high, int64_t *out)
{
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno || end == text || *end || *text < '0' || *text > '9' || value < low || value > high)
    return -EINVAL;
  *out = value;
  return 0;
}

int api_query_page(const struct api_request *request, unsigned fallback, unsigned *limit, int64_t *before,
                   struct api_reply *reply)
{
  const char *limit_text = api_query_value(request, "limit"), *before_text = api_query_value(request, "before");
  int64_t number = fallback, row = 0;
  if (limit_text && parse_number(limit_text, 1, PAGE_MAX, &number)) {
    api_reply_error(reply, 400, "bad_query", "limit: must be a whole number from 1 to %d", PAGE_MAX);
    return -EINVAL;
  }
  if (before_text && parse_number(before_text, 1, INT64_MAX, &row)) {
    api_reply_error(reply, 400, "bad_query", "before: must be the \"next\" of the page before");
    return -EINVAL;
  }
  *limit = (unsigned)number;
  *before = row;
  return 0;
}

/* Compares path with a pattern; text between slashes that stands for ID is copied to id (cut when too long for one).
 */
static int path_matches(const char *pattern, const char *path, char id[API_ID_MAX + 1])
{
  const char *hole = strstr(pattern, "/ID");
  if (!hole)
    return !strcmp(pattern, path);
  size_t head = (size_t)(hole - pattern) + 1;
  if (strncmp(pattern, path, head))
    return 0;
  size_t len = strcspn(path + head, "/");
  if (!len || strcmp(path + head + len, hole + 3))
    return 0;
  snprintf(id, API_ID_MAX + 1, "%.*s", (int)(len < API_ID_MAX ? len : API_ID_MAX), path + head);
  return 1;
}

/* The methods of all routes with this path. */
static const char *allowed_methods(const char *pattern)
{
  int get = 0, post = 0;
  for (size_t i = 0; i < ROUTE_COUNT; i++)
    if (!strcmp(routes[i].path, pattern)) {
      get |= !strcmp(routes[i].method, "GET");
      post |= !strcmp(routes[i].method, "POST");
    }
  return get && post ? "GET, POST" : post ? "POST" : "GET";
}

static const struct route *find_route(const struct api_request *request, char id[API_ID_MAX + 1],
                                      struct api_reply *reply)
{
  const struct route *same_path = NULL;
  for (size_t i = 0; i < ROUTE_COUNT; i++) {
    if (!path_matches(routes[i].path, request->path, id))
      continue;
    if (!strcmp(routes[i].method, request->method))
      return &routes[i];
    same_path = &routes[i];
  }
  if (same_path) {
    reply->allow = allowed_methods(same_path->path);
    api_reply_error(reply, 405, "wrong_method", "%.10s %.80s: not with this method; use %s", request->method,
                    request->path, reply->allow);
  } else {
    api_reply_error(reply, 404, "unknown_path", "%.80s: no such path; the API's paths begin with /v1/",
                    request->path);
  }
  return NULL;
}

static int check_query(const struct route *route, const struct api_request *request, struct api_reply *reply)
{
  for (size_t i = 0; i < request->query_count; i++) {
    const char *name = request->query[i].name;
    size_t k = 0;
    while (route->query[k] && strcmp(route->query[k], name))
      k++;
    if (!route->query[k]) {
      api_reply_error(reply, 400, "bad_query", "%s: %s takes no such argument; leave it out", name, route->path);
      return -EINVAL;
    }
  }
  return 0;
}

static int read_body(struct api_request *request, struct api_reply *reply)
{
  json_error_t error;
  if (strcmp(request->method, "POST"))
    return 0;
  request->body = json_loadb(request->bytes ? request->bytes : "", request->len, JSON_REJECT_DUPLICATES, &error);
  if (!request->body) {
    api_reply_error(reply, 400, "bad_json",
                    "body: no valid JSON at line %d, column %d; send one JSON object in UTF-8", error.line,
                    error.column);
    return -EINVAL;
  }
  if (json_is_object(request->body))
    return 0;
  api_reply_error(reply, 400, "bad_json", "body: must be one JSON object");
  return -EINVAL;
}

void routes_answer(struct api_request *request, struct api_reply *reply)
{
  char id[API_ID_MAX + 1] = "";
  const struct route *route = find_route(request, id, reply);
  if (!route || check_query(route, request, reply))
    return;
  if (*id && api_id_parse(id, &request->id))
    api_reply_error(reply, 404, "not_found", "message %s: not a message id; one looks like 2-1045", id);
  else if (!read_body(request, reply))
    route->handler(request, reply);
  json_decref(request->body);
  request->body = NULL;
}
