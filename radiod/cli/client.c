/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the daemon over its UNIX socket and turns its refusals into lines and exit codes. */
#include "radiod/cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "radiod/cli/output.h"

#define DEFAULT_SOCKET "/run/radiod/radiod.sock"
#define TIMEOUT_MS 30000L
#define REPLY_MAX (16u * 1024 * 1024)
#define URL_MAX 512

struct buffer {
  char *bytes;
  size_t len;
};

static size_t keep(char *data, size_t size, size_t count, void *context)
{
  struct buffer *buffer = context;
  size_t len = size * count;
  if (len > REPLY_MAX - buffer->len)
    return 0;
  char *grown = realloc(buffer->bytes, buffer->len + len + 1);
  if (!grown)
    return 0;
  memcpy(grown + buffer->len, data, len);
  buffer->bytes = grown;
  buffer->len += len;
  return len;
}

static const char *socket_path(const struct cli *cli)
{
  const char *path = cli_value(cli, "socket");
  if (!path)
    path = getenv("RADIOD_SOCKET");
  return path && *path ? path : DEFAULT_SOCKET;
}

static int tell_unreachable(CURL *curl, CURLcode code, const char *path, char why[CLIENT_WHY_MAX])
{
  long error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
  if (error == EACCES)
    snprintf(why, CLIENT_WHY_MAX, "%s: no right to talk to radiod; run as root or join its group", path);
  else
    snprintf(why, CLIENT_WHY_MAX, "%s: no radiod answers there (%s); start it, or give --socket PATH", path,
             error ? strerror((int)error) : curl_easy_strerror(code));
  return CLI_UNREACHABLE;
}

static int read_reply(const struct buffer *buffer, long status, const char *path, json_t **out,
                      char why[CLIENT_WHY_MAX])
{
  json_t *json = json_loadb(buffer->bytes ? buffer->bytes : "", buffer->len, 0, NULL);
  if (status >= 200 && status < 300 && json_is_object(json)) {
    *out = json;
    return CLI_OK;
  }
  json_t *error = json_object_get(json, "error");
  const char *name = out_string(error, "code"), *message = out_string(error, "message");
  int code = CLI_REFUSED;
  if (!strcmp(name, "not_found") || !strcmp(name, "unknown_station"))
    code = CLI_NOT_FOUND;
  if (*message) {
    char *clean = out_clean(message);
    snprintf(why, CLIENT_WHY_MAX, "%s", clean ? clean : name);
    free(clean);
  } else {
    snprintf(why, CLIENT_WHY_MAX, "%s: what answers there (HTTP %ld) is no radiod; check --socket", path, status);
    code = CLI_UNREACHABLE;
  }
  json_decref(json);
  return code;
}

static void prepare(CURL *curl, const char *socket, const char *url, long timeout_ms, struct buffer *buffer)
{
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
  curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says: this is no network */
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, buffer);
}

static int perform(CURL *curl, const char *socket, json_t **out, const struct buffer *buffer,
                   char why[CLIENT_WHY_MAX])
{
  long status = 0;
  CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK)
    return tell_unreachable(curl, code, socket, why);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return read_reply(buffer, status, socket, out, why);
}

int client_ask(const struct cli *cli, const char *path, const json_t *body, long timeout_ms, json_t **out,
               char why[CLIENT_WHY_MAX])
{
  char url[URL_MAX];
  struct buffer buffer = {NULL, 0};
  char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  int code = CLI_REFUSED;
  snprintf(url, sizeof url, "http://radiod%s", path);
  if (!curl || !headers || (body && !text)) {
    snprintf(why, CLIENT_WHY_MAX, "out of memory");
  } else {
    prepare(curl, socket_path(cli), url, timeout_ms, &buffer);
    if (text) {
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    }
    code = perform(curl, socket_path(cli), out, &buffer, why);
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  free(text);
  free(buffer.bytes);
  return code;
}

int client_call(const struct cli *cli, const char *path, const json_t *body, json_t **out)
{
  char why[CLIENT_WHY_MAX] = "";
  int code = client_ask(cli, path, body, TIMEOUT_MS, out, why);
  return code ? cli_error(code, "%s", why) : CLI_OK;
}

int client_show(const struct cli *cli, const char *path, const json_t *body, void (*print)(const json_t *))
{
  json_t *reply;
  int code = client_call(cli, path, body, &reply);
  if (code)
    return code;
  if (cli->json)
    out_json(reply);
  else
    print(reply);
  json_decref(reply);
  return CLI_OK;
}

int client_get_page(const struct cli *cli, const char *path, long limit, json_t **out)
{
  char whole[URL_MAX / 2];
  snprintf(whole, sizeof whole, "%s%ld", path, limit);
  return client_call(cli, whole, NULL, out);
}
