/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random networks of routers that only exchange beacons, which get lost and overtake each other, over links that
 * come, go and change: no loop at any step, and good routes soon after the last change. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/route/routes.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/stations.h"

#define ROUTERS_MAX 30
#define FLYING_MAX 64
#define NO_LINK UINT32_MAX
#define MINUTE_MS INT64_C(60000)

/* Costs of a standard burst from VHF packet radio to the most robust mode with some repetitions. */
#define COST_MIN_MS 300
#define COST_SPREAD_MS 15000

struct flying {
  uint16_t from, to, counter;
  struct beacon beacon;
};

struct net {
  uint64_t random;
  int64_t now_ms;
  unsigned count; /* routers 1..count */
  unsigned loss_percent;
  uint8_t lies[ROUTERS_MAX + 1];
  uint16_t counter[ROUTERS_MAX + 1];
  struct routes *routes[ROUTERS_MAX + 1];
  uint32_t link[ROUTERS_MAX + 1][ROUTERS_MAX + 1]; /* cost from the first to the second */
  size_t flying_count;
  struct flying flying[FLYING_MAX];
};

static uint32_t pick(struct net *net, uint32_t below)
{
  return test_random_below(&net->random, below);
}

static uint16_t pick_router(struct net *net)
{
  return (uint16_t)(1 + pick(net, net->count));
}

static struct net *net_new(uint64_t *random, unsigned count)
{
  struct net *net = calloc(1, sizeof *net);
  assert_non_null(net);
  net->random = test_random(random);
  net->now_ms = (int64_t)pick(net, 100000) * MINUTE_MS;
  net->count = count;
  memset(net->link, 0xff, sizeof net->link);
  for (unsigned i = 1; i <= count; i++) {
    net->counter[i] = (uint16_t)test_random(&net->random); /* some near the end of the numbers */
    net->routes[i] = routes_new((uint16_t)i);
    assert_non_null(net->routes[i]);
  }
  return net;
}

static void net_free(struct net *net)
{
  for (unsigned i = 1; i <= net->count; i++)
    routes_free(net->routes[i]);
  free(net);
}

/* The two ends never agree quite, and may learn of it at different times: then one way is left for another call. */
static void set_link(struct net *net, uint16_t a, uint16_t b, uint32_t cost)
{
  net->link[a][b] = cost;
  assert_int_equal(routes_set_link(net->routes[a], net->now_ms, b, cost), 0);
}

static uint32_t random_cost(struct net *net)
{
  return COST_MIN_MS + pick(net, pick(net, 2) ? COST_SPREAD_MS : 2000);
}

static void change_link(struct net *net)
{
  uint16_t a = pick_router(net), b = pick_router(net);
  if (a == b)
    return;
  uint32_t cost = pick(net, 3) ? random_cost(net) : NO_LINK;
  set_link(net, a, b, cost);
  if (pick(net, 3))
    set_link(net, b, a, cost == NO_LINK ? NO_LINK : random_cost(net));
}

/* A tree over all, and some more links: connected. */
static void connect_all(struct net *net, unsigned more)
{
  for (uint16_t i = 2; i <= net->count; i++) {
    uint16_t to = (uint16_t)(1 + pick(net, i - 1u));
    set_link(net, i, to, random_cost(net));
    set_link(net, to, i, random_cost(net));
  }
  for (; more > 0; more--) {
    uint16_t a = pick_router(net), b = pick_router(net);
    if (a == b)
      continue;
    set_link(net, a, b, random_cost(net));
    set_link(net, b, a, random_cost(net));
  }
}

/* What a station that lies puts into its beacon: any metric, any want, but only numbers that have been true. */
static void fill_with_lies(struct net *net, struct beacon *beacon)
{
  beacon->entry_count = pick(net, BEACON_ENTRIES_MAX + 1);
  for (size_t i = 0; i < beacon->entry_count; i++) {
    struct beacon_entry *entry = &beacon->entry[i];
    uint16_t about = pick_router(net);
    entry->station = pick(net, 10) ? about : (uint16_t)test_random(&net->random);
    entry->has_route = (uint8_t)pick(net, 2);
    entry->metric = (uint8_t)(pick(net, 2) ? pick(net, 10) : pick(net, 256));
    entry->seq = (uint8_t)(routes_seq(net->routes[about]) - pick(net, 20));
    entry->wants = (uint8_t)pick(net, 3);
    entry->want_seq = (uint8_t)(routes_seq(net->routes[about]) - pick(net, 20));
  }
}

static void make_beacon(struct net *net, uint16_t from, size_t max_bits, struct beacon *beacon)
{
  memset(beacon, 0, sizeof *beacon);
  net->counter[from] = (uint16_t)(net->counter[from] + 1 + pick(net, 5));
  if (net->lies[from])
    fill_with_lies(net, beacon);
  else
    beacon->entry_count = routes_pick(net->routes[from], net->now_ms, beacon->entry, BEACON_ENTRIES_MAX, max_bits);
  beacon->seq = routes_seq(net->routes[from]);
}

static void hear(struct net *net, const struct flying *flying)
{
  if (!net->lies[flying->to])
    assert_int_equal(
        routes_hear(net->routes[flying->to], net->now_ms, flying->from, flying->counter, &flying->beacon), 0);
}

static void land(struct net *net)
{
  if (!net->flying_count)
    return;
  size_t at = pick(net, (uint32_t)net->flying_count); /* any: they overtake each other */
  if (pick(net, 100) >= net->loss_percent)
    hear(net, &net->flying[at]);
  net->flying[at] = net->flying[--net->flying_count];
}

static void send(struct net *net, uint16_t from, size_t max_bits)
{
  struct flying flying = {.from = from};
  make_beacon(net, from, max_bits, &flying.beacon);
  flying.counter = net->counter[from];
  for (flying.to = 1; flying.to <= net->count; flying.to++) {
    if (net->link[flying.to][from] == NO_LINK)
      continue;
    if (net->flying_count == FLYING_MAX)
      land(net);
    net->flying[net->flying_count++] = flying;
  }
}

/* Follows the next hops from every station to every other.  Stations that lie end a walk. */
static void expect_no_loop(struct net *net, int avoids_the_last)
{
  for (uint16_t from = 1; from <= net->count; from++)
    for (uint16_t dest = 1; dest <= net->count; dest++) {
      uint16_t at = from, last = STATION_NONE;
      for (unsigned hops = 0; at != dest && at != STATION_NONE && !net->lies[at]; hops++) {
        if (hops > net->count)
          fail_msg("a loop from %u to %u, through %u", from, dest, at);
        uint16_t next = routes_next_hop(net->routes[at], net->now_ms, dest, avoids_the_last ? last : STATION_NONE);
        last = at;
        at = next;
      }
    }
}

static void step(struct net *net)
{
  switch (pick(net, 16)) {
  case 0:
    change_link(net);
    break;
  case 1:
    net->now_ms += (int64_t)pick(net, 20) * MINUTE_MS;
    break;
  case 2:
    routes_want(net->routes[pick_router(net)], net->now_ms, pick_router(net));
    break;
  case 3:
    routes_tick(net->routes[pick_router(net)], net->now_ms);
    break;
  case 4:
  case 5:
  case 6:
    send(net, pick_router(net), pick(net, 400));
    break;
  default:
    land(net);
  }
}

static void no_step_ever_makes_a_loop(void **state)
{
  (void)state;
  uint64_t random = test_seed("no_step_ever_makes_a_loop");
  for (int round = 0; round < 30; round++) {
    struct net *net = net_new(&random, 2 + test_random_below(&random, round % 3 ? 7 : ROUTERS_MAX - 1));
    net->loss_percent = pick(net, 60);
    connect_all(net, pick(net, net->count));
    for (int i = 0; i < 1500; i++) {
      step(net);
      expect_no_loop(net, i & 1);
    }
    net_free(net);
  }
}

static void liars_make_no_loop_among_the_honest(void **state)
{
  (void)state;
  uint64_t random = test_seed("liars_make_no_loop_among_the_honest");
  for (int round = 0; round < 20; round++) {
    struct net *net = net_new(&random, 3 + test_random_below(&random, 10));
    net->lies[pick_router(net)] = 1;
    net->lies[pick_router(net)] = 1;
    connect_all(net, pick(net, net->count));
    for (int i = 0; i < 1500; i++) {
      step(net);
      expect_no_loop(net, i & 1);
    }
    net_free(net);
  }
}

/* Floyd and Warshall. */
static void shortest_paths(const struct net *net, uint64_t cost[ROUTERS_MAX + 1][ROUTERS_MAX + 1])
{
  for (unsigned a = 1; a <= net->count; a++)
    for (unsigned b = 1; b <= net->count; b++)
      cost[a][b] = a == b ? 0 : net->link[a][b] == NO_LINK ? UINT64_MAX / 4 : net->link[a][b];
  for (unsigned by = 1; by <= net->count; by++)
    for (unsigned a = 1; a <= net->count; a++)
      for (unsigned b = 1; b <= net->count; b++)
        if (cost[a][by] + cost[by][b] < cost[a][b])
          cost[a][b] = cost[a][by] + cost[by][b];
}

static uint64_t walked_cost(const struct net *net, uint16_t from, uint16_t dest)
{
  uint64_t cost = 0;
  for (uint16_t at = from; at != dest;) {
    uint16_t next = routes_next_hop(net->routes[at], net->now_ms, dest, STATION_NONE);
    if (next == STATION_NONE)
      fail_msg("no route from %u to %u at %u", from, dest, at);
    assert_int_not_equal(net->link[at][next], NO_LINK);
    cost += net->link[at][next];
    at = next;
  }
  return cost;
}

static void expect_good_routes(const struct net *net)
{
  static uint64_t best[ROUTERS_MAX + 1][ROUTERS_MAX + 1];
  shortest_paths(net, best);
  for (uint16_t from = 1; from <= net->count; from++)
    for (uint16_t dest = 1; dest <= net->count; dest++) {
      uint64_t cost = walked_cost(net, from, dest);
      if (cost * 4 > best[from][dest] * 5)
        fail_msg("from %u to %u: %llu ms instead of %llu", from, dest, (unsigned long long)cost,
                 (unsigned long long)best[from][dest]);
    }
}

/* All send one beacon, in any order, and all arrive. */
static void round_of_beacons(struct net *net)
{
  uint16_t order[ROUTERS_MAX];
  net->now_ms += 10 * MINUTE_MS;
  for (uint16_t i = 0; i < net->count; i++) {
    uint16_t at = (uint16_t)pick(net, i + 1u);
    order[i] = order[at];
    order[at] = i + 1;
  }
  net->loss_percent = 0;
  for (uint16_t i = 0; i < net->count; i++) {
    send(net, order[i], 63 * 64);
    while (net->flying_count)
      land(net);
  }
}

static void settle(struct net *net)
{
  for (unsigned round = 0; round < net->count + 20; round++)
    round_of_beacons(net);
}

/* Every link, both ways, or none. */
static void mend_links(struct net *net)
{
  for (uint16_t a = 1; a <= net->count; a++)
    for (uint16_t b = 1; b < a; b++)
      if ((net->link[a][b] == NO_LINK) != (net->link[b][a] == NO_LINK)) {
        set_link(net, a, b, NO_LINK);
        set_link(net, b, a, NO_LINK);
      }
}

static void routes_are_good_soon_after_the_last_change(void **state)
{
  (void)state;
  uint64_t random = test_seed("routes_are_good_soon_after_the_last_change");
  for (int round = 0; round < 40; round++) {
    struct net *net = net_new(&random, 2 + test_random_below(&random, ROUTERS_MAX - 1));
    net->loss_percent = pick(net, 60);
    for (int i = 0; i < 500; i++)
      step(net);
    mend_links(net);
    connect_all(net, pick(net, 2 * net->count));
    settle(net);
    expect_good_routes(net);
    net_free(net);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_step_ever_makes_a_loop),
      cmocka_unit_test(liars_make_no_loop_among_the_honest),
      cmocka_unit_test(routes_are_good_soon_after_the_last_change),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
