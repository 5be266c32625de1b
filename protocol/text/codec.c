/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts as few bits, each for itself: the shortest of a numbered phrase, the trained model, and plain characters. */
#include "protocol/text/codec.h"

#include <errno.h>
#include <string.h>

#include "protocol/text/arith.h"
#include "protocol/text/model_text.h"
#include "protocol/text/phrases.h"
#include "protocol/text/plain_text.h"
#include "protocol/text/utf8.h"

/* The first choice, of FORMS: half of them are the first model, and each later one gets half of what was left, so
 * that no model that comes takes more from the one in use than a bit or two. */
#define FORMS 16
#define FORM_MODEL_1 0
#define FORM_MODEL_2 8 /* not there yet, and so is the third, from 12 */
#define FORM_PHRASE 14
#define FORM_OTHER 15 /* a second choice of OTHERS follows */
#define OTHERS 16
#define OTHER_PLAIN 0
#define OTHER_BYTES 15 /* text_pack only: bytes as they are, up to the end */

#define RAW_MARK (FORM_OTHER << 4 | OTHER_BYTES) /* as a byte */
#define CODE_MAX (TEXT_BYTES_MAX * 4)            /* bytes; a character takes at most 24 bits of model and escape */

enum form { CODE_PHRASE, CODE_MODEL, CODE_PLAIN, CODE_FORMS };

static int is_utf8(const char *bytes, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t step = utf8_decode(NULL, bytes + i, len - i);
    if (!step)
      return 0;
    i += step;
  }
  return 1;
}

/* Writes the text in one form.  Returns 0, or -ENOENT if it is no phrase. */
static int write_as(struct bit_writer *out, enum form form, const char *bytes, size_t len)
{
  struct arith_writer writer;
  struct phrase phrase;
  if (form == CODE_PHRASE && phrase_match(&phrase, bytes, len))
    return -ENOENT;
  arith_writer_init(&writer, out);
  if (form == CODE_PHRASE) {
    arith_put(&writer, FORM_PHRASE, 1, FORMS);
    phrase_put(&writer, &phrase);
  } else if (form == CODE_MODEL) {
    arith_put(&writer, FORM_MODEL_1, FORM_MODEL_2 - FORM_MODEL_1, FORMS);
    model_text_put(&writer, bytes, len);
  } else {
    arith_put(&writer, FORM_OTHER, 1, FORMS);
    arith_put_uniform(&writer, OTHER_PLAIN, OTHERS);
    plain_text_put(&writer, bytes, len);
  }
  arith_finish(&writer);
  return 0;
}

static void copy_bits(struct bit_writer *out, const struct bit_writer *from)
{
  struct bit_reader reader;
  bits_reader_init(&reader, from->buf, bits_put_len(from));
  for (size_t left = from->bits; left;) {
    unsigned width = left < 32 ? (unsigned)left : 32;
    bits_put(out, bits_get(&reader, width), width);
    left -= width;
  }
}

int text_code_write(struct bit_writer *out, const char *bytes, size_t len)
{
  if (len > TEXT_BYTES_MAX)
    return -EMSGSIZE;
  if (!is_utf8(bytes, len))
    return -EILSEQ;
  uint8_t code[CODE_FORMS][CODE_MAX];
  struct bit_writer writer[CODE_FORMS];
  const struct bit_writer *best = NULL;
  for (int form = 0; form < CODE_FORMS; form++) {
    bits_writer_init(&writer[form], code[form], sizeof code[form]);
    if (!write_as(&writer[form], (enum form)form, bytes, len) && !writer[form].overflow &&
        (!best || writer[form].bits < best->bits))
      best = &writer[form];
  }
  copy_bits(out, best);
  return 0;
}

/* Reads a phrase as it was typed.  Returns its length or an error. */
static int read_phrase(char *bytes, size_t size, struct arith_reader *in)
{
  struct phrase phrase;
  char sentence[PHRASE_SENTENCE_MAX];
  int err = phrase_get(&phrase, in);
  int len = err ? err : phrase_render(sentence, sizeof sentence, &phrase, (enum phrase_language)phrase.language);
  if (len < 0)
    return len == -EPROTONOSUPPORT ? len : -EBADMSG;
  if ((size_t)len > size)
    return -EBADMSG;
  memcpy(bytes, sentence, (size_t)len);
  return len;
}

/* Reads the text behind the first choice.  Returns its length or an error. */
static int read_form(char *bytes, size_t size, struct arith_reader *in)
{
  uint32_t form = arith_peek(in, FORMS);
  if (form < FORM_MODEL_2) {
    arith_take(in, FORM_MODEL_1, FORM_MODEL_2 - FORM_MODEL_1, FORMS);
    return model_text_get(bytes, size, in);
  }
  if (form < FORM_PHRASE)
    return -EPROTONOSUPPORT;
  arith_take(in, form, 1, FORMS);
  if (form == FORM_PHRASE)
    return read_phrase(bytes, size, in);
  return arith_get_uniform(in, OTHERS) == OTHER_PLAIN ? plain_text_get(bytes, size, in) : -EPROTONOSUPPORT;
}

int text_code_read(char *bytes, size_t size, size_t *len, struct bit_reader *in)
{
  if (!bits_left(in))
    return -EBADMSG;
  struct arith_reader reader;
  arith_reader_init(&reader, in);
  int got = read_form(bytes, size, &reader);
  if (got == -EPROTONOSUPPORT)
    return got;
  arith_end(&reader);
  if (got < 0 || in->underflow)
    return -EBADMSG;
  *len = (size_t)got;
  return 0;
}

size_t text_pack(uint8_t *out, const char *bytes, size_t len)
{
  struct bit_writer writer;
  bits_writer_init(&writer, out, len + 1);
  if (!text_code_write(&writer, bytes, len) && !writer.overflow)
    return bits_put_len(&writer);
  out[0] = RAW_MARK;
  memcpy(out + 1, bytes, len);
  return len + 1;
}

int text_unpack(char *bytes, size_t size, size_t *len, const uint8_t *packed, size_t packed_len)
{
  if (packed_len && packed[0] == RAW_MARK) {
    if (packed_len - 1 > size)
      return -EBADMSG;
    memcpy(bytes, packed + 1, packed_len - 1);
    *len = packed_len - 1;
    return 0;
  }
  struct bit_reader reader;
  bits_reader_init(&reader, packed, packed_len);
  return text_code_read(bytes, size, len, &reader);
}
