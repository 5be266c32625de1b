/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guesses which name a person meant who mistyped it. */
#include "radiod/cli/cli.h"

#include <string.h>

#include "radiod/words/words.h"

const char *cli_suggest(const char *text, const char *const *names)
{
  const char *best = NULL;
  size_t best_cost = 1 + strlen(text) / 3; /* beyond that it is another word, not a slip */
  for (; *names; names++) {
    size_t cost = words_distance(text, *names);
    if (cost <= best_cost && (!best || cost < best_cost)) {
      best = *names;
      best_cost = cost;
    }
  }
  return best;
}
