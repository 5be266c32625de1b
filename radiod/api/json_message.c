/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and deliveries of the store as JSON, for a client to read. */
#include "radiod/api/json_message.h"

#include "radiod/api/json_phrase.h"
#include "radiod/api/json_status.h"

#define MINUTE_MS 60000LL
#define ONSET_STEP_MIN 15

static json_t *text_json(const struct text *text)
{
  return api_json_string(text->bytes, text->len);
}

static json_t *mask_json(uint16_t mask, api_name_fn *name_of)
{
  json_t *array = json_array();
  for (unsigned bit = 0; name_of(bit); bit++)
    if (mask >> bit & 1)
      json_array_append_new(array, json_string(name_of(bit)));
  return array;
}

static json_t *area_json(const struct alert *alert)
{
  switch (alert->area_kind) {
  case ALERT_AREA_STATION:
    return json_pack("{s:s, s:[i]}", "kind", "station", "values", (int)alert->area);
  case ALERT_AREA_SECTORS:
    return json_pack("{s:s, s:o}", "kind", "sectors", "values", mask_json(alert->area, alert_sector_name));
  case ALERT_AREA_DEPARTMENTS:
    return json_pack("{s:s, s:o}", "kind", "departments", "values", mask_json(alert->area, alert_department_name));
  default:
    return json_pack("{s:s, s:[]}", "kind", "all", "values");
  }
}

static json_t *reference_json(const struct message *message)
{
  const struct alert *alert = &message->body.alert;
  struct message_id id = {alert->ref_station, alert->ref_counter};
  if (alert->code[ALERT_LIST_MSG_TYPE] == 0)
    return json_null();
  if (id.origin == message->id.origin)
    id.counter = api_counter_before(message->id.counter, alert->ref_counter);
  return api_json_id(id);
}

static const char *code_name(const struct alert *alert, enum alert_list list)
{
  return alert_code_name(list, alert->code[list]);
}

static json_t *time_json(const struct api_names *names, int64_t node_ms)
{
  return api_json_time(names->unix_ms(names->context, node_ms));
}

static json_t *alert_json(const struct message *message, const struct directory *directory, unsigned self,
                          const struct api_names *names)
{
  const struct alert *alert = &message->body.alert;
  const struct alert_event_info *event = alert_event_info(alert->event);
  const struct directory_entry *own = directory_find(directory, self);
  uint32_t minutes = alert_expiry_minutes(alert->expiry);
  int open_end = minutes == UINT32_MAX;
  int concerns = alert_concerns(alert, self, own ? own->sector : -1, own ? own->department : -1);
  json_t *json =
      json_pack("{s:s, s:s, s:o, s:b, s:i, s:o, s:o, s:b, s:o}", "event", event->name, "title", event->title, "area",
                area_json(alert), "concerns_us", concerns, "onset_min", alert->onset * ONSET_STEP_MIN, "onset",
                time_json(names, message->born_ms + alert->onset * ONSET_STEP_MIN * MINUTE_MS), "expires",
                open_end ? json_null() : time_json(names, message->born_ms + minutes * MINUTE_MS), "until_cancelled",
                open_end, "references", reference_json(message));
  static const char *const members[ALERT_LIST_COUNT] = {
      [ALERT_LIST_STATUS] = "status",     [ALERT_LIST_MSG_TYPE] = "msg_type",  [ALERT_LIST_SCOPE] = "scope",
      [ALERT_LIST_CATEGORY] = "category", [ALERT_LIST_RESPONSE] = "response",  [ALERT_LIST_URGENCY] = "urgency",
      [ALERT_LIST_SEVERITY] = "severity", [ALERT_LIST_CERTAINTY] = "certainty"};
  for (int list = 0; list < ALERT_LIST_COUNT; list++)
    json_object_set_new(json, members[list], json_string(code_name(alert, (enum alert_list)list)));
  return json;
}

static json_t *officer_json(unsigned officer)
{
  return officer ? json_integer((json_int_t)officer) : json_null();
}

static json_t *receipt_json(const struct message *message)
{
  const struct receipt *receipt = &message->body.receipt;
  struct message_id of = {message->dest, receipt->ref_counter};
  return json_pack("{s:s, s:o, s:o}", "step", receipt_step_name(receipt->step), "officer",
                   officer_json(receipt->officer), "of", api_json_id(of));
}

/* The part that only messages of this kind have, and the text that every kind may have. */
static void set_body(json_t *json, const struct message *message, const struct directory *directory, unsigned self,
                     const struct api_names *names)
{
  static const struct text none;
  const struct text *text = &none;
  switch (message->kind) {
  case MESSAGE_STATUS:
    json_object_set_new(json, "status", api_json_status(&message->body.status, message->id));
    text = &message->body.status.text;
    break;
  case MESSAGE_ALERT:
    json_object_set_new(json, "alert", alert_json(message, directory, self, names));
    text = &message->body.alert.text;
    break;
  case MESSAGE_RECEIPT:
    json_object_set_new(json, "receipt", receipt_json(message));
    text = &message->body.receipt.text;
    break;
  case MESSAGE_TEXT:
    text = &message->body.text;
    break;
  default: /* a key is nobody's to read */
    break;
  }
  json_object_set_new(json, "text", text_json(text));
  json_object_set_new(json, "phrase", api_json_phrase(text));
}

static json_t *reception_json(const struct reception *reception, const struct directory *directory,
                              const struct api_names *names)
{
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "from", api_json_station(directory, reception->from), "channel",
                   api_json_text(names->channel(names->context, reception->channel)), "mode",
                   api_json_text(names->mode(names->context, reception->channel, reception->mode)), "snr_db",
                   api_json_db(reception->snr_cb), "at", time_json(names, reception->now_ms));
}

json_t *api_json_message(const struct store_entry *entry, const struct directory *directory, unsigned self,
                         const struct api_names *names)
{
  const struct message *message = &entry->message;
  json_t *json =
      json_pack("{s:o, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", api_json_id(message->id), "row",
                (json_int_t)entry->row, "box", entry->outgoing ? "out" : "in", "kind",
                message_kind_name(message->kind), "precedence", precedence_name(message->precedence), "from",
                api_json_station(directory, message->id.origin), "to", api_json_station(directory, message->dest),
                "filed", time_json(names, message->born_ms), "stored", time_json(names, entry->stored_ms));
  if (!json)
    return NULL;
  set_body(json, message, directory, self, names);
  if (entry->outgoing)
    return json;
  json_object_set_new(json, "proven", json_boolean(!message->is_unproven));
  json_object_set_new(json, "reception", reception_json(&entry->reception, directory, names));
  json_object_set_new(json, "local",
                      json_pack("{s:s, s:o}", "step", receipt_step_name((unsigned)entry->local_step), "officer",
                                officer_json(entry->local_officer)));
  json_object_set_new(json, "unread", json_boolean(entry->local_step == RECEIPT_RECEIVED));
  return json;
}

json_t *api_json_delivery(const struct store_delivery *delivery, const struct directory *directory,
                          const struct api_names *names, const char *because)
{
  int is_away = delivery->state == DELIVERY_CUSTODY && delivery->via != STATION_NONE;
  return json_pack(
      "{s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "to", api_json_station(directory, delivery->recipient), "state",
      delivery_state_name(delivery->state), "via", is_away ? api_json_station(directory, delivery->via) : json_null(),
      "attempts", (json_int_t)delivery->attempts, "changed", time_json(names, delivery->changed_ms), "officer",
      officer_json(delivery->officer), "note", text_json(&delivery->note), "waiting_because", api_json_text(because));
}
