/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound through ALSA: the sound card in or beside a radio, or anything else that ALSA can name. */
#include "hw/audio/audio_impl.h"

#include <alsa/asoundlib.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_US 20000
#define BUFFER_US 500000
#define START_FRAMES 800 /* queue 0.1 s before the device starts, so that the first samples cannot run dry */
#define WRITE_TIMEOUT_MS 3000

struct alsa {
  struct audio base;
  snd_pcm_t *capture, *playback;
  snd_pcm_uframes_t playback_frames; /* size of its buffer */
};

struct names {
  char capture[AUDIO_NAME_MAX], playback[AUDIO_NAME_MAX];
};

/* ---- The specification */

/* ALSA names have commas of their own.  What follows one in a name is a number ("hw:1,0") or a setting
 * ("CARD=x,DEV=0"); anything else is a second name. */
static bool starts_name(const char *text)
{
  size_t word = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return !isdigit((unsigned char)*text) && !(word > 0 && text[word] == '=');
}

static const char *find_second_name(const char *spec)
{
  const char *comma = strchr(spec, ',');
  while (comma && !starts_name(comma + 1))
    comma = strchr(comma + 1, ',');
  return comma;
}

static int alsa_parse(const char *spec, struct names *names, char *err, size_t err_len)
{
  const char *comma = find_second_name(spec);
  const char *playback = comma ? comma + 1 : spec;
  size_t capture_len = comma ? (size_t)(comma - spec) : strlen(spec);
  if (capture_len == 0 || *playback == 0)
    return audio_fail(-EINVAL, err, err_len, "sound device \"alsa:%.60s\": write alsa:CAPTURE[,PLAYBACK]", spec);
  if (comma && find_second_name(playback))
    return audio_fail(-EINVAL, err, err_len, "sound device \"alsa:%.60s\": more than two names", spec);
  if (capture_len >= AUDIO_NAME_MAX || strlen(playback) >= AUDIO_NAME_MAX)
    return audio_fail(-EINVAL, err, err_len, "sound device \"alsa:%.60s...\": a name is longer than %d characters",
                      spec, AUDIO_NAME_MAX - 1);
  for (const char *p = spec; *p; p++) {
    if (iscntrl((unsigned char)*p) || *p == '\'')
      return audio_fail(-EINVAL, err, err_len, "sound device alsa: a name holds a character that ALSA never uses");
  }
  memcpy(names->capture, spec, capture_len);
  names->capture[capture_len] = 0;
  strcpy(names->playback, playback);
  return 0;
}

int audio_alsa_check(const char *spec, char *err, size_t err_len)
{
  struct names names;
  return alsa_parse(spec, &names, err, err_len);
}

/* ---- Opening */

static int set_hardware(snd_pcm_t *pcm, snd_pcm_hw_params_t *params)
{
  unsigned buffer_us = BUFFER_US, period_us = PERIOD_US;
  int error = snd_pcm_hw_params_any(pcm, params);
  if (error >= 0)
    error = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
  if (error >= 0)
    error = snd_pcm_hw_params_set_format(pcm, params, SND_PCM_FORMAT_S16);
  if (error >= 0)
    error = snd_pcm_hw_params_set_channels(pcm, params, 1);
  if (error >= 0)
    error = snd_pcm_hw_params_set_rate(pcm, params, AUDIO_RATE_HZ, 0);
  if (error >= 0)
    error = snd_pcm_hw_params_set_buffer_time_near(pcm, params, &buffer_us, NULL);
  if (error >= 0)
    error = snd_pcm_hw_params_set_period_time_near(pcm, params, &period_us, NULL);
  return error < 0 ? error : snd_pcm_hw_params(pcm, params);
}

static int set_software(snd_pcm_t *pcm, snd_pcm_sw_params_t *params, snd_pcm_uframes_t start)
{
  int error = snd_pcm_sw_params_current(pcm, params);
  if (error >= 0)
    error = snd_pcm_sw_params_set_start_threshold(pcm, params, start);
  return error < 0 ? error : snd_pcm_sw_params(pcm, params);
}

/* Sets 8,000 samples a second, 16 bits, mono.  Returns 0 or a negative errno code. */
static int configure(snd_pcm_t *pcm, snd_pcm_uframes_t *buffer_frames)
{
  snd_pcm_hw_params_t *hardware;
  snd_pcm_sw_params_t *software;
  snd_pcm_uframes_t period_frames;
  if (snd_pcm_hw_params_malloc(&hardware) < 0)
    return -ENOMEM;
  int error = set_hardware(pcm, hardware);
  snd_pcm_hw_params_free(hardware);
  if (error >= 0)
    error = snd_pcm_get_params(pcm, buffer_frames, &period_frames);
  if (error < 0)
    return error;
  if (snd_pcm_sw_params_malloc(&software) < 0)
    return -ENOMEM;
  error = set_software(pcm, software, *buffer_frames / 2 < START_FRAMES ? *buffer_frames / 2 : START_FRAMES);
  snd_pcm_sw_params_free(software);
  return error < 0 ? error : 0;
}

static int try_pcm(snd_pcm_t **out, const char *name, snd_pcm_stream_t stream, snd_pcm_uframes_t *frames)
{
  int error = snd_pcm_open(out, name, stream, SND_PCM_NONBLOCK);
  if (error < 0) {
    *out = NULL;
    return error;
  }
  error = configure(*out, frames);
  if (error < 0) {
    snd_pcm_close(*out);
    *out = NULL;
  }
  return error;
}

/* What ALSA calls a lost device has several names. */
static int plain_error(int error)
{
  return error == -EIO || error == -EBADFD || error == -ENOENT ? -ENODEV : error;
}

/* Whether the device is there but cannot do what we ask. */
static bool wrong_format(int error)
{
  return error == -EINVAL;
}

static int open_pcm(snd_pcm_t **out, const char *name, snd_pcm_stream_t stream, snd_pcm_uframes_t *frames, char *err,
                    size_t err_len)
{
  const char *use = stream == SND_PCM_STREAM_CAPTURE ? "recording" : "playing";
  char plug[AUDIO_NAME_MAX + sizeof "plug:''"];
  int error = try_pcm(out, name, stream, frames);
  if (wrong_format(error)) {
    snprintf(plug, sizeof plug, "plug:'%s'", name);
    error = try_pcm(out, plug, stream, frames);
  }
  if (error >= 0)
    return 0;
  if (wrong_format(error))
    return audio_fail(-EINVAL, err, err_len,
                      "sound device %.50s cannot do 8,000 samples/s mono for %s: use plughw:CARD or default", name,
                      use);
  if (plain_error(error) == -ENODEV)
    return audio_fail(-ENODEV, err, err_len, "sound device %.50s for %s is not there: plug it in, or see aplay -L",
                      name, use);
  if (error == -EBUSY)
    return audio_fail(-EBUSY, err, err_len, "sound device %.50s for %s is in use: stop the other program", name, use);
  return audio_fail(error, err, err_len, "sound device %.50s cannot be opened for %s: %s", name, use,
                    snd_strerror(error));
}

/* ---- Running */

/* After an overrun or a suspend.  Returns -EPIPE (go on), or -ENODEV. */
static int restart_capture(struct alsa *alsa)
{
  snd_pcm_drop(alsa->capture);
  int error = snd_pcm_prepare(alsa->capture);
  if (error >= 0)
    error = snd_pcm_start(alsa->capture);
  return error < 0 ? -ENODEV : -EPIPE;
}

static int alsa_read(struct audio *audio, int16_t *samples, size_t len, int timeout_ms)
{
  struct alsa *alsa = (struct alsa *)audio;
  snd_pcm_sframes_t n = snd_pcm_readi(alsa->capture, samples, len);
  if (n == -EAGAIN) {
    int ready = snd_pcm_wait(alsa->capture, timeout_ms);
    if (ready == 0 || ready == -EINTR)
      return 0;
    n = ready < 0 ? ready : snd_pcm_readi(alsa->capture, samples, len);
  }
  if (n >= 0)
    return (int)n;
  if (n == -EAGAIN || n == -EINTR)
    return 0;
  return n == -EPIPE || n == -ESTRPIPE ? restart_capture(alsa) : plain_error((int)n);
}

static int alsa_write(struct audio *audio, const int16_t *samples, size_t len)
{
  struct alsa *alsa = (struct alsa *)audio;
  while (len > 0) {
    snd_pcm_sframes_t n = snd_pcm_writei(alsa->playback, samples, len);
    if (n == -EAGAIN) {
      n = snd_pcm_wait(alsa->playback, WRITE_TIMEOUT_MS);
      if (n == 0)
        return -ETIMEDOUT;
      n = n > 0 ? 0 : n;
    }
    if (n == -EPIPE || n == -ESTRPIPE) /* ran dry: a gap in the burst, which the far end's CRC finds */
      n = snd_pcm_prepare(alsa->playback);
    if (n < 0 && n != -EINTR)
      return plain_error((int)n);
    if (n > 0) {
      samples += n;
      len -= (size_t)n;
    }
  }
  return 0;
}

static void alsa_flush(struct audio *audio)
{
  struct alsa *alsa = (struct alsa *)audio;
  snd_pcm_drop(alsa->playback);
  snd_pcm_prepare(alsa->playback);
}

/* Samples in the buffer between us and the device, apart from what the device itself holds. */
static snd_pcm_sframes_t buffered(struct alsa *alsa)
{
  snd_pcm_sframes_t room = snd_pcm_avail(alsa->playback);
  return room < 0 ? room : (snd_pcm_sframes_t)alsa->playback_frames - room;
}

static int alsa_pending(struct audio *audio)
{
  struct alsa *alsa = (struct alsa *)audio;
  snd_pcm_sframes_t waiting = buffered(alsa), delay = 0;
  if (waiting > 0 && snd_pcm_state(alsa->playback) == SND_PCM_STATE_PREPARED)
    snd_pcm_start(alsa->playback); /* shorter than START_FRAMES */
  int error = waiting < 0 ? (int)waiting : snd_pcm_delay(alsa->playback, &delay);
  if (error < 0 && error != -EPIPE && error != -ESTRPIPE)
    return plain_error(error);
  if (error == 0 && (waiting > 0 || delay > 0))
    return (int)(delay > waiting ? delay : waiting);
  alsa_flush(audio); /* ready for the next burst */
  return 0;
}

static void alsa_close(struct audio *audio)
{
  struct alsa *alsa = (struct alsa *)audio;
  if (alsa->capture)
    snd_pcm_close(alsa->capture);
  if (alsa->playback)
    snd_pcm_close(alsa->playback);
  free(alsa);
}

static const struct audio_ops alsa_ops = {alsa_read, alsa_write, alsa_pending, alsa_flush, alsa_close};

/* ALSA prints its failures to stderr; ours go to the caller. */
static void keep_quiet(const char *file, int line, const char *function, int err, const char *format, va_list args)
{
  (void)file, (void)line, (void)function, (void)err, (void)format, (void)args;
}

static int open_both(struct alsa *alsa, const struct names *names, char *err, size_t err_len)
{
  snd_pcm_uframes_t frames;
  int error = open_pcm(&alsa->capture, names->capture, SND_PCM_STREAM_CAPTURE, &frames, err, err_len);
  if (error == 0)
    error = open_pcm(&alsa->playback, names->playback, SND_PCM_STREAM_PLAYBACK, &alsa->playback_frames, err, err_len);
  if (error)
    return error;
  error = snd_pcm_start(alsa->capture);
  if (error < 0)
    return audio_fail(plain_error(error), err, err_len, "sound device %.50s does not start recording: %s",
                      names->capture, snd_strerror(error));
  return 0;
}

int audio_alsa_open(struct audio **out, const char *spec, char *err, size_t err_len)
{
  struct names names;
  int error = alsa_parse(spec, &names, err, err_len);
  if (error)
    return error;
  struct alsa *alsa = calloc(1, sizeof *alsa);
  if (!alsa)
    return audio_fail(-ENOMEM, err, err_len, "sound device alsa: out of memory");
  alsa->base.ops = &alsa_ops;
  snd_local_error_handler_t before = snd_lib_error_set_local(keep_quiet);
  error = open_both(alsa, &names, err, err_len);
  snd_lib_error_set_local(before);
  if (error)
    alsa_close(&alsa->base);
  else
    *out = &alsa->base;
  return error;
}
