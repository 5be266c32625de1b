/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The post's directory, its keyring and its key file, for the daemon: orders that come by radio change all three, or
 * none. */
#ifndef RADIOD_POST_KEYS_H
#define RADIOD_POST_KEYS_H

#include <stddef.h>

#include "protocol/crypto/keyring.h"
#include "protocol/crypto/order.h"

struct post_keys;

/* Reads the key file that network_export or an earlier run wrote; see network_read_key_file. */
int post_keys_open(struct post_keys **out, const char *file, char *err, size_t err_len);
void post_keys_close(struct post_keys *keys); /* wipes; NULL is allowed */

/* Both live as long as the keys, and change only by the functions below. */
const struct directory *post_keys_directory(const struct post_keys *keys);
struct keyring *post_keys_keyring(struct post_keys *keys);
const uint8_t *post_keys_authority(const struct post_keys *keys); /* DIRECTORY_KEY_LEN bytes */

/* The functions below write the key file anew before anything else changes, so that a power cut leaves the old state
 * or the new one.  The file's directory is then signed by this station itself: the authority's signature covered
 * another version.  context is a struct post_keys; they fit struct store_keys. */

/* Returns 0, order_apply's errors, or why the file could not be written (-ENOSPC, -EACCES ...). */
int post_keys_carry_out(void *context, const struct order *order);

/* Keeps the hop key of an epoch to come.  Returns 0 (also when it is held already), -EALREADY (an epoch not above
 * the present one) or why the file could not be written. */
int post_keys_add_epoch(void *context, const struct epoch_key *key);

/* The keyring went over to this epoch.  Returns 0, -ENOENT (no key of it is held) or why the file could not be
 * written. */
int post_keys_begin_epoch(void *context, uint32_t epoch);

#endif
