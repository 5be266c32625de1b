/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the authority's orders and of new hop keys on their way through relays. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/crypto/proof.h"
#include "protocol/link/frame.h"
#include "protocol/wire/beacon.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/authority.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define THIEF 4
#define COUNTER 60000 /* of a thief: above what the station had counted */
#define ORDER_LIFE 53

/* A line whose stations have directories of their own; the last one is in the hands of a thief, who keeps its keys.
 */
static struct ether *new_network(uint64_t seed, struct keyring *thief)
{
  struct ether *ether = line_new(THIEF, seed);
  assert_int_equal(keyring_init(thief, &ether->stations->secrets[THIEF], &ether->stations->directory), 0);
  authority_separate_stations(ether);
  ether_start_all(ether);
  run_for(ether, HOUR_MS / 4);
  return ether;
}

static void free_network(struct ether *ether, struct keyring *thief)
{
  keyring_wipe(thief);
  ether_free(ether);
}

static uint32_t version_of(const struct ether *ether, uint16_t station)
{
  return ether->station[station].store.directory->version;
}

static uint32_t epoch_of(const struct ether *ether, uint16_t station)
{
  return ether->stations->keyring[station].hop[KEYRING_CURRENT].epoch;
}

static void put_text(struct bit_writer *writer, uint32_t counter)
{
  struct message text = ether_text(3, ROUTINE, "Fo mesaj");
  struct item_head head = {ITEM_TEXT, ROUTINE, counter, 0};
  item_head_encode(&head, counter, writer);
  text_encode(&text.body.text, writer);
  bits_put_align(writer);
}

static void speak_as_thief_to_one(struct ether *ether, struct keyring *thief)
{
  uint8_t buf[64];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  put_text(&writer, COUNTER);
  inject(ether, thief, THIEF, 3, COUNTER, &writer, 3);
}

static void speak_as_thief_to_all(struct ether *ether, struct keyring *thief)
{
  uint8_t buf[64];
  struct bit_writer writer;
  struct beacon beacon = {.started = 1};
  bits_writer_init(&writer, buf, sizeof buf);
  beacon_encode(&beacon, &writer);
  bits_put_align(&writer);
  inject(ether, thief, THIEF, FRAME_TO_ALL, COUNTER + 1, &writer, 3);
}

/* A thief's message that an honest station passes on. */
static void speak_through_a_relay(struct ether *ether, struct keyring *thief)
{
  struct bundle_head head = {.kind = BUNDLE_SEALED, .life = 29, .origin = THIEF, .dest = 3, .counter = COUNTER + 2};
  struct envelope_label label = {.origin = THIEF, .dest = 3, .counter = head.counter, .life = head.life};
  struct message text = ether_text(3, ROUTINE, "Fo mesaj");
  uint8_t plain[64], content[BUNDLE_MAX], buf[128];
  struct bit_writer writer;
  bits_writer_init(&writer, plain, sizeof plain);
  bits_put(&writer, MESSAGE_TEXT, 4);
  text_encode(&text.body.text, &writer);
  bits_put_align(&writer);
  head.len = (uint16_t)(bits_put_len(&writer) + ENVELOPE_OVERHEAD);
  assert_int_equal(envelope_seal(thief, &label, plain, bits_put_len(&writer), content), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  bundle_encode(&head, content, 2, COUNTER, &writer);
  inject(ether, &ether->stations->keyring[2], 2, 3, COUNTER, &writer, 3);
}

static void raise_alert_through_a_relay(struct ether *ether, const struct keyring *thief)
{
  struct message alert = alert_for_all(IMMEDIATE, "Fo alèt");
  struct bundle_head head = {.kind = BUNDLE_ALERT,
                             .precedence = IMMEDIATE,
                             .has_proof = 1,
                             .origin = THIEF,
                             .dest = STATION_ALL,
                             .counter = COUNTER + 3};
  struct proof_label label = {PROOF_ALERT, THIEF, head.counter, head.precedence};
  uint8_t content[BUNDLE_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, content, sizeof content);
  bits_put(&writer, MESSAGE_ALERT, 4);
  alert_encode(&alert.body.alert, &writer);
  bits_put_align(&writer);
  size_t len = bits_put_len(&writer);
  proof_make(thief, &label, content, len, content + len);
  head.len = (uint16_t)(len + PROOF_LEN);
  inject_bundle(ether, &ether->stations->keyring[2], 2, COUNTER + 1, &head, content, 3);
}

static void say_all_that_a_thief_can(struct ether *ether, struct keyring *thief)
{
  speak_as_thief_to_one(ether, thief);
  speak_as_thief_to_all(ether, thief);
  speak_through_a_relay(ether, thief);
  raise_alert_through_a_relay(ether, thief);
}

static void what_a_thief_says_is_believed_until_its_station_is_revoked(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(1, &thief);
  uint64_t opened = node_stats(ether->station[3].node)->frames_opened;
  say_all_that_a_thief_can(ether, &thief);
  assert_int_equal(node_stats(ether->station[3].node)->frames_opened, opened + 4);
  assert_int_equal(ether->station[3].shown, 3);
  free_network(ether, &thief);
}

static void a_revocation_reaches_a_station_behind_a_relay_and_ends_all_belief(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(2, &thief);
  struct order order = authority_revoke(2, THIEF);
  authority_send(ether, 1, &order);
  run_for(ether, 5 * MINUTE_MS);
  assert_int_equal(version_of(ether, 3), 2);
  assert_int_equal(ether->station[3].orders, 1);
  uint64_t opened = node_stats(ether->station[3].node)->frames_opened;
  say_all_that_a_thief_can(ether, &thief);
  assert_int_equal(node_stats(ether->station[3].node)->frames_opened, opened + 2); /* the relay's */
  assert_int_equal(ether->station[3].shown, 0);
  free_network(ether, &thief);
}

static void what_waits_for_a_revoked_station_ends_and_what_it_raised_is_not_passed_on(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(3, &thief);
  struct message text = ether_text(THIEF, ROUTINE, "Bonjou");
  raise_alert_through_a_relay(ether, &thief);
  ether_cut_power(ether, THIEF);
  assert_int_equal(ether_submit(ether, 3, &text), 0);
  run_for(ether, MINUTE_MS);
  assert_int_equal(ether->station[3].shown, 1);
  struct order order = authority_revoke(2, THIEF);
  authority_send(ether, 3, &order);
  assert_int_equal(state_of(ether, 3, text.id, THIEF), DELIVERY_CANCELLED);
  struct message_id alert = {THIEF, COUNTER + 3};
  assert_false(fake_store_bundle(&ether->station[3].store, alert, STATION_ALL)->is_held);
  uint64_t bursts = ether->bursts;
  run_for(ether, MINUTE_MS);
  assert_in_range(ether->bursts - bursts, 1, 10); /* the order goes out, and little else */
  free_network(ether, &thief);
}

static void put_order(const struct order *order, uint16_t origin, uint32_t counter, struct bundle_head *head,
                      uint8_t content[BUNDLE_MAX])
{
  *head = (struct bundle_head){.kind = BUNDLE_ORDER,
                               .precedence = IMMEDIATE,
                               .life = ORDER_LIFE,
                               .origin = origin,
                               .dest = STATION_ALL,
                               .counter = counter,
                               .len = (uint16_t)authority_sign(order, content)};
}

static void a_station_that_passes_on_its_own_revocation_is_no_neighbour_any_more(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(4, &thief);
  struct order order = authority_revoke(2, THIEF);
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
  ether_cut_power(ether, 2); /* the only way left leads over the thief */
  put_order(&order, 1, 900, &head, content);
  inject_bundle(ether, &thief, THIEF, COUNTER, &head, content, 3);
  assert_int_equal(version_of(ether, 3), 2);
  struct message text = ether_text(1, ROUTINE, "Ki moun ki la?");
  assert_int_equal(ether_submit(ether, 3, &text), 0);
  run_for(ether, HOUR_MS);
  struct route_info route;
  for (size_t at = 0; node_walk_routes(ether->station[3].node, ether->now_ms, &at, &route);) {
    assert_int_not_equal(route.dest, THIEF);
    assert_int_not_equal(route.next_hop, THIEF);
  }
  free_network(ether, &thief);
}

static void orders_that_come_in_the_wrong_order_are_carried_out_in_the_right_one(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(5, &thief);
  struct epoch_key key = authority_key(2);
  struct order orders[] = {authority_revoke(2, THIEF), authority_begin_epoch(3, &key, 60),
                           authority_begin_epoch(4, &key, 60)};
  for (uint32_t i = 3; i-- > 0;) {
    struct bundle_head head;
    uint8_t content[BUNDLE_MAX];
    put_order(&orders[i], 1, 900 + i, &head, content);
    assert_int_equal(version_of(ether, 2), 1);
    inject_bundle(ether, &ether->stations->keyring[3], 3, COUNTER - i, &head, content, 2);
  }
  assert_int_equal(version_of(ether, 2), 4);
  assert_int_equal(ether->station[2].orders, 3);
  free_network(ether, &thief);
}

static void a_forged_order_does_nothing(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(6, &thief);
  struct order order = authority_revoke(2, 1);
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
  put_order(&order, 1, 900, &head, content);
  content[6] ^= 2; /* the number of the station to revoke */
  inject_bundle(ether, &thief, THIEF, COUNTER, &head, content, 3);
  assert_int_equal(version_of(ether, 3), 1);
  assert_null(fake_store_bundle(&ether->station[3].store, (struct message_id){1, 900}, STATION_ALL));
  assert_non_null(strstr(ether->station[3].warning, "not the authority's"));
  content[6] ^= 2;
  inject_bundle(ether, &thief, THIEF, COUNTER + 1, &head, content, 3);
  assert_int_equal(version_of(ether, 3), 2);
  free_network(ether, &thief);
}

/* The age and the lifetime on air are nobody's word: a thief shall not stop its own revocation with them. */
static void an_order_is_carried_out_however_old_its_bearer_says_it_is(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(7, &thief);
  struct order order = authority_revoke(2, THIEF);
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
  put_order(&order, 1, 900, &head, content);
  head.age_min = ITEM_AGE_OLDEST;
  inject_bundle(ether, &thief, THIEF, COUNTER, &head, content, 3);
  head.age_min = 0;
  head.life = 0;
  inject_bundle(ether, &thief, THIEF, COUNTER + 1, &head, content, 2);
  head.life = ORDER_LIFE;
  inject_bundle(ether, &ether->stations->keyring[1], 1, COUNTER, &head, content, 2);
  assert_int_equal(version_of(ether, 2), 2);
  assert_int_equal(version_of(ether, 3), 2);
  free_network(ether, &thief);
}

static void an_old_order_told_again_under_new_numbers_is_kept_once(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(8, &thief);
  struct epoch_key key = authority_key(2);
  struct order order = authority_begin_epoch(2, &key, 60);
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
  for (uint32_t i = 0; i < 10; i++) {
    put_order(&order, THIEF, 900 + i, &head, content);
    inject_bundle(ether, &thief, THIEF, COUNTER + i, &head, content, 3);
  }
  unsigned held = 0;
  for (size_t i = 0; i < ether->station[3].store.bundle_count; i++)
    held += ether->station[3].store.bundle[i].is_held;
  assert_int_equal(held, 1);
  free_network(ether, &thief);
}

static void an_order_that_the_store_did_not_take_is_carried_out_after_a_restart(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(9, &thief);
  struct order order = authority_revoke(2, THIEF);
  ether->station[3].store.fail_order = -EIO;
  authority_send(ether, 1, &order);
  run_for(ether, 5 * MINUTE_MS);
  assert_int_equal(version_of(ether, 3), 1);
  assert_true(ether->station[3].warnings > 0);
  ether_cut_power(ether, 3);
  ether->station[3].store.fail_order = 0;
  ether_start(ether, 3);
  assert_int_equal(version_of(ether, 3), 2);
  free_network(ether, &thief);
}

/* A revocation, then a new epoch after ten minutes whose key goes to all others. */
static struct epoch_key change_epoch(struct ether *ether)
{
  struct epoch_key key = authority_key(2);
  struct order revoke = authority_revoke(2, THIEF), begin = authority_begin_epoch(3, &key, 10);
  ether->station[1].store.own_key = key;
  authority_send(ether, 1, &revoke);
  authority_send(ether, 1, &begin);
  authority_send_key(ether, 1, 2, &key);
  authority_send_key(ether, 1, 3, &key);
  return key;
}

static uint64_t opened_by_thief, heard_by_thief;
static struct keyring *listening_thief;

static const struct replay_window *no_window(void *context, uint16_t station)
{
  static const struct replay_window none;
  (void)context, (void)station;
  return &none;
}

static int listen(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  struct frame frame;
  (void)ether, (void)from, (void)to;
  if (!frame_is_hop(bytes, *len))
    return 1;
  heard_by_thief++;
  opened_by_thief += frame_open(listening_thief, bytes, *len, no_window, NULL, &frame) == 0;
  return 1;
}

static void all_change_to_a_new_epoch_and_a_revoked_station_reads_no_flood_any_more(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(10, &thief);
  change_epoch(ether);
  ether->tamper = listen;
  listening_thief = &thief;
  heard_by_thief = opened_by_thief = 0;
  run_for(ether, 5 * MINUTE_MS);
  assert_true(opened_by_thief > 0); /* the orders went under the old key */
  run_for(ether, 6 * MINUTE_MS);
  for (uint16_t i = 1; i <= 3; i++)
    assert_int_equal(epoch_of(ether, i), 2);
  heard_by_thief = opened_by_thief = 0;
  struct message alert = alert_for_all(IMMEDIATE, "Nouvo kle");
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  run_for(ether, 10 * MINUTE_MS);
  assert_non_null(received_by(ether, 3, alert.id));
  assert_true(heard_by_thief > 0);
  assert_int_equal(opened_by_thief, 0);
  free_network(ether, &thief);
}

static void a_key_waits_for_the_order_that_promises_it(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(11, &thief);
  struct epoch_key key = authority_key(2);
  struct order begin = authority_begin_epoch(2, &key, 10);
  struct message_id id = authority_send_key(ether, 1, 2, &key);
  run_for(ether, 5 * MINUTE_MS);
  assert_false(ether->stations->keyring[2].hop[KEYRING_NEXT].is_set);
  assert_int_not_equal(state_of(ether, 1, id, 2), DELIVERY_DELIVERED);
  authority_send(ether, 1, &begin);
  run_for(ether, 5 * MINUTE_MS);
  assert_int_equal(ether->stations->keyring[2].hop[KEYRING_NEXT].epoch, 2);
  assert_int_equal(state_of(ether, 1, id, 2), DELIVERY_DELIVERED);
  assert_int_equal(epoch_of(ether, 2), 1);
  run_for(ether, 6 * MINUTE_MS);
  assert_int_equal(epoch_of(ether, 2), 2);
  free_network(ether, &thief);
}

static void a_key_that_the_order_did_not_promise_is_refused_from_anybody(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(12, &thief);
  struct epoch_key key = authority_key(2), other = authority_key(2);
  struct order begin = authority_begin_epoch(2, &key, 0);
  other.secret[31] ^= 1;
  authority_send(ether, 1, &begin);
  run_for(ether, 5 * MINUTE_MS);
  struct message_id id = authority_send_key(ether, 1, 2, &other), far = authority_send_key(ether, 1, 3, &other);
  struct message_id old = authority_send_key(ether, 3, 2, &(struct epoch_key){.epoch = 1});
  run_for(ether, 5 * MINUTE_MS);
  assert_int_equal(state_of(ether, 1, id, 2), DELIVERY_REFUSED);
  assert_int_not_equal(state_of(ether, 1, far, 3), DELIVERY_QUEUED);
  assert_int_equal(state_of(ether, 3, old, 2), DELIVERY_DELIVERED); /* nothing to do */
  for (uint16_t i = 2; i <= 3; i++) {
    assert_false(ether->stations->keyring[i].hop[KEYRING_NEXT].is_set);
    assert_int_equal(epoch_of(ether, i), 1);
  }
  free_network(ether, &thief);
}

static void an_epoch_begins_on_time_after_a_restart_too(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(13, &thief);
  change_epoch(ether);
  run_for(ether, 5 * MINUTE_MS);
  for (uint16_t i = 1; i <= 3; i++)
    ether_cut_power(ether, i);
  ether_start_all(ether);
  assert_int_equal(epoch_of(ether, 3), 1);
  run_for(ether, 6 * MINUTE_MS);
  for (uint16_t i = 1; i <= 3; i++)
    assert_int_equal(epoch_of(ether, i), 2);
  free_network(ether, &thief);
}

static void a_post_that_was_dark_while_the_epoch_changed_comes_after(void **state)
{
  (void)state;
  struct keyring thief;
  struct ether *ether = new_network(14, &thief);
  ether_cut_power(ether, 3);
  change_epoch(ether);
  run_for(ether, 72 * HOUR_MS);
  assert_int_equal(epoch_of(ether, 2), 2);
  ether_start(ether, 3);
  run_for(ether, 2 * HOUR_MS);
  assert_int_equal(epoch_of(ether, 3), 2);
  assert_int_equal(version_of(ether, 3), 3);
  free_network(ether, &thief);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_thief_says_is_believed_until_its_station_is_revoked),
      cmocka_unit_test(a_revocation_reaches_a_station_behind_a_relay_and_ends_all_belief),
      cmocka_unit_test(what_waits_for_a_revoked_station_ends_and_what_it_raised_is_not_passed_on),
      cmocka_unit_test(a_station_that_passes_on_its_own_revocation_is_no_neighbour_any_more),
      cmocka_unit_test(orders_that_come_in_the_wrong_order_are_carried_out_in_the_right_one),
      cmocka_unit_test(a_forged_order_does_nothing),
      cmocka_unit_test(an_order_is_carried_out_however_old_its_bearer_says_it_is),
      cmocka_unit_test(an_old_order_told_again_under_new_numbers_is_kept_once),
      cmocka_unit_test(an_order_that_the_store_did_not_take_is_carried_out_after_a_restart),
      cmocka_unit_test(all_change_to_a_new_epoch_and_a_revoked_station_reads_no_flood_any_more),
      cmocka_unit_test(a_key_waits_for_the_order_that_promises_it),
      cmocka_unit_test(a_key_that_the_order_did_not_promise_is_refused_from_anybody),
      cmocka_unit_test(an_epoch_begins_on_time_after_a_restart_too),
      cmocka_unit_test(a_post_that_was_dark_while_the_epoch_changed_comes_after),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
