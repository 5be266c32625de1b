/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what a node does with authentic content.  The input: frames, each one byte of flags, two bytes of length,
 * and the plain text, which a peer seals: so the parser of items sees every byte as the fuzzer wrote it. */
#include "tests/fuzz/node_world.h"

#define TO_ALL 1
#define SHORT 2
#define OTHER_PEER 4
#define REPEATED 8
#define FRAMES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct stations *stations;
  if (!stations)
    stations = stations_new(WORLD_STATIONS);
  struct fuzz_input in = {data, size};
  struct node_world *world = node_world_new(stations);
  for (int i = 0; in.left && i < FRAMES_MAX; i++) {
    uint8_t bytes[LINK_BURST_MAX];
    struct world_input burst;
    uint32_t flags = fuzz_take_number(&in, 1);
    struct frame frame = {.source = flags & OTHER_PEER ? 3 : 1,
                          .dest = flags & TO_ALL ? FRAME_TO_ALL : WORLD_SELF,
                          .is_short = (flags & SHORT) != 0};
    frame.counter = world->peer_counter[frame.source] + 1 + flags / 16;
    node_world_seal(world, &in, fuzz_take_number(&in, 2), &frame, &burst, bytes);
    node_world_feed(world, &burst);
    if (flags & REPEATED)
      node_world_feed(world, &burst);
    node_world_pass(world);
    node_world_feed(world, &(struct world_input){.call = WORLD_SENT});
  }
  node_world_free(world);
  return 0;
}
