/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code lists of alerts: CAP 1.2 vocabulary, our event types with their defaults, sectors and departments. */
#include "protocol/wire/alert.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "protocol/wire/precedence.h"

static const char *const list_status[] = {"Actual", "Exercise", "System", "Test", "Draft", NULL};
static const char *const list_msg_type[] = {"Alert", "Update", "Cancel", "Ack", "Error", NULL};
static const char *const list_scope[] = {"Public", "Restricted", "Private", NULL};
static const char *const list_category[] = {"Geo", "Met",       "Safety", "Security", "Rescue", "Fire", "Health",
                                            "Env", "Transport", "Infra",  "CBRNE",    "Other",  NULL};
static const char *const list_response[] = {"Shelter", "Evacuate", "Prepare",  "Execute", "Avoid",
                                            "Monitor", "Assess",   "AllClear", "None",    NULL};
static const char *const list_urgency[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const list_severity[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const list_certainty[] = {"Observed", "Likely", "Possible", "Unlikely", "Unknown", NULL};

static const char *const *const lists[ALERT_LIST_COUNT] = {
    [ALERT_LIST_STATUS] = list_status,     [ALERT_LIST_MSG_TYPE] = list_msg_type,
    [ALERT_LIST_SCOPE] = list_scope,       [ALERT_LIST_CATEGORY] = list_category,
    [ALERT_LIST_RESPONSE] = list_response, [ALERT_LIST_URGENCY] = list_urgency,
    [ALERT_LIST_SEVERITY] = list_severity, [ALERT_LIST_CERTAINTY] = list_certainty,
};

enum { GEO, MET, SAFETY, SECURITY, RESCUE, FIRE, HEALTH, ENV, TRANSPORT, INFRA, CBRNE, OTHER };
enum { SHELTER, EVACUATE, PREPARE, EXECUTE, AVOID, MONITOR, ASSESS, ALL_CLEAR, NO_RESPONSE };

/* Expiry codes of the planning defaults: distress 2 h, hazard 24 h, wanted or missing 7 days, closure until
 * cancelled. */
enum { HOURS_2 = 1, HOURS_24 = 23, DAYS_7 = 29, OPEN_END = ALERT_EXPIRY_UNTIL_CANCELLED };

static const struct alert_event_info events[ALERT_EVENT_COUNT] = {
    {"other", "other", OTHER, ROUTINE, MONITOR, HOURS_24},
    {"officer_distress", "officer in distress", RESCUE, FLASH, EXECUTE, HOURS_2},
    {"armed_attack", "armed attack / security incident", SECURITY, FLASH, AVOID, HOURS_24},
    {"missing_person", "missing person (adult)", RESCUE, PRIORITY, MONITOR, DAYS_7},
    {"missing_child", "missing or abducted child", RESCUE, IMMEDIATE, MONITOR, DAYS_7},
    {"trafficking", "trafficking in persons", SECURITY, IMMEDIATE, EXECUTE, HOURS_24},
    {"drugs", "drug smuggling", SECURITY, PRIORITY, EXECUTE, HOURS_24},
    {"weapons", "weapon smuggling", SECURITY, IMMEDIATE, EXECUTE, HOURS_24},
    {"contraband", "other contraband", SECURITY, ROUTINE, MONITOR, HOURS_24},
    {"wanted", "wanted person / stolen vehicle", SECURITY, PRIORITY, MONITOR, DAYS_7},
    {"forgery", "forged documents or money", SECURITY, ROUTINE, MONITOR, HOURS_24},
    {"crowd", "crowd, riot, strike", SECURITY, PRIORITY, PREPARE, HOURS_24},
    {"hurricane", "hurricane / tropical storm", MET, IMMEDIATE, PREPARE, HOURS_24},
    {"flood", "flood / flash flood", MET, IMMEDIATE, EVACUATE, HOURS_24},
    {"landslide", "landslide", GEO, IMMEDIATE, AVOID, HOURS_24},
    {"earthquake", "earthquake", GEO, IMMEDIATE, ASSESS, HOURS_24},
    {"tsunami", "tsunami", GEO, FLASH, EVACUATE, HOURS_24},
    {"cholera", "cholera / outbreak", HEALTH, IMMEDIATE, MONITOR, HOURS_24},
    {"medical", "medical emergency", HEALTH, IMMEDIATE, EXECUTE, HOURS_2},
    {"animal_disease", "animal or plant disease", HEALTH, ROUTINE, MONITOR, HOURS_24},
    {"fire", "fire / explosion", FIRE, FLASH, EVACUATE, HOURS_24},
    {"spill", "hazardous spill", CBRNE, IMMEDIATE, AVOID, HOURS_24},
    {"road_blocked", "road or bridge blocked", TRANSPORT, PRIORITY, AVOID, HOURS_24},
    {"vessel_distress", "vessel in distress", RESCUE, FLASH, EXECUTE, HOURS_2},
    {"aircraft", "aircraft incident", TRANSPORT, IMMEDIATE, EXECUTE, HOURS_24},
    {"border_closed", "border closed", TRANSPORT, IMMEDIATE, EXECUTE, OPEN_END},
    {"border_open", "border reopened", TRANSPORT, PRIORITY, ALL_CLEAR, HOURS_24},
    {"mass_return", "mass return / deportation convoy", SAFETY, PRIORITY, PREPARE, HOURS_24},
    {"infrastructure", "power, water, comms failure", INFRA, PRIORITY, ASSESS, HOURS_24},
    {"radio_plan", "radio plan change", INFRA, PRIORITY, EXECUTE, OPEN_END},
    {"drill", "drill", SAFETY, ROUTINE, EXECUTE, HOURS_24},
    {"see_text", "see text", OTHER, PRIORITY, NO_RESPONSE, HOURS_24},
};

static const char *const sectors[ALERT_SECTOR_COUNT] = {"NE", "NO", "CE", "OU", "SE", "SU", "AR"};
static const char *const departments[ALERT_DEPARTMENT_COUNT] = {
    "Artibonite", "Centre", "Grand'Anse", "Nippes", "Nord", "Nord-Est", "Nord-Ouest", "Ouest", "Sud", "Sud-Est"};

const struct alert_event_info *alert_event_info(unsigned event)
{
  return event < ALERT_EVENT_COUNT ? &events[event] : NULL;
}

int alert_event_find(const char *name)
{
  for (int i = 0; i < ALERT_EVENT_COUNT; i++)
    if (!strcasecmp(name, events[i].name))
      return i;
  return -ENOENT;
}

const char *alert_code_name(enum alert_list list, unsigned code)
{
  for (unsigned i = 0; lists[list][i]; i++)
    if (i == code)
      return lists[list][i];
  return NULL;
}

int alert_code_find(enum alert_list list, const char *name)
{
  for (int i = 0; lists[list][i]; i++)
    if (!strcasecmp(name, lists[list][i]))
      return i;
  return -ENOENT;
}

const char *alert_sector_name(unsigned bit)
{
  return bit < ALERT_SECTOR_COUNT ? sectors[bit] : NULL;
}

const char *alert_department_name(unsigned bit)
{
  return bit < ALERT_DEPARTMENT_COUNT ? departments[bit] : NULL;
}
