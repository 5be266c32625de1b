/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals a message end to end for a station that is reached through others. */
#include "protocol/crypto/envelope.h"

#include <assert.h>
#include <errno.h>

#include "protocol/crypto/siv.h"
#include "protocol/wire/precedence.h"

/* Where a frame has its version: no frame has this one, so nothing sealed as the one can ever open as the other. */
#define ENVELOPE_FLAGS 0xc0

_Static_assert(ENVELOPE_OVERHEAD == SIV_TAG_LONG, "an envelope is a long tag and what it hides");

static struct siv_context context_of(const struct envelope_label *label)
{
  return (struct siv_context){.flags = (uint8_t)(ENVELOPE_FLAGS | label->precedence),
                              .source = label->origin,
                              .dest = label->dest,
                              .epoch = label->life,
                              .counter = label->counter};
}

int envelope_seal(struct keyring *keyring, const struct envelope_label *label, const uint8_t *plain, size_t len,
                  uint8_t *out)
{
  assert(label->origin == keyring->self && label->precedence < PRECEDENCE_COUNT);
  const struct seal_key *key = keyring_pair(keyring, label->dest);
  if (!key)
    return -ENOENT;
  struct siv_context context = context_of(label);
  siv_seal(key, &context, SIV_TAG_LONG, plain, len, out);
  return 0;
}

int envelope_open(struct keyring *keyring, const struct envelope_label *label, const uint8_t *sealed, size_t len,
                  uint8_t *plain)
{
  if (label->dest != keyring->self || label->precedence >= PRECEDENCE_COUNT || len < ENVELOPE_OVERHEAD)
    return -EBADMSG;
  const struct seal_key *key = keyring_pair(keyring, label->origin);
  if (!key)
    return -ENOENT;
  struct siv_context context = context_of(label);
  return siv_open(key, &context, SIV_TAG_LONG, sealed, len, plain);
}
