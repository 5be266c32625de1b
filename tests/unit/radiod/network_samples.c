/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small network on disk and ways to damage its files, for the tests of networks and key files. */
#include "tests/unit/radiod/network_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct network_paths network_paths_of(struct scratch *scratch)
{
  struct network_paths paths;

  snprintf(paths.net, sizeof paths.net, "%s", scratch_path(scratch, "net"));
  snprintf(paths.secret, sizeof paths.secret, "%s", scratch_path(scratch, "net/network.secret"));
  snprintf(paths.key, sizeof paths.key, "%s", scratch_path(scratch, "post.key"));
  return paths;
}

struct directory_entry network_entry(unsigned number, const char *callsign, const char *name)
{
  struct directory_entry entry = {.number = (uint16_t)number, .sector = -1, .department = -1};

  snprintf(entry.callsign, sizeof entry.callsign, "%s", callsign);
  snprintf(entry.name, sizeof entry.name, "%s", name);
  return entry;
}

void network_add_sample(const struct network_paths *paths, unsigned number, const char *callsign, const char *name)
{
  struct directory_entry entry = network_entry(number, callsign, name);
  char err[ERR_MAX];

  if (network_add(paths->net, &entry, err, sizeof err) < 0)
    fail_msg("%s", err);
}

struct network_paths network_make(void **state)
{
  struct network_paths paths = network_paths_of(*state);
  char err[ERR_MAX];

  assert_int_equal(network_init(paths.net, "A\xc3\xafti", err, sizeof err), 0);
  network_add_sample(&paths, 64, "HH2CO", "P\xc3\xb2toprens");
  network_add_sample(&paths, 0, "HH2BE", "Bellad\xc3\xa8re");
  assert_int_equal(network_export(paths.net, 1, paths.key, 0, err, sizeof err), 0);
  return paths;
}

void refuse_key(const struct network_paths *paths, int code, const char *remedy)
{
  struct station_secrets secrets, untouched;
  struct directory directory;
  char err[ERR_MAX] = "";

  memset(&secrets, 0x5a, sizeof secrets);
  memset(&untouched, 0x5a, sizeof untouched);
  assert_int_equal(network_read_key_file(paths->key, &secrets, &directory, err, sizeof err), code);
  assert_memory_equal(&secrets, &untouched, sizeof secrets);
  if (strncmp(err, paths->key, strlen(paths->key)) != 0 || !strstr(err, remedy))
    fail_msg("no \"%s\" in: %s", remedy, err);
}

void file_patch(const char *path, const char *from, const char *to)
{
  char *bytes = calloc(1, KEY_FILE_MAX + 1);

  assert_non_null(bytes);
  size_t len = scratch_read(path, bytes, KEY_FILE_MAX);
  char *at = strstr(bytes, from);
  assert_non_null(at);
  memcpy(at, to, strlen(to));
  scratch_write(path, bytes, len, 0600);
  free(bytes);
}

void file_cut_lines(const char *path, const char *begin)
{
  char *bytes = calloc(1, KEY_FILE_MAX + 1), label[32];
  size_t cut = 0;

  assert_non_null(bytes);
  scratch_read(path, bytes, KEY_FILE_MAX);
  snprintf(label, sizeof label, "\n%s", begin);
  for (char *at; (at = strstr(bytes, label)); cut++) {
    char *next = strchr(at + 1, '\n');
    memmove(at, next, strlen(next) + 1);
  }
  assert_true(cut > 0);
  scratch_write(path, bytes, strlen(bytes), 0600);
  free(bytes);
}

void file_spoil(const char *path, const char *name, int digit)
{
  char *bytes = calloc(1, KEY_FILE_MAX + 1), label[32];

  assert_non_null(bytes);
  size_t len = scratch_read(path, bytes, KEY_FILE_MAX);
  snprintf(label, sizeof label, "\n%s ", name);
  char *at = strstr(bytes, label);
  assert_non_null(at);
  at += strlen(label);
  at += digit < 0 ? (long)strcspn(at, "\n") + digit : digit;
  *at = *at == '0' ? '1' : '0';
  scratch_write(path, bytes, len, 0600);
  free(bytes);
}
