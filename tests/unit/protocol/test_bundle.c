/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of bundles, whole bundles, runs of their pieces, and lists of their names. */
#include <errno.h>
#include <string.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/bundle.h"
#include "protocol/wire/identity.h"
#include "protocol/wire/item.h"
#include "protocol/wire/piece_run.h"
#include "protocol/wire/precedence.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define BUF_LEN 1200

struct wire {
  uint8_t buf[BUF_LEN];
  struct bit_writer writer;
  struct bit_reader reader;
};

static struct bit_writer *begin(struct wire *wire)
{
  bits_writer_init(&wire->writer, wire->buf, sizeof wire->buf);
  return &wire->writer;
}

/* Opens the first len bytes of the item behind its type. */
static struct bit_reader *open_cut(struct wire *wire, size_t len)
{
  bits_reader_init(&wire->reader, wire->buf, len);
  bits_get(&wire->reader, ITEM_TYPE_BITS);
  return &wire->reader;
}

static struct bit_reader *open_whole(struct wire *wire)
{
  assert_false(wire->writer.overflow);
  return open_cut(wire, bits_put_len(&wire->writer));
}

static uint16_t random_station(uint64_t *random)
{
  return (uint16_t)(test_random_below(random, 2) ? 1 + test_random_below(random, 250)
                                                 : 256 + test_random_below(random, STATION_MAX - 255));
}

static uint32_t random_counter(uint64_t *random)
{
  return 1 + (uint32_t)(test_random(random) >> (33 + test_random_below(random, 31)));
}

static uint8_t random_life(uint64_t *random)
{
  uint32_t life = test_random_below(random, 55);
  return (uint8_t)(life < 54 ? life : ALERT_EXPIRY_UNTIL_CANCELLED);
}

static struct bundle_head random_head(uint64_t *random)
{
  struct bundle_head head = {.kind = (uint8_t)test_random_below(random, BUNDLE_KIND_COUNT),
                             .precedence = (uint8_t)test_random_below(random, PRECEDENCE_COUNT),
                             .origin = random_station(random),
                             .dest = STATION_ALL,
                             .counter = random_counter(random),
                             .age_min = (uint16_t)(test_random(random) >> (48 + test_random_below(random, 16))),
                             .len = (uint16_t)(1 + test_random_below(random, BUNDLE_MAX))};
  if (head.kind == BUNDLE_ALERT)
    head.has_proof = (uint8_t)test_random_below(random, 2);
  if (head.kind == BUNDLE_SEALED || head.kind == BUNDLE_ORDER)
    head.life = random_life(random);
  if (head.kind != BUNDLE_SEALED)
    return head;
  head.journey = (uint8_t)(test_random_below(random, 2) * test_random_below(random, JOURNEY_LAST + 1));
  do
    head.dest = random_station(random);
  while (head.dest == head.origin);
  return head;
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

static void put_head(struct wire *wire, const struct bundle_head *head, uint16_t source, uint32_t frame_counter)
{
  bits_put(begin(wire), ITEM_BUNDLE, ITEM_TYPE_BITS);
  bundle_head_encode(head, source, frame_counter, &wire->writer);
}

/* Bits of the head with the item type before it, after a round trip and a refusal of every shorter form. */
static size_t round_trip(const struct bundle_head *head, uint16_t source, uint32_t frame_counter)
{
  struct wire wire;
  struct bundle_head read, untouched = {.len = 9999};
  put_head(&wire, head, source, frame_counter);
  assert_int_equal(bundle_head_decode(&read, source, frame_counter, open_whole(&wire)), 0);
  assert_int_equal(wire.reader.bits, wire.writer.bits);
  expect_same_head(&read, head);
  for (size_t len = 1; len < bits_put_len(&wire.writer); len++)
    assert_int_equal(bundle_head_decode(&untouched, source, frame_counter, open_cut(&wire, len)), -EBADMSG);
  assert_int_equal(untouched.len, 9999);
  return wire.writer.bits;
}

static const struct bundle_head sealed = {
    .kind = BUNDLE_SEALED, .precedence = ROUTINE, .life = 29, .origin = 3, .dest = 7, .counter = 100, .len = 60};
static const struct bundle_head alert_head = {.kind = BUNDLE_ALERT,
                                              .precedence = FLASH,
                                              .has_proof = 1,
                                              .origin = 3,
                                              .dest = STATION_ALL,
                                              .counter = 100,
                                              .len = 90};

static void a_head_on_its_first_hop_is_small(void **state)
{
  (void)state;
  struct bundle_head order = {
      .kind = BUNDLE_ORDER, .life = 53, .origin = 3, .dest = STATION_ALL, .counter = 100, .len = 1};
  struct bundle_head clock = {.kind = BUNDLE_TIME, .origin = 3, .dest = STATION_ALL, .counter = 100, .len = 1};
  assert_int_equal(round_trip(&sealed, 3, 101), 38);
  assert_int_equal(round_trip(&alert_head, 3, 101), 24);
  assert_int_equal(round_trip(&order, 3, 101), 29);
  assert_int_equal(round_trip(&clock, 3, 101), 23);
}

static void a_relayed_head_names_its_originator(void **state)
{
  (void)state;
  struct bundle_head head = sealed;
  head.journey = 1;
  head.age_min = 1;
  assert_int_equal(round_trip(&head, 4, 101), 38 - 3 + 8 + 2 + 8 + 8 + 16);
  head.counter = 65535;
  assert_int_equal(round_trip(&head, 4, 101), 78 - 1 + 8);
  head.counter = 65536;
  assert_int_equal(round_trip(&head, 4, 101), 78 - 1 + 16);
}

static void no_head_is_longer_than_stated(void **state)
{
  (void)state;
  struct bundle_head head = {.kind = BUNDLE_SEALED,
                             .precedence = FLASH,
                             .life = ALERT_EXPIRY_UNTIL_CANCELLED,
                             .journey = JOURNEY_LAST,
                             .origin = STATION_MAX,
                             .dest = 256,
                             .counter = UINT32_MAX,
                             .age_min = ITEM_AGE_OLDEST,
                             .len = BUNDLE_MAX};
  assert_int_equal((round_trip(&head, 1, 1) + 7) / 8, BUNDLE_HEAD_MAX);
}

static void random_heads_come_back(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_heads_come_back");
  for (int round = 0; round < 20000; round++) {
    struct bundle_head head = random_head(&random);
    uint32_t frame_counter =
        test_random_below(&random, 2) ? head.counter + random_counter(&random) - 1 : random_counter(&random);
    round_trip(&head, test_random_below(&random, 2) ? head.origin : random_station(&random), frame_counter);
  }
}

static void a_counter_of_ones_own_beyond_the_frames_goes_in_full(void **state)
{
  (void)state;
  struct bundle_head head = sealed;
  size_t near = round_trip(&head, 3, 100);
  assert_int_equal(round_trip(&head, 3, 99), near - 3 + 8 + 2 + 8);
  head.counter = 1;
  assert_int_equal(round_trip(&head, 3, (1u << 31)), near + 1 + 31);
  assert_int_equal(round_trip(&head, 3, (1u << 31) + 1), near - 3 + 8 + 2 + 8);
  head.counter = UINT32_MAX; /* so far beyond that the distance wraps round */
  assert_int_equal(round_trip(&head, 3, 100), near - 3 + 8 + 2 + 32);
}

/* What a head must not say, as the field that is wrong. */
struct hostile {
  uint32_t origin, width, counter, dest, life, journey, age;
};

static int decode_hostile(const struct hostile *h)
{
  struct wire wire;
  struct bundle_head head = {.len = 9999};
  bits_put(begin(&wire), ITEM_BUNDLE, ITEM_TYPE_BITS);
  bits_put(&wire.writer, BUNDLE_SEALED, 2);
  bits_put(&wire.writer, ROUTINE, 2);
  bits_put(&wire.writer, 0, 1);
  bits_put(&wire.writer, h->origin, h->origin > 255 ? 16 : 8);
  bits_put(&wire.writer, h->width, 2);
  bits_put(&wire.writer, h->counter, 8 * (h->width + 1));
  bits_put(&wire.writer, h->dest, h->dest > 255 ? 16 : 8);
  bits_put(&wire.writer, h->life, 6);
  bits_put(&wire.writer, 1, 1);
  bits_put(&wire.writer, h->journey, 8);
  bits_put(&wire.writer, 1, 1);
  bits_put(&wire.writer, h->age, 16);
  bits_put(&wire.writer, 0, 10);
  int err = bundle_head_decode(&head, 9, 1000, open_whole(&wire));
  assert_int_equal(head.len, err ? 9999 : 1);
  return err;
}

static void impossible_heads_are_refused(void **state)
{
  (void)state;
  static const struct hostile right = {
      .origin = 1, .width = 3, .counter = 1, .dest = 250, .life = 53, .journey = 1, .age = 1};
  struct hostile wrong[10];
  for (size_t i = 0; i < 10; i++)
    wrong[i] = right;
  wrong[0].origin = 0;
  wrong[1].origin = STATION_ALL;
  wrong[2].counter = 0;
  wrong[3].dest = 0;
  wrong[4].dest = STATION_ALL;
  wrong[5].dest = right.origin;
  wrong[6].life = 54;
  wrong[7].life = 62;
  wrong[8].journey = 0;
  wrong[9].age = 0;
  assert_int_equal(decode_hostile(&right), 0);
  for (size_t i = 0; i < 10; i++)
    assert_int_equal(decode_hostile(&wrong[i]), -EBADMSG);
}

static void a_head_from_before_the_first_counter_is_refused(void **state)
{
  (void)state;
  static const uint32_t distance[] = {0, 3, 6, 7, 1000, 40000};
  struct bundle_head read = {.len = 9999};
  for (size_t i = 0; i < sizeof distance / sizeof *distance; i++) {
    struct wire wire;
    put_head(&wire, &sealed, 3, 100 + distance[i]);
    assert_int_equal(bundle_head_decode(&read, 3, distance[i], open_whole(&wire)), -EBADMSG);
    assert_int_equal(read.len, 9999);
  }
}

static void fill(uint64_t *random, uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)test_random(random);
}

static void whole_bundles_come_back_and_cut_ones_do_not(void **state)
{
  (void)state;
  uint64_t random = test_seed("whole_bundles_come_back_and_cut_ones_do_not");
  for (int round = 0; round < 300; round++) {
    struct wire wire;
    struct bundle_head head = random_head(&random), read, untouched = {.len = 9999};
    uint8_t content[BUNDLE_MAX], back[BUNDLE_MAX] = {0};
    uint16_t source = random_station(&random);
    fill(&random, content, head.len);
    bundle_encode(&head, content, source, 1, begin(&wire));
    size_t cut = test_random_below(&random, (uint32_t)bits_put_len(&wire.writer));
    assert_int_equal(bundle_decode(&untouched, back, source, 1, open_cut(&wire, cut)), -EBADMSG);
    assert_int_equal(untouched.len, 9999);
    assert_int_equal(back[0], 0);
    assert_int_equal(bundle_decode(&read, back, source, 1, open_whole(&wire)), 0);
    assert_int_equal(bits_left(&wire.reader), 0);
    expect_same_head(&read, &head);
    assert_memory_equal(back, content, head.len);
  }
}

static void a_bundle_lacking_its_last_byte_is_refused(void **state)
{
  (void)state;
  struct wire wire;
  struct bundle_head head = alert_head;
  uint8_t content[BUNDLE_MAX] = {0}, back[BUNDLE_MAX];
  head.len = BUNDLE_MAX;
  bundle_encode(&head, content, 3, 100, begin(&wire));
  size_t len = bits_put_len(&wire.writer);
  assert_int_equal(len, 3 + BUNDLE_MAX);
  assert_int_equal(bundle_decode(&head, back, 3, 100, open_cut(&wire, len - 1)), -EBADMSG);
}

static void runs_of_pieces_come_back_and_cut_ones_do_not(void **state)
{
  (void)state;
  uint64_t random = test_seed("runs_of_pieces_come_back_and_cut_ones_do_not");
  static struct piece_run run, read, untouched;
  untouched.count = 99;
  for (int round = 0; round < 300; round++) {
    struct wire wire;
    uint16_t source = random_station(&random);
    run.head = random_head(&random);
    run.first = (uint8_t)test_random(&random);
    unsigned room = PIECE_INDEX_MAX + 1u - run.first;
    run.count = (uint8_t)(1 + test_random_below(&random, room < PIECE_RUN_MAX ? room : PIECE_RUN_MAX));
    size_t len = (size_t)run.count * PIECE_LEN;
    fill(&random, run.piece[0], len);
    piece_run_encode(&run, source, 1, begin(&wire));
    size_t cut = test_random_below(&random, (uint32_t)bits_put_len(&wire.writer));
    assert_int_equal(piece_run_decode(&untouched, source, 1, open_cut(&wire, cut)), -EBADMSG);
    assert_int_equal(untouched.count, 99);
    assert_int_equal(piece_run_decode(&read, source, 1, open_whole(&wire)), 0);
    assert_int_equal(bits_left(&wire.reader), 0);
    expect_same_head(&read.head, &run.head);
    assert_int_equal(read.first, run.first);
    assert_int_equal(read.count, run.count);
    assert_memory_equal(read.piece, run.piece, len);
  }
}

static int decode_run(unsigned first, unsigned count)
{
  struct wire wire;
  static struct piece_run run;
  put_head(&wire, &alert_head, 3, 100);
  bits_put(&wire.writer, first, 8);
  bits_put(&wire.writer, count, 6);
  return piece_run_decode(&run, 3, 100, open_cut(&wire, sizeof wire.buf));
}

static void runs_beyond_the_last_piece_are_refused(void **state)
{
  (void)state;
  assert_int_equal(decode_run(0, 63), 0);
  assert_int_equal(decode_run(255, 1), 0);
  assert_int_equal(decode_run(193, 63), 0);
  assert_int_equal(decode_run(0, 0), -EBADMSG);
  assert_int_equal(decode_run(5, 0), -EBADMSG);
  assert_int_equal(decode_run(255, 2), -EBADMSG);
  assert_int_equal(decode_run(194, 63), -EBADMSG);
}

static void lists_come_back_and_cut_ones_do_not(void **state)
{
  (void)state;
  uint64_t random = test_seed("lists_come_back_and_cut_ones_do_not");
  for (int round = 0; round < 1000; round++) {
    struct wire wire;
    struct bundle_list list = {.is_complete = (uint8_t)test_random_below(&random, 2),
                               .count = test_random_below(&random, LIST_NAMES_MAX + 1)};
    struct bundle_list read, untouched = {.count = 99};
    for (size_t i = 0; i < list.count; i++)
      list.name[i] = (struct bundle_name){random_station(&random), (uint16_t)test_random(&random)};
    bundle_list_encode(&list, begin(&wire));
    size_t cut = test_random_below(&random, (uint32_t)bits_put_len(&wire.writer));
    assert_int_equal(bundle_list_decode(&untouched, open_cut(&wire, cut)), -EBADMSG);
    assert_int_equal(untouched.count, 99);
    assert_int_equal(bundle_list_decode(&read, open_whole(&wire)), 0);
    assert_int_equal(wire.reader.bits, wire.writer.bits);
    assert_int_equal(read.is_complete, list.is_complete);
    assert_int_equal(read.count, list.count);
    for (size_t i = 0; i < list.count; i++) {
      assert_int_equal(read.name[i].origin, list.name[i].origin);
      assert_int_equal(read.name[i].counter_low, list.name[i].counter_low);
    }
  }
}

static int decode_list(unsigned count, unsigned origin)
{
  struct wire wire;
  struct bundle_list list;
  bits_put(begin(&wire), ITEM_LIST, ITEM_TYPE_BITS);
  bits_put(&wire.writer, 1, 1);
  bits_put(&wire.writer, count, 7);
  for (unsigned i = 0; i < count; i++)
    bits_put(&wire.writer, origin << 16 | i, 24);
  return bundle_list_decode(&list, open_whole(&wire));
}

static void lists_too_long_or_of_nobody_are_refused(void **state)
{
  (void)state;
  assert_int_equal(decode_list(64, 250), 0);
  assert_int_equal(decode_list(65, 250), -EBADMSG);
  assert_int_equal(decode_list(127, 250), -EBADMSG);
  assert_int_equal(decode_list(1, STATION_NONE), -EBADMSG);
  assert_int_equal(decode_list(1, STATION_ALL), -EBADMSG);
}

static void random_bytes_are_read_within_bounds_or_refused(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_bytes_are_read_within_bounds_or_refused");
  static struct piece_run run;
  for (int round = 0; round < 20000; round++) {
    struct wire wire;
    uint8_t content[BUNDLE_MAX];
    struct bundle_head head;
    struct bundle_list list;
    size_t len = test_random_below(&random, 64);
    fill(&random, wire.buf, len);
    if (!bundle_decode(&head, content, 1, 1000, open_cut(&wire, len)))
      assert_true(head.len <= len && (head.kind == BUNDLE_SEALED || head.dest == STATION_ALL));
    if (!piece_run_decode(&run, 1, 1000, open_cut(&wire, len)))
      assert_true((size_t)run.count * PIECE_LEN <= len && run.first + run.count <= 256);
    if (!bundle_list_decode(&list, open_cut(&wire, len)))
      assert_true(list.count * 3 <= len);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_head_on_its_first_hop_is_small),
      cmocka_unit_test(a_relayed_head_names_its_originator),
      cmocka_unit_test(no_head_is_longer_than_stated),
      cmocka_unit_test(random_heads_come_back),
      cmocka_unit_test(a_counter_of_ones_own_beyond_the_frames_goes_in_full),
      cmocka_unit_test(impossible_heads_are_refused),
      cmocka_unit_test(a_head_from_before_the_first_counter_is_refused),
      cmocka_unit_test(whole_bundles_come_back_and_cut_ones_do_not),
      cmocka_unit_test(a_bundle_lacking_its_last_byte_is_refused),
      cmocka_unit_test(runs_of_pieces_come_back_and_cut_ones_do_not),
      cmocka_unit_test(runs_beyond_the_last_piece_are_refused),
      cmocka_unit_test(lists_come_back_and_cut_ones_do_not),
      cmocka_unit_test(lists_too_long_or_of_nobody_are_refused),
      cmocka_unit_test(random_bytes_are_read_within_bounds_or_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
