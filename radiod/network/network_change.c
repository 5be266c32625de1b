/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes a network for the coordinator: stations come, change and go, the hop key is renewed; each change makes the
 * order that carries it to the stations. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "protocol/wire/station.h"
#include "radiod/network/network_file.h"
#include "radiod/network/network_impl.h"
#include "radiod/network/network_key.h"
#include "radiod/network/network_order.h"

#define WHY_MAX 256

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

/* One change: decides on the order, and does to the network's own secrets what belongs to it. */
typedef int change_fn(struct network *network, void *context, struct order *order, struct network_order *made,
                      char *err, size_t err_len);

static int sign_order(const struct network *network, const struct order *order, struct network_order *made, char *err,
                      size_t err_len)
{
  uint8_t public_key[DIRECTORY_KEY_LEN], secret_key[crypto_sign_SECRETKEYBYTES];

  crypto_sign_seed_keypair(public_key, secret_key, network->authority_seed);
  int len = order_sign(order, network->directory.network_id, secret_key, made->wire, sizeof made->wire);
  sodium_memzero(secret_key, sizeof secret_key);
  if (len < 0)
    return network_fail(err, err_len, len, "the order cannot be signed: %s; shorten name or callsign",
                        strerror(-len));
  made->len = (size_t)len;
  made->version = order->version;
  return 0;
}

/* The authority tries the order on its own directory: every station comes to the same result. */
static int apply_order(struct network *network, const struct order *order, char *err, size_t err_len)
{
  char why[WHY_MAX] = "the directory is full";

  int code = order_apply(order, &network->directory, why, sizeof why);
  if (code)
    return network_fail(err, err_len, code, "%s; choose another", why);
  return network_sign(network, err, err_len);
}

/* The order is on the disk before the network counts it as given: a gap in the sequence could never be closed. */
static int change(struct network *network, const char *folder, change_fn *decide, void *context,
                  struct network_order *made, char *err, size_t err_len)
{
  struct order order = {.version = network->directory.version + 1};

  memset(made, 0, sizeof *made);
  int code = decide(network, context, &order, made, err, err_len);
  if (!code)
    code = apply_order(network, &order, err, err_len);
  if (!code)
    code = sign_order(network, &order, made, err, err_len);
  if (!code && (code = network_order_path(folder, made->version, made->file, sizeof made->file)) != 0)
    network_fail(err, err_len, code, "%.80s...: the path is too long; use a shorter one", folder);
  if (!code)
    code = network_order_write(made, err, err_len);
  return code ? code : network_save(network, folder, 1, err, err_len);
}

static int change_folder(const char *folder, change_fn *decide, void *context, struct network_order *made, char *err,
                         size_t err_len)
{
  int code = network_check_folder(folder, err, err_len);
  if (code)
    return code;
  int lock = lock_folder(folder, err, err_len);
  if (lock < 0)
    return lock;
  struct network *network = network_secret_new(sizeof *network, err, err_len);
  code = network ? network_load(network, folder, err, err_len) : -ENOMEM;
  if (!code)
    code = change(network, folder, decide, context, made, err, err_len);
  sodium_free(network);
  close(lock);
  return code;
}

static unsigned lowest_free(const struct directory *directory)
{
  unsigned number = 1;

  while (number <= STATION_MAX && (!station_is_valid(number) || directory_find(directory, number)))
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

static int add(struct network *network, void *context, struct order *order, struct network_order *made, char *err,
               size_t err_len)
{
  struct directory_entry *entry = context;

  if (network->directory.count == DIRECTORY_MAX_STATIONS)
    return network_fail(err, err_len, -ENOSPC, "the directory is full; at most %d stations", DIRECTORY_MAX_STATIONS);
  if (entry->number == 0)
    entry->number = (uint16_t)lowest_free(&network->directory);
  if (directory_find(&network->directory, entry->number))
    return network_fail(err, err_len, -EEXIST, "station %u exists already; choose another number", entry->number);
  int code = make_keys(network, entry);
  if (code)
    return network_fail(err, err_len, code, "the new keys are unusable; try again");
  order->type = ORDER_PUT;
  order->as.put = *entry;
  snprintf(made->what, sizeof made->what, "add station %u, %s", entry->number, entry->name);
  return 0;
}

int network_add(const char *folder, struct directory_entry *entry, char *err, size_t err_len)
{
  struct directory_entry added = *entry;
  struct network_order made;

  int code = network_check_name(entry->name, err, err_len);
  if (!code)
    code = change_folder(folder, add, &added, &made, err, err_len);
  if (!code)
    *entry = added;
  return code;
}

static int no_station(unsigned number, char *err, size_t err_len)
{
  return network_fail(err, err_len, -ENOENT, "there is no station %u; list them with: radioctl network list", number);
}

static int change_entry(struct network *network, void *context, struct order *order, struct network_order *made,
                        char *err, size_t err_len)
{
  const struct directory_entry *entry = context, *old = directory_find(&network->directory, entry->number);

  if (!old)
    return no_station(entry->number, err, err_len);
  order->type = ORDER_PUT;
  order->as.put = *entry;
  memcpy(order->as.put.box_key, old->box_key, sizeof old->box_key);
  memcpy(order->as.put.sign_key, old->sign_key, sizeof old->sign_key);
  snprintf(made->what, sizeof made->what, "change station %u, %s", entry->number, entry->name);
  return 0;
}

int network_change(const char *folder, const struct directory_entry *entry, struct network_order *order, char *err,
                   size_t err_len)
{
  struct directory_entry changed = *entry;

  int code = network_check_name(entry->name, err, err_len);
  return code ? code : change_folder(folder, change_entry, &changed, order, err, err_len);
}

static void forget_keys(struct network *network, unsigned number)
{
  size_t kept = 0, count = network->station_len / sizeof network->station[0];

  for (size_t i = 0; i < count; i++)
    if ((unsigned)(network->station[i].number[0] << 8 | network->station[i].number[1]) != number)
      network->station[kept++] = network->station[i];
  sodium_memzero(&network->station[kept], (count - kept) * sizeof network->station[0]);
  network->station_len = kept * sizeof network->station[0];
}

static int revoke_station(struct network *network, void *context, struct order *order, struct network_order *made,
                          char *err, size_t err_len)
{
  const unsigned *number = context;
  const struct directory_entry *entry = directory_find(&network->directory, *number);

  if (!entry)
    return no_station(*number, err, err_len);
  order->type = ORDER_REVOKE;
  order->as.revoke = entry->number;
  snprintf(made->what, sizeof made->what, "revoke station %u, %s", entry->number, entry->name);
  forget_keys(network, *number);
  return 0;
}

int network_revoke(const char *folder, unsigned number, struct network_order *order, char *err, size_t err_len)
{
  return change_folder(folder, revoke_station, &number, order, err, err_len);
}

static int rekey(struct network *network, void *context, struct order *order, struct network_order *made, char *err,
                 size_t err_len)
{
  const unsigned *wait_min = context;

  if (network->epoch == UINT32_MAX)
    return network_fail(err, err_len, -ERANGE, "there are no more epochs; make a new network");
  network->previous.epoch = network->epoch;
  memcpy(network->previous.secret, network->hop_key, sizeof network->previous.secret);
  network->epoch++;
  randombytes_buf(network->hop_key, sizeof network->hop_key);
  order->type = ORDER_EPOCH;
  order->as.epoch.epoch = network->epoch;
  order->as.epoch.wait_min = (uint16_t)*wait_min;
  order_commit(network->hop_key, order->as.epoch.commit);
  memcpy(made->hop_secret, network->hop_key, sizeof made->hop_secret);
  made->hop_secret_len = sizeof made->hop_secret;
  snprintf(made->what, sizeof made->what, "new hop key, epoch %u, in use %u minutes later", network->epoch,
           *wait_min);
  return 0;
}

int network_rekey(const char *folder, unsigned wait_min, struct network_order *order, char *err, size_t err_len)
{
  if (wait_min > UINT16_MAX)
    return network_fail(err, err_len, -EINVAL, "%u minutes: at most %d", wait_min, UINT16_MAX);
  return change_folder(folder, rekey, &wait_min, order, err, err_len);
}
