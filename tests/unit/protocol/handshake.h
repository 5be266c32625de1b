/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two real nodes and one message between them, or three in a line of which the middle one is the only way, moved one
 * step at a time by whoever explores what can happen. */
#ifndef TESTS_UNIT_PROTOCOL_HANDSHAKE_H
#define TESTS_UNIT_PROTOCOL_HANDSHAKE_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/delivery/node.h"
#include "tests/unit/protocol/fake_store.h"
#include "tests/unit/protocol/stations.h"

#define HANDSHAKE_FROM 1
#define HANDSHAKE_STATIONS_MAX 3
#define HANDSHAKE_FLIGHTS_MAX 3

enum handshake_kind {
  HANDSHAKE_TEXT,       /* a text to a neighbour */
  HANDSHAKE_DIFFERENCE, /* the neighbour holds a report, and the message is a second one: the difference from it */
  HANDSHAKE_RELAY,      /* a text to a station that only the one in the middle hears */
};

enum handshake_move_type {
  MOVE_FILE,    /* the person at HANDSHAKE_FROM files the message */
  MOVE_TIME,    /* time passes to the next deadline of any node */
  MOVE_SENT,    /* the transmitter of station which has done */
  MOVE_DELIVER, /* burst which arrives */
  MOVE_REPEAT,  /* burst which arrives, and will once more */
  MOVE_LOSE,    /* burst which is lost */
  MOVE_REFUSE,  /* burst which arrives while the receiver's store takes nothing */
  MOVE_POWER,   /* the power of station which goes and comes back */
  MOVE_COUNT
};

/* crash: the power of the station that acts goes at so many durable steps or actions into the move, 0: it does not.
 */
struct handshake_move {
  uint8_t type, which, crash;
};

struct handshake_side {
  struct node *node;
  struct fake_store store;
  jmp_buf crash;
  unsigned crash_in, crashes;
  uint32_t last_counter, beacons;
  int is_sending;
};

/* A burst on its way to its addressee. */
struct handshake_flight {
  uint8_t from, to, was_heard;
  uint8_t mode;
  size_t len;
  uint8_t bytes[LINK_BURST_MAX];
};

struct handshake {
  struct stations *stations;
  uint8_t to;                                             /* the recipient, and the number of stations */
  struct handshake_side side[HANDSHAKE_STATIONS_MAX + 1]; /* by station number */
  struct handshake_flight flight[HANDSHAKE_FLIGHTS_MAX];
  size_t flight_count;
  int64_t now_ms, beacons_ms; /* when all were told of the ways last */
  struct message message;     /* what is filed */
  int was_filed;
};

struct handshake *handshake_new(struct stations *stations, enum handshake_kind kind);
void handshake_free(struct handshake *handshake);

/* Non-zero when the move can happen now. */
int handshake_allows(const struct handshake *handshake, struct handshake_move move);

/* Makes the move and checks what must hold after every one.  Returns 0 when move.crash was not reached. */
int handshake_make(struct handshake *handshake, struct handshake_move move);

/* The next thing that happens when nothing goes wrong: transmitters come to their end, bursts arrive, time passes. */
struct handshake_move handshake_usual_move(const struct handshake *handshake);

/* Names a state by what matters for what can happen next: stores, phases, bursts on their way, and the order of
 * magnitude of the time to the deadlines; without counters and times.  Returns its hash. */
uint64_t handshake_summary(const struct handshake *handshake);

/* From here on everything works: fails the test unless the message is delivered and known to be so. */
void handshake_finish(struct handshake *handshake);

#endif
