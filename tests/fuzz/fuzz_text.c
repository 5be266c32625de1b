/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the text decoder: the input is the text's bits. */
#include "tests/fuzz/fuzz.h"

static int decode(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  return text_decode(out, in);
}

static void encode(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  text_encode(in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct text), decode, encode, NULL};
  struct text text;
  if (!fuzz_codec_check(&codec, data, size, &text))
    fuzz_check_text(&text);
  return 0;
}
