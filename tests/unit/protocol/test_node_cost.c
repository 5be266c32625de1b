/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message is said to cost is what it then costs on the air: bursts and airtime of real sending are counted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/delivery/node_cost.h"
#include "protocol/wire/piece_run.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define ROUNDS 60
/* The originator of a grave message for all waits so long before it says it again. */
#define REPEAT_MS 7000

static struct node_cost price(struct ether *ether, const struct message *message)
{
  struct node_cost cost;
  char why[NODE_TEXT_MAX] = "";
  assert_int_equal(node_price(ether->station[1].node, ether->now_ms, message, &cost, why, sizeof why), 0);
  return cost;
}

static int refusal(struct ether *ether, uint16_t from, const struct message *message)
{
  static const struct node_cost untouched = {.chars = 4711};
  struct node_cost cost = untouched;
  char why[NODE_TEXT_MAX] = "";
  int err = node_price(ether->station[from].node, ether->now_ms, message, &cost, why, sizeof why);
  assert_true(err < 0);
  assert_memory_equal(&cost, &untouched, sizeof cost);
  assert_string_not_equal(why, "");
  return err;
}

static uint64_t airtime_of(const struct ether *ether, uint16_t number)
{
  return node_stats(ether->station[number].node)->airtime_us;
}

static uint64_t bursts_of(const struct ether *ether, uint16_t number)
{
  return node_stats(ether->station[number].node)->bursts_sent;
}

/* A text of so many characters that no two calls share. */
static struct message text_of(struct ether *ether, uint16_t dest, unsigned chars)
{
  static const char *const letters[] = {"a", "e", " ", "n", "è", "ò", "k", "7", ".", "漢"};
  char words[TEXT_MAX_BYTES + 1] = "";
  for (unsigned i = 0; i < chars; i++)
    strcat(words, letters[test_random_below(&ether->random, sizeof letters / sizeof *letters)]);
  return ether_text(dest, ROUTINE, words);
}

/* Words that no model foresees: they stay long however text is coded. */
static void write_rare(struct text *text, unsigned chars)
{
  char words[TEXT_MAX_BYTES + 1];
  uint64_t random = chars;
  for (unsigned i = 0; i < chars; i++) {
    uint32_t c = 0x4e00 + test_random_below(&random, 5000);
    words[3 * i] = (char)(0xe0 | c >> 12);
    words[3 * i + 1] = (char)(0x80 | (c >> 6 & 0x3f));
    words[3 * i + 2] = (char)(0x80 | (c & 0x3f));
  }
  assert_int_equal(text_set(text, words, (size_t)3 * chars), 0);
}

/* Sends a message from station 1 to station 2 and compares. */
static void check_exchange(struct ether *ether, struct message *message)
{
  struct node_cost cost = price(ether, message);
  uint64_t bursts = bursts_of(ether, 1), there = airtime_of(ether, 1), back = airtime_of(ether, 2);
  assert_int_equal(ether_submit(ether, 1, message), 0);
  ether_run_until_quiet(ether, ether->now_ms + 10 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, message->id, 2), DELIVERY_DELIVERED);
  assert_int_equal(cost.channel[0].bursts, bursts_of(ether, 1) - bursts);
  assert_int_equal(cost.channel[0].airtime_us, airtime_of(ether, 1) - there);
  assert_int_equal(cost.channel[0].answer_us, airtime_of(ether, 2) - back);
}

static void texts_of_every_length_cost_what_was_said(void **state)
{
  static const unsigned lengths[] = {1, 2, 5, 12, 20, 40, 80, 120, 160, 199, 200};
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether_start_all(ether);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    struct message text = text_of(ether, 2, lengths[i]);
    assert_int_equal(price(ether, &text).chars, lengths[i]);
    check_exchange(ether, &text);
  }
  ether_free(ether);
}

static void the_first_text_to_a_station_never_heard_costs_what_was_said(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 2);
  ether_start_all(ether);
  struct message text = text_of(ether, 2, 150);
  assert_int_equal(price(ether, &text).channel[0].mode_known, 0);
  check_exchange(ether, &text);
  assert_int_equal(price(ether, &text).channel[0].mode_known, 1);
  ether_free(ether);
}

static void a_report_costs_less_once_another_was_acknowledged(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 3);
  ether_start_all(ether);
  struct message first = ether_status(2), second = ether_status(2);
  unsigned whole = price(ether, &first).body_bytes;
  check_exchange(ether, &first);
  assert_true(price(ether, &second).body_bytes < whole);
  check_exchange(ether, &second);
  ether_free(ether);
}

/* Not as a difference, which may change between two bursts; at one of these lengths that is a piece more. */
static void a_report_in_pieces_is_priced_whole(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 13);
  ether->config.channel[0].mode_count = 1;
  ether_start_all(ether);
  struct message first = ether_status(2);
  check_exchange(ether, &first);
  for (unsigned chars = TEXT_MAX_CHARS - PIECE_LEN; chars <= TEXT_MAX_CHARS; chars++) {
    struct message report = ether_status(2);
    write_rare(&report.body.status.text, chars);
    assert_true(price(ether, &report).channel[0].bursts > 1);
    check_exchange(ether, &report);
  }
  ether_free(ether);
}

static void an_alert_for_one_costs_what_was_said(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 4);
  ether_start_all(ether);
  struct message alert = alert_for_all(FLASH, "Dlo ap monte nan Massacre");
  alert.dest = 2;
  check_exchange(ether, &alert);
  ether_free(ether);
}

/* Like the modem that describes itself so: frames of any size, short and long bursts. */
static void shape_channel(struct ether *ether)
{
  struct link_channel *link = &ether->config.channel[0];
  link->mode_count = (uint8_t)(1 + test_random_below(&ether->random, 3));
  for (unsigned i = 0; i < link->mode_count; i++) {
    struct link_mode *mode = &link->mode[i];
    int is_fixed = (int)test_random_below(&ether->random, 2);
    mode->fixed = (uint8_t)is_fixed;
    mode->unit_bytes = (uint16_t)(is_fixed ? 60 + test_random_below(&ether->random, 100) : 1);
    mode->max_bytes = (uint16_t)(mode->unit_bytes * (is_fixed ? 1 + test_random_below(&ether->random, 6) : 256));
    mode->overhead_us = 100000 + test_random_below(&ether->random, 400000);
    mode->unit_us = is_fixed ? 200000 + test_random_below(&ether->random, 3000000) : 6667;
    mode->snr_needed_cb = (int16_t)(test_random_below(&ether->random, 100) - 50);
  }
}

static void any_channel_costs_what_was_said(void **state)
{
  (void)state;
  for (uint64_t seed = 100; seed < 100 + ROUNDS; seed++) {
    print_message("seed %llu\n", (unsigned long long)seed);
    struct ether *ether = ether_new(2, seed);
    shape_channel(ether);
    ether_start_all(ether);
    for (unsigned i = 0; i < 4; i++) {
      struct message message = test_random_below(&ether->random, 4)
                                   ? text_of(ether, 2, 1 + test_random_below(&ether->random, TEXT_MAX_CHARS))
                                   : ether_status(2);
      check_exchange(ether, &message);
    }
    ether_free(ether);
  }
}

/* Until the next station has said that it answers for it. */
static void check_hop(struct ether *ether, struct message *message)
{
  struct node_cost cost = price(ether, message);
  uint64_t bursts = bursts_of(ether, 1), there = airtime_of(ether, 1), back = airtime_of(ether, 2);
  int64_t end_ms = ether->now_ms + 10 * MINUTE_MS;
  assert_int_equal(cost.hop, 2);
  assert_int_equal(ether_submit(ether, 1, message), 0);
  while (state_of(ether, 1, message->id, 3) != DELIVERY_CUSTODY && ether->now_ms < end_ms)
    run_for(ether, 50);
  assert_int_equal(state_of(ether, 1, message->id, 3), DELIVERY_CUSTODY);
  assert_int_equal(cost.channel[0].bursts, bursts_of(ether, 1) - bursts);
  assert_int_equal(cost.channel[0].airtime_us, airtime_of(ether, 1) - there);
  assert_int_equal(cost.channel[0].answer_us, airtime_of(ether, 2) - back);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  run_for(ether, MINUTE_MS); /* the receipt's own acknowledgement is still to go out */
}

static void a_message_that_others_carry_costs_what_was_said(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 5);
  static const unsigned lengths[] = {3, 40, 90, 200};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    struct message text = text_of(ether, 3, lengths[i]);
    check_hop(ether, &text);
  }
  struct message report = ether_status(3), rare = ether_status(3);
  check_hop(ether, &report);
  write_rare(&rare.body.status.text, TEXT_MAX_CHARS);
  check_hop(ether, &rare);
  ether_free(ether);
}

/* Nobody hears station 1: all that it sends is its own turn, and no receipt comes back. */
static void check_turn(unsigned precedence, const char *text, unsigned rare_chars)
{
  struct ether *ether = line_new(3, 6);
  ether->config.beacon_interval_ms = 0;
  line_connect(ether, 1, 2, 0);
  ether_start_all(ether);
  struct message alert = alert_for_all(precedence, text);
  if (rare_chars)
    write_rare(&alert.body.alert.text, rare_chars);
  struct node_cost cost = price(ether, &alert);
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  run_for(ether, 55000);
  unsigned bursts = cost.channel[0].bursts;
  assert_in_range(bursts, 1, ether->transmission_count);
  uint64_t airtime_ms = 0;
  for (unsigned i = 0; i < bursts; i++)
    airtime_ms +=
        (uint64_t)(ether->transmission[i].end_ms - ether->transmission[i].begin_ms - ether->config.channel[0].key_ms);
  assert_int_equal(cost.channel[0].airtime_us / 1000, airtime_ms);
  assert_int_equal(cost.channel[0].answer_us, 0);
  /* The next one is a repetition, if there is one. */
  if (ether->transmission_count > bursts)
    assert_true(ether->transmission[bursts].begin_ms - ether->transmission[bursts - 1].begin_ms >= REPEAT_MS);
  if (precedence < IMMEDIATE)
    assert_int_equal(ether->transmission_count, bursts);
  ether_free(ether);
}

static void an_alert_for_all_costs_what_its_turn_was_said_to(void **state)
{
  (void)state;
  for (unsigned precedence = ROUTINE; precedence <= FLASH; precedence++) {
    check_turn(precedence, "", 0);
    check_turn(precedence, "Fillette 8 ans, robe jaune, vue à Mirebalais", 0);
    check_turn(precedence, "", 60);
    check_turn(precedence, "", TEXT_MAX_CHARS);
  }
}

static void asking_changes_nothing(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 7);
  struct node_action action;
  ether_start_all(ether);
  struct node *node = ether->station[1].node;
  struct message text = text_of(ether, 2, 60), alert = alert_for_all(FLASH, "Dife");
  int64_t deadline = node_deadline(node);
  uint32_t reserved = ether->station[1].store.reserved_upto;
  struct node_cost first = price(ether, &text);
  for (unsigned i = 0; i < 200; i++) {
    price(ether, &alert);
    struct node_cost again = price(ether, &text);
    assert_memory_equal(&first, &again, sizeof first);
  }
  assert_int_equal(ether->station[1].store.reserved_upto, reserved);
  assert_int_equal(ether->station[1].store.delivery_count, 0);
  assert_int_equal(node_deadline(node), deadline);
  assert_int_equal(node_next_action(node, &action), 0);
  ether_free(ether);
}

static void a_text_for_nobody_in_particular_has_a_price_too(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 8);
  ether_start_all(ether);
  struct message text = text_of(ether, 2, 60);
  struct node_cost known = price(ether, &text);
  text.dest = STATION_NONE;
  struct node_cost open = price(ether, &text);
  assert_int_equal(open.hop, STATION_NONE);
  assert_int_equal(open.body_bytes, known.body_bytes);
  assert_int_equal(open.channel[0].airtime_us, known.channel[0].airtime_us);
  assert_true(open.channel[0].answer_us > 0);
  ether_free(ether);
}

static void a_channel_that_is_down_is_priced_and_said_to_be_down(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 9);
  ether_start_all(ether);
  struct message text = text_of(ether, 2, 60);
  struct node_cost up = price(ether, &text);
  assert_int_equal(up.channel[0].up, 1);
  ether_channel_up(ether, 1, 0, 0);
  struct node_cost down = price(ether, &text);
  assert_int_equal(down.channel[0].up, 0);
  assert_int_equal(down.channel[0].airtime_us, up.channel[0].airtime_us);
  ether_free(ether);
}

static void a_channel_that_cannot_carry_it_costs_nothing(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 10);
  ether->config.channel[1] = ether->config.channel[0];
  ether->config.channel[1].mode_count = 1;
  ether->config.channel[1].mode[0].max_bytes = 28;
  ether->config.channel_count = 2;
  ether_start_all(ether);
  struct message text = ether_text(2, ROUTINE, "");
  write_rare(&text.body.text, TEXT_MAX_CHARS);
  struct node_cost cost = price(ether, &text);
  assert_int_equal(cost.channel_count, 2);
  assert_true(cost.channel[0].bursts > 0);
  assert_int_equal(cost.channel[1].bursts, 0);
  assert_int_equal(cost.channel[1].airtime_us + cost.channel[1].answer_us, 0);
  ether_free(ether);
}

static void what_sending_refuses_has_no_price(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 11);
  ether_start_all(ether);
  struct message empty = ether_text(2, ROUTINE, ""), stranger = ether_text(9, ROUTINE, "x"),
                 self = ether_text(1, ROUTINE, "x"), flash = alert_for_all(FLASH, "x");
  assert_int_equal(refusal(ether, 1, &empty), -EINVAL);
  empty.dest = STATION_NONE;
  assert_int_equal(refusal(ether, 1, &empty), -EINVAL);
  assert_int_equal(refusal(ether, 1, &stranger), -ENOENT);
  assert_int_equal(refusal(ether, 1, &self), -ENOENT);
  assert_int_equal(refusal(ether, 2, &flash), -EPERM);
  ether_free(ether);
}

static void with_a_full_outbox_nothing_has_a_price_but_a_bare_text(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 12);
  ether_start_all(ether);
  ether_channel_up(ether, 1, 0, 0);
  struct message text = ether_text(2, ROUTINE, "x");
  for (size_t i = 0; i < NODE_OUTBOX_MAX; i++)
    assert_int_equal(ether_submit(ether, 1, &text), 0);
  assert_int_equal(refusal(ether, 1, &text), -ENOBUFS);
  text.dest = STATION_NONE;
  price(ether, &text);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_of_every_length_cost_what_was_said),
      cmocka_unit_test(the_first_text_to_a_station_never_heard_costs_what_was_said),
      cmocka_unit_test(a_report_costs_less_once_another_was_acknowledged),
      cmocka_unit_test(a_report_in_pieces_is_priced_whole),
      cmocka_unit_test(an_alert_for_one_costs_what_was_said),
      cmocka_unit_test(any_channel_costs_what_was_said),
      cmocka_unit_test(a_message_that_others_carry_costs_what_was_said),
      cmocka_unit_test(an_alert_for_all_costs_what_its_turn_was_said_to),
      cmocka_unit_test(asking_changes_nothing),
      cmocka_unit_test(a_text_for_nobody_in_particular_has_a_price_too),
      cmocka_unit_test(a_channel_that_is_down_is_priced_and_said_to_be_down),
      cmocka_unit_test(a_channel_that_cannot_carry_it_costs_nothing),
      cmocka_unit_test(what_sending_refuses_has_no_price),
      cmocka_unit_test(with_a_full_outbox_nothing_has_a_price_but_a_bare_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
