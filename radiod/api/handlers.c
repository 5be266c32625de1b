/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers what the post is and does: status, channels and the event log. */
#include "radiod/api/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOG_PAGE 50

static const char *modem_name(enum config_modem modem)
{
  return modem == CONFIG_MODEM_KISS ? "kiss" : "freedv";
}

/* What both status and channels tell of a channel. */
static json_t *channel_json(const struct station_channel *channel)
{
  return json_pack("{s:o, s:s, s:b, s:b, s:b, s:o}", "name", api_json_text(channel->config->name), "modem",
                   modem_name(channel->config->modem), "up", channel->up, "busy", channel->busy, "transmitting",
                   channel->transmitting, "text", api_json_text(channel->text));
}

static json_t *mode_json(const struct modem_mode *mode)
{
  return json_pack("{s:o, s:i, s:i, s:f, s:o}", "name", api_json_text(mode->name), "unit_bytes",
                   (int)mode->unit_bytes, "max_bytes", (int)mode->max_bytes, "airtime_s",
                   modem_mode_airtime_us(mode, 1) / 1e6, "snr_needed_db", api_json_db(mode->snr_needed_cb));
}

static void set_channel_details(json_t *json, const struct station_channel *channel)
{
  json_t *modes = json_array();
  for (size_t i = 0; i < channel->mode_count; i++)
    json_array_append_new(modes, mode_json(&channel->modes[i]));
  json_object_set_new(json, "modes", modes);
  json_object_set_new(json, "bursts_heard", json_integer((json_int_t)channel->bursts_heard));
  json_object_set_new(json, "bursts_sent", json_integer((json_int_t)channel->bursts_sent));
  json_object_set_new(json, "keyed_s", json_real((double)channel->keyed_us / 1e6));
}

static json_t *channels_json(const struct station *station, int details)
{
  json_t *array = json_array();
  for (size_t i = 0; i < station_channel_count(station); i++) {
    struct station_channel channel;
    station_channel(station, i, &channel);
    json_t *json = channel_json(&channel);
    if (details)
      set_channel_details(json, &channel);
    json_array_append_new(array, json);
  }
  return array;
}

static json_t *stats_json(const struct node_stats *stats)
{
  return json_pack(
      "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "bursts_heard", (json_int_t)stats->bursts_heard,
      "frames_opened", (json_int_t)stats->frames_opened, "frames_not_ours", (json_int_t)stats->frames_not_ours,
      "frames_rejected", (json_int_t)stats->frames_rejected, "frames_replayed", (json_int_t)stats->frames_replayed,
      "frames_malformed", (json_int_t)stats->frames_malformed, "bursts_sent", (json_int_t)stats->bursts_sent,
      "acks_sent", (json_int_t)stats->acks_sent, "messages_received", (json_int_t)stats->messages_received,
      "duplicates", (json_int_t)stats->duplicates, "airtime_s", (double)stats->airtime_us / 1e6);
}

static const char *source_name(enum clock_source source)
{
  static const char *const names[] = {[CLOCK_UNKNOWN] = "none",
                                      [CLOCK_GUESSED] = "unconfirmed",
                                      [CLOCK_NETWORK] = "network",
                                      [CLOCK_SYSTEM] = "system"};
  return names[source];
}

static json_t *clock_json(const struct station *station)
{
  enum clock_source source = station_clock_source(station);
  return json_pack("{s:b, s:s}", "known", source >= CLOCK_NETWORK, "source", source_name(source));
}

void api_get_status(struct api_request *request, struct api_reply *reply)
{
  struct station *station = request->station;
  struct store *store = station_store(station);
  int64_t now_ms = station_now_ms(station);
  reply->status = 200;
  reply->body = json_pack("{s:o, s:s, s:I, s:o, s:o, s:I, s:i, s:i, s:o, s:o}", "station",
                          api_json_member(station_directory(station), station_number(station)), "version",
                          RADIOD_VERSION, "uptime_s", (json_int_t)((now_ms - station_started_ms(station)) / 1000),
                          "now", api_json_time(station_unix_ms(station, now_ms)), "clock", clock_json(station),
                          "directory_version", (json_int_t)station_directory(station)->version, "unread",
                          (int)store_count_unread(store), "waiting", (int)store_count_waiting(store), "channels",
                          channels_json(station, 0), "stats", stats_json(station_stats(station)));
}

void api_get_channels(struct api_request *request, struct api_reply *reply)
{
  reply->status = 200;
  reply->body = json_pack("{s:o}", "channels", channels_json(request->station, 1));
}

struct log_page {
  const struct station *station;
  json_t *events;
  int64_t last_row;
};

static const char *level_name(enum store_level level)
{
  return level == STORE_ERROR ? "error" : level == STORE_WARNING ? "warning" : "info";
}

static int add_event(void *context, const struct store_event *event)
{
  struct log_page *page = context;
  page->last_row = event->row;
  return json_array_append_new(page->events,
                               json_pack("{s:I, s:o, s:s, s:o, s:o}", "row", (json_int_t)event->row, "at",
                                         api_json_time(station_unix_ms(page->station, event->at_ms)), "level",
                                         level_name(event->level), "source", api_json_text(event->source), "text",
                                         api_json_text(event->text)));
}

void api_get_log(struct api_request *request, struct api_reply *reply)
{
  unsigned limit;
  int64_t before;
  struct log_page page = {.station = request->station};
  if (api_query_page(request, LOG_PAGE, &limit, &before, reply))
    return;
  page.events = json_array();
  int err = store_each_event(station_store(request->station), before, limit, add_event, &page);
  if (err < 0) {
    json_decref(page.events);
    api_reply_error(reply, 500, "store_failed", "store: the event log cannot be read; check the disk");
    return;
  }
  int full = json_array_size(page.events) == limit;
  reply->status = 200;
  reply->body = json_pack("{s:o, s:o}", "events", page.events, "next",
                          full ? json_integer((json_int_t)page.last_row) : json_null());
}
