/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the station directory: the input, with and without a true signature put behind it. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "protocol/crypto/directory.h"
#include "tests/fuzz/fuzz.h"

struct authority {
  uint8_t public_key[DIRECTORY_KEY_LEN];
  uint8_t secret[64];
};

struct forms {
  struct directory directory;
  uint8_t given[DIRECTORY_WIRE_MAX], first[DIRECTORY_WIRE_MAX], second[DIRECTORY_WIRE_MAX];
};

/* Station numbers of the input need not rise; those of a signed form do. */
static void check_round_trip(struct forms *forms, const struct authority *authority)
{
  int len = directory_sign(&forms->directory, authority->secret, forms->first, sizeof forms->first);
  FUZZ_CHECK(len > 0);
  FUZZ_CHECK(!directory_open(&forms->directory, authority->public_key, forms->first, (size_t)len));
  FUZZ_CHECK(directory_sign(&forms->directory, authority->secret, forms->second, sizeof forms->second) == len);
  FUZZ_CHECK(!memcmp(forms->first, forms->second, (size_t)len));
}

static void check_entries(const struct directory *directory)
{
  FUZZ_CHECK(directory->count <= DIRECTORY_MAX_STATIONS);
  for (unsigned i = 0; i < directory->count; i++) {
    const struct directory_entry *entry = &directory->entry[i];
    FUZZ_CHECK(directory_find(directory, entry->number) == entry);
    FUZZ_CHECK(directory_find_text(directory, entry->callsign));
    FUZZ_CHECK(station_role_name(entry->role));
  }
}

static void check_signed(struct forms *forms, const struct authority *authority, const uint8_t *data, size_t size)
{
  if (size > sizeof forms->given - DIRECTORY_SIGNATURE_LEN)
    return;
  memcpy(forms->given, data, size);
  crypto_sign_detached(forms->given + size, NULL, forms->given, size, authority->secret);
  if (directory_open(&forms->directory, authority->public_key, forms->given, size + DIRECTORY_SIGNATURE_LEN))
    return;
  check_entries(&forms->directory);
  check_round_trip(forms, authority);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct authority authority;
  static struct forms forms; /* too large for a stack, and most of an input's time on a heap */
  crypto_sign_seed_keypair(authority.public_key, authority.secret, (const uint8_t[32]){0x31});
  FUZZ_CHECK(directory_open(&forms.directory, authority.public_key, data, size));
  check_signed(&forms, &authority, data, size);
  return 0;
}
