/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explores everything that can happen between two real nodes and one message, as far as a number of steps and faults:
 * each burst arrives, is lost or arrives twice, time-outs fire, the power goes between any two durable steps, the
 * disk is full.  Breadth first; no state is explored twice, so the first run that fails is a shortest one.
 *
 * A node cannot be copied: each state is kept as the moves that led to it, and made anew from them.  Two states count
 * as the same when handshake_summary says so; it leaves out exact times, so of states that differ in these only the
 * first is explored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/handshake.h"

#define DEPTH_MAX 24
#define WHICH_MAX 3
#define SEEN_SIZE (1u << 20)

struct path {
  uint8_t len, faults;
  struct handshake_move move[DEPTH_MAX];
};

struct search {
  const struct stations *stations;
  int with_base;
  unsigned depth, faults; /* the limits */
  struct path *queue;     /* of all states found, in the order of their discovery */
  size_t count, size;
  uint64_t *seen; /* open hashing; 0: free */
  uint64_t transitions;
  unsigned deepest;
};

static const char *const move_names[MOVE_COUNT] = {"file",   "time", "sent",   "deliver",
                                                   "repeat", "lose", "refuse", "power"};

/* Where a failed check leaves the reader: the moves that led to it. */
static void print_path(const struct path *path)
{
  for (unsigned i = 0; i < path->len; i++)
    printf(" %s %u (crash %u),", move_names[path->move[i].type], path->move[i].which, path->move[i].crash);
  printf("\n");
}

static int is_fault(struct handshake_move move)
{
  return move.crash || move.type >= MOVE_REPEAT;
}

/* Returns 1 when the state is new. */
static int note_seen(struct search *search, uint64_t summary)
{
  size_t at = summary % SEEN_SIZE;
  summary += !summary;
  while (search->seen[at] && search->seen[at] != summary)
    at = (at + 1) % SEEN_SIZE;
  if (search->seen[at])
    return 0;
  search->seen[at] = summary;
  return 1;
}

static void push(struct search *search, const struct path *path)
{
  assert_true(search->count < SEEN_SIZE / 2);
  if (search->count == search->size) {
    search->size = search->size ? 2 * search->size : 1024;
    search->queue = realloc(search->queue, search->size * sizeof *search->queue);
    assert_non_null(search->queue);
  }
  search->queue[search->count++] = *path;
}

static struct handshake *replay(const struct search *search, const struct path *path)
{
  struct handshake *handshake = handshake_new(search->stations, search->with_base);
  for (unsigned i = 0; i < path->len; i++)
    handshake_make(handshake, path->move[i]);
  return handshake;
}

/* Follows one move from the state at the end of path.  Returns 0 when move.crash lies behind its end. */
static int follow(struct search *search, const struct path *path, struct handshake_move move, struct path *trace)
{
  struct handshake *handshake = replay(search, path);
  *trace = *path;
  trace->move[trace->len++] = move;
  trace->faults += (uint8_t)is_fault(move);
  int reached = handshake_make(handshake, move);
  if (reached) {
    search->transitions++;
    if (note_seen(search, handshake_summary(handshake) + trace->faults * UINT64_C(0x9E3779B97F4A7C15))) {
      push(search, trace);
      search->deepest = trace->len;
      handshake_finish(handshake);
    }
  }
  handshake_free(handshake);
  return reached;
}

/* The same move without a crash, then with one at its first, second, ... durable step. */
static void follow_all(struct search *search, const struct path *path, struct handshake_move move, struct path *trace)
{
  while (path->faults + (unsigned)is_fault(move) <= search->faults && follow(search, path, move, trace) &&
         move.type != MOVE_LOSE && move.type != MOVE_POWER)
    move.crash++;
}

static void expand(struct search *search, const struct path *path, struct path *trace)
{
  struct handshake *handshake = replay(search, path);
  for (uint8_t type = 0; type < MOVE_COUNT; type++)
    for (uint8_t which = 0; which < WHICH_MAX; which++) {
      struct handshake_move move = {.type = type, .which = which};
      if (handshake_allows(handshake, move))
        follow_all(search, path, move, trace);
    }
  handshake_free(handshake);
}

static void explore(struct search *search, struct path *trace)
{
  push(search, &(struct path){0});
  for (size_t i = 0; i < search->count; i++) {
    struct path path = search->queue[i];
    if (path.len < search->depth)
      expand(search, &path, trace);
  }
}

/* The run that is being followed: a check that fails leaves it behind. */
static int setup(void **state)
{
  *state = calloc(1, sizeof(struct path));
  return *state ? 0 : -1;
}

static int teardown(void **state)
{
  const struct path *path = *state;
  if (path->len) {
    printf("last run:");
    print_path(path);
  }
  free(*state);
  return 0;
}

static void run(struct path *trace, const char *name, int with_base, unsigned depth, unsigned faults)
{
  struct stations *stations = stations_new(HANDSHAKE_TO);
  struct search search = {.stations = stations, .with_base = with_base, .depth = depth, .faults = faults};
  search.seen = calloc(SEEN_SIZE, sizeof *search.seen);
  assert_non_null(search.seen);
  explore(&search, trace);
  printf("%s: %zu states, %llu transitions, %u moves deep, up to %u faults\n", name, search.count,
         (unsigned long long)search.transitions, search.deepest, faults);
  assert_true(search.count > 1000);
  *trace = (struct path){0};
  free(search.seen);
  free(search.queue);
  stations_free(stations);
}

static void a_text_arrives_once_from_every_state(void **state)
{
  run(*state, "text", 0, 10, 3);
  run(*state, "text, one fault", 0, 18, 1);
}

static void a_difference_arrives_once_from_every_state(void **state)
{
  run(*state, "difference", 1, 10, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_text_arrives_once_from_every_state, setup, teardown),
      cmocka_unit_test_setup_teardown(a_difference_arrives_once_from_every_state, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
