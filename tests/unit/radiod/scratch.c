/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scratch folder, files in it and repeatable chance, for the tests of settings, store and keys. */
#include "tests/unit/radiod/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

int scratch_setup(void **state)
{
  struct scratch *scratch = calloc(1, sizeof *scratch);

  if (!scratch)
    return -1;
  snprintf(scratch->folder, sizeof scratch->folder, "/tmp/radiod-test-XXXXXX");
  *state = scratch;
  return mkdtemp(scratch->folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
  (void)info;
  (void)type;
  (void)where;
  return remove(path);
}

int scratch_teardown(void **state)
{
  struct scratch *scratch = *state;
  int code = nftw(scratch->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);

  free(scratch);
  return code;
}

const char *scratch_path(struct scratch *scratch, const char *name)
{
  snprintf(scratch->path, sizeof scratch->path, "%s/%.60s", scratch->folder, name);
  return scratch->path;
}

void scratch_write(const char *path, const void *bytes, size_t len, unsigned mode)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, len), len);
  assert_int_equal(fchmod(fd, mode), 0);
  assert_int_equal(close(fd), 0);
}

size_t scratch_read(const char *path, void *bytes, size_t size)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);

  assert_true(fd >= 0);
  ssize_t len = read(fd, bytes, size);
  assert_true(len >= 0);
  close(fd);
  return (size_t)len;
}

void scratch_copy(const char *from, const char *to, unsigned mode)
{
  static const size_t size = 1 << 20;
  char *bytes = malloc(size);

  assert_non_null(bytes);
  size_t len = scratch_read(from, bytes, size);
  assert_true(len < size);
  scratch_write(to, bytes, len, mode);
  free(bytes);
}

uint64_t chance_seed(void)
{
  const char *given = getenv("RADIOD_TEST_SEED");
  struct timespec now;

  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)now.tv_sec * 1000003u + (uint64_t)now.tv_nsec;
  print_message("RADIOD_TEST_SEED=%" PRIu64 "\n", seed);
  return seed;
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
uint32_t chance(uint64_t *state, uint32_t below)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (uint32_t)(z >> 32) % below;
}
