/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post without devices: the protocol's node over the soft modem's own samples, driven sample by sample.  What is
 * measured with it is what a daemon would put on the air.  In sim/post/ live the pieces of which such posts are made;
 * channels must not. */
#ifndef SIM_POST_SOUND_POST_H
#define SIM_POST_SOUND_POST_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crypto/directory.h"
#include "protocol/crypto/keyring.h"
#include "protocol/delivery/node.h"
#include "sim/net/durable_store.h"

#define SOUND_POST_BLOCK 160 /* samples, 20 ms */
#define SOUND_POST_LEVEL_PCT 50

struct sound_post;

/* Joins the network as the keyring's own station.  directory and keyring must outlive the post.  NULL: no memory, or
 * the library lacks a mode. */
struct sound_post *sound_post_new(const struct directory *directory, struct keyring *keyring, uint64_t seed);
void sound_post_free(struct sound_post *post);

/* Files a message; see node_submit. */
int sound_post_submit(struct sound_post *post, int64_t now_ms, struct message *message, char *why, size_t why_len);

/* The next block of samples that the post transmits.  Returns non-zero while it is keyed; else the block is silent.
 */
int sound_post_speak(struct sound_post *post, int64_t now_ms, int16_t block[SOUND_POST_BLOCK]);

/* What the post hears in the same block; a keyed post hears nothing. */
void sound_post_hear(struct sound_post *post, int64_t now_ms, const int16_t block[SOUND_POST_BLOCK]);

const struct durable_store *sound_post_store(const struct sound_post *post);

/* Modulated samples since the start, and bytes given to the modem in the last burst. */
uint64_t sound_post_keyed(const struct sound_post *post);
size_t sound_post_last_len(const struct sound_post *post);

/* RMS of a keyed post's samples. */
double sound_post_rms(void);

#endif
