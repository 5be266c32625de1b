/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what a message would cost by drafting the very bursts that would carry it, and throwing them away. */
#include "protocol/delivery/node_cost.h"

#include "protocol/delivery/node_impl.h"

/* One message asked about, on one channel. */
struct question {
  const struct node *node;
  int64_t now_ms;
  const struct message *message;
  struct outbox_entry entry; /* as if it was filed now */
  uint16_t hop;
  unsigned channel;
  uint32_t counter; /* of the next burst */
};

static const struct text *text_of(const struct message *message)
{
  static const struct text none;
  switch (message->kind) {
  case MESSAGE_STATUS:
    return &message->body.status.text;
  case MESSAGE_ALERT:
    return &message->body.alert.text;
  case MESSAGE_TEXT:
    return &message->body.text;
  default:
    return &none;
  }
}

static uint16_t text_bytes(const struct text *text)
{
  uint8_t coded[MESSAGE_BODY_MAX];
  struct bit_writer writer;
  if (!text->len)
    return 0;
  bits_writer_init(&writer, coded, sizeof coded);
  text_encode(text, &writer);
  return (uint16_t)bits_put_len(&writer);
}

static uint16_t body_bytes(const struct question *question)
{
  uint8_t coded[MESSAGE_BODY_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, coded, sizeof coded);
  node_encode_body(question->node, &question->entry, question->message, 0, &writer);
  return (uint16_t)bits_put_len(&writer);
}

static void begin(struct question *question, struct draft *draft)
{
  node_draft_init(question->node, draft, question->hop, question->counter++);
}

static void count_burst(const struct question *question, const struct draft *draft, struct node_channel_cost *cost)
{
  const struct link_mode *mode = &question->node->config.channel[question->channel].mode[draft->mode];
  size_t len = node_draft_padded(question->node, question->channel, draft);
  if (!cost->bursts)
    cost->mode = (uint8_t)draft->mode;
  cost->bursts++;
  cost->frames = (uint16_t)(cost->frames + (mode->fixed ? link_mode_units(mode, len) : 1));
  cost->airtime_us += node_draft_airtime_us(question->node, question->channel, draft);
}

/* The acknowledgement of the next station, which says how many pieces it lacks. */
static void count_answer(const struct question *question, unsigned lacks, struct node_channel_cost *cost)
{
  struct ack ack = {.code = lacks ? ACK_LACKS : ACK_DELIVERED,
                    .counter = (uint16_t)question->entry.id.counter,
                    .lacks = (uint8_t)lacks};
  struct draft draft;
  node_draft_init(question->node, &draft, question->hop, question->counter);
  draft.frame.source = question->hop ? question->hop : node_self(question->node);
  ack_encode(&ack, &draft.writer);
  bits_put_align(&draft.writer);
  if (node_draft_fits(question->node, question->now_ms, question->channel, &draft, UINT32_MAX))
    cost->answer_us += node_draft_airtime_us(question->node, question->channel, &draft);
}

static void write_bundle(const struct question *question, int is_stable, struct held_bundle *out)
{
  const struct outbox_entry *entry = &question->entry;
  *out = (struct held_bundle){.head = {.kind = BUNDLE_SEALED,
                                       .precedence = entry->precedence,
                                       .origin = entry->id.origin,
                                       .dest = entry->recipient ? entry->recipient : STATION_MAX,
                                       .counter = entry->id.counter,
                                       .life = message_life(question->message)},
                              .born_ms = entry->born_ms};
  size_t len = node_bundle_plain(question->node, entry, question->message, is_stable, out->content);
  out->head.len = (uint16_t)(len + ENVELOPE_OVERHEAD); /* sealing changes the bytes, not how many */
}

/* Each burst of pieces is answered with how many are missing still. */
static void price_pieces(struct question *question, struct node_channel_cost *cost)
{
  struct held_bundle bundle;
  struct draft draft;
  write_bundle(question, 1, &bundle);
  unsigned needed = pieces_needed(bundle.head.len), done = 0;
  while (done < needed) {
    begin(question, &draft);
    unsigned count = node_draft_pieces(question->node, question->now_ms, question->channel, &draft, &bundle, done,
                                       needed - done, BURST_WHOLE_LIMIT_US);
    if (!count)
      return;
    done += count;
    count_burst(question, &draft, cost);
    count_answer(question, needed - done, cost);
  }
}

/* For one station: whole if a burst holds it. */
static void price_message(struct question *question, struct node_channel_cost *cost)
{
  const struct outbox_entry *entry = &question->entry;
  struct held_bundle bundle;
  struct draft draft;
  int fits;
  begin(question, &draft);
  if (question->hop == entry->recipient) {
    fits = node_draft_direct(question->node, question->now_ms, question->channel, &draft, entry, question->message,
                             BURST_WHOLE_LIMIT_US);
  } else {
    write_bundle(question, 0, &bundle);
    fits =
        node_draft_bundle(question->node, question->now_ms, question->channel, &draft, &bundle, BURST_WHOLE_LIMIT_US);
  }
  if (!fits) {
    price_pieces(question, cost);
    return;
  }
  count_burst(question, &draft, cost);
  count_answer(question, 0, cost);
}

/* For all: one turn of its originator. */
static void price_flood(struct question *question, struct node_channel_cost *cost)
{
  struct message message = *question->message;
  struct flood flood = {.kind = BUNDLE_ALERT, .precedence = message.precedence, .has_proof = 1};
  struct held_bundle bundle;
  struct draft draft;
  message.id = question->entry.id;
  message.born_ms = question->now_ms;
  node_write_flood(question->node, &message, &bundle);
  do {
    begin(question, &draft);
    if (!node_draft_flood(question->node, question->now_ms, question->channel, &draft, &flood, &bundle))
      return;
    count_burst(question, &draft, cost);
  } while (flood.turn[question->channel].left);
}

static int knows_mode(const struct question *question)
{
  const struct node *node = question->node;
  if (question->hop == STATION_NONE)
    return node_count_neighbours(node, question->now_ms, question->channel) > 0;
  return peer_link_snr(&peers_look(&node->peers, question->hop)->link[question->channel]) != LINK_SNR_UNKNOWN;
}

static void price_channel(struct question question, struct node_channel_cost *cost)
{
  cost->up = question.node->channel[question.channel].up;
  cost->mode_known = (uint8_t)knows_mode(&question);
  if (question.message->dest == STATION_ALL)
    price_flood(&question, cost);
  else
    price_message(&question, cost);
}

static struct question ask(const struct node *node, int64_t now_ms, const struct message *message)
{
  struct question question = {.node = node, .now_ms = now_ms, .message = message};
  int is_for_one = message->dest != STATION_ALL && message->dest != STATION_NONE;
  question.entry = (struct outbox_entry){.id = {node_self(node), node->next_counter},
                                         .recipient = is_for_one ? message->dest : STATION_NONE,
                                         .kind = message->kind,
                                         .precedence = message->precedence,
                                         .born_ms = now_ms};
  question.counter = node->next_counter + 1;
  if (!is_for_one)
    return question;
  question.hop = node_choose_path(node, now_ms, &question.entry).hop;
  if (question.hop == STATION_NONE)
    question.hop = message->dest;
  return question;
}

static int check(const struct node *node, const struct message *message, char *why, size_t why_len)
{
  uint16_t recipients[DIRECTORY_MAX_STATIONS];
  size_t count = 0;
  if (message->dest == STATION_NONE)
    return message_check(message, why, why_len);
  return node_check_message(node, message, recipients, &count, why, why_len);
}

int node_price(const struct node *node, int64_t now_ms, const struct message *message, struct node_cost *out,
               char *why, size_t why_len)
{
  int err = check(node, message, why, why_len);
  if (err)
    return err;
  struct question question = ask(node, now_ms, message);
  const struct text *text = text_of(message);
  *out = (struct node_cost){.chars = (uint16_t)text_count_chars(text->bytes, text->len),
                            .text_bytes = text_bytes(text),
                            .body_bytes = body_bytes(&question),
                            .hop = question.hop,
                            .channel_count = node->config.channel_count};
  for (; question.channel < out->channel_count; question.channel++)
    price_channel(question, &out->channel[question.channel]);
  return 0;
}
