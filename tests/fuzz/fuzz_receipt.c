/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the receipt decoder: the input is the receipt's bits. */
#include "protocol/wire/receipt.h"
#include "tests/fuzz/fuzz.h"

static int decode(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  return receipt_decode(out, in);
}

static void encode(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  receipt_encode(in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct receipt), decode, encode, NULL};
  struct receipt receipt;
  if (fuzz_codec_check(&codec, data, size, &receipt))
    return 0;
  fuzz_check_text(&receipt.text);
  FUZZ_CHECK(receipt_step_name(receipt.step) && receipt.officer <= RECEIPT_OFFICER_MAX);
  FUZZ_CHECK(receipt.ref_counter <= UINT16_MAX);
  return 0;
}
