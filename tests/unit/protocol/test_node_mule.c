/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of vehicles that carry messages between posts which never hear each other, and of custody that ends unserved.
 */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/lines.h"

#define VEHICLE 3

static void make_mobile(uint16_t number, struct node_config *config)
{
  config->is_mobile = number == VEHICLE;
}

/* Two posts and a vehicle, all out of reach of each other. */
static struct ether *new_country(uint64_t seed)
{
  struct ether *ether = line_new(3, seed);
  ether->configure = make_mobile;
  line_connect(ether, 2, VEHICLE, 0);
  line_connect(ether, 1, 2, 0);
  ether_start_all(ether);
  run_for(ether, HOUR_MS);
  return ether;
}

static void visit(struct ether *ether, uint16_t post)
{
  line_connect(ether, post, VEHICLE, 1);
  run_for(ether, HOUR_MS);
  line_connect(ether, post, VEHICLE, 0);
  run_for(ether, 3 * HOUR_MS);
}

static void a_vehicle_carries_a_message_there_and_its_receipt_back(void **state)
{
  (void)state;
  struct ether *ether = new_country(1);
  struct message text = ether_text(2, ROUTINE, "Voye fèy yo");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  visit(ether, 1);
  assert_int_equal(state_of(ether, 1, text.id, 2), DELIVERY_CUSTODY);
  visit(ether, 2);
  assert_int_equal(received_by(ether, 2, text.id)->shown, 1);
  assert_null(received_by(ether, VEHICLE, text.id));
  visit(ether, 1);
  assert_int_equal(state_of(ether, 1, text.id, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void a_vehicle_that_loses_power_on_the_road_keeps_what_it_carries(void **state)
{
  (void)state;
  struct ether *ether = new_country(2);
  struct message text = ether_text(2, ROUTINE, "Voye fèy yo");
  assert_int_equal(ether_submit(ether, 1, &text), 0);
  visit(ether, 1);
  ether_cut_power(ether, VEHICLE);
  ether_start(ether, VEHICLE);
  visit(ether, 2);
  assert_int_equal(received_by(ether, 2, text.id)->shown, 1);
  ether_free(ether);
}

static void a_vehicle_brings_alerts_to_posts_that_hear_nobody(void **state)
{
  (void)state;
  struct ether *ether = new_country(3);
  struct message alert = alert_for_all(IMMEDIATE, "Siklòn");
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  visit(ether, 1);
  visit(ether, 2);
  assert_int_equal(received_by(ether, 2, alert.id)->message.is_unproven, 0);
  visit(ether, 1);
  assert_int_equal(state_of(ether, 1, alert.id, 2), DELIVERY_DELIVERED);
  ether_free(ether);
}

static void what_expires_in_custody_is_reported_here_and_there(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 4);
  ether_cut_power(ether, 3);
  struct message alert = alert_for_all(IMMEDIATE, "Malad");
  alert.dest = 3;
  alert.body.alert.expiry = 0; /* one hour */
  assert_int_equal(ether_submit(ether, 1, &alert), 0);
  run_for(ether, MINUTE_MS);
  assert_int_equal(state_of(ether, 1, alert.id, 3), DELIVERY_CUSTODY);
  run_for(ether, 2 * HOUR_MS);
  assert_int_equal(state_of(ether, 1, alert.id, 3), DELIVERY_EXPIRED);
  assert_false(fake_store_bundle(&ether->station[2].store, alert.id, 3)->is_held);
  assert_non_null(strstr(ether->station[2].warning, "expired in our custody"));
  ether_start(ether, 3);
  run_for(ether, 2 * HOUR_MS);
  assert_null(received_by(ether, 3, alert.id));
  ether_free(ether);
}

/* A sealed text of station 1 for station 3, as relay 2 would send it, with a label of the relay's choice. */
static void relay_with(struct ether *ether, uint32_t frame_counter, const struct bundle_head *label)
{
  struct bundle_head head = *label;
  struct envelope_label genuine = {.origin = 1, .dest = 3, .counter = 5000, .life = 29, .precedence = ROUTINE};
  struct message text = ether_text(3, ROUTINE, "Mesaj la");
  uint8_t plain[64], content[BUNDLE_MAX], buf[128];
  struct bit_writer writer;
  bits_writer_init(&writer, plain, sizeof plain);
  bits_put(&writer, MESSAGE_TEXT, 4);
  text_encode(&text.body.text, &writer);
  bits_put_align(&writer);
  head.len = (uint16_t)(bits_put_len(&writer) + ENVELOPE_OVERHEAD);
  assert_int_equal(envelope_seal(&ether->stations->keyring[1], &genuine, plain, bits_put_len(&writer), content), 0);
  bits_writer_init(&writer, buf, sizeof buf);
  bundle_encode(&head, content, 2, frame_counter, &writer);
  inject(ether, &ether->stations->keyring[2], 2, 3, frame_counter, &writer, 3);
}

static void a_relay_cannot_change_precedence_sender_number_or_life_of_what_it_carries(void **state)
{
  (void)state;
  struct ether *ether = line_at_work(3, 5);
  struct bundle_head genuine = {
      .kind = BUNDLE_SEALED, .precedence = ROUTINE, .life = 29, .origin = 1, .dest = 3, .counter = 5000};
  struct bundle_head graver = genuine, other = genuine, younger = genuine, longer = genuine;
  graver.precedence = FLASH;
  other.origin = 2;
  younger.counter++;
  longer.life++;
  relay_with(ether, 1000, &graver);
  relay_with(ether, 1001, &other);
  relay_with(ether, 1002, &younger);
  relay_with(ether, 1003, &longer);
  assert_int_equal(ether->station[3].shown, 0);
  relay_with(ether, 1004, &genuine);
  assert_int_equal(ether->station[3].shown, 1);
  ether_free(ether);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_vehicle_carries_a_message_there_and_its_receipt_back),
      cmocka_unit_test(a_vehicle_that_loses_power_on_the_road_keeps_what_it_carries),
      cmocka_unit_test(a_vehicle_brings_alerts_to_posts_that_hear_nobody),
      cmocka_unit_test(what_expires_in_custody_is_reported_here_and_there),
      cmocka_unit_test(a_relay_cannot_change_precedence_sender_number_or_life_of_what_it_carries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
