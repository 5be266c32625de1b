/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the vectors of PROTOCOL.md about keys, seals and signatures, for the test that replays them all. */
#ifndef TESTS_UNIT_PROTOCOL_VECTORS_KEYS_H
#define TESTS_UNIT_PROTOCOL_VECTORS_KEYS_H

#include "tests/unit/protocol/vector_file.h"

/* One function for each kind; it fails the test when the vector does not hold. */
void vector_replay_hop_key(const struct vector *v);
void vector_replay_pair_key(const struct vector *v);
void vector_replay_frame(const struct vector *v);
void vector_replay_envelope(const struct vector *v);
void vector_replay_proof(const struct vector *v);
void vector_replay_directory(const struct vector *v);
void vector_replay_order(const struct vector *v);
void vector_replay_commit(const struct vector *v);

#endif
