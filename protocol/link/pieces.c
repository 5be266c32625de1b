/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes erasure-coded pieces of long content, and gives the content back from any set of as many as it needs. */
#include "protocol/link/pieces.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* ---- GF(2^8): bytes are polynomials over GF(2), plus and minus are XOR */

#define FIELD_REDUCTION 0x1d /* x^8 = x^4+x^3+x^2+1 */
#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Eight elements at once, one in each byte of a word: 1,024 bytes are rebuilt without tables in under a millisecond
 * (any byte order will do: no element touches its neighbour). */
static uint64_t times_x(uint64_t elements)
{
  uint64_t carries = elements >> 7 & EACH_BYTE;
  return (elements & EACH_BYTE * 0x7f) << 1 ^ carries * FIELD_REDUCTION;
}

static uint64_t multiply_each(uint64_t elements, uint8_t factor)
{
  uint64_t product = 0;
  for (; factor; factor >>= 1) {
    if (factor & 1)
      product ^= elements;
    elements = times_x(elements);
  }
  return product;
}

static uint8_t multiply(uint8_t a, uint8_t b)
{
  return (uint8_t)multiply_each(a, b);
}

/* a^254, as a^255 = 1 for all but zero. */
static uint8_t invert(uint8_t a)
{
  uint8_t square = a, inverse = 1;
  for (int bit = 1; bit < 8; bit++) {
    square = multiply(square, square);
    inverse = multiply(inverse, square);
  }
  return inverse;
}

static void add_multiple(uint8_t sum[PIECE_LEN], const uint8_t piece[PIECE_LEN], uint8_t factor)
{
  for (size_t at = 0; at < PIECE_LEN; at += sizeof(uint64_t)) {
    uint64_t total, elements;
    memcpy(&total, sum + at, sizeof total);
    memcpy(&elements, piece + at, sizeof elements);
    total ^= multiply_each(elements, factor);
    memcpy(sum + at, &total, sizeof total);
  }
}

_Static_assert(PIECE_LEN % sizeof(uint64_t) == 0, "pieces are whole words");

/* ---- Polynomials through known pieces */

/* Lagrange's formula: the value at a point x is the sum of the values y[i] times the product over j of x - x[j],
 * divided by (x - x[i]) * span[i]; span[i] is the product over j, not i, of x[i] - x[j]. */
struct points {
  unsigned count;
  uint8_t x[PIECES_SOURCE_MAX], span[PIECES_SOURCE_MAX];
  uint8_t y[PIECES_SOURCE_MAX][PIECE_LEN];
};

static void measure_spans(struct points *points)
{
  for (unsigned i = 0; i < points->count; i++) {
    points->span[i] = 1;
    for (unsigned j = 0; j < points->count; j++)
      if (j != i)
        points->span[i] = multiply(points->span[i], points->x[i] ^ points->x[j]);
  }
}

/* x is none of the points. */
static void evaluate(const struct points *points, uint8_t x, uint8_t out[PIECE_LEN])
{
  uint8_t product = 1;
  for (unsigned i = 0; i < points->count; i++)
    product = multiply(product, x ^ points->x[i]);
  memset(out, 0, PIECE_LEN);
  for (unsigned i = 0; i < points->count; i++) {
    uint8_t divisor = multiply(x ^ points->x[i], points->span[i]);
    add_multiple(out, points->y[i], multiply(product, invert(divisor)));
  }
}

/* ---- Pieces */

unsigned pieces_needed(size_t len)
{
  assert(len >= 1 && len <= BUNDLE_MAX);
  return (unsigned)((len + PIECE_LEN - 1) / PIECE_LEN);
}

/* Bytes of content in source piece index. */
static size_t source_len(size_t len, unsigned index)
{
  size_t left = len - (size_t)index * PIECE_LEN;
  return left < PIECE_LEN ? left : PIECE_LEN;
}

static void copy_source(const uint8_t *content, size_t len, unsigned index, uint8_t out[PIECE_LEN])
{
  memset(out, 0, PIECE_LEN);
  memcpy(out, content + (size_t)index * PIECE_LEN, source_len(len, index));
}

void piece_make(const uint8_t *content, size_t len, unsigned index, uint8_t out[PIECE_LEN])
{
  struct points points = {.count = pieces_needed(len)};
  assert(index <= PIECE_INDEX_MAX);
  if (index < points.count) {
    copy_source(content, len, index, out);
    return;
  }
  for (unsigned i = 0; i < points.count; i++) {
    points.x[i] = (uint8_t)i;
    copy_source(content, len, i, points.y[i]);
  }
  measure_spans(&points);
  evaluate(&points, (uint8_t)index, out);
}

void piece_collector_init(struct piece_collector *collector, size_t len)
{
  assert(len >= 1 && len <= BUNDLE_MAX);
  *collector = (struct piece_collector){.len = (uint16_t)len};
}

unsigned piece_collector_lacks(const struct piece_collector *collector)
{
  return pieces_needed(collector->len) - collector->count;
}

static const uint8_t *find_piece(const struct piece_collector *collector, unsigned index)
{
  for (unsigned i = 0; i < collector->count; i++)
    if (collector->index[i] == index)
      return collector->piece[i];
  return NULL;
}

int piece_collector_add(struct piece_collector *collector, unsigned index, const uint8_t piece[PIECE_LEN])
{
  assert(index <= PIECE_INDEX_MAX);
  if (!piece_collector_lacks(collector) || find_piece(collector, index))
    return 0;
  collector->index[collector->count] = (uint8_t)index;
  memcpy(collector->piece[collector->count++], piece, PIECE_LEN);
  return 1;
}

int piece_collector_read(const struct piece_collector *collector, uint8_t *out)
{
  struct points points = {.count = collector->count};
  if (piece_collector_lacks(collector))
    return -EAGAIN;
  memcpy(points.x, collector->index, sizeof points.x);
  memcpy(points.y, collector->piece, sizeof points.y);
  measure_spans(&points);
  for (unsigned i = 0; i < points.count; i++) {
    uint8_t rebuilt[PIECE_LEN];
    const uint8_t *piece = find_piece(collector, i);
    if (!piece)
      evaluate(&points, (uint8_t)i, rebuilt);
    memcpy(out + (size_t)i * PIECE_LEN, piece ? piece : rebuilt, source_len(collector->len, i));
  }
  return 0;
}
