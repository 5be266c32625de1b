/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proves to every station who raised an alert or told the time: an Ed25519 signature (RFC 8032) of its originator. */
#ifndef PROTOCOL_CRYPTO_PROOF_H
#define PROTOCOL_CRYPTO_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"

#define PROOF_LEN 64
#define PROOF_BODY_MAX 1024 /* bytes that can be signed */

enum proof_purpose { PROOF_ALERT, PROOF_TIME };

/* What is signed besides the body: nothing of it can be changed or put under another number. */
struct proof_label {
  enum proof_purpose purpose;
  uint16_t origin;
  uint32_t counter;
  uint8_t precedence;
};

/* Signs len bytes (at most PROOF_BODY_MAX) for the keyring's own station, which is label->origin. */
void proof_make(const struct keyring *keyring, const struct proof_label *label, const uint8_t *body, size_t len,
                uint8_t proof[PROOF_LEN]);

/* Returns 0, -ENOENT (origin is not in the directory), -EPERM (the time, by a station that is no coordinator) or
 * -EKEYREJECTED. */
int proof_check(const struct directory *directory, const struct proof_label *label, const uint8_t *body, size_t len,
                const uint8_t proof[PROOF_LEN]);

#endif
