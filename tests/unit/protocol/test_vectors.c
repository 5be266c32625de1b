/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of PROTOCOL.md in both directions. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/beacon.h"
#include "protocol/wire/item.h"
#include "protocol/wire/log8.h"
#include "protocol/wire/receipt.h"
#include "protocol/wire/snr.h"
#include "protocol/wire/status.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/vector_codec.h"
#include "tests/unit/protocol/vector_file.h"
#include "tests/unit/protocol/vector_items.h"
#include "tests/unit/protocol/vectors_keys.h"

static const char *document_path;

/* ---- Helpers */

static void take_text(const struct vector *v, const char *key, struct text *text)
{
  const char *value = vector_find(v, key);
  memset(text, 0, sizeof *text);
  if (value)
    assert_int_equal(text_set(text, value, strlen(value)), 0);
}

static void expect_same_text(const struct text *a, const struct text *b)
{
  assert_int_equal(a->len, b->len);
  assert_memory_equal(a->bytes, b->bytes, a->len);
}

/* ---- One function for each kind of vector */

static void replay_log8(const struct vector *v)
{
  uint32_t code = vector_number(v, "code");
  assert_int_equal(log8_encode(vector_number(v, "count")), code);
  if (code != LOG8_UNKNOWN)
    assert_int_equal(log8_decode((uint8_t)code), vector_number(v, "value"));
}

static void replay_text(const struct vector *v)
{
  struct text text, read;
  struct out out;
  struct in in;
  take_text(v, "text", &text);
  text_encode(&text, begin(&out));
  expect(v, &out);
  assert_int_equal(text_decode(&read, open_hex(v, &in)), 0);
  expect_end(&in);
  expect_same_text(&read, &text);
}

static const char *with_prefix(const char *prefix, const char *key)
{
  static char joined[64];
  snprintf(joined, sizeof joined, "%s%s", prefix, key);
  return joined;
}

static void take_report(const struct vector *v, const char *prefix, struct status_report *report)
{
  status_init(report);
  report->state = (uint8_t)vector_number(v, with_prefix(prefix, "state"));
  report->restriction = (uint8_t)vector_number(v, with_prefix(prefix, "restriction"));
  for (int g = 0; g < STATUS_GROUP_COUNT; g++) {
    const char *line = vector_find(v, with_prefix(prefix, status_group_name(g)));
    uint32_t codes[8];
    size_t count = line ? take_numbers(line, codes, 8) : 0, used = 0;
    if (!line)
      continue;
    report->groups |= (uint16_t)(1 << g);
    for (int i = 0; i < STATUS_FIELD_COUNT; i++)
      if ((int)status_field_info(i)->group == g && used < count)
        report->value[i] = (uint16_t)codes[used++];
    assert_int_equal(used, count);
  }
  if (vector_find(v, with_prefix(prefix, "corrects"))) {
    report->is_correction = 1;
    report->corrects = (uint16_t)vector_number(v, with_prefix(prefix, "corrects"));
  }
  take_text(v, with_prefix(prefix, "text"), &report->text);
}

static void replay_status(const struct vector *v)
{
  struct status_report report, read;
  struct out out;
  struct in in;
  take_report(v, "", &report);
  status_encode(&report, begin(&out));
  expect(v, &out);
  assert_int_equal(status_decode(&read, open_hex(v, &in), NULL, NULL), 0);
  expect_end(&in);
  assert_true(status_equal(&read, &report));
}

struct base {
  struct status_report report;
  uint32_t ref;
};

static int find_base(void *context, uint32_t ref, struct status_report *out)
{
  const struct base *base = context;
  if (ref != base->ref)
    return -ENOENT;
  *out = base->report;
  return 0;
}

static void replay_difference(const struct vector *v)
{
  struct status_report report, read;
  struct base base;
  struct out out;
  struct in in;
  take_report(v, "", &report);
  take_report(v, "base.", &base.report);
  base.ref = status_base_ref(&base.report, vector_number(v, "base_counter"));
  assert_int_equal(base.ref, vector_number(v, "base_ref"));
  status_encode_delta(&report, &base.report, base.ref, begin(&out));
  expect(v, &out);
  assert_int_equal(status_decode(&read, open_hex(v, &in), find_base, &base), 0);
  expect_end(&in);
  assert_true(status_equal(&read, &report));
}

static void replay_alert(const struct vector *v)
{
  struct alert alert, read;
  uint32_t codes[ALERT_LIST_COUNT];
  struct out out;
  struct in in;
  alert_init(&alert, vector_number(v, "event"));
  assert_int_equal(take_numbers(vector_get(v, "codes"), codes, ALERT_LIST_COUNT), ALERT_LIST_COUNT);
  for (int i = 0; i < ALERT_LIST_COUNT; i++)
    alert.code[i] = (uint8_t)codes[i];
  alert.area_kind = (uint8_t)vector_number(v, "area_kind");
  alert.area = (uint16_t)vector_number(v, "area");
  alert.onset = (uint8_t)vector_number(v, "onset");
  alert.expiry = (uint8_t)vector_number(v, "expiry");
  alert.ref_station = (uint16_t)vector_number(v, "ref_station");
  alert.ref_counter = (uint16_t)vector_number(v, "ref_counter");
  take_text(v, "text", &alert.text);
  alert_encode(&alert, begin(&out));
  expect(v, &out);
  assert_int_equal(alert_decode(&read, open_hex(v, &in)), 0);
  expect_end(&in);
  assert_memory_equal(read.code, alert.code, sizeof read.code);
  assert_int_equal(read.event, alert.event);
  assert_int_equal(read.area_kind, alert.area_kind);
  assert_int_equal(read.area, alert.area);
  assert_int_equal(read.onset, alert.onset);
  assert_int_equal(read.expiry, alert.expiry);
  assert_int_equal(read.ref_station, alert.ref_station);
  assert_int_equal(read.ref_counter, alert.ref_counter);
  expect_same_text(&read.text, &alert.text);
}

static void replay_receipt(const struct vector *v)
{
  struct receipt receipt = {.step = (uint8_t)vector_number(v, "step"),
                            .officer = (uint8_t)vector_number(v, "officer"),
                            .ref_counter = vector_number(v, "ref")};
  struct receipt read;
  struct out out;
  struct in in;
  take_text(v, "text", &receipt.text);
  receipt_encode(&receipt, begin(&out));
  expect(v, &out);
  assert_int_equal(receipt_decode(&read, open_hex(v, &in)), 0);
  expect_end(&in);
  assert_int_equal(read.step, receipt.step);
  assert_int_equal(read.officer, receipt.officer);
  assert_int_equal(read.ref_counter, receipt.ref_counter);
  expect_same_text(&read.text, &receipt.text);
}

static int16_t take_snr(const char *db)
{
  return strcmp(db, "unknown") ? (int16_t)(10 * atoi(db)) : SNR_UNKNOWN;
}

static void replay_ack(const struct vector *v)
{
  struct ack ack = {.code = (uint8_t)vector_number(v, "code"),
                    .counter = (uint16_t)vector_number(v, "counter"),
                    .snr_cb = take_snr(vector_get(v, "snr")),
                    .origin = vector_find(v, "origin") ? (uint16_t)vector_number(v, "origin") : STATION_NONE,
                    .lacks = vector_find(v, "lacks") ? (uint8_t)vector_number(v, "lacks") : 0};
  struct ack read;
  struct out out;
  struct in in;
  ack_encode(&ack, begin(&out));
  expect(v, &out);
  assert_int_equal(bits_get(open_hex(v, &in), 4), ITEM_ACK);
  assert_int_equal(ack_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.code, ack.code);
  assert_int_equal(read.counter, ack.counter);
  assert_int_equal(read.snr_cb, ack.snr_cb);
  assert_int_equal(read.origin, ack.origin);
  assert_int_equal(read.lacks, ack.lacks);
}

/* station snr metric seq want; "-" for what is not there. */
static void take_beacon_entry(const char *line, struct beacon_entry *out)
{
  unsigned station;
  char snr[8], metric[8], seq[8], want[8];
  assert_int_equal(sscanf(line, "%u %7s %7s %7s %7s", &station, snr, metric, seq, want), 5);
  *out = (struct beacon_entry){.station = (uint16_t)station, .snr_cb = SNR_UNKNOWN, .metric = METRIC_UNREACHABLE};
  out->has_snr = *snr != '-' || snr[1];
  out->has_route = strcmp(metric, "-") != 0;
  if (out->has_snr)
    out->snr_cb = take_snr(snr);
  if (out->has_route)
    out->metric = (uint8_t)atoi(metric);
  out->seq = (uint8_t)(strcmp(seq, "-") ? atoi(seq) : 0);
  if (strcmp(want, "-"))
    out->wants = strcmp(want, "any") ? BEACON_WANTS_NEWER : BEACON_WANTS_ANY;
  if (out->wants == BEACON_WANTS_NEWER)
    out->want_seq = (uint8_t)atoi(want);
}

static void expect_same_entry(const struct beacon_entry *a, const struct beacon_entry *b)
{
  assert_int_equal(a->station, b->station);
  assert_int_equal(a->has_snr, b->has_snr);
  assert_int_equal(a->has_route, b->has_route);
  assert_int_equal(a->wants, b->wants);
  assert_int_equal(a->snr_cb, b->snr_cb);
  assert_int_equal(a->metric, b->metric);
  assert_int_equal(a->seq, b->seq);
  assert_int_equal(a->want_seq, b->want_seq);
}

static void replay_beacon(const struct vector *v)
{
  struct beacon beacon = {.started = (uint8_t)vector_number(v, "started"),
                          .is_mobile = (uint8_t)vector_number(v, "mobile"),
                          .has_clock = (uint8_t)vector_number(v, "clock"),
                          .digest = (uint16_t)vector_number(v, "digest"),
                          .version = (uint8_t)vector_number(v, "version"),
                          .seq = (uint8_t)vector_number(v, "seq")};
  struct beacon read;
  struct out out;
  struct in in;
  for (size_t i = 0; i < v->count; i++)
    if (!strcmp(v->key[i], "entry"))
      take_beacon_entry(v->value[i], &beacon.entry[beacon.entry_count++]);
  beacon_encode(&beacon, begin(&out));
  expect(v, &out);
  assert_int_equal(bits_get(open_hex(v, &in), 4), ITEM_BEACON);
  assert_int_equal(beacon_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.started, beacon.started);
  assert_int_equal(read.is_mobile, beacon.is_mobile);
  assert_int_equal(read.has_clock, beacon.has_clock);
  assert_int_equal(read.digest, beacon.digest);
  assert_int_equal(read.version, beacon.version);
  assert_int_equal(read.seq, beacon.seq);
  assert_int_equal(read.entry_count, beacon.entry_count);
  for (size_t i = 0; i < beacon.entry_count; i++)
    expect_same_entry(&read.entry[i], &beacon.entry[i]);
}

static void replay_metric(const struct vector *v)
{
  uint32_t code = vector_number(v, "code");
  assert_int_equal(metric_encode(vector_number(v, "airtime")), code);
  if (code != METRIC_UNREACHABLE)
    assert_int_equal(metric_decode((uint8_t)code), vector_number(v, "value"));
}

static void replay_head(const struct vector *v)
{
  struct item_head head = {(uint8_t)vector_number(v, "type"), (uint8_t)vector_number(v, "precedence"),
                           vector_number(v, "counter"), (uint16_t)vector_number(v, "age")};
  uint32_t frame_counter = vector_number(v, "frame_counter");
  struct item_head read;
  struct out out;
  struct in in;
  item_head_encode(&head, frame_counter, begin(&out));
  expect(v, &out);
  uint8_t type = (uint8_t)bits_get(open_hex(v, &in), 4);
  assert_int_equal(type, head.type);
  assert_int_equal(item_head_decode(&read, type, frame_counter, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.precedence, head.precedence);
  assert_int_equal(read.counter, head.counter);
  assert_int_equal(read.age_min, head.age_min);
}

static const struct kind {
  const char *name;
  void (*replay)(const struct vector *v);
  size_t at_least;
} kinds[] = {{"log8", replay_log8, 10},
             {"text", replay_text, 20},
             {"status", replay_status, 3},
             {"difference", replay_difference, 8},
             {"alert", replay_alert, 7},
             {"receipt", replay_receipt, 3},
             {"ack", replay_ack, 9},
             {"beacon", replay_beacon, 7},
             {"metric", replay_metric, 8},
             {"head", replay_head, 6},
             {"bundle", replay_bundle, 5},
             {"code", replay_code, 3},
             {"pieces", replay_pieces, 2},
             {"proof_item", replay_proof, 2},
             {"list", replay_list, 3},
             {"counter", replay_counter, 1},
             {"poll", replay_poll, 1},
             {"hop_key", vector_replay_hop_key, 1},
             {"pair_key", vector_replay_pair_key, 2},
             {"frame", vector_replay_frame, 7},
             {"envelope", vector_replay_envelope, 3},
             {"proof", vector_replay_proof, 3},
             {"directory", vector_replay_directory, 2},
             {"order", vector_replay_order, 3},
             {"commit", vector_replay_commit, 1}};

#define KIND_COUNT (sizeof kinds / sizeof *kinds)

static void every_vector_holds_in_both_directions(void **state)
{
  struct vector_file *file = *state;
  size_t seen[KIND_COUNT] = {0};
  for (size_t i = 0; i < file->count; i++) {
    size_t kind = 0;
    while (kind < KIND_COUNT && strcmp(kinds[kind].name, vector_get(&file->vector[i], "kind")))
      kind++;
    assert_true(kind < KIND_COUNT);
    kinds[kind].replay(&file->vector[i]);
    seen[kind]++;
  }
  for (size_t kind = 0; kind < KIND_COUNT; kind++)
    if (seen[kind] < kinds[kind].at_least)
      fail_msg("%zu vectors of kind %s", seen[kind], kinds[kind].name);
  assert_true(file->stated > 0);
  assert_int_equal(file->count, file->stated);
}

static int read_document(void **state)
{
  *state = vector_file_read(document_path);
  return sodium_init() < 0;
}

static int free_document(void **state)
{
  vector_file_free(*state);
  return 0;
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_vector_holds_in_both_directions),
  };
  if (argc != 2) {
    fprintf(stderr, "usage: test_vectors PROTOCOL.md\n");
    return 2;
  }
  document_path = argv[1];
  return cmocka_run_group_tests(tests, read_document, free_document);
}
