/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of a channel besides listening first: duty cycle, time slots, polling by a coordinator. */
#include <errno.h>

#include "protocol/delivery/node_impl.h"

/* On a polled channel what is this grave does not wait to be called. */
#define UNPOLLED IMMEDIATE
#define POLL_SECONDS_MAX 255

static int64_t duty_ready_ms(const struct node *node, int64_t now_ms, unsigned channel)
{
  const struct channel_state *state = &node->channel[channel];
  int64_t permille = node->config.channel[channel].duty_permille;
  int64_t us = state->duty_us + (now_ms - state->duty_ms) * permille;
  return us >= 0 ? now_ms : now_ms + (-us + permille - 1) / permille;
}

void node_use_duty(struct node *node, int64_t now_ms, unsigned channel, uint32_t airtime_us)
{
  struct channel_state *state = &node->channel[channel];
  int64_t permille = node->config.channel[channel].duty_permille;
  int64_t full_us = INT64_C(3600000) * permille; /* an hour's share */
  int64_t us = state->duty_us + (now_ms - state->duty_ms) * permille;
  state->duty_us = (us < full_us ? us : full_us) - airtime_us;
  state->duty_ms = now_ms;
}

/* The begin of the own turn in the present round, or now within it, or that of the next round. */
static int64_t slot_ready_ms(const struct node *node, int64_t now_ms, unsigned channel)
{
  const struct link_channel *link = &node->config.channel[channel];
  if (!node->has_clock || !link->cycle_ms)
    return now_ms;
  int64_t at = (now_ms + node->clock_offset_ms) % link->cycle_ms;
  if (at < link->turn_begin_ms)
    return now_ms + link->turn_begin_ms - at;
  if (at < link->turn_begin_ms + link->turn_len_ms)
    return now_ms;
  return now_ms + link->cycle_ms - at + link->turn_begin_ms;
}

int64_t node_access_ms(const struct node *node, int64_t now_ms, unsigned channel, unsigned precedence)
{
  const struct link_channel *link = &node->config.channel[channel];
  const struct channel_state *state = &node->channel[channel];
  if (precedence == FLASH)
    return now_ms;
  int64_t at = link->duty_permille ? duty_ready_ms(node, now_ms, channel) : now_ms;
  if (link->access == LINK_ACCESS_SLOTS) {
    int64_t slot = slot_ready_ms(node, at, channel);
    at = slot > at ? slot : at;
  }
  if (link->access == LINK_ACCESS_POLLED && precedence < UNPOLLED && now_ms >= state->polled_until_ms &&
      !node_is_coordinator(node, node_self(node)))
    return NEVER;
  return at;
}

int node_poll(struct node *node, int64_t now_ms, unsigned channel, uint16_t station, unsigned seconds)
{
  if (channel >= node->config.channel_count || !seconds || seconds > POLL_SECONDS_MAX || station == node_self(node) ||
      !directory_find(node->config.directory, station))
    return -EINVAL;
  if (!node_is_coordinator(node, node_self(node)))
    return -EPERM;
  if (!node->channel[channel].up)
    return -ENETDOWN;
  if (node->poll.station)
    return -EBUSY;
  node->poll.station = station;
  node->poll.channel = (uint8_t)channel;
  node->poll.seconds = (uint8_t)seconds;
  node_tick(node, now_ms);
  return 0;
}

int node_poll_waits(const struct node *node, unsigned channel)
{
  return node->poll.station != STATION_NONE && node->poll.channel == channel;
}

int node_take_poll(struct node *node, struct arrival *in, struct bit_reader *reader)
{
  struct poll_item item;
  if (poll_item_decode(&item, reader))
    return -EBADMSG;
  if (node_is_coordinator(node, in->frame->source))
    node->channel[in->reception.channel].polled_until_ms = in->reception.now_ms + item.seconds * INT64_C(1000);
  return 0;
}
