/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns how far the text model may trust its counts.
 *
 *   train CORPUS LEARNED     writes what was learned to a file (learned_write)
 *
 * The messages are dealt into folds.  Each fold is read with an index of all others, so that what is learned holds
 * for messages that the index has not seen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/model/build.h"
#include "protocol/text/model/learn.h"

#define FOLDS 10
#define PASSES 3

struct trainer {
  struct corpus corpus;
  struct text_learned learned;
  struct text_predictor predictor;
  double bits;
  uint64_t chars;
};

static double log2_of(uint32_t prob)
{
  double x = prob / 65536.0, sum = 0; /* libm is not needed for a figure that is only shown */
  while (x < 0.5) {
    x *= 2;
    sum -= 1;
  }
  double z = (x - 1) / (x + 1), term = z, log = 0;
  for (int i = 1; i < 40; i += 2, term *= z * z)
    log += term / i;
  return sum + 2 * log / 0.69314718055994530942;
}

static void read_message(struct trainer *trainer, const struct text_tables *tables, struct learn_pace pace,
                         const uint8_t *text)
{
  struct text_predictor *p = &trainer->predictor;
  text_predictor_init(p, tables, &trainer->learned);
  for (size_t i = 0;; i++) {
    int found;
    do {
      uint32_t one = text_predict(p);
      int bit = text_node_turn(tables, p->node, text[i]);
      trainer->bits -= log2_of(bit ? one : 65536 - one);
      learn(&trainer->learned, p, pace, bit);
      found = text_update(p, bit);
    } while (found < 0);
    if (found == TEXT_END)
      return;
    trainer->chars++;
  }
}

/* Copies the messages of a fold, or of all others, in their order.  Returns the length. */
static size_t deal(uint8_t *out, const struct corpus *corpus, unsigned fold, int others)
{
  size_t len = 0;
  unsigned message = 0;
  for (size_t i = 0; i < corpus->length;) {
    size_t end = i;
    while (corpus->text[end])
      end++;
    end++;
    if ((message++ % FOLDS != fold) == others) {
      memcpy(out + len, corpus->text + i, end - i);
      len += end - i;
    }
    i = end;
  }
  return len;
}

static int train_fold(struct trainer *trainer, unsigned fold, struct learn_pace pace)
{
  struct corpus others = trainer->corpus;
  uint8_t *text = malloc(others.length), *own = malloc(others.length);
  size_t len, own_len;
  struct text_tables tables;
  void *block = NULL;
  int err = -ENOMEM;
  if (text && own) {
    others.text = text;
    others.length = deal(text, &trainer->corpus, fold, 1);
    own_len = deal(own, &trainer->corpus, fold, 0);
    block = tables_build(&others, NULL, 0, &len);
    err = block ? text_tables_open(&tables, block, len) : -ENOMEM;
    for (size_t i = 0; !err && i < own_len; i++)
      if (!i || !own[i - 1])
        read_message(trainer, &tables, pace, own + i);
  }
  free(block);
  free(own);
  free(text);
  return err;
}

static uint8_t *read_file(const char *path, size_t *len)
{
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(16 << 20);
  if (!file || !bytes) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
  }
  *len = fread(bytes, 1, 16 << 20, file);
  fclose(file);
  return bytes;
}

int main(int argc, char **argv)
{
  static struct trainer trainer;
  if (argc != 3) {
    fprintf(stderr, "usage: train CORPUS LEARNED\n");
    return 2;
  }
  size_t len;
  uint8_t *bytes = read_file(argv[1], &len);
  if (corpus_open(&trainer.corpus, bytes, len)) {
    fprintf(stderr, "%s: is no corpus that prepare.py wrote\n", argv[1]);
    return 1;
  }
  learned_init(&trainer.learned);
  static const struct learn_pace pace[PASSES] = {{4, 14, 4}, {6, 6, 2}, {7, 2, 1}};
  for (unsigned pass = 0; pass < PASSES; pass++) {
    trainer.bits = 0;
    trainer.chars = 0;
    for (unsigned fold = 0; fold < FOLDS; fold++)
      if (train_fold(&trainer, fold, pace[pass])) {
        fprintf(stderr, "out of memory\n");
        return 1;
      }
    printf("pass %u: %.4f bits a character\n", pass + 1, trainer.bits / (double)trainer.chars);
    fflush(stdout);
  }
  static uint8_t file[LEARNED_FILE_LEN];
  learned_write(file, &trainer.learned);
  FILE *out = fopen(argv[2], "wb");
  if (!out || fwrite(file, sizeof file, 1, out) != 1 || fclose(out)) {
    fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
    return 1;
  }
  return 0;
}
