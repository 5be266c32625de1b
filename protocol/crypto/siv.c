/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals bytes with a synthetic initialisation vector, from libsodium's keyed BLAKE2b and XChaCha20. */
#include "protocol/crypto/siv.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define CONTEXT_LEN 17

static void put_be(uint8_t *out, uint64_t value, unsigned bytes)
{
  for (unsigned i = bytes; i-- > 0; value >>= 8)
    out[i] = (uint8_t)value;
}

static void write_context(const struct siv_context *context, uint8_t out[CONTEXT_LEN])
{
  out[0] = context->flags;
  put_be(out + 1, context->source, 2);
  put_be(out + 3, context->dest, 2);
  put_be(out + 5, context->epoch, 4);
  put_be(out + 9, context->counter, 8);
}

static void make_tag(const struct seal_key *key, const struct siv_context *context, size_t tag_len,
                     const uint8_t *plain, size_t len, uint8_t *tag)
{
  uint8_t head[CONTEXT_LEN], full[crypto_generichash_BYTES];
  crypto_generichash_state state;
  write_context(context, head);
  crypto_generichash_init(&state, key->mac, sizeof key->mac, sizeof full);
  crypto_generichash_update(&state, head, sizeof head);
  crypto_generichash_update(&state, plain, len);
  crypto_generichash_final(&state, full, sizeof full);
  memcpy(tag, full, tag_len);
}

static void apply_stream(const struct seal_key *key, const struct siv_context *context, size_t tag_len,
                         const uint8_t *tag, const uint8_t *in, size_t len, uint8_t *out)
{
  uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES] = {0}, head[CONTEXT_LEN];
  _Static_assert(sizeof nonce == SIV_TAG_LONG + CONTEXT_LEN - 1, "the nonce is the tag and the context");
  memcpy(nonce, tag, tag_len);
  write_context(context, head);
  memcpy(nonce + SIV_TAG_LONG, head + 1, CONTEXT_LEN - 1);
  crypto_stream_xchacha20_xor(out, in, len, nonce, key->enc);
}

void siv_seal(const struct seal_key *key, const struct siv_context *context, size_t tag_len, const uint8_t *plain,
              size_t len, uint8_t *out)
{
  assert(tag_len == SIV_TAG_LONG || tag_len == SIV_TAG_SHORT);
  make_tag(key, context, tag_len, plain, len, out);
  apply_stream(key, context, tag_len, out, plain, len, out + tag_len);
}

int siv_open(const struct seal_key *key, const struct siv_context *context, size_t tag_len, const uint8_t *sealed,
             size_t len, uint8_t *plain)
{
  uint8_t tag[SIV_TAG_LONG];
  assert(tag_len == SIV_TAG_LONG || tag_len == SIV_TAG_SHORT);
  if (len < tag_len)
    return -EBADMSG;
  size_t plain_len = len - tag_len;
  apply_stream(key, context, tag_len, sealed, sealed + tag_len, plain_len, plain);
  make_tag(key, context, tag_len, plain, plain_len, tag);
  if (sodium_memcmp(tag, sealed, tag_len)) {
    sodium_memzero(plain, plain_len);
    return -EBADMSG;
  }
  return 0;
}
