/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explores everything that can happen between two or three real nodes and one message, as far as a number of steps
 * and faults:
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

#define DEPTH_MAX 44
#define WHICH_MAX 4
#define SEEN_SIZE (1u << 20)

struct path {
  uint8_t len, faults;
  struct handshake_move move[DEPTH_MAX];
};

struct search {
  struct stations *stations;
  enum handshake_kind kind;
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

/* With three stations all orders of all moves are too many: there whatever is not the next thing counts as a fault,
 * so that a burst that is late does, too. */
static int is_fault(const struct search *search, const struct handshake *handshake, struct handshake_move move)
{
  struct handshake_move usual = handshake_usual_move(handshake);
  if (search->kind != HANDSHAKE_RELAY)
    return move.crash || move.type >= MOVE_REPEAT;
  return move.crash || (handshake->was_filed && (move.type != usual.type || move.which != usual.which));
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
  struct handshake *handshake = handshake_new(search->stations, search->kind);
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
  trace->faults += (uint8_t)is_fault(search, handshake, move);
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
static void follow_all(struct search *search, const struct handshake *handshake, const struct path *path,
                       struct handshake_move move, struct path *trace)
{
  while (path->faults + (unsigned)is_fault(search, handshake, move) <= search->faults &&
         follow(search, path, move, trace) && move.type != MOVE_LOSE && move.type != MOVE_POWER)
    move.crash++;
}

static void expand(struct search *search, const struct path *path, struct path *trace)
{
  struct handshake *handshake = replay(search, path);
  for (uint8_t type = 0; type < MOVE_COUNT; type++)
    for (uint8_t which = 0; which < WHICH_MAX; which++) {
      struct handshake_move move = {.type = type, .which = which};
      if (handshake_allows(handshake, move))
        follow_all(search, handshake, path, move, trace);
    }
  handshake_free(handshake);
}

/* From here on only the next thing would happen: handshake_finish has been that way. */
static int is_followed(const struct search *search, const struct path *path)
{
  return search->kind == HANDSHAKE_RELAY && path->faults == search->faults;
}

static void explore(struct search *search, struct path *trace)
{
  push(search, &(struct path){0});
  for (size_t i = 0; i < search->count; i++) {
    struct path path = search->queue[i];
    if (path.len < search->depth && !is_followed(search, &path))
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

static void run(struct path *trace, const char *name, enum handshake_kind kind, unsigned depth, unsigned faults)
{
  struct stations *stations = stations_new(kind == HANDSHAKE_RELAY ? 3 : 2);
  struct search search = {.stations = stations, .kind = kind, .depth = depth, .faults = faults};
  search.seen = calloc(SEEN_SIZE, sizeof *search.seen);
  assert_non_null(search.seen);
  explore(&search, trace);
  printf("%s: %zu states, %llu transitions, %u moves deep, up to %u faults\n", name, search.count,
         (unsigned long long)search.transitions, search.deepest, faults);
  assert_true(search.count > 100);
  *trace = (struct path){0};
  free(search.seen);
  free(search.queue);
  stations_free(stations);
}

static void a_text_arrives_once_from_every_state(void **state)
{
  run(*state, "text", HANDSHAKE_TEXT, 8, 3);
  run(*state, "text, one fault", HANDSHAKE_TEXT, 16, 1);
}

static void a_difference_arrives_once_from_every_state(void **state)
{
  run(*state, "difference", HANDSHAKE_DIFFERENCE, 10, 2);
}

static void a_relay_crashes_or_not_and_the_text_arrives_once(void **state)
{
  run(*state, "relay, one fault", HANDSHAKE_RELAY, 40, 1);
  run(*state, "relay, two faults", HANDSHAKE_RELAY, 40, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_text_arrives_once_from_every_state, setup, teardown),
      cmocka_unit_test_setup_teardown(a_difference_arrives_once_from_every_state, setup, teardown),
      cmocka_unit_test_setup_teardown(a_relay_crashes_or_not_and_the_text_arrives_once, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
