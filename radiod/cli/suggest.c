/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guesses which name a person meant who mistyped it. */
#include "radiod/cli/cli.h"

#include <string.h>

#define WORD_MAX 32

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Edits that turn a into b, two letters swapped counting as one. */
static size_t distance(const char *a, const char *b)
{
  size_t cost[WORD_MAX + 1][WORD_MAX + 1];
  size_t rows = strlen(a), columns = strlen(b);
  if (rows > WORD_MAX || columns > WORD_MAX)
    return WORD_MAX;
  for (size_t i = 0; i <= rows; i++)
    for (size_t k = 0; k <= columns; k++) {
      if (!i || !k) {
        cost[i][k] = i + k;
        continue;
      }
      cost[i][k] = smaller(smaller(cost[i - 1][k], cost[i][k - 1]) + 1, cost[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        cost[i][k] = smaller(cost[i][k], cost[i - 2][k - 2] + 1);
    }
  return cost[rows][columns];
}

const char *cli_suggest(const char *text, const char *const *names)
{
  const char *best = NULL;
  size_t best_cost = 1 + strlen(text) / 3; /* beyond that it is another word, not a slip */
  for (; *names; names++) {
    size_t cost = distance(text, *names);
    if (cost <= best_cost && (!best || cost < best_cost)) {
      best = *names;
      best_cost = cost;
    }
  }
  return best;
}
