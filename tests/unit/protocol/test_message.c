/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all kinds of message have in common: checks, lifetimes, names, and bodies that come back. */
#include <errno.h>
#include <string.h>

#include "protocol/delivery/message.h"
#include "protocol/delivery/node_store.h"
#include "tests/unit/protocol/cmocka_all.h"

#define HOUR_MS INT64_C(3600000)

static struct message text_message(const char *text)
{
  struct message message = {.kind = MESSAGE_TEXT};
  assert_int_equal(text_set(&message.body.text, text, strlen(text)), 0);
  return message;
}

static void expect_refused(const struct message *message, const char *word)
{
  char why[128] = "";
  assert_int_equal(message_check(message, why, sizeof why), -EINVAL);
  assert_non_null(strstr(why, word));
}

static void what_makes_no_sense_is_refused_with_a_reason(void **state)
{
  (void)state;
  struct message message = text_message("");
  expect_refused(&message, "empty");
  message = text_message("a");
  message.precedence = PRECEDENCE_COUNT;
  expect_refused(&message, "precedence");
  message = text_message("a");
  message.body.text.bytes[0] = (char)0xff;
  expect_refused(&message, "UTF-8");
  message = (struct message){.kind = 0};
  expect_refused(&message, "kind");
  message = (struct message){.kind = MESSAGE_KEY + 1};
  expect_refused(&message, "kind");
}

static void a_refusal_needs_a_reason(void **state)
{
  (void)state;
  struct message message = {.kind = MESSAGE_RECEIPT, .body.receipt.step = RECEIPT_REFUSED};
  char why[128];
  expect_refused(&message, "text");
  assert_int_equal(text_set(&message.body.receipt.text, "Non", 3), 0);
  assert_int_equal(message_check(&message, why, sizeof why), 0);
  message.body.receipt.officer = RECEIPT_OFFICER_MAX + 1;
  expect_refused(&message, "officer");
  message.body.receipt.officer = 0;
  message.body.receipt.step = RECEIPT_STEP_COUNT;
  expect_refused(&message, "step");
}

static void lifetimes_follow_the_kind_and_the_expiry(void **state)
{
  (void)state;
  struct message message = {.kind = MESSAGE_STATUS};
  assert_int_equal(message_lifetime_ms(&message), 24 * HOUR_MS);
  message.kind = MESSAGE_TEXT;
  assert_int_equal(message_lifetime_ms(&message), 7 * 24 * HOUR_MS);
  message.kind = MESSAGE_RECEIPT;
  assert_int_equal(message_lifetime_ms(&message), 7 * 24 * HOUR_MS);
  message.kind = MESSAGE_ALERT;
  alert_init(&message.body.alert, 1);
  assert_int_equal(message_lifetime_ms(&message), 2 * HOUR_MS);
  message.body.alert.expiry = ALERT_EXPIRY_UNTIL_CANCELLED;
  assert_int_equal(message_lifetime_ms(&message), 31 * 24 * HOUR_MS);
}

static void the_longest_body_fits_its_limit(void **state)
{
  (void)state;
  uint8_t body[MESSAGE_BODY_MAX];
  struct text longest = {0};
  char bytes[TEXT_MAX_BYTES];
  for (size_t i = 0; i < sizeof bytes; i += 4)
    memcpy(bytes + i, "\xf0\x9f\x9a\x91", 4);
  assert_int_equal(text_set(&longest, bytes, sizeof bytes), 0);
  struct message messages[4] = {
      {.kind = MESSAGE_STATUS}, {.kind = MESSAGE_ALERT}, {.kind = MESSAGE_TEXT}, {.kind = MESSAGE_RECEIPT}};
  messages[0].body.status = (struct status_report){
      .state = STATUS_STATE_RESTRICTED, .groups = (1 << STATUS_GROUP_COUNT) - 1, .is_correction = 1, .text = longest};
  alert_init(&messages[1].body.alert, 0);
  messages[1].body.alert.code[ALERT_LIST_MSG_TYPE] = 1;
  messages[1].body.alert.ref_station = 1;
  messages[1].body.alert.expiry = 1;
  messages[1].body.alert.onset = 1;
  messages[1].body.alert.area_kind = ALERT_AREA_DEPARTMENTS;
  messages[1].body.alert.area = 1;
  messages[1].body.alert.text = longest;
  messages[2].body.text = longest;
  messages[3].body.receipt.text = longest;
  for (size_t i = 0; i < 4; i++) {
    char why[128];
    struct bit_writer writer;
    struct bit_reader reader;
    struct message read = {.kind = messages[i].kind};
    assert_int_equal(message_check(&messages[i], why, sizeof why), 0);
    bits_writer_init(&writer, body, sizeof body);
    message_encode_body(&messages[i], NULL, 0, &writer);
    assert_false(writer.overflow);
    bits_reader_init(&reader, body, bits_put_len(&writer));
    assert_int_equal(message_decode_body(&read, &reader, NULL, NULL), 0);
    assert_int_equal(reader.bits, writer.bits);
  }
}

static void a_body_of_no_known_kind_is_refused(void **state)
{
  (void)state;
  const uint8_t body[4] = {0};
  struct bit_reader reader;
  struct message message = {.kind = 9};
  bits_reader_init(&reader, body, sizeof body);
  assert_int_equal(message_decode_body(&message, &reader, NULL, NULL), -EBADMSG);
}

static void names_end_with_the_lists(void **state)
{
  (void)state;
  assert_string_equal(message_kind_name(MESSAGE_ALERT), "alert");
  assert_null(message_kind_name(0));
  assert_null(message_kind_name(MESSAGE_KEY + 1));
  assert_string_equal(delivery_state_name(DELIVERY_CANCELLED), "cancelled");
  assert_null(delivery_state_name(DELIVERY_STATE_COUNT));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_makes_no_sense_is_refused_with_a_reason),
      cmocka_unit_test(a_refusal_needs_a_reason),
      cmocka_unit_test(lifetimes_follow_the_kind_and_the_expiry),
      cmocka_unit_test(the_longest_body_fits_its_limit),
      cmocka_unit_test(a_body_of_no_known_kind_is_refused),
      cmocka_unit_test(names_end_with_the_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
