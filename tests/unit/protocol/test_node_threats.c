/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a stolen station, with all its keys, can and cannot do before anybody has noticed. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/link/frame.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define THIEF 2 /* the relay between 1 and 3 */

static void put_text(struct bit_writer *writer, uint32_t counter)
{
  struct message text = ether_text(3, ROUTINE, "Fo mesaj");
  struct item_head head = {ITEM_TEXT, ROUTINE, counter, 0};
  item_head_encode(&head, counter, writer);
  text_encode(&text.body.text, writer);
  bits_put_align(writer);
}

static void a_stolen_station_cannot_speak_as_another(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 1);
  struct keyring *thief = &ether->stations->keyring[THIEF];
  uint8_t buf[64];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  put_text(&writer, 1000);
  inject(ether, thief, 1, 3, 1000, &writer, 3);            /* under its own pairwise key */
  inject(ether, thief, 1, FRAME_TO_ALL, 1001, &writer, 3); /* under the hop key, which opens, but proves nothing */
  assert_int_equal(ether->station[3].shown, 0);
  inject(ether, thief, THIEF, 3, 1002, &writer, 3);
  assert_int_equal(ether->station[3].shown, 1); /* as itself it can */
  ether_free(ether);
}

static void a_stolen_station_cannot_write_in_anothers_name_through_a_relay(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 2);
  struct keyring *thief = &ether->stations->keyring[THIEF];
  struct envelope_label label = {.origin = THIEF, .dest = 3, .counter = 5000, .life = 29};
  struct bundle_head head = {.kind = BUNDLE_SEALED, .life = 29, .origin = 1, .dest = 3, .counter = 5000};
  uint8_t plain[] = {MESSAGE_TEXT << 4, 0, 0x10, 0x41}, content[BUNDLE_MAX], buf[128];
  struct bit_writer writer;
  head.len = sizeof plain + ENVELOPE_OVERHEAD;
  assert_int_equal(envelope_seal(thief, &label, plain, sizeof plain, content), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  bundle_encode(&head, content, THIEF, 1000, &writer);
  inject(ether, thief, THIEF, 3, 1000, &writer, 3);
  assert_int_equal(ether->station[3].shown, 0);
  ether_free(ether);
}

static struct keyring *listener;
static unsigned heard, read_by_thief;

static const struct replay_window *no_window(void *context, uint16_t station)
{
  static const struct replay_window none;
  (void)context, (void)station;
  return &none;
}

static int listen(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  struct frame frame;
  (void)ether, (void)to;
  if (from == listener->self || frame_is_hop(bytes, *len))
    return 1;
  heard++;
  read_by_thief += frame_open(listener, bytes, *len, no_window, NULL, &frame) == 0;
  return 1;
}

static void a_stolen_station_cannot_read_what_two_others_exchange(void **state)
{
  (void)state;
  struct ether *ether = ether_new(3, 3);
  listener = &ether->stations->keyring[THIEF];
  heard = read_by_thief = 0;
  ether->tamper = listen;
  ether_start_all(ether);
  struct message there = ether_text(3, ROUTINE, "Sekrè"), back = ether_status(1);
  assert_int_equal(ether_submit(ether, 1, &there), 0);
  assert_int_equal(ether_submit(ether, 3, &back), 0);
  ether_run_until_quiet(ether, ether->now_ms + HOUR_MS);
  assert_true(heard >= 4);
  assert_int_equal(read_by_thief, 0);
  ether_free(ether);
}

static void a_stolen_relay_cannot_read_what_it_carries(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 4);
  ether_cut_power(ether, 3);
  struct message text = ether_text(3, PRIORITY, "Sekrè");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  run_for(ether, MINUTE_MS);
  const struct held_bundle *bundle = &fake_store_bundle(&ether->station[THIEF].store, text.id, 3)->bundle;
  struct envelope_label label = {.origin = 1,
                                 .dest = 3,
                                 .counter = text.id.counter,
                                 .precedence = bundle->head.precedence,
                                 .life = bundle->head.life};
  uint8_t plain[BUNDLE_MAX];
  assert_int_equal(envelope_open(&ether->stations->keyring[THIEF], &label, bundle->content, bundle->head.len, plain),
                   -EBADMSG);
  label.dest = THIEF;
  assert_int_equal(envelope_open(&ether->stations->keyring[THIEF], &label, bundle->content, bundle->head.len, plain),
                   -EBADMSG);
  label.dest = 3;
  assert_int_equal(envelope_open(&ether->stations->keyring[3], &label, bundle->content, bundle->head.len, plain), 0);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stolen_station_cannot_speak_as_another),
      cmocka_unit_test(a_stolen_station_cannot_write_in_anothers_name_through_a_relay),
      cmocka_unit_test(a_stolen_station_cannot_read_what_two_others_exchange),
      cmocka_unit_test(a_stolen_relay_cannot_read_what_it_carries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
