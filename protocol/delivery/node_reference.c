/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates and cancellations of alerts: they end what they speak of wherever it is, and keep it from coming back. */
#include "protocol/delivery/node_impl.h"

/* Only a proven word of the same station or of a coordinator counts. */
static struct bundle_name name_ended(const struct node *node, const struct message *message)
{
  const struct alert *alert = &message->body.alert;
  unsigned type = message->kind == MESSAGE_ALERT ? alert->code[ALERT_LIST_MSG_TYPE] : 0;
  if (message->is_unproven || (type != ALERT_UPDATE && type != ALERT_CANCEL))
    return (struct bundle_name){0};
  if (alert->ref_station != message->id.origin && !node_is_coordinator(node, message->id.origin))
    return (struct bundle_name){0};
  return (struct bundle_name){alert->ref_station, alert->ref_counter};
}

static int is_named(struct message_id id, struct bundle_name name)
{
  return id.origin == name.origin && (uint16_t)id.counter == name.counter_low;
}

/* It may be on its way to single stations that its flood did not reach. */
static void end_deliveries(struct node *node, int64_t now_ms, struct bundle_name name)
{
  for (size_t i = node->outbox.count; i-- > 0;) {
    struct outbox_entry *entry = &node->outbox.entry[i];
    if (!is_named(entry->id, name) || (entry->kind != OUTBOX_TRANSIT && entry->kind != MESSAGE_ALERT))
      continue;
    node_call_off(node, now_ms, entry);
  }
}

void node_heed_reference(struct node *node, int64_t now_ms, struct flood *flood, const struct message *message)
{
  struct bundle_name name = name_ended(node, message);
  flood->ends = name;
  if (name.origin == STATION_NONE || is_named(flood->id, name))
    return;
  end_deliveries(node, now_ms, name);
  struct flood *earlier = floods_find_name(&node->floods, name);
  if (earlier)
    node_end_flood(node, earlier); /* flood may have moved now */
}

int node_is_superseded(const struct node *node, struct message_id id)
{
  for (size_t i = 0; i < node->floods.count; i++)
    if (node->floods.flood[i].ends.origin != STATION_NONE && is_named(id, node->floods.flood[i].ends))
      return 1;
  return 0;
}
