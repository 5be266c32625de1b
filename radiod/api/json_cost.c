/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message would cost as JSON, for a client to show before anything is sent. */
#include "radiod/api/json_cost.h"

static json_t *seconds(uint32_t us)
{
  return json_real(us / 1e6);
}

static json_t *channel_json(const struct node_channel_cost *cost, unsigned channel, const struct api_names *names)
{
  int carries = cost->bursts > 0;
  const char *mode = carries ? names->mode(names->context, channel, cost->mode) : NULL;
  return json_pack("{s:o, s:b, s:o, s:b, s:i, s:i, s:o, s:o}", "name",
                   api_json_text(names->channel(names->context, channel)), "up", cost->up, "mode",
                   api_json_text(mode), "mode_known", cost->mode_known, "bursts", (int)cost->bursts, "frames",
                   (int)cost->frames, "airtime_s", carries ? seconds(cost->airtime_us) : json_null(), "answer_s",
                   carries ? seconds(cost->answer_us) : json_null());
}

static json_t *station_json(uint16_t number, const struct directory *directory)
{
  return number == STATION_NONE ? json_null() : api_json_station(directory, number);
}

json_t *api_json_cost(const struct node_cost *cost, const struct message *message, const struct directory *directory,
                      const struct api_names *names)
{
  json_t *channels = json_array();
  for (unsigned i = 0; i < cost->channel_count; i++)
    json_array_append_new(channels, channel_json(&cost->channel[i], i, names));
  return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o}", "characters", (int)cost->chars, "bytes", (int)cost->body_bytes,
                   "bits_per_character", cost->chars ? json_real(cost->text_bytes * 8.0 / cost->chars) : json_null(),
                   "to", station_json(message->dest, directory), "via", station_json(cost->hop, directory),
                   "channels", channels);
}
