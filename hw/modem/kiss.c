/* SPDX-License-Identifier: GPL-3.0-or-later */
/* KISS framing for modems that are TNCs. */
#include "hw/modem/kiss.h"

#include <assert.h>
#include <errno.h>

enum { FEND = 0xC0, FESC = 0xDB, TFEND = 0xDC, TFESC = 0xDD };

/* Skipping: until the next FEND, because the stream was joined in the middle or the frame is broken. */
enum { SKIPPING, READING, ESCAPED, COMPLETE };

static size_t put_escaped(uint8_t *out, uint8_t byte)
{
  if (byte != FEND && byte != FESC) {
    out[0] = byte;
    return 1;
  }
  out[0] = FESC;
  out[1] = byte == FEND ? TFEND : TFESC;
  return 2;
}

int kiss_encode(uint8_t *out, size_t size, unsigned port, enum kiss_command command, const uint8_t *data, size_t len)
{
  assert(port <= 15);
  if (len > KISS_DATA_MAX || size < 2 + 2 * (len + 1))
    return -EMSGSIZE;
  size_t used = 0;
  out[used++] = FEND;
  /* The command byte too: data for port 12 is 0xC0. */
  used += put_escaped(out + used, (uint8_t)(port << 4 | command));
  for (size_t i = 0; i < len; i++)
    used += put_escaped(out + used, data[i]);
  out[used++] = FEND;
  return (int)used;
}

void kiss_decoder_init(struct kiss_decoder *decoder)
{
  decoder->len = 0;
  decoder->dropped = 0;
  decoder->state = SKIPPING;
}

static void drop_frame(struct kiss_decoder *decoder)
{
  decoder->dropped++;
  decoder->len = 0;
  decoder->state = SKIPPING;
}

static void put_byte(struct kiss_decoder *decoder, uint8_t byte)
{
  if (decoder->len == KISS_FRAME_MAX) {
    drop_frame(decoder);
    return;
  }
  decoder->frame[decoder->len++] = byte;
  decoder->state = READING;
}

/* Frames may share one FEND or have many between them. */
static int end_frame(struct kiss_decoder *decoder)
{
  if (decoder->state == ESCAPED)
    drop_frame(decoder);
  int complete = decoder->state == READING && decoder->len > 0;
  decoder->state = complete ? COMPLETE : READING;
  return complete;
}

int kiss_decode(struct kiss_decoder *decoder, uint8_t byte)
{
  if (decoder->state == COMPLETE) {
    decoder->len = 0;
    decoder->state = READING;
  }
  if (byte == FEND)
    return end_frame(decoder);
  if (decoder->state == SKIPPING)
    return 0;
  if (decoder->state == ESCAPED) {
    if (byte == TFEND || byte == TFESC)
      put_byte(decoder, byte == TFEND ? FEND : FESC);
    else
      drop_frame(decoder);
    return 0;
  }
  if (byte == FESC)
    decoder->state = ESCAPED;
  else
    put_byte(decoder, byte);
  return 0;
}
