/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the network around the post: who is heard, which way messages go, roll call and the authority's orders.
 */
#include "radiod/api/routes.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/api/json_read.h"

#define WHY_MAX 512
#define POLL_SECONDS 30
#define POLL_SECONDS_MAX 255

/* By station number. */
struct peer_table {
  struct store_peer peer[STATION_MAX + 1];
  struct route_info route[STATION_MAX + 1]; /* airtime_ms 0: no route */
};

static int note_peer(void *context, const struct store_peer *peer)
{
  struct peer_table *table = context;
  if (peer->station <= STATION_MAX)
    table->peer[peer->station] = *peer;
  return 0;
}

static void note_routes(const struct station *station, struct peer_table *table)
{
  struct route_info route;
  for (size_t at = 0; station_walk_routes(station, &at, &route);)
    if (route.dest <= STATION_MAX)
      table->route[route.dest] = route;
}

/* "via" and "airtime_s" of a route. */
static void set_route(json_t *json, const struct directory *directory, const struct route_info *route)
{
  int is_known = route->airtime_ms > 0;
  json_object_set_new(json, "via", is_known ? api_json_station(directory, route->next_hop) : json_null());
  json_object_set_new(json, "airtime_s", is_known ? json_real(route->airtime_ms / 1e3) : json_null());
}

static void set_link(json_t *json, const struct station *station, const struct store_peer *peer)
{
  struct station_channel channel;
  int heard = peer->heard_ms > 0;
  const char *channel_name = NULL, *mode_name = NULL;
  if (heard && peer->channel < station_channel_count(station)) {
    station_channel(station, peer->channel, &channel);
    channel_name = channel.config->name;
    mode_name = peer->mode < channel.mode_count ? channel.modes[peer->mode].name : NULL;
  }
  json_object_set_new(json, "heard", api_json_time(station_unix_ms(station, peer->heard_ms)));
  json_object_set_new(json, "snr_db", heard ? api_json_db(peer->snr_cb) : json_null());
  json_object_set_new(json, "peer_snr_db", heard ? api_json_db(peer->peer_snr_cb) : json_null());
  json_object_set_new(json, "channel", api_json_text(channel_name));
  json_object_set_new(json, "mode", api_json_text(mode_name));
}

void api_get_peers(struct api_request *request, struct api_reply *reply)
{
  const struct directory *directory = station_directory(request->station);
  struct peer_table *table = calloc(1, sizeof *table);
  if (!table || store_each_peer(station_store(request->station), note_peer, table) < 0) {
    free(table);
    api_reply_error(reply, 500, "store_failed", "store: peers cannot be read; see radioctl log");
    return;
  }
  note_routes(request->station, table);
  json_t *peers = json_array();
  for (unsigned i = 0; i < directory->count; i++) {
    unsigned number = directory->entry[i].number;
    if (number == station_number(request->station) || number > STATION_MAX)
      continue;
    json_t *json = api_json_member(directory, number);
    set_link(json, request->station, &table->peer[number]);
    set_route(json, directory, &table->route[number]);
    json_array_append_new(peers, json);
  }
  free(table);
  reply->status = 200;
  reply->body = json_pack("{s:o}", "peers", peers);
}

void api_get_routes(struct api_request *request, struct api_reply *reply)
{
  const struct directory *directory = station_directory(request->station);
  json_t *routes = json_array();
  struct route_info route;
  for (size_t at = 0; station_walk_routes(request->station, &at, &route);) {
    json_t *json = json_pack("{s:o}", "to", api_json_station(directory, route.dest));
    set_route(json, directory, &route);
    json_array_append_new(routes, json);
  }
  reply->status = 200;
  reply->body = json_pack("{s:o}", "routes", routes);
}

/* What POST /v1/poll asks for. */
struct poll {
  uint16_t station;
  const char *channel; /* NULL: the first one */
  json_int_t seconds;
};

static int read_poll(struct poll *out, const struct api_request *request, struct api_problem *problem)
{
  static const char *const members[] = {"station", "channel", "seconds", NULL};
  const struct api_read_context context = {station_directory(request->station), station_number(request->station),
                                           NULL};
  int err = api_only_members(request->body, members, "", problem);
  if (!err)
    err = api_read_station(&out->station, request->body, "station", &context, problem);
  if (!err)
    err = api_read_string(request->body, "channel", &out->channel, problem);
  if (!err)
    err = api_read_integer(request->body, "seconds", 1, POLL_SECONDS_MAX, &out->seconds, problem);
  if (!err && out->station == STATION_NONE)
    err = api_refuse(problem, "missing_field", "station: is missing; name one by number, callsign or name");
  return err;
}

/* Returns the index of a channel of the post, -ENOENT if it has none of this name. */
static int find_channel(const struct station *station, const char *name)
{
  struct station_channel channel;
  for (size_t i = 0; i < station_channel_count(station); i++) {
    station_channel(station, i, &channel);
    if (!name || !strcmp(channel.config->name, name))
      return (int)i;
  }
  return -ENOENT;
}

void api_post_poll(struct api_request *request, struct api_reply *reply)
{
  struct poll poll = {.seconds = POLL_SECONDS};
  struct api_problem problem = {"bad_value", ""};
  if (read_poll(&poll, request, &problem)) {
    api_reply_error(reply, 422, problem.code, "%s", problem.text);
    return;
  }
  int channel = find_channel(request->station, poll.channel);
  if (channel < 0) {
    api_reply_error(reply, 422, "bad_value", "channel: no such channel here; radioctl channel list shows them");
    return;
  }
  int err = station_poll(request->station, (unsigned)channel, poll.station, (unsigned)poll.seconds);
  if (err == -EBUSY)
    api_reply_error(reply, 409, "poll_busy", "poll: another station is being called; wait until it was");
  else if (err == -ENETDOWN)
    api_reply_error(reply, 409, "channel_down",
                    "poll: channel is down, nobody can be called on it; radioctl channel list says why");
  else if (err)
    api_reply_error(reply, 422, "bad_value", "poll: cannot be sent (%s)", strerror(-err));
  if (err)
    return;
  reply->status = 202;
  reply->body =
      json_pack("{s:o, s:I}", "station", api_json_station(station_directory(request->station), poll.station),
                "seconds", poll.seconds);
}

/* An order as it came, and the hop key that belongs to a new epoch. */
struct order_bytes {
  uint8_t order[ORDER_WIRE_MAX];
  size_t len;
  uint8_t hop_secret[KEYRING_KEY_LEN];
  size_t hop_secret_len;
};

/* Reads a member in hexadecimal digits; *len is 0 when it is absent. */
static int read_hex(const json_t *body, const char *member, uint8_t *out, size_t size, size_t *len,
                    struct api_problem *problem)
{
  const char *text = NULL;
  int err = api_read_string(body, member, &text, problem);
  *len = 0;
  if (err || !text)
    return err;
  if (sodium_hex2bin(out, size, text, strlen(text), NULL, len, NULL) || *len == 0)
    return api_refuse(problem, "bad_value", "%s: must be 1 to %zu bytes in hexadecimal", member, size);
  return 0;
}

static int read_order(struct order_bytes *out, const json_t *body, struct api_problem *problem)
{
  static const char *const members[] = {"order", "hop_secret", NULL};
  int err = api_only_members(body, members, "", problem);
  if (!err)
    err = read_hex(body, "order", out->order, sizeof out->order, &out->len, problem);
  if (!err)
    err = read_hex(body, "hop_secret", out->hop_secret, sizeof out->hop_secret, &out->hop_secret_len, problem);
  if (!err && !out->len)
    err = api_refuse(problem, "missing_field", "order: is missing; it is the order of an order file");
  if (!err && out->hop_secret_len && out->hop_secret_len != sizeof out->hop_secret)
    err = api_refuse(problem, "bad_value", "hop_secret: must be %zu bytes in hexadecimal", sizeof out->hop_secret);
  return err;
}

static void reply_order_error(int err, const char *why, struct api_reply *reply)
{
  switch (err) {
  case -EBADMSG:
  case -EKEYREJECTED:
  case -EINVAL:
    api_reply_error(reply, 422, "bad_order", "order: %s", why);
    break;
  case -EALREADY:
    api_reply_error(reply, 409, "order_done", "order: %s", why);
    break;
  case -ERANGE:
    api_reply_error(reply, 409, "order_missing", "order: %s; send the orders before it first", why);
    break;
  case -ENOBUFS:
    api_reply_error(
        reply, 503, "outbox_full",
        "order: carried out, but the hop key could not be filed for all stations (%s); send it again later", why);
    break;
  case -ENOSPC:
    api_reply_error(reply, 507, "disk_full", "order: %s", why);
    break;
  default:
    api_reply_error(reply, 500, "store_failed", "order: %s (%s)", why, strerror(-err));
  }
}

void api_post_order(struct api_request *request, struct api_reply *reply)
{
  struct order_bytes bytes;
  struct api_problem problem = {"bad_value", ""};
  char why[WHY_MAX] = "";
  unsigned filed;
  if (read_order(&bytes, request->body, &problem)) {
    api_reply_error(reply, 422, problem.code, "%s", problem.text);
    return;
  }
  int err = station_send_order(request->station, bytes.order, bytes.len,
                               bytes.hop_secret_len ? bytes.hop_secret : NULL, &filed, why, sizeof why);
  sodium_memzero(&bytes, sizeof bytes);
  if (err) {
    reply_order_error(err, why, reply);
    return;
  }
  reply->status = 200;
  reply->body = json_pack("{s:I, s:i}", "directory_version", (json_int_t)station_directory(request->station)->version,
                          "keys_filed", (int)filed);
}
