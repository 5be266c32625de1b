/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that the build made from protocol/text/model/model.xz. */
#ifndef PROTOCOL_TEXT_BUILTIN_H
#define PROTOCOL_TEXT_BUILTIN_H

#include <stddef.h>
#include <stdint.h>

extern const size_t text_builtin_len; /* bytes */
extern const uint64_t text_builtin_block[];

#endif
