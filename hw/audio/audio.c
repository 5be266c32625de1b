/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the back end that a sound specification names, so that modems need not know which one they use. */
#include "hw/audio/audio_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct backend {
  const char *prefix;
  int (*check)(const char *spec, char *err, size_t err_len);
  int (*open)(struct audio **out, const char *spec, char *err, size_t err_len);
};

static const struct backend backends[] = {
    {"alsa:", audio_alsa_check, audio_alsa_open},
    {"ether:", audio_ether_check, audio_ether_open},
};

int audio_fail(int error, char *err, size_t err_len, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return error;
}

static const struct backend *backend_find(const char *spec)
{
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
    if (strncmp(spec, backends[i].prefix, strlen(backends[i].prefix)) == 0)
      return &backends[i];
  }
  return NULL;
}

int audio_check(const char *spec, char *err, size_t err_len)
{
  const struct backend *backend = backend_find(spec);
  if (!backend)
    return audio_fail(-EINVAL, err, err_len,
                      "sound device \"%.60s\": write alsa:CAPTURE[,PLAYBACK] or ether:PATH:NAME", spec);
  return backend->check(spec + strlen(backend->prefix), err, err_len);
}

int audio_open(struct audio **out, const char *spec, char *err, size_t err_len)
{
  int error = audio_check(spec, err, err_len);
  if (error)
    return error;
  const struct backend *backend = backend_find(spec);
  return backend->open(out, spec + strlen(backend->prefix), err, err_len);
}

int audio_read(struct audio *audio, int16_t *samples, size_t len, int timeout_ms)
{
  return audio->ops->read(audio, samples, len, timeout_ms);
}

int audio_write(struct audio *audio, const int16_t *samples, size_t len)
{
  return audio->ops->write(audio, samples, len);
}

int audio_pending(struct audio *audio)
{
  return audio->ops->pending(audio);
}

void audio_flush(struct audio *audio)
{
  audio->ops->flush(audio);
}

void audio_close(struct audio *audio)
{
  if (audio)
    audio->ops->close(audio);
}
