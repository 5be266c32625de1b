/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of radiod.conf: the input is the file. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "radiod/config/config.h"
#include "tests/fuzz/fuzz.h"

static int ends(const char *text, size_t size)
{
  return memchr(text, 0, size) != NULL;
}

/* Text that ran over inside the struct would not meet the sanitizer. */
static void check_config(const struct config *config)
{
  FUZZ_CHECK(config->channel_count <= CONFIG_CHANNELS_MAX);
  FUZZ_CHECK(ends(config->key_file, sizeof config->key_file) && ends(config->store, sizeof config->store));
  FUZZ_CHECK(ends(config->socket, sizeof config->socket) && ends(config->language, sizeof config->language));
  for (size_t i = 0; i < config->channel_count; i++) {
    const struct config_channel *channel = &config->channel[i];
    FUZZ_CHECK(*channel->name && ends(channel->name, sizeof channel->name) && channel->line > 0);
    FUZZ_CHECK(ends(channel->device, sizeof channel->device) && ends(channel->callsign, sizeof channel->callsign));
    FUZZ_CHECK(ends(channel->audio, sizeof channel->audio) && ends(channel->modes, sizeof channel->modes));
    FUZZ_CHECK(ends(channel->ptt, sizeof channel->ptt));
  }
}

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
    check_config(&config);
  return 0;
}
