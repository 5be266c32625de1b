/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes envelopes.  The input: four bytes of counter, one of precedence, one of life, two that choose a bit to turn,
 * then bytes that are opened as they are, sealed, opened again, and refused when one bit of them has turned. */
#include <string.h>

#include "protocol/crypto/envelope.h"
#include "protocol/wire/bundle.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/stations.h"

#define SENDER 1
#define RECEIVER 2

static void seal_and_open(struct stations *stations, const struct envelope_label *label, const uint8_t *plain,
                          size_t len, uint32_t bit)
{
  uint8_t sealed[BUNDLE_MAX], opened[BUNDLE_MAX];
  size_t sealed_len = len + ENVELOPE_OVERHEAD;
  struct keyring *receiver = &stations->keyring[RECEIVER];
  struct envelope_label other = *label;
  FUZZ_CHECK(!envelope_seal(&stations->keyring[SENDER], label, plain, len, sealed));
  FUZZ_CHECK(!envelope_open(receiver, label, sealed, sealed_len, opened) && !memcmp(opened, plain, len));
  other.counter++;
  FUZZ_CHECK(envelope_open(receiver, &other, sealed, sealed_len, opened) < 0);
  bit %= 8 * (unsigned)sealed_len;
  sealed[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
  FUZZ_CHECK(envelope_open(receiver, label, sealed, sealed_len, opened) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct stations *stations;
  if (!stations)
    stations = stations_new(RECEIVER);
  struct fuzz_input in = {data, size};
  uint8_t opened[BUNDLE_MAX];
  size_t len;
  struct envelope_label label = {.origin = SENDER, .dest = RECEIVER, .counter = fuzz_take_number(&in, 4)};
  label.precedence = fuzz_take_number(&in, 1) & 3;
  label.life = fuzz_take_number(&in, 1) & 63;
  uint32_t bit = fuzz_take_number(&in, 2);
  const uint8_t *bytes = fuzz_take_bytes(&in, BUNDLE_MAX - ENVELOPE_OVERHEAD, &len);
  FUZZ_CHECK(envelope_open(&stations->keyring[RECEIVER], &label, bytes, len, opened) < 0);
  seal_and_open(stations, &label, bytes, len, bit);
  return 0;
}
