/* SPDX-License-Identifier: GPL-3.0-or-later */
/* KISS framing (Chepponis and Karn, 1987) for modems that are TNCs: bytes in, bytes out, no device. */
#ifndef HW_MODEM_KISS_H
#define HW_MODEM_KISS_H

#include <stddef.h>
#include <stdint.h>

/* An AX.25 frame with ten addresses and 256 bytes of information is 328 bytes; some TNCs append a time or a quality.
 */
#define KISS_DATA_MAX 400
#define KISS_FRAME_MAX (1 + KISS_DATA_MAX)     /* with the command byte */
#define KISS_WIRE_MAX (2 + 2 * KISS_FRAME_MAX) /* every byte escaped */

enum kiss_command {
  KISS_DATA = 0,
  KISS_TXDELAY = 1, /* unit 10 ms, like all times */
  KISS_PERSISTENCE = 2,
  KISS_SLOTTIME = 3,
  KISS_TXTAIL = 4,
};

/* Writes one frame for the given KISS port (0..15) to out.  Returns its length, or -EMSGSIZE if size is too small. */
int kiss_encode(uint8_t *out, size_t size, unsigned port, enum kiss_command command, const uint8_t *data, size_t len);

/* Finds frames in a stream that may hold anything. */
struct kiss_decoder {
  uint8_t frame[KISS_FRAME_MAX]; /* when kiss_decode returned 1: the command byte, then len - 1 bytes of data */
  size_t len;
  int state;
  unsigned dropped; /* frames that were broken or too long */
};

void kiss_decoder_init(struct kiss_decoder *decoder);

/* Takes the next byte of the stream.  Returns 1 when it completes a frame, which stays until the next call; else 0.
 */
int kiss_decode(struct kiss_decoder *decoder, uint8_t byte);

#endif
