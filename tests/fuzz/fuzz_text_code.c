/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the text code: the first byte says how the others are read, as bits from an offset (0..7) or as packed
 * bytes (8).  What comes out must come back the same from the bits that it is written as. */
#include <errno.h>
#include <string.h>

#include "protocol/text/codec.h"
#include "tests/fuzz/fuzz.h"

#define UNPACK 8
#define HOWS 9
#define CODE_MAX (4 * TEXT_BYTES_MAX)

/* A buffer of exactly the size that the reader is told, so that a byte beyond it is seen. */
#define TEXT_MAX 800

static void check_error(int err)
{
  FUZZ_CHECK(err == -EBADMSG || err == -EPROTONOSUPPORT);
}

static void check_pack(const char *bytes, size_t len)
{
  uint8_t packed[TEXT_MAX + 1];
  char back[TEXT_MAX];
  size_t back_len, packed_len = text_pack(packed, bytes, len);
  FUZZ_CHECK(packed_len <= len + 1);
  FUZZ_CHECK(!text_unpack(back, len, &back_len, packed, packed_len));
  FUZZ_CHECK(back_len == len && !memcmp(back, bytes, len));
}

static void check_code(const char *bytes, size_t len)
{
  uint8_t code[CODE_MAX];
  char back[TEXT_MAX];
  size_t back_len;
  struct bit_writer writer;
  struct bit_reader reader;
  bits_writer_init(&writer, code, sizeof code);
  FUZZ_CHECK(!text_code_write(&writer, bytes, len) && !writer.overflow);
  bits_reader_init(&reader, code, bits_put_len(&writer));
  FUZZ_CHECK(!text_code_read(back, len, &back_len, &reader) && reader.bits == writer.bits);
  FUZZ_CHECK(back_len == len && !memcmp(back, bytes, len));
}

static void fuzz_read(char *bytes, const uint8_t *data, size_t size, unsigned offset)
{
  struct bit_reader reader;
  size_t len;
  bits_reader_init(&reader, data, size);
  bits_get(&reader, offset);
  int err = text_code_read(bytes, TEXT_MAX, &len, &reader);
  if (err) {
    check_error(err);
    return;
  }
  FUZZ_CHECK(len <= TEXT_MAX && !reader.underflow && reader.bits <= 8 * size);
  check_code(bytes, len);
  check_pack(bytes, len);
}

static void fuzz_unpack(char *bytes, const uint8_t *data, size_t size)
{
  size_t len;
  int err = text_unpack(bytes, TEXT_MAX, &len, data, size);
  if (err) {
    check_error(err);
    return;
  }
  FUZZ_CHECK(len <= TEXT_MAX);
  check_pack(bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  unsigned how = fuzz_take_number(&in, 1) % HOWS;
  char *bytes = malloc(TEXT_MAX);
  if (how == UNPACK)
    fuzz_unpack(bytes, in.at, in.left);
  else
    fuzz_read(bytes, in.at, in.left, how);
  free(bytes);
  return 0;
}
