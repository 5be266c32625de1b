/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario's stations in simulated time: makes them, and lets one event after the other happen. */
#include "sim/net/network.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/network_impl.h"

/* The soft modem's waiting times, as radiod and its benches set them. */
#define ANSWER_GUARD_MS 300
#define LATENCY_MS 600
#define SLOT_MS 300
#define KEY_MS 100 /* (plan) PTT lead and tail */

/* No chain of events at one instant is longer than this unless something spins. */
#define SAME_TIME_MAX 100000

/* What chance is for; each has numbers of its own, so that one more draw here changes nothing there. */
enum purpose { FOR_AIR, FOR_CRASHES, FOR_NODES, FOR_TRAFFIC, FOR_JAMMERS, PURPOSE_COUNT };

static uint64_t seed_for(uint64_t seed, enum purpose purpose)
{
  return seed * PURPOSE_COUNT + purpose;
}

void network_push(struct network *network, int64_t at_ms, enum event_type type, uint16_t station, unsigned channel,
                  uint32_t number)
{
  struct event event = {
      .at_ms = at_ms, .type = type, .station = station, .channel = (uint8_t)channel, .number = number};
  if (event_queue_push(&network->queue, event))
    network->err = -ENOMEM;
}

struct air_burst *network_send(struct network *network, const struct air_burst *like, const uint8_t *bytes)
{
  const struct link_channel *link = &network->config.channel[like->channel];
  struct air_burst timed = *like;
  timed.begin_ms = network->now_ms;
  timed.end_ms = network->now_ms + link_mode_airtime_us(&link->mode[like->mode], like->len) / 1000 + link->key_ms;
  struct air_burst *burst = air_begin(&network->air, &timed, bytes);
  if (!burst) {
    network->err = -ENOMEM;
    return NULL;
  }
  network_push(network, burst->begin_ms + DETECT_MS, EVENT_DETECT, 0, 0, burst->number);
  network_push(network, burst->end_ms + DECODE_MS, EVENT_END, 0, 0, burst->number);
  network_push(network, burst->end_ms + HANG_MS, EVENT_RELEASE, 0, 0, burst->number);
  return burst;
}

/* Keys made from the seed alone. */
static void make_secrets(struct station_secrets *secrets, uint16_t number, uint64_t seed)
{
  uint8_t salt[2] = {(uint8_t)(number >> 8), (uint8_t)number};
  memset(secrets, 0, sizeof *secrets);
  secrets->number = number;
  secrets->epoch = 1;
  crypto_generichash(secrets->box_secret, KEYRING_KEY_LEN, (uint8_t *)&seed, sizeof seed, salt, sizeof salt);
  crypto_generichash(secrets->sign_seed, KEYRING_KEY_LEN, secrets->box_secret, KEYRING_KEY_LEN, NULL, 0);
  crypto_generichash(secrets->hop_key, KEYRING_KEY_LEN, (uint8_t *)&seed, sizeof seed, NULL, 0);
}

static int add_to_directory(struct network *network, uint16_t number)
{
  uint8_t role = network->scenario->station[number].role;
  struct directory_entry entry = {.number = number,
                                  .role = role == SCENARIO_ROLE_MOBILE ? STATION_ROLE_RELAY : role,
                                  .sector = -1,
                                  .department = -1};
  struct station_secrets secrets;
  char why[128];
  make_secrets(&secrets, number, network->seed);
  /* The scenario's names may be alike or long; those on the air do not matter here. */
  snprintf(entry.callsign, sizeof entry.callsign, "SIM%u", number);
  snprintf(entry.name, sizeof entry.name, "Station %u", number);
  int err = station_public_keys(&secrets, entry.box_key, entry.sign_key);
  return err ? err : directory_add(&network->directory, &entry, why, sizeof why);
}

static int make_post(struct network *network, uint16_t number)
{
  struct station_secrets secrets;
  struct post *post = network->post[number] = calloc(1, sizeof *post);
  if (!post)
    return -ENOMEM;
  make_secrets(&secrets, number, network->seed);
  durable_store_init(&post->store, number, &network->crash_dice, network->scenario->crash_permille);
  return keyring_init(&post->keyring, &secrets, &network->directory);
}

static void describe_channels(struct network *network)
{
  const struct scenario *scenario = network->scenario;
  network->config = (struct node_config){.directory = &network->directory,
                                         .channel_count = scenario->channel_count,
                                         .beacon_interval_ms = (uint32_t)scenario->hello_ms};
  for (size_t i = 0; i < scenario->channel_count; i++) {
    struct link_channel *link = &network->config.channel[i];
    *link = (struct link_channel){
        .answer_guard_ms = ANSWER_GUARD_MS, .key_ms = KEY_MS, .latency_ms = LATENCY_MS, .slot_ms = SLOT_MS};
    for (size_t k = 0; k < scenario->channel[i].mode_count; k++)
      link->mode[link->mode_count++] = scenario->channel[i].mode[k]->link;
  }
}

/* All that is known beforehand: power and filings. */
static int queue_plan(struct network *network)
{
  const struct scenario *scenario = network->scenario;
  for (uint16_t i = 1; i <= STATION_MAX; i++)
    if (network->post[i])
      network_push(network, 0, EVENT_POWER, i, 0, 0);
  for (size_t k = 0; k < scenario->outage_count; k++)
    for (uint16_t i = 1; i <= STATION_MAX; i++)
      if (scenario->outage[k].stations.has[i]) {
        network_push(network, scenario->outage[k].from_ms, EVENT_POWER, i, 0, 0);
        network_push(network, scenario->outage[k].to_ms, EVENT_POWER, i, 0, 0);
      }
  network->filing_count = traffic_plan(scenario, seed_for(network->seed, FOR_TRAFFIC), &network->filing);
  if (network->filing_count < 0)
    return -ENOMEM;
  for (long i = 0; i < network->filing_count; i++)
    network_push(network, network->filing[i].at_ms, EVENT_FILE, 0, 0, (uint32_t)i);
  return network->err;
}

static int prepare(struct network *network)
{
  int err = sodium_init() < 0 ? -ENOMEM : 0;
  noise_init(&network->crash_dice, seed_for(network->seed, FOR_CRASHES));
  network->node_seed = seed_for(network->seed, FOR_NODES) << 32;
  network->links = links_new(network->scenario, seed_for(network->seed, FOR_AIR));
  network->carried = network->links ? calloc(network->links->count + 1, sizeof *network->carried) : NULL;
  if (!network->carried)
    return -ENOMEM;
  air_init(&network->air, network->links, seed_for(network->seed, FOR_AIR));
  describe_channels(network);
  for (uint16_t i = 1; i <= STATION_MAX && !err; i++)
    if (network->scenario->station[i].is_used)
      err = add_to_directory(network, i);
  for (uint16_t i = 1; i <= STATION_MAX && !err; i++)
    if (network->scenario->station[i].is_used)
      err = make_post(network, i);
  if (!err)
    err = jammers_prepare(network, seed_for(network->seed, FOR_JAMMERS));
  return err ? err : queue_plan(network);
}

struct network *network_new(const struct scenario *scenario, uint64_t seed, FILE *trace)
{
  struct network *network = calloc(1, sizeof *network);
  if (!network)
    return NULL;
  network->scenario = scenario;
  network->seed = seed;
  network->trace = trace;
  if (prepare(network)) {
    network_free(network);
    return NULL;
  }
  return network;
}

void network_free(struct network *network)
{
  if (!network)
    return;
  for (unsigned i = 1; i <= STATION_MAX; i++)
    if (network->post[i]) {
      node_free(network->post[i]->node);
      durable_store_wipe(&network->post[i]->store);
      keyring_wipe(&network->post[i]->keyring);
      free(network->post[i]);
    }
  event_queue_wipe(&network->queue);
  jammers_free(network);
  air_wipe(&network->air);
  links_free(network->links);
  free(network->carried);
  tally_wipe(&network->tally);
  free(network->filing);
  free(network);
}

static void change_power(struct network *network, uint16_t station)
{
  if (scenario_has_power(network->scenario, station, network->now_ms))
    post_start(network, station);
  else
    post_cut_power(network, station);
}

/* The listeners of a burst notice its beginning or its end. */
static void change_carrier(struct network *network, struct air_burst *burst, enum air_carrier carrier)
{
  int change = carrier == CARRIER_NOTICED ? 1 : burst->carrier == CARRIER_NOTICED ? -1 : 0;
  unsigned channel = burst->channel;
  if (burst->carrier >= carrier)
    return;
  burst->carrier = (uint8_t)carrier;
  for (size_t i = 0; i < burst->listener_count; i++) {
    uint16_t place = burst->listener[i].place;
    if (place > STATION_MAX || !air_is_sensed(&burst->listener[i]))
      continue;
    network->post[place]->carriers[channel] += change;
    post_sense(network, place, channel);
  }
}

static void happen_to_burst(struct network *network, const struct event *event)
{
  struct air_burst *burst = air_find(&network->air, event->number);
  if (!burst)
    return;
  if (event->type != EVENT_END) {
    change_carrier(network, burst, event->type == EVENT_DETECT ? CARRIER_NOTICED : CARRIER_GONE);
    return;
  }
  for (size_t i = 0; i < burst->listener_count; i++) {
    uint16_t place = burst->listener[i].place;
    if (place > STATION_MAX)
      jammer_notice(network, burst, place);
    else
      post_hear(network, place, burst, (double)burst->listener[i].snr_db);
  }
}

static void happen(struct network *network, const struct event *event)
{
  switch ((enum event_type)event->type) {
  case EVENT_POWER:
    change_power(network, event->station);
    break;
  case EVENT_RESTART:
    post_start(network, event->station);
    break;
  case EVENT_FILE:
    post_file(network, &network->filing[event->number]);
    break;
  case EVENT_TICK:
    post_tick(network, event->station);
    break;
  case EVENT_SENT:
    if (network->post[event->station]->node && network->post[event->station]->life == event->number)
      post_sent(network, event->station, event->channel);
    break;
  case EVENT_LISTEN:
    post_sense(network, event->station, event->channel);
    break;
  case EVENT_JAM:
    jammer_speak(network, event->number);
    break;
  case EVENT_NOISE_ON:
    jammer_noise_on(network, event->number);
    break;
  case EVENT_NOISE_OFF:
    jammer_noise_off(network, event->number);
    break;
  default:
    happen_to_burst(network, event);
  }
}

static void advance(struct network *network, int64_t at_ms)
{
  network->same_time = at_ms > network->now_ms ? 0 : network->same_time + 1;
  network->now_ms = at_ms;
  if (network->same_time > SAME_TIME_MAX)
    network->err = -ELOOP;
}

/* Looks through all stores for what became of each delivery. */
static void take_stock(struct network *network)
{
  struct message_id id;
  uint16_t recipient;
  for (unsigned i = 1; i <= STATION_MAX; i++) {
    const struct durable_store *store = network->post[i] ? &network->post[i]->store : NULL;
    for (size_t k = 0; store && k < store->delivery_count; k++)
      tally_ended(&network->tally, store->delivery[k].id, store->delivery[k].recipient, store->delivery[k].state);
    for (size_t at = 0; store && durable_store_next_held(store, &at, &id, &recipient);)
      tally_held(&network->tally, id, recipient);
    for (unsigned channel = 0; store && channel < NODE_CHANNELS_MAX; channel++)
      tally_routing_at(&network->tally, network->post[i]->routing_ms[channel]);
  }
}

int network_run(struct network *network)
{
  struct event event;
  trace_stations(network);
  while (!network->err && event_queue_pop(&network->queue, &event) && event.at_ms < network->scenario->length_ms) {
    advance(network, event.at_ms);
    happen(network, &event);
  }
  network->tally.collisions = network->air.collisions;
  take_stock(network);
  trace_links(network);
  if (!network->err && tally_judge(&network->tally, network->links))
    network->err = -ENOMEM;
  return network->err;
}

const struct tally *network_tally(const struct network *network)
{
  return &network->tally;
}

const struct durable_store *network_store(const struct network *network, uint16_t station)
{
  return &network->post[station]->store;
}
