/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry of the station directory in its signed form, for the directory itself and for orders that change it. */
#ifndef PROTOCOL_CRYPTO_DIRECTORY_ENTRY_H
#define PROTOCOL_CRYPTO_DIRECTORY_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"

/* Returns 0, or -EINVAL with why. */
int directory_entry_check(const struct directory_entry *entry, char *why, size_t why_len);

/* Writes at most DIRECTORY_ENTRY_MAX bytes of an entry that was checked.  Returns bytes written. */
size_t directory_entry_encode(const struct directory_entry *entry, uint8_t *out);

/* Reads an entry from the beginning of buf.  Returns bytes used, or -EBADMSG: short, not to be checked, or with a box
 * key of low order, which would make the key with every peer known to everybody.  out is untouched on error. */
int directory_entry_decode(struct directory_entry *out, const uint8_t *buf, size_t len);

#endif
