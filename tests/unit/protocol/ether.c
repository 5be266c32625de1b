/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes in simulated time over a shared half-duplex channel. */
#include "tests/unit/protocol/ether.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"

/* No chain of events at one instant is longer than this unless something spins. */
#define SAME_TIME_MAX 5000
#define DETECT_MS 60 /* until a carrier is noticed */

/* The figures of Codec2's modes, rounded. */
static const struct link_channel hf = {
    .mode =
        {{.unit_bytes = 14,
          .max_bytes = 112,
          .overhead_us = 220000,
          .unit_us = 440000,
          .snr_needed_cb = 0,
          .fixed = 1},
         {.unit_bytes = 126,
          .max_bytes = 1008,
          .overhead_us = 370000,
          .unit_us = 3040000,
          .snr_needed_cb = -20,
          .fixed = 1},
         {.unit_bytes = 30, .max_bytes = 30, .overhead_us = 0, .unit_us = 5940000, .snr_needed_cb = -90, .fixed = 1}},
    .mode_count = 3,
    .answer_guard_ms = 700,
    .key_ms = 100,
    .latency_ms = 300,
    .slot_ms = 200};

struct input {
  enum {
    FEED_SUBMIT,
    FEED_CANCEL,
    FEED_ORDER,
    FEED_POLL,
    FEED_CLOCK,
    FEED_BURST,
    FEED_CARRIER,
    FEED_SENT,
    FEED_FAILED,
    FEED_UP,
    FEED_TICK
  } type;
  unsigned channel, mode;
  int flag;
  const uint8_t *bytes;
  size_t len;
  struct message *message;
  struct message_id id;
  uint16_t recipient;
  unsigned seconds;
  int64_t unix_ms;
};

static void step(void *context)
{
  struct ether_station *station = context;
  struct ether *ether = station->ether;
  ether->step++;
  if (ether->step == ether->crash_at || test_random_below(&ether->random, 1000) < ether->crash_permille)
    longjmp(station->crash, 1);
}

static struct ether_event *push(struct ether *ether, enum ether_event_type type, uint16_t station, int64_t at_ms)
{
  assert_true(ether->event_count < ETHER_EVENTS_MAX);
  struct ether_event *event = &ether->event[ether->event_count++];
  *event = (struct ether_event){.at_ms = at_ms,
                                .order = ether->order++,
                                .type = type,
                                .station = station,
                                .life = ether->station[station].life};
  return event;
}

/* Every frame of a station has a higher counter than all before: none is ever sealed twice. */
static void check_counter(struct ether_station *station, const uint8_t *bytes)
{
  uint16_t low = (uint16_t)(bytes[2] << 8 | bytes[3]);
  uint16_t ahead = (uint16_t)(low - (uint16_t)station->last_counter);
  assert_in_range(ahead, 1, 0x7fff);
  station->last_counter += ahead;
  assert_true(station->last_counter < station->store.reserved_upto);
}

static void note_transmission(struct ether *ether, uint16_t from, unsigned channel, int64_t end_ms)
{
  if ((ether->transmission_count & (ether->transmission_count - 1)) == 0) {
    size_t size = ether->transmission_count ? 2 * ether->transmission_count : 1;
    ether->transmission = realloc(ether->transmission, size * sizeof *ether->transmission);
    assert_non_null(ether->transmission);
  }
  ether->transmission[ether->transmission_count++] =
      (struct ether_transmission){from, (uint8_t)channel, ether->now_ms, end_ms};
}

static int64_t lateness_ms(struct ether *ether)
{
  int is_late = ether->late_permille && test_random_below(&ether->random, 1000) < ether->late_permille;
  return is_late ? test_random_below(&ether->random, ether->late_ms) : 0;
}

static void transmit(struct ether *ether, uint16_t from, const struct node_action *action)
{
  const struct link_channel *link = &ether->config.channel[action->channel];
  const struct link_mode *mode = &link->mode[action->as.transmit.mode];
  size_t len = action->as.transmit.len;
  assert_in_range(len, FRAME_MIN_LEN, mode->max_bytes);
  assert_int_equal(len, link_mode_padded(mode, len));
  assert_int_equal(action->as.transmit.bytes[0] & 7, 0);
  check_counter(&ether->station[from], action->as.transmit.bytes);
  int64_t end = ether->now_ms + link->key_ms + link_mode_airtime_us(mode, len) / 1000;
  note_transmission(ether, from, action->channel, end);
  ether->bursts++;
  push(ether, ETHER_SENT, from, end)->channel = action->channel;
  for (uint16_t to = 1; to <= ether->stations->count; to++) {
    if (to == from || ether->deaf[to][from])
      continue;
    if (!ether->no_carrier) {
      push(ether, ETHER_CARRIER_ON, to, ether->now_ms + DETECT_MS)->channel = action->channel;
      push(ether, ETHER_CARRIER_OFF, to, end + DETECT_MS)->channel = action->channel;
    }
    struct ether_event *burst = push(ether, ETHER_BURST, to, end + DETECT_MS / 2 + lateness_ms(ether));
    burst->channel = action->channel;
    burst->mode = action->as.transmit.mode;
    burst->transmission = (uint32_t)ether->transmission_count - 1;
    burst->len = len;
    memcpy(burst->bytes, action->as.transmit.bytes, len);
  }
}

static void act(struct ether_station *station, const struct node_action *action);

static void drain(struct ether_station *station)
{
  struct node_action action;
  while (node_next_action(station->node, &action)) {
    step(station);
    act(station, &action);
    step(station);
  }
}

static int call(struct ether_station *station, struct input *in)
{
  struct node *node = station->node;
  int64_t now_ms = station->ether->now_ms;
  char why[160];
  switch (in->type) {
  case FEED_SUBMIT:
    return node_submit(node, now_ms, in->message, why, sizeof why);
  case FEED_CANCEL:
    return node_cancel(node, now_ms, in->id, in->recipient);
  case FEED_ORDER:
    return node_submit_order(node, now_ms, in->bytes, in->len, why, sizeof why);
  case FEED_POLL:
    return node_poll(node, now_ms, in->channel, in->recipient, in->seconds);
  case FEED_CLOCK:
    node_set_clock(node, now_ms, in->unix_ms);
    return 0;
  case FEED_BURST:
    node_burst(node, now_ms, in->channel, in->mode, in->bytes, in->len, 100);
    return 0;
  case FEED_CARRIER:
    node_carrier(node, now_ms, in->channel, in->flag);
    return 0;
  case FEED_SENT:
    node_sent(node, now_ms, in->channel);
    return 0;
  case FEED_FAILED:
    node_send_failed(node, now_ms, in->channel);
    return 0;
  case FEED_UP:
    node_channel_up(node, now_ms, in->channel, in->flag);
    return 0;
  default:
    node_tick(node, now_ms);
    return 0;
  }
}

/* The power went at a step; it comes back by itself. */
static void crash(struct ether_station *station)
{
  struct ether *ether = station->ether;
  uint16_t number = (uint16_t)(station - ether->station);
  station->crashes++;
  ether->crash_at = ether->crash_gap ? ether->step + ether->crash_gap : 0;
  ether->crash_gap = 0;
  ether_cut_power(ether, number);
  push(ether, ETHER_START, number, ether->now_ms + ether->outage_ms);
}

/* Calls the node and carries out what it wants; the power may go at any step in between. */
static int feed(struct ether_station *station, struct input in)
{
  uint16_t number = (uint16_t)(station - station->ether->station);
  if (!station->node)
    return -ENODEV;
  if (setjmp(station->crash)) {
    crash(station);
    return -ECANCELED;
  }
  int err = call(station, &in);
  drain(station);
  if (station->ether->checks_held)
    ether_check_held(station->ether, number);
  return err;
}

static void act(struct ether_station *station, const struct node_action *action)
{
  struct ether *ether = station->ether;
  struct fake_delivery *delivery;
  struct fake_received *received;
  switch (action->type) {
  case NODE_TRANSMIT:
    if (station->refuses_to_send)
      node_send_failed(station->node, ether->now_ms, action->channel);
    else
      transmit(ether, (uint16_t)(station - ether->station), action);
    break;
  case NODE_RECEIVED:
    received = fake_store_received(&station->store, action->as.received.message.id);
    assert_non_null(received);
    assert_int_equal(++received->shown, 1);
    station->shown++;
    break;
  case NODE_DELIVERY:
    delivery = fake_store_delivery(&station->store, action->as.delivery.id, action->as.delivery.recipient);
    if (delivery)
      delivery->reported = (int8_t)action->as.delivery.state;
    break;
  case NODE_PROVEN:
    station->proven++;
    break;
  case NODE_ORDER:
    station->orders++;
    break;
  case NODE_TIME:
    station->clock_unix_ms = action->as.time.unix_ms;
    station->clock_ms = ether->now_ms;
    break;
  case NODE_WARNING:
    station->warnings++;
    memcpy(station->warning, action->as.warning, sizeof station->warning);
    break;
  default:
    break;
  }
}

struct ether *ether_new(unsigned count, uint64_t seed)
{
  struct ether *ether = calloc(1, sizeof *ether);
  assert_non_null(ether);
  ether->stations = stations_new(count);
  ether->random = seed;
  ether->outage_ms = 2000;
  ether->now_ms = 1000000;
  ether->config.channel[0] = hf;
  ether->config.channel_count = 1;
  for (unsigned i = 1; i <= count; i++) {
    ether->station[i].ether = ether;
    fake_store_init(&ether->station[i].store);
    ether->station[i].store.step = step;
    ether->station[i].store.step_context = &ether->station[i];
  }
  return ether;
}

void ether_free(struct ether *ether)
{
  for (unsigned i = 1; i <= ether->stations->count; i++) {
    node_free(ether->station[i].node);
    fake_store_wipe(&ether->station[i].store);
  }
  stations_free(ether->stations);
  free(ether->transmission);
  free(ether);
}

static void restore_bundles(struct ether_station *station)
{
  for (size_t i = 0; i < station->store.bundle_count; i++) {
    const struct held_bundle *bundle = &station->store.bundle[i].bundle;
    if (station->store.bundle[i].is_held)
      node_restore_bundle(station->node, &bundle->head, bundle->born_ms, bundle->from);
  }
}

static void restore(struct ether *ether, struct ether_station *station)
{
  restore_bundles(station);
  for (size_t i = 0; i < station->store.delivery_count; i++) {
    const struct fake_delivery *delivery = &station->store.delivery[i];
    const struct message *message = fake_store_outgoing(&station->store, delivery->id);
    if (!fake_delivery_has_ended(delivery))
      assert_int_equal(
          node_restore_delivery(station->node, message, delivery->recipient, delivery->state, delivery->attempts), 0);
  }
  for (uint16_t i = 1; i <= ether->stations->count; i++)
    node_restore_peer(station->node, i, fake_store_top_counter(&station->store, i));
}

/* Restoring ends what expired meanwhile, so the power may go here too.  Returns 0 if it did not. */
static int restore_or_crash(struct ether *ether, struct ether_station *station)
{
  if (setjmp(station->crash)) {
    crash(station);
    return -ECANCELED;
  }
  restore(ether, station);
  return 0;
}

void ether_start(struct ether *ether, uint16_t number)
{
  struct ether_station *station = &ether->station[number];
  struct node_store functions = fake_store_functions(&station->store);
  struct node_config config = ether->config;
  if (station->node)
    return;
  config.directory = station->store.directory ? station->store.directory : &ether->stations->directory;
  config.keyring = &ether->stations->keyring[number];
  memcpy(config.authority, ether->stations->secrets[number].authority, sizeof config.authority);
  config.first_counter = station->store.reserved_upto;
  config.seed = test_random(&ether->random);
  if (ether->configure)
    ether->configure(number, &config);
  station->node = node_new(&config, &functions, ether->now_ms);
  assert_non_null(station->node);
  if (restore_or_crash(ether, station))
    return;
  for (unsigned i = 0; i < config.channel_count; i++) {
    feed(station, (struct input){.type = FEED_UP, .channel = i, .flag = !station->is_down[i]});
    if (station->carriers[i] || station->is_jammed[i])
      feed(station, (struct input){.type = FEED_CARRIER, .channel = i, .flag = 1});
  }
}

void ether_start_all(struct ether *ether)
{
  for (uint16_t i = 1; i <= ether->stations->count; i++)
    ether_start(ether, i);
}

void ether_cut_power(struct ether *ether, uint16_t number)
{
  struct ether_station *station = &ether->station[number];
  node_free(station->node);
  station->node = NULL;
  station->life++;
}

int ether_submit(struct ether *ether, uint16_t from, struct message *message)
{
  return feed(&ether->station[from], (struct input){.type = FEED_SUBMIT, .message = message});
}

int ether_cancel(struct ether *ether, uint16_t from, struct message_id id, uint16_t recipient)
{
  return feed(&ether->station[from], (struct input){.type = FEED_CANCEL, .id = id, .recipient = recipient});
}

int ether_submit_order(struct ether *ether, uint16_t from, const uint8_t *bytes, size_t len)
{
  return feed(&ether->station[from], (struct input){.type = FEED_ORDER, .bytes = bytes, .len = len});
}

int ether_poll(struct ether *ether, uint16_t from, uint16_t station, unsigned seconds)
{
  return feed(&ether->station[from], (struct input){.type = FEED_POLL, .recipient = station, .seconds = seconds});
}

void ether_set_clock(struct ether *ether, uint16_t number, int64_t unix_ms)
{
  feed(&ether->station[number], (struct input){.type = FEED_CLOCK, .unix_ms = unix_ms});
}

void ether_burst(struct ether *ether, uint16_t to, const uint8_t *bytes, size_t len)
{
  feed(&ether->station[to], (struct input){.type = FEED_BURST, .bytes = bytes, .len = len});
}

void ether_channel_up(struct ether *ether, uint16_t number, unsigned channel, int up)
{
  ether->station[number].is_down[channel] = !up;
  feed(&ether->station[number], (struct input){.type = FEED_UP, .channel = channel, .flag = up});
}

void ether_carrier(struct ether *ether, uint16_t number, unsigned channel, int busy)
{
  ether->station[number].is_jammed[channel] = (uint8_t)busy;
  feed(&ether->station[number], (struct input){.type = FEED_CARRIER, .channel = channel, .flag = busy});
}

/* A receiver loses a burst that another one overlapped, its own included. */
static int was_jammed(struct ether *ether, uint16_t to, uint32_t number)
{
  const struct ether_transmission *mine = &ether->transmission[number];
  for (size_t i = ether->transmission_count; i-- > 0 && i + 64 > number;) {
    const struct ether_transmission *other = &ether->transmission[i];
    if (i != number && other->channel == mine->channel && other->from != mine->from &&
        !ether->deaf[to][other->from] && other->begin_ms < mine->end_ms && mine->begin_ms < other->end_ms) {
      ether->collisions++;
      return 1;
    }
  }
  return 0;
}

static void hand_over(struct ether *ether, struct ether_event *event)
{
  uint16_t from = ether->transmission[event->transmission].from;
  if (ether->station[event->station].is_down[event->channel] ||
      was_jammed(ether, event->station, event->transmission) ||
      test_random_below(&ether->random, 1000) < ether->loss_permille)
    return;
  if (ether->tamper && !ether->tamper(ether, from, event->station, event->bytes, &event->len))
    return;
  struct input in = {
      .type = FEED_BURST, .channel = event->channel, .mode = event->mode, .bytes = event->bytes, .len = event->len};
  feed(&ether->station[event->station], in);
  if (test_random_below(&ether->random, 1000) < ether->repeat_permille)
    feed(&ether->station[event->station], in);
}

static void change_carrier(struct ether *ether, const struct ether_event *event)
{
  struct ether_station *station = &ether->station[event->station];
  int *carriers = &station->carriers[event->channel];
  *carriers += event->type == ETHER_CARRIER_ON ? 1 : -1;
  if (station->is_jammed[event->channel] || station->is_down[event->channel] ||
      *carriers > (event->type == ETHER_CARRIER_ON))
    return;
  feed(station, (struct input){.type = FEED_CARRIER, .channel = event->channel, .flag = *carriers > 0});
}

static void happen(struct ether *ether, struct ether_event *event)
{
  struct ether_station *station = &ether->station[event->station];
  switch (event->type) {
  case ETHER_CARRIER_ON:
  case ETHER_CARRIER_OFF:
    change_carrier(ether, event);
    break;
  case ETHER_SENT:
    if (event->life == station->life && !station->never_says_sent)
      feed(station, (struct input){.type = FEED_SENT, .channel = event->channel});
    break;
  case ETHER_BURST:
    hand_over(ether, event);
    break;
  case ETHER_START:
    ether_start(ether, event->station);
  }
}

static size_t first_event(const struct ether *ether)
{
  size_t first = 0;
  for (size_t i = 1; i < ether->event_count; i++)
    if (ether->event[i].at_ms < ether->event[first].at_ms ||
        (ether->event[i].at_ms == ether->event[first].at_ms && ether->event[i].order < ether->event[first].order))
      first = i;
  return first;
}

static struct ether_station *next_deadline(struct ether *ether, int64_t *at_ms)
{
  struct ether_station *next = NULL;
  *at_ms = INT64_MAX;
  for (unsigned i = 1; i <= ether->stations->count; i++) {
    struct ether_station *station = &ether->station[i];
    if (station->node && node_deadline(station->node) < *at_ms) {
      *at_ms = node_deadline(station->node);
      next = station;
    }
  }
  return next;
}

static void advance(struct ether *ether, int64_t at_ms)
{
  if (at_ms <= ether->now_ms) {
    assert_true(ether->same_time++ < SAME_TIME_MAX); /* else a node asks for the same instant for ever */
    return;
  }
  ether->now_ms = at_ms;
  ether->same_time = 0;
}

/* Lets the next thing happen if it comes before until_ms.  Returns 0 when none does. */
static int run_one(struct ether *ether, int64_t until_ms)
{
  int64_t deadline;
  struct ether_station *station = next_deadline(ether, &deadline);
  size_t at = first_event(ether);
  int64_t event_ms = ether->event_count ? ether->event[at].at_ms : INT64_MAX;
  int64_t next_ms = event_ms <= deadline ? event_ms : deadline;
  if (next_ms > until_ms || next_ms == INT64_MAX)
    return 0;
  advance(ether, next_ms);
  if (event_ms > deadline) {
    feed(station, (struct input){.type = FEED_TICK});
    return 1;
  }
  struct ether_event event = ether->event[at];
  ether->event[at] = ether->event[--ether->event_count];
  happen(ether, &event);
  return 1;
}

void ether_run(struct ether *ether, int64_t until_ms)
{
  while (run_one(ether, until_ms))
    ;
  if (until_ms > ether->now_ms)
    ether->now_ms = until_ms;
}

int ether_is_quiet(const struct ether *ether)
{
  for (unsigned i = 1; i <= ether->stations->count; i++)
    for (size_t j = 0; j < ether->station[i].store.delivery_count; j++)
      if (!fake_delivery_has_ended(&ether->station[i].store.delivery[j]))
        return 0;
  return 1;
}

void ether_run_until_quiet(struct ether *ether, int64_t until_ms)
{
  while (!ether_is_quiet(ether) && run_one(ether, until_ms))
    ;
}

static int same_text(const struct text *a, const struct text *b)
{
  return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static int same_content(const struct message *a, const struct message *b)
{
  if (a->kind != b->kind || a->precedence != b->precedence)
    return 0;
  switch (a->kind) {
  case MESSAGE_STATUS:
    return status_equal(&a->body.status, &b->body.status);
  case MESSAGE_TEXT:
    return same_text(&a->body.text, &b->body.text);
  case MESSAGE_ALERT:
    return a->body.alert.event == b->body.alert.event && same_text(&a->body.alert.text, &b->body.alert.text);
  default:
    return a->body.receipt.step == b->body.receipt.step && a->body.receipt.ref_counter == b->body.receipt.ref_counter;
  }
}

void ether_check_delivered(struct ether *ether)
{
  for (unsigned i = 1; i <= ether->stations->count; i++)
    for (size_t j = 0; j < ether->station[i].store.delivery_count; j++) {
      const struct fake_delivery *delivery = &ether->station[i].store.delivery[j];
      if (delivery->state < DELIVERY_DELIVERED || delivery->state > DELIVERY_REFUSED)
        continue;
      const struct message *sent = fake_store_outgoing(&ether->station[i].store, delivery->id);
      if (sent->kind == MESSAGE_RECEIPT)
        continue;
      const struct fake_received *got = fake_store_received(&ether->station[delivery->recipient].store, delivery->id);
      assert_non_null(got);
      assert_true(same_content(sent, &got->message));
    }
}

/* It was taken into custody or shown by one who is not its originator. */
static int is_with_another(struct ether *ether, const struct fake_delivery *delivery)
{
  for (uint16_t i = 1; i <= ether->stations->count; i++)
    if (i != delivery->id.origin && (fake_store_bundle(&ether->station[i].store, delivery->id, delivery->recipient) ||
                                     fake_store_received(&ether->station[i].store, delivery->id)))
      return 1;
  return 0;
}

void ether_check_held(struct ether *ether, uint16_t number)
{
  struct ether_station *station = &ether->station[number];
  char words[NODE_TEXT_MAX];
  if (!station->node)
    return;
  for (size_t i = 0; i < station->store.delivery_count; i++) {
    const struct fake_delivery *delivery = &station->store.delivery[i];
    if (fake_delivery_has_ended(delivery))
      continue;
    assert_int_equal(
        node_explain(station->node, ether->now_ms, delivery->id, delivery->recipient, words, sizeof words), 0);
    assert_true(delivery->state != DELIVERY_CUSTODY || is_with_another(ether, delivery));
  }
  for (size_t i = 0; i < station->store.bundle_count; i++) {
    const struct bundle_head *head = &station->store.bundle[i].bundle.head;
    struct message_id id = {head->origin, head->counter};
    if (station->store.bundle[i].is_held && head->kind == BUNDLE_SEALED)
      assert_int_equal(node_explain(station->node, ether->now_ms, id, head->dest, words, sizeof words), 0);
  }
}

struct message ether_text(uint16_t dest, unsigned precedence, const char *text)
{
  struct message message = {.dest = dest, .kind = MESSAGE_TEXT, .precedence = (uint8_t)precedence};
  assert_int_equal(text_set(&message.body.text, text, strlen(text)), 0);
  return message;
}

struct message ether_status(uint16_t dest)
{
  struct message message = {.dest = dest, .kind = MESSAGE_STATUS, .precedence = ROUTINE};
  struct status_report *report = &message.body.status;
  status_init(report);
  report->state = STATUS_STATE_OPEN;
  assert_int_equal(status_field_parse(report, STATUS_BATTERY, "24.2"), 0);
  assert_int_equal(status_field_parse(report, STATUS_STAFF, "6"), 0);
  assert_int_equal(status_field_parse(report, STATUS_PERSONS_IN, "212"), 0);
  assert_int_equal(status_field_parse(report, STATUS_QUEUE, "40"), 0);
  return message;
}
