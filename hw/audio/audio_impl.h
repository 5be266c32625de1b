/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sound back ends share: the table of functions behind audio.h and the way errors become one line of text.
 */
#ifndef HW_AUDIO_IMPL_H
#define HW_AUDIO_IMPL_H

#include "hw/audio.h"

#define AUDIO_NAME_MAX 128 /* longest device name or socket path, with its terminating zero */

struct audio_ops {
  int (*read)(struct audio *audio, int16_t *samples, size_t len, int timeout_ms);
  int (*write)(struct audio *audio, const int16_t *samples, size_t len);
  int (*pending)(struct audio *audio);
  void (*flush)(struct audio *audio);
  void (*close)(struct audio *audio);
};

/* Each back end embeds this as its first member. */
struct audio {
  const struct audio_ops *ops;
};

/* The part of the spec after "alsa:" or "ether:", already checked. */
int audio_alsa_open(struct audio **out, const char *spec, char *err, size_t err_len);
int audio_ether_open(struct audio **out, const char *spec, char *err, size_t err_len);
int audio_alsa_check(const char *spec, char *err, size_t err_len);
int audio_ether_check(const char *spec, char *err, size_t err_len);

/* Writes the text to err and returns error, so that a failure is one statement. */
int audio_fail(int error, char *err, size_t err_len, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
