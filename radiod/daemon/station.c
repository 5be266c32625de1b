/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running post: opening, closing, exchanging radios, and what the control API asks of it. */
#include "radiod/daemon/station.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/daemon/station_impl.h"
#include "radiod/daemon/station_life.h"

struct store *station_store(struct station *station)
{
  return station->store;
}

const struct directory *station_directory(const struct station *station)
{
  return post_keys_directory(station->keys);
}

unsigned station_number(const struct station *station)
{
  return post_keys_keyring(station->keys)->self;
}

int64_t station_started_ms(const struct station *station)
{
  return station->started_ms;
}

const struct node_stats *station_stats(const struct station *station)
{
  return node_stats(station->node);
}

void station_log(struct station *station, enum store_level level, const char *source, const char *format, ...)
{
  static const char *const names[] = {"info", "warning", "error"};
  struct store_event event;
  va_list args;
  va_start(args, format);
  vsnprintf(event.text, sizeof event.text, format, args);
  va_end(args);
  fprintf(stderr, "radiod: %s: %s: %s\n", names[level], source, event.text);
  if (store_add_event(station->store, station_now_ms(station), level, source, event.text))
    fprintf(stderr, "radiod: error: store: the line above could not be logged; is the disk full?\n");
}

struct restoring {
  struct node *node;
  unsigned left_out;
};

/* A disk that was full while deliveries ended leaves more of them waiting than the outbox holds: no reason to stay
 * down. */
static int restore_delivery(void *context, const struct message *message, uint16_t recipient,
                            enum delivery_state state, uint32_t attempts)
{
  struct restoring *restoring = context;
  int err = node_restore_delivery(restoring->node, message, recipient, state, attempts);
  restoring->left_out += err == -ENOBUFS;
  return err == -ENOBUFS ? 0 : err;
}

static int restore_deliveries(struct station *station)
{
  struct restoring restoring = {station->node, 0};
  int err = store_each_waiting(station->store, restore_delivery, &restoring);
  if (restoring.left_out)
    station_log(station, STORE_WARNING, "store",
                "%u deliveries more than the outbox holds are waiting; a later restart of radiod takes them up",
                restoring.left_out);
  return err;
}

static int restore_bundle(void *context, const struct held_bundle *bundle)
{
  struct restoring *restoring = context;
  int err = node_restore_bundle(restoring->node, &bundle->head, bundle->born_ms, bundle->from);
  restoring->left_out += err == -ENOBUFS;
  return err == -ENOBUFS ? 0 : err;
}

static int restore_bundles(struct station *station)
{
  struct restoring restoring = {station->node, 0};
  int err = store_each_bundle(station->store, restore_bundle, &restoring);
  if (restoring.left_out)
    station_log(station, STORE_WARNING, "store",
                "%u bundles more than the node holds are kept for others; a later restart of radiod takes them up",
                restoring.left_out);
  return err;
}

static int restore_peer(void *context, const struct store_peer *peer)
{
  node_restore_peer(context, peer->station, peer->top_counter);
  return 0;
}

/* Builds the node over the open radios, as the store remembers it. */
static int start_node(struct station *station)
{
  struct node_config config = {.directory = post_keys_directory(station->keys),
                               .keyring = post_keys_keyring(station->keys),
                               .channel_count = station->radio_count,
                               .beacon_interval_ms = station->config.beacon_interval_s * 1000,
                               .is_mobile = station->config.mobile != 0};
  memcpy(config.authority, post_keys_authority(station->keys), sizeof config.authority);
  for (size_t i = 0; i < station->radio_count; i++)
    radio_describe(&station->radio[i], &config.channel[i]);
  randombytes_buf(&config.seed, sizeof config.seed);
  int err = store_first_counter(station->store, &config.first_counter);
  if (err)
    return err;
  struct store_keys keys = station_store_keys(station);
  struct node_store functions = store_node_with_keys(station->store, &keys);
  station->node = node_new(&config, &functions, station_now_ms(station));
  if (!station->node)
    return -ENOMEM;
  err = store_each_peer(station->store, restore_peer, station->node);
  if (!err)
    err = restore_bundles(station);
  if (!err)
    err = restore_deliveries(station);
  if (err) {
    node_free(station->node);
    station->node = NULL;
    return err;
  }
  station_tell_node_time(station);
  return 0;
}

static void close_radios(struct station *station)
{
  for (size_t i = 0; i < station->radio_count; i++)
    modem_stop(station->radio[i].modem);
  for (size_t i = 0; i < station->radio_count; i++)
    radio_close(&station->radio[i]);
  station->radio_count = 0;
}

static int open_radios(struct station *station, char *err, size_t err_len)
{
  for (size_t i = 0; i < station->config.channel_count; i++) {
    const struct config_channel *config = &station->config.channel[i];
    char why[MODEM_TEXT_MAX * 2];
    int error = radio_open(&station->radio[i], config, why, sizeof why);
    if (error) {
      snprintf(err, err_len, "[channel %s]: %s", config->name, why);
      close_radios(station);
      return error;
    }
    station->radio_count++;
  }
  return 0;
}

int station_open(struct station **out, const struct config *config, char *err, size_t err_len)
{
  struct station *station = calloc(1, sizeof *station);
  if (!station || sodium_init() < 0) {
    free(station);
    snprintf(err, err_len, "out of memory, or no source of random numbers");
    return -ENOMEM;
  }
  station->config = *config;
  int error = post_keys_open(&station->keys, config->key_file, err, err_len);
  if (!error)
    error = store_open(&station->store, config->store, err, err_len);
  if (!error)
    error = store_claim(station->store, station_directory(station)->network_id, (uint16_t)station_number(station),
                        err, err_len);
  if (!error && (error = station_start_clock(station)) != 0)
    snprintf(err, err_len, "%s: the store cannot note the time: %s", config->store, strerror(-error));
  if (!error)
    error = open_radios(station, err, err_len);
  if (!error && (error = start_node(station)) != 0)
    snprintf(err, err_len, "%s: cannot be read; see the messages above", config->store);
  if (error) {
    station_close(station);
    return error;
  }
  const struct directory_entry *self = directory_find(station_directory(station), station_number(station));
  station_log(station, STORE_INFO, "station", "%s (%s, number %u) started, %zu stations in the network", self->name,
              self->callsign, self->number, (size_t)station_directory(station)->count);
  *out = station;
  return 0;
}

void station_close(struct station *station)
{
  if (!station)
    return;
  close_radios(station);
  node_free(station->node);
  if (station->store && station->started_ms)
    station_log(station, STORE_INFO, "station", "stopped");
  if (station->clock)
    station_save_clock(station);
  post_clock_free(station->clock);
  store_close(station->store);
  post_keys_close(station->keys);
  free(station);
}

static int needs_restart(const struct config *a, const struct config *b)
{
  return strcmp(a->key_file, b->key_file) || strcmp(a->store, b->store) || strcmp(a->socket, b->socket);
}

/* The radios of the settings that worked before; used when the new ones do not open. */
static void go_back(struct station *station, const struct config *before)
{
  char why[CONFIG_ERROR_MAX];
  station->config = *before;
  if (open_radios(station, why, sizeof why))
    station_log(station, STORE_ERROR, "settings", "the former radios do not open either: %s", why);
}

void station_reload(struct station *station, const struct config *config)
{
  struct config before = station->config;
  char why[CONFIG_ERROR_MAX];
  if (needs_restart(&before, config))
    station_log(station, STORE_WARNING, "settings",
                "key_file, store or socket changed: that takes a restart of radiod");
  close_radios(station);
  node_free(station->node);
  station->node = NULL;
  station->config = *config;
  memcpy(station->config.key_file, before.key_file, sizeof before.key_file);
  memcpy(station->config.store, before.store, sizeof before.store);
  memcpy(station->config.socket, before.socket, sizeof before.socket);
  if (open_radios(station, why, sizeof why)) {
    station_log(station, STORE_ERROR, "settings", "not taken over: %s", why);
    go_back(station, &before);
  } else {
    station_log(station, STORE_INFO, "settings", "read again, %zu channels", station->radio_count);
  }
  if (start_node(station)) {
    /* Without its node the post is deaf; a supervisor's restart is the way back, and nothing stored is lost. */
    station_log(station, STORE_ERROR, "store", "cannot be read after a reload; radiod ends");
    exit(EXIT_FAILURE);
  }
}

void station_refuse_reload(struct station *station, const char *why)
{
  station_log(station, STORE_ERROR, "settings", "not taken over: %s", why);
}

int station_submit(struct station *station, struct message *message, char *why, size_t why_len)
{
  int err = node_submit(station->node, station_now_ms(station), message, why, why_len);
  station_pump(station);
  return err;
}

int station_price(const struct station *station, const struct message *message, struct node_cost *out, char *why,
                  size_t why_len)
{
  return node_price(station->node, station_now_ms(station), message, out, why, why_len);
}

static int refuse(int err, char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return err;
}

static int check_step(const struct store_entry *entry, const struct receipt *receipt, char *why, size_t why_len)
{
  if (entry->outgoing)
    return refuse(-ENOENT, why, why_len, "that message was filed here; only its recipients give receipts");
  if (receipt->step != RECEIPT_READ && receipt->step != RECEIPT_ACTED && receipt->step != RECEIPT_REFUSED)
    return refuse(-EINVAL, why, why_len, "step: read, acted or refused");
  if (entry->local_step > receipt->step)
    return refuse(-EINVAL, why, why_len, "step: a later step was already given, and steps never go back");
  if (entry->local_step == RECEIPT_ACTED && receipt->step == RECEIPT_REFUSED)
    return refuse(-EINVAL, why, why_len,
                  "step: it was acted on already, and steps never go back; send a text instead");
  return 0;
}

/* A receipt is as urgent as what it answers, and at least PRIORITY. */
static uint8_t receipt_precedence(const struct message *message)
{
  return message->precedence > PRIORITY ? message->precedence : PRIORITY;
}

int station_receipt(struct station *station, struct message_id id, const struct receipt *receipt, char *why,
                    size_t why_len)
{
  struct store_entry entry;
  if (store_get(station->store, id, &entry))
    return refuse(-ENOENT, why, why_len, "no such message");
  int err = check_step(&entry, receipt, why, why_len);
  if (err || entry.local_step == receipt->step)
    return err;
  struct message message = {
      .dest = id.origin, .kind = MESSAGE_RECEIPT, .precedence = receipt_precedence(&entry.message)};
  message.body.receipt = *receipt;
  message.body.receipt.ref_counter = id.counter;
  /* The receipt goes first: when power fails in between, it is given once more, which does no harm. */
  err = station_submit(station, &message, why, why_len);
  if (!err)
    err = store_mark_local(station->store, id, receipt->step, receipt->officer, station_now_ms(station));
  return err;
}

struct cancel {
  struct station *station;
  struct message_id id;
  uint16_t recipient; /* 0: all */
  int count;
};

static int cancel_one(void *context, const struct store_delivery *delivery)
{
  struct cancel *cancel = context;
  if (cancel->recipient && delivery->recipient != cancel->recipient)
    return 0;
  if (!node_cancel(cancel->station->node, station_now_ms(cancel->station), cancel->id, delivery->recipient))
    cancel->count++;
  return 0;
}

int station_cancel(struct station *station, struct message_id id, uint16_t recipient)
{
  struct cancel cancel = {station, id, recipient, 0};
  store_each_delivery(station->store, id, cancel_one, &cancel);
  station_pump(station);
  return cancel.count ? 0 : -ENOENT;
}

int station_explain(struct station *station, struct message_id id, uint16_t recipient, char *out, size_t size)
{
  return node_explain(station->node, station_now_ms(station), id, recipient, out, size);
}

size_t station_channel_count(const struct station *station)
{
  return station->radio_count;
}

void station_channel(const struct station *station, size_t index, struct station_channel *out)
{
  const struct radio *radio = &station->radio[index];
  memset(out, 0, sizeof *out);
  out->config = &radio->config;
  out->mode_count = modem_modes(radio->modem, &out->modes);
  out->up = radio->up;
  out->busy = radio->busy;
  out->transmitting = radio->transmitting;
  memcpy(out->text, radio->text, sizeof out->text);
  out->bursts_heard = radio->bursts_heard;
  out->bursts_sent = radio->bursts_sent;
  out->keyed_us = radio->keyed_us;
}
