/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and a store to put them in, for the tests of the store. */
#include "tests/unit/radiod/store_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct store *sample_open(struct scratch *scratch)
{
  struct store *store = NULL;
  char err[400];

  if (store_open(&store, scratch_path(scratch, "radiod.db"), err, sizeof err) < 0)
    fail_msg("%s", err);
  return store;
}

struct store *sample_reopen(struct scratch *scratch, struct store *store)
{
  store_close(store);
  return sample_open(scratch);
}

static struct message sample(uint16_t origin, uint32_t counter, uint8_t kind)
{
  struct message message;

  memset(&message, 0, sizeof message);
  message.id = (struct message_id){origin, counter};
  message.dest = origin == US ? PEER : US;
  message.kind = kind;
  message.precedence = PRIORITY;
  message.born_ms = NOW_MS + counter;
  return message;
}

struct message sample_text(uint16_t origin, uint32_t counter, const char *text)
{
  struct message message = sample(origin, counter, MESSAGE_TEXT);

  assert_int_equal(text_set(&message.body.text, text, strlen(text)), 0);
  return message;
}

struct message sample_status(uint16_t origin, uint32_t counter, const char *battery)
{
  struct message message = sample(origin, counter, MESSAGE_STATUS);
  struct status_report *status = &message.body.status;

  status_init(status);
  status->state = STATUS_STATE_OPEN;
  assert_int_equal(status_field_parse(status, STATUS_BATTERY, battery), 0);
  assert_int_equal(status_field_parse(status, STATUS_PERSONS_IN, "12"), 0);
  assert_int_equal(text_set(&status->text, "wout la bon", 11), 0);
  return message;
}

struct message sample_alert(uint16_t origin, uint32_t counter, const char *text)
{
  struct message message = sample(origin, counter, MESSAGE_ALERT);

  message.precedence = FLASH;
  message.dest = STATION_ALL;
  alert_init(&message.body.alert, (unsigned)alert_event_find("flood"));
  message.body.alert.onset = 7;
  assert_int_equal(text_set(&message.body.alert.text, text, strlen(text)), 0);
  return message;
}

struct message sample_receipt(uint16_t origin, uint32_t counter, uint8_t step, uint32_t ref_counter, const char *text)
{
  struct message message = sample(origin, counter, MESSAGE_RECEIPT);

  message.body.receipt.step = step;
  message.body.receipt.officer = 7;
  message.body.receipt.ref_counter = ref_counter;
  assert_int_equal(text_set(&message.body.receipt.text, text, strlen(text)), 0);
  return message;
}

struct reception sample_reception(uint16_t from, uint32_t frame_counter)
{
  return (struct reception){.from = from,
                            .channel = 1,
                            .mode = 2,
                            .snr_cb = -35,
                            .now_ms = NOW_MS + 50000 + frame_counter,
                            .frame_counter = frame_counter};
}

void sample_send(struct store *store, const struct message *message, const uint16_t *recipients, size_t count)
{
  struct node_store node = store_node(store);

  assert_int_equal(node.commit_outgoing(node.context, message, recipients, count), 0);
}

void sample_receive(struct store *store, const struct message *message)
{
  struct node_store node = store_node(store);
  struct reception reception = sample_reception(message->id.origin, message->id.counter);

  assert_int_equal(node.commit_received(node.context, message, &reception), 0);
}

static void assert_same_text(const struct text *a, const struct text *b)
{
  assert_int_equal(a->len, b->len);
  assert_memory_equal(a->bytes, b->bytes, a->len);
}

static void assert_same_alert(const struct alert *a, const struct alert *b)
{
  assert_int_equal(a->event, b->event);
  assert_memory_equal(a->code, b->code, sizeof a->code);
  assert_int_equal(a->area_kind, b->area_kind);
  assert_int_equal(a->area, b->area);
  assert_int_equal(a->onset, b->onset);
  assert_int_equal(a->expiry, b->expiry);
  assert_same_text(&a->text, &b->text);
}

static void assert_same_receipt(const struct receipt *a, const struct receipt *b)
{
  assert_int_equal(a->step, b->step);
  assert_int_equal(a->officer, b->officer);
  assert_int_equal(a->ref_counter, b->ref_counter);
  assert_same_text(&a->text, &b->text);
}

void assert_same_message(const struct message *a, const struct message *b)
{
  assert_int_equal(a->id.origin, b->id.origin);
  assert_int_equal(a->id.counter, b->id.counter);
  assert_int_equal(a->dest, b->dest);
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->precedence, b->precedence);
  assert_int_equal(a->born_ms, b->born_ms);
  if (a->kind == MESSAGE_STATUS)
    assert_true(status_equal(&a->body.status, &b->body.status));
  else if (a->kind == MESSAGE_ALERT)
    assert_same_alert(&a->body.alert, &b->body.alert);
  else if (a->kind == MESSAGE_TEXT)
    assert_same_text(&a->body.text, &b->body.text);
  else
    assert_same_receipt(&a->body.receipt, &b->body.receipt);
}

struct wanted {
  uint16_t recipient;
  int found;
  struct store_delivery delivery;
};

static int take_wanted(void *context, const struct store_delivery *delivery)
{
  struct wanted *wanted = context;

  if (delivery->recipient != wanted->recipient)
    return 0;
  wanted->found++;
  wanted->delivery = *delivery;
  return 0;
}

struct store_delivery sample_delivery(struct store *store, struct message_id id, uint16_t recipient)
{
  struct wanted wanted = {.recipient = recipient};

  assert_int_equal(store_each_delivery(store, id, take_wanted, &wanted), 0);
  assert_int_equal(wanted.found, 1);
  return wanted.delivery;
}
