/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The coordinator's network folder (authority key, hop key, secrets of every station) and the key file that each post
 * gets from it.  Only radioctl network writes them; the daemon reads its key file. */
#ifndef RADIOD_NETWORK_H
#define RADIOD_NETWORK_H

#include <stddef.h>

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"
#include "protocol/crypto/order.h"

/* All functions return 0 or a negative errno code with one line in err: what, where, what to do.  Files and folders
 * are made with mode 0600 / 0700, written to a temporary name, synced and renamed, and never overwrite unasked. */

/* Makes folder with a new network: random network id, Ed25519 authority, hop key of epoch 1, empty directory. */
int network_init(const char *folder, const char *name, char *err, size_t err_len);

/* Adds a station (new X25519 and Ed25519 keys) and signs the directory anew.  number 0: the lowest free one; the
 * number taken is returned through entry.  -EEXIST when number, callsign or name are taken. */
int network_add(const char *folder, struct directory_entry *entry, char *err, size_t err_len);

/* Every change of the directory or the hop key also makes an order, which brings the change to the stations by radio:
 * an order file in the folder, named after the directory's version.  Orders are carried out in turn, each once. */
struct network_order {
  char file[512];   /* its path */
  uint32_t version; /* of the directory after it */
  char what[160];   /* for people: "revoke station 5, Malpasse" */
  uint8_t wire[ORDER_WIRE_MAX];
  size_t len;
  uint8_t hop_secret[KEYRING_KEY_LEN]; /* of a new epoch; secret */
  size_t hop_secret_len;               /* 0: the order brings none */
};

/* Replaces a station's entry, but for its keys.  -ENOENT when there is no such station. */
int network_change(const char *folder, const struct directory_entry *entry, struct network_order *order, char *err,
                   size_t err_len);

/* Removes a station for good: what it holds is worth nothing from now on, but for the hop key. */
int network_revoke(const char *folder, unsigned number, struct network_order *order, char *err, size_t err_len);

/* Draws a new hop key.  Stations use it wait_min minutes after the order was sent, so that it reaches all before. */
int network_rekey(const char *folder, unsigned wait_min, struct network_order *order, char *err, size_t err_len);

/* The path of the order that led to a version.  Returns 0 or -ENAMETOOLONG. */
int network_order_path(const char *folder, uint32_t version, char *out, size_t size);

/* Reads an order file.  Its signature is for the stations to check. */
int network_read_order(const char *file, struct network_order *out, char *err, size_t err_len);

/* Writes the key file of one station: its secrets and the signed directory. */
int network_export(const char *folder, unsigned number, const char *file, int overwrite, char *err, size_t err_len);

/* Reads the directory of the folder (for listing). */
int network_read(const char *folder, struct directory *out, char *err, size_t err_len);

/* What the daemon reads at start: refuses a file that others can read, a signature that does not hold, keys that do
 * not fit the directory. */
int network_read_key_file(const char *file, struct station_secrets *secrets, struct directory *directory, char *err,
                          size_t err_len);

#endif
