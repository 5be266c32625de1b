/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for messages: lists and shows them, files new ones or tells what they would cost, records what the officer
 * did, cancels. */
#include "radiod/api/routes.h"

#include <errno.h>
#include <string.h>

#include "radiod/api/json_cost.h"
#include "radiod/api/json_message.h"
#include "radiod/api/json_phrase.h"
#include "radiod/api/json_read.h"

#define MESSAGE_PAGE 50
#define WHY_MAX 256

static const char *channel_name(void *context, unsigned index)
{
  struct station_channel channel;
  if (index >= station_channel_count(context))
    return NULL;
  station_channel(context, index, &channel);
  return channel.config->name;
}

static const char *mode_name(void *context, unsigned index, unsigned mode)
{
  struct station_channel channel;
  if (index >= station_channel_count(context))
    return NULL;
  station_channel(context, index, &channel);
  return mode < channel.mode_count ? channel.modes[mode].name : NULL;
}

static int64_t unix_ms(void *context, int64_t node_ms)
{
  return station_unix_ms(context, node_ms);
}

static struct api_names names_of(struct station *station)
{
  return (struct api_names){station, channel_name, mode_name, unix_ms};
}

static json_t *message_json(struct station *station, const struct store_entry *entry, int language)
{
  const struct api_names names = names_of(station);
  json_t *json = api_json_message(entry, station_directory(station), station_number(station), &names);
  if (language != API_ALL_LANGUAGES)
    api_phrase_narrow(json, (enum phrase_language)language);
  return json;
}

struct delivery_list {
  struct station *station;
  struct message_id id;
  json_t *array;
};

static int add_delivery(void *context, const struct store_delivery *delivery)
{
  struct delivery_list *list = context;
  char because[NODE_TEXT_MAX];
  const struct api_names names = names_of(list->station);
  int is_open = delivery->state <= DELIVERY_SENT || delivery->state == DELIVERY_CUSTODY;
  int waits = is_open && !station_explain(list->station, list->id, delivery->recipient, because, sizeof because);
  return json_array_append_new(
      list->array, api_json_delivery(delivery, station_directory(list->station), &names, waits ? because : NULL));
}

static int count_delivery(void *context, const struct store_delivery *delivery)
{
  json_t *counts = context;
  const char *state = delivery_state_name(delivery->state);
  json_int_t before = json_integer_value(json_object_get(counts, state));
  return json_object_set_new(counts, state, json_integer(before + 1));
}

/* Replies with one message whole. */
static void reply_message(struct api_request *request, struct message_id id, unsigned status, struct api_reply *reply)
{
  struct store *store = station_store(request->station);
  struct store_entry entry;
  int language;
  if (api_query_language(request, &language, reply))
    return;
  int err = store_get(store, id, &entry);
  if (err == -ENOENT) {
    api_reply_error(reply, 404, "not_found",
                    "message %u-%u: not in this post's store; radioctl inbox and outbox list them", id.origin,
                    id.counter);
    return;
  }
  struct delivery_list list = {request->station, id, json_array()};
  if (err || store_each_delivery(store, id, add_delivery, &list) < 0) {
    json_decref(list.array);
    api_reply_error(reply, 500, "store_failed", "store: message %u-%u cannot be read; see radioctl log", id.origin,
                    id.counter);
    return;
  }
  reply->status = status;
  reply->body = message_json(request->station, &entry, language);
  json_object_set_new(reply->body, "deliveries", list.array);
}

void api_get_message(struct api_request *request, struct api_reply *reply)
{
  reply_message(request, request->id, 200, reply);
}

static int read_box(const char *text, struct store_filter *filter)
{
  if (!text || !strcmp(text, "all"))
    filter->box = STORE_BOX_ALL;
  else if (!strcmp(text, "in"))
    filter->box = STORE_BOX_IN;
  else if (!strcmp(text, "out"))
    filter->box = STORE_BOX_OUT;
  else
    return -EINVAL;
  return 0;
}

static int read_kind(const char *text, struct store_filter *filter)
{
  if (!text)
    return 0;
  if (!strcmp(text, "all")) {
    filter->kind = -1;
    return 0;
  }
  for (int kind = MESSAGE_STATUS; kind <= MESSAGE_KEY; kind++)
    if (!strcmp(text, message_kind_name((unsigned)kind)))
      filter->kind = kind;
  return filter->kind ? 0 : -EINVAL;
}

static int read_unread(const char *text, struct store_filter *filter)
{
  filter->unread_only = text && !strcmp(text, "true");
  return !text || filter->unread_only || !strcmp(text, "false") ? 0 : -EINVAL;
}

/* Returns 0 or, with reply filled in, -EINVAL. */
static int read_filter(const struct api_request *request, struct store_filter *filter, struct api_reply *reply)
{
  const char *who = api_query_value(request, "station");
  const struct directory_entry *entry = who ? directory_find_text(station_directory(request->station), who) : NULL;
  const char *wrong = NULL;
  if (read_box(api_query_value(request, "box"), filter))
    wrong = "box: write in, out or all";
  else if (read_kind(api_query_value(request, "kind"), filter))
    wrong = "kind: write status, alert, text, receipt, key or all";
  else if (read_unread(api_query_value(request, "unread"), filter))
    wrong = "unread: write true or false";
  if (wrong || (who && !entry)) {
    api_reply_error(reply, 400, wrong ? "bad_query" : "unknown_station", "%s",
                    wrong ? wrong : "station: no such station in the directory; radioctl peers lists them");
    return -EINVAL;
  }
  filter->station = entry ? entry->number : 0;
  return api_query_page(request, MESSAGE_PAGE, &filter->limit, &filter->before_row, reply);
}

struct message_page {
  struct station *station;
  json_t *messages;
  int language;
  int64_t last_row;
};

static int add_message(void *context, const struct store_entry *entry)
{
  struct message_page *page = context;
  page->last_row = entry->row;
  return json_array_append_new(page->messages, message_json(page->station, entry, page->language));
}

/* Outgoing messages of a list tell how many deliveries are in which state; read after the walk, not during it. */
static void add_counts(struct store *store, json_t *messages)
{
  for (size_t i = 0; i < json_array_size(messages); i++) {
    json_t *message = json_array_get(messages, i), *counts;
    struct message_id id;
    if (strcmp(json_string_value(json_object_get(message, "box")), "out") ||
        api_id_parse(json_string_value(json_object_get(message, "id")), &id))
      continue;
    counts = json_object();
    store_each_delivery(store, id, count_delivery, counts);
    json_object_set_new(message, "delivery_counts", counts);
  }
}

void api_list_messages(struct api_request *request, struct api_reply *reply)
{
  struct store_filter filter = {0};
  int language;
  if (read_filter(request, &filter, reply) || api_query_language(request, &language, reply))
    return;
  struct message_page page = {request->station, json_array(), language, 0};
  struct store *store = station_store(request->station);
  int err = store_list(store, &filter, add_message, &page);
  if (err < 0) {
    json_decref(page.messages);
    api_reply_error(reply, 500, "store_failed", "store: messages cannot be read; see radioctl log");
    return;
  }
  add_counts(store, page.messages);
  int full = json_array_size(page.messages) == filter.limit;
  reply->status = 200;
  reply->body = json_pack("{s:o, s:o}", "messages", page.messages, "next",
                          full ? json_integer((json_int_t)page.last_row) : json_null());
}

/* Bad values are 422, a rule of the service 403. */
static void reply_problem(const struct api_problem *problem, struct api_reply *reply)
{
  unsigned status = strcmp(problem->code, "flash_to_all") ? 422 : 403;
  api_reply_error(reply, status, problem->code, "%s", problem->text);
}

/* Whether the message that a filing corrects or refers to is here and of the same kind. */
static int reference_exists(struct store *store, const struct api_filing *filing)
{
  struct store_entry entry;
  if (filing->refers.origin == STATION_NONE)
    return 1;
  return !store_get(store, filing->refers, &entry) && entry.message.kind == filing->message.kind;
}

static void reply_submit_error(int err, const char *why, struct api_reply *reply)
{
  switch (err) {
  case -EINVAL:
    api_reply_error(reply, 422, "bad_value", "%s", why);
    break;
  case -ENOENT:
    api_reply_error(reply, 422, "unknown_station", "to: nobody but this post would get it; check the directory");
    break;
  case -EMSGSIZE:
    api_reply_error(reply, 422, "too_long", "message: no channel of this post can carry it; shorten the text");
    break;
  case -ENOBUFS:
    api_reply_error(reply, 503, "outbox_full",
                    "outbox: too many messages wait; cancel some or wait until they are sent");
    break;
  case -ENOSPC:
    api_reply_error(reply, 507, "disk_full", "store: the disk is full; free some space, nothing was filed");
    break;
  default:
    api_reply_error(reply, 500, "store_failed", "store: cannot file the message (%s); see radioctl log",
                    strerror(-err));
  }
}

static int check_reference(struct store *store, const struct api_filing *filing, struct api_reply *reply)
{
  char id[API_ID_MAX];
  if (reference_exists(store, filing))
    return 0;
  api_id_format(filing->refers, id);
  api_reply_error(reply, 422, "not_found", "%s: no such %s in this post's store; radioctl inbox and outbox list them",
                  id, message_kind_name(filing->message.kind));
  return -EINVAL;
}

typedef int read_fn(struct api_filing *out, const json_t *body, const struct api_read_context *context,
                    struct api_problem *problem);

/* Reads the message that the body describes.  Returns 0 or, with reply filled in, -EINVAL. */
static int read_message(const struct api_request *request, read_fn *read, struct api_filing *filing,
                        struct api_reply *reply)
{
  struct api_read_context context = {station_directory(request->station), station_number(request->station), NULL};
  struct api_problem problem = {"bad_value", ""};
  struct store_entry last;
  int err = store_last_report(station_store(request->station), STORE_BOX_OUT, (uint16_t)context.self, &last);
  if (err && err != -ENOENT) {
    api_reply_error(reply, 500, "store_failed", "store: cannot be read; see radioctl log");
    return -EINVAL;
  }
  if (!err)
    context.last = &last.message.body.status;
  if (read(filing, request->body, &context, &problem)) {
    reply_problem(&problem, reply);
    return -EINVAL;
  }
  return check_reference(station_store(request->station), filing, reply);
}

void api_post_message(struct api_request *request, struct api_reply *reply)
{
  struct api_filing filing;
  char why[WHY_MAX] = "";
  if (read_message(request, api_read_filing, &filing, reply))
    return;
  int err = station_submit(request->station, &filing.message, why, sizeof why);
  if (err)
    reply_submit_error(err, why, reply);
  else
    reply_message(request, filing.message.id, 201, reply);
}

void api_post_cost(struct api_request *request, struct api_reply *reply)
{
  struct api_filing filing;
  struct node_cost cost;
  char why[WHY_MAX] = "";
  if (read_message(request, api_read_question, &filing, reply))
    return;
  int err = station_price(request->station, &filing.message, &cost, why, sizeof why);
  if (err) {
    reply_submit_error(err, why, reply);
    return;
  }
  const struct api_names names = names_of(request->station);
  reply->status = 200;
  reply->body = api_json_cost(&cost, &filing.message, station_directory(request->station), &names);
}

void api_post_receipt(struct api_request *request, struct api_reply *reply)
{
  struct api_problem problem = {"bad_value", ""};
  struct receipt receipt;
  char why[WHY_MAX] = "";
  if (api_read_receipt(&receipt, request->body, &problem)) {
    reply_problem(&problem, reply);
    return;
  }
  receipt.ref_counter = request->id.counter;
  int err = station_receipt(request->station, request->id, &receipt, why, sizeof why);
  if (!err)
    reply_message(request, request->id, 200, reply);
  else if (err == -ENOENT)
    api_reply_error(reply, 404, "not_found", "message %u-%u: no such incoming message; radioctl inbox lists them",
                    request->id.origin, request->id.counter);
  else if (err == -EINVAL)
    api_reply_error(reply, 422, "bad_value", "%s", why);
  else
    reply_submit_error(err, why, reply);
}

void api_post_cancel(struct api_request *request, struct api_reply *reply)
{
  static const char *const members[] = {"to", NULL};
  struct api_read_context context = {station_directory(request->station), station_number(request->station), NULL};
  struct api_problem problem = {"bad_value", ""};
  struct store_entry entry;
  uint16_t to = STATION_NONE;
  if (api_only_members(request->body, members, "", &problem) ||
      api_read_recipient(&to, request->body, &context, &problem)) {
    reply_problem(&problem, reply);
    return;
  }
  if (to == STATION_ALL)
    to = STATION_NONE;
  int err = store_get(station_store(request->station), request->id, &entry);
  if (!err && station_cancel(request->station, request->id, to) == -ENOENT)
    api_reply_error(reply, 409, "nothing_waits", "message %u-%u: no delivery waits any more; nothing to cancel",
                    request->id.origin, request->id.counter);
  else
    reply_message(request, request->id, 200, reply);
}
