/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station directory: look-up, changes, and its signed form. */
#include "protocol/crypto/directory.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/wire/text.h"

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

const struct directory_entry *directory_find(const struct directory *directory, unsigned number)
{
  for (unsigned i = 0; i < directory->count; i++)
    if (directory->entry[i].number == number)
      return &directory->entry[i];
  return NULL;
}

/* One letter of a name without case and accent: Latin-1 letters in UTF-8 fold to ASCII, everything else stays. */
static unsigned char fold_letter(const unsigned char **at)
{
  static const char latin1[] =
      "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"; /* U+00C0..U+00FF */
  unsigned char c = *(*at)++;
  if (c == 0xc3 && (**at & 0xc0) == 0x80)
    return (unsigned char)latin1[*(*at)++ - 0x80];
  return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static int names_equal(const char *a, const char *b)
{
  const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
  while (*x && *y)
    if (fold_letter(&x) != fold_letter(&y))
      return 0;
  return !*x && !*y;
}

const struct directory_entry *directory_find_text(const struct directory *directory, const char *text)
{
  char *end;
  unsigned long number = strtoul(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end)
    return number <= DIRECTORY_MAX_STATIONS ? directory_find(directory, (unsigned)number) : NULL;
  for (unsigned i = 0; i < directory->count; i++)
    if (names_equal(directory->entry[i].callsign, text) || names_equal(directory->entry[i].name, text))
      return &directory->entry[i];
  return NULL;
}

static int callsign_is_valid(const char *callsign)
{
  size_t len = strnlen(callsign, DIRECTORY_CALLSIGN_MAX + 1);
  return len >= 1 && len <= DIRECTORY_CALLSIGN_MAX &&
         strspn(callsign, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

static int name_is_valid(const char *name)
{
  size_t len = strnlen(name, DIRECTORY_NAME_MAX + 1);
  return len >= 1 && len <= DIRECTORY_NAME_MAX && text_count_chars(name, len) > 0 && !strpbrk(name, "\t\n");
}

static int refuse(char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return -EINVAL;
}

static int entry_check(const struct directory_entry *entry, char *why, size_t why_len)
{
  if (entry->number < 1 || entry->number > DIRECTORY_MAX_STATIONS)
    return refuse(why, why_len, "number: must lie between 1 and 250");
  if (entry->role >= STATION_ROLE_COUNT)
    return refuse(why, why_len, "role: post, coordinator or relay");
  if (entry->sector < -1 || entry->sector > 6 || entry->department < -1 || entry->department > 9)
    return refuse(why, why_len, "sector or department: no such one");
  if (!callsign_is_valid(entry->callsign))
    return refuse(why, why_len, "callsign: 1 to 12 of A-Z, 0-9 and '-'");
  if (!name_is_valid(entry->name))
    return refuse(why, why_len, "name: 1 to 48 bytes of UTF-8 without control characters");
  return 0;
}

int directory_add(struct directory *directory, const struct directory_entry *entry, char *why, size_t why_len)
{
  int err = entry_check(entry, why, why_len);
  if (err)
    return err;
  for (unsigned i = 0; i < directory->count; i++) {
    const struct directory_entry *other = &directory->entry[i];
    if (other->number == entry->number || names_equal(other->callsign, entry->callsign) ||
        names_equal(other->name, entry->name)) {
      snprintf(why, why_len, "station %u (%s, %s) already has this number, callsign or name", other->number,
               other->callsign, other->name);
      return -EEXIST;
    }
  }
  if (directory->count == DIRECTORY_MAX_STATIONS)
    return -ENOSPC;
  unsigned at = directory->count;
  while (at > 0 && directory->entry[at - 1].number > entry->number)
    at--;
  memmove(&directory->entry[at + 1], &directory->entry[at], (directory->count - at) * sizeof *entry);
  directory->entry[at] = *entry;
  directory->count++;
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

static uint8_t *put_entry(uint8_t *out, const struct directory_entry *entry)
{
  size_t callsign_len = strlen(entry->callsign), name_len = strlen(entry->name);
  out = put_be(out, entry->number, 2);
  *out++ = entry->role;
  *out++ = (uint8_t)entry->sector;
  *out++ = (uint8_t)entry->department;
  *out++ = (uint8_t)callsign_len;
  out = put_bytes(out, entry->callsign, callsign_len);
  *out++ = (uint8_t)name_len;
  out = put_bytes(out, entry->name, name_len);
  out = put_bytes(out, entry->box_key, DIRECTORY_KEY_LEN);
  return put_bytes(out, entry->sign_key, DIRECTORY_KEY_LEN);
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
    at = put_entry(at, &directory->entry[i]);
  crypto_sign_detached(at, NULL, buf, (size_t)(at - buf), sign_secret);
  return (int)(at - buf) + DIRECTORY_SIGNATURE_LEN;
}

struct cursor {
  const uint8_t *at;
  size_t left;
};

static const uint8_t *take(struct cursor *in, size_t len)
{
  if (in->left < len)
    return NULL;
  const uint8_t *at = in->at;
  in->at += len;
  in->left -= len;
  return at;
}

/* Reads a string with a length byte of at most max. */
static int take_string(struct cursor *in, char *out, size_t max)
{
  const uint8_t *len = take(in, 1);
  const uint8_t *bytes = len && *len <= max ? take(in, *len) : NULL;
  if (!bytes || memchr(bytes, 0, *len))
    return -EBADMSG;
  memcpy(out, bytes, *len);
  out[*len] = 0;
  return 0;
}

static int take_entry(struct cursor *in, struct directory_entry *entry)
{
  memset(entry, 0, sizeof *entry);
  const uint8_t *head = take(in, 5);
  if (!head)
    return -EBADMSG;
  entry->number = (uint16_t)(head[0] << 8 | head[1]);
  entry->role = head[2];
  entry->sector = (int8_t)head[3];
  entry->department = (int8_t)head[4];
  if (take_string(in, entry->callsign, DIRECTORY_CALLSIGN_MAX) || take_string(in, entry->name, DIRECTORY_NAME_MAX))
    return -EBADMSG;
  const uint8_t *keys = take(in, 2 * DIRECTORY_KEY_LEN);
  if (!keys)
    return -EBADMSG;
  memcpy(entry->box_key, keys, DIRECTORY_KEY_LEN);
  memcpy(entry->sign_key, keys + DIRECTORY_KEY_LEN, DIRECTORY_KEY_LEN);
  return 0;
}

static int read_body(struct directory *out, struct cursor *in)
{
  const uint8_t *head = take(in, DIRECTORY_HEADER_LEN);
  if (!head || memcmp(head, MAGIC, MAGIC_LEN))
    return -EBADMSG;
  memset(out, 0, sizeof *out);
  memcpy(out->network_id, head + MAGIC_LEN, DIRECTORY_NETWORK_ID_LEN);
  const uint8_t *numbers = head + MAGIC_LEN + DIRECTORY_NETWORK_ID_LEN;
  out->version = (uint32_t)numbers[0] << 24 | (uint32_t)numbers[1] << 16 | (uint32_t)numbers[2] << 8 | numbers[3];
  unsigned count = (unsigned)numbers[4] << 8 | numbers[5];
  for (unsigned i = 0; i < count; i++) {
    struct directory_entry entry;
    char why[128];
    if (take_entry(in, &entry) || directory_add(out, &entry, why, sizeof why))
      return -EBADMSG;
  }
  return in->left ? -EBADMSG : 0;
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
  int err = read_body(parsed, &(struct cursor){buf, body_len});
  if (!err)
    *out = *parsed;
  free(parsed);
  return err;
}
