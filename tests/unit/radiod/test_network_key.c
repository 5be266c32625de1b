/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of key files: a post starts with what the coordinator wrote, and with nothing that was tampered with. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/unit/radiod/network_samples.h"

static void key_file_brings_station_up(void **state)
{
  struct network_paths paths = network_make(state);
  struct station_secrets secrets;
  struct directory directory;
  static struct keyring keyring;
  char err[ERR_MAX];

  assert_int_equal(network_read_key_file(paths.key, &secrets, &directory, err, sizeof err), 0);
  assert_int_equal(secrets.number, 1);
  assert_int_equal(secrets.epoch, 1);
  assert_int_equal(directory.count, 2);
  assert_int_equal(directory.version, 3);
  assert_string_equal(directory_find(&directory, 1)->name, "Bellad\xc3\xa8re");
  assert_int_equal(keyring_init(&keyring, &secrets, &directory), 0);
  assert_non_null(keyring_pair(&keyring, 64));
  keyring_wipe(&keyring);
}

static void stations_of_one_network_share_keys(void **state)
{
  struct network_paths paths = network_make(state);
  struct station_secrets secrets;
  struct directory directory;
  static struct keyring one, two;
  char err[ERR_MAX];

  assert_int_equal(network_read_key_file(paths.key, &secrets, &directory, err, sizeof err), 0);
  assert_int_equal(keyring_init(&one, &secrets, &directory), 0);
  assert_int_equal(network_export(paths.net, 64, paths.key, 1, err, sizeof err), 0);
  assert_int_equal(network_read_key_file(paths.key, &secrets, &directory, err, sizeof err), 0);
  assert_int_equal(secrets.number, 64);
  assert_int_equal(keyring_init(&two, &secrets, &directory), 0);
  assert_memory_equal(keyring_pair(&one, 64), keyring_pair(&two, 1), sizeof(struct seal_key));
  assert_memory_equal(&one.hop, &two.hop, sizeof one.hop);
  keyring_wipe(&one);
  keyring_wipe(&two);
}

static void open_modes_are_refused(void **state)
{
  static const mode_t modes[] = {0640, 0604, 0660, 0601};
  struct network_paths paths = network_make(state);
  struct directory directory;
  char err[ERR_MAX];

  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(chmod(paths.key, modes[i]), 0);
    refuse_key(&paths, -EACCES, "chmod 600");
  }
  assert_int_equal(chmod(paths.secret, 0644), 0);
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), -EACCES);
  assert_int_equal(chmod(paths.secret, 0600), 0);
  assert_int_equal(chmod(paths.net, 0755), 0);
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), -EACCES);
  assert_non_null(strstr(err, "chmod 700"));
}

static void tampered_key_files_are_refused(void **state)
{
  static const struct {
    const char *name;
    int digit, code;
  } cases[] = {
      {"directory", 100, -EKEYREJECTED}, {"directory", -1, -EKEYREJECTED}, {"authority", 4, -EKEYREJECTED},
      {"box_secret", 9, -EKEYREJECTED},  {"sign_seed", 63, -EKEYREJECTED}, {"network_id", 0, -EKEYREJECTED},
  };
  struct network_paths paths = network_make(state);
  char copy[SCRATCH_PATH_MAX];

  snprintf(copy, sizeof copy, "%s", scratch_path(*state, "copy"));
  scratch_copy(paths.key, copy, 0600);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scratch_copy(copy, paths.key, 0600);
    file_spoil(paths.key, cases[i].name, cases[i].digit);
    refuse_key(&paths, cases[i].code, "radioctl network export");
  }
  scratch_copy(copy, paths.key, 0600);
  file_patch(paths.key, "number 1", "number 9");
  refuse_key(&paths, -ENOENT, "station 9");
}

static void other_versions_are_refused_in_words(void **state)
{
  struct network_paths paths = network_make(state);
  struct directory directory;
  char err[ERR_MAX];

  file_patch(paths.key, "radiod-key 2", "radiod-key 3");
  refuse_key(&paths, -EPROTO, "version 3");
  file_patch(paths.key, "radiod-key 3", "radiod-key 0");
  refuse_key(&paths, -EPROTO, "version 0");
  file_patch(paths.key, "radiod-key 0", "radiod-key x");
  refuse_key(&paths, -EBADMSG, "version");
  file_patch(paths.key, "radiod-key", "radiod_key");
  refuse_key(&paths, -EBADMSG, "not a radiod-key");
  file_patch(paths.secret, "radiod-network 2", "radiod-network 7");
  assert_int_equal(network_read(paths.net, &directory, err, sizeof err), -EPROTO);
}

/* Version 1 knew one hop key. */
static void files_of_version_1_are_read(void **state)
{
  struct network_paths paths = network_make(state);
  struct station_secrets before, after;
  struct directory *directory = malloc(sizeof *directory);
  char err[ERR_MAX];

  assert_non_null(directory);
  assert_int_equal(network_read_key_file(paths.key, &before, directory, err, sizeof err), 0);
  file_cut_lines(paths.key, "previous_");
  file_cut_lines(paths.key, "next_");
  refuse_key(&paths, -EBADMSG, "previous_epoch is missing");
  file_patch(paths.key, "radiod-key 2", "radiod-key 1");
  assert_int_equal(network_read_key_file(paths.key, &after, directory, err, sizeof err), 0);
  assert_memory_equal(&before, &after, sizeof before);
  file_cut_lines(paths.secret, "previous_");
  file_patch(paths.secret, "radiod-network 2", "radiod-network 1");
  assert_int_equal(network_export(paths.net, 1, paths.key, 1, err, sizeof err), 0);
  assert_int_equal(network_read_key_file(paths.key, &after, directory, err, sizeof err), 0);
  assert_memory_equal(&before, &after, sizeof before);
  free(directory);
}

static void broken_lines_are_refused(void **state)
{
  struct network_paths paths = network_make(state);

  file_patch(paths.key, "hop_key", "hop-key");
  refuse_key(&paths, -EBADMSG, "restore");
  file_patch(paths.key, "hop-key ", "epoch 5\n");
  refuse_key(&paths, -EBADMSG, "epoch");
}

static void truncated_files_are_refused(void **state)
{
  struct network_paths paths = network_make(state);
  struct station_secrets secrets;
  struct directory directory;
  char *bytes = malloc(KEY_FILE_MAX), err[ERR_MAX];

  assert_non_null(bytes);
  size_t len = scratch_read(paths.key, bytes, KEY_FILE_MAX);
  for (size_t cut = 0; cut + 1 < len; cut++) { /* without its last newline it is whole */
    scratch_write(paths.key, bytes, cut, 0600);
    int code = network_read_key_file(paths.key, &secrets, &directory, err, sizeof err);
    assert_true(code == -EBADMSG || code == -EKEYREJECTED);
  }
  free(bytes);
}

static void mutated_files_are_survived(void **state)
{
  struct network_paths paths = network_make(state);
  struct station_secrets secrets;
  struct directory directory;
  char *good = malloc(KEY_FILE_MAX), *bytes = malloc(KEY_FILE_MAX), err[ERR_MAX];

  assert_true(good && bytes);
  size_t len = scratch_read(paths.key, good, KEY_FILE_MAX);
  uint64_t dice = chance_seed();
  for (int round = 0; round < 1500; round++) {
    memcpy(bytes, good, len);
    for (uint32_t n = 1 + chance(&dice, 4); n > 0; n--)
      bytes[chance(&dice, (uint32_t)len)] = chance(&dice, 2) ? (char)chance(&dice, 256) : "0f \n"[chance(&dice, 4)];
    scratch_write(paths.key, bytes, len, 0600);
    err[0] = '\0';
    if (network_read_key_file(paths.key, &secrets, &directory, err, sizeof err) < 0)
      assert_int_equal(strncmp(err, paths.key, strlen(paths.key)), 0);
  }
  free(good);
  free(bytes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(key_file_brings_station_up),
      CASE(stations_of_one_network_share_keys),
      CASE(open_modes_are_refused),
      CASE(tampered_key_files_are_refused),
      CASE(other_versions_are_refused_in_words),
      CASE(broken_lines_are_refused),
      CASE(truncated_files_are_refused),
      CASE(mutated_files_are_survived),
      CASE(files_of_version_1_are_read),
  };

  return cmocka_run_group_tests_name("network_key", tests, NULL, NULL);
}
