/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of messages, acknowledgements, and the small items. */
#include <errno.h>
#include <string.h>

#include "protocol/crypto/proof.h"
#include "protocol/wire/bundle.h"
#include "protocol/wire/item.h"
#include "protocol/wire/precedence.h"
#include "protocol/wire/snr.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

static size_t round_trip(const struct item_head *head, uint32_t frame_counter)
{
  uint8_t buf[16];
  struct bit_writer writer;
  struct bit_reader reader;
  struct item_head read;
  bits_writer_init(&writer, buf, sizeof buf);
  item_head_encode(head, frame_counter, &writer);
  bits_reader_init(&reader, buf, bits_put_len(&writer));
  uint8_t type = (uint8_t)bits_get(&reader, 4);
  assert_int_equal(type, head->type);
  assert_int_equal(item_head_decode(&read, type, frame_counter, &reader), 0);
  assert_int_equal(read.counter, head->counter);
  assert_int_equal(read.age_min, head->age_min);
  assert_int_equal(read.precedence, head->precedence);
  assert_int_equal(reader.bits, writer.bits);
  for (size_t len = 1; len < bits_put_len(&writer); len++) {
    bits_reader_init(&reader, buf, len);
    bits_get(&reader, 4);
    assert_int_equal(item_head_decode(&read, type, frame_counter, &reader), -EBADMSG);
  }
  return writer.bits;
}

static void heads_grow_only_with_distance_and_age(void **state)
{
  (void)state;
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 0}, 101), 10);
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 0}, 106), 10);
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 0}, 107), 26);
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 1}, 101), 26);
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 1}, 100 + 32767), 42);
  assert_int_equal(round_trip(&(struct item_head){ITEM_TEXT, FLASH, 100, 1}, 100 + 32768), 58);
}

static void random_heads_come_back(void **state)
{
  (void)state;
  uint64_t random = test_seed("random_heads_come_back");
  for (int round = 0; round < 20000; round++) {
    uint32_t counter = 1 + (uint32_t)(test_random(&random) >> (33 + test_random_below(&random, 30)));
    uint32_t back = (uint32_t)(test_random(&random) >> (33 + test_random_below(&random, 31)));
    struct item_head head = {(uint8_t)(1 + test_random_below(&random, 4)), (uint8_t)test_random_below(&random, 4),
                             counter, (uint16_t)(test_random(&random) >> (48 + test_random_below(&random, 17) % 16))};
    round_trip(&head, counter + back);
  }
}

static void a_distance_beyond_the_first_number_is_refused(void **state)
{
  (void)state;
  uint8_t buf[16];
  struct bit_writer writer;
  struct bit_reader reader;
  struct item_head head = {ITEM_TEXT, FLASH, 100, 0}, read = {.counter = 7};
  static const uint32_t distance[] = {0, 3, 6, 7, 1000, 40000};
  for (size_t i = 0; i < sizeof distance / sizeof *distance; i++) {
    bits_writer_init(&writer, buf, sizeof buf);
    item_head_encode(&head, 100 + distance[i], &writer);
    bits_reader_init(&reader, buf, sizeof buf);
    bits_get(&reader, 4);
    assert_int_equal(item_head_decode(&read, ITEM_TEXT, distance[i], &reader), -EBADMSG);
    assert_int_equal(read.counter, 7);
  }
}

static int16_t snr_after(int16_t snr_cb)
{
  uint8_t buf[4];
  struct bit_writer writer;
  struct bit_reader reader;
  struct ack ack = {.code = ACK_DELIVERED, .counter = 1, .snr_cb = snr_cb}, read;
  bits_writer_init(&writer, buf, sizeof buf);
  ack_encode(&ack, &writer);
  assert_int_equal(writer.bits, 30);
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(bits_get(&reader, 4), ITEM_ACK);
  assert_int_equal(ack_decode(&read, &reader), 0);
  return read.snr_cb;
}

static void the_snr_is_rounded_and_limited(void **state)
{
  (void)state;
  assert_int_equal(snr_after(SNR_UNKNOWN), SNR_UNKNOWN);
  assert_int_equal(snr_after(0), 0);
  assert_int_equal(snr_after(104), 100);
  assert_int_equal(snr_after(105), 110);
  assert_int_equal(snr_after(-104), -100);
  assert_int_equal(snr_after(-105), -110);
  assert_int_equal(snr_after(-220), -220);
  assert_int_equal(snr_after(-2000), -220);
  assert_int_equal(snr_after(400), 400);
  assert_int_equal(snr_after(INT16_MAX), 400);
  assert_int_equal(snr_after(INT16_MIN + 1), -220);
}

/* Bytes of the ack after a round trip, and a refusal of all that is shorter. */
static size_t ack_round_trip(const struct ack *ack)
{
  uint8_t buf[ACK_MAX_LEN];
  struct bit_writer writer;
  struct bit_reader reader;
  struct ack read, untouched = {.counter = 7};
  bits_writer_init(&writer, buf, sizeof buf);
  ack_encode(ack, &writer);
  assert_false(writer.overflow);
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(bits_get(&reader, 4), ITEM_ACK);
  assert_int_equal(ack_decode(&read, &reader), 0);
  assert_int_equal(reader.bits, writer.bits);
  assert_int_equal(read.code, ack->code);
  assert_int_equal(read.counter, ack->counter);
  assert_int_equal(read.snr_cb, ack->snr_cb);
  assert_int_equal(read.origin, ack->origin);
  assert_int_equal(read.lacks, ack->lacks);
  for (size_t len = 0; len < bits_put_len(&writer); len++) {
    bits_reader_init(&reader, buf, len);
    bits_get(&reader, 4);
    assert_int_equal(ack_decode(&untouched, &reader), -EBADMSG);
  }
  assert_int_equal(untouched.counter, 7);
  return bits_put_len(&writer);
}

static void an_ack_grows_only_by_what_it_says(void **state)
{
  (void)state;
  for (uint8_t code = 0; code < ACK_CODE_COUNT; code++) {
    struct ack ack = {.code = code, .counter = 65535, .snr_cb = 400, .lacks = code == ACK_LACKS ? 64 : 0};
    size_t more = code == ACK_LACKS ? 1 : 0;
    assert_int_equal(ack_round_trip(&ack), 4 + more);
    ack.origin = 250;
    assert_int_equal(ack_round_trip(&ack), 5 + more);
    ack.origin = STATION_MAX;
    assert_int_equal(ack_round_trip(&ack), 6 + more);
  }
}

static int decode_ack(unsigned code, int has_origin, unsigned origin, unsigned lacks)
{
  uint8_t buf[ACK_MAX_LEN];
  struct bit_writer writer;
  struct bit_reader reader;
  struct ack ack = {.counter = 7};
  bits_writer_init(&writer, buf, sizeof buf);
  bits_put(&writer, code, 3);
  bits_put(&writer, 1, 16);
  bits_put(&writer, 0, 6);
  bits_put(&writer, (uint32_t)has_origin, 1);
  if (has_origin)
    bits_put(&writer, origin, 8);
  bits_put(&writer, lacks, 8);
  bits_reader_init(&reader, buf, sizeof buf);
  int err = ack_decode(&ack, &reader);
  assert_int_equal(ack.counter, err ? 7 : 1);
  return err;
}

static void an_ack_of_nobodys_message_or_of_impossible_pieces_is_refused(void **state)
{
  (void)state;
  assert_int_equal(decode_ack(ACK_CUSTODY, 1, 250, 0), 0);
  assert_int_equal(decode_ack(ACK_CUSTODY, 1, STATION_NONE, 0), -EBADMSG);
  assert_int_equal(decode_ack(ACK_CUSTODY, 1, STATION_ALL, 0), -EBADMSG);
  assert_int_equal(decode_ack(ACK_LACKS, 0, 0, 1), 0);
  assert_int_equal(decode_ack(ACK_LACKS, 0, 0, BUNDLE_MAX / 16), 0);
  assert_int_equal(decode_ack(ACK_LACKS, 0, 0, 0), -EBADMSG);
  assert_int_equal(decode_ack(ACK_LACKS, 0, 0, BUNDLE_MAX / 16 + 1), -EBADMSG);
}

static void a_proof_comes_back_whole_or_not_at_all(void **state)
{
  (void)state;
  _Static_assert(ITEM_PROOF_LEN == PROOF_LEN, "the item carries a proof");
  uint64_t random = test_seed("a_proof_comes_back_whole_or_not_at_all");
  uint8_t buf[80];
  struct bit_writer writer;
  struct bit_reader reader;
  struct proof_item item = {.origin = 3, .counter = 100}, read, untouched = {.counter = 7};
  for (size_t i = 0; i < sizeof item.proof; i++)
    item.proof[i] = (uint8_t)test_random(&random);
  for (uint16_t source = 3; source <= 4; source++) {
    bits_writer_init(&writer, buf, sizeof buf);
    proof_item_encode(&item, source, 101, &writer);
    assert_int_equal(bits_put_len(&writer), source == item.origin ? 1 + 64 : 3 + 64);
    for (size_t len = 0; len < bits_put_len(&writer); len++) {
      bits_reader_init(&reader, buf, len);
      bits_get(&reader, 4);
      assert_int_equal(proof_item_decode(&untouched, source, 101, &reader), -EBADMSG);
    }
    bits_reader_init(&reader, buf, bits_put_len(&writer));
    assert_int_equal(bits_get(&reader, 4), ITEM_PROOF);
    assert_int_equal(proof_item_decode(&read, source, 101, &reader), 0);
    assert_int_equal(read.origin, item.origin);
    assert_int_equal(read.counter, item.counter);
    assert_memory_equal(read.proof, item.proof, sizeof read.proof);
  }
  assert_int_equal(untouched.counter, 7);
}

static void a_counter_comes_back_and_zero_is_refused(void **state)
{
  (void)state;
  uint8_t buf[7];
  struct bit_writer writer;
  struct bit_reader reader;
  struct counter_item item = {.counter = UINT32_MAX, .echo = 0x1234}, read, untouched = {.counter = 7};
  bits_writer_init(&writer, buf, sizeof buf);
  counter_item_encode(&item, &writer);
  for (size_t len = 0; len < sizeof buf; len++) {
    bits_reader_init(&reader, buf, len);
    bits_get(&reader, 4);
    assert_int_equal(counter_item_decode(&untouched, &reader), -EBADMSG);
  }
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(bits_get(&reader, 4), ITEM_COUNTER);
  assert_int_equal(counter_item_decode(&read, &reader), 0);
  assert_int_equal(read.counter, item.counter);
  assert_int_equal(read.echo, item.echo);
  memset(buf, 0, sizeof buf);
  bits_reader_init(&reader, buf, sizeof buf);
  assert_int_equal(counter_item_decode(&untouched, &reader), -EBADMSG);
  assert_int_equal(untouched.counter, 7);
}

static void a_poll_grants_at_least_a_second(void **state)
{
  (void)state;
  for (unsigned seconds = 1; seconds < 256; seconds++) {
    uint8_t buf[2];
    struct bit_writer writer;
    struct bit_reader reader;
    struct poll_item item = {(uint8_t)seconds}, read;
    bits_writer_init(&writer, buf, sizeof buf);
    poll_item_encode(&item, &writer);
    bits_reader_init(&reader, buf, sizeof buf);
    assert_int_equal(bits_get(&reader, 4), ITEM_POLL);
    assert_int_equal(poll_item_decode(&read, &reader), 0);
    assert_int_equal(read.seconds, seconds);
    bits_reader_init(&reader, buf, 1);
    bits_get(&reader, 4);
    assert_int_equal(poll_item_decode(&read, &reader), -EBADMSG);
  }
  const uint8_t none[2] = {ITEM_POLL << 4, 0};
  struct poll_item untouched = {9};
  struct bit_reader reader;
  bits_reader_init(&reader, none, sizeof none);
  bits_get(&reader, 4);
  assert_int_equal(poll_item_decode(&untouched, &reader), -EBADMSG);
  assert_int_equal(untouched.seconds, 9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heads_grow_only_with_distance_and_age),
      cmocka_unit_test(random_heads_come_back),
      cmocka_unit_test(a_distance_beyond_the_first_number_is_refused),
      cmocka_unit_test(the_snr_is_rounded_and_limited),
      cmocka_unit_test(an_ack_grows_only_by_what_it_says),
      cmocka_unit_test(an_ack_of_nobodys_message_or_of_impossible_pieces_is_refused),
      cmocka_unit_test(a_proof_comes_back_whole_or_not_at_all),
      cmocka_unit_test(a_counter_comes_back_and_zero_is_refused),
      cmocka_unit_test(a_poll_grants_at_least_a_second),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
