/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the control API's reader: the input is the body of a request, as a filing, as a
 * question what it would cost, and as a receipt. */
#include <errno.h>
#include <string.h>

#include "radiod/api/json_read.h"
#include "radiod/api/json_status.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/stations.h"

#define SELF 2

static void check_refusal(int err, const struct api_problem *problem)
{
  FUZZ_CHECK(err == -EINVAL && problem->code && *problem->text);
  FUZZ_CHECK(memchr(problem->text, 0, sizeof problem->text));
}

/* A report that was read comes out as JSON that reads as the same report. */
static void check_report(const struct status_report *report)
{
  struct message_id id = {SELF, 70000};
  struct status_report again;
  struct api_problem problem;
  json_t *json = api_json_status(report, id);
  FUZZ_CHECK(json);
  json_decref(json);
  json = json_object();
  for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++)
    if (report->groups & 1u << status_field_info(i)->group)
      json_object_set_new(json, status_field_info(i)->name, api_json_field(i, report->value[i]));
  json = json_pack("{s:o}", "fields", json);
  status_init(&again);
  FUZZ_CHECK(!api_read_status(&again, json, &problem));
  FUZZ_CHECK(again.groups == report->groups);
  for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++)
    if (report->groups & 1u << status_field_info(i)->group)
      FUZZ_CHECK(again.value[i] == report->value[i]);
  json_decref(json);
}

/* What the reader lets through can be sent, and arrives. */
static void check_filing(const struct api_filing *filing)
{
  uint8_t body[MESSAGE_BODY_MAX];
  char why[160];
  struct message got = {.kind = filing->message.kind};
  struct bit_writer writer;
  struct bit_reader reader;
  FUZZ_CHECK(!message_check(&filing->message, why, sizeof why));
  bits_writer_init(&writer, body, sizeof body);
  message_encode_body(&filing->message, NULL, 0, &writer);
  FUZZ_CHECK(!writer.overflow);
  bits_put_align(&writer);
  bits_reader_init(&reader, body, bits_put_len(&writer));
  FUZZ_CHECK(!message_decode_body(&got, &reader, NULL, NULL));
  if (got.kind != MESSAGE_STATUS)
    return;
  FUZZ_CHECK(status_equal(&got.body.status, &filing->message.body.status));
  check_report(&got.body.status);
}

static void read_filing(const json_t *body, const struct api_read_context *context)
{
  struct api_filing filing;
  struct api_problem problem = {0};
  int err = api_read_filing(&filing, body, context, &problem);
  if (err)
    check_refusal(err, &problem);
  else
    check_filing(&filing);
}

static void read_question(const json_t *body, const struct api_read_context *context)
{
  struct api_filing filing;
  struct api_problem problem = {0};
  int err = api_read_question(&filing, body, context, &problem);
  if (err)
    check_refusal(err, &problem);
  else
    check_filing(&filing);
}

static void read_receipt(const json_t *body)
{
  struct api_problem problem = {0};
  struct receipt receipt = {0};
  int err = api_read_receipt(&receipt, body, &problem);
  if (err)
    check_refusal(err, &problem);
  else
    FUZZ_CHECK(receipt.step < RECEIPT_STEP_COUNT && receipt.officer <= RECEIPT_OFFICER_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct stations *stations;
  if (!stations)
    stations = stations_new(3);
  struct status_report last;
  status_init(&last);
  last.state = STATUS_STATE_OPEN;
  struct api_read_context context = {&stations->directory, SELF, &last};
  json_t *body = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
  if (json_is_object(body)) { /* the API refuses all else before */
    read_filing(body, &context);
    read_question(body, &context);
    read_receipt(body);
  }
  json_decref(body);
  return 0;
}
