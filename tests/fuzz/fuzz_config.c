/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of radiod.conf: the input is the file. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "radiod/config/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[FUZZ_PATH_MAX], error[CONFIG_ERROR_MAX];
  struct config config;
  int fd = fuzz_file_open(data, size, path);
  int code = config_read(&config, path, error, sizeof error);
  close(fd);
  if (code)
    FUZZ_CHECK(code == -EINVAL && !strncmp(error, path, strlen(path)));
  else
    FUZZ_CHECK(!*error && config.channel_count <= CONFIG_CHANNELS_MAX);
  return 0;
}
