/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of the items that carry what passes through stations, in both directions. */
#ifndef TESTS_UNIT_PROTOCOL_VECTOR_ITEMS_H
#define TESTS_UNIT_PROTOCOL_VECTOR_ITEMS_H

#include "tests/unit/protocol/vector_file.h"

/* Each fails the test when the vector of its kind does not hold. */
void replay_bundle(const struct vector *v);
void replay_code(const struct vector *v);
void replay_pieces(const struct vector *v);
void replay_proof(const struct vector *v);
void replay_list(const struct vector *v);
void replay_counter(const struct vector *v);
void replay_poll(const struct vector *v);

#endif
