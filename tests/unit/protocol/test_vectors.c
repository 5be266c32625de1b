/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of PROTOCOL.md in both directions. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/link/frame.h"
#include "protocol/wire/alert.h"
#include "protocol/wire/item.h"
#include "protocol/wire/log8.h"
#include "protocol/wire/receipt.h"
#include "protocol/wire/status.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/vector_codec.h"
#include "tests/unit/protocol/vector_items.h"

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

static void replay_ack(const struct vector *v)
{
  const char *snr = vector_get(v, "snr");
  struct ack ack = {.code = (uint8_t)vector_number(v, "code"),
                    .counter = (uint16_t)vector_number(v, "counter"),
                    .snr_cb = strcmp(snr, "unknown") ? (int16_t)(10 * atoi(snr)) : ACK_SNR_UNKNOWN,
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

static void replay_hello(const struct vector *v)
{
  struct hello hello = {.started = (uint8_t)vector_number(v, "started")}, read;
  struct out out;
  struct in in;
  hello_encode(&hello, begin(&out));
  expect(v, &out);
  assert_int_equal(bits_get(open_hex(v, &in), 4), ITEM_HELLO);
  assert_int_equal(hello_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.started, hello.started);
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

static void take_key(const struct vector *v, const char *key, uint8_t out[32])
{
  uint8_t bytes[VECTOR_BYTES_MAX];
  assert_int_equal(vector_hex(v, key, bytes), 32);
  memcpy(out, bytes, 32);
}

static void take_network(const struct vector *v, uint8_t out[DIRECTORY_NETWORK_ID_LEN])
{
  uint8_t bytes[VECTOR_BYTES_MAX];
  assert_int_equal(vector_hex(v, "network", bytes), DIRECTORY_NETWORK_ID_LEN);
  memcpy(out, bytes, DIRECTORY_NETWORK_ID_LEN);
}

static void add_station(struct directory *directory, unsigned number, const uint8_t box[32], const uint8_t sign[32])
{
  struct directory_entry entry = {.number = (uint16_t)number, .sector = -1, .department = -1};
  char why[128];
  snprintf(entry.callsign, sizeof entry.callsign, "C%u", number);
  snprintf(entry.name, sizeof entry.name, "N%u", number);
  memcpy(entry.box_key, box, 32);
  memcpy(entry.sign_key, sign, 32);
  assert_int_equal(directory_add(directory, &entry, why, sizeof why), 0);
}

static void expect_key(const struct vector *v, const struct seal_key *key)
{
  vector_expect(v, "mac", key->mac, sizeof key->mac);
  vector_expect(v, "enc", key->enc, sizeof key->enc);
}

static void derive(struct keyring *keyring, struct station_secrets *secrets, unsigned peer, const uint8_t *peer_box)
{
  static struct directory directory;
  uint8_t box[32], sign[32];
  memset(&directory, 0, sizeof directory);
  memcpy(directory.network_id, secrets->network_id, sizeof directory.network_id);
  assert_int_equal(station_public_keys(secrets, box, sign), 0);
  add_station(&directory, secrets->number, box, sign);
  if (peer)
    add_station(&directory, peer, peer_box, sign);
  assert_int_equal(keyring_init(keyring, secrets, &directory), 0);
}

static void replay_hop_key(const struct vector *v)
{
  static struct keyring keyring;
  struct station_secrets secrets = {.number = 1, .box_secret = {1}, .epoch = vector_number(v, "epoch")};
  take_key(v, "hop_secret", secrets.hop_key);
  take_network(v, secrets.network_id);
  derive(&keyring, &secrets, 0, NULL);
  expect_key(v, &keyring.hop);
}

static void replay_pair_key(const struct vector *v)
{
  static struct keyring keyring;
  struct station_secrets secrets = {.number = (uint16_t)vector_number(v, "number")};
  uint8_t peer_box[32], box[32], sign[32];
  unsigned peer = vector_number(v, "peer");
  take_key(v, "secret", secrets.box_secret);
  take_key(v, "peer_public", peer_box);
  take_network(v, secrets.network_id);
  assert_int_equal(station_public_keys(&secrets, box, sign), 0);
  vector_expect(v, "public", box, sizeof box);
  derive(&keyring, &secrets, peer, peer_box);
  expect_key(v, &keyring.pair[peer]);
}

static const struct replay_window *find_window(void *context, uint16_t station)
{
  (void)station;
  return context;
}

static void set_keys(const struct vector *v, struct keyring *keyring, unsigned self, unsigned peer)
{
  memset(keyring, 0, sizeof *keyring);
  keyring->self = (uint16_t)self;
  keyring->epoch = vector_number(v, "epoch");
  struct seal_key *key = peer ? &keyring->pair[peer] : &keyring->hop;
  keyring->has_pair[peer] = peer != 0;
  take_key(v, "mac", key->mac);
  take_key(v, "enc", key->enc);
}

static void replay_frame(const struct vector *v)
{
  static struct keyring sender, receiver;
  unsigned source = vector_number(v, "source"), dest = vector_number(v, "dest");
  struct frame frame = {.source = (uint16_t)source,
                        .dest = (uint16_t)dest,
                        .counter = vector_number(v, "counter"),
                        .is_short = (uint8_t)vector_number(v, "short")};
  uint8_t plain[VECTOR_BYTES_MAX], sealed[VECTOR_BYTES_MAX];
  struct frame read;
  frame.len = vector_hex(v, "plain", plain);
  memcpy(frame.plain, plain, frame.len);
  set_keys(v, &sender, source, dest);
  int len = frame_seal(&sender, &frame, sealed);
  assert_true(len > 0);
  vector_expect(v, "hex", sealed, (size_t)len);
  set_keys(v, &receiver, dest ? dest : 200, dest ? source : 0);
  struct replay_window window = {0};
  if (frame.counter > 1)
    replay_restore(&window, frame.counter - 1);
  assert_int_equal(frame_open(&receiver, sealed, (size_t)len, find_window, &window, &read), 0);
  assert_int_equal(read.source, source);
  assert_int_equal(read.dest, dest);
  assert_int_equal(read.counter, frame.counter);
  assert_int_equal(read.is_short, frame.is_short);
  assert_int_equal(read.len, frame.len);
  assert_memory_equal(read.plain, plain, frame.len);
}

static void take_entry(const char *line, struct directory_entry *entry)
{
  int number, role, sector, department, name_at = 0;
  char box[65], sign[65];
  memset(entry, 0, sizeof *entry);
  int fields = sscanf(line, "%d %d %d %d %12s %64s %64s %n", &number, &role, &sector, &department, entry->callsign,
                      box, sign, &name_at);
  assert_int_equal(fields, 7);
  entry->number = (uint16_t)number;
  entry->role = (uint8_t)role;
  entry->sector = (int8_t)sector;
  entry->department = (int8_t)department;
  assert_int_equal(hex_read(box, 64, entry->box_key), 32);
  assert_int_equal(hex_read(sign, 64, entry->sign_key), 32);
  snprintf(entry->name, sizeof entry->name, "%s", line + name_at);
}

static void replay_directory(const struct vector *v)
{
  static struct directory directory, read;
  static uint8_t signed_form[DIRECTORY_WIRE_MAX];
  uint8_t seed[32], public_key[32], secret[64], given[VECTOR_BYTES_MAX];
  char why[128];
  memset(&directory, 0, sizeof directory);
  take_key(v, "seed", seed);
  take_network(v, directory.network_id);
  directory.version = vector_number(v, "version");
  for (size_t i = 0; i < v->count; i++) {
    struct directory_entry entry;
    if (strcmp(v->key[i], "entry"))
      continue;
    take_entry(v->value[i], &entry);
    assert_int_equal(directory_add(&directory, &entry, why, sizeof why), 0);
  }
  crypto_sign_seed_keypair(public_key, secret, seed);
  vector_expect(v, "public", public_key, sizeof public_key);
  int len = directory_sign(&directory, secret, signed_form, sizeof signed_form);
  assert_true(len > 0);
  vector_expect(v, "hex", signed_form, (size_t)len);
  assert_int_equal(directory_open(&read, public_key, given, vector_hex(v, "hex", given)), 0);
  assert_memory_equal(&read, &directory, sizeof read);
}

static const struct kind {
  const char *name;
  void (*replay)(const struct vector *v);
  size_t at_least;
} kinds[] = {{"log8", replay_log8, 10},      {"text", replay_text, 3},
             {"status", replay_status, 3},   {"difference", replay_difference, 8},
             {"alert", replay_alert, 7},     {"receipt", replay_receipt, 3},
             {"ack", replay_ack, 9},         {"hello", replay_hello, 2},
             {"head", replay_head, 6},       {"bundle", replay_bundle, 5},
             {"code", replay_code, 3},       {"pieces", replay_pieces, 2},
             {"proof", replay_proof, 2},     {"list", replay_list, 3},
             {"counter", replay_counter, 1}, {"poll", replay_poll, 1},
             {"hop_key", replay_hop_key, 1}, {"pair_key", replay_pair_key, 2},
             {"frame", replay_frame, 5},     {"directory", replay_directory, 1}};

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
