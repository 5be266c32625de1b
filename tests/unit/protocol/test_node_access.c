/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of a channel's rules: duty cycle, longest burst, time slots, polling; and of the order of sending. */
#include <errno.h>
#include <string.h>

#include "protocol/delivery/node_impl.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define CYCLE_MS 60000
#define TURN_MS 10000
#define NOON_MS INT64_C(1800000000000)
#define LONGEST_BURST_MS 8000

static int64_t airtime_ms_of(const struct ether *ether, uint16_t station, size_t since)
{
  int64_t sum = 0;
  for (size_t i = since; i < ether->transmission_count; i++)
    if (ether->transmission[i].from == station)
      sum += ether->transmission[i].end_ms - ether->transmission[i].begin_ms;
  return sum;
}

static void submit(struct ether *ether, uint16_t from, struct message *message)
{
  assert_int_equal(ether_submit(ether, from, message), 0);
}

static void limit_duty(uint16_t number, struct node_config *config)
{
  config->channel[0].duty_permille = number == 1 ? 10 : 0; /* 36 s an hour */
}

/* Hears every burst and never answers, so that there is always something to repeat. */
static int lose_answers(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)ether, (void)to, (void)bytes, (void)len;
  return from == 1;
}

static void a_station_stays_below_its_duty_cycle(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 1);
  ether->configure = limit_duty;
  ether->tamper = lose_answers;
  ether_start_all(ether);
  for (unsigned i = 0; i < 20; i++) {
    struct message text = ether_text(2, IMMEDIATE, "Nou bezwen dlo ak manje isit la");
    submit(ether, 1, &text);
  }
  run_for(ether, 10 * HOUR_MS);
  int64_t spent_ms = airtime_ms_of(ether, 1, 0);
  assert_in_range(spent_ms, 5 * 36000, 11 * 36000 + LONGEST_BURST_MS); /* an hour's share may have been saved up */
  ether_free(ether);
}

static void a_flash_and_an_answer_go_out_beyond_the_duty_cycle(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 2);
  ether->configure = limit_duty;
  ether_start_all(ether);
  node_use_duty(ether->station[1].node, ether->now_ms, 0, 2000000000);
  struct message routine = ether_text(2, IMMEDIATE, "Sa ka tann"), flash = ether_text(2, FLASH, "Ede nou");
  struct message theirs = ether_text(1, ROUTINE, "Bonjou");
  submit(ether, 1, &routine);
  run_for(ether, 10 * MINUTE_MS);
  assert_int_equal(ether->bursts, 0);
  submit(ether, 2, &theirs);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 2, theirs.id, 1), DELIVERY_DELIVERED);
  submit(ether, 1, &flash);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 1, flash.id, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void limit_key_down(uint16_t number, struct node_config *config)
{
  (void)number;
  config->channel[0].key_down_max_ms = 2500; /* five DATAC0 frames, none of the others */
}

static void no_burst_is_longer_than_the_key_down_limit(void **state)
{
  (void)state;
  char words[101] = {0};
  memset(words, 'a', 100);
  struct ether *ether = line_new(3, 3);
  ether->configure = limit_key_down;
  ether_start_all(ether);
  run_for(ether, HOUR_MS / 4);
  struct message text = ether_text(3, PRIORITY, words), alert = alert_for_all(IMMEDIATE, words);
  submit(ether, 1, &text);
  submit(ether, 1, &alert);
  run_for(ether, 3 * HOUR_MS);
  assert_int_equal(state_of(ether, 1, text.id, 3), DELIVERY_DELIVERED);
  assert_non_null(received_by(ether, 3, alert.id));
  for (size_t i = 0; i < ether->transmission_count; i++)
    assert_in_range(ether->transmission[i].end_ms - ether->transmission[i].begin_ms, 1, 2500 + 100);
  ether_free(ether);
}

static void give_turns(uint16_t number, struct node_config *config)
{
  struct link_channel *channel = &config->channel[0];
  channel->access = LINK_ACCESS_SLOTS;
  channel->cycle_ms = CYCLE_MS;
  channel->turn_begin_ms = number * 15000u;
  channel->turn_len_ms = TURN_MS;
}

static int64_t second_in_cycle(int64_t at_ms, int64_t offset_ms)
{
  return (at_ms + offset_ms) % CYCLE_MS;
}

static void with_a_clock_a_station_speaks_in_its_own_turn(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 4);
  ether->configure = give_turns;
  ether_start_all(ether);
  int64_t offset_ms = NOON_MS - ether->now_ms;
  for (uint16_t i = 1; i <= 3; i++)
    ether_set_clock(ether, i, NOON_MS);
  unsigned own = 0, others = 0;
  for (unsigned i = 0; i < 30; i++) {
    size_t since = ether->transmission_count;
    struct message text = ether_text(3, ROUTINE, "Pa gen anyen");
    submit(ether, 2, &text);
    ether_run_until_quiet(ether, ether->now_ms + 5 * MINUTE_MS);
    run_for(ether, 7000); /* so that messages are filed at all times of the round */
    for (size_t j = since; j < ether->transmission_count; j++) {
      int64_t at_ms = second_in_cycle(ether->transmission[j].begin_ms, offset_ms);
      if (ether->transmission[j].from == 2)
        own += at_ms >= 30000 && at_ms < 30000 + TURN_MS;
      others += ether->transmission[j].from == 2 && (at_ms < 30000 || at_ms >= 30000 + TURN_MS);
    }
  }
  assert_true(own >= 30);
  assert_int_equal(others, 0);
  ether_free(ether);
}

static void a_flash_and_a_station_without_a_clock_do_not_wait_for_turns(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 5);
  ether->configure = give_turns;
  ether_start_all(ether);
  struct message text = ether_text(2, ROUTINE, "Bonjou");
  submit(ether, 1, &text);
  ether_run_until_quiet(ether, ether->now_ms + 10000);
  assert_int_equal(state_of(ether, 1, text.id, 2), DELIVERY_DELIVERED);
  ether_set_clock(ether, 1, NOON_MS); /* the own turn begins in 15 s */
  struct message waits = ether_text(2, IMMEDIATE, "Tann"), flash = ether_text(2, FLASH, "Ede nou");
  submit(ether, 1, &waits);
  run_for(ether, 5000);
  assert_int_equal(state_of(ether, 1, waits.id, 2), DELIVERY_QUEUED);
  submit(ether, 1, &flash);
  run_for(ether, 8000);
  assert_int_equal(state_of(ether, 1, flash.id, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void poll_all(uint16_t number, struct node_config *config)
{
  (void)number;
  config->channel[0].access = LINK_ACCESS_POLLED;
}

static void on_a_polled_channel_a_post_waits_until_it_is_called(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 6);
  ether->configure = poll_all;
  ether_start_all(ether);
  struct message two = ether_text(1, PRIORITY, "De"), three = ether_text(1, PRIORITY, "Twa");
  submit(ether, 2, &two);
  submit(ether, 3, &three);
  run_for(ether, 10 * MINUTE_MS);
  assert_int_equal(ether->bursts, 0);
  assert_int_equal(ether_poll(ether, 1, 2, 30), 0);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 2, two.id, 1), DELIVERY_DELIVERED);
  assert_int_equal(state_of(ether, 3, three.id, 1), DELIVERY_QUEUED);
  struct message late = ether_text(1, PRIORITY, "Ankò");
  submit(ether, 2, &late);
  run_for(ether, 10 * MINUTE_MS);
  assert_int_equal(state_of(ether, 2, late.id, 1), DELIVERY_QUEUED); /* its time is over */
  assert_int_equal(ether_poll(ether, 1, 3, 30), 0);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 3, three.id, 1), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void what_is_grave_is_not_held_back_by_polling_and_the_coordinator_speaks_freely(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 7);
  ether->configure = poll_all;
  ether_start_all(ether);
  struct message flash = ether_text(1, FLASH, "Ede"), grave = ether_text(1, IMMEDIATE, "Grav");
  struct message down = ether_text(3, ROUTINE, "Koute");
  submit(ether, 2, &flash);
  submit(ether, 3, &grave);
  submit(ether, 1, &down);
  run_for(ether, 5 * MINUTE_MS);
  assert_true(ether_is_quiet(ether));
  ether_check_delivered(ether);
  ether_free(ether);
}

static void only_a_coordinator_calls_and_one_at_a_time(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 8);
  ether->configure = poll_all;
  ether_start_all(ether);
  assert_int_equal(ether_poll(ether, 2, 3, 30), -EPERM);
  assert_int_equal(ether_poll(ether, 1, 1, 30), -EINVAL);
  assert_int_equal(ether_poll(ether, 1, 9, 30), -EINVAL);
  assert_int_equal(ether_poll(ether, 1, 2, 0), -EINVAL);
  assert_int_equal(ether_poll(ether, 1, 2, 256), -EINVAL);
  ether_carrier(ether, 1, 0, 1);
  assert_int_equal(ether_poll(ether, 1, 2, 30), 0);
  assert_int_equal(ether_poll(ether, 1, 3, 30), -EBUSY);
  ether_carrier(ether, 1, 0, 0);
  run_for(ether, MINUTE_MS);
  assert_int_equal(ether->bursts, 1);
  assert_int_equal(ether_poll(ether, 1, 3, 30), 0);
  ether_free(ether);
}

static void a_channel_that_is_down_calls_nobody_and_forgets_who_was_to_be_called(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 8);
  ether->configure = poll_all;
  ether_start_all(ether);
  ether_carrier(ether, 1, 0, 1);
  assert_int_equal(ether_poll(ether, 1, 2, 30), 0);
  ether_channel_up(ether, 1, 0, 0);
  assert_int_equal(ether_poll(ether, 1, 3, 30), -ENETDOWN);
  ether_channel_up(ether, 1, 0, 1);
  assert_int_equal(ether_poll(ether, 1, 3, 30), 0);
  ether_free(ether);
}

static void a_call_of_a_post_gives_nobody_the_channel(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 9);
  ether->configure = poll_all;
  ether_start_all(ether);
  struct message text = ether_text(1, ROUTINE, "Tann");
  submit(ether, 2, &text);
  uint8_t buf[8];
  struct bit_writer writer;
  struct poll_item item = {.seconds = 60};
  bits_writer_init(&writer, buf, sizeof buf);
  poll_item_encode(&item, &writer);
  bits_put_align(&writer);
  inject(ether, &ether->stations->keyring[3], 3, 2, 100, &writer, 2);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 2, text.id, 1), DELIVERY_QUEUED);
  inject(ether, &ether->stations->keyring[1], 1, 2, 100, &writer, 2);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 2, text.id, 1), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void routine_is_overtaken_but_does_not_starve(void **state)
{
  (void)state;
  struct ether *ether = ether_new(2, 10);
  ether_start_all(ether);
  ether_channel_up(ether, 1, 0, 0);
  struct message routine = ether_text(2, ROUTINE, "Woutin");
  submit(ether, 1, &routine);
  run_for(ether, 7 * HOUR_MS);
  char words[201] = {0};
  memset(words, 'b', 200);
  struct message younger = ether_text(2, PRIORITY, words);
  submit(ether, 1, &younger);
  run_for(ether, 2 * HOUR_MS);
  struct message newest = ether_text(2, PRIORITY, words);
  submit(ether, 1, &newest);
  ether_channel_up(ether, 1, 0, 1);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  const struct fake_received *received = ether->station[2].store.received;
  assert_int_equal(ether->station[2].store.received_count, 3);
  /* Over an hour old, a PRIORITY is as good as an IMMEDIATE; over eight, a ROUTINE as a PRIORITY. */
  assert_int_equal(received[0].message.id.counter, younger.id.counter);
  assert_int_equal(received[1].message.id.counter, routine.id.counter);
  assert_int_equal(received[2].message.id.counter, newest.id.counter);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_station_stays_below_its_duty_cycle),
      cmocka_unit_test(a_flash_and_an_answer_go_out_beyond_the_duty_cycle),
      cmocka_unit_test(no_burst_is_longer_than_the_key_down_limit),
      cmocka_unit_test(with_a_clock_a_station_speaks_in_its_own_turn),
      cmocka_unit_test(a_flash_and_a_station_without_a_clock_do_not_wait_for_turns),
      cmocka_unit_test(on_a_polled_channel_a_post_waits_until_it_is_called),
      cmocka_unit_test(what_is_grave_is_not_held_back_by_polling_and_the_coordinator_speaks_freely),
      cmocka_unit_test(only_a_coordinator_calls_and_one_at_a_time),
      cmocka_unit_test(a_channel_that_is_down_calls_nobody_and_forgets_who_was_to_be_called),
      cmocka_unit_test(a_call_of_a_post_gives_nobody_the_channel),
      cmocka_unit_test(routine_is_overtaken_but_does_not_starve),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
