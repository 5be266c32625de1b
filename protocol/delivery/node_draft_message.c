/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How messages get into a burst: in their short form, as bundles, or as pieces of those that are too long. */
#include "protocol/delivery/node_impl.h"

static struct bundle_head head_now(const struct held_bundle *bundle, int64_t now_ms)
{
  struct bundle_head head = bundle->head;
  head.age_min = node_age_minutes(bundle->born_ms, now_ms);
  return head;
}

int node_draft_fits(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft, uint32_t limit_us)
{
  draft->mode = node_draft_mode(node, now_ms, channel, draft);
  return draft->mode >= 0 && node_draft_airtime_us(node, channel, draft) <= limit_us;
}

int node_draft_direct(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      const struct outbox_entry *entry, const struct message *message, uint32_t limit_us)
{
  static const uint8_t item_types[] = {[MESSAGE_STATUS] = ITEM_STATUS,
                                       [MESSAGE_ALERT] = ITEM_ALERT,
                                       [MESSAGE_TEXT] = ITEM_TEXT,
                                       [MESSAGE_RECEIPT] = ITEM_RECEIPT};
  struct draft longer;
  node_draft_copy(&longer, draft);
  struct item_head head = {item_types[entry->kind], entry->precedence, entry->id.counter,
                           node_age_minutes(entry->born_ms, now_ms)};
  item_head_encode(&head, longer.frame.counter, &longer.writer);
  node_encode_body(node, entry, message, 0, &longer.writer);
  bits_put_align(&longer.writer);
  longer.short_ok = longer.short_ok && (entry->kind == MESSAGE_STATUS || entry->kind == MESSAGE_RECEIPT);
  if (!node_draft_fits(node, now_ms, channel, &longer, limit_us))
    return 0;
  node_draft_copy(draft, &longer);
  return 1;
}

int node_draft_bundle(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      const struct held_bundle *bundle, uint32_t limit_us)
{
  struct bundle_head head = head_now(bundle, now_ms);
  struct draft longer;
  node_draft_copy(&longer, draft);
  bundle_encode(&head, bundle->content, draft->frame.source, draft->frame.counter, &longer.writer);
  bits_put_align(&longer.writer);
  longer.short_ok = 0;
  if (!node_draft_fits(node, now_ms, channel, &longer, limit_us))
    return 0;
  node_draft_copy(draft, &longer);
  return 1;
}

unsigned node_draft_pieces(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                           const struct held_bundle *bundle, unsigned first, unsigned most, uint32_t limit_us)
{
  struct piece_run run = {.head = head_now(bundle, now_ms), .first = (uint8_t)first};
  struct draft shorter;
  node_draft_copy(&shorter, draft);
  unsigned count = 0;
  while (count < most && count < PIECE_RUN_MAX && first + count <= PIECE_INDEX_MAX) {
    struct draft longer;
    node_draft_copy(&longer, &shorter);
    piece_make(bundle->content, bundle->head.len, first + count, run.piece[count]);
    run.count = (uint8_t)(count + 1);
    piece_run_encode(&run, draft->frame.source, draft->frame.counter, &longer.writer);
    longer.short_ok = 0;
    /* One piece goes in any case, where a mode carries it. */
    if (!node_draft_fits(node, now_ms, channel, &longer, count ? limit_us : UINT32_MAX))
      break;
    node_draft_copy(draft, &longer);
    count++;
  }
  return count;
}
