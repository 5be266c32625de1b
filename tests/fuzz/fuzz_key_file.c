/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of a post's key file: the input is the file. */
#include <unistd.h>

#include "radiod/network/network.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[FUZZ_PATH_MAX], err[256] = "";
  struct station_secrets secrets;
  struct directory *directory = malloc(sizeof *directory);
  FUZZ_CHECK(directory);
  int fd = fuzz_file_open(data, size, path);
  int code = network_read_key_file(path, &secrets, directory, err, sizeof err);
  close(fd);
  FUZZ_CHECK(code <= 0 && (code == 0) == (*err == 0));
  if (!code)
    FUZZ_CHECK(directory_find(directory, secrets.number));
  free(directory);
  return 0;
}
