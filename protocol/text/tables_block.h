/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Head of the block of tables, for text_tables_open and the tool that builds it: what follows it is in tables.c. */
#ifndef PROTOCOL_TEXT_TABLES_BLOCK_H
#define PROTOCOL_TEXT_TABLES_BLOCK_H

#include <stdint.h>

#define TEXT_RANK_STEP 256           /* bits between counts of ones: a memory access and four words at most */
#define TEXT_BLOCK_MAGIC 0x54585432u /* also tells a block of the other byte order */

struct text_block_head {
  uint32_t magic;
  uint32_t len; /* of the whole block, bytes */
  uint32_t version;
  uint32_t symbol_count, class_count, node_count;
  uint32_t length;
  uint32_t bit_words; /* of either index, 64 bits each; a multiple of eight */
  uint32_t learned_len;
  uint32_t zero;
};

#endif
