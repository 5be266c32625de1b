/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the key file of a post for the coordinator and reads it for the daemon. */
#include "radiod/network/network_key.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "protocol/wire/station.h"
#include "radiod/network/network.h"
#include "radiod/network/network_file.h"

#define REMEDY "make it on the coordinator's machine with: radioctl network export"

struct key_file {
  struct station_secrets secrets;
  uint32_t number;
  uint8_t wire[DIRECTORY_WIRE_MAX];
  size_t wire_len;
  struct directory directory; /* what wire says */
};

static const struct network_format key_format = {
    .kind = "radiod-key",
    .version = 1,
    .remedy = REMEDY,
    .size_max = 1024 + 2 * DIRECTORY_WIRE_MAX,
};

#define KEY_FIELD_COUNT 8

static void list_fields(struct network_field fields[KEY_FIELD_COUNT], struct key_file *key)
{
  struct station_secrets *secrets = &key->secrets;
  const struct network_field list[KEY_FIELD_COUNT] = {
      {"number", NETWORK_FIELD_NUMBER, &key->number, sizeof key->number, NULL},
      {"network_id", NETWORK_FIELD_HEX, secrets->network_id, sizeof secrets->network_id, NULL},
      {"authority", NETWORK_FIELD_HEX, secrets->authority, sizeof secrets->authority, NULL},
      {"box_secret", NETWORK_FIELD_HEX, secrets->box_secret, sizeof secrets->box_secret, NULL},
      {"sign_seed", NETWORK_FIELD_HEX, secrets->sign_seed, sizeof secrets->sign_seed, NULL},
      {"epoch", NETWORK_FIELD_NUMBER, &secrets->epoch, sizeof secrets->epoch, NULL},
      {"hop_key", NETWORK_FIELD_HEX, secrets->hop_key, sizeof secrets->hop_key, NULL},
      {"directory", NETWORK_FIELD_BLOB, key->wire, sizeof key->wire, &key->wire_len},
  };

  memcpy(fields, list, sizeof list);
}

void *network_secret_new(size_t size, char *err, size_t err_len)
{
  void *memory = sodium_init() < 0 ? NULL : sodium_malloc(size);

  if (memory)
    memset(memory, 0, size);
  else
    network_fail(err, err_len, -ENOMEM, "no memory for secret keys; end other programs");
  return memory;
}

int network_key_write(const char *file, const struct station_secrets *secrets, const uint8_t *wire, size_t wire_len,
                      int overwrite, char *err, size_t err_len)
{
  struct network_field fields[KEY_FIELD_COUNT];

  struct key_file *key = network_secret_new(sizeof *key, err, err_len);
  if (!key)
    return -ENOMEM;
  key->secrets = *secrets;
  key->number = secrets->number;
  memcpy(key->wire, wire, wire_len);
  key->wire_len = wire_len;
  list_fields(fields, key);
  int code = network_file_write(file, &key_format, fields, KEY_FIELD_COUNT, overwrite, err, err_len);
  sodium_free(key);
  return code;
}

/* The public halves of the secrets must be those that the directory gives this station. */
static int check_keys(const char *file, const struct station_secrets *secrets, const struct directory *directory,
                      char *err, size_t err_len)
{
  uint8_t box_key[DIRECTORY_KEY_LEN], sign_key[DIRECTORY_KEY_LEN];

  const struct directory_entry *self = directory_find(directory, secrets->number);
  if (!self)
    return network_fail(err, err_len, -ENOENT, "%s: station %u is not in the file's own directory; " REMEDY, file,
                        secrets->number);
  if (memcmp(secrets->network_id, directory->network_id, sizeof secrets->network_id) != 0)
    return network_fail(err, err_len, -EKEYREJECTED, "%s: the directory is that of another network; " REMEDY, file);
  if (station_public_keys(secrets, box_key, sign_key) < 0 || memcmp(box_key, self->box_key, sizeof box_key) != 0 ||
      memcmp(sign_key, self->sign_key, sizeof sign_key) != 0)
    return network_fail(err, err_len, -EKEYREJECTED, "%s: the keys are not those of station %u; " REMEDY, file,
                        secrets->number);
  return 0;
}

static int check_key_file(const char *file, struct key_file *key, char *err, size_t err_len)
{
  if (!station_is_valid(key->number))
    return network_fail(err, err_len, -EBADMSG, "%s: there is no station number %" PRIu32 "; " REMEDY, file,
                        key->number);
  key->secrets.number = (uint16_t)key->number;
  int code = directory_open(&key->directory, key->secrets.authority, key->wire, key->wire_len);
  if (code == -EKEYREJECTED)
    return network_fail(err, err_len, code,
                        "%s: the coordinator's signature of the directory is wrong, the file was changed; " REMEDY,
                        file);
  if (code)
    return network_fail(err, err_len, code, "%s: the directory is damaged; " REMEDY, file);
  return check_keys(file, &key->secrets, &key->directory, err, err_len);
}

int network_read_key_file(const char *file, struct station_secrets *secrets, struct directory *directory, char *err,
                          size_t err_len)
{
  struct network_field fields[KEY_FIELD_COUNT];

  struct key_file *key = network_secret_new(sizeof *key, err, err_len);
  if (!key)
    return -ENOMEM;
  list_fields(fields, key);
  int code = network_file_read(file, &key_format, fields, KEY_FIELD_COUNT, err, err_len);
  if (!code)
    code = check_key_file(file, key, err, err_len);
  if (!code) {
    *secrets = key->secrets;
    *directory = key->directory;
  }
  sodium_free(key);
  return code;
}
