/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post without devices: the protocol's node over the soft modem's own samples. */
#include "sim/post/sound_post.h"

#include <stdlib.h>
#include <string.h>

#include "hw/modem/freedv_mode.h"

#define ANSWER_GUARD_MS 300
#define LATENCY_MS 600
#define SLOT_MS 300

struct sound_post {
  struct node *node;
  struct durable_store store;
  size_t mode_count;
  struct freedv_tx *tx[LINK_MODES_MAX];
  struct freedv_rx *rx[LINK_MODES_MAX];
  struct freedv_tx *sending; /* NULL: not keyed */
  int16_t *chunk;
  size_t chunk_at, chunk_len;
  int busy;
  uint64_t keyed;
  size_t last_len;
};

static struct link_mode describe(const struct modem_mode *mode)
{
  return (struct link_mode){mode->unit_bytes, mode->max_bytes,     mode->overhead_us,
                            mode->unit_us,    mode->snr_needed_cb, mode->fixed != 0};
}

/* Opens every mode the library has.  Returns the length of the longest chunk, 0 when there is no mode. */
static size_t open_modes(struct sound_post *post, struct link_channel *channel)
{
  size_t longest = 0;
  for (unsigned kind = 0; kind < freedv_mode_count() && post->mode_count < LINK_MODES_MAX; kind++) {
    struct modem_mode mode;
    if (freedv_mode_describe(kind, &mode))
      continue;
    struct freedv_tx *tx = freedv_tx_new(kind, SOUND_POST_LEVEL_PCT);
    post->tx[post->mode_count] = tx;
    post->rx[post->mode_count] = freedv_rx_new(kind);
    if (!tx || !post->rx[post->mode_count++])
      return 0;
    channel->mode[channel->mode_count++] = describe(&mode);
    longest = freedv_tx_chunk_max(tx) > longest ? freedv_tx_chunk_max(tx) : longest;
  }
  return longest;
}

struct sound_post *sound_post_new(const struct directory *directory, struct keyring *keyring, uint64_t seed)
{
  struct sound_post *post = calloc(1, sizeof *post);
  struct node_config config = {
      .directory = directory, .keyring = keyring, .channel_count = 1, .first_counter = 1, .seed = seed};
  if (!post)
    return NULL;
  config.channel[0] =
      (struct link_channel){.answer_guard_ms = ANSWER_GUARD_MS, .latency_ms = LATENCY_MS, .slot_ms = SLOT_MS};
  size_t longest = open_modes(post, &config.channel[0]);
  post->chunk = longest ? calloc(longest, sizeof *post->chunk) : NULL;
  durable_store_init(&post->store, keyring->self, NULL, 0);
  if (post->chunk) {
    struct node_store functions = durable_store_functions(&post->store);
    post->node = node_new(&config, &functions, 0);
  }
  if (!post->node) {
    sound_post_free(post);
    return NULL;
  }
  node_channel_up(post->node, 0, 0, 1);
  return post;
}

void sound_post_free(struct sound_post *post)
{
  if (!post)
    return;
  for (size_t i = 0; i < post->mode_count; i++) {
    freedv_tx_free(post->tx[i]);
    freedv_rx_free(post->rx[i]);
  }
  node_free(post->node);
  durable_store_wipe(&post->store);
  free(post->chunk);
  free(post);
}

int sound_post_submit(struct sound_post *post, int64_t now_ms, struct message *message, char *why, size_t why_len)
{
  return node_submit(post->node, now_ms, message, why, why_len);
}

/* Takes up what the node decided; of its decisions only bursts matter here. */
static void pump(struct sound_post *post, int64_t now_ms)
{
  struct node_action action;
  if (node_deadline(post->node) <= now_ms)
    node_tick(post->node, now_ms);
  while (node_next_action(post->node, &action)) {
    if (action.type != NODE_TRANSMIT)
      continue;
    post->sending = post->tx[action.as.transmit.mode];
    post->last_len = action.as.transmit.len;
    post->chunk_at = post->chunk_len = 0;
    freedv_tx_begin(post->sending, action.as.transmit.bytes, action.as.transmit.len);
  }
}

static void end_burst(struct sound_post *post, int64_t now_ms)
{
  post->sending = NULL;
  for (size_t i = 0; i < post->mode_count; i++)
    freedv_rx_reset(post->rx[i]);
  node_sent(post->node, now_ms, 0);
}

int sound_post_speak(struct sound_post *post, int64_t now_ms, int16_t block[SOUND_POST_BLOCK])
{
  memset(block, 0, SOUND_POST_BLOCK * sizeof *block);
  pump(post, now_ms);
  if (!post->sending)
    return 0;
  for (size_t i = 0; i < SOUND_POST_BLOCK; i++) {
    if (post->chunk_at == post->chunk_len) {
      post->chunk_at = 0;
      post->chunk_len = freedv_tx_next(post->sending, post->chunk);
      if (!post->chunk_len) {
        end_burst(post, now_ms);
        return 1;
      }
    }
    block[i] = post->chunk[post->chunk_at++];
    post->keyed++;
  }
  return 1;
}

static int carrier_sensed(const struct sound_post *post)
{
  for (size_t i = 0; i < post->mode_count; i++)
    if (freedv_rx_sync(post->rx[i]) == FREEDV_SYNCED)
      return 1;
  return 0;
}

void sound_post_hear(struct sound_post *post, int64_t now_ms, const int16_t block[SOUND_POST_BLOCK])
{
  if (post->sending)
    return;
  struct freedv_burst burst;
  for (size_t i = 0; i < post->mode_count; i++) {
    const int16_t *at = block;
    size_t left = SOUND_POST_BLOCK;
    while (freedv_rx_feed(post->rx[i], &at, &left, &burst))
      node_burst(post->node, now_ms, 0, (unsigned)i, burst.bytes, burst.len, burst.snr_cb);
  }
  int busy = carrier_sensed(post);
  if (busy != post->busy)
    node_carrier(post->node, now_ms, 0, busy);
  post->busy = busy;
}

const struct durable_store *sound_post_store(const struct sound_post *post)
{
  return &post->store;
}

uint64_t sound_post_keyed(const struct sound_post *post)
{
  return post->keyed;
}

size_t sound_post_last_len(const struct sound_post *post)
{
  return post->last_len;
}

double sound_post_rms(void)
{
  return FREEDV_RMS_FULL * SOUND_POST_LEVEL_PCT / 100.0;
}
