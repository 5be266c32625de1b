/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the coordinator's network folder: stations are added whole, kept private and never overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/radiod/network_samples.h"

static void secrets_are_private(void **state)
{
  mode_t old = umask(0);
  struct network_paths paths = network_make(state);
  struct stat info;

  umask(old);
  assert_int_equal(stat(paths.net, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0700);
  assert_int_equal(stat(paths.secret, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  assert_int_equal(stat(paths.key, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
}

static void lowest_free_number_is_taken(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory_entry entry = network_entry(0, "HH2X", "X");
  struct directory directory;
  char err[ERR_MAX];

  assert_int_equal(network_add(paths.net, &entry, err, sizeof err), 0);
  assert_int_equal(entry.number, 2);
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), 0);
  assert_int_equal(directory.count, 3);
  assert_memory_equal(directory_find(&directory, 2)->box_key, entry.box_key, sizeof entry.box_key);
}

static void taken_or_wrong_names_are_refused(void **state)
{
  static const struct {
    unsigned number;
    const char *callsign, *name;
    int code;
  } cases[] = {
      {64, "HH2X", "X", -EEXIST},  {0, "HH2BE", "X", -EEXIST},   {0, "HH2X", "belladere", -EEXIST},
      {251, "HH2X", "X", -EINVAL}, {0, "hh2x", "X", -EINVAL},    {0, "", "X", -EINVAL},
      {0, "HH2X", "", -EINVAL},    {0, "HH2X", "\xff", -EINVAL}, {0, "HH2X", "a\nb", -EINVAL},
      {0, "HH2X\n", "X", -EINVAL},
  };
  struct network_paths paths = network_make(state);
  struct directory directory;
  char err[ERR_MAX];

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct directory_entry entry = network_entry(cases[i].number, cases[i].callsign, cases[i].name), before = entry;

    err[0] = '\0';
    assert_int_equal(network_add(paths.net, &entry, err, sizeof err), cases[i].code);
    assert_memory_equal(&entry, &before, sizeof entry);
    assert_true(err[0]);
  }
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), 0);
  assert_int_equal(directory.count, 2);
  assert_int_equal(directory.version, 3);
}

static void numbers_go_on_at_256_after_250(void **state)
{
  struct network_paths paths = network_paths_of(*state);
  struct directory_entry entry = network_entry(0, "HH2X", "X");
  struct directory directory;
  char err[ERR_MAX], callsign[16], name[64];

  assert_int_equal(network_init(paths.net, "A", err, sizeof err), 0);
  for (unsigned i = 1; i <= 251; i++) {
    snprintf(callsign, sizeof callsign, "HH2ABCDE%04u", i); /* as long as they may be */
    snprintf(name, sizeof name, "%048u", i);
    network_add_sample(&paths, 0, callsign, name);
  }
  assert_int_equal(network_add(paths.net, &entry, err, sizeof err), 0);
  assert_int_equal(entry.number, 257);
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), 0);
  assert_int_equal(directory.count, 252);
  assert_null(directory_find(&directory, 251));
  assert_int_equal(network_export(paths.net, 256, paths.key, 0, err, sizeof err), 0);
  struct station_secrets secrets;
  assert_int_equal(network_read_key_file(paths.key, &secrets, &directory, err, sizeof err), 0);
  assert_int_equal(secrets.number, 256);
}

static void nothing_is_overwritten_unasked(void **state)
{
  struct network_paths paths = network_make(state);
  char before[64], after[64], err[ERR_MAX] = "";

  scratch_read(paths.secret, before, sizeof before);
  assert_int_equal(network_init(paths.net, "A", err, sizeof err), -EEXIST);
  assert_non_null(strstr(err, "exists"));
  scratch_read(paths.secret, after, sizeof after);
  assert_memory_equal(before, after, sizeof before);
  assert_int_equal(network_export(paths.net, 64, paths.key, 0, err, sizeof err), -EEXIST);
  assert_int_equal(network_export(paths.net, 64, paths.key, 1, err, sizeof err), 0);
}

static void no_temporary_files_stay(void **state)
{
  struct network_paths paths = network_make(state);
  char err[ERR_MAX], order[SCRATCH_PATH_MAX * 2];

  assert_int_equal(network_export(paths.net, 64, paths.key, 0, err, sizeof err), -EEXIST);
  assert_int_equal(unlink(paths.secret), 0);
  for (unsigned version = 2; version <= 3; version++) {
    snprintf(order, sizeof order, "%s/order-%05u", paths.net, version);
    assert_int_equal(unlink(order), 0);
  }
  assert_int_equal(rmdir(paths.net), 0); /* empty but for these files */
  assert_int_equal(unlink(paths.key), 0);
  assert_int_equal(rmdir(((struct scratch *)*state)->folder), 0);
  assert_int_equal(mkdir(((struct scratch *)*state)->folder, 0700), 0);
}

static void unknown_station_is_not_exported(void **state)
{
  struct network_paths paths = network_make(state);
  char err[ERR_MAX];

  assert_int_equal(network_export(paths.net, 3, paths.key, 1, err, sizeof err), -ENOENT);
  assert_int_equal(network_export(paths.net, 65537, paths.key, 1, err, sizeof err), -ENOENT);
  assert_non_null(strstr(err, "no station"));
}

static void bad_network_names_are_refused(void **state)
{
  struct network_paths paths = network_paths_of(*state);
  char err[ERR_MAX];

  assert_int_equal(network_init(paths.net, "", err, sizeof err), -EINVAL);
  assert_int_equal(network_init(paths.net, "\xc3", err, sizeof err), -EINVAL);
  assert_int_equal(network_init(paths.net, "a\nstations 00", err, sizeof err), -EINVAL);
  assert_int_equal(access(paths.net, F_OK), -1);
}

static void missing_things_are_named(void **state)
{
  struct network_paths paths = network_paths_of(*state);
  struct directory_entry entry = network_entry(0, "HH2X", "X");
  char err[ERR_MAX];

  refuse_key(&paths, -ENOENT, "radioctl network export");
  assert_int_equal(network_add(paths.net, &entry, err, sizeof err), -ENOENT);
  assert_non_null(strstr(err, "radioctl network init"));
  assert_int_equal(mkfifo(paths.key, 0600), 0);
  refuse_key(&paths, -EINVAL, "not a file");
}

static void changed_network_is_refused(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory directory;
  char err[ERR_MAX];

  file_spoil(paths.secret, "directory", 60);
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), -EKEYREJECTED);
  file_spoil(paths.secret, "authority_seed", 0);
  assert_int_equal(network_export(paths.net, 1, paths.key, 1, err, sizeof err), -EKEYREJECTED);
}

static void two_changes_at_once_are_kept_apart(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory_entry entry = network_entry(0, "HH2X", "X");
  char err[ERR_MAX];

  int fd = open(paths.net, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  assert_int_equal(network_add(paths.net, &entry, err, sizeof err), -EBUSY);
  close(fd);
  assert_int_equal(network_add(paths.net, &entry, err, sizeof err), 0);
}

/* What the stations would come to when they carry out the order on the directory they have. */
static void carry_out(const struct network_paths *paths, struct directory *directory,
                      const struct network_order *made)
{
  struct station_secrets secrets;
  struct directory *unused = malloc(sizeof *unused);
  struct order order;
  char err[ERR_MAX];

  assert_non_null(unused);
  assert_int_equal(network_read_key_file(paths->key, &secrets, unused, err, sizeof err), 0);
  assert_int_equal(order_open(&order, directory->network_id, secrets.authority, made->wire, made->len), 0);
  if (order_apply(&order, directory, err, sizeof err))
    fail_msg("%s", err);
  assert_int_equal(order.version, made->version);
  free(unused);
}

static void orders_lead_the_stations_to_the_same_directory(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory *theirs = malloc(sizeof *theirs), *ours = malloc(sizeof *ours);
  struct directory_entry entry = network_entry(1, "HH2BX", "Bellad\xc3\xa8re 2");
  struct network_order made, read;
  char err[ERR_MAX];

  assert_true(theirs && ours);
  assert_int_equal(network_read(paths.net, theirs, err, sizeof err), 0);
  entry.role = STATION_ROLE_RELAY;
  assert_int_equal(network_change(paths.net, &entry, &made, err, sizeof err), 0);
  carry_out(&paths, theirs, &made);
  assert_int_equal(network_revoke(paths.net, 64, &made, err, sizeof err), 0);
  carry_out(&paths, theirs, &made);
  assert_int_equal(network_read_order(made.file, &read, err, sizeof err), 0);
  assert_memory_equal(&read, &made, sizeof read);
  assert_int_equal(network_rekey(paths.net, 5, &made, err, sizeof err), 0);
  carry_out(&paths, theirs, &made);
  assert_int_equal(network_read(paths.net, ours, err, sizeof err), 0);
  assert_int_equal(ours->version, theirs->version);
  assert_int_equal(ours->count, 1);
  assert_memory_equal(&ours->entry[0], &theirs->entry[0], sizeof ours->entry[0]);
  assert_string_equal(ours->entry[0].callsign, "HH2BX");
  free(theirs);
  free(ours);
}

static void revoked_station_gets_no_key_file_any_more(void **state)
{
  struct network_paths paths = network_make(state);
  struct network_order made;
  char err[ERR_MAX];

  assert_int_equal(network_revoke(paths.net, 64, &made, err, sizeof err), 0);
  assert_int_equal(network_export(paths.net, 64, paths.key, 1, err, sizeof err), -ENOENT);
  assert_int_equal(network_revoke(paths.net, 64, &made, err, sizeof err), -ENOENT);
  assert_non_null(strstr(err, "radioctl network list"));
}

static void impossible_changes_make_no_order(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory_entry taken = network_entry(1, "HH2CO", "X"), nobody = network_entry(9, "HH2X", "X");
  struct network_order made;
  struct directory *directory = malloc(sizeof *directory);
  char err[ERR_MAX], order[SCRATCH_PATH_MAX * 2];

  assert_non_null(directory);
  assert_int_equal(network_change(paths.net, &taken, &made, err, sizeof err), -EEXIST);
  assert_int_equal(network_change(paths.net, &nobody, &made, err, sizeof err), -ENOENT);
  assert_int_equal(network_rekey(paths.net, 65536, &made, err, sizeof err), -EINVAL);
  snprintf(order, sizeof order, "%s/order-00004", paths.net);
  assert_int_equal(access(order, F_OK), -1);
  assert_int_equal(network_read(paths.net, directory, err, sizeof err), 0);
  assert_int_equal(directory->version, 3);
  free(directory);
}

static void damaged_order_files_are_refused(void **state)
{
  struct network_paths paths = network_make(state);
  struct network_order made, read;
  char err[ERR_MAX];

  assert_int_equal(network_rekey(paths.net, 5, &made, err, sizeof err), 0);
  assert_int_equal(chmod(made.file, 0644), 0);
  assert_int_equal(network_read_order(made.file, &read, err, sizeof err), -EACCES);
  assert_int_equal(chmod(made.file, 0600), 0);
  file_patch(made.file, "\nhop_secret ", "\nhop_secret x");
  assert_int_equal(network_read_order(made.file, &read, err, sizeof err), -EBADMSG);
  assert_int_equal(network_read_order(paths.key, &read, err, sizeof err), -EBADMSG);
  assert_int_equal(network_read_order(paths.net, &read, err, sizeof err), -EINVAL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(secrets_are_private),
      CASE(lowest_free_number_is_taken),
      CASE(taken_or_wrong_names_are_refused),
      CASE(numbers_go_on_at_256_after_250),
      CASE(nothing_is_overwritten_unasked),
      CASE(no_temporary_files_stay),
      CASE(unknown_station_is_not_exported),
      CASE(bad_network_names_are_refused),
      CASE(missing_things_are_named),
      CASE(changed_network_is_refused),
      CASE(two_changes_at_once_are_kept_apart),
      CASE(orders_lead_the_stations_to_the_same_directory),
      CASE(revoked_station_gets_no_key_file_any_more),
      CASE(impossible_changes_make_no_order),
      CASE(damaged_order_files_are_refused),
  };

  return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
