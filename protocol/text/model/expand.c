/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the tables that are built into radiod from the model file, which unpack.py has unpacked.
 *
 *   expand MODEL OUT.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/model/build.h"
#include "protocol/text/model/learn.h"

#define MODEL_MAX (16 << 20)

static void write_source(FILE *out, const uint8_t *block, size_t len)
{
  fprintf(out,
          "/* Made by protocol/text/model/expand.c: tables of the text model. */\n#include "
          "\"protocol/text/builtin.h\"\n\n"
          "const size_t text_builtin_len = %zu;\nconst uint64_t text_builtin_block[] = {\n",
          len);
  for (size_t i = 0; i < len; i += 8) {
    uint64_t word;
    memcpy(&word, block + i, sizeof word);
    fprintf(out, "0x%llx,%s", (unsigned long long)word, i % 64 == 56 ? "\n" : "");
  }
  fprintf(out, "};\n");
}

static int expand(const uint8_t *model, size_t len, FILE *out)
{
  static struct text_learned learned;
  struct corpus corpus;
  if (len < LEARNED_FILE_LEN || corpus_open(&corpus, model + LEARNED_FILE_LEN, len - LEARNED_FILE_LEN))
    return -1;
  learned_read(&learned, model);
  size_t block_len;
  uint8_t *block = tables_build(&corpus, &learned, sizeof learned, &block_len);
  if (!block)
    return -1;
  write_source(out, block, block_len);
  free(block);
  return 0;
}

int main(int argc, char **argv)
{
  if (argc != 3) {
    fprintf(stderr, "usage: expand MODEL OUT.c\n");
    return 2;
  }
  FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "w");
  uint8_t *model = malloc(MODEL_MAX);
  size_t len = in && model ? fread(model, 1, MODEL_MAX, in) : 0;
  int err = !out || expand(model, len, out) || fclose(out);
  if (err)
    fprintf(stderr, "expand: %s is no model, or %s cannot be written\n", argv[1], argv[2]);
  if (in)
    fclose(in);
  free(model);
  return err ? 1 : 0;
}
