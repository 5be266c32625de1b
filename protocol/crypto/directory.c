/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station directory: look-up, changes, and its signed form. */
#include "protocol/crypto/directory.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/base/fold.h"
#include "protocol/crypto/directory_entry.h"
#include "protocol/wire/station.h"

#define MAGIC "RADIOD-DIR-1" /* also keeps these signatures apart from any other use of the key */
#define MAGIC_LEN (sizeof MAGIC - 1)

static const char *const role_names[STATION_ROLE_COUNT] = {"post", "coordinator", "relay"};

const char *station_role_name(unsigned role)
{
  return role < STATION_ROLE_COUNT ? role_names[role] : NULL;
}

int station_role_find(const char *name)
{
  for (int i = 0; i < STATION_ROLE_COUNT; i++)
    if (!strcasecmp(name, role_names[i]))
      return i;
  return -ENOENT;
}

static int names_equal(const char *a, const char *b)
{
  while (*a && *b)
    if (fold_letter(&a) != fold_letter(&b))
      return 0;
  return !*a && !*b;
}

/* Where number stands among the entries, or where it would have to stand. */
static unsigned find_place(const struct directory *directory, unsigned number)
{
  unsigned low = 0, high = directory->count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (directory->entry[middle].number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const struct directory_entry *directory_find(const struct directory *directory, unsigned number)
{
  unsigned at = find_place(directory, number);
  return at < directory->count && directory->entry[at].number == number ? &directory->entry[at] : NULL;
}

const struct directory_entry *directory_find_text(const struct directory *directory, const char *text)
{
  char *end;
  unsigned long number = strtoul(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end)
    return number <= STATION_MAX ? directory_find(directory, (unsigned)number) : NULL;
  for (unsigned i = 0; i < directory->count; i++)
    if (names_equal(directory->entry[i].callsign, text) || names_equal(directory->entry[i].name, text))
      return &directory->entry[i];
  return NULL;
}

/* Refuses what another station than the one numbered except has already. */
static int check_taken(const struct directory *directory, const struct directory_entry *entry, unsigned except,
                       char *why, size_t why_len)
{
  for (unsigned i = 0; i < directory->count; i++) {
    const struct directory_entry *other = &directory->entry[i];
    if (other->number == except)
      continue;
    if (other->number == entry->number || names_equal(other->callsign, entry->callsign) ||
        names_equal(other->name, entry->name)) {
      snprintf(why, why_len, "station %u (%s, %s) already has this number, callsign or name", other->number,
               other->callsign, other->name);
      return -EEXIST;
    }
  }
  return 0;
}

int directory_add(struct directory *directory, const struct directory_entry *entry, char *why, size_t why_len)
{
  int err = directory_entry_check(entry, why, why_len);
  if (!err)
    err = check_taken(directory, entry, STATION_NONE, why, why_len);
  if (err)
    return err;
  if (directory->count == DIRECTORY_MAX_STATIONS) {
    snprintf(why, why_len, "the directory is full; at most %d stations", DIRECTORY_MAX_STATIONS);
    return -ENOSPC;
  }
  unsigned at = find_place(directory, entry->number);
  memmove(&directory->entry[at + 1], &directory->entry[at], (directory->count - at) * sizeof *entry);
  directory->entry[at] = *entry;
  directory->count++;
  return 0;
}

int directory_put(struct directory *directory, const struct directory_entry *entry, char *why, size_t why_len)
{
  if (!directory_find(directory, entry->number))
    return directory_add(directory, entry, why, why_len);
  int err = directory_entry_check(entry, why, why_len);
  if (!err)
    err = check_taken(directory, entry, entry->number, why, why_len);
  if (!err)
    directory->entry[find_place(directory, entry->number)] = *entry;
  return err;
}

int directory_remove(struct directory *directory, unsigned number, char *why, size_t why_len)
{
  if (!directory_find(directory, number)) {
    snprintf(why, why_len, "there is no station %u", number);
    return -ENOENT;
  }
  unsigned at = find_place(directory, number);
  directory->count--;
  memmove(&directory->entry[at], &directory->entry[at + 1], (directory->count - at) * sizeof directory->entry[at]);
  memset(&directory->entry[directory->count], 0, sizeof directory->entry[at]);
  return 0;
}

static uint8_t *put_be(uint8_t *out, uint32_t value, unsigned bytes)
{
  for (unsigned i = 0; i < bytes; i++)
    out[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
  return out + bytes;
}

static uint8_t *put_bytes(uint8_t *out, const void *bytes, size_t len)
{
  memcpy(out, bytes, len);
  return out + len;
}

int directory_sign(const struct directory *directory, const uint8_t sign_secret[64], uint8_t *buf, size_t size)
{
  uint8_t *at = buf;
  if (size < DIRECTORY_HEADER_LEN + (size_t)directory->count * DIRECTORY_ENTRY_MAX + DIRECTORY_SIGNATURE_LEN)
    return -ENOSPC;
  at = put_bytes(at, MAGIC, MAGIC_LEN);
  at = put_bytes(at, directory->network_id, DIRECTORY_NETWORK_ID_LEN);
  at = put_be(at, directory->version, 4);
  at = put_be(at, directory->count, 2);
  for (unsigned i = 0; i < directory->count; i++)
    at += directory_entry_encode(&directory->entry[i], at);
  crypto_sign_detached(at, NULL, buf, (size_t)(at - buf), sign_secret);
  return (int)(at - buf) + DIRECTORY_SIGNATURE_LEN;
}

static int read_body(struct directory *out, const uint8_t *buf, size_t len)
{
  if (memcmp(buf, MAGIC, MAGIC_LEN))
    return -EBADMSG;
  memset(out, 0, sizeof *out);
  memcpy(out->network_id, buf + MAGIC_LEN, DIRECTORY_NETWORK_ID_LEN);
  const uint8_t *numbers = buf + MAGIC_LEN + DIRECTORY_NETWORK_ID_LEN;
  out->version = (uint32_t)numbers[0] << 24 | (uint32_t)numbers[1] << 16 | (uint32_t)numbers[2] << 8 | numbers[3];
  unsigned count = (unsigned)numbers[4] << 8 | numbers[5];
  size_t at = DIRECTORY_HEADER_LEN;
  for (unsigned i = 0; i < count; i++) {
    struct directory_entry entry;
    char why[128];
    int used = directory_entry_decode(&entry, buf + at, len - at);
    if (used < 0 || directory_add(out, &entry, why, sizeof why))
      return -EBADMSG;
    at += (size_t)used;
  }
  return at == len ? 0 : -EBADMSG;
}

int directory_open(struct directory *out, const uint8_t authority[DIRECTORY_KEY_LEN], const uint8_t *buf, size_t len)
{
  if (len < DIRECTORY_HEADER_LEN + DIRECTORY_SIGNATURE_LEN || len > DIRECTORY_WIRE_MAX)
    return -EBADMSG;
  size_t body_len = len - DIRECTORY_SIGNATURE_LEN;
  if (crypto_sign_verify_detached(buf + body_len, buf, body_len, authority))
    return -EKEYREJECTED;
  struct directory *parsed = malloc(sizeof *parsed);
  if (!parsed)
    return -ENOMEM;
  int err = read_body(parsed, buf, body_len);
  if (!err)
    *out = *parsed;
  free(parsed);
  return err;
}
