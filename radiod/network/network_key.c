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
  struct network_key key;
  uint32_t number;
  uint8_t wire[DIRECTORY_WIRE_MAX];
  size_t wire_len;
  struct directory directory; /* what wire says */
};

static const struct network_format key_format = {
    .kind = "radiod-key",
    .version = 2,
    .remedy = REMEDY,
    .size_max = 1024 + 2 * DIRECTORY_WIRE_MAX,
};

#define KEY_FIELD_COUNT 12

static void list_fields(struct network_field fields[KEY_FIELD_COUNT], struct key_file *file)
{
  struct station_secrets *secrets = &file->key.secrets;
  struct epoch_key *previous = &file->key.previous, *next = &file->key.next;
  const struct network_field list[KEY_FIELD_COUNT] = {
      {"number", NETWORK_FIELD_NUMBER, &file->number, sizeof file->number, NULL, 0},
      {"network_id", NETWORK_FIELD_HEX, secrets->network_id, sizeof secrets->network_id, NULL, 0},
      {"authority", NETWORK_FIELD_HEX, secrets->authority, sizeof secrets->authority, NULL, 0},
      {"box_secret", NETWORK_FIELD_HEX, secrets->box_secret, sizeof secrets->box_secret, NULL, 0},
      {"sign_seed", NETWORK_FIELD_HEX, secrets->sign_seed, sizeof secrets->sign_seed, NULL, 0},
      {"epoch", NETWORK_FIELD_NUMBER, &secrets->epoch, sizeof secrets->epoch, NULL, 0},
      {"hop_key", NETWORK_FIELD_HEX, secrets->hop_key, sizeof secrets->hop_key, NULL, 0},
      {"previous_epoch", NETWORK_FIELD_NUMBER, &previous->epoch, sizeof previous->epoch, NULL, 2},
      {"previous_hop_key", NETWORK_FIELD_HEX, previous->secret, sizeof previous->secret, NULL, 2},
      {"next_epoch", NETWORK_FIELD_NUMBER, &next->epoch, sizeof next->epoch, NULL, 2},
      {"next_hop_key", NETWORK_FIELD_HEX, next->secret, sizeof next->secret, NULL, 2},
      {"directory", NETWORK_FIELD_BLOB, file->wire, sizeof file->wire, &file->wire_len, 0},
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

int network_key_write(const char *file, const struct network_key *key, const uint8_t *wire, size_t wire_len,
                      int overwrite, char *err, size_t err_len)
{
  struct network_field fields[KEY_FIELD_COUNT];

  struct key_file *content = network_secret_new(sizeof *content, err, err_len);
  if (!content)
    return -ENOMEM;
  content->key = *key;
  content->number = key->secrets.number;
  memcpy(content->wire, wire, wire_len);
  content->wire_len = wire_len;
  list_fields(fields, content);
  int code = network_file_write(file, &key_format, fields, KEY_FIELD_COUNT, overwrite, err, err_len);
  sodium_free(content);
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

/* The authority's signature, or after an order that came by radio the station's own: the authority's was checked
 * then, and whoever can write this file can exchange the authority too. */
static int open_directory(const struct key_file *content, struct directory *directory)
{
  const struct station_secrets *secrets = &content->key.secrets;
  uint8_t box_key[DIRECTORY_KEY_LEN], sign_key[DIRECTORY_KEY_LEN];

  int code = directory_open(directory, secrets->authority, content->wire, content->wire_len);
  if (code != -EKEYREJECTED || station_public_keys(secrets, box_key, sign_key) < 0)
    return code;
  return directory_open(directory, sign_key, content->wire, content->wire_len);
}

static int check_key_file(const char *file, struct key_file *content, char *err, size_t err_len)
{
  struct station_secrets *secrets = &content->key.secrets;

  if (!station_is_valid(content->number))
    return network_fail(err, err_len, -EBADMSG, "%s: there is no station number %" PRIu32 "; " REMEDY, file,
                        content->number);
  secrets->number = (uint16_t)content->number;
  int code = open_directory(content, &content->directory);
  if (code == -EKEYREJECTED)
    return network_fail(err, err_len, code,
                        "%s: the coordinator's signature of the directory is wrong, the file was changed; " REMEDY,
                        file);
  if (code)
    return network_fail(err, err_len, code, "%s: the directory is damaged; " REMEDY, file);
  return check_keys(file, secrets, &content->directory, err, err_len);
}

int network_key_read(const char *file, struct network_key *key, struct directory *directory, char *err,
                     size_t err_len)
{
  struct network_field fields[KEY_FIELD_COUNT];

  struct key_file *content = network_secret_new(sizeof *content, err, err_len);
  if (!content)
    return -ENOMEM;
  list_fields(fields, content);
  int code = network_file_read(file, &key_format, fields, KEY_FIELD_COUNT, err, err_len);
  if (!code)
    code = check_key_file(file, content, err, err_len);
  if (!code) {
    *key = content->key;
    *directory = content->directory;
  }
  sodium_free(content);
  return code;
}

int network_read_key_file(const char *file, struct station_secrets *secrets, struct directory *directory, char *err,
                          size_t err_len)
{
  struct network_key key;

  int code = network_key_read(file, &key, directory, err, err_len);
  if (!code)
    *secrets = key.secrets;
  sodium_memzero(&key, sizeof key);
  return code;
}
