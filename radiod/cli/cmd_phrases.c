/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that searches the phrase book; it needs no daemon. */
#include <stdio.h>
#include <string.h>

#include "radiod/api/json_phrase.h"
#include "radiod/cli/cli.h"
#include "radiod/cli/output.h"

#define WORDS_MAX 256

/* Joins the words with spaces.  Returns 0 or CLI_USAGE. */
static int join_words(const struct cli *cli, char out[WORDS_MAX])
{
  size_t len = 0;
  out[0] = '\0';
  for (size_t i = 0; i < cli->word_count; i++) {
    int n = snprintf(out + len, WORDS_MAX - len, "%s%s", i ? " " : "", cli->word[i]);
    if (n < 0 || (size_t)n >= WORDS_MAX - len)
      return cli_usage_error(cli, "that is more than any phrase says; give one word or two");
    len += (size_t)n;
  }
  return 0;
}

static void print_phrases(const json_t *phrases, enum phrase_language language)
{
  static const char *const heads[] = {"NO", "TOPIC", "SAYS", NULL};
  struct table *table = table_new(heads);
  size_t i;
  json_t *phrase;
  table_wrap_last(table);
  json_array_foreach(phrases, i, phrase)
  {
    char number[24];
    snprintf(number, sizeof number, "%lld", out_integer(phrase, "number"));
    table_add(table, (const char *const[]){
                         number, out_string(phrase, "topic"),
                         out_string(json_object_get(phrase, "sentences"), phrase_language_code(language))});
  }
  table_print(table);
  table_free(table);
}

int cmd_phrases(struct cli *cli)
{
  char words[WORDS_MAX];
  enum phrase_language language;
  int code = join_words(cli, words);
  if (!code)
    code = cli_language(cli, &language);
  if (code)
    return code;
  json_t *found = api_json_phrases(words, cli_value(cli, "lang") ? (int)language : API_ALL_LANGUAGES);
  const json_t *phrases = json_object_get(found, "phrases");
  if (cli->json)
    out_json(found);
  else if (json_array_size(phrases))
    print_phrases(phrases, language);
  else
    code = cli_error(CLI_NOT_FOUND, "no phrase has all of these words; \"radioctl phrases\" lists them all");
  json_decref(found);
  return code;
}
