/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A burst in the making: from its frame number to the sealed bytes. */
#include <string.h>

#include "protocol/delivery/node_impl.h"

/* A burst whose end nobody reports: the device is gone or hangs. */
#define SEND_GRACE_MS 10000
/* The store refuses frame numbers: a little patience with it. */
#define STUCK_PAUSE_MS 10000

static size_t draft_len(const struct draft *draft, int is_short)
{
  return frame_len(draft->frame.source, bits_put_len(&draft->writer), is_short);
}

static int fits_short(const struct draft *draft, const struct link_mode *mode)
{
  return draft->short_ok && link_mode_padded(mode, draft_len(draft, 1)) <= FRAME_SHORT_MAX;
}

void node_draft_init(const struct node *node, struct draft *draft, uint16_t dest, uint32_t counter)
{
  memset(draft, 0, sizeof *draft);
  draft->frame.source = node_self(node);
  draft->frame.dest = dest;
  draft->frame.counter = counter;
  draft->short_ok = 1;
  bits_writer_init(&draft->writer, draft->frame.plain, sizeof draft->frame.plain);
}

/* Returns 0, or the store's error: then the channel pauses, and a person is told once. */
int node_draft_begin(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft, uint16_t dest)
{
  struct channel_state *state = &node->channel[channel];
  node_draft_init(node, draft, dest, 0);
  int err = node_draw_counter(node, &draft->frame.counter);
  if (err && !state->no_counters)
    node_warn(node, "store: no frame numbers to be had, nothing can be sent; is the disk full?");
  if (err)
    state->pause_until_ms = now_ms + STUCK_PAUSE_MS;
  state->no_counters = err != 0;
  return err;
}

void node_draft_copy(struct draft *to, const struct draft *from)
{
  *to = *from;
  to->writer.buf = to->frame.plain;
}

static int choose_mode(const struct node *node, int64_t now_ms, unsigned channel, uint16_t dest, size_t len)
{
  if (dest == FRAME_TO_ALL)
    return node_broadcast_mode(node, now_ms, channel, len);
  const struct peer_link *link = &peers_look(&node->peers, dest)->link[channel];
  return peer_choose_mode(&node->config.channel[channel], len, peer_link_snr(link),
                          (unsigned)link->failures + link->repeats);
}

int node_draft_mode(const struct node *node, int64_t now_ms, unsigned channel, const struct draft *draft)
{
  const struct link_channel *link = &node->config.channel[channel];
  if (draft->writer.overflow)
    return -1;
  int mode = choose_mode(node, now_ms, channel, draft->frame.dest, draft_len(draft, draft->short_ok));
  if (mode >= 0 && draft->short_ok && !fits_short(draft, &link->mode[mode]))
    mode = choose_mode(node, now_ms, channel, draft->frame.dest, draft_len(draft, 0));
  return mode;
}

size_t node_draft_padded(const struct node *node, unsigned channel, const struct draft *draft)
{
  const struct link_mode *mode = &node->config.channel[channel].mode[draft->mode];
  return link_mode_padded(mode, draft_len(draft, fits_short(draft, mode)));
}

uint32_t node_draft_airtime_us(const struct node *node, unsigned channel, const struct draft *draft)
{
  const struct link_mode *mode = &node->config.channel[channel].mode[draft->mode];
  return link_mode_airtime_us(mode, node_draft_padded(node, channel, draft));
}

void node_draft_send(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft)
{
  const struct link_mode *mode = &node->config.channel[channel].mode[draft->mode];
  struct channel_state *state = &node->channel[channel];
  struct node_action *action = node_push_action(node, NODE_TRANSMIT, channel);
  draft->frame.is_short = (uint8_t)fits_short(draft, mode);
  size_t len = node_draft_padded(node, channel, draft);
  draft->frame.len = len - frame_len(draft->frame.source, 0, draft->frame.is_short);
  action->as.transmit.mode = (uint8_t)draft->mode;
  action->as.transmit.purpose = (uint8_t)draft->purpose;
  action->as.transmit.len = (uint16_t)frame_seal(node->config.keyring, &draft->frame, action->as.transmit.bytes);
  uint32_t airtime_us = link_mode_airtime_us(mode, len);
  state->sending = 1;
  state->contending = 0;
  state->send_until_ms =
      now_ms + 2 * (int64_t)(airtime_us / 1000) + node->config.channel[channel].key_ms + SEND_GRACE_MS;
  node_use_duty(node, now_ms, channel, airtime_us);
  node->stats.bursts_sent++;
  node->stats.airtime_us += airtime_us;
}
