/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace of a simulated network: one line of JSON for each event, for reports and for people who search. */
#include "sim/net/network_impl.h"

static void begin_line(const struct network *network, const char *event)
{
  fprintf(network->trace, "{\"t_ms\":%lld,\"event\":\"%s\"", (long long)network->now_ms, event);
}

void trace_message(struct network *network, const char *event, uint16_t station, struct message_id id,
                   uint16_t recipient, const char *state)
{
  if (!network->trace)
    return;
  begin_line(network, event);
  fprintf(network->trace, ",\"station\":%u", station);
  if (id.origin)
    fprintf(network->trace, ",\"origin\":%u,\"counter\":%u,\"to\":%u", id.origin, id.counter, recipient);
  if (state)
    fprintf(network->trace, ",\"state\":\"%s\"", state);
  fprintf(network->trace, "}\n");
}

void trace_power(struct network *network, const char *event, uint16_t station)
{
  trace_message(network, event, station, (struct message_id){0}, 0, NULL);
}

static void trace_place(struct network *network, uint16_t place, const char *role)
{
  const struct scenario_station *station = &network->scenario->station[place];
  struct position position = position_at(network->scenario, place, 0);
  begin_line(network, "station");
  fprintf(network->trace, ",\"station\":%u,\"name\":\"%s\",\"role\":\"%s\",\"latitude\":%.5f,\"longitude\":%.5f",
          place, station->section.name, role, position.latitude, position.longitude);
  fprintf(network->trace, ",\"route\":[");
  for (size_t i = 0; i < station->route_count; i++) {
    const struct scenario_waypoint *point = &network->scenario->waypoint[station->route_at + i];
    fprintf(network->trace, "%s[%.5f,%.5f]", i ? "," : "", point->latitude, point->longitude);
  }
  fprintf(network->trace, "]}\n");
}

void trace_stations(struct network *network)
{
  const struct scenario *scenario = network->scenario;
  for (uint16_t i = 1; i <= STATION_MAX && network->trace; i++)
    if (scenario->station[i].is_used)
      trace_place(network, i, scenario_role_name(scenario->station[i].role));
  for (size_t i = 0; i < scenario->jammer_count && network->trace; i++)
    trace_place(network, scenario_jammer_place(i), "jammer");
}

void trace_links(struct network *network)
{
  const struct scenario *scenario = network->scenario;
  network->now_ms = scenario->length_ms;
  for (unsigned channel = 0; channel < scenario->channel_count; channel++)
    for (uint16_t from = 1; from <= STATION_MAX && network->trace; from++) {
      size_t count;
      const struct propagation_link *link = links_from(network->links, channel, from, &count);
      for (size_t i = 0; i < count; i++) {
        uint32_t bursts = network->carried[&link[i] - network->links->link];
        if (!bursts)
          continue;
        begin_line(network, "link");
        fprintf(network->trace, ",\"station\":%u,\"to\":%u,\"channel\":\"%s\",\"bursts\":%u}\n", from, link[i].to,
                scenario->channel[channel].section.name, bursts);
      }
    }
}
