/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals bytes with a synthetic initialisation vector (Rogaway and Shrimpton, "Deterministic
 * Authenticated-Encryption", EUROCRYPT 2006): the tag is a keyed hash over everything, and the nonce is made of the
 * tag, so none goes on air. */
#ifndef PROTOCOL_CRYPTO_SIV_H
#define PROTOCOL_CRYPTO_SIV_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/keyring.h"

#define SIV_TAG_LONG 8  /* messages */
#define SIV_TAG_SHORT 4 /* acknowledgements, beacons, the smallest status */

/* What sender and receiver both know and the tag covers besides the bytes. */
struct siv_context {
  uint8_t flags; /* the header byte with the modem's bits cleared */
  uint16_t source;
  uint16_t dest; /* 0 under the hop key */
  uint32_t epoch;
  uint32_t counter;
};

/* Writes tag (tag_len bytes) and ciphertext (len bytes) to out, which may not overlap plain. */
void siv_seal(const struct seal_key *key, const struct siv_context *context, size_t tag_len, const uint8_t *plain,
              size_t len, uint8_t *out);

/* sealed holds tag and ciphertext of len bytes.  Returns 0, or -EBADMSG: plain is then zeroed. */
int siv_open(const struct seal_key *key, const struct siv_context *context, size_t tag_len, const uint8_t *sealed,
             size_t len, uint8_t *plain);

#endif
