/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of the items that carry what passes through stations. */
#include "tests/unit/protocol/vector_items.h"

#include <string.h>

#include "protocol/link/pieces.h"
#include "protocol/wire/bundle.h"
#include "protocol/wire/item.h"
#include "protocol/wire/piece_run.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/vector_codec.h"

static uint32_t number_or(const struct vector *v, const char *key, uint32_t absent)
{
  return vector_find(v, key) ? vector_number(v, key) : absent;
}

static uint16_t take_source(const struct vector *v)
{
  return (uint16_t)vector_number(v, "source");
}

static uint32_t take_frame_counter(const struct vector *v)
{
  return vector_number(v, "frame_counter");
}

static struct bundle_head take_head(const struct vector *v, size_t len)
{
  return (struct bundle_head){.kind = (uint8_t)vector_number(v, "bundle_kind"),
                              .precedence = (uint8_t)vector_number(v, "precedence"),
                              .has_proof = (uint8_t)number_or(v, "has_proof", 0),
                              .life = (uint8_t)number_or(v, "life", 0),
                              .journey = (uint8_t)number_or(v, "journey", 0),
                              .origin = (uint16_t)vector_number(v, "origin"),
                              .dest = (uint16_t)number_or(v, "dest", STATION_ALL),
                              .counter = vector_number(v, "counter"),
                              .age_min = (uint16_t)vector_number(v, "age"),
                              .len = (uint16_t)len};
}

static void expect_same_head(const struct bundle_head *a, const struct bundle_head *b)
{
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->precedence, b->precedence);
  assert_int_equal(a->has_proof, b->has_proof);
  assert_int_equal(a->life, b->life);
  assert_int_equal(a->journey, b->journey);
  assert_int_equal(a->origin, b->origin);
  assert_int_equal(a->dest, b->dest);
  assert_int_equal(a->counter, b->counter);
  assert_int_equal(a->age_min, b->age_min);
  assert_int_equal(a->len, b->len);
}

static void open_item(const struct vector *v, struct in *in, enum item_type type)
{
  assert_int_equal(bits_get(open_hex(v, in), ITEM_TYPE_BITS), type);
}

void replay_bundle(const struct vector *v)
{
  uint8_t content[VECTOR_BYTES_MAX], back[BUNDLE_MAX];
  struct bundle_head head = take_head(v, vector_hex(v, "content", content)), read;
  struct out out;
  struct in in;
  bundle_encode(&head, content, take_source(v), take_frame_counter(v), begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_BUNDLE);
  assert_int_equal(bundle_decode(&read, back, take_source(v), take_frame_counter(v), &in.reader), 0);
  expect_end(&in);
  expect_same_head(&read, &head);
  assert_memory_equal(back, content, head.len);
}

void replay_code(const struct vector *v)
{
  uint8_t content[VECTOR_BYTES_MAX], back[BUNDLE_MAX];
  uint8_t pieces[PIECE_INDEX_MAX + 1][PIECE_LEN];
  uint32_t index[PIECE_INDEX_MAX + 1];
  size_t len = vector_hex(v, "content", content);
  size_t count = take_numbers(vector_get(v, "index"), index, PIECE_INDEX_MAX + 1);
  struct piece_collector collector;
  piece_collector_init(&collector, len);
  for (size_t i = 0; i < count; i++) {
    piece_make(content, len, index[i], pieces[i]);
    piece_collector_add(&collector, index[i], pieces[i]);
  }
  vector_expect(v, "hex", pieces[0], count * PIECE_LEN);
  assert_int_equal(piece_collector_read(&collector, back), 0);
  assert_memory_equal(back, content, len);
}

void replay_pieces(const struct vector *v)
{
  uint8_t plain[VECTOR_BYTES_MAX];
  static struct piece_run run, read;
  struct out out;
  struct in in;
  run.head = take_head(v, vector_number(v, "len"));
  run.first = (uint8_t)vector_number(v, "first");
  size_t bytes = vector_hex(v, "plain", plain);
  assert_true(bytes % PIECE_LEN == 0 && bytes <= sizeof run.piece);
  run.count = (uint8_t)(bytes / PIECE_LEN);
  memcpy(run.piece, plain, bytes);
  piece_run_encode(&run, take_source(v), take_frame_counter(v), begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_PIECES);
  assert_int_equal(piece_run_decode(&read, take_source(v), take_frame_counter(v), &in.reader), 0);
  expect_end(&in);
  expect_same_head(&read.head, &run.head);
  assert_int_equal(read.first, run.first);
  assert_int_equal(read.count, run.count);
  assert_memory_equal(read.piece, run.piece, bytes);
}

void replay_proof(const struct vector *v)
{
  struct proof_item item = {.origin = (uint16_t)vector_number(v, "origin"), .counter = vector_number(v, "counter")};
  struct proof_item read;
  uint8_t proof[VECTOR_BYTES_MAX];
  struct out out;
  struct in in;
  assert_int_equal(vector_hex(v, "proof", proof), sizeof item.proof);
  memcpy(item.proof, proof, sizeof item.proof);
  proof_item_encode(&item, take_source(v), take_frame_counter(v), begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_PROOF);
  assert_int_equal(proof_item_decode(&read, take_source(v), take_frame_counter(v), &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.origin, item.origin);
  assert_int_equal(read.counter, item.counter);
  assert_memory_equal(read.proof, item.proof, sizeof read.proof);
}

void replay_list(const struct vector *v)
{
  struct bundle_list list = {.is_complete = (uint8_t)vector_number(v, "complete")}, read;
  struct out out;
  struct in in;
  for (size_t i = 0; i < v->count; i++) {
    uint32_t name[2];
    if (strcmp(v->key[i], "entry"))
      continue;
    assert_true(list.count < LIST_NAMES_MAX);
    assert_int_equal(take_numbers(v->value[i], name, 2), 2);
    list.name[list.count++] = (struct bundle_name){(uint16_t)name[0], (uint16_t)name[1]};
  }
  bundle_list_encode(&list, begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_LIST);
  assert_int_equal(bundle_list_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.is_complete, list.is_complete);
  assert_int_equal(read.count, list.count);
  for (size_t i = 0; i < list.count; i++) {
    assert_int_equal(read.name[i].origin, list.name[i].origin);
    assert_int_equal(read.name[i].counter_low, list.name[i].counter_low);
  }
}

void replay_counter(const struct vector *v)
{
  struct counter_item item = {vector_number(v, "counter"), (uint16_t)vector_number(v, "echo")}, read;
  struct out out;
  struct in in;
  counter_item_encode(&item, begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_COUNTER);
  assert_int_equal(counter_item_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.counter, item.counter);
  assert_int_equal(read.echo, item.echo);
}

void replay_poll(const struct vector *v)
{
  struct poll_item item = {(uint8_t)vector_number(v, "seconds")}, read;
  struct out out;
  struct in in;
  poll_item_encode(&item, begin(&out));
  expect(v, &out);
  open_item(v, &in, ITEM_POLL);
  assert_int_equal(poll_item_decode(&read, &in.reader), 0);
  expect_end(&in);
  assert_int_equal(read.seconds, item.seconds);
}
