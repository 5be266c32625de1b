/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes heads of messages, acknowledgements and greetings.  The input: four bytes, the counter of the frame; then an
 * item, its type first. */
#include "protocol/wire/item.h"
#include "tests/fuzz/fuzz.h"

struct item_context {
  uint8_t type;
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

static int decode_hello(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  take_type(in);
  return hello_decode(out, in);
}

static void encode_hello(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  hello_encode(in, out);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  struct item_context context = {.frame_counter = fuzz_take_number(&in, 4)};
  struct fuzz_codec ack_codec = {sizeof(struct ack), decode_ack, encode_ack, NULL};
  struct fuzz_codec hello_codec = {sizeof(struct hello), decode_hello, encode_hello, NULL};
  struct ack ack;
  struct hello hello;
  context.type = in.left ? in.at[0] >> 4 : 0;
  if (context.type == ITEM_ACK)
    (void)fuzz_codec_check(&ack_codec, in.at, in.left, &ack);
  else if (context.type == ITEM_HELLO)
    (void)fuzz_codec_check(&hello_codec, in.at, in.left, &hello);
  else
    check_head(&context, in.at, in.left);
  return 0;
}
