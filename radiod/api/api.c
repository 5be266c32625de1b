/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the control API: libmicrohttpd driven by the daemon's loop, on its thread, with a bound on everything a
 * client can make it hold. */
#include "radiod/api/api.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radiod/api/listen.h"
#include "radiod/api/routes.h"

#define CONNECTIONS_MAX 128
#define SILENCE_MAX_S 10          /* a client that says nothing */
#define REQUEST_MAX_MS 30000      /* a client that speaks, but byte by byte */
#define SWEEP_MS 1000             /* how often slow clients are looked for */
#define DISCARD_MAX (1024 * 1024) /* of a body too long, read so that its sender can read our refusal */

struct connection {
  int fd;
  uint64_t since_ms; /* of accept, or of the end of the request before */
  struct connection *next;
};

struct api {
  struct MHD_Daemon *http;
  struct station *station;
  struct connection *connections;
  uv_loop_t *loop;
  uv_poll_t poll;
  uv_timer_t timer;
  int open_handles;
  char path[LISTEN_PATH_MAX];
};

/* One request from its first header to its answer. */
struct call {
  struct api_request request;
  char *body;
  size_t len, size, discarded;
  const char *bad_query; /* what is wrong with it */
};

static enum MHD_Result note_query(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
  struct call *call = context;
  struct api_request *request = &call->request;
  struct api_query *query = &request->query[request->query_count];
  (void)kind;
  if (!value)
    value = "";
  if (request->query_count == API_QUERY_MAX)
    call->bad_query = "more arguments than any path takes";
  else if (strlen(name) >= sizeof query->name || strlen(value) >= sizeof query->value)
    call->bad_query = "an argument is too long";
  else if (api_query_value(request, name))
    call->bad_query = "an argument is given twice";
  if (call->bad_query)
    return MHD_NO;
  snprintf(query->name, sizeof query->name, "%s", name);
  snprintf(query->value, sizeof query->value, "%s", value);
  request->query_count++;
  return MHD_YES;
}

/* Keeps a piece of the body.  Returns 0, or -EMSGSIZE when the client sends far more than it may. */
static int keep_body(struct call *call, const char *bytes, size_t len)
{
  if (call->discarded || len > API_BODY_MAX - call->len) {
    call->discarded += len;
    return call->discarded > DISCARD_MAX ? -EMSGSIZE : 0;
  }
  if (call->len + len > call->size) {
    size_t size = call->len + len > API_BODY_MAX / 8 ? API_BODY_MAX : API_BODY_MAX / 8;
    char *grown = realloc(call->body, size);
    if (!grown)
      return -ENOMEM;
    call->body = grown;
    call->size = size;
  }
  memcpy(call->body + call->len, bytes, len);
  call->len += len;
  return 0;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct api_reply *reply)
{
  char *text = reply->body ? json_dumps(reply->body, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
  json_decref(reply->body);
  if (!text) {
    reply->status = 500;
    text = strdup("{\"error\":{\"code\":\"no_memory\",\"message\":\"radiod: out of memory; try again later\"}}");
  }
  if (!text)
    return MHD_NO;
  struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
  if (!response) {
    free(text);
    return MHD_NO;
  }
  MHD_add_response_header(response, "Content-Type", "application/json");
  MHD_add_response_header(response, "Cache-Control", "no-store");
  if (reply->allow)
    MHD_add_response_header(response, "Allow", reply->allow);
  enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
  MHD_destroy_response(response);
  return result;
}

static void answer_call(struct api *api, struct call *call, struct api_reply *reply)
{
  call->request.station = api->station;
  call->request.bytes = call->body;
  call->request.len = call->len;
  if (call->discarded)
    api_reply_error(reply, 413, "too_large", "body: more than %d bytes; send less", API_BODY_MAX);
  else if (call->bad_query)
    api_reply_error(reply, 400, "bad_query", "%.80s: %s", call->request.path, call->bad_query);
  else
    routes_answer(&call->request, reply);
}

/* Called by libmicrohttpd: once with the headers, once for each piece of the body, once at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *len,
                                  void **state)
{
  struct call *call = *state;
  (void)version;
  if (!call) {
    *state = call = calloc(1, sizeof *call);
    if (call)
      MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, note_query, call);
    return call ? MHD_YES : MHD_NO;
  }
  if (*len) {
    int err = keep_body(call, data, *len);
    *len = 0;
    return err ? MHD_NO : MHD_YES;
  }
  struct api_reply reply = {0};
  call->request.method = method;
  call->request.path = url;
  answer_call(context, call, &reply);
  return send_reply(connection, &reply);
}

static void on_request_end(void *context, struct MHD_Connection *connection, void **state,
                           enum MHD_RequestTerminationCode code)
{
  struct api *api = context;
  struct call *call = *state;
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  struct connection *link = info ? info->socket_context : NULL;
  (void)code;
  if (link)
    link->since_ms = uv_now(api->loop);
  if (call)
    free(call->body);
  free(call);
  *state = NULL;
}

static void forget_connection(struct api *api, struct connection *link)
{
  struct connection **at = &api->connections;
  while (*at && *at != link)
    at = &(*at)->next;
  if (*at)
    *at = link->next;
  free(link);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
  struct api *api = context;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    forget_connection(api, *socket_context);
    *socket_context = NULL;
    return;
  }
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct connection *link = info ? calloc(1, sizeof *link) : NULL;
  if (!link)
    return;
  link->fd = info->connect_fd;
  link->since_ms = uv_now(api->loop);
  link->next = api->connections;
  api->connections = link;
  *socket_context = link;
}

/* libmicrohttpd's time-out starts anew with each byte; this one does not. */
static void cut_slow_clients(struct api *api)
{
  for (struct connection *link = api->connections; link; link = link->next)
    if (uv_now(api->loop) - link->since_ms > REQUEST_MAX_MS)
      shutdown(link->fd, SHUT_RDWR);
}

static void serve(struct api *api);

static void on_readable(uv_poll_t *poll, int status, int events)
{
  (void)status;
  (void)events;
  serve(poll->data);
}

static void on_timer(uv_timer_t *timer)
{
  serve(timer->data);
}

static void serve(struct api *api)
{
  MHD_UNSIGNED_LONG_LONG wait_ms;
  cut_slow_clients(api);
  MHD_run(api->http);
  int waits = MHD_get_timeout(api->http, &wait_ms) == MHD_YES;
  if (api->connections && (!waits || wait_ms > SWEEP_MS))
    wait_ms = SWEEP_MS;
  if (waits || api->connections)
    uv_timer_start(&api->timer, on_timer, wait_ms, 0);
  else
    uv_timer_stop(&api->timer);
}

static struct MHD_Daemon *start_http(struct api *api, int fd)
{
  return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, api, MHD_OPTION_LISTEN_SOCKET, fd,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                          (unsigned)SILENCE_MAX_S, MHD_OPTION_NOTIFY_COMPLETED, on_request_end, api,
                          MHD_OPTION_NOTIFY_CONNECTION, on_connection, api, MHD_OPTION_END);
}

static void on_closed(uv_handle_t *handle)
{
  struct api *api = handle->data;
  if (--api->open_handles == 0)
    free(api);
}

static int start_handles(struct api *api)
{
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(api->http, MHD_DAEMON_INFO_EPOLL_FD);
  int err = info ? uv_poll_init(api->loop, &api->poll, info->epoll_fd) : -ENOSYS;
  if (err)
    return err;
  uv_timer_init(api->loop, &api->timer);
  api->open_handles = 2;
  api->poll.data = api->timer.data = api;
  return uv_poll_start(&api->poll, UV_READABLE, on_readable);
}

int api_start(struct api **out, uv_loop_t *loop, struct station *station, const char *path, char *err, size_t err_len)
{
  struct api *api = calloc(1, sizeof *api);
  if (!api) {
    snprintf(err, err_len, "control API: out of memory");
    return -ENOMEM;
  }
  api->loop = loop;
  api->station = station;
  int fd = listen_open(path, err, err_len);
  if (fd < 0) {
    free(api);
    return fd;
  }
  snprintf(api->path, sizeof api->path, "%s", path);
  api->http = start_http(api, fd);
  if (!api->http)
    close(fd);
  int code = api->http ? start_handles(api) : -EIO;
  if (!code) {
    *out = api;
    return 0;
  }
  snprintf(err, err_len, "control API on %s: cannot start (%s); report this", path, strerror(-code));
  api_stop(api);
  return code;
}

void api_stop(struct api *api)
{
  if (!api)
    return;
  if (api->open_handles)
    uv_poll_stop(&api->poll);
  if (api->http)
    MHD_stop_daemon(api->http);
  unlink(api->path);
  if (!api->open_handles) {
    free(api);
    return;
  }
  uv_close((uv_handle_t *)&api->poll, on_closed);
  uv_close((uv_handle_t *)&api->timer, on_closed);
}
