/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of orders on a post's directory and keys: all of one or nothing, whenever the power goes. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "radiod/network/post_keys.h"
#include "tests/unit/radiod/network_samples.h"

#define KILLS 40

/* A network as network_make makes it, and the open keys of its post (1). */
struct fixture {
  struct network_paths paths;
  struct post_keys *keys;
};

static struct post_keys *open_keys(const struct network_paths *paths)
{
  struct post_keys *keys = NULL;
  char err[ERR_MAX];

  if (post_keys_open(&keys, paths->key, err, sizeof err) < 0)
    fail_msg("%s", err);
  return keys;
}

static struct fixture start(void **state)
{
  struct fixture fixture = {.paths = network_make(state)};

  fixture.keys = open_keys(&fixture.paths);
  return fixture;
}

static void reopen(struct fixture *fixture)
{
  post_keys_close(fixture->keys);
  fixture->keys = open_keys(&fixture->paths);
}

static struct order open_order(const struct fixture *fixture, const struct network_order *made)
{
  struct order order;

  assert_int_equal(order_open(&order, post_keys_directory(fixture->keys)->network_id,
                              post_keys_authority(fixture->keys), made->wire, made->len),
                   0);
  return order;
}

static struct order revoke_station(const struct fixture *fixture, unsigned number)
{
  struct network_order made;
  char err[ERR_MAX];

  if (network_revoke(fixture->paths.net, number, &made, err, sizeof err))
    fail_msg("%s", err);
  return open_order(fixture, &made);
}

/* Adds a station and returns the order that the network's folder kept of it. */
static struct order add(const struct fixture *fixture, unsigned number, const char *callsign, const char *name)
{
  struct network_order made;
  char err[ERR_MAX], path[SCRATCH_PATH_MAX * 2];
  struct directory *directory = malloc(sizeof *directory);

  assert_non_null(directory);
  network_add_sample(&fixture->paths, number, callsign, name);
  assert_int_equal(network_read(fixture->paths.net, directory, err, sizeof err), 0);
  snprintf(path, sizeof path, "%s/order-%05u", fixture->paths.net, directory->version);
  free(directory);
  if (network_read_order(path, &made, err, sizeof err))
    fail_msg("%s", err);
  return open_order(fixture, &made);
}

static struct order rekey(const struct fixture *fixture, struct epoch_key *key)
{
  struct network_order made;
  char err[ERR_MAX];

  if (network_rekey(fixture->paths.net, 60, &made, err, sizeof err))
    fail_msg("%s", err);
  struct order order = open_order(fixture, &made);
  assert_int_equal(made.hop_secret_len, KEYRING_KEY_LEN);
  key->epoch = order.as.epoch.epoch;
  memcpy(key->secret, made.hop_secret, sizeof key->secret);
  return order;
}

static void orders_last_beyond_a_restart(void **state)
{
  struct fixture fixture = start(state);
  struct order put = add(&fixture, 7, "HH2MA", "Malpasse");

  assert_int_equal(post_keys_carry_out(fixture.keys, &put), 0);
  assert_non_null(directory_find(post_keys_directory(fixture.keys), 7));
  reopen(&fixture);
  assert_string_equal(directory_find(post_keys_directory(fixture.keys), 7)->name, "Malpasse");
  struct order gone = revoke_station(&fixture, 64);
  assert_int_equal(post_keys_carry_out(fixture.keys, &gone), 0);
  reopen(&fixture);
  assert_null(directory_find(post_keys_directory(fixture.keys), 64));
  assert_int_equal(post_keys_directory(fixture.keys)->version, gone.version);
  post_keys_close(fixture.keys);
}

static void order_out_of_turn_changes_nothing(void **state)
{
  struct fixture fixture = start(state);
  struct order first = add(&fixture, 7, "HH2MA", "Malpasse"), second = revoke_station(&fixture, 64);
  uint32_t version = post_keys_directory(fixture.keys)->version;

  assert_int_equal(post_keys_carry_out(fixture.keys, &second), -ERANGE);
  assert_int_equal(post_keys_directory(fixture.keys)->version, version);
  assert_int_equal(post_keys_carry_out(fixture.keys, &first), 0);
  assert_int_equal(post_keys_carry_out(fixture.keys, &first), -EALREADY);
  assert_int_equal(post_keys_carry_out(fixture.keys, &second), 0);
  post_keys_close(fixture.keys);
}

static void file_that_cannot_be_written_changes_nothing(void **state)
{
  struct fixture fixture = start(state);
  struct order gone = revoke_station(&fixture, 64);
  struct epoch_key key;
  struct rlimit old, small = {100, RLIM_INFINITY};

  rekey(&fixture, &key);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  small.rlim_max = old.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  int order_code = post_keys_carry_out(fixture.keys, &gone), key_code = post_keys_add_epoch(fixture.keys, &key);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  signal(SIGXFSZ, SIG_DFL);
  assert_int_equal(order_code, -EFBIG);
  assert_int_equal(key_code, -EFBIG);
  assert_non_null(directory_find(post_keys_directory(fixture.keys), 64));
  reopen(&fixture);
  assert_non_null(directory_find(post_keys_directory(fixture.keys), 64));
  assert_int_equal(post_keys_carry_out(fixture.keys, &gone), 0);
  post_keys_close(fixture.keys);
}

static void epochs_follow_each_other_beyond_restarts(void **state)
{
  struct fixture fixture = start(state);
  struct epoch_key second, third, wrong;

  rekey(&fixture, &second);
  rekey(&fixture, &third);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, 2), -ENOENT);
  assert_int_equal(post_keys_add_epoch(fixture.keys, &second), 0);
  assert_int_equal(post_keys_add_epoch(fixture.keys, &second), 0); /* came twice */
  wrong = second;
  wrong.secret[0] ^= 1;
  assert_int_equal(post_keys_add_epoch(fixture.keys, &wrong), -EALREADY);
  reopen(&fixture);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, 3), -ENOENT);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, 2), 0);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, 2), 0);
  reopen(&fixture);
  wrong.epoch = 1;
  assert_int_equal(post_keys_add_epoch(fixture.keys, &wrong), -EALREADY);
  assert_int_equal(post_keys_add_epoch(fixture.keys, &third), 0);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, 3), 0);
  reopen(&fixture);
  post_keys_close(fixture.keys);
}

static void hop_keys_of_posts_agree_after_a_rekey(void **state)
{
  struct fixture fixture = start(state);
  struct station_secrets here, there;
  struct directory *directory = malloc(sizeof *directory);
  struct epoch_key key;
  char err[ERR_MAX], other[SCRATCH_PATH_MAX];

  assert_non_null(directory);
  rekey(&fixture, &key);
  assert_int_equal(post_keys_add_epoch(fixture.keys, &key), 0);
  assert_int_equal(post_keys_begin_epoch(fixture.keys, key.epoch), 0);
  post_keys_close(fixture.keys);
  snprintf(other, sizeof other, "%s", scratch_path(*state, "other.key"));
  assert_int_equal(network_export(fixture.paths.net, 64, other, 0, err, sizeof err), 0);
  assert_int_equal(network_read_key_file(fixture.paths.key, &here, directory, err, sizeof err), 0);
  assert_int_equal(network_read_key_file(other, &there, directory, err, sizeof err), 0);
  assert_int_equal(here.epoch, there.epoch);
  assert_memory_equal(here.hop_key, there.hop_key, sizeof here.hop_key);
  free(directory);
}

static void revoked_post_says_so_at_its_next_start(void **state)
{
  struct fixture fixture = start(state);
  struct order gone = revoke_station(&fixture, 1);

  assert_int_equal(post_keys_carry_out(fixture.keys, &gone), 0);
  post_keys_close(fixture.keys);
  refuse_key(&fixture.paths, -ENOENT, "station 1 is not in");
}

static void file_tampered_with_after_an_order_is_refused(void **state)
{
  struct fixture fixture = start(state);
  struct order put = add(&fixture, 7, "HH2MA", "Malpasse");

  assert_int_equal(post_keys_carry_out(fixture.keys, &put), 0);
  post_keys_close(fixture.keys);
  file_spoil(fixture.paths.key, "directory", 60);
  refuse_key(&fixture.paths, -EKEYREJECTED, "signature");
}

/* Carries out one order after another until killed. */
static void carry_out_for_ever(const struct network_paths *paths, const struct order *orders, int fd)
{
  struct post_keys *keys;
  char err[ERR_MAX];

  if (post_keys_open(&keys, paths->key, err, sizeof err))
    _exit(1);
  for (uint32_t version = post_keys_directory(keys)->version; version < 3 + 2 * KILLS; version++) {
    const struct order *order = &orders[version - 3];
    if (post_keys_carry_out(keys, order) || write(fd, &order->version, 4) != 4)
      _exit(2);
  }
  for (;;)
    pause();
}

static uint32_t run_and_kill(const struct fixture *fixture, const struct order *orders, uint64_t *dice)
{
  int ends[2], status;
  uint32_t told = 0, last;

  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    close(ends[0]);
    carry_out_for_ever(&fixture->paths, orders, ends[1]);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &told, 4), 4);
  for (volatile uint32_t spin = chance(dice, 600000); spin > 0;)
    spin--;
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  while (read(ends[0], &last, 4) == 4)
    told = last;
  close(ends[0]);
  return told;
}

/* The state after n orders: station 64 comes and goes. */
static void check_state(struct post_keys *keys, uint32_t told)
{
  uint32_t version = post_keys_directory(keys)->version;

  assert_in_range(version, told, told + 1); /* the kill may fall between the file and the word about it */
  assert_int_equal(directory_find(post_keys_directory(keys), 64) != NULL, version % 2);
}

static void killed_post_holds_the_old_state_or_the_new(void **state)
{
  struct fixture fixture = start(state);
  struct order *orders = calloc(2 * KILLS, sizeof *orders);
  uint64_t dice = chance_seed();
  unsigned rounds = 0;

  assert_non_null(orders);
  for (size_t i = 0; i < 2 * KILLS; i += 2) {
    orders[i] = revoke_station(&fixture, 64);
    orders[i + 1] = add(&fixture, 64, "HH2CO", "P\xc3\xb2toprens");
  }
  while (post_keys_directory(fixture.keys)->version < 3 + 2 * KILLS) {
    post_keys_close(fixture.keys);
    uint32_t told = run_and_kill(&fixture, orders, &dice);
    fixture.keys = open_keys(&fixture.paths);
    check_state(fixture.keys, told);
    rounds++;
  }
  print_message("%u kills in %d orders\n", rounds, 2 * KILLS);
  post_keys_close(fixture.keys);
  free(orders);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(orders_last_beyond_a_restart),
      CASE(order_out_of_turn_changes_nothing),
      CASE(file_that_cannot_be_written_changes_nothing),
      CASE(epochs_follow_each_other_beyond_restarts),
      CASE(hop_keys_of_posts_agree_after_a_rekey),
      CASE(revoked_post_says_so_at_its_next_start),
      CASE(file_tampered_with_after_an_order_is_refused),
      CASE(killed_post_holds_the_old_state_or_the_new),
  };

  return cmocka_run_group_tests_name("post_keys", tests, NULL, NULL);
}
