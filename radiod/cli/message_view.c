/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages as a person reads them on a screen: in one line, and whole. */
#include "radiod/cli/message_view.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radiod/api/json_status.h"
#include "radiod/cli/output.h"

#define LABEL_COLUMNS 13
#define VALUE_MAX 256

/* Writes a status field as a person reads it; fields and values this version does not know come as their JSON. */
static void format_field(const char *name, const json_t *value, char *out, size_t size)
{
  struct status_report scratch;
  struct api_problem problem;
  int field = status_field_find(name);
  status_init(&scratch);
  if (field < 0 || api_read_field(&scratch, (enum status_field)field, value, &problem)) {
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    snprintf(out, size, "%s", text ? text : "?");
    free(text);
    return;
  }
  const char *unit = status_field_info((enum status_field)field)->unit;
  size_t len = status_field_format((enum status_field)field, scratch.value[field], out, size);
  if (*unit && !json_is_null(value))
    snprintf(out + len, size - len, " %s", unit);
}

static size_t append(char *out, size_t len, size_t size, const char *text)
{
  int n = snprintf(out + len, size - len, "%s", text);
  return len + (size_t)n < size ? len + (size_t)n : size - 1;
}

static void summarize_status(const json_t *status, const char *text, char *out, size_t size)
{
  const char *name;
  json_t *value;
  char cell[VALUE_MAX];
  size_t len = append(out, 0, size, out_string(status, "state"));
  if (*text) {
    len = append(out, len, size, ": ");
    append(out, len, size, text);
    return;
  }
  json_object_foreach(json_object_get(status, "fields"), name, value)
  {
    format_field(name, value, cell, sizeof cell);
    len = append(out, len, size, ", ");
    len = append(out, len, size, name);
    len = append(out, len, size, " ");
    len = append(out, len, size, cell);
  }
}

/* What may be a lie must never be read as the truth: until its sender is proven, an alert says so first. */
static const char *proof_mark(const json_t *message)
{
  return json_is_false(json_object_get(message, "proven")) ? "SENDER NOT PROVEN: " : "";
}

/* A drill must never be taken for the real thing: what is not Actual says so first. */
static void summarize_alert(const json_t *message, const char *text, char *out, size_t size)
{
  const json_t *alert = json_object_get(message, "alert");
  const char *status = out_string(alert, "status"), *type = out_string(alert, "msg_type");
  int actual = !strcmp(status, "Actual"), alerts = !strcmp(type, "Alert");
  char loud[16];
  snprintf(loud, sizeof loud, "%s", status);
  for (char *at = loud; *at; at++)
    *at = (char)toupper((unsigned char)*at);
  snprintf(out, size, "%s%s%s%s%s%s%s%s", proof_mark(message), actual ? "" : loud, actual ? "" : ": ",
           alerts ? "" : type, alerts ? "" : ": ", out_string(alert, "title"), *text ? ": " : "", text);
}

/* What was written, a phrase in the reader's language. */
static const char *text_of(const json_t *message, enum phrase_language language)
{
  const json_t *sentences = json_object_get(json_object_get(message, "phrase"), "sentences");
  const char *sentence = out_string(sentences, phrase_language_code(language));
  return *sentence ? sentence : out_string(message, "text");
}

void message_summary(const json_t *message, enum phrase_language language, char *out, size_t size)
{
  const char *kind = out_string(message, "kind"), *text = text_of(message, language);
  if (!strcmp(kind, "status"))
    summarize_status(json_object_get(message, "status"), text, out, size);
  else if (!strcmp(kind, "alert"))
    summarize_alert(message, text, out, size);
  else
    snprintf(out, size, "%s", text);
}

static void print_label(const char *label, const char *value)
{
  printf("%-*s", LABEL_COLUMNS, label);
  out_wrapped(LABEL_COLUMNS, value);
}

static void print_station(const char *label, const json_t *station)
{
  char name[VALUE_MAX];
  out_station(station, name, sizeof name);
  print_label(label, name);
}

static void print_time(const char *label, const char *time)
{
  char local[OUT_TIME_MAX];
  out_time(time, local);
  print_label(label, local);
}

/* "freight,exports" of an array of strings. */
static void join(const json_t *array, char *out, size_t size)
{
  size_t i, len = 0;
  json_t *value;
  out[0] = '\0';
  json_array_foreach(array, i, value)
  {
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    len = append(out, len, size, i ? ", " : "");
    len = append(out, len, size, json_is_string(value) ? json_string_value(value) : number);
  }
}

static void print_status(const json_t *status)
{
  const char *name;
  json_t *value;
  char text[VALUE_MAX];
  print_label("State", out_string(status, "state"));
  join(json_object_get(status, "restriction"), text, sizeof text);
  if (*text)
    print_label("Restricted", text);
  if (*out_string(status, "correction_of"))
    print_label("Corrects", out_string(status, "correction_of"));
  json_object_foreach(json_object_get(status, "fields"), name, value)
  {
    format_field(name, value, text, sizeof text);
    printf("  %-17s ", name);
    out_wrapped(20, text);
  }
}

static void print_area(const json_t *alert)
{
  const json_t *area = json_object_get(alert, "area");
  char values[VALUE_MAX], text[VALUE_MAX + 32];
  join(json_object_get(area, "values"), values, sizeof values);
  snprintf(text, sizeof text, "%s%s%s%s", out_string(area, "kind"), *values ? " " : "", values,
           json_is_false(json_object_get(alert, "concerns_us")) ? " (not this post)" : "");
  print_label("Area", text);
}

static void print_alert(const json_t *message)
{
  const json_t *alert = json_object_get(message, "alert");
  static const char *const codes[][2] = {
      {"Status", "status"},     {"Type", "msg_type"},       {"Response", "response"}, {"Urgency", "urgency"},
      {"Severity", "severity"}, {"Certainty", "certainty"}, {"Category", "category"}, {"References", "references"}};
  char event[VALUE_MAX];
  summarize_alert(message, "", event, sizeof event);
  print_label("Event", event);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (*out_string(alert, codes[i][1]))
      print_label(codes[i][0], out_string(alert, codes[i][1]));
  print_area(alert);
  print_time("Begins", out_string(alert, "onset"));
  if (json_is_true(json_object_get(alert, "until_cancelled")))
    print_label("Ends", "when cancelled");
  else
    print_time("Ends", out_string(alert, "expires"));
}

static void print_reception(const json_t *message)
{
  const json_t *reception = json_object_get(message, "reception"), *local = json_object_get(message, "local");
  const json_t *snr = json_object_get(reception, "snr_db");
  char time[OUT_TIME_MAX], text[VALUE_MAX], quality[32] = "";
  out_time(out_string(reception, "at"), time);
  if (json_is_number(snr))
    snprintf(quality, sizeof quality, ", SNR %.1f dB", json_number_value(snr));
  snprintf(text, sizeof text, "%s on %s %s%s", time, out_string(reception, "channel"), out_string(reception, "mode"),
           quality);
  print_label("Received", text);
  print_label("Here", out_string(local, "step"));
}

static void add_delivery(struct table *table, const json_t *delivery)
{
  char to[VALUE_MAX], attempts[24], changed[OUT_TIME_MAX], note[VALUE_MAX * 4], officer[40] = "";
  const char *because = out_string(delivery, "waiting_because");
  const json_t *via = json_object_get(delivery, "via");
  out_station(json_object_get(delivery, "to"), to, sizeof to);
  snprintf(attempts, sizeof attempts, "%lld", out_integer(delivery, "attempts"));
  out_short_time(out_string(delivery, "changed"), changed);
  char custody[VALUE_MAX + 16] = "in custody of ";
  if (json_is_object(via))
    out_station(via, custody + strlen(custody), VALUE_MAX);
  const char *said = json_is_object(via) ? custody : *because ? because : out_string(delivery, "note");
  if (out_integer(delivery, "officer"))
    snprintf(officer, sizeof officer, "officer %lld%s", out_integer(delivery, "officer"), *said ? ": " : "");
  snprintf(note, sizeof note, "%s%s", officer, said);
  table_add(table, (const char *const[]){to, out_string(delivery, "state"), attempts, changed, note});
}

void message_print_deliveries(const json_t *message)
{
  char zone[OUT_TIME_MAX], changed[OUT_TIME_MAX + 16];
  out_zone(zone);
  snprintf(changed, sizeof changed, "SINCE %s", zone);
  const char *const heads[] = {"TO", "STATE", "TRIES", changed, "NOTE", NULL};
  struct table *table = table_new(heads);
  size_t i;
  json_t *delivery;
  table_wrap_last(table);
  json_array_foreach(json_object_get(message, "deliveries"), i, delivery) add_delivery(table, delivery);
  table_print(table);
  table_free(table);
}

static void print_text(const json_t *message, enum phrase_language language)
{
  const char *text = text_of(message, language), *written = out_string(message, "text");
  if (*text)
    print_label("Text", text);
  if (strcmp(text, written) != 0)
    print_label("Written", written);
}

void message_print(const json_t *message, enum phrase_language language)
{
  int outgoing = !strcmp(out_string(message, "box"), "out");
  char head[VALUE_MAX];
  snprintf(head, sizeof head, "%s  %s  %s", out_string(message, "id"), out_string(message, "kind"),
           out_string(message, "precedence"));
  print_label("Message", head);
  print_station("From", json_object_get(message, "from"));
  print_station("To", json_object_get(message, "to"));
  print_time("Filed", out_string(message, "filed"));
  if (!outgoing)
    print_reception(message);
  if (json_object_get(message, "status"))
    print_status(json_object_get(message, "status"));
  if (json_object_get(message, "alert"))
    print_alert(message);
  print_text(message, language);
  if (outgoing) {
    putchar('\n');
    message_print_deliveries(message);
  }
}
