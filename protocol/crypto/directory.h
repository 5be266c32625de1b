/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station directory: who belongs to the network, with which keys, signed by the coordinator's authority key. */
#ifndef PROTOCOL_CRYPTO_DIRECTORY_H
#define PROTOCOL_CRYPTO_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>

#define DIRECTORY_MAX_STATIONS 1000
#define DIRECTORY_NAME_MAX 48     /* bytes, UTF-8 */
#define DIRECTORY_CALLSIGN_MAX 12 /* bytes, A-Z 0-9 and '-' */
#define DIRECTORY_NETWORK_ID_LEN 8
#define DIRECTORY_KEY_LEN 32
#define DIRECTORY_SIGNATURE_LEN 64

enum station_role { STATION_ROLE_POST, STATION_ROLE_COORDINATOR, STATION_ROLE_RELAY, STATION_ROLE_COUNT };

struct directory_entry {
  uint16_t number; /* 1..250 or 256..1279 */
  uint8_t role;
  int8_t sector;     /* bit number as in alert.h, -1: none */
  int8_t department; /* likewise */
  char callsign[DIRECTORY_CALLSIGN_MAX + 1];
  char name[DIRECTORY_NAME_MAX + 1];
  uint8_t box_key[DIRECTORY_KEY_LEN];  /* X25519 public */
  uint8_t sign_key[DIRECTORY_KEY_LEN]; /* Ed25519 public */
};

/* Some 130 KiB: not for a stack. */
struct directory {
  uint8_t network_id[DIRECTORY_NETWORK_ID_LEN];
  uint32_t version; /* grows by one with every signed change */
  uint16_t count;
  struct directory_entry entry[DIRECTORY_MAX_STATIONS]; /* by rising number */
};

/* Longest signed form in bytes. */
#define DIRECTORY_HEADER_LEN 26
#define DIRECTORY_ENTRY_MAX (7 + DIRECTORY_CALLSIGN_MAX + DIRECTORY_NAME_MAX + 2 * DIRECTORY_KEY_LEN)
#define DIRECTORY_WIRE_MAX                                                                                           \
  (DIRECTORY_HEADER_LEN + DIRECTORY_MAX_STATIONS * DIRECTORY_ENTRY_MAX + DIRECTORY_SIGNATURE_LEN)

/* NULL when there is no such station. */
const struct directory_entry *directory_find(const struct directory *directory, unsigned number);
/* By number ("3"), callsign or name, without regard to case and accents left out or not in ASCII letters; NULL if
 * none. */
const struct directory_entry *directory_find_text(const struct directory *directory, const char *text);

/* Adds an entry, keeping the order.  Returns 0, -EINVAL, -EEXIST (number, callsign or name taken) or
 * -ENOSPC, all with why. */
int directory_add(struct directory *directory, const struct directory_entry *entry, char *why, size_t why_len);

/* Likewise, but replaces the entry of the same number if there is one. */
int directory_put(struct directory *directory, const struct directory_entry *entry, char *why, size_t why_len);

/* Returns 0, or -ENOENT with why. */
int directory_remove(struct directory *directory, unsigned number, char *why, size_t why_len);

const char *station_role_name(unsigned role); /* "post", "coordinator", "relay"; NULL if out of range */
int station_role_find(const char *name);

/* Writes the signed form; sign_secret is the authority's 64-byte Ed25519 secret key.  Returns bytes written or
 * -ENOSPC. */
int directory_sign(const struct directory *directory, const uint8_t sign_secret[64], uint8_t *buf, size_t size);

/* Reads and checks the signed form against the pinned authority key.  Returns 0, -EBADMSG (malformed, or a box key
 * of low order) or -EKEYREJECTED (signature wrong); out is untouched on error. */
int directory_open(struct directory *out, const uint8_t authority[DIRECTORY_KEY_LEN], const uint8_t *buf, size_t len);

#endif
