/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the code of each message of a file, what it decodes to, and what the message itself decodes to when its
 * bytes are taken for a code.  text_machines.py runs it on several machines and compares.
 *
 *   text-machine FILE.tsv LINES      text in the last column */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/codec.h"

#define TEXT_MAX 800

static void print_hex(const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    printf("%02x", bytes[i]);
  putchar('\n');
}

static void print_decoded(const uint8_t *code, size_t code_len)
{
  char text[TEXT_MAX];
  size_t len = 0;
  int err = text_unpack(text, sizeof text, &len, code, code_len);
  printf("%s ", err ? "refused" : "text");
  print_hex((const uint8_t *)text, err ? 0 : len);
}

static void print_message(const char *text, size_t len)
{
  uint8_t code[TEXT_MAX + 1], rubbish[TEXT_MAX];
  size_t code_len = text_pack(code, text, len);
  print_hex(code, code_len);
  print_decoded(code, code_len);
  memcpy(rubbish, text, len);
  print_decoded(rubbish, len);
}

int main(int argc, char **argv)
{
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
  if (!in)
    return 2;
  char *line = NULL;
  size_t size = 0;
  long left = atol(argv[2]);
  for (ssize_t len; left-- > 0 && (len = getline(&line, &size, in)) > 0;) {
    line[strcspn(line, "\n")] = 0;
    const char *tab = strrchr(line, '\t'), *text = tab ? tab + 1 : line;
    if (strlen(text) <= TEXT_MAX)
      print_message(text, strlen(text));
  }
  free(line);
  fclose(in);
  return 0;
}
