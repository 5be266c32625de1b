/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real node whose air, clock, store and power are the fuzzer's; what must hold always is checked at every call.
 */
#ifndef TESTS_FUZZ_NODE_WORLD_H
#define TESTS_FUZZ_NODE_WORLD_H

#include <setjmp.h>

#include "protocol/delivery/node.h"
#include "protocol/link/frame.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol/fake_store.h"
#include "tests/unit/protocol/stations.h"

#define WORLD_SELF 2     /* a post; stations 1 and 3 are its peers */
#define WORLD_STATIONS 3 /* more than two, so that a frame may be for somebody else */
#define WORLD_CHANNELS 2

enum world_call {
  WORLD_SUBMIT,
  WORLD_CANCEL,
  WORLD_BURST,
  WORLD_CARRIER,
  WORLD_SENT,
  WORLD_SEND_FAILED,
  WORLD_CHANNEL_UP,
  WORLD_TICK,
};

struct world_input {
  enum world_call call;
  unsigned channel, mode;
  int flag;
  const uint8_t *bytes;
  size_t len;
  int16_t snr_cb;
  struct message *message;
  struct message_id id;
  uint16_t recipient;
};

struct node_world {
  const struct stations *stations;
  struct node *node;
  struct fake_store store;
  int64_t now_ms;
  uint32_t last_counter;                     /* of the node's frames, ever */
  uint32_t peer_counter[WORLD_STATIONS + 1]; /* of the frames that the fuzzer seals as this peer */
  uint8_t heard[LINK_BURST_MAX];             /* the node's last burst */
  size_t heard_len;
  jmp_buf crash;
  unsigned crash_in; /* the power goes at so many durable steps from now, 0: it does not */
};

struct node_world *node_world_new(const struct stations *stations);
void node_world_free(struct node_world *world);

/* Calls the node and carries out what it wants; after a power cut on the way it has started again. */
void node_world_feed(struct node_world *world, const struct world_input *in);

/* The power goes and comes back. */
void node_world_restart(struct node_world *world);

/* A frame that peer has sealed over the next bytes of in, as many as want: authentic, whatever they are. */
void node_world_seal(struct node_world *world, struct fuzz_input *in, size_t want, struct frame *frame,
                     struct world_input *out, uint8_t bytes[LINK_BURST_MAX]);

/* Ticks the node at its deadlines until time has moved or none is left. */
void node_world_pass(struct node_world *world);

#endif
