/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes networks and key files for the coordinator. */
#include "radiod/network/network.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol/wire/text.h"
#include "radiod/network/network_file.h"
#include "radiod/network/network_impl.h"
#include "radiod/network/network_key.h"

#define NETWORK_FILE "network.secret"
#define FIRST_EPOCH 1

static const struct network_format network_format = {
    .kind = "radiod-network",
    .version = 2,
    .remedy = "make a network with: radioctl network init",
    .size_max = 1024 + 2 * (sizeof(struct station_keys) * DIRECTORY_MAX_STATIONS + DIRECTORY_WIRE_MAX),
};

#define NETWORK_FIELD_COUNT 8

static void list_fields(struct network_field fields[NETWORK_FIELD_COUNT], struct network *network)
{
  struct epoch_key *previous = &network->previous;
  const struct network_field list[NETWORK_FIELD_COUNT] = {
      {"name", NETWORK_FIELD_TEXT, network->name, sizeof network->name, NULL, 0},
      {"authority_seed", NETWORK_FIELD_HEX, network->authority_seed, sizeof network->authority_seed, NULL, 0},
      {"epoch", NETWORK_FIELD_NUMBER, &network->epoch, sizeof network->epoch, NULL, 0},
      {"hop_key", NETWORK_FIELD_HEX, network->hop_key, sizeof network->hop_key, NULL, 0},
      {"previous_epoch", NETWORK_FIELD_NUMBER, &previous->epoch, sizeof previous->epoch, NULL, 2},
      {"previous_hop_key", NETWORK_FIELD_HEX, previous->secret, sizeof previous->secret, NULL, 2},
      {"stations", NETWORK_FIELD_BLOB, network->station, sizeof network->station, &network->station_len, 0},
      {"directory", NETWORK_FIELD_BLOB, network->wire, sizeof network->wire, &network->wire_len, 0},
  };

  memcpy(fields, list, sizeof list);
}

static int network_path(const char *folder, char path[PATH_MAX], char *err, size_t err_len)
{
  int len = snprintf(path, PATH_MAX, "%s/%s", folder, NETWORK_FILE);

  if (len < 0 || len >= PATH_MAX)
    return network_fail(err, err_len, -ENAMETOOLONG, "%.80s...: the path is too long; use a shorter one", folder);
  return 0;
}

int network_check_name(const char *name, char *err, size_t err_len)
{
  size_t len = strlen(name);

  if (len >= 1 && len <= DIRECTORY_NAME_MAX && text_count_chars(name, len) > 0 && !strpbrk(name, "\n\t"))
    return 0;
  return network_fail(err, err_len, -EINVAL, "name: 1 to %d bytes of UTF-8 in one line, e.g. \"Belladère\"",
                      DIRECTORY_NAME_MAX);
}

int network_check_folder(const char *folder, char *err, size_t err_len)
{
  struct stat info;

  if (stat(folder, &info) < 0) {
    int code = -errno;
    return network_fail(err, err_len, code,
                        "%s: cannot open the network folder: %s; make one with: radioctl network init", folder,
                        strerror(-code));
  }
  if (!S_ISDIR(info.st_mode))
    return network_fail(err, err_len, -ENOTDIR, "%s: not a folder; name the network's folder", folder);
  if (info.st_mode & (S_IRWXG | S_IRWXO))
    return network_fail(err, err_len, -EACCES, "%s: others may open the folder of secret keys; run: chmod 700 %s",
                        folder, folder);
  return 0;
}

int network_sign(struct network *network, char *err, size_t err_len)
{
  uint8_t public_key[DIRECTORY_KEY_LEN], secret_key[crypto_sign_SECRETKEYBYTES];

  crypto_sign_seed_keypair(public_key, secret_key, network->authority_seed);
  int len = directory_sign(&network->directory, secret_key, network->wire, sizeof network->wire);
  sodium_memzero(secret_key, sizeof secret_key);
  if (len < 0)
    return network_fail(err, err_len, len, "the directory of %u stations cannot be signed; use fewer stations",
                        network->directory.count);
  network->wire_len = (size_t)len;
  return 0;
}

static void authority_public(const struct network *network, uint8_t public_key[DIRECTORY_KEY_LEN])
{
  uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

  crypto_sign_seed_keypair(public_key, secret_key, network->authority_seed);
  sodium_memzero(secret_key, sizeof secret_key);
}

int network_save(struct network *network, const char *folder, int overwrite, char *err, size_t err_len)
{
  struct network_field fields[NETWORK_FIELD_COUNT];
  char path[PATH_MAX];

  int code = network_path(folder, path, err, err_len);
  if (code)
    return code;
  list_fields(fields, network);
  return network_file_write(path, &network_format, fields, NETWORK_FIELD_COUNT, overwrite, err, err_len);
}

static int check_directory(struct network *network, const char *path, char *err, size_t err_len)
{
  uint8_t authority[DIRECTORY_KEY_LEN];

  authority_public(network, authority);
  int code = directory_open(&network->directory, authority, network->wire, network->wire_len);
  if (code)
    return network_fail(err, err_len, code, "%s: the directory %s; restore the file from a copy", path,
                        code == -EKEYREJECTED ? "was changed, its signature is wrong" : "is damaged");
  if (network->station_len != network->directory.count * sizeof network->station[0])
    return network_fail(err, err_len, -EBADMSG, "%s: keys and directory differ; restore the file from a copy", path);
  return 0;
}

int network_load(struct network *network, const char *folder, char *err, size_t err_len)
{
  struct network_field fields[NETWORK_FIELD_COUNT];
  char path[PATH_MAX];

  int code = network_check_folder(folder, err, err_len);
  if (!code)
    code = network_path(folder, path, err, err_len);
  if (code)
    return code;
  list_fields(fields, network);
  code = network_file_read(path, &network_format, fields, NETWORK_FIELD_COUNT, err, err_len);
  return code ? code : check_directory(network, path, err, err_len);
}

/* A folder that was there already keeps what it holds; the network's file must be new in it. */
static int make_folder(const char *folder, char *err, size_t err_len)
{
  if (mkdir(folder, 0700) == 0)
    return 0;
  if (errno == EEXIST)
    return network_check_folder(folder, err, err_len);
  int code = -errno;
  return network_fail(err, err_len, code, "%s: cannot make the folder: %s; name one where you may write", folder,
                      strerror(-code));
}

int network_init(const char *folder, const char *name, char *err, size_t err_len)
{
  int code = network_check_name(name, err, err_len);

  if (!code)
    code = make_folder(folder, err, err_len);
  if (code)
    return code;
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  if (!network)
    return -ENOMEM;
  memcpy(network->name, name, strlen(name) + 1);
  randombytes_buf(network->authority_seed, sizeof network->authority_seed);
  randombytes_buf(network->hop_key, sizeof network->hop_key);
  randombytes_buf(network->directory.network_id, sizeof network->directory.network_id);
  network->epoch = FIRST_EPOCH;
  network->directory.version = 1;
  code = network_sign(network, err, err_len);
  if (!code)
    code = network_save(network, folder, 0, err, err_len);
  sodium_free(network);
  return code;
}

static const struct station_keys *find_keys(const struct network *network, unsigned number)
{
  for (size_t i = 0; i < network->station_len / sizeof network->station[0]; i++)
    if ((unsigned)(network->station[i].number[0] << 8 | network->station[i].number[1]) == number)
      return &network->station[i];
  return NULL;
}

static int export(const struct network *network, const char *folder, unsigned number, const char *file, int overwrite,
                  char *err, size_t err_len)
{
  struct network_key key = {.secrets = {.number = (uint16_t)number, .epoch = network->epoch},
                            .previous = network->previous};
  struct station_secrets *secrets = &key.secrets;
  const struct station_keys *keys = find_keys(network, number);

  if (!keys || !directory_find(&network->directory, number))
    return network_fail(err, err_len, -ENOENT, "%s: there is no station %u; list them with: radioctl network list",
                        folder, number);
  memcpy(secrets->network_id, network->directory.network_id, sizeof secrets->network_id);
  authority_public(network, secrets->authority);
  memcpy(secrets->box_secret, keys->box_secret, sizeof secrets->box_secret);
  memcpy(secrets->sign_seed, keys->sign_seed, sizeof secrets->sign_seed);
  memcpy(secrets->hop_key, network->hop_key, sizeof secrets->hop_key);
  int code = network_key_write(file, &key, network->wire, network->wire_len, overwrite, err, err_len);
  sodium_memzero(&key, sizeof key);
  return code;
}

int network_export(const char *folder, unsigned number, const char *file, int overwrite, char *err, size_t err_len)
{
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  int code = network ? network_load(network, folder, err, err_len) : -ENOMEM;

  if (!code)
    code = export(network, folder, number, file, overwrite, err, err_len);
  sodium_free(network);
  return code;
}

int network_read(const char *folder, struct directory *out, char *err, size_t err_len)
{
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  int code = network ? network_load(network, folder, err, err_len) : -ENOMEM;

  if (!code)
    *out = network->directory;
  sodium_free(network);
  return code;
}
