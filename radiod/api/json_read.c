/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client files: recipient, precedence, reports, texts and receipts, checked member by member. */
#include "radiod/api/json_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "radiod/api/json_status.h"

static int find_station(uint16_t *out, const char *name, const char *member, const struct api_read_context *context,
                        struct api_problem *problem)
{
  const struct directory_entry *entry = directory_find_text(context->directory, name);
  if (!entry)
    return api_refuse(problem, "unknown_station",
                      "%s: no station \"%.60s\" in the directory; radioctl peers lists them", member, name);
  if (entry->number == context->self)
    return api_refuse(problem, "unknown_station", "%s: station %u is this post itself; name another", member,
                      context->self);
  *out = entry->number;
  return 0;
}

int api_read_station(uint16_t *out, const json_t *body, const char *member, const struct api_read_context *context,
                     struct api_problem *problem)
{
  char number[24];
  const json_t *station = json_object_get(body, member);
  if (!station)
    return 0;
  if (json_is_string(station))
    return find_station(out, json_string_value(station), member, context, problem);
  if (!json_is_integer(station))
    return api_refuse(problem, "bad_value", "%s: must be a station's number, callsign or name", member);
  snprintf(number, sizeof number, "%lld", (long long)json_integer_value(station));
  return find_station(out, number, member, context, problem);
}

int api_read_recipient(uint16_t *out, const json_t *body, const struct api_read_context *context,
                       struct api_problem *problem)
{
  const char *name = json_string_value(json_object_get(body, "to"));
  if (!name || strcasecmp(name, "all"))
    return api_read_station(out, body, "to", context, problem);
  *out = STATION_ALL;
  return 0;
}

static int read_precedence(uint8_t *out, const json_t *body, struct api_problem *problem)
{
  const char *name = NULL;
  int err = api_read_string(body, "precedence", &name, problem);
  if (err || !name)
    return err;
  int precedence = precedence_find(name);
  if (precedence < 0)
    return api_refuse(problem, "bad_value",
                      "precedence: \"%.40s\" is none; write ROUTINE, PRIORITY, IMMEDIATE or FLASH", name);
  *out = (uint8_t)precedence;
  return 0;
}

/* Starts report from the last one.  Its remark stays behind: it was about that moment. */
static int start_from_last(struct status_report *report, const json_t *body, const struct api_read_context *context,
                           struct api_problem *problem)
{
  int same = 0;
  int err = api_read_bool(body, "same_as_last", &same, problem);
  if (err || !same)
    return err;
  if (!context->last)
    return api_refuse(problem, "no_last_report",
                      "same_as_last: no report was filed here yet; file one with its state and fields");
  *report = *context->last;
  report->is_correction = 0;
  report->corrects = 0;
  memset(&report->text, 0, sizeof report->text);
  return 0;
}

static int read_correction(struct status_report *report, struct message_id *refers, const json_t *body,
                           const struct api_read_context *context, struct api_problem *problem)
{
  const char *id = NULL;
  int err = api_read_string(body, "correction_of", &id, problem);
  if (err || !id)
    return err;
  if (api_id_parse(id, refers) || refers->origin != context->self)
    return api_refuse(problem, "bad_value",
                      "correction_of: \"%.40s\" is no report of this post; write e.g. \"%u-1045\"", id,
                      context->self);
  report->is_correction = 1;
  report->corrects = (uint16_t)refers->counter;
  return 0;
}

static int read_status_filing(struct api_filing *filing, const json_t *body, const struct api_read_context *context,
                              struct api_problem *problem)
{
  static const char *const members[] = {"kind",   "to",   "precedence",   "state",         "restriction",
                                        "fields", "text", "same_as_last", "correction_of", NULL};
  struct status_report *report = &filing->message.body.status;
  status_init(report);
  filing->message.precedence = ROUTINE;
  int err = api_only_members(body, members, "", problem);
  if (!err)
    err = start_from_last(report, body, context, problem);
  if (!err)
    err = read_correction(report, &filing->refers, body, context, problem);
  if (!err)
    err = api_read_status(report, body, problem);
  if (err)
    return err;
  problem->code = "bad_value";
  return status_check(report, problem->text, sizeof problem->text);
}

static int read_text_filing(struct api_filing *filing, const json_t *body, struct api_problem *problem)
{
  static const char *const members[] = {"kind", "to", "precedence", "text", NULL};
  struct text *text = &filing->message.body.text;
  filing->message.precedence = ROUTINE;
  int err = api_only_members(body, members, "", problem);
  if (!err)
    err = api_read_text(body, text, problem);
  if (!err && !text->len)
    return api_refuse(problem, "missing_field", "text: is empty; write what the message shall say");
  return err;
}

/* An alert without recipient goes to all.  FLASH to all is for coordinators: a post's goes to the first coordinator,
 * so that a call for help is never refused for want of a name. */
static uint16_t default_alert_recipient(const struct message *message, const struct api_read_context *context)
{
  const struct directory_entry *own = directory_find(context->directory, context->self);
  if (message->precedence != FLASH || (own && own->role == STATION_ROLE_COORDINATOR))
    return STATION_ALL;
  for (unsigned i = 0; i < context->directory->count; i++)
    if (context->directory->entry[i].role == STATION_ROLE_COORDINATOR)
      return context->directory->entry[i].number;
  return STATION_ALL;
}

static int check_flash(const struct message *message, const struct api_read_context *context,
                       struct api_problem *problem)
{
  const struct directory_entry *own = directory_find(context->directory, context->self);
  if (message->precedence != FLASH || message->dest != STATION_ALL || (own && own->role == STATION_ROLE_COORDINATOR))
    return 0;
  return api_refuse(problem, "flash_to_all",
                    "to: only a coordinator may send FLASH to all; send it to your coordinator, or as IMMEDIATE");
}

static int read_body(struct api_filing *filing, const char *kind, const json_t *body,
                     const struct api_read_context *context, struct api_problem *problem)
{
  struct message *message = &filing->message;
  if (!strcmp(kind, "status")) {
    message->kind = MESSAGE_STATUS;
    return read_status_filing(filing, body, context, problem);
  }
  if (!strcmp(kind, "text")) {
    message->kind = MESSAGE_TEXT;
    return read_text_filing(filing, body, problem);
  }
  if (!strcmp(kind, "alert")) {
    message->kind = MESSAGE_ALERT;
    int err = api_read_alert(&message->body.alert, &filing->refers, body, context, problem);
    if (!err)
      message->precedence = alert_event_info(message->body.alert.event)->precedence;
    return err;
  }
  return api_refuse(problem, "bad_value", "kind: \"%.40s\" is none; write status, text or alert", kind);
}

int api_read_filing(struct api_filing *out, const json_t *body, const struct api_read_context *context,
                    struct api_problem *problem)
{
  struct api_filing filing = {0};
  const char *kind = NULL;
  int err = api_read_string(body, "kind", &kind, problem);
  if (err)
    return err;
  if (!kind)
    return api_refuse(problem, "missing_field", "kind: is missing; write status, text or alert");
  err = read_body(&filing, kind, body, context, problem);
  if (!err)
    err = read_precedence(&filing.message.precedence, body, problem);
  if (!err && filing.message.kind == MESSAGE_ALERT)
    filing.message.dest = default_alert_recipient(&filing.message, context);
  if (!err)
    err = api_read_recipient(&filing.message.dest, body, context, problem);
  if (!err && filing.message.dest == STATION_NONE)
    return api_refuse(problem, "missing_field",
                      "to: is missing; name a station by number, callsign or name, or \"all\"");
  if (!err)
    err = check_flash(&filing.message, context, problem);
  if (!err)
    *out = filing;
  return err;
}

int api_read_question(struct api_filing *out, const json_t *body, const struct api_read_context *context,
                      struct api_problem *problem)
{
  struct api_filing filing = {.message.kind = MESSAGE_TEXT};
  if (json_object_size(body) != 1 || !json_object_get(body, "text"))
    return api_read_filing(out, body, context, problem);
  int err = read_text_filing(&filing, body, problem);
  if (!err)
    *out = filing;
  return err;
}

int api_read_receipt(struct receipt *out, const json_t *body, struct api_problem *problem)
{
  static const char *const members[] = {"step", "officer", "text", NULL};
  struct receipt receipt = {0};
  const char *name = NULL;
  json_int_t officer = 0;
  int err = api_only_members(body, members, "", problem);
  if (!err)
    err = api_read_string(body, "step", &name, problem);
  if (!err)
    err = api_read_integer(body, "officer", 1, RECEIPT_OFFICER_MAX, &officer, problem);
  if (!err)
    err = api_read_text(body, &receipt.text, problem);
  if (err)
    return err;
  int step = name ? receipt_step_find(name) : -ENOENT;
  if (step != RECEIPT_READ && step != RECEIPT_ACTED && step != RECEIPT_REFUSED)
    return api_refuse(problem, name ? "bad_value" : "missing_field", "step: write read, acted or refused");
  if (step == RECEIPT_REFUSED && !receipt.text.len)
    return api_refuse(problem, "missing_field", "text: is missing; a refusal must say why");
  receipt.step = (uint8_t)step;
  receipt.officer = (uint8_t)officer;
  *out = receipt;
  return 0;
}
