/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes heads of messages, acknowledgements, proofs, notices of counters and polls.  The input: four bytes, the
 * counter of the frame; then an item, its type first. */
#include "protocol/wire/item.h"
#include "tests/fuzz/fuzz.h"

struct item_context {
  uint8_t type;
  uint16_t source;
  uint32_t frame_counter;
};

/* The type was written with the rest: it is read again before the second decoding. */
static uint8_t take_type(struct bit_reader *in)
{
  return (uint8_t)bits_get(in, 4);
}

static int decode_head(void *out, struct bit_reader *in, void *context)
{
  const struct item_context *item = context;
  return item_head_decode(out, take_type(in), item->frame_counter, in);
}

static void encode_head(const void *in, struct bit_writer *out, void *context)
{
  const struct item_context *item = context;
  item_head_encode(in, item->frame_counter, out);
}

static int decode_ack(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  take_type(in);
  return ack_decode(out, in);
}

static void encode_ack(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  ack_encode(in, out);
}

static int decode_proof(void *out, struct bit_reader *in, void *context)
{
  const struct item_context *item = context;
  take_type(in);
  return proof_item_decode(out, item->source, item->frame_counter, in);
}

static void encode_proof(const void *in, struct bit_writer *out, void *context)
{
  const struct item_context *item = context;
  proof_item_encode(in, item->source, item->frame_counter, out);
}

static int decode_counter(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  take_type(in);
  return counter_item_decode(out, in);
}

static void encode_counter(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  counter_item_encode(in, out);
}

static int decode_poll(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  take_type(in);
  return poll_item_decode(out, in);
}

static void encode_poll(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  poll_item_encode(in, out);
}

static void check_head(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct item_head), decode_head, encode_head, context};
  struct item_head head;
  if (fuzz_codec_check(&codec, data, size, &head))
    return;
  FUZZ_CHECK(head.type == context->type);
  FUZZ_CHECK(head.counter >= 1 && head.counter <= context->frame_counter);
}

static void check_ack(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct ack), decode_ack, encode_ack, context};
  struct ack ack;
  if (fuzz_codec_check(&codec, data, size, &ack))
    return;
  FUZZ_CHECK(ack.code < ACK_CODE_COUNT && (ack.code == ACK_LACKS) == (ack.lacks > 0));
  FUZZ_CHECK(ack.origin == STATION_NONE || station_is_valid(ack.origin));
}

static void check_proof(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct proof_item), decode_proof, encode_proof, context};
  struct proof_item item;
  if (!fuzz_codec_check(&codec, data, size, &item))
    FUZZ_CHECK(station_is_valid(item.origin) && item.counter);
}

static void check_counter(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct counter_item), decode_counter, encode_counter, context};
  struct counter_item item;
  if (!fuzz_codec_check(&codec, data, size, &item))
    FUZZ_CHECK(item.counter);
}

static void check_poll(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct poll_item), decode_poll, encode_poll, context};
  struct poll_item item;
  if (!fuzz_codec_check(&codec, data, size, &item))
    FUZZ_CHECK(item.seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  struct item_context context = {.frame_counter = fuzz_take_number(&in, 4)};
  context.type = in.left ? in.at[0] >> 4 : 0;
  context.source = 1;
  switch (context.type) {
  case ITEM_ACK:
    check_ack(&context, in.at, in.left);
    break;
  case ITEM_PROOF:
    if (context.frame_counter) /* frame_open lets no other through */
      check_proof(&context, in.at, in.left);
    break;
  case ITEM_COUNTER:
    check_counter(&context, in.at, in.left);
    break;
  case ITEM_POLL:
    check_poll(&context, in.at, in.left);
    break;
  default:
    check_head(&context, in.at, in.left);
  }
  return 0;
}
