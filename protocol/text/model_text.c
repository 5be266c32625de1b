/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters through the trained model into an arithmetic code, and back. */
#include "protocol/text/model_text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "protocol/text/builtin.h"
#include "protocol/text/logistic.h"
#include "protocol/text/predictor.h"
#include "protocol/text/utf8.h"

/* Code points of an escape come in four sizes, each a field of so many bits. */
static const uint8_t escape_bits[] = {7, 11, 16, 21};

static unsigned escape_size(uint32_t code_point)
{
  unsigned size = 0;
  while (code_point >> escape_bits[size])
    size++;
  return size;
}

static void put_code_point(struct arith_writer *out, uint32_t code_point)
{
  unsigned size = escape_size(code_point);
  arith_put_uniform(out, size, sizeof escape_bits);
  for (unsigned left = escape_bits[size]; left-- > 0;)
    arith_put_uniform(out, code_point >> left & 1, 2);
}

/* Returns 0 or -EBADMSG: a code point has one form only, and what is in the alphabet is never escaped. */
static int get_code_point(uint32_t *code_point, const struct text_tables *tables, struct arith_reader *in)
{
  unsigned size = arith_get_uniform(in, sizeof escape_bits);
  uint32_t value = 0;
  for (unsigned left = escape_bits[size]; left-- > 0;)
    value = value << 1 | arith_get_uniform(in, 2);
  if (escape_size(value) != size || !utf8_is_scalar(value) || text_symbol_of(tables, value) != TEXT_ESCAPE)
    return -EBADMSG;
  *code_point = value;
  return 0;
}

static void put_symbol(struct arith_writer *out, struct text_predictor *predictor, unsigned symbol)
{
  int found;
  do {
    uint32_t one = text_predict(predictor);
    int bit = text_node_turn(predictor->tables, predictor->node, symbol);
    arith_put(out, bit ? 0 : one, bit ? one : PROB_ONE - one, PROB_ONE);
    found = text_update(predictor, bit);
  } while (found < 0);
}

static unsigned get_symbol(struct arith_reader *in, struct text_predictor *predictor)
{
  int found;
  do {
    uint32_t one = text_predict(predictor);
    int bit = arith_peek(in, PROB_ONE) < one;
    arith_take(in, bit ? 0 : one, bit ? one : PROB_ONE - one, PROB_ONE);
    found = text_update(predictor, bit);
  } while (found < 0);
  return (unsigned)found;
}

static void begin(struct text_predictor *predictor, struct text_tables *tables)
{
  int err = text_tables_open(tables, text_builtin_block, text_builtin_len);
  assert(!err);
  (void)err;
  text_predictor_init(predictor, tables, tables->learned);
}

void model_text_put(struct arith_writer *out, const char *bytes, size_t len)
{
  struct text_tables tables;
  struct text_predictor predictor;
  begin(&predictor, &tables);
  for (size_t i = 0; i < len;) {
    uint32_t code_point = 0;
    size_t step = utf8_decode(&code_point, bytes + i, len - i);
    assert(step);
    i += step;
    unsigned symbol = text_symbol_of(&tables, code_point);
    put_symbol(out, &predictor, symbol);
    if (symbol == TEXT_ESCAPE)
      put_code_point(out, code_point);
  }
  put_symbol(out, &predictor, TEXT_END);
}

int model_text_get(char *bytes, size_t size, struct arith_reader *in)
{
  struct text_tables tables;
  struct text_predictor predictor;
  begin(&predictor, &tables);
  size_t len = 0;
  for (unsigned symbol; (symbol = get_symbol(in, &predictor)) != TEXT_END;) {
    uint32_t code_point = tables.code_point[symbol];
    char sequence[UTF8_LEN_MAX];
    if (in->in->underflow || (symbol == TEXT_ESCAPE && get_code_point(&code_point, &tables, in)))
      return -EBADMSG;
    size_t step = utf8_encode(sequence, code_point);
    if (step > size - len)
      return -EBADMSG;
    memcpy(bytes + len, sequence, step);
    len += step;
  }
  return (int)len;
}
