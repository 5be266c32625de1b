/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the erasure code.  The input: two bytes, the length of the content; one byte that counts the pieces that do
 * arrive; their numbers; the content. */
#include <string.h>

#include "protocol/link/pieces.h"
#include "tests/fuzz/fuzz.h"

static void check_read(const struct piece_collector *collector, const uint8_t *content, size_t len)
{
  uint8_t read[BUNDLE_MAX];
  int err = piece_collector_read(collector, read);
  FUZZ_CHECK((err == 0) == !piece_collector_lacks(collector));
  FUZZ_CHECK(err || !memcmp(read, content, len));
}

/* Each piece that is new brings the content one nearer, whichever it is. */
static void collect(const uint8_t *content, size_t len, const uint8_t *numbers, size_t count)
{
  struct piece_collector collector;
  uint8_t seen[PIECE_INDEX_MAX + 1] = {0}, piece[PIECE_LEN];
  piece_collector_init(&collector, len);
  for (size_t i = 0; i < count; i++) {
    unsigned before = piece_collector_lacks(&collector);
    piece_make(content, len, numbers[i], piece);
    int helped = piece_collector_add(&collector, numbers[i], piece);
    FUZZ_CHECK(helped == (before > 0 && !seen[numbers[i]]));
    FUZZ_CHECK(piece_collector_lacks(&collector) == before - (unsigned)helped);
    seen[numbers[i]] = 1;
  }
  check_read(&collector, content, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  uint8_t content[BUNDLE_MAX] = {0};
  size_t count, given, len = 1 + fuzz_take_number(&in, 2) % BUNDLE_MAX;
  const uint8_t *numbers = fuzz_take_bytes(&in, fuzz_take_number(&in, 1), &count);
  const uint8_t *bytes = fuzz_take_bytes(&in, len, &given);
  memcpy(content, bytes, given);
  collect(content, len, numbers, count);
  return 0;
}
