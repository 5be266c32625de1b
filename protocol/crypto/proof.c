/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proves to every station who raised an alert or told the time. */
#include "protocol/crypto/proof.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "protocol/base/bits.h"

#define LABEL_MAX 16
#define SIGNED_MAX (LABEL_MAX + DIRECTORY_NETWORK_ID_LEN + 7 + PROOF_BODY_MAX)

/* What is signed, in one piece as Ed25519 wants it.  The purpose keeps a signature of one kind from being shown as
 * another. */
static size_t write_signed(uint8_t out[SIGNED_MAX], const struct proof_label *label,
                           const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN], const uint8_t *body, size_t len)
{
  static const char *const purposes[] = {[PROOF_ALERT] = "radiod alert v1", [PROOF_TIME] = "radiod time v1"};
  const char *purpose = purposes[label->purpose];
  struct bit_writer writer;
  bits_writer_init(&writer, out, SIGNED_MAX);
  bits_put_bytes(&writer, (const uint8_t *)purpose, strlen(purpose));
  bits_put_bytes(&writer, network_id, DIRECTORY_NETWORK_ID_LEN);
  bits_put(&writer, label->origin, 16);
  bits_put(&writer, label->counter, 32);
  bits_put(&writer, label->precedence, 8);
  bits_put_bytes(&writer, body, len);
  assert(!writer.overflow);
  return bits_put_len(&writer);
}

void proof_make(const struct keyring *keyring, const struct proof_label *label, const uint8_t *body, size_t len,
                uint8_t proof[PROOF_LEN])
{
  uint8_t message[SIGNED_MAX];
  assert(label->origin == keyring->self && len <= PROOF_BODY_MAX);
  size_t message_len = write_signed(message, label, keyring->network_id, body, len);
  crypto_sign_detached(proof, NULL, message, message_len, keyring->sign_secret);
}

int proof_check(const struct directory *directory, const struct proof_label *label, const uint8_t *body, size_t len,
                const uint8_t proof[PROOF_LEN])
{
  uint8_t message[SIGNED_MAX];
  const struct directory_entry *origin = directory_find(directory, label->origin);
  if (!origin)
    return -ENOENT;
  if (label->purpose == PROOF_TIME && origin->role != STATION_ROLE_COORDINATOR)
    return -EPERM;
  if (len > PROOF_BODY_MAX)
    return -EKEYREJECTED;
  size_t message_len = write_signed(message, label, directory->network_id, body, len);
  return crypto_sign_verify_detached(proof, message, message_len, origin->sign_key) ? -EKEYREJECTED : 0;
}
