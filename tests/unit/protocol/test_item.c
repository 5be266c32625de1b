/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of messages and acknowledgements. */
#include <errno.h>

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
  struct ack ack = {ACK_DELIVERED, 1, snr_cb}, read;
  bits_writer_init(&writer, buf, sizeof buf);
  ack_encode(&ack, &writer);
  assert_int_equal(writer.bits, 29);
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

static void reserved_codes_and_short_items_are_refused(void **state)
{
  (void)state;
  struct ack ack = {.counter = 7};
  struct bit_reader reader;
  for (unsigned code = ACK_CODE_COUNT; code < 8; code++) {
    const uint8_t buf[4] = {(uint8_t)(ITEM_ACK << 4 | code << 1)};
    bits_reader_init(&reader, buf, sizeof buf);
    bits_get(&reader, 4);
    assert_int_equal(ack_decode(&ack, &reader), -EBADMSG);
  }
  const uint8_t zeros[4] = {0};
  for (size_t len = 0; len < 4; len++) {
    bits_reader_init(&reader, zeros, len);
    bits_get(&reader, 4);
    assert_int_equal(ack_decode(&ack, &reader), -EBADMSG);
  }
  assert_int_equal(ack.counter, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heads_grow_only_with_distance_and_age),
      cmocka_unit_test(random_heads_come_back),
      cmocka_unit_test(a_distance_beyond_the_first_number_is_refused),
      cmocka_unit_test(the_snr_is_rounded_and_limited),
      cmocka_unit_test(reserved_codes_and_short_items_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
