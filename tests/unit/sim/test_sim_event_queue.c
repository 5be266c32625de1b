/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events come out by time, and of one instant as they went in. */
#include "sim/net/event_queue.h"
#include "tests/unit/protocol/cmocka_all.h"

static void events_come_by_time_then_as_pushed(void **state)
{
  (void)state;
  struct event_queue queue = {0};
  struct event event, last = {.at_ms = -1};
  uint32_t random = 1;
  for (uint32_t i = 0; i < 2000; i++) {
    random = random * 1664525 + 1013904223;
    assert_int_equal(event_queue_push(&queue, (struct event){.at_ms = random >> 26, .number = i}), 0);
  }
  for (int i = 0; i < 2000; i++) {
    assert_int_equal(event_queue_pop(&queue, &event), 1);
    assert_true(event.at_ms > last.at_ms || (event.at_ms == last.at_ms && event.number > last.number));
    last = event;
  }
  assert_int_equal(event_queue_pop(&queue, &event), 0);
  event_queue_wipe(&queue);
}

static void an_event_pushed_later_for_earlier_comes_first(void **state)
{
  (void)state;
  struct event_queue queue = {0};
  struct event event;
  event_queue_push(&queue, (struct event){.at_ms = 10});
  event_queue_push(&queue, (struct event){.at_ms = 20});
  event_queue_pop(&queue, &event);
  assert_int_equal(event.at_ms, 10);
  event_queue_push(&queue, (struct event){.at_ms = 15});
  event_queue_pop(&queue, &event);
  assert_int_equal(event.at_ms, 15);
  event_queue_wipe(&queue);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_come_by_time_then_as_pushed),
      cmocka_unit_test(an_event_pushed_later_for_earlier_comes_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
