/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the tables of the text model from a training text. */
#define _GNU_SOURCE /* qsort_r */
#include "protocol/text/model/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text/logistic.h"
#include "protocol/text/tables.h"
#include "protocol/text/tables_block.h"

#define CORPUS_MAGIC 0x43585432u

struct tree {
  struct text_node node[TEXT_SYMBOLS_MAX];
  int16_t node_class[TEXT_SYMBOLS_MAX];
  unsigned count;
  uint8_t path_len[TEXT_SYMBOLS_MAX];
  uint8_t path_bit[TEXT_SYMBOLS_MAX][64];
  int16_t path_node[TEXT_SYMBOLS_MAX][64];
};

static uint32_t little_endian(const uint8_t *at)
{
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int corpus_open(struct corpus *corpus, const uint8_t *bytes, size_t len)
{
  uint32_t head[5];
  if (len < sizeof head)
    return -EBADMSG;
  for (size_t i = 0; i < 5; i++)
    head[i] = little_endian(bytes + 4 * i);
  size_t symbols = head[2];
  if (head[0] != CORPUS_MAGIC || symbols < 2 || symbols > TEXT_SYMBOLS_MAX || head[3] > symbols ||
      len != sizeof head + symbols * 8 + head[4])
    return -EBADMSG;
  const uint8_t *at = bytes + sizeof head;
  *corpus = (struct corpus){.version = head[1], .symbol_count = head[2], .class_count = head[3], .length = head[4]};
  for (size_t s = 0; s < symbols; s++)
    corpus->code_point[s] = little_endian(at + 4 * s);
  corpus->class_of = at + symbols * 4;
  corpus->is_upper = at + symbols * 5;
  corpus->is_marked = at + symbols * 6;
  corpus->kind = at + symbols * 7;
  corpus->text = at + symbols * 8;
  return 0;
}

/* Joins the two lightest of count subtrees until one is left (Huffman 1952), and returns its root.  Ties go to what
 * stands first, so that every machine makes the same tree. */
static int16_t join(struct tree *tree, int16_t *root, uint64_t *weight, size_t count, int16_t class)
{
  while (count > 1) {
    size_t light[2];
    for (int pick = 0; pick < 2; pick++) {
      light[pick] = count;
      for (size_t i = 0; i < count; i++)
        if (!(pick && i == light[0]) && (light[pick] == count || weight[i] < weight[light[pick]]))
          light[pick] = i;
    }
    unsigned node = tree->count++;
    tree->node[node] = (struct text_node){{root[light[0]], root[light[1]]}};
    tree->node_class[node] = class;
    size_t low = light[0] < light[1] ? light[0] : light[1], high = light[0] + light[1] - low;
    weight[low] = weight[low] + weight[high];
    root[low] = (int16_t)node;
    count--;
    memmove(root + high, root + high + 1, (count - high) * sizeof *root);
    memmove(weight + high, weight + high + 1, (count - high) * sizeof *weight);
  }
  return root[0];
}

/* Nodes were made from the leaves up; here they are numbered from the root down, parents before children. */
static int16_t renumber(struct tree *out, const struct tree *in, int16_t from)
{
  if (from < 0)
    return from;
  unsigned node = out->count++;
  out->node_class[node] = in->node_class[from];
  for (int bit = 0; bit < 2; bit++)
    out->node[node].child[bit] = renumber(out, in, in->node[from].child[bit]);
  return (int16_t)node;
}

static void find_paths(struct tree *tree, int16_t node, uint8_t *bit, int16_t *passed, unsigned depth)
{
  for (uint8_t b = 0; b < 2; b++) {
    int16_t child = tree->node[node].child[b];
    bit[depth] = b;
    passed[depth] = node;
    if (child >= 0) {
      find_paths(tree, child, bit, passed, depth + 1);
      continue;
    }
    tree->path_len[~child] = (uint8_t)(depth + 1);
    memcpy(tree->path_bit[~child], bit, depth + 1);
    memcpy(tree->path_node[~child], passed, (depth + 1) * sizeof *passed);
  }
}

static void plant(struct tree *tree, const struct corpus *corpus)
{
  struct tree made = {0};
  uint64_t count[TEXT_SYMBOLS_MAX], class_weight[TEXT_SYMBOLS_MAX] = {0};
  int16_t root[TEXT_SYMBOLS_MAX];
  for (size_t s = 0; s < corpus->symbol_count; s++)
    count[s] = 1;
  for (size_t i = 0; i < corpus->length; i++)
    count[corpus->text[i]]++;
  for (unsigned c = 0; c < corpus->class_count; c++) {
    int16_t member[TEXT_SYMBOLS_MAX];
    uint64_t weight[TEXT_SYMBOLS_MAX];
    size_t members = 0;
    for (unsigned s = 0; s < corpus->symbol_count; s++)
      if (corpus->class_of[s] == c) {
        member[members] = (int16_t)~s;
        weight[members++] = count[s];
        class_weight[c] += count[s];
      }
    root[c] = join(&made, member, weight, members, (int16_t)c);
  }
  int16_t top = join(&made, root, class_weight, corpus->class_count, -1);
  renumber(tree, &made, top);
  uint8_t bit[64];
  int16_t passed[64];
  find_paths(tree, 0, bit, passed, 0);
}

struct sorting {
  const uint8_t *backwards; /* the text, or its classes, from its end to its begin, twice */
  size_t length;
};

/* Byte by byte: contexts differ after a few, and memcmp under a sanitizer looks at all of the text each time. */
static int compare_contexts(const void *a, const void *b, void *context)
{
  const struct sorting *sorting = context;
  const uint8_t *one = sorting->backwards + *(const uint32_t *)a, *other = sorting->backwards + *(const uint32_t *)b;
  for (size_t i = 0; i < sorting->length; i++)
    if (one[i] != other[i])
      return one[i] < other[i] ? -1 : 1;
  return 0;
}

/* Sorts the positions of the text by what stands before them; order[i] counts from the end. */
static uint32_t *sort_contexts(const struct corpus *corpus, const uint8_t *map)
{
  size_t n = corpus->length;
  uint8_t *backwards = malloc(2 * n);
  uint32_t *order = malloc(n * sizeof *order);
  if (backwards && order) {
    for (size_t i = 0; i < n; i++)
      backwards[i] = backwards[n + i] = map ? map[corpus->text[n - 1 - i]] : corpus->text[n - 1 - i];
    for (size_t i = 0; i < n; i++)
      order[i] = (uint32_t)i;
    struct sorting sorting = {backwards, n};
    qsort_r(order, n, sizeof *order, compare_contexts, &sorting);
  }
  free(backwards);
  if (!backwards) {
    free(order);
    order = NULL;
  }
  return order;
}

struct output {
  uint8_t *bytes; /* NULL: only counted */
  size_t at;
};

static void *give(struct output *out, const void *data, size_t len)
{
  uint8_t *to = out->bytes ? out->bytes + out->at : NULL;
  if (to && data)
    memcpy(to, data, len);
  out->at += (len + 7) / 8 * 8;
  return to;
}

/* What follows each context in sorted order goes down the tree, a bit at each node that it passes. */
static void fill_bits(uint64_t *bits, uint32_t *start, const struct corpus *corpus, const struct tree *tree,
                      const uint32_t *order)
{
  uint32_t used[TEXT_SYMBOLS_MAX] = {0};
  size_t n = corpus->length;
  for (size_t i = 0; i < n; i++) {
    uint8_t s = corpus->text[i];
    for (unsigned d = 0; d < tree->path_len[s]; d++)
      used[tree->path_node[s][d]]++;
  }
  uint32_t at = 0;
  for (unsigned node = 0; node < tree->count; node++) {
    start[node] = at;
    at += used[node];
    used[node] = 0;
  }
  for (size_t i = 0; i < n; i++) {
    uint8_t s = corpus->text[(n - order[i]) % n];
    for (unsigned d = 0; d < tree->path_len[s]; d++) {
      int16_t node = tree->path_node[s][d];
      uint32_t bit = start[node] + used[node]++;
      bits[bit / 64] |= (uint64_t)tree->path_bit[s][d] << bit % 64;
    }
  }
}

static uint32_t ones_before(const uint64_t *bits, const uint32_t *rank, uint32_t end)
{
  uint32_t ones = rank[end / TEXT_RANK_STEP];
  for (uint32_t i = end / TEXT_RANK_STEP * TEXT_RANK_STEP; i < end; i++)
    ones += (uint32_t)(bits[i / 64] >> i % 64 & 1);
  return ones;
}

static int give_index(struct output *out, const struct corpus *corpus, const struct tree *tree, size_t words,
                      const uint8_t *map, size_t kinds)
{
  uint64_t *bits = give(out, NULL, words * 8);
  uint32_t *rank = give(out, NULL, (words * 64 / TEXT_RANK_STEP + 1) * 4);
  uint32_t *start = give(out, NULL, tree->count * 4);
  uint32_t *before = give(out, NULL, tree->count * 4);
  uint32_t *first = give(out, NULL, kinds * 4);
  if (!out->bytes)
    return 0;
  uint32_t *order = sort_contexts(corpus, map);
  if (!order)
    return -ENOMEM;
  fill_bits(bits, start, corpus, tree, order);
  free(order);
  uint32_t ones = 0;
  for (size_t w = 0; w < words; w++) {
    if (w % (TEXT_RANK_STEP / 64) == 0)
      rank[w / (TEXT_RANK_STEP / 64)] = ones;
    ones += (uint32_t)__builtin_popcountll(bits[w]);
  }
  rank[words * 64 / TEXT_RANK_STEP] = ones;
  for (unsigned node = 0; node < tree->count; node++)
    before[node] = ones_before(bits, rank, start[node]);
  for (size_t i = 0; i < corpus->length; i++) {
    unsigned kind = map ? map[corpus->text[i]] : corpus->text[i];
    if (kind + 1 < kinds)
      first[kind + 1]++;
  }
  for (size_t i = 1; i < kinds; i++)
    first[i] += first[i - 1];
  return 0;
}

static void give_stretch(struct output *out)
{
  int16_t stretch[4096];
  for (uint32_t i = 0; i < 4096; i++)
    stretch[i] = (int16_t)logistic_stretch(i * 16 + 8);
  give(out, stretch, sizeof stretch);
}

static int give_all(struct output *out, const struct corpus *corpus, const struct tree *tree, size_t words,
                    const void *learned, size_t learned_len)
{
  struct text_block_head *head = give(out, NULL, sizeof *head);
  size_t symbols = corpus->symbol_count, classes = corpus->class_count;
  give(out, corpus->code_point, symbols * 4);
  give(out, corpus->class_of, symbols);
  give(out, corpus->is_upper, symbols);
  give(out, corpus->is_marked, symbols);
  give(out, corpus->kind, symbols);
  give(out, tree->node_class, tree->count * 2);
  give(out, tree->node, tree->count * sizeof *tree->node);
  give_stretch(out);
  if (give_index(out, corpus, tree, words, NULL, symbols) ||
      give_index(out, corpus, tree, words, corpus->class_of, classes))
    return -ENOMEM;
  give(out, learned, learned_len);
  if (head)
    *head = (struct text_block_head){
        TEXT_BLOCK_MAGIC, (uint32_t)out->at,        corpus->version, corpus->symbol_count,  corpus->class_count,
        tree->count,      (uint32_t)corpus->length, (uint32_t)words, (uint32_t)learned_len, 0};
  return 0;
}

void *tables_build(const struct corpus *corpus, const void *learned, size_t learned_len, size_t *len)
{
  struct tree *tree = calloc(1, sizeof *tree);
  if (!tree)
    return NULL;
  plant(tree, corpus);
  uint64_t bits = 0;
  for (size_t i = 0; i < corpus->length; i++)
    bits += tree->path_len[corpus->text[i]];
  size_t words = (bits / 64 + 8) / 8 * 8;
  struct output out = {0};
  give_all(&out, corpus, tree, words, learned, learned_len);
  *len = out.at;
  out = (struct output){calloc(1, *len), 0};
  if (out.bytes && give_all(&out, corpus, tree, words, learned, learned_len)) {
    free(out.bytes);
    out.bytes = NULL;
  }
  free(tree);
  return out.bytes;
}
