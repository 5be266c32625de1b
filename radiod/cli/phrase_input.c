/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the number of a phrase and the values for its slots into the sentence. */
#include "radiod/cli/phrase_input.h"

#include <stdlib.h>

#include "protocol/text/phrases.h"
#include "radiod/cli/output.h"

static const char *value_rule(unsigned kind)
{
  static const char *const rules[PHRASE_SLOT_KINDS] = {
      [PHRASE_NUMBER] = "a whole number from 0 to 999999, e.g. 12",
      [PHRASE_TIME] = "a time from 00:00 to 23:59, e.g. 07:30",
      [PHRASE_PLACE] = "a name of at most 64 bytes without . , ; : ! ?, e.g. Malpasse",
      [PHRASE_PLATE] = "one or two capital letters, - and five digits, e.g. AA-12345"};
  return rules[kind];
}

static int wrong_value(const struct cli *cli, unsigned number, unsigned kind, const char *value)
{
  char *clean = out_clean(value);
  cli_usage_error(cli, "phrase %u, %s \"%s\": must be %s", number, phrase_slot_kind_name(kind), clean ? clean : "?",
                  value_rule(kind));
  free(clean);
  return CLI_USAGE;
}

/* Fills the slots from the words.  Returns 0 or CLI_USAGE. */
static int read_values(const struct cli *cli, size_t first, struct phrase *phrase)
{
  uint8_t kind[PHRASE_SLOTS_MAX];
  size_t given = cli->word_count - first;
  phrase->slot_count = (uint8_t)phrase_slots(phrase->number, kind);
  if (given != phrase->slot_count)
    return cli_usage_error(cli, "phrase %u takes %u value(s), %zu given: %s", phrase->number, phrase->slot_count,
                           given, phrase_template(phrase->number, (enum phrase_language)phrase->language));
  for (size_t i = 0; i < given; i++)
    if (phrase_slot_parse(&phrase->slot[i], (enum phrase_slot_kind)kind[i], cli->word[first + i]))
      return wrong_value(cli, phrase->number, kind[i], cli->word[first + i]);
  return 0;
}

int phrase_input_read(const struct cli *cli, size_t first, char *text, size_t size)
{
  enum phrase_language language;
  struct phrase phrase = {0};
  long number = 0;
  int code = cli_integer(cli, "phrase", 0, (long)phrase_count() - 1, &number);
  if (!code)
    code = cli_language(cli, &language);
  if (code)
    return code;
  phrase.number = (uint16_t)number;
  phrase.language = (uint8_t)language;
  code = read_values(cli, first, &phrase);
  if (!code && phrase_render(text, size, &phrase, language) < 0)
    code = cli_usage_error(cli, "phrase %ld: too long with these values", number);
  return code;
}
