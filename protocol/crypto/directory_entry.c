/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry of the station directory in its signed form, for the directory itself and for orders that change it. */
#include "protocol/crypto/directory_entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/wire/station.h"
#include "protocol/wire/text.h"

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

int directory_entry_check(const struct directory_entry *entry, char *why, size_t why_len)
{
  if (!station_is_valid(entry->number))
    return refuse(why, why_len, "number: must lie between 1 and 250, or between 256 and 1279");
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

static uint8_t *put_bytes(uint8_t *out, const void *bytes, size_t len)
{
  memcpy(out, bytes, len);
  return out + len;
}

static uint8_t *put_string(uint8_t *out, const char *string)
{
  size_t len = strlen(string);
  *out++ = (uint8_t)len;
  return put_bytes(out, string, len);
}

size_t directory_entry_encode(const struct directory_entry *entry, uint8_t *out)
{
  uint8_t *at = out;
  *at++ = (uint8_t)(entry->number >> 8);
  *at++ = (uint8_t)entry->number;
  *at++ = entry->role;
  *at++ = (uint8_t)entry->sector;
  *at++ = (uint8_t)entry->department;
  at = put_string(at, entry->callsign);
  at = put_string(at, entry->name);
  at = put_bytes(at, entry->box_key, DIRECTORY_KEY_LEN);
  at = put_bytes(at, entry->sign_key, DIRECTORY_KEY_LEN);
  return (size_t)(at - out);
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

/* The points of Curve25519 and its twist whose multiples X25519 makes zero, as D. J. Bernstein lists them
 * (https://cr.yp.to/ecdh.html#validate), less those that differ in the bit that X25519 ignores.  A table, because a
 * multiplication for each of a thousand stations would hold up every start. */
static int is_low_order(const uint8_t key[DIRECTORY_KEY_LEN])
{
  static const uint8_t points[][DIRECTORY_KEY_LEN] = {
      {0},
      {1},
      {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
       0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
      {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
       0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
      {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
      {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
      {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
  };
  for (size_t i = 0; i < sizeof points / sizeof *points; i++)
    if (!memcmp(key, points[i], DIRECTORY_KEY_LEN - 1) && (key[31] & 0x7f) == points[i][31])
      return 1;
  return 0;
}

int directory_entry_decode(struct directory_entry *out, const uint8_t *buf, size_t len)
{
  struct directory_entry entry = {0};
  struct cursor in = {buf, len};
  char why[128];
  if (take_entry(&in, &entry) || directory_entry_check(&entry, why, sizeof why) || is_low_order(entry.box_key))
    return -EBADMSG;
  *out = entry;
  return (int)(len - in.left);
}
