/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries bursts between the modems and the node, and what the node decides into the log. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "radiod/daemon/station_impl.h"
#include "radiod/daemon/station_life.h"

/* Events of one modem handled in a row before the others get their turn. */
#define EVENTS_IN_A_ROW 16

static const char *name_of(const struct station *station, unsigned number)
{
  const struct directory_entry *entry = directory_find(station_directory(station), number);
  return entry ? entry->name : "unknown station";
}

static const char *format_snr(int16_t snr_cb, char *out, size_t size)
{
  if (snr_cb == LINK_SNR_UNKNOWN)
    return "SNR unknown";
  snprintf(out, size, "SNR %.1f dB", snr_cb / 10.0);
  return out;
}

static const char *mode_name(const struct station *station, unsigned channel, unsigned mode)
{
  const struct modem_mode *modes;
  size_t count = modem_modes(station->radio[channel].modem, &modes);
  return mode < count ? modes[mode].name : "?";
}

static void transmit(struct station *station, const struct node_action *action)
{
  struct radio *radio = &station->radio[action->channel];
  int err = modem_send(radio->modem, action->as.transmit.mode, action->as.transmit.bytes, action->as.transmit.len);
  if (!err) {
    radio->transmitting = 1;
    return;
  }
  station_log(station, STORE_WARNING, radio->config.name, "the modem refused a burst: %s", strerror(-err));
  node_send_failed(station->node, station_now_ms(station), action->channel);
}

static void log_received(struct station *station, const struct node_action *action)
{
  const struct message *message = &action->as.received.message;
  const struct reception *reception = &action->as.received.reception;
  char snr[24];
  if (message->kind == MESSAGE_RECEIPT || message->kind == MESSAGE_KEY)
    return; /* the delivery that it moves, or the key, has a line of its own */
  station_log(station, STORE_INFO, "message", "%u-%u %s %s received from %s%s on %s, %s, %s", message->id.origin,
              message->id.counter, precedence_name(message->precedence), message_kind_name(message->kind),
              name_of(station, message->id.origin), message->is_unproven ? " (sender not proven)" : "",
              station->radio[reception->channel].config.name, mode_name(station, reception->channel, reception->mode),
              format_snr(reception->snr_cb, snr, sizeof snr));
}

static void log_delivery(struct station *station, const struct node_action *action)
{
  struct message_id id = action->as.delivery.id;
  enum delivery_state state = action->as.delivery.state;
  if (state == DELIVERY_SENT)
    station_log(station, STORE_INFO, "message", "%u-%u sent to %s, attempt %u", id.origin, id.counter,
                name_of(station, action->as.delivery.recipient), action->as.delivery.attempts);
  else
    station_log(station, state == DELIVERY_EXPIRED || state == DELIVERY_REFUSED ? STORE_WARNING : STORE_INFO,
                "message", "%u-%u %s: %s", id.origin, id.counter, delivery_state_name(state),
                name_of(station, action->as.delivery.recipient));
}

static void log_custody(struct station *station, const struct node_action *action)
{
  struct message_id id = action->as.delivery.id;
  if (store_note_via(station->store, id, action->as.delivery.recipient, action->as.delivery.via))
    station_log(station, STORE_WARNING, "store", "who has %u-%u in custody could not be noted", id.origin,
                id.counter);
  station_log(station, STORE_INFO, "message", "%u-%u to %s is in custody of %s", id.origin, id.counter,
              name_of(station, action->as.delivery.recipient), name_of(station, action->as.delivery.via));
}

static void log_proven(struct station *station, const struct node_action *action)
{
  struct message_id id = action->as.proven;
  station_log(station, STORE_INFO, "message", "%u-%u sender proven: %s", id.origin, id.counter,
              name_of(station, id.origin));
}

static void log_order(struct station *station, const struct node_action *action)
{
  const struct order *order = &action->as.order;
  switch (order->type) {
  case ORDER_PUT:
    station_log(station, STORE_INFO, "network", "station %u is %s (%s) now, directory version %u",
                order->as.put.number, order->as.put.name, order->as.put.callsign, order->version);
    break;
  case ORDER_REVOKE:
    if (order->as.revoke == station_number(station))
      station_log(station, STORE_ERROR, "network",
                  "this station was revoked: the network believes nothing of it any more; ask the coordinator");
    else
      station_log(station, STORE_WARNING, "network", "station %u was revoked, directory version %u", order->as.revoke,
                  order->version);
    break;
  case ORDER_EPOCH:
    station_log(station, STORE_INFO, "network", "hop key of epoch %u announced, directory version %u",
                order->as.epoch.epoch, order->version);
    break;
  }
}

static void note_heard(struct station *station, const struct node_action *action)
{
  struct store_peer peer = {.station = action->as.heard.station,
                            .top_counter = action->as.heard.counter,
                            .heard_ms = station_now_ms(station),
                            .snr_cb = action->as.heard.snr_cb,
                            .peer_snr_cb = action->as.heard.peer_snr_cb,
                            .channel = action->channel,
                            .mode = action->as.heard.mode};
  store_peer_heard(station->store, &peer);
}

static void carry_out(struct station *station, const struct node_action *action)
{
  switch (action->type) {
  case NODE_TRANSMIT:
    transmit(station, action);
    break;
  case NODE_RECEIVED:
    log_received(station, action);
    break;
  case NODE_DELIVERY:
    if (action->as.delivery.state == DELIVERY_CUSTODY)
      log_custody(station, action);
    else
      log_delivery(station, action);
    break;
  case NODE_HEARD:
    note_heard(station, action);
    break;
  case NODE_PROVEN:
    log_proven(station, action);
    break;
  case NODE_TIME:
    station_take_time(station, action->as.time.unix_ms, action->as.time.from);
    break;
  case NODE_ORDER:
    log_order(station, action);
    break;
  case NODE_WARNING:
    station_log(station, STORE_WARNING, "network", "%s", action->as.warning);
    break;
  }
}

void station_pump(struct station *station)
{
  struct node_action action;
  while (node_next_action(station->node, &action))
    carry_out(station, &action);
}

/* A device that stays away repeats its complaint; the log wants each only once. */
static void note_fault(struct station *station, struct radio *radio, const char *text)
{
  radio->busy = 0;
  radio->transmitting = 0;
  int is_new = radio->up || strcmp(radio->text, text);
  radio->up = 0;
  snprintf(radio->text, sizeof radio->text, "%s", text);
  if (is_new)
    station_log(station, STORE_ERROR, radio->config.name, "%s", text);
}

static void note_ready(struct station *station, struct radio *radio, const char *text)
{
  radio->up = 1;
  snprintf(radio->text, sizeof radio->text, "%s", text);
  station_log(station, STORE_INFO, radio->config.name, "%s", text);
}

static void take_event(struct station *station, unsigned channel, const struct modem_event *event)
{
  struct radio *radio = &station->radio[channel];
  int64_t now = station_now_ms(station);
  switch (event->type) {
  case MODEM_EVENT_FRAME:
    radio->bursts_heard++;
    node_burst(station->node, now, channel, event->mode, event->bytes, event->len, event->snr_cb);
    break;
  case MODEM_EVENT_CARRIER:
    radio->busy = event->busy;
    node_carrier(station->node, now, channel, event->busy);
    break;
  case MODEM_EVENT_SENT:
    radio->transmitting = 0;
    radio->bursts_sent++;
    radio->keyed_us += event->keyed_us;
    node_sent(station->node, now, channel);
    break;
  case MODEM_EVENT_FAULT:
    note_fault(station, radio, event->text);
    node_channel_up(station->node, now, channel, 0);
    break;
  case MODEM_EVENT_READY:
    note_ready(station, radio, event->text);
    node_channel_up(station->node, now, channel, 1);
    break;
  }
  station_pump(station);
}

int station_poll_fd(const struct station *station, size_t channel)
{
  return modem_fd(station->radio[channel].modem);
}

int64_t station_service(struct station *station)
{
  struct modem_event event;
  store_note_time(station->store, station_now_ms(station));
  int64_t clock_due_ms = station_check_clock(station);
  for (unsigned i = 0; i < station->radio_count; i++)
    for (int n = 0; n < EVENTS_IN_A_ROW && modem_next_event(station->radio[i].modem, &event); n++)
      take_event(station, i, &event);
  node_tick(station->node, station_now_ms(station));
  station_pump(station);
  int64_t deadline = node_deadline(station->node);
  return deadline < clock_due_ms ? deadline : clock_due_ms;
}
