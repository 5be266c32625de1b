/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running post as part of the network: orders of the authority, hop keys, routes and roll call. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "protocol/crypto/order.h"
#include "radiod/daemon/station_impl.h"

static int commit_order(void *context, const struct order *order)
{
  struct station *station = context;
  int err = post_keys_carry_out(station->keys, order);
  if (err)
    station_log(station, STORE_ERROR, "network", "%s: order %u cannot be written: %s; check the folder and the disk",
                station->config.key_file, order->version, strerror(-err));
  return err;
}

static int commit_epoch_key(void *context, const struct epoch_key *key)
{
  struct station *station = context;
  int err = post_keys_add_epoch(station->keys, key);
  if (err)
    station_log(station, STORE_ERROR, "network", "%s: the hop key of epoch %u cannot be kept: %s",
                station->config.key_file, key->epoch, strerror(-err));
  else
    station_log(station, STORE_INFO, "network", "hop key of epoch %u received", key->epoch);
  return err;
}

static int commit_epoch(void *context, uint32_t epoch)
{
  struct station *station = context;
  int err = post_keys_begin_epoch(station->keys, epoch);
  if (err)
    station_log(station, STORE_ERROR, "network", "%s: the begin of epoch %u cannot be kept: %s",
                station->config.key_file, epoch, strerror(-err));
  else
    station_log(station, STORE_INFO, "network", "hop key of epoch %u is in use", epoch);
  return err;
}

struct store_keys station_store_keys(struct station *station)
{
  return (struct store_keys){station, commit_order, commit_epoch_key, commit_epoch};
}

static int refuse(int err, char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return err;
}

/* Reads the order and finds the key that belongs to it: key->epoch is 0 for an order that brings none. */
static int read_order(const struct station *station, const uint8_t *bytes, size_t len, const uint8_t *hop_secret,
                      struct epoch_key *key, char *why, size_t why_len)
{
  struct order order;
  uint8_t commit[ORDER_COMMIT_LEN];
  int err =
      order_open(&order, station_directory(station)->network_id, post_keys_authority(station->keys), bytes, len);
  if (err)
    return refuse(err, why, why_len, "the order is damaged, or not of this network's authority");
  if ((order.type == ORDER_EPOCH) != (hop_secret != NULL))
    return refuse(-EINVAL, why, why_len,
                  hop_secret ? "the order brings no hop key" : "the hop key that the order promises is missing");
  memset(key, 0, sizeof *key);
  if (!hop_secret)
    return 0;
  order_commit(hop_secret, commit);
  if (sodium_memcmp(commit, order.as.epoch.commit, sizeof commit))
    return refuse(-EINVAL, why, why_len, "the hop key is not the one that the order promises");
  key->epoch = order.as.epoch.epoch;
  memcpy(key->secret, hop_secret, sizeof key->secret);
  return 0;
}

struct handing {
  struct station *station;
  const struct epoch_key *key;
  int is_given; /* the key is on its way to this station, or there */
};

static int note_handed(void *context, const struct store_delivery *delivery)
{
  struct handing *handing = context;
  if (delivery->state != DELIVERY_CANCELLED && delivery->state != DELIVERY_EXPIRED)
    handing->is_given = 1;
  return 0;
}

static int find_handed(void *context, const struct store_entry *entry)
{
  struct handing *handing = context;
  if (entry->message.body.key.epoch == handing->key->epoch)
    store_each_delivery(handing->station->store, entry->message.id, note_handed, handing);
  return 0;
}

static int has_key(struct station *station, const struct epoch_key *key, uint16_t number)
{
  const struct store_filter filter = {
      .box = STORE_BOX_OUT, .kind = MESSAGE_KEY, .station = number, .limit = 1}; /* the newest */
  struct handing handing = {station, key, 0};
  return !store_list(station->store, &filter, find_handed, &handing) && handing.is_given;
}

/* Sealed for each station by itself: a key for all would have to be sealed under the one that it replaces. */
static int hand_out(struct station *station, const struct epoch_key *key, unsigned *filed, char *why, size_t why_len)
{
  const struct directory *directory = station_directory(station);
  for (unsigned i = 0; i < directory->count; i++) {
    uint16_t number = directory->entry[i].number;
    if (number == station_number(station) || has_key(station, key, number))
      continue;
    struct message message = {.dest = number, .kind = MESSAGE_KEY, .precedence = IMMEDIATE, .body.key = *key};
    int err = node_submit(station->node, station_now_ms(station), &message, why, why_len);
    sodium_memzero(&message.body, sizeof message.body);
    if (err)
      return err;
    ++*filed;
  }
  return 0;
}

int station_send_order(struct station *station, const uint8_t *order, size_t len, const uint8_t *hop_secret,
                       unsigned *filed, char *why, size_t why_len)
{
  struct epoch_key key;
  *filed = 0;
  int err = read_order(station, order, len, hop_secret, &key, why, why_len);
  if (err)
    return err;
  err = node_submit_order(station->node, station_now_ms(station), order, len, why, why_len);
  /* Carried out already: a key that could not be filed for all may be filed now. */
  if ((!err || err == -EALREADY) && key.epoch && (err = post_keys_add_epoch(station->keys, &key)) != 0)
    snprintf(why, why_len, "%s: the hop key cannot be kept: %s", station->config.key_file, strerror(-err));
  if (err == -EALREADY)
    snprintf(why, why_len, "the order was carried out before, there is nothing left to do");
  if (!err && key.epoch)
    err = hand_out(station, &key, filed, why, why_len);
  sodium_memzero(&key, sizeof key);
  station_pump(station);
  return err;
}

int station_poll(struct station *station, unsigned channel, uint16_t number, unsigned seconds)
{
  int err = node_poll(station->node, station_now_ms(station), channel, number, seconds);
  station_pump(station);
  return err;
}

int station_walk_routes(const struct station *station, size_t *at, struct route_info *out)
{
  return node_walk_routes(station->node, station_now_ms(station), at, out);
}
