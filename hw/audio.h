/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream of samples from and to a radio: 16-bit signed, mono, 8,000 samples a second, both ways at once. */
#ifndef HW_AUDIO_H
#define HW_AUDIO_H

#include <stddef.h>
#include <stdint.h>

#define AUDIO_RATE_HZ 8000

/* Used from one thread. */
struct audio;

/* Opens what spec names:
 *   alsa:CAPTURE[,PLAYBACK]    ALSA device names ("plughw:1,0"); one name serves both when the second is absent
 *   ether:PATH:NAME            the simulator's ether, a UNIX socket, joined as station NAME
 * Returns 0, or a negative errno code with one line in err: what is wrong, where, what to do. */
int audio_open(struct audio **out, const char *spec, char *err, size_t err_len);

/* Checks the form of spec without touching a device.  Returns 0 or -EINVAL with err filled. */
int audio_check(const char *spec, char *err, size_t err_len);

/* Waits for up to len received samples, at most timeout_ms.  Returns the number read (0: time-out), or a negative
 * errno code: -EPIPE after an overrun (samples were lost, reading may go on), -ENODEV when the device is gone. */
int audio_read(struct audio *audio, int16_t *samples, size_t len, int timeout_ms);

/* Queues len samples for transmission; waits when the device's buffer is full.  Returns 0 or a negative errno code. */
int audio_write(struct audio *audio, const int16_t *samples, size_t len);

/* Returns the number of queued samples that have not yet left the device, or a negative errno code. */
int audio_pending(struct audio *audio);

/* Drops what is queued. */
void audio_flush(struct audio *audio);

/* NULL is allowed. */
void audio_close(struct audio *audio);

#endif
