/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the person at the terminal. */
#include <stdlib.h>
#include <string.h>

#include "radiod/cli/cli.h"

/* What the environment says, as POSIX ranks it: the first of these that is set, "" when none is. */
static const char *locale_name(void)
{
  static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value)
      return value;
  }
  return "";
}

/* The language of a locale such as "ht_HT.UTF-8"; French, which the service is run in, when the book lacks it. */
static enum phrase_language language_of(const char *locale)
{
  char code[3] = "";
  if (strcspn(locale, "_.@") == 2)
    memcpy(code, locale, 2);
  int found = phrase_language_find(code);
  return found < 0 ? PHRASE_FR : (enum phrase_language)found;
}

int cli_language(const struct cli *cli, enum phrase_language *out)
{
  const char *given = cli_value(cli, "lang");
  int found = given ? phrase_language_find(given) : (int)language_of(locale_name());
  if (found < 0)
    return cli_usage_error(cli, "--lang %s: write en, fr, es or ht", given);
  *out = (enum phrase_language)found;
  return 0;
}
