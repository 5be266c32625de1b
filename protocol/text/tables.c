/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the text model knows, read-only: an alphabet, a code tree, two indexes, and what was learned. */
#include "protocol/text/tables.h"

#include <errno.h>

#include "protocol/text/tables_block.h"

/* Takes the next count elements of a block, each of them size bytes, from 8-byte aligned places. */
static const void *take(const struct text_block_head *head, size_t *at, size_t count, size_t size)
{
  const void *part = (const uint8_t *)head + *at;
  *at += (count * size + 7) / 8 * 8;
  return part;
}

static void take_index(struct text_index *index, const struct text_block_head *head, size_t *at, size_t first_count)
{
  index->bits = take(head, at, head->bit_words, sizeof *index->bits);
  index->rank = take(head, at, head->bit_words * 64 / TEXT_RANK_STEP + 1, sizeof *index->rank);
  index->start = take(head, at, head->node_count, sizeof *index->start);
  index->before = take(head, at, head->node_count, sizeof *index->before);
  index->first = take(head, at, first_count, sizeof *index->first);
}

int text_tables_open(struct text_tables *tables, const void *block, size_t len)
{
  const struct text_block_head *head = block;
  if (len < sizeof *head || head->magic != TEXT_BLOCK_MAGIC || head->len != len)
    return -EINVAL;
  size_t at = sizeof *head;
  tables->version = head->version;
  tables->symbol_count = head->symbol_count;
  tables->class_count = head->class_count;
  tables->node_count = head->node_count;
  tables->length = head->length;
  tables->code_point = take(head, &at, head->symbol_count, sizeof *tables->code_point);
  tables->class_of = take(head, &at, head->symbol_count, 1);
  tables->is_upper = take(head, &at, head->symbol_count, 1);
  tables->is_marked = take(head, &at, head->symbol_count, 1);
  tables->kind = take(head, &at, head->symbol_count, 1);
  tables->node_class = take(head, &at, head->node_count, sizeof *tables->node_class);
  tables->node = take(head, &at, head->node_count, sizeof *tables->node);
  tables->stretch = take(head, &at, 4096, sizeof *tables->stretch);
  take_index(&tables->exact, head, &at, head->symbol_count);
  take_index(&tables->folded, head, &at, head->class_count);
  tables->learned = take(head, &at, head->learned_len, 1);
  return at == len ? 0 : -EINVAL;
}

uint32_t text_index_ones(const struct text_index *index, unsigned node, uint32_t count)
{
  uint32_t end = index->start[node] + count, at = end / TEXT_RANK_STEP * TEXT_RANK_STEP;
  uint32_t ones = index->rank[end / TEXT_RANK_STEP] - index->before[node];
  for (; at + 64 <= end; at += 64)
    ones += (uint32_t)__builtin_popcountll(index->bits[at / 64]);
  if (at < end)
    ones += (uint32_t)__builtin_popcountll(index->bits[at / 64] << (64 - (end - at)));
  return ones;
}

int text_index_bit(const struct text_index *index, unsigned node, uint32_t at)
{
  uint32_t bit = index->start[node] + at;
  return (int)(index->bits[bit / 64] >> bit % 64 & 1);
}

unsigned text_symbol_of(const struct text_tables *tables, uint32_t code_point)
{
  unsigned low = TEXT_ESCAPE + 1, high = tables->symbol_count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (tables->code_point[middle] < code_point)
      low = middle + 1;
    else
      high = middle;
  }
  return low < tables->symbol_count && tables->code_point[low] == code_point ? low : TEXT_ESCAPE;
}

/* Whether the symbol is what child leads to. */
static int leads_to(const struct text_tables *tables, int16_t child, unsigned symbol)
{
  if (child < 0)
    return (unsigned)~child == symbol;
  return leads_to(tables, tables->node[child].child[0], symbol) ||
         leads_to(tables, tables->node[child].child[1], symbol);
}

int text_node_turn(const struct text_tables *tables, int16_t node, unsigned symbol)
{
  return !leads_to(tables, tables->node[node].child[0], symbol);
}
