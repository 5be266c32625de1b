/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes networks, stations and key files for the coordinator, and reads a post's key file for the daemon. */
#include "radiod/network/network.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/wire/station.h"
#include "protocol/wire/text.h"
#include "radiod/network/network_file.h"
#include "radiod/network/network_key.h"

#define NETWORK_FILE "network.secret"
#define FIRST_EPOCH 1

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
  struct station_keys station[DIRECTORY_MAX_STATIONS];
  size_t station_len; /* bytes used */
  uint8_t wire[DIRECTORY_WIRE_MAX];
  size_t wire_len;
  struct directory directory; /* what wire says */
};

static const struct network_format network_format = {
    .kind = "radiod-network",
    .version = 1,
    .remedy = "make a network with: radioctl network init",
    .size_max = 1024 + 2 * (sizeof(struct station_keys) * DIRECTORY_MAX_STATIONS + DIRECTORY_WIRE_MAX),
};

#define NETWORK_FIELD_COUNT 6

static void list_fields(struct network_field fields[NETWORK_FIELD_COUNT], struct network *network)
{
  const struct network_field list[NETWORK_FIELD_COUNT] = {
      {"name", NETWORK_FIELD_TEXT, network->name, sizeof network->name, NULL},
      {"authority_seed", NETWORK_FIELD_HEX, network->authority_seed, sizeof network->authority_seed, NULL},
      {"epoch", NETWORK_FIELD_NUMBER, &network->epoch, sizeof network->epoch, NULL},
      {"hop_key", NETWORK_FIELD_HEX, network->hop_key, sizeof network->hop_key, NULL},
      {"stations", NETWORK_FIELD_BLOB, network->station, sizeof network->station, &network->station_len},
      {"directory", NETWORK_FIELD_BLOB, network->wire, sizeof network->wire, &network->wire_len},
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

static int check_name(const char *name, char *err, size_t err_len)
{
  size_t len = strlen(name);

  if (len >= 1 && len <= DIRECTORY_NAME_MAX && text_count_chars(name, len) > 0 && !strpbrk(name, "\n\t"))
    return 0;
  return network_fail(err, err_len, -EINVAL, "name: 1 to %d bytes of UTF-8 in one line, e.g. \"Belladère\"",
                      DIRECTORY_NAME_MAX);
}

static int check_folder(const char *folder, char *err, size_t err_len)
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

/* Keeps two changes of one network apart.  Returns a descriptor to close. */
static int lock_folder(const char *folder, char *err, size_t err_len)
{
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
    int code = errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (fd >= 0)
      close(fd);
    return network_fail(err, err_len, code, "%s: cannot lock the folder: %s; wait for the other radioctl to end",
                        folder, strerror(-code));
  }
  return fd;
}

/* Signs the directory into wire. */
static int sign(struct network *network, char *err, size_t err_len)
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

static int save(struct network *network, const char *folder, int overwrite, char *err, size_t err_len)
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

static int load(struct network *network, const char *folder, char *err, size_t err_len)
{
  struct network_field fields[NETWORK_FIELD_COUNT];
  char path[PATH_MAX];

  int code = check_folder(folder, err, err_len);
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
    return check_folder(folder, err, err_len);
  int code = -errno;
  return network_fail(err, err_len, code, "%s: cannot make the folder: %s; name one where you may write", folder,
                      strerror(-code));
}

int network_init(const char *folder, const char *name, char *err, size_t err_len)
{
  int code = check_name(name, err, err_len);

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
  code = sign(network, err, err_len);
  if (!code)
    code = save(network, folder, 0, err, err_len);
  sodium_free(network);
  return code;
}

/* The directory is not full, so there is one. */
static unsigned lowest_free(const struct directory *directory)
{
  unsigned number = 1;

  while (!station_is_valid(number) || directory_find(directory, number))
    number++;
  return number;
}

/* Draws the station's keys into the next free place of the list. */
static int make_keys(struct network *network, struct directory_entry *entry)
{
  struct station_keys *keys = &network->station[network->station_len / sizeof *keys];
  struct station_secrets secrets = {0};

  keys->number[0] = (uint8_t)(entry->number >> 8);
  keys->number[1] = (uint8_t)entry->number;
  randombytes_buf(keys->box_secret, sizeof keys->box_secret);
  randombytes_buf(keys->sign_seed, sizeof keys->sign_seed);
  network->station_len += sizeof *keys;
  memcpy(secrets.box_secret, keys->box_secret, sizeof secrets.box_secret);
  memcpy(secrets.sign_seed, keys->sign_seed, sizeof secrets.sign_seed);
  int code = station_public_keys(&secrets, entry->box_key, entry->sign_key);
  sodium_memzero(&secrets, sizeof secrets);
  return code;
}

static int add(struct network *network, struct directory_entry *entry, char *err, size_t err_len)
{
  char why[160];

  if (network->directory.count == DIRECTORY_MAX_STATIONS)
    return network_fail(err, err_len, -ENOSPC, "the directory is full; at most %d stations", DIRECTORY_MAX_STATIONS);
  if (entry->number == 0)
    entry->number = (uint16_t)lowest_free(&network->directory);
  int code = make_keys(network, entry);
  if (code)
    return network_fail(err, err_len, code, "the new keys are unusable; try again");
  code = directory_add(&network->directory, entry, why, sizeof why);
  if (code)
    return network_fail(err, err_len, code, "%s; choose another", why);
  network->directory.version++;
  return sign(network, err, err_len);
}

int network_add(const char *folder, struct directory_entry *entry, char *err, size_t err_len)
{
  struct directory_entry added = *entry;

  int code = check_name(entry->name, err, err_len);
  if (!code)
    code = check_folder(folder, err, err_len);
  if (code)
    return code;
  int lock = lock_folder(folder, err, err_len);
  if (lock < 0)
    return lock;
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  code = network ? load(network, folder, err, err_len) : -ENOMEM;
  if (!code)
    code = add(network, &added, err, err_len);
  if (!code)
    code = save(network, folder, 1, err, err_len);
  if (!code)
    *entry = added;
  sodium_free(network);
  close(lock);
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
  struct station_secrets secrets = {.number = (uint16_t)number, .epoch = network->epoch};
  const struct station_keys *keys = find_keys(network, number);

  if (!keys || !directory_find(&network->directory, number))
    return network_fail(err, err_len, -ENOENT, "%s: there is no station %u; list them with: radioctl network list",
                        folder, number);
  memcpy(secrets.network_id, network->directory.network_id, sizeof secrets.network_id);
  authority_public(network, secrets.authority);
  memcpy(secrets.box_secret, keys->box_secret, sizeof secrets.box_secret);
  memcpy(secrets.sign_seed, keys->sign_seed, sizeof secrets.sign_seed);
  memcpy(secrets.hop_key, network->hop_key, sizeof secrets.hop_key);
  int code = network_key_write(file, &secrets, network->wire, network->wire_len, overwrite, err, err_len);
  sodium_memzero(&secrets, sizeof secrets);
  return code;
}

int network_export(const char *folder, unsigned number, const char *file, int overwrite, char *err, size_t err_len)
{
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  int code = network ? load(network, folder, err, err_len) : -ENOMEM;

  if (!code)
    code = export(network, folder, number, file, overwrite, err, err_len);
  sodium_free(network);
  return code;
}

int network_read(const char *folder, struct directory *out, char *err, size_t err_len)
{
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  int code = network ? load(network, folder, err, err_len) : -ENOMEM;

  if (!code)
    *out = network->directory;
  sodium_free(network);
  return code;
}
