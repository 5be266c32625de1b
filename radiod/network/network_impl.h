/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the coordinator's network folder share.  Nobody else includes this. */
#ifndef RADIOD_NETWORK_IMPL_H
#define RADIOD_NETWORK_IMPL_H

#include <sodium.h>
#include <stddef.h>

#include "protocol/crypto/order.h"
#include "radiod/network/network.h"

/* What only the coordinator holds of a station: written to its key file, kept to write that again. */
struct station_keys {
  uint8_t number[2]; /* big endian */
  uint8_t box_secret[KEYRING_KEY_LEN];
  uint8_t sign_seed[KEYRING_KEY_LEN];
};

_Static_assert(sizeof(struct station_keys) == 2 + 2 * KEYRING_KEY_LEN, "written to the file as it is");

struct network {
  char name[DIRECTORY_NAME_MAX + 1];
  uint8_t authority_seed[crypto_sign_SEEDBYTES];
  uint32_t epoch;
  uint8_t hop_key[KEYRING_KEY_LEN];
  struct epoch_key previous; /* the hop key before; epoch 0: none */
  struct station_keys station[DIRECTORY_MAX_STATIONS];
  size_t station_len; /* bytes used */
  uint8_t wire[DIRECTORY_WIRE_MAX];
  size_t wire_len;
  struct directory directory; /* what wire says */
};

/* One line in err for a name that is none, or a folder that cannot hold secrets. */
int network_check_name(const char *name, char *err, size_t err_len);
int network_check_folder(const char *folder, char *err, size_t err_len);

/* Reads and writes the folder's one file. */
int network_load(struct network *network, const char *folder, char *err, size_t err_len);
int network_save(struct network *network, const char *folder, int overwrite, char *err, size_t err_len);

/* Signs the directory into wire. */
int network_sign(struct network *network, char *err, size_t err_len);

#endif
