/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people of a scenario send, and when: a plan made before the first event, so that nothing that happens on the
 * air changes it. */
#include "sim/net/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_GROUPS 4 /* of a routine report */

struct plan {
  const struct scenario *scenario;
  struct noise dice;
  struct filing *filing;
  size_t count, size;
  int failed;
};

static unsigned roll(struct plan *plan, unsigned below)
{
  unsigned value = (unsigned)(noise_uniform(&plan->dice) * below);
  return value < below ? value : below - 1;
}

static uint16_t random_code(struct plan *plan, const struct status_field_info *info)
{
  uint16_t code;
  do
    code = (uint16_t)roll(plan, info->max_code + 1u);
  while (info->type == STATUS_TYPE_CHOICE && !info->names[code]);
  return code;
}

static void random_report(struct plan *plan, struct status_report *report)
{
  char why[96];
  do {
    status_init(report);
    report->state = STATUS_STATE_OPEN;
    while (__builtin_popcount(report->groups) < REPORT_GROUPS)
      report->groups |= (uint16_t)(1 << roll(plan, STATUS_GROUP_COUNT));
    for (int i = 0; i < STATUS_FIELD_COUNT; i++) {
      const struct status_field_info *info = status_field_info(i);
      if (report->groups >> info->group & 1)
        report->value[i] = random_code(plan, info);
    }
  } while (status_check(report, why, sizeof why));
}

/* Words of the trade, 3 to 20 of them. */
static void random_text(struct plan *plan, struct text *text)
{
  static const char *const words[] = {
      "barrière", "ouverte", "camions",    "file",     "attente", "douane",    "pluie",   "route", "coupée", "besoin",
      "gasoil",   "relève",  "patrouille", "Malpasse", "retour",  "personnes", "mineurs", "12",    "07h30",  "calme"};
  char line[TEXT_MAX_BYTES + 1] = "";
  unsigned count = 3 + roll(plan, 18);
  for (unsigned i = 0; i < count; i++) {
    if (text_count_chars(line, strlen(line)) > TEXT_MAX_CHARS - 12)
      break;
    strcat(line, words[roll(plan, sizeof words / sizeof *words)]);
    strcat(line, " ");
  }
  text_set(text, line, strlen(line) - 1);
}

static void fill(struct plan *plan, const struct scenario_traffic *traffic, struct message *message)
{
  message->kind = traffic->kind;
  message->precedence = traffic->precedence;
  if (traffic->kind == MESSAGE_STATUS) {
    random_report(plan, &message->body.status);
    return;
  }
  if (traffic->kind == MESSAGE_TEXT) {
    random_text(plan, &message->body.text);
    return;
  }
  alert_init(&message->body.alert, roll(plan, ALERT_EVENT_COUNT));
  random_text(plan, &message->body.alert.text);
}

static void add(struct plan *plan, const struct scenario_traffic *traffic, uint16_t from, uint16_t to, int64_t at_ms)
{
  if (plan->count == plan->size) {
    size_t larger = plan->size ? 2 * plan->size : 256;
    struct filing *grown = realloc(plan->filing, larger * sizeof *grown);
    if (!grown) {
      plan->failed = 1;
      return;
    }
    plan->filing = grown;
    plan->size = larger;
  }
  struct filing *filing = &plan->filing[plan->count];
  memset(filing, 0, sizeof *filing);
  filing->at_ms = at_ms + (int64_t)(noise_uniform(&plan->dice) * (double)traffic->spread_ms);
  filing->from = from;
  filing->message.dest = to;
  fill(plan, traffic, &filing->message);
  plan->count += filing->at_ms < plan->scenario->length_ms;
}

/* Non-zero where people read messages. */
static int has_people(const struct scenario *scenario, uint16_t station)
{
  uint8_t role = scenario->station[station].role;
  return scenario->station[station].is_used && (role == STATION_ROLE_POST || role == STATION_ROLE_COORDINATOR);
}

/* Another station with people; from itself when there is none. */
static uint16_t random_other(struct plan *plan, uint16_t from)
{
  unsigned others = 0;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    others += i != from && has_people(plan->scenario, i);
  unsigned nth = others ? roll(plan, others) : 0;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (i != from && has_people(plan->scenario, i) && nth-- == 0)
      return i;
  return from;
}

/* What one station sends at one time. */
static void add_one_time(struct plan *plan, const struct scenario_traffic *traffic, uint16_t from, int64_t at_ms)
{
  for (unsigned k = 0; k < traffic->count; k++) {
    if (traffic->to_all)
      add(plan, traffic, from, STATION_ALL, at_ms);
    else if (traffic->to_random)
      add(plan, traffic, from, random_other(plan, from), at_ms);
    uint16_t own = plan->scenario->station[from].coordinator;
    if (traffic->to_own && own && own != from)
      add(plan, traffic, from, own, at_ms);
    for (uint16_t to = 1; to <= STATION_MAX; to++)
      if (traffic->to.has[to] && to != from)
        add(plan, traffic, from, to, at_ms);
  }
}

static void add_station(struct plan *plan, const struct scenario_traffic *traffic, uint16_t from)
{
  for (size_t i = 0; i < traffic->at_count; i++)
    add_one_time(plan, traffic, from, traffic->at_ms[i]);
  for (int64_t at = 0; traffic->every_ms && at < plan->scenario->length_ms; at += traffic->every_ms)
    add_one_time(plan, traffic, from, at);
}

long traffic_plan(const struct scenario *scenario, uint64_t seed, struct filing **out)
{
  struct plan plan = {.scenario = scenario};
  noise_init(&plan.dice, seed);
  for (size_t i = 0; i < scenario->traffic_count; i++)
    for (uint16_t from = 1; from <= STATION_MAX; from++)
      if (scenario->traffic[i].from.has[from])
        add_station(&plan, &scenario->traffic[i], from);
  if (plan.failed) {
    free(plan.filing);
    return -ENOMEM;
  }
  *out = plan.filing;
  return (long)plan.count;
}
