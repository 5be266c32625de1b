/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two or three real nodes and one message between them, one step at a time. */
#include "tests/unit/protocol/handshake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define ACTIONS_AT_ONCE_MAX 64
/* Steps of a run without faults until the message is through, with room to spare. */
#define FINISH_STEPS_MAX 400
/* The nodes send no beacons of their own: the ways would be forgotten after some hours, or with the power. */
#define BEACONS_EVERY_MS INT64_C(600000)

static const struct link_channel hf = {
    .mode = {{.unit_bytes = 14, .max_bytes = 112, .overhead_us = 220000, .unit_us = 440000, .fixed = 1}},
    .mode_count = 1,
    .answer_guard_ms = 700,
    .key_ms = 100,
    .latency_ms = 300,
    .slot_ms = 200};

static void step(void *context)
{
  struct handshake_side *side = context;
  if (side->crash_in && --side->crash_in == 0)
    longjmp(side->crash, 1);
}

static const struct replay_window *given_window(void *context, uint16_t station)
{
  (void)station;
  return context;
}

/* Reads a burst as its addressee would. */
static int open_burst_as(const struct handshake *handshake, const struct handshake_flight *flight, unsigned number,
                         struct frame *frame)
{
  struct replay_window window = {.top = handshake->side[flight->from].last_counter};
  struct keyring *keyring = &handshake->stations->keyring[number];
  int err = frame_open(keyring, flight->bytes, flight->len, given_window, &window, frame);
  return err == 0 || err == -EALREADY;
}

static void open_burst(const struct handshake *handshake, const struct handshake_flight *flight, struct frame *frame)
{
  assert_true(open_burst_as(handshake, flight, flight->to, frame));
}

/* The station that a burst is for. */
static uint8_t addressee(const struct handshake *handshake, const struct handshake_flight *flight)
{
  struct frame frame;
  for (uint8_t i = HANDSHAKE_FROM; i <= handshake->to; i++)
    if (i != flight->from && open_burst_as(handshake, flight, i, &frame))
      return i;
  fail_msg("a burst for nobody");
  return 0;
}

/* All stand in a line. */
static int are_neighbours(unsigned a, unsigned b)
{
  return a == b + 1 || b == a + 1;
}

static int keeps_bundle(struct fake_store *store, struct message_id id)
{
  for (uint16_t dest = 1; dest <= HANDSHAKE_STATIONS_MAX; dest++)
    if (fake_store_bundle(store, id, dest))
      return 1;
  return 0;
}

/* What is acknowledged is stored at the moment at which the acknowledgement goes out: shown to a person, or kept for
 * another station. */
static void check_ack(struct fake_store *store, const struct handshake_flight *flight, const struct ack *ack)
{
  struct message_id id = {ack->origin ? ack->origin : flight->to, ack->counter};
  if (ack->code == ACK_DELIVERED)
    assert_non_null(fake_store_received(store, id));
  if (ack->code == ACK_CUSTODY)
    assert_true(keeps_bundle(store, id) || id.origin == flight->from);
}

static void check_acks(struct handshake *handshake, const struct handshake_flight *flight)
{
  struct frame frame;
  struct bit_reader reader;
  struct ack ack;
  open_burst(handshake, flight, &frame);
  bits_reader_init(&reader, frame.plain, frame.len);
  while (bits_get(&reader, 4) == ITEM_ACK && !ack_decode(&ack, &reader)) {
    bits_get_align(&reader);
    check_ack(&handshake->side[flight->from].store, flight, &ack);
  }
}

/* Every frame of a station has a higher counter than all before: none is ever sealed twice. */
static void check_counter(struct handshake_side *side, const uint8_t *bytes)
{
  uint32_t counter = (uint32_t)(bytes[2] << 8 | bytes[3]); /* the runs are too short for more than 16 bits */
  assert_true(counter > side->last_counter);
  side->last_counter = counter;
  assert_true(counter < side->store.reserved_upto);
}

static void lose(struct handshake *handshake, unsigned which)
{
  handshake->flight_count--;
  memmove(&handshake->flight[which], &handshake->flight[which + 1],
          (handshake->flight_count - which) * sizeof *handshake->flight);
}

static void transmit(struct handshake *handshake, unsigned from, const struct node_action *action)
{
  if (handshake->flight_count == HANDSHAKE_FLIGHTS_MAX)
    lose(handshake, 0);
  struct handshake_flight *flight = &handshake->flight[handshake->flight_count++];
  assert_in_range(action->as.transmit.len, FRAME_MIN_LEN, hf.mode[0].max_bytes);
  *flight = (struct handshake_flight){.from = (uint8_t)from, .len = action->as.transmit.len};
  memcpy(flight->bytes, action->as.transmit.bytes, flight->len);
  check_counter(&handshake->side[from], flight->bytes);
  flight->to = addressee(handshake, flight);
  check_acks(handshake, flight);
  handshake->side[from].is_sending = 1;
  if (!are_neighbours(from, flight->to))
    handshake->flight_count--;
}

static void carry_out(struct handshake *handshake, unsigned number, const struct node_action *action)
{
  struct handshake_side *side = &handshake->side[number];
  struct fake_received *received;
  struct fake_delivery *delivery;
  if (action->type == NODE_TRANSMIT)
    transmit(handshake, number, action);
  if (action->type == NODE_RECEIVED) {
    received = fake_store_received(&side->store, action->as.received.message.id);
    assert_non_null(received);
    assert_int_equal(++received->shown, 1);
  }
  if (action->type == NODE_DELIVERY) {
    delivery = fake_store_delivery(&side->store, action->as.delivery.id, action->as.delivery.recipient);
    assert_non_null(delivery);
    delivery->reported = (int8_t)action->as.delivery.state;
  }
}

static void drain(struct handshake *handshake, unsigned number)
{
  struct handshake_side *side = &handshake->side[number];
  struct node_action action;
  unsigned count = 0;
  while (node_next_action(side->node, &action)) {
    assert_true(++count <= ACTIONS_AT_ONCE_MAX);
    step(side);
    carry_out(handshake, number, &action);
  }
}

/* What the station's only neighbour on that side would tell in a beacon: whom it hears, and the way to the far end.
 */
static void hear_beacon(struct handshake *handshake, uint8_t number, uint8_t neighbour)
{
  uint8_t far = neighbour > number ? handshake->to : HANDSHAKE_FROM;
  struct beacon beacon = {.seq = 1, .entry_count = 1};
  struct frame frame = {.source = neighbour, .dest = FRAME_TO_ALL};
  uint8_t bytes[LINK_BURST_MAX];
  struct bit_writer writer;
  beacon.entry[0] = (struct beacon_entry){.station = number, .has_snr = 1, .snr_cb = 100};
  if (far != neighbour)
    beacon.entry[beacon.entry_count++] =
        (struct beacon_entry){.station = far, .has_route = 1, .metric = metric_encode(3000), .seq = 1};
  bits_writer_init(&writer, frame.plain, sizeof frame.plain);
  beacon_encode(&beacon, &writer);
  bits_put_align(&writer);
  frame.len = bits_put_len(&writer);
  frame.counter = handshake->side[number].store.reserved_upto + ++handshake->side[number].beacons;
  int len = frame_seal(&handshake->stations->keyring[neighbour], &frame, bytes);
  assert_true(len > 0);
  node_burst(handshake->side[number].node, handshake->now_ms, 0, 0, bytes, (size_t)len, 100);
}

static void hear_beacons(struct handshake *handshake, uint8_t number)
{
  for (uint8_t i = HANDSHAKE_FROM; i <= handshake->to; i++)
    if (are_neighbours(i, number) && handshake->to > 2)
      hear_beacon(handshake, number, i);
}

static void restore(struct handshake *handshake, unsigned number)
{
  struct handshake_side *side = &handshake->side[number];
  for (size_t i = 0; i < side->store.bundle_count; i++) {
    const struct held_bundle *bundle = &side->store.bundle[i].bundle;
    if (side->store.bundle[i].is_held)
      assert_int_equal(node_restore_bundle(side->node, &bundle->head, bundle->born_ms, bundle->from), 0);
  }
  for (size_t i = 0; i < side->store.delivery_count; i++) {
    const struct fake_delivery *delivery = &side->store.delivery[i];
    const struct message *message = fake_store_outgoing(&side->store, delivery->id);
    if (!fake_delivery_has_ended(delivery))
      assert_int_equal(
          node_restore_delivery(side->node, message, delivery->recipient, delivery->state, delivery->attempts), 0);
  }
  for (uint16_t i = HANDSHAKE_FROM; i <= handshake->to; i++)
    if (i != number)
      node_restore_peer(side->node, i, fake_store_top_counter(&side->store, i));
}

static void start(struct handshake *handshake, unsigned number)
{
  struct handshake_side *side = &handshake->side[number];
  struct node_store functions = fake_store_functions(&side->store);
  struct node_config config = {.directory = &handshake->stations->directory,
                               .keyring = &handshake->stations->keyring[number],
                               .channel = {hf},
                               .channel_count = 1,
                               .first_counter = side->store.reserved_upto,
                               .seed = number};
  memcpy(config.authority, handshake->stations->secrets[number].authority, sizeof config.authority);
  side->crash_in = 0;
  side->is_sending = 0;
  side->node = node_new(&config, &functions, handshake->now_ms);
  assert_non_null(side->node);
  restore(handshake, number);
  node_channel_up(side->node, handshake->now_ms, 0, 1);
  hear_beacons(handshake, (uint8_t)number);
  drain(handshake, number);
}

static void restart(struct handshake *handshake, unsigned number)
{
  handshake->side[number].crashes++;
  node_free(handshake->side[number].node);
  start(handshake, number);
}

/* The station whose deadline comes first, 0 when there is none.  Not inlined: a caller has setjmp in it. */
static __attribute__((noinline)) unsigned next_station(const struct handshake *handshake)
{
  int64_t first_ms = INT64_MAX;
  unsigned next = 0;
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++) {
    int64_t deadline = node_deadline(handshake->side[i].node);
    if (deadline < first_ms) {
      first_ms = deadline;
      next = i;
    }
  }
  return next;
}

static int is_of_burst(unsigned type)
{
  return type == MOVE_DELIVER || type == MOVE_REPEAT || type == MOVE_LOSE || type == MOVE_REFUSE;
}

/* The station whose node the move calls. */
static unsigned actor(const struct handshake *handshake, struct handshake_move move)
{
  if (move.type == MOVE_FILE)
    return HANDSHAKE_FROM;
  if (move.type == MOVE_TIME)
    return next_station(handshake);
  return is_of_burst(move.type) ? handshake->flight[move.which].to : move.which;
}

int handshake_allows(const struct handshake *handshake, struct handshake_move move)
{
  if (!handshake->was_filed)
    return move.type == MOVE_FILE && move.which == 0;
  if (is_of_burst(move.type))
    return move.which < handshake->flight_count && !(move.crash && move.type == MOVE_LOSE) &&
           !(move.type == MOVE_REPEAT && handshake->flight[move.which].was_heard);
  if (move.type == MOVE_TIME)
    return move.which == 0 && next_station(handshake);
  if (move.which < HANDSHAKE_FROM || move.which > handshake->to)
    return 0;
  if (move.type == MOVE_SENT)
    return handshake->side[move.which].is_sending;
  return move.type == MOVE_POWER && !move.crash;
}

/* A burst that is on its way no more is gone even if the power goes while it arrives. */
static struct handshake_flight take_flight(struct handshake *handshake, struct handshake_move move)
{
  struct handshake_flight flight = handshake->flight[move.which];
  if (move.type == MOVE_REPEAT)
    handshake->flight[move.which].was_heard = 1;
  else
    lose(handshake, move.which);
  return flight;
}

static void hear(struct handshake *handshake, unsigned number, struct handshake_move move)
{
  struct handshake_side *side = &handshake->side[number];
  struct handshake_flight flight = take_flight(handshake, move);
  side->store.fail_received = side->store.fail_bundle = move.type == MOVE_REFUSE ? -ENOSPC : 0;
  if (move.type != MOVE_LOSE)
    node_burst(side->node, handshake->now_ms, 0, 0, flight.bytes, flight.len, 100);
}

static void file(struct handshake *handshake)
{
  char why[160];
  handshake->was_filed = 1;
  int err =
      node_submit(handshake->side[HANDSHAKE_FROM].node, handshake->now_ms, &handshake->message, why, sizeof why);
  assert_int_equal(err, 0);
}

static void pass_time(struct handshake *handshake, unsigned number)
{
  int64_t deadline = node_deadline(handshake->side[number].node);
  handshake->now_ms = deadline > handshake->now_ms ? deadline : handshake->now_ms;
  node_tick(handshake->side[number].node, handshake->now_ms);
  if (handshake->now_ms - handshake->beacons_ms < BEACONS_EVERY_MS)
    return;
  handshake->beacons_ms = handshake->now_ms;
  hear_beacons(handshake, (uint8_t)number);
}

static void call(struct handshake *handshake, unsigned number, struct handshake_move move)
{
  struct handshake_side *side = &handshake->side[number];
  switch (move.type) {
  case MOVE_FILE:
    file(handshake);
    break;
  case MOVE_TIME:
    pass_time(handshake, number);
    break;
  case MOVE_SENT:
    side->is_sending = 0;
    node_sent(side->node, handshake->now_ms, 0);
    break;
  case MOVE_POWER:
    restart(handshake, number);
    break;
  default:
    hear(handshake, number, move);
  }
}

/* Receipts are followed into the first station's custody only. */
static int is_receipt(const struct fake_store *store, const struct fake_delivery *delivery)
{
  return fake_store_outgoing((struct fake_store *)store, delivery->id)->kind == MESSAGE_RECEIPT;
}

/* Who has the message is who was said to have it. */
static void check_delivery(struct handshake *handshake, const struct fake_store *store,
                           const struct fake_delivery *delivery)
{
  struct handshake_side *to = &handshake->side[delivery->recipient];
  if (delivery->state == DELIVERY_DELIVERED && !is_receipt(store, delivery))
    assert_non_null(fake_store_received(&to->store, delivery->id));
  if (delivery->state == DELIVERY_CUSTODY)
    assert_non_null(fake_store_bundle(&handshake->side[handshake->to - 1].store, delivery->id, delivery->recipient));
  assert_true(delivery->state <= DELIVERY_DELIVERED || delivery->state == DELIVERY_CUSTODY);
}

/* What holds in every state. */
static void check_state(struct handshake *handshake)
{
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++) {
    const struct fake_store *store = &handshake->side[i].store;
    for (size_t j = 0; j < store->delivery_count; j++)
      check_delivery(handshake, store, &store->delivery[j]);
  }
  assert_true(handshake->side[handshake->to].store.received_count <=
              handshake->side[HANDSHAKE_FROM].store.outgoing_count);
}

int handshake_make(struct handshake *handshake, struct handshake_move move)
{
  unsigned number = actor(handshake, move);
  struct handshake_side *side = &handshake->side[number];
  volatile int reached = 1;
  side->crash_in = move.crash;
  if (setjmp(side->crash)) {
    restart(handshake, number);
  } else {
    call(handshake, number, move);
    drain(handshake, number);
    reached = !move.crash;
  }
  side->crash_in = 0;
  side->store.fail_received = side->store.fail_bundle = 0;
  check_state(handshake);
  return reached;
}

/* The order of magnitude of the time until then. */
static unsigned distance(int64_t at_ms, int64_t now_ms)
{
  static const int64_t limits_ms[] = {0, 250, 1000, 4000, 16000, 64000};
  unsigned i = 0;
  if (at_ms == INT64_MAX)
    return 99;
  while (i < sizeof limits_ms / sizeof *limits_ms && at_ms - now_ms > limits_ms[i])
    i++;
  return i;
}

struct digest {
  uint64_t hash; /* FNV-1a */
};

static void mix(struct digest *digest, uint64_t value)
{
  for (unsigned i = 0; i < 8; i++)
    digest->hash = (digest->hash ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
}

/* Whether it is being sent, waits for an answer or for its time: the words of node_explain without their numbers. */
static void mix_phase(struct digest *digest, const struct handshake *handshake, unsigned number, struct message_id id,
                      uint16_t recipient)
{
  char words[160] = "";
  (void)node_explain(handshake->side[number].node, handshake->now_ms, id, recipient, words, sizeof words);
  for (const char *at = words; *at; at++)
    if (*at < '0' || *at > '9')
      mix(digest, (uint8_t)*at);
}

static void mix_side(struct digest *digest, const struct handshake *handshake, unsigned number)
{
  const struct handshake_side *side = &handshake->side[number];
  mix(digest, distance(node_deadline(side->node), handshake->now_ms));
  mix(digest, (uint64_t)side->is_sending << 1 | (side->crashes > 0));
  for (size_t i = 0; i < side->store.received_count; i++)
    mix(digest, 100 + side->store.received[i].shown);
  for (size_t i = 0; i < side->store.delivery_count; i++) {
    mix(digest, 200 + side->store.delivery[i].state);
    mix_phase(digest, handshake, number, side->store.delivery[i].id, side->store.delivery[i].recipient);
  }
  for (size_t i = 0; i < side->store.bundle_count; i++) {
    const struct bundle_head *head = &side->store.bundle[i].bundle.head;
    mix(digest, 300 + side->store.bundle[i].is_held);
    mix(digest, head->journey);
    mix_phase(digest, handshake, number, (struct message_id){head->origin, head->counter}, head->dest);
  }
}

/* Of an acknowledgement its code counts too; the place of a burst in the list tells the order. */
static void mix_flight(struct digest *digest, const struct handshake *handshake,
                       const struct handshake_flight *flight)
{
  struct frame frame;
  open_burst(handshake, flight, &frame);
  int is_ack = frame.plain[0] >> 4 == ITEM_ACK;
  mix(digest, (uint64_t)flight->from << 24 | (uint64_t)flight->to << 16 | (uint64_t)flight->was_heard << 8 |
                  (is_ack ? frame.plain[0] : frame.plain[0] & 0xf0));
  mix(digest, flight->len);
}

uint64_t handshake_summary(const struct handshake *handshake)
{
  struct digest digest = {UINT64_C(0xcbf29ce484222325)};
  mix(&digest, (uint64_t)handshake->was_filed);
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++)
    mix_side(&digest, handshake, i);
  for (size_t i = 0; i < handshake->flight_count; i++)
    mix_flight(&digest, handshake, &handshake->flight[i]);
  return digest.hash;
}

struct handshake_move handshake_usual_move(const struct handshake *handshake)
{
  for (uint8_t i = HANDSHAKE_FROM; i <= handshake->to; i++)
    if (handshake->side[i].is_sending)
      return (struct handshake_move){.type = MOVE_SENT, .which = i};
  return (struct handshake_move){.type = handshake->flight_count ? MOVE_DELIVER : MOVE_TIME};
}

static int is_idle(const struct fake_store *store)
{
  for (size_t i = 0; i < store->delivery_count; i++)
    if (!fake_delivery_has_ended(&store->delivery[i]))
      return 0;
  for (size_t i = 0; i < store->bundle_count; i++)
    if (store->bundle[i].is_held)
      return 0;
  return 1;
}

static int has_ended(const struct handshake *handshake)
{
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++)
    if (!is_idle(&handshake->side[i].store))
      return 0;
  return !handshake->flight_count;
}

static void check_end(const struct handshake *handshake)
{
  const struct handshake_side *from = &handshake->side[HANDSHAKE_FROM], *to = &handshake->side[handshake->to];
  for (size_t i = 0; i < from->store.delivery_count; i++) {
    assert_int_equal(from->store.delivery[i].state, DELIVERY_DELIVERED);
    if (!from->crashes)
      assert_int_equal(from->store.delivery[i].reported, DELIVERY_DELIVERED);
  }
  assert_int_equal(to->store.received_count, from->store.outgoing_count);
  for (size_t i = 0; i < to->store.received_count; i++)
    assert_true(to->store.received[i].shown == 1 || to->crashes);
}

void handshake_finish(struct handshake *handshake)
{
  int steps = 0;
  while (!has_ended(handshake)) {
    struct handshake_move move = handshake_usual_move(handshake);
    assert_true(handshake_allows(handshake, move));
    assert_true(++steps < FINISH_STEPS_MAX);
    handshake_make(handshake, move);
  }
  check_end(handshake);
}

static void file_base(struct handshake *handshake)
{
  handshake->message = ether_status(handshake->to);
  handshake_make(handshake, (struct handshake_move){.type = MOVE_FILE});
  handshake_finish(handshake);
  handshake->was_filed = 0;
  handshake->message.body.status.value[STATUS_BATTERY]++;
}

struct handshake *handshake_new(struct stations *stations, enum handshake_kind kind)
{
  struct handshake *handshake = calloc(1, sizeof *handshake);
  assert_non_null(handshake);
  handshake->stations = stations;
  handshake->now_ms = handshake->beacons_ms = 1000000;
  handshake->to = (uint8_t)stations->count;
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++) {
    fake_store_init(&handshake->side[i].store);
    handshake->side[i].store.step = step;
    handshake->side[i].store.step_context = &handshake->side[i];
    start(handshake, i);
  }
  handshake->message = ether_text(handshake->to, ROUTINE, "e");
  if (kind == HANDSHAKE_DIFFERENCE)
    file_base(handshake);
  return handshake;
}

void handshake_free(struct handshake *handshake)
{
  for (unsigned i = HANDSHAKE_FROM; i <= handshake->to; i++) {
    node_free(handshake->side[i].node);
    fake_store_wipe(&handshake->side[i].store);
  }
  free(handshake);
}
