/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file of one post, written by the coordinator's network folder and later by the post itself.  Only
 * radiod/network uses this. */
#ifndef RADIOD_NETWORK_KEY_H
#define RADIOD_NETWORK_KEY_H

#include "protocol/crypto/order.h"

/* Memory for secrets, zeroed; sodium_free wipes it.  NULL with err filled when there is none. */
void *network_secret_new(size_t size, char *err, size_t err_len);

/* All secrets of one station. */
struct network_key {
  struct station_secrets secrets;  /* with the hop key in use */
  struct epoch_key previous, next; /* of the epochs around it; epoch 0: none */
};

/* Writes the keys and the signed directory. */
int network_key_write(const char *file, const struct network_key *key, const uint8_t *wire, size_t wire_len,
                      int overwrite, char *err, size_t err_len);

/* As network_read_key_file, with all keys.  The directory may be signed by the station itself, see post_keys.h. */
int network_key_read(const char *file, struct network_key *key, struct directory *directory, char *err,
                     size_t err_len);

#endif
