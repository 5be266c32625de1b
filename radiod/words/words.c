/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares words that people type with those that exist. */
#include "radiod/words/words.h"

#include <string.h>

#include "protocol/base/fold.h"

#define WORD_MAX 50

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

size_t words_distance(const char *a, const char *b)
{
  size_t cost[WORD_MAX + 1][WORD_MAX + 1];
  size_t rows = strnlen(a, WORD_MAX + 1), columns = strnlen(b, WORD_MAX + 1);
  if (rows > WORD_MAX || columns > WORD_MAX)
    return WORDS_DISTANCE_FAR;
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

/* Whether text begins with the len bytes at start. */
static int begins(const char *text, const char *start, size_t len)
{
  const char *end = start + len;
  while (start < end && *text)
    if (fold_letter(&text) != fold_letter(&start))
      return 0;
  return start >= end;
}

static int is_word_letter(unsigned char folded)
{
  return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9');
}

int words_begin(const char *text, const char *start, size_t len)
{
  unsigned char before = ' ';
  while (*text) {
    if (!is_word_letter(before) && begins(text, start, len))
      return 1;
    before = fold_letter(&text);
  }
  return 0;
}
