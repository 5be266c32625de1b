/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file of one post, written by the coordinator's network folder.  Only radiod/network uses this; the daemon
 * reads the file through network.h. */
#ifndef RADIOD_NETWORK_KEY_H
#define RADIOD_NETWORK_KEY_H

#include "protocol/crypto/keyring.h"

/* Memory for secrets, zeroed; sodium_free wipes it.  NULL with err filled when there is none. */
void *network_secret_new(size_t size, char *err, size_t err_len);

/* Writes secrets and the signed directory. */
int network_key_write(const char *file, const struct station_secrets *secrets, const uint8_t *wire, size_t wire_len,
                      int overwrite, char *err, size_t err_len);

#endif
