/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of alerts for all: what is believed of them, and how they end. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/proof.h"
#include "protocol/link/frame.h"
#include "protocol/wire/item.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define COUNTER 5000 /* of what is forged: above all that the stations have used */

static struct message following(unsigned type, struct message_id earlier)
{
  struct message message = alert_for_all(IMMEDIATE, type == ALERT_CANCEL ? "Fini" : "Chanje");
  message.body.alert.code[ALERT_LIST_MSG_TYPE] = (uint8_t)type;
  message.body.alert.ref_station = earlier.origin;
  message.body.alert.ref_counter = (uint16_t)earlier.counter;
  return message;
}

static int is_held(struct ether *ether, uint16_t station, struct message_id id)
{
  const struct fake_bundle *bundle = fake_store_bundle(&ether->station[station].store, id, STATION_ALL);
  return bundle && bundle->is_held;
}

static void submit(struct ether *ether, uint16_t from, struct message *message)
{
  assert_int_equal(ether_submit(ether, from, message), 0);
}

static void a_cancellation_ends_an_alert_at_every_station(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(4, 1);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  run_for(ether, 5 * MINUTE_MS);
  for (uint16_t i = 1; i <= 4; i++)
    assert_true(is_held(ether, i, alert.id));
  struct message cancel = following(ALERT_CANCEL, alert.id);
  submit(ether, 1, &cancel);
  run_for(ether, 5 * MINUTE_MS);
  for (uint16_t i = 1; i <= 4; i++) {
    assert_false(is_held(ether, i, alert.id));
    assert_true(is_held(ether, i, cancel.id));
  }
  ether_free(ether);
}

static void a_dark_post_gets_the_update_and_never_what_it_replaced(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 2);
  ether_cut_power(ether, 3);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  run_for(ether, 5 * MINUTE_MS);
  struct message update = following(ALERT_UPDATE, alert.id);
  submit(ether, 1, &update);
  assert_int_equal(state_of(ether, 1, alert.id, 3), DELIVERY_CANCELLED);
  run_for(ether, HOUR_MS);
  ether_start(ether, 3);
  run_for(ether, 12 * HOUR_MS);
  assert_non_null(received_by(ether, 3, update.id));
  assert_null(received_by(ether, 3, alert.id));
  assert_int_equal(state_of(ether, 1, update.id, 3), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void what_was_cancelled_stays_so_after_restarts(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 3);
  ether_cut_power(ether, 3);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  run_for(ether, 5 * MINUTE_MS);
  ether->station[1].store.fail_delivery = -EIO; /* the end of the deliveries is not noted */
  struct message cancel = following(ALERT_CANCEL, alert.id);
  submit(ether, 1, &cancel);
  ether->station[1].store.fail_delivery = 0;
  assert_false(fake_delivery_has_ended(fake_store_delivery(&ether->station[1].store, alert.id, 3)));
  run_for(ether, 5 * MINUTE_MS);
  for (uint16_t i = 1; i <= 2; i++) {
    ether_cut_power(ether, i);
    ether_start(ether, i);
  }
  assert_int_equal(state_of(ether, 1, alert.id, 3), DELIVERY_CANCELLED);
  ether_start(ether, 3);
  run_for(ether, 12 * HOUR_MS);
  assert_non_null(received_by(ether, 3, cancel.id));
  assert_null(received_by(ether, 3, alert.id));
  ether_free(ether);
}

static void a_cancelled_alert_that_comes_to_one_alone_is_not_shown(void **state)
{
  (void)state;
  struct ether *ether = line_new(2, 15);
  ether_start(ether, 1);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  struct message cancel = following(ALERT_CANCEL, alert.id);
  submit(ether, 1, &cancel);
  ether_start(ether, 2);
  run_for(ether, HOUR_MS);
  assert_non_null(received_by(ether, 2, cancel.id));
  uint8_t buf[64];
  struct bit_writer writer;
  struct item_head head = {ITEM_ALERT, IMMEDIATE, alert.id.counter, 0};
  bits_writer_init(&writer, buf, sizeof buf);
  item_head_encode(&head, 1000, &writer);
  alert_encode(&alert.body.alert, &writer);
  bits_put_align(&writer);
  inject(ether, &ether->stations->keyring[1], 1, 2, 1000, &writer, 2);
  assert_null(received_by(ether, 2, alert.id));
  ether_free(ether);
}

/* Station 3 has the alert and then hears nobody; it must not bring it back to those who know that it is over. */
static void an_old_copy_does_not_spread_again(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 4);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  run_for(ether, 5 * MINUTE_MS);
  line_connect(ether, 2, 3, 0);
  struct message cancel = following(ALERT_CANCEL, alert.id);
  submit(ether, 1, &cancel);
  run_for(ether, HOUR_MS);
  assert_true(is_held(ether, 3, alert.id));
  uint64_t shown = ether->station[2].shown;
  line_connect(ether, 2, 3, 1);
  run_for(ether, 6 * HOUR_MS);
  assert_false(is_held(ether, 2, alert.id));
  assert_false(is_held(ether, 3, alert.id));
  assert_true(is_held(ether, 3, cancel.id));
  assert_int_equal(ether->station[2].shown, shown);
  ether_free(ether);
}

static void a_post_cannot_cancel_a_coordinators_alert_but_its_own(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 5);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn"), own = alert_for_all(PRIORITY, "Wout bloke");
  submit(ether, 1, &alert);
  submit(ether, 2, &own);
  run_for(ether, 5 * MINUTE_MS);
  struct message theirs = following(ALERT_CANCEL, alert.id), ours = following(ALERT_CANCEL, own.id);
  submit(ether, 2, &theirs);
  submit(ether, 2, &ours);
  run_for(ether, 5 * MINUTE_MS);
  for (uint16_t i = 1; i <= 3; i++) {
    assert_true(is_held(ether, i, alert.id));
    assert_false(is_held(ether, i, own.id));
  }
  ether_free(ether);
}

struct forgery {
  struct bundle_head head;
  size_t body_len;
  uint8_t content[BUNDLE_MAX];
};

/* An alert in the name of origin, signed by signer. */
static struct forgery forge(struct ether *ether, uint16_t origin, uint16_t signer, unsigned precedence,
                            const char *text)
{
  struct message alert = alert_for_all(precedence, text);
  struct forgery out = {.head = {.kind = BUNDLE_ALERT,
                                 .precedence = (uint8_t)precedence,
                                 .has_proof = 1,
                                 .origin = origin,
                                 .dest = STATION_ALL,
                                 .counter = COUNTER}};
  struct keyring *keyring = &ether->stations->keyring[signer];
  struct proof_label label = {PROOF_ALERT, origin, COUNTER, (uint8_t)precedence};
  struct bit_writer writer;
  bits_writer_init(&writer, out.content, sizeof out.content);
  bits_put(&writer, MESSAGE_ALERT, 4);
  alert_encode(&alert.body.alert, &writer);
  bits_put_align(&writer);
  out.body_len = bits_put_len(&writer);
  keyring->self = origin;
  proof_make(keyring, &label, out.content, out.body_len, out.content + out.body_len);
  keyring->self = signer;
  out.head.len = (uint16_t)(out.body_len + PROOF_LEN);
  return out;
}

static void leave_out_proof(struct forgery *forgery)
{
  forgery->head.has_proof = 0;
  forgery->head.len = (uint16_t)forgery->body_len;
}

static void pass_on(struct ether *ether, uint16_t relay, uint32_t counter, const struct forgery *forgery, uint16_t to)
{
  inject_bundle(ether, &ether->stations->keyring[relay], relay, counter, &forgery->head, forgery->content, to);
}

static void a_forged_alert_is_shown_as_not_proven_and_never_becomes_proven(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(4, 6);
  struct forgery forgery = forge(ether, 1, 3, FLASH, "Tout moun sove"), bare = forgery;
  struct message_id id = {1, COUNTER};
  leave_out_proof(&bare);
  pass_on(ether, 3, 1000, &bare, 4);
  assert_int_equal(received_by(ether, 4, id)->message.is_unproven, 1);
  pass_on(ether, 3, 1001, &forgery, 4);
  uint8_t buf[128];
  struct bit_writer writer;
  struct proof_item proof = {.origin = 1, .counter = COUNTER};
  memcpy(proof.proof, forgery.content + forgery.body_len, PROOF_LEN);
  bits_writer_init(&writer, buf, sizeof buf);
  proof_item_encode(&proof, 3, 1002, &writer);
  inject(ether, &ether->stations->keyring[3], 3, FRAME_TO_ALL, 1002, &writer, 4);
  run_for(ether, HOUR_MS);
  assert_int_equal(received_by(ether, 4, id)->message.is_unproven, 1);
  assert_int_equal(ether->station[4].proven, 0);
  ether_free(ether);
}

static void a_proof_that_follows_proves_an_alert(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 7);
  struct forgery genuine = forge(ether, 1, 1, FLASH, "Tranblemanntè"), bare = genuine;
  struct message_id id = {1, COUNTER};
  leave_out_proof(&bare);
  pass_on(ether, 2, 1000, &bare, 3);
  uint8_t buf[128];
  struct bit_writer writer;
  struct proof_item proof = {.origin = 1, .counter = COUNTER};
  memcpy(proof.proof, genuine.content + genuine.body_len, PROOF_LEN);
  bits_writer_init(&writer, buf, sizeof buf);
  proof_item_encode(&proof, 2, 1001, &writer);
  inject(ether, &ether->stations->keyring[2], 2, FRAME_TO_ALL, 1001, &writer, 3);
  assert_int_equal(received_by(ether, 3, id)->message.is_unproven, 0);
  assert_int_equal(ether->station[3].proven, 1);
  ether_free(ether);
}

static void an_alert_with_a_wrong_proof_is_refused(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 8);
  struct forgery forgery = forge(ether, 1, 2, IMMEDIATE, "Fo");
  pass_on(ether, 2, 1000, &forgery, 3);
  assert_null(received_by(ether, 3, (struct message_id){1, COUNTER}));
  assert_non_null(strstr(ether->station[3].warning, "signature"));
  ether_free(ether);
}

/* The number of a coordinator's next alert can be guessed: whoever is first with a forged one must not win. */
static void a_forged_alert_gives_way_to_the_true_one_of_its_number(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 9);
  struct forgery bare = forge(ether, 1, 2, IMMEDIATE, "Fo"), genuine = forge(ether, 1, 1, IMMEDIATE, "Vre");
  struct message_id id = {1, COUNTER};
  leave_out_proof(&bare);
  pass_on(ether, 2, 1000, &bare, 3);
  assert_int_equal(received_by(ether, 3, id)->message.is_unproven, 1);
  pass_on(ether, 2, 1001, &genuine, 3);
  struct fake_received *got = received_by(ether, 3, id);
  assert_int_equal(got->message.is_unproven, 0);
  assert_memory_equal(got->message.body.alert.text.bytes, "Vre", 3);
  assert_int_equal(ether->station[3].proven, 1);
  ether_free(ether);
}

static void a_forged_alert_that_is_over_does_not_keep_the_true_one_out(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 10);
  struct forgery bare = forge(ether, 1, 2, IMMEDIATE, "Fo"), genuine = forge(ether, 1, 1, IMMEDIATE, "Vre");
  struct message_id id = {1, COUNTER};
  leave_out_proof(&bare);
  bare.head.age_min = ITEM_AGE_OLDEST;
  pass_on(ether, 2, 1000, &bare, 3);
  assert_null(received_by(ether, 3, id));
  pass_on(ether, 2, 1001, &genuine, 3);
  assert_memory_equal(received_by(ether, 3, id)->message.body.alert.text.bytes, "Vre", 3);
  ether_free(ether);
}

static void forged_alerts_leave_room_for_true_ones(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 11);
  struct forgery bare = forge(ether, 1, 2, FLASH, "Fo");
  leave_out_proof(&bare);
  for (uint32_t i = 0; i < 200; i++) {
    bare.head.counter = COUNTER + i;
    pass_on(ether, 2, 1000 + i, &bare, 3);
  }
  struct forgery genuine = forge(ether, 1, 1, ROUTINE, "Vre");
  pass_on(ether, 2, 2000, &genuine, 3);
  struct message_id id = {1, COUNTER}; /* that of the first forged one, which is no longer held */
  assert_true(is_held(ether, 3, id));
  assert_int_equal(received_by(ether, 3, id)->message.is_unproven, 0);
  assert_memory_equal(received_by(ether, 3, id)->message.body.alert.text.bytes, "Vre", 3);
  ether_free(ether);
}

static void a_relay_cannot_change_the_precedence_of_an_alert(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 12);
  struct forgery genuine = forge(ether, 1, 1, ROUTINE, "Vre");
  genuine.head.precedence = FLASH;
  pass_on(ether, 2, 1000, &genuine, 3);
  assert_null(received_by(ether, 3, (struct message_id){1, COUNTER}));
  ether_free(ether);
}

static void a_flash_to_all_is_a_coordinators_alone(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 13);
  struct message flash = alert_for_all(FLASH, "Ale!");
  assert_int_equal(ether_submit(ether, 2, &flash), -EPERM);
  struct forgery signed_by_a_post = forge(ether, 2, 2, FLASH, "Ale!");
  pass_on(ether, 2, 1000, &signed_by_a_post, 3);
  assert_null(received_by(ether, 3, (struct message_id){2, COUNTER}));
  struct message alone = alert_for_all(FLASH, "Ede m");
  alone.dest = 1;
  submit(ether, 3, &alone);
  run_for(ether, 5 * MINUTE_MS);
  assert_non_null(received_by(ether, 1, alone.id));
  ether_free(ether);
}

/* Stations 3 and 4 hear nothing for all from 2, only what is for themselves. */
static int lose_floods(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len)
{
  (void)ether;
  return !(from == 2 && to > 2 && frame_is_hop(bytes, *len));
}

static void what_a_flood_did_not_bring_comes_sealed_to_each_by_the_same_relay(void **state)
{
  (void)state;
  struct ether *ether = line_new(4, 14);
  line_connect(ether, 3, 4, 0);
  line_connect(ether, 2, 4, 1);
  ether_start_all(ether);
  run_for(ether, HOUR_MS / 4);
  ether->tamper = lose_floods;
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  submit(ether, 1, &alert);
  run_for(ether, HOUR_MS);
  for (uint16_t i = 2; i <= 4; i++) {
    assert_non_null(received_by(ether, i, alert.id));
    assert_int_equal(state_of(ether, 1, alert.id, i), DELIVERY_DELIVERED);
  }
  assert_true(is_held(ether, 2, alert.id)); /* and the relay still has its own copy for all */
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_cancellation_ends_an_alert_at_every_station),
      cmocka_unit_test(a_dark_post_gets_the_update_and_never_what_it_replaced),
      cmocka_unit_test(what_was_cancelled_stays_so_after_restarts),
      cmocka_unit_test(a_cancelled_alert_that_comes_to_one_alone_is_not_shown),
      cmocka_unit_test(an_old_copy_does_not_spread_again),
      cmocka_unit_test(a_post_cannot_cancel_a_coordinators_alert_but_its_own),
      cmocka_unit_test(a_forged_alert_is_shown_as_not_proven_and_never_becomes_proven),
      cmocka_unit_test(a_proof_that_follows_proves_an_alert),
      cmocka_unit_test(an_alert_with_a_wrong_proof_is_refused),
      cmocka_unit_test(a_forged_alert_gives_way_to_the_true_one_of_its_number),
      cmocka_unit_test(a_forged_alert_that_is_over_does_not_keep_the_true_one_out),
      cmocka_unit_test(forged_alerts_leave_room_for_true_ones),
      cmocka_unit_test(a_relay_cannot_change_the_precedence_of_an_alert),
      cmocka_unit_test(a_flash_to_all_is_a_coordinators_alone),
      cmocka_unit_test(what_a_flood_did_not_bring_comes_sealed_to_each_by_the_same_relay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
