/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what passes through stations that are not its recipient: bundles, runs of their pieces, lists.  The input:
 * two bytes, the source of the frame; four bytes, its counter; then an item, its type first. */
#include "protocol/wire/bundle.h"
#include "protocol/wire/item.h"
#include "protocol/wire/piece_run.h"
#include "tests/fuzz/fuzz.h"

struct item_context {
  uint16_t source;
  uint32_t frame_counter;
};

struct bundle {
  struct bundle_head head;
  uint8_t content[BUNDLE_MAX];
};

static int decode_bundle(void *out, struct bit_reader *in, void *context)
{
  const struct item_context *item = context;
  struct bundle *bundle = out;
  bits_get(in, ITEM_TYPE_BITS);
  return bundle_decode(&bundle->head, bundle->content, item->source, item->frame_counter, in);
}

static void encode_bundle(const void *in, struct bit_writer *out, void *context)
{
  const struct item_context *item = context;
  const struct bundle *bundle = in;
  bundle_encode(&bundle->head, bundle->content, item->source, item->frame_counter, out);
}

static int decode_run(void *out, struct bit_reader *in, void *context)
{
  const struct item_context *item = context;
  bits_get(in, ITEM_TYPE_BITS);
  return piece_run_decode(out, item->source, item->frame_counter, in);
}

static void encode_run(const void *in, struct bit_writer *out, void *context)
{
  const struct item_context *item = context;
  piece_run_encode(in, item->source, item->frame_counter, out);
}

static int decode_list(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  bits_get(in, ITEM_TYPE_BITS);
  return bundle_list_decode(out, in);
}

static void encode_list(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  bundle_list_encode(in, out);
}

static void check_head(const struct bundle_head *head)
{
  FUZZ_CHECK(head->kind < BUNDLE_KIND_COUNT && head->len >= 1 && head->len <= BUNDLE_MAX);
  FUZZ_CHECK(station_is_valid(head->origin) && head->counter && head->dest != head->origin);
  FUZZ_CHECK(head->kind == BUNDLE_SEALED ? station_is_valid(head->dest) : head->dest == STATION_ALL);
}

static void check_bundle(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct bundle), decode_bundle, encode_bundle, context};
  struct bundle bundle;
  if (!fuzz_codec_check(&codec, data, size, &bundle))
    check_head(&bundle.head);
}

static void check_run(struct item_context *context, const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct piece_run), decode_run, encode_run, context};
  struct piece_run run;
  if (fuzz_codec_check(&codec, data, size, &run))
    return;
  check_head(&run.head);
  FUZZ_CHECK(run.count >= 1 && run.first + run.count - 1 <= PIECE_INDEX_MAX);
}

static void check_list(const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct bundle_list), decode_list, encode_list, NULL};
  struct bundle_list list;
  if (!fuzz_codec_check(&codec, data, size, &list))
    FUZZ_CHECK(list.count <= LIST_NAMES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  struct item_context context = {.source = (uint16_t)fuzz_take_number(&in, 2)};
  context.frame_counter = fuzz_take_number(&in, 4);
  if (!station_is_valid(context.source) || !context.frame_counter)
    return 0; /* frame_open lets no such frame through */
  uint8_t type = in.left ? in.at[0] >> 4 : 0;
  if (type == ITEM_PIECES)
    check_run(&context, in.at, in.left);
  else if (type == ITEM_LIST)
    check_list(in.at, in.left);
  else
    check_bundle(&context, in.at, in.left);
  return 0;
}
