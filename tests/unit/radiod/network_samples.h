/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small network on disk and ways to damage its files, for the tests of networks and key files. */
#ifndef TEST_NETWORK_SAMPLES_H
#define TEST_NETWORK_SAMPLES_H

#include "radiod/network/network.h"
#include "tests/unit/radiod/scratch.h"

#define ERR_MAX 400
#define KEY_FILE_MAX 200000

struct network_paths {
  char net[SCRATCH_PATH_MAX], secret[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX];
};

struct network_paths network_paths_of(struct scratch *scratch);
struct directory_entry network_entry(unsigned number, const char *callsign, const char *name);
void network_add_sample(const struct network_paths *paths, unsigned number, const char *callsign, const char *name);

/* A network with a coordinator (64) and a post (1), and the post's key file. */
struct network_paths network_make(void **state);

/* The key file must be refused with this code and a message that names it and holds remedy. */
void refuse_key(const struct network_paths *paths, int code, const char *remedy);

/* Replaces the first occurrence of from by to, of the same length, in the file. */
void file_patch(const char *path, const char *from, const char *to);

/* Removes the lines that begin so, from the file. */
void file_cut_lines(const char *path, const char *begin);

/* Changes one hexadecimal digit of the value called name, counted from its end if digit is negative. */
void file_spoil(const char *path, const char *name, int digit);

#endif
