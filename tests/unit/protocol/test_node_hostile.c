/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an attacker on the air, or with a stolen station, can send: none of it changes what the node holds or does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"
#include "protocol/wire/item.h"
#include "protocol/wire/beacon.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define CAPTURES_MAX 64

struct capture {
  uint16_t from;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
};

static struct capture captured[CAPTURES_MAX];
static size_t captured_count;
static int only_capture;

static int capture(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)ether, (void)to;
  assert_true(captured_count < CAPTURES_MAX);
  captured[captured_count].from = from;
  captured[captured_count].len = *len;
  memcpy(captured[captured_count++].bytes, bytes, *len);
  return !only_capture;
}

struct snapshot {
  size_t received, outgoing;
  uint64_t calls, bursts, shown;
  enum delivery_state state;
};

static struct snapshot look(struct ether *ether, uint16_t number)
{
  struct ether_station *station = &ether->station[number];
  return (struct snapshot){station->store.received_count,
                           station->store.outgoing_count,
                           station->store.calls,
                           ether->bursts,
                           station->shown,
                           station->store.delivery_count ? station->store.delivery[0].state : DELIVERY_QUEUED};
}

static void expect_unchanged(struct ether *ether, uint16_t number, struct snapshot before)
{
  struct snapshot after = look(ether, number);
  assert_int_equal(after.received, before.received);
  assert_int_equal(after.outgoing, before.outgoing);
  assert_int_equal(after.calls, before.calls);
  assert_int_equal(after.bursts, before.bursts);
  assert_int_equal(after.shown, before.shown);
  assert_int_equal(after.state, before.state);
}

/* A network at rest after a conversation, all of it captured. */
static struct ether *after_a_conversation(void)
{
  struct ether *ether = ether_new(3, 1);
  struct message there = ether_text(2, ROUTINE, "Rien à signaler"), back = ether_status(1);
  captured_count = 0;
  only_capture = 0;
  ether->deaf[3][1] = ether->deaf[3][2] = 1;
  ether->tamper = capture;
  ether_start_all(ether);
  assert_int_equal(ether_submit(ether, 1, &there), 0);
  assert_int_equal(ether_submit(ether, 2, &back), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_true(ether_is_quiet(ether));
  ether_run(ether, ether->now_ms + MINUTE_MS);
  assert_true(captured_count >= 3);
  return ether;
}

static void random_bursts_change_nothing(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bursts_change_nothing");
  struct ether *ether = after_a_conversation();
  struct snapshot before = look(ether, 2);
  for (int i = 0; i < 20000; i++) {
    uint8_t bytes[80];
    size_t len = test_random_below(&random, sizeof bytes + 1);
    for (size_t j = 0; j < len; j++)
      bytes[j] = (uint8_t)test_random(&random);
    if (len > 1 && i % 2)
      bytes[1] = 1;
    ether_burst(ether, 2, bytes, len);
  }
  ether_run(ether, ether->now_ms + HOUR_MS);
  expect_unchanged(ether, 2, before);
  assert_in_range(ether->station[2].warnings, 1, 2); /* told, but not 20,000 times */
  ether_free(ether);
}

static void replayed_bursts_change_nothing(void **state)
{
  (void)state;
  struct ether *ether = after_a_conversation();
  struct snapshot one = look(ether, 1), two = look(ether, 2);
  for (size_t i = 0; i < captured_count; i++)
    for (uint16_t to = 1; to <= 2; to++)
      ether_burst(ether, to, captured[i].bytes, captured[i].len);
  ether_run(ether, ether->now_ms + HOUR_MS);
  expect_unchanged(ether, 1, one);
  expect_unchanged(ether, 2, two);
  assert_true(node_stats(ether->station[2].node)->frames_replayed > 0);
  ether_free(ether);
}

static void replayed_messages_are_refused_after_a_restart_too(void **state)
{
  (void)state;
  struct ether *ether = after_a_conversation();
  ether_cut_power(ether, 2);
  ether_start(ether, 2);
  uint64_t shown = ether->station[2].shown;
  for (size_t i = 0; i < captured_count; i++)
    ether_burst(ether, 2, captured[i].bytes, captured[i].len);
  assert_int_equal(ether->station[2].shown, shown);
  assert_int_equal(node_stats(ether->station[2].node)->duplicates, 0);
  ether_free(ether);
}

static void a_replayed_beacon_is_not_heard_again(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether->config.beacon_interval_ms = 86400000;
  captured_count = 0;
  only_capture = 0;
  ether->tamper = capture;
  ether_start_all(ether);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  assert_true(captured_count >= 2);
  for (size_t i = 0; i < captured_count; i++) {
    uint16_t to = (uint16_t)(3 - captured[i].from);
    uint64_t opened = node_stats(ether->station[to].node)->frames_opened;
    ether_burst(ether, to, captured[i].bytes, captured[i].len);
    assert_int_equal(node_stats(ether->station[to].node)->frames_opened, opened);
  }
  ether_free(ether);
}

static void reflected_bursts_change_nothing(void **state)
{
  (void)state;
  struct ether *ether = after_a_conversation();
  struct snapshot before = look(ether, 1);
  for (size_t i = 0; i < captured_count; i++) {
    ether_burst(ether, captured[i].from, captured[i].bytes, captured[i].len);
    uint8_t bytes[LINK_BURST_MAX]; /* and in the peer's name */
    memcpy(bytes, captured[i].bytes, captured[i].len);
    bytes[1] = (uint8_t)(3 - captured[i].from);
    ether_burst(ether, captured[i].from, bytes, captured[i].len);
  }
  expect_unchanged(ether, 1, before);
  ether_free(ether);
}

static void a_burst_with_any_bit_flipped_is_refused_and_the_true_one_still_works(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  struct message message = ether_text(2, ROUTINE, "Rien à signaler");
  captured_count = 0;
  only_capture = 1;
  ether->tamper = capture;
  ether_start_all(ether);
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  while (!captured_count)
    ether_run(ether, ether->now_ms + 10);
  ether_cut_power(ether, 1);
  struct snapshot before = look(ether, 2);
  /* The low three bits of the first byte are the modem's, which clears them. */
  for (size_t bit = 0; bit < captured[0].len * 8; bit++) {
    if (bit >= 5 && bit < 8)
      continue;
    captured[0].bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    ether_burst(ether, 2, captured[0].bytes, captured[0].len);
    captured[0].bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  }
  for (size_t len = 0; len < captured[0].len; len++)
    ether_burst(ether, 2, captured[0].bytes, len);
  expect_unchanged(ether, 2, before);
  ether_burst(ether, 2, captured[0].bytes, captured[0].len);
  assert_int_equal(ether->station[2].shown, 1);
  ether_free(ether);
}

/* Seals items as station from, for station 2 or all. */
static void inject(struct ether *ether, uint16_t from, uint16_t dest, uint32_t counter, int is_short,
                   const struct bit_writer *items)
{
  struct frame frame = {.source = from, .dest = dest, .counter = counter, .is_short = (uint8_t)is_short};
  uint8_t bytes[LINK_BURST_MAX];
  frame.len = bits_put_len(items);
  memcpy(frame.plain, items->buf, frame.len);
  int len = frame_seal(&ether->stations->keyring[from], &frame, bytes);
  assert_true(len > 0);
  ether_burst(ether, 2, bytes, (size_t)len);
}

static void put_alert(struct bit_writer *writer, uint32_t counter)
{
  struct alert alert;
  struct item_head head = {ITEM_ALERT, FLASH, counter, 0};
  alert_init(&alert, 1);
  item_head_encode(&head, counter, writer);
  alert_encode(&alert, writer);
  bits_put_align(writer);
}

static void an_alert_needs_the_long_tag_and_the_pairwise_key(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  uint8_t buf[32];
  struct bit_writer writer;
  ether_start_all(ether);
  bits_writer_init(&writer, buf, sizeof buf);
  put_alert(&writer, 50);
  inject(ether, 1, 2, 50, 1, &writer);
  assert_int_equal(ether->station[2].shown, 0);
  bits_writer_init(&writer, buf, sizeof buf);
  put_alert(&writer, 51);
  inject(ether, 1, FRAME_TO_ALL, 51, 0, &writer);
  assert_int_equal(ether->station[2].shown, 0);
  bits_writer_init(&writer, buf, sizeof buf);
  put_alert(&writer, 52);
  inject(ether, 1, 2, 52, 0, &writer);
  assert_int_equal(ether->station[2].shown, 1);
  ether_free(ether);
}

static void an_ack_under_the_hop_key_ends_nothing(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether_start_all(ether);
  struct message message = ether_text(1, ROUTINE, "un");
  ether->loss_permille = 1000;
  assert_int_equal(ether_submit(ether, 2, &message), 0);
  ether_run(ether, ether->now_ms + 5000);
  uint8_t buf[8];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  struct ack ack = {.code = ACK_DELIVERED, .counter = (uint16_t)message.id.counter};
  ack_encode(&ack, &writer);
  inject(ether, 1, FRAME_TO_ALL, 60, 1, &writer); /* the hop key proves no station */
  inject(ether, 3, 2, 60, 1, &writer);            /* a true ack, but of another station */
  assert_false(fake_delivery_has_ended(&ether->station[2].store.delivery[0]));
  ether_free(ether);
}

static void a_stolen_station_cannot_silence_another_with_beacons_in_its_name(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 1);
  ether_start_all(ether);
  ether->stations->keyring[3].self = 1; /* the thief holds the hop key of station 3 */
  for (uint32_t counter = 1000; counter < 100 * 65536; counter += 60000) {
    uint8_t buf[8];
    struct bit_writer writer;
    struct beacon beacon = {0};
    struct frame frame = {.source = 1, .counter = counter};
    uint8_t bytes[LINK_BURST_MAX];
    bits_writer_init(&writer, buf, sizeof buf);
    beacon_encode(&beacon, &writer);
    frame.len = bits_put_len(&writer);
    memcpy(frame.plain, buf, frame.len);
    int len = frame_seal(&ether->stations->keyring[3], &frame, bytes);
    ether_burst(ether, 2, bytes, (size_t)len);
  }
  ether->stations->keyring[3].self = 3;
  assert_true(node_stats(ether->station[2].node)->frames_opened > 50);
  struct message message = ether_text(2, ROUTINE, "un");
  assert_int_equal(ether_submit(ether, 1, &message), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_int_equal(ether->station[2].shown, 1);
  ether_free(ether);
}

static void authentic_nonsense_of_a_peer_does_no_harm(void **state)
{
  (void)state;
  uint64_t random = test_seed("authentic_nonsense_of_a_peer_does_no_harm");
  struct ether *ether = ether_new(2, random);
  ether_start_all(ether);
  struct message waiting = ether_text(1, ROUTINE, "un");
  ether->loss_permille = 1000;
  assert_int_equal(ether_submit(ether, 2, &waiting), 0);
  for (uint32_t counter = 1; counter <= 20000; counter++) {
    uint8_t buf[200];
    struct bit_writer writer;
    bits_writer_init(&writer, buf, sizeof buf);
    size_t len = 1 + test_random_below(&random, counter % 2 ? 20 : sizeof buf);
    for (size_t i = 0; i < len; i++)
      bits_put(&writer, (uint32_t)(test_random(&random) & 0xff), 8);
    inject(ether, 1, counter % 5 ? 2 : FRAME_TO_ALL, counter, len <= 6 && counter % 3 == 0, &writer);
    if (counter % 100 == 0)
      ether_run(ether, ether->now_ms + 1000);
  }
  for (size_t i = 0; i < ether->station[2].store.received_count; i++) {
    char why[128];
    const struct message *message = &ether->station[2].store.received[i].message;
    if (message->kind != MESSAGE_TEXT && message->kind != MESSAGE_RECEIPT)
      assert_int_equal(message_check(message, why, sizeof why), 0);
    assert_int_equal(message->id.origin, 1);
  }
  ether_free(ether);
}

static void a_frame_full_of_messages_is_shown_whole_or_comes_again(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  uint8_t buf[1000];
  struct bit_writer writer;
  for (uint32_t frame = 1; frame <= 20; frame++) {
    bits_writer_init(&writer, buf, sizeof buf);
    for (uint32_t counter = 1; counter <= 100; counter++) {
      struct item_head head = {ITEM_TEXT, ROUTINE, counter, 0};
      struct message text = ether_text(2, ROUTINE, "a");
      item_head_encode(&head, 200 + frame, &writer);
      text_encode(&text.body.text, &writer);
      bits_put_align(&writer);
    }
    assert_false(writer.overflow);
    inject(ether, 1, 2, 200 + frame, 0, &writer);
    assert_int_equal(ether->station[2].shown, ether->station[2].store.received_count);
  }
  ether_free(ether);
}

static void many_answers_fit_the_smallest_burst(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  struct message text = ether_text(2, ROUTINE, "a");
  ether->config.channel[0].mode[0] = ether->config.channel[0].mode[2]; /* 30 bytes a burst */
  ether->config.channel[0].mode_count = 1;
  ether_start_all(ether);
  ether_carrier(ether, 2, 0, 1);
  for (uint32_t counter = 1; counter <= 8; counter++) {
    uint8_t buf[16];
    struct bit_writer writer;
    struct item_head head = {ITEM_TEXT, ROUTINE, counter, 0};
    bits_writer_init(&writer, buf, sizeof buf);
    item_head_encode(&head, counter, &writer);
    text_encode(&text.body.text, &writer);
    inject(ether, 1, 2, counter, 0, &writer);
  }
  assert_int_equal(ether->station[2].shown, 8);
  ether_carrier(ether, 2, 0, 0);
  ether_run(ether, ether->now_ms + MINUTE_MS);
  assert_int_equal(node_stats(ether->station[2].node)->acks_sent, 8);
  assert_int_equal(ether->bursts, 2); /* four fit each */
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_bursts_change_nothing),
      cmocka_unit_test(replayed_bursts_change_nothing),
      cmocka_unit_test(replayed_messages_are_refused_after_a_restart_too),
      cmocka_unit_test(a_replayed_beacon_is_not_heard_again),
      cmocka_unit_test(reflected_bursts_change_nothing),
      cmocka_unit_test(a_burst_with_any_bit_flipped_is_refused_and_the_true_one_still_works),
      cmocka_unit_test(an_alert_needs_the_long_tag_and_the_pairwise_key),
      cmocka_unit_test(an_ack_under_the_hop_key_ends_nothing),
      cmocka_unit_test(a_stolen_station_cannot_silence_another_with_beacons_in_its_name),
      cmocka_unit_test(authentic_nonsense_of_a_peer_does_no_harm),
      cmocka_unit_test(many_answers_fit_the_smallest_burst),
      cmocka_unit_test(a_frame_full_of_messages_is_shown_whole_or_comes_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
