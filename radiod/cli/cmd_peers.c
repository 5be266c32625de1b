/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about the network around the post: peers, routes, roll call, orders of the authority. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "radiod/cli/cli.h"
#include "radiod/cli/client.h"
#include "radiod/cli/output.h"
#include "radiod/network/network.h"

#define CELL_MAX 160
#define ERROR_MAX 512
#define SECONDS_MAX 255

static void print_peers(const json_t *reply)
{
  char zone[OUT_TIME_MAX], heard_head[OUT_TIME_MAX + 16];
  out_zone(zone);
  snprintf(heard_head, sizeof heard_head, "HEARD %s", zone);
  const char *const heads[] = {"NO", "NAME", "CALLSIGN", "ROLE", heard_head, "SNR", "BACK", "ON", "VIA", NULL};
  struct table *table = table_new(heads);
  size_t i;
  json_t *peer;
  json_array_foreach(json_object_get(reply, "peers"), i, peer)
  {
    char number[24], heard[OUT_TIME_MAX], snr[24], back[24], on[CELL_MAX];
    snprintf(number, sizeof number, "%lld", out_integer(peer, "number"));
    out_short_time(out_string(peer, "heard"), heard);
    out_db(json_object_get(peer, "snr_db"), snr, sizeof snr);
    out_db(json_object_get(peer, "peer_snr_db"), back, sizeof back);
    snprintf(on, sizeof on, "%s %s", out_string(peer, "channel"), out_string(peer, "mode"));
    table_add(table, (const char *const[]){number, out_string(peer, "name"), out_string(peer, "callsign"),
                                           out_string(peer, "role"), heard, snr, back, strcmp(on, " ") ? on : "",
                                           out_string(json_object_get(peer, "via"), "name")});
  }
  table_print(table);
  table_free(table);
}

int cmd_peers(struct cli *cli)
{
  return client_show(cli, "/v1/peers", NULL, print_peers);
}

static void print_routes(const json_t *reply)
{
  static const char *const heads[] = {"NO", "TO", "VIA", "AIRTIME s", NULL};
  struct table *table = table_new(heads);
  size_t i;
  json_t *route;
  json_array_foreach(json_object_get(reply, "routes"), i, route)
  {
    const json_t *to = json_object_get(route, "to"), *via = json_object_get(route, "via");
    char number[24], airtime[32];
    int is_direct = out_integer(to, "number") == out_integer(via, "number");
    snprintf(number, sizeof number, "%lld", out_integer(to, "number"));
    snprintf(airtime, sizeof airtime, "%.1f", json_number_value(json_object_get(route, "airtime_s")));
    table_add(table, (const char *const[]){number, out_string(to, "name"),
                                           is_direct ? "direct" : out_string(via, "name"), airtime});
  }
  table_print(table);
  table_free(table);
}

int cmd_routes(struct cli *cli)
{
  return client_show(cli, "/v1/routes", NULL, print_routes);
}

/* Sets a member from an option, if it was given.  Returns 0 or CLI_USAGE. */
static int set_channel(const struct cli *cli, json_t *body)
{
  const char *channel = cli_value(cli, "channel");
  if (channel && json_object_set_new(body, "channel", json_string(channel)))
    return cli_usage_error(cli, "--channel: is not UTF-8; use a UTF-8 terminal");
  return 0;
}

static int poll_station(const struct cli *cli, json_t *body)
{
  json_t *reply;
  char name[CELL_MAX];
  long seconds = 0;
  int code = cli_integer(cli, "seconds", 1, SECONDS_MAX, &seconds);
  if (!code)
    code = set_channel(cli, body);
  if (!code && json_object_set_new(body, "station", json_string(cli->word[0])))
    code = cli_usage_error(cli, "STATION: is not UTF-8; use a UTF-8 terminal");
  if (!code && seconds)
    json_object_set_new(body, "seconds", json_integer(seconds));
  if (!code)
    code = client_call(cli, "/v1/poll", body, &reply);
  if (code)
    return code;
  out_station(json_object_get(reply, "station"), name, sizeof name);
  if (cli->json)
    out_json(reply);
  else
    printf("%s is called, and may send for %lld s\n", name, out_integer(reply, "seconds"));
  json_decref(reply);
  return CLI_OK;
}

int cmd_poll(struct cli *cli)
{
  json_t *body = json_object();
  int code = poll_station(cli, body);
  json_decref(body);
  return code;
}

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
  char hex[2 * ORDER_WIRE_MAX + 1];
  sodium_bin2hex(hex, sizeof hex, bytes, len);
  json_t *json = json_string(hex);
  sodium_memzero(hex, sizeof hex);
  return json;
}

/* Reads an order file into the request that sends it.  Returns an exit code. */
static int read_order(const char *file, struct network_order *order, json_t **out)
{
  char error[ERROR_MAX] = "";
  int err = network_read_order(file, order, error, sizeof error);
  if (err)
    return cli_error(err == -ENOENT ? CLI_NOT_FOUND : CLI_REFUSED, "%s", error);
  *out = json_pack("{s:o}", "order", hex_json(order->wire, order->len));
  if (order->hop_secret_len)
    json_object_set_new(*out, "hop_secret", hex_json(order->hop_secret, order->hop_secret_len));
  return CLI_OK;
}

static int send_order(const struct cli *cli, const char *file)
{
  struct network_order order;
  json_t *body = NULL, *reply;
  int code = read_order(file, &order, &body);
  if (code)
    return code;
  code = client_call(cli, "/v1/orders", body, &reply);
  json_decref(body);
  sodium_memzero(&order.hop_secret, sizeof order.hop_secret);
  if (code)
    return code;
  long long keys = out_integer(reply, "keys_filed");
  if (cli->json) {
    out_json(reply);
  } else {
    printf("%s: on its way to all stations", order.what);
    if (keys)
      printf("; the new key is filed for %lld of them", keys);
    putchar('\n');
  }
  json_decref(reply);
  return CLI_OK;
}

int cmd_order_send(struct cli *cli)
{
  int code = CLI_OK;
  for (size_t i = 0; i < cli->word_count && !code; i++)
    code = send_order(cli, cli->word[i]);
  return code;
}
