/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the path of events from a modem's thread to the loop, and of the rules for sending a burst. */
#include "test_support.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "hw/modem/modem_impl.h"

/* A modem whose thread does what the test's script says before it waits for its end. */
struct fake_modem {
  struct modem base;
  void (*script)(struct modem *modem);
  atomic_bool is_done;
};

static void *run(void *context)
{
  struct fake_modem *fake = context;
  fake->script(&fake->base);
  atomic_store(&fake->is_done, true);
  struct pollfd wake = {.fd = fake->base.wake_fd, .events = POLLIN};
  while (!atomic_load(&fake->base.stop)) {
    uint64_t count;
    poll(&wake, 1, -1);
    (void)!read(fake->base.wake_fd, &count, sizeof count);
    if (atomic_load(&fake->base.burst.state) == BURST_QUEUED)
      modem_report_sent(&fake->base, fake->base.burst.mode, 7);
  }
  return NULL;
}

static void destroy(struct modem *modem)
{
  free(modem);
}

static struct modem *start(void (*script)(struct modem *modem))
{
  struct fake_modem *fake = calloc(1, sizeof *fake);
  fake->script = script;
  fake->base.mode_count = 1;
  fake->base.modes[0] =
      (struct modem_mode){.name = "FAKE", .unit_bytes = 14, .max_bytes = 70, .overhead_us = 220, .unit_us = 440};
  assert_int_equal(modem_start(&fake->base, run, destroy), 0);
  return &fake->base;
}

static void wait_script(struct modem *modem)
{
  struct fake_modem *fake = (struct fake_modem *)modem;
  for (int i = 0; i < DEADLINE_MS && !atomic_load(&fake->is_done); i++)
    poll(NULL, 0, 1);
  assert_true(atomic_load(&fake->is_done));
}

static void wait_event(struct modem *modem, struct modem_event *event)
{
  while (!modem_next_event(modem, event)) {
    struct pollfd ready = {.fd = modem_fd(modem), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, DEADLINE_MS), 1);
  }
}

static void expect(struct modem *modem, enum modem_event_type type)
{
  struct modem_event event;
  wait_event(modem, &event);
  assert_int_equal(event.type, type);
}

static void be_ready(struct modem *modem)
{
  modem_report_ready(modem, "open %d", 1);
}

static void be_silent(struct modem *modem)
{
  (void)modem;
}

static void the_ring_keeps_order_and_refuses_when_full(void **state)
{
  (void)state;
  struct event_ring *ring = malloc(sizeof *ring);
  struct modem_event event = {.type = MODEM_EVENT_SENT};
  assert_int_equal(event_ring_open(ring), 0);
  assert_int_equal(event_ring_take(ring, &event), 0);
  for (unsigned i = 0; i < EVENT_RING_LEN; i++) {
    event.keyed_us = i;
    assert_int_equal(event_ring_put(ring, &event), 0);
  }
  assert_int_equal(event_ring_put(ring, &event), -ENOBUFS);
  assert_int_equal(event_ring_room(ring), 0);
  for (unsigned i = 0; i < EVENT_RING_LEN; i++) {
    assert_int_equal(event_ring_take(ring, &event), 1);
    assert_int_equal(event.keyed_us, i);
  }
  assert_int_equal(event_ring_take(ring, &event), 0);
  struct pollfd ready = {.fd = ring->fd, .events = POLLIN};
  assert_int_equal(poll(&ready, 1, 0), 0);
  event_ring_close(ring);
  free(ring);
}

static void a_burst_is_taken_once_and_freed_by_sent(void **state)
{
  (void)state;
  struct modem *modem = start(be_ready);
  struct modem_event event;
  wait_event(modem, &event);
  assert_int_equal(event.type, MODEM_EVENT_READY);
  assert_string_equal(event.text, "open 1");
  for (int i = 0; i < 100; i++) {
    assert_int_equal(modem_send(modem, 0, (const uint8_t[]){0x08, 1}, 2), 0);
    wait_event(modem, &event);
    assert_int_equal(event.type, MODEM_EVENT_SENT);
    assert_int_equal(event.keyed_us, 7);
  }
  modem_close(modem);
}

static void bursts_that_cannot_be_sent_are_refused(void **state)
{
  (void)state;
  struct modem *modem = start(be_ready);
  uint8_t bytes[MODEM_BURST_MAX + 1] = {0};
  expect(modem, MODEM_EVENT_READY);
  assert_int_equal(modem_send(modem, 1, bytes, 1), -EINVAL);
  assert_int_equal(modem_send(modem, 0, bytes, 0), -EINVAL);
  assert_int_equal(modem_send(modem, 0, bytes, 71), -EMSGSIZE);
  assert_int_equal(modem_send(modem, 0, bytes, sizeof bytes), -EMSGSIZE);
  for (uint8_t bits = 1; bits <= MODEM_LINK_BITS; bits++)
    assert_int_equal(modem_send(modem, 0, &bits, 1), -EINVAL);
  assert_int_equal(modem_send(modem, 0, bytes, 70), 0);
  modem_close(modem);
}

static void a_modem_that_is_not_open_refuses_bursts(void **state)
{
  (void)state;
  struct modem *modem = start(be_silent);
  assert_int_equal(modem_send(modem, 0, (const uint8_t[]){0}, 1), -ENODEV);
  modem_close(modem);
  modem_close(NULL);
}

static void open_and_fail(struct modem *modem)
{
  modem_report_ready(modem, "open");
  modem_report_fault(modem, "%s", "gone");
}

static void after_a_fault_bursts_are_refused(void **state)
{
  (void)state;
  struct modem *modem = start(open_and_fail);
  expect(modem, MODEM_EVENT_READY);
  expect(modem, MODEM_EVENT_FAULT);
  assert_int_equal(modem_send(modem, 0, (const uint8_t[]){0}, 1), -ENODEV);
  modem_close(modem);
}

static void flood_then_change(struct modem *modem)
{
  for (int i = 0; i < 1000; i++)
    modem_report_frame(modem, 0, (const uint8_t[]){8}, 1, 0, 0);
  for (int i = 0; i < 101; i++)
    modem_report_carrier(modem, i % 2 == 0);
  modem_report_fault(modem, "gone");
  modem_report_fault(modem, "still gone");
  modem_report_ready(modem, "open");
}

/* The loop slept through a flood of frames and changes: it must still end up knowing how things stand. */
static void a_sleeping_loop_loses_frames_but_no_state(void **state)
{
  (void)state;
  struct modem *modem = start(flood_then_change);
  struct modem_event event;
  int frames = 0, faults = 0, is_ready = 0, is_busy = 0;
  wait_script(modem);
  while (modem_next_event(modem, &event)) {
    frames += event.type == MODEM_EVENT_FRAME;
    if (event.type == MODEM_EVENT_CARRIER)
      is_busy = event.busy;
    if (event.type == MODEM_EVENT_READY)
      is_ready = 1;
    if (event.type == MODEM_EVENT_FAULT) {
      faults++;
      is_ready = 0;
    }
  }
  assert_in_range(frames, 1, EVENT_RING_LEN);
  assert_in_range(faults, 1, 2);
  assert_true(is_ready);
  assert_true(is_busy);
  assert_int_equal(modem_send(modem, 0, (const uint8_t[]){0}, 1), 0);
  expect(modem, MODEM_EVENT_SENT);
  modem_close(modem);
}

static void sent_finds_room_in_a_ring_full_of_other_events(void **state)
{
  (void)state;
  struct modem *modem = start(flood_then_change);
  struct modem_event event;
  wait_script(modem);
  assert_int_equal(modem_send(modem, 0, (const uint8_t[]){0}, 1), 0);
  int is_sent = 0;
  do {
    wait_event(modem, &event);
    is_sent = event.type == MODEM_EVENT_SENT;
  } while (!is_sent);
  modem_close(modem);
}

/* In a loop's stead: there is no thread of a script, and the ring is full but for what FAULT and SENT keep. */
static struct modem *start_with_full_ring(void)
{
  struct modem *modem = start(be_silent);
  wait_script(modem);
  modem_report_ready(modem, "open");
  for (int i = 0; i < 2 * EVENT_RING_LEN; i++)
    modem_report_carrier(modem, i % 2 == 0);
  modem_report_fault(modem, "gone");
  assert_int_equal(event_ring_room(&modem->events), 1);
  return modem;
}

static int is_awake(const struct modem *modem)
{
  struct pollfd ready = {.fd = modem_fd(modem), .events = POLLIN};
  return poll(&ready, 1, 0);
}

/* The loop found the ring empty just after the modem had found it full. */
static void a_missed_event_wakes_the_loop(void **state)
{
  (void)state;
  struct modem *modem = start_with_full_ring();
  uint64_t count;
  assert_int_equal(read(modem_fd(modem), &count, sizeof count), sizeof count);
  assert_false(is_awake(modem));
  modem_report_fault(modem, "gone again");
  assert_true(is_awake(modem));
  modem_close(modem);
}

static void the_loop_stays_awake_until_all_that_was_missed_is_taken(void **state)
{
  (void)state;
  struct modem *modem = start_with_full_ring();
  struct modem_event event;
  modem_report_fault(modem, "gone again");
  modem_report_ready(modem, "open");
  int last = 0;
  do {
    assert_true(is_awake(modem));
    assert_int_equal(modem_next_event(modem, &event), 1);
    last = event.type == MODEM_EVENT_CARRIER && event_ring_room(&modem->events) == EVENT_RING_LEN;
  } while (!last);
  assert_int_equal(modem_next_event(modem, &event), 0);
  assert_false(is_awake(modem));
  modem_close(modem);
}

static void lost_frames_leave_the_loop_asleep(void **state)
{
  (void)state;
  struct modem *modem = start(be_silent);
  struct modem_event event;
  wait_script(modem);
  for (int i = 0; i < 2 * EVENT_RING_LEN; i++)
    modem_report_frame(modem, 0, (const uint8_t[]){8}, 1, 0, 0);
  while (modem_next_event(modem, &event))
    ;
  assert_false(is_awake(modem));
  modem_close(modem);
}

/* The loop is slow: it had made room for READY, but not yet learnt of the FAULT before. */
static void a_missed_fault_does_not_hide_that_the_device_is_back(void **state)
{
  (void)state;
  struct modem *modem = start_with_full_ring();
  struct modem_event event;
  modem_report_fault(modem, "gone again");
  for (int i = 0; i < 10; i++)
    assert_int_equal(modem_next_event(modem, &event), 1);
  modem_report_ready(modem, "open again");
  int is_ready = 0;
  while (modem_next_event(modem, &event))
    if (event.type == MODEM_EVENT_READY || event.type == MODEM_EVENT_FAULT)
      is_ready = event.type == MODEM_EVENT_READY;
  assert_true(is_ready);
  modem_close(modem);
}

static void airtime_counts_whole_modem_frames(void **state)
{
  (void)state;
  struct modem *modem = start(be_silent);
  const struct modem_mode *modes;
  assert_int_equal(modem_modes(modem, &modes), 1);
  assert_int_equal(modem_mode_units(modes, 1), 1);
  assert_int_equal(modem_mode_units(modes, 14), 1);
  assert_int_equal(modem_mode_units(modes, 15), 2);
  assert_int_equal(modem_mode_airtime_us(modes, 15), 220 + 2 * 440);
  modem_close(modem);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_ring_keeps_order_and_refuses_when_full),
      cmocka_unit_test(a_burst_is_taken_once_and_freed_by_sent),
      cmocka_unit_test(bursts_that_cannot_be_sent_are_refused),
      cmocka_unit_test(a_modem_that_is_not_open_refuses_bursts),
      cmocka_unit_test(after_a_fault_bursts_are_refused),
      cmocka_unit_test(a_sleeping_loop_loses_frames_but_no_state),
      cmocka_unit_test(sent_finds_room_in_a_ring_full_of_other_events),
      cmocka_unit_test(a_missed_event_wakes_the_loop),
      cmocka_unit_test(the_loop_stays_awake_until_all_that_was_missed_is_taken),
      cmocka_unit_test(lost_frames_leave_the_loop_asleep),
      cmocka_unit_test(a_missed_fault_does_not_hide_that_the_device_is_back),
      cmocka_unit_test(airtime_counts_whole_modem_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
