/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scratch folder, files in it and repeatable chance, for the tests of settings, store and keys. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#define SCRATCH_PATH_MAX 128

struct scratch {
  char folder[SCRATCH_PATH_MAX / 2];
  char path[SCRATCH_PATH_MAX]; /* of the last scratch_path */
};

/* cmocka's set-up and tear-down: *state is a struct scratch, its folder is removed with all it holds. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* The path of name inside the folder, valid until the next call. */
const char *scratch_path(struct scratch *scratch, const char *name);

void scratch_write(const char *path, const void *bytes, size_t len, unsigned mode);
void scratch_copy(const char *from, const char *to, unsigned mode);

/* Reads at most size bytes; returns their number. */
size_t scratch_read(const char *path, void *bytes, size_t size);

/* A seed from RADIOD_TEST_SEED or the clock, printed; then numbers 0..below - 1 from it. */
uint64_t chance_seed(void);
uint32_t chance(uint64_t *state, uint32_t below);

#endif
