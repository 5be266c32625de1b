/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes in simulated time over a shared half-duplex channel that loses, repeats and jams bursts, with power cuts at
 * every step; it checks on the way what must hold always. */
#ifndef TESTS_UNIT_PROTOCOL_ETHER_H
#define TESTS_UNIT_PROTOCOL_ETHER_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/node.h"
#include "tests/unit/protocol/fake_store.h"
#include "tests/unit/protocol/stations.h"

#define ETHER_EVENTS_MAX 256

enum ether_event_type { ETHER_CARRIER_ON, ETHER_CARRIER_OFF, ETHER_SENT, ETHER_BURST, ETHER_START };

struct ether_event {
  int64_t at_ms;
  uint64_t order; /* breaks ties */
  enum ether_event_type type;
  uint16_t station;
  uint8_t channel, mode;
  uint32_t life; /* of the station when the event was made; a restarted station does not get it */
  uint32_t transmission;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
};

struct ether_transmission {
  uint16_t from;
  uint8_t channel;
  int64_t begin_ms, end_ms;
};

struct ether_station {
  struct ether *ether;
  struct node *node; /* NULL while the power is off */
  struct fake_store store;
  jmp_buf crash;
  uint32_t life;
  uint32_t last_counter; /* of its frames, ever */
  int carriers[NODE_CHANNELS_MAX];
  uint8_t is_jammed[NODE_CHANNELS_MAX]; /* a carrier that never ends */
  uint8_t is_down[NODE_CHANNELS_MAX];   /* the device is gone: it hears nothing */
  uint8_t refuses_to_send;              /* every burst fails at once */
  uint8_t never_says_sent;              /* its modem hangs after each burst */
  uint64_t shown, warnings, crashes;
  uint64_t orders, proven;     /* that the node told of */
  int64_t clock_unix_ms;       /* the time that a coordinator told last */
  int64_t clock_ms;            /* when it did; 0: never */
  char warning[NODE_TEXT_MAX]; /* the last one */
};

struct ether {
  struct stations *stations;
  struct ether_station station[STATIONS_MAX + 1];
  struct node_config config; /* what all nodes get, except keys, counter and seed; beacons are off until a test sets
                                beacon_interval_ms */
  /* What one of them gets in particular; may be NULL. */
  void (*configure)(uint16_t number, struct node_config *config);
  int64_t now_ms;
  uint64_t random, order;
  unsigned loss_permille, repeat_permille;
  unsigned late_permille, late_ms;              /* such bursts arrive up to late_ms later, so out of order */
  uint8_t checks_held;                          /* after each call: see ether_check_held */
  uint8_t no_carrier;                           /* the modems do not tell when the channel is busy */
  int64_t outage_ms;                            /* how long a station stays off after a power cut */
  int deaf[STATIONS_MAX + 1][STATIONS_MAX + 1]; /* deaf[a][b]: a does not hear b */

  uint64_t step, crash_at; /* durable steps and actions of all stations so far; the one at which the power goes */
  uint64_t crash_gap;      /* the power goes again so many steps after that, 0: it does not */
  unsigned crash_permille; /* or by chance at each step */

  struct ether_event event[ETHER_EVENTS_MAX];
  size_t event_count;
  struct ether_transmission *transmission;
  size_t transmission_count;
  uint64_t bursts, collisions;
  uint64_t same_time; /* steps since time moved: bounded, or the nodes spin */

  /* Sees every burst on its way; may change it.  Returns 0 to lose it. */
  int (*tamper)(struct ether *ether, uint16_t from, uint16_t to, uint8_t *bytes, size_t *len);
};

struct ether *ether_new(unsigned count, uint64_t seed);
void ether_free(struct ether *ether);

/* Switches a station on, or cuts its power. */
void ether_start(struct ether *ether, uint16_t number);
void ether_cut_power(struct ether *ether, uint16_t number);
void ether_start_all(struct ether *ether);

/* Each runs one call of the node and carries out its actions.  ether_submit returns what node_submit does, or
 * -ECANCELED when the power went. */
int ether_submit(struct ether *ether, uint16_t from, struct message *message);
int ether_cancel(struct ether *ether, uint16_t from, struct message_id id, uint16_t recipient);
void ether_burst(struct ether *ether, uint16_t to, const uint8_t *bytes, size_t len);
void ether_channel_up(struct ether *ether, uint16_t number, unsigned channel, int up);
void ether_carrier(struct ether *ether, uint16_t number, unsigned channel, int busy);
int ether_submit_order(struct ether *ether, uint16_t from, const uint8_t *bytes, size_t len);
int ether_poll(struct ether *ether, uint16_t from, uint16_t station, unsigned seconds);
void ether_set_clock(struct ether *ether, uint16_t number, int64_t unix_ms);

/* Runs until until_ms, or until no delivery waits any more. */
void ether_run(struct ether *ether, int64_t until_ms);
void ether_run_until_quiet(struct ether *ether, int64_t until_ms);
int ether_is_quiet(const struct ether *ether);

/* Fails the test unless every delivery that reached DELIVERED is in the recipient's store, whole.  A receipt counts
 * as delivered once it is in custody: then it may still be on its way. */
void ether_check_delivered(struct ether *ether);

/* Fails the test unless a station that is switched on holds every delivery of its own that has not ended and every
 * bundle in its custody, and the store of somebody else has what is in custody.  Not for stores that fail. */
void ether_check_held(struct ether *ether, uint16_t number);

struct message ether_text(uint16_t dest, unsigned precedence, const char *text);
struct message ether_status(uint16_t dest);

#endif
