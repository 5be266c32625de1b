/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets share: the fuzzer's bytes taken piece by piece, round trips, files in memory. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIRE_MAX 4096
#define UNTOUCHED 0xa5

uint32_t fuzz_take_number(struct fuzz_input *in, unsigned bytes)
{
  uint32_t value = 0;
  for (unsigned i = 0; i < bytes; i++) {
    value = value << 8 | (in->left ? *in->at : 0);
    in->at += in->left != 0;
    in->left -= in->left != 0;
  }
  return value;
}

const uint8_t *fuzz_take_bytes(struct fuzz_input *in, size_t want, size_t *len)
{
  const uint8_t *bytes = in->at;
  *len = want < in->left ? want : in->left;
  in->at += *len;
  in->left -= *len;
  return bytes;
}

static int decode(const struct fuzz_codec *codec, const uint8_t *data, size_t size, void *out)
{
  struct bit_reader reader;
  bits_reader_init(&reader, data, size);
  int err = codec->decode(out, &reader, codec->context);
  FUZZ_CHECK(err <= 0);
  FUZZ_CHECK(err || (!reader.underflow && reader.bits <= 8 * size));
  return err;
}

static size_t encode(const struct fuzz_codec *codec, const void *in, uint8_t out[WIRE_MAX])
{
  struct bit_writer writer;
  bits_writer_init(&writer, out, WIRE_MAX);
  codec->encode(in, &writer, codec->context);
  FUZZ_CHECK(!writer.overflow);
  bits_put_align(&writer);
  return bits_put_len(&writer);
}

static void check_untouched(const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    FUZZ_CHECK(bytes[i] == UNTOUCHED);
}

int fuzz_codec_check(const struct fuzz_codec *codec, const uint8_t *data, size_t size, void *out)
{
  uint8_t first[WIRE_MAX], second[WIRE_MAX];
  memset(out, UNTOUCHED, codec->size);
  int err = decode(codec, data, size, out);
  if (err) {
    check_untouched(out, codec->size);
    return err;
  }
  void *again = calloc(1, codec->size);
  FUZZ_CHECK(again);
  size_t len = encode(codec, out, first);
  FUZZ_CHECK(decode(codec, first, len, again) == 0);
  FUZZ_CHECK(encode(codec, again, second) == len && !memcmp(first, second, len));
  free(again);
  return 0;
}

void fuzz_check_text(const struct text *text)
{
  struct text taken;
  FUZZ_CHECK(text->len <= TEXT_MAX_BYTES && text->bytes[text->len] == 0);
  FUZZ_CHECK(text_set(&taken, text->bytes, text->len) == 0);
}

int fuzz_file_open(const uint8_t *data, size_t size, char path[FUZZ_PATH_MAX])
{
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  FUZZ_CHECK(fd >= 0 && !fchmod(fd, S_IRUSR | S_IWUSR));
  FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
  snprintf(path, FUZZ_PATH_MAX, "/proc/self/fd/%d", fd);
  return fd;
}
