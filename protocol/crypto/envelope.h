/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals a message end to end for a station that is reached through others: they carry it, but can neither read nor
 * change it. */
#ifndef PROTOCOL_CRYPTO_ENVELOPE_H
#define PROTOCOL_CRYPTO_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/keyring.h"

#define ENVELOPE_OVERHEAD 8 /* bytes: the tag */

/* What the stations on the way read, and the tag proves. */
struct envelope_label {
  uint16_t origin, dest;
  uint32_t counter; /* of the message: as unique as a frame's, drawn from the same source */
  uint8_t precedence;
  uint8_t life;
};

/* Seals len bytes from the keyring's own station (label->origin) into out (len + ENVELOPE_OVERHEAD bytes).
 * Returns 0 or -ENOENT (no key for dest). */
int envelope_seal(struct keyring *keyring, const struct envelope_label *label, const uint8_t *plain, size_t len,
                  uint8_t *out);

/* Opens len sealed bytes (overhead included) for the keyring's own station (label->dest) into plain
 * (len - ENVELOPE_OVERHEAD bytes).  Returns 0, -EBADMSG (short, for another station, or not sealed by
 * origin under this label: plain is then zeroed or untouched) or -ENOENT (no key of origin). */
int envelope_open(struct keyring *keyring, const struct envelope_label *label, const uint8_t *sealed, size_t len,
                  uint8_t *plain);

#endif
