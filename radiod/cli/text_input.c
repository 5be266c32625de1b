/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a command gets the text of a message from: its words, or standard input. */
#include "radiod/cli/text_input.h"

#include <stdio.h>
#include <string.h>

#include "protocol/wire/text.h"

static int read_standard_input(const struct cli *cli, char text[TEXT_INPUT_MAX + 1])
{
  size_t len = fread(text, 1, TEXT_INPUT_MAX + 1, stdin);
  if (len > TEXT_INPUT_MAX)
    return cli_usage_error(cli, "standard input: far too long for a message of %d characters", TEXT_MAX_CHARS);
  while (len && text[len - 1] == '\n')
    len--;
  text[len] = '\0';
  return strlen(text) == len ? 0 : cli_usage_error(cli, "standard input: is no text");
}

int text_input_read(const struct cli *cli, size_t first, char text[TEXT_INPUT_MAX + 1])
{
  size_t len = 0;
  if (cli->word_count == first + 1 && !strcmp(cli->word[first], "-"))
    return read_standard_input(cli, text);
  for (size_t i = first; i < cli->word_count; i++) {
    size_t word = strlen(cli->word[i]);
    if (len + word + 1 > TEXT_INPUT_MAX)
      return cli_usage_error(cli, "the text is far too long for a message of %d characters", TEXT_MAX_CHARS);
    if (i > first)
      text[len++] = ' ';
    memcpy(text + len, cli->word[i], word);
    len += word;
  }
  text[len] = '\0';
  return 0;
}
