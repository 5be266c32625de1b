/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the node share: its state and the few functions that cross between receiving and transmitting. */
#ifndef PROTOCOL_DELIVERY_NODE_IMPL_H
#define PROTOCOL_DELIVERY_NODE_IMPL_H

#include "protocol/delivery/node.h"
#include "protocol/delivery/outbox.h"
#include "protocol/delivery/peers.h"
#include "protocol/wire/item.h"

#define ACTIONS_MAX 32
/* Actions that one step may need: nothing is begun unless there is room for what people must be told of it. */
#define ACTIONS_SPARE 4
#define ACKS_MAX 32
#define NEVER INT64_MAX

/* An acknowledgement that this station owes. */
struct owed_ack {
  uint16_t peer;
  uint8_t channel;
  struct ack ack;
  int64_t due_ms; /* not before: the peer's transmitter is still going down */
};

/* The state of one channel.  Half duplex: it is sending, or waiting for an answer, or free. */
struct channel_state {
  uint8_t up, busy, sending;
  uint8_t contending;      /* slot_ms was drawn for the burst that wants to go */
  uint8_t contender;       /* its precedence */
  uint16_t answer_from;    /* station whose acknowledgement is awaited, 0: none */
  int64_t quiet_until_ms;  /* others may answer each other until then */
  int64_t slot_ms;         /* own turn in the contention */
  int64_t answer_until_ms; /* end of waiting for answer_from */
  int64_t send_until_ms;   /* a burst that has not ended by then is taken for lost */
  int64_t hello_ms;        /* next beacon */
  uint8_t started;         /* the first beacon has gone out */
  uint8_t stuck_warned;    /* that the carrier does not end */
  uint8_t no_counters;     /* the store refused frame numbers at the last attempt */
  int64_t busy_since_ms;   /* while busy */
  int64_t pause_until_ms;  /* nothing at all is sent before */
};

struct node {
  struct node_config config;
  struct node_store store;
  struct outbox outbox;
  struct peers peers;
  struct channel_state channel[NODE_CHANNELS_MAX];
  struct owed_ack ack[ACKS_MAX];
  size_t ack_count;
  struct node_action action[ACTIONS_MAX];
  size_t action_head, action_count;
  uint32_t next_counter, reserved_until; /* counters next..reserved_until-1 may be used */
  uint64_t random;
  int64_t started_ms, rejected_warned_ms;
  struct node_stats stats;
};

/* node.c */
int node_has_room(const struct node *node); /* for the actions of one more step */
struct node_action *node_push_action(struct node *node, enum node_action_type type, unsigned channel);
void node_warn(struct node *node, const char *format, ...) __attribute__((format(printf, 2, 3)));
int node_draw_counter(struct node *node, uint32_t *out); /* 0 or the store's error */
uint32_t node_random(struct node *node, uint32_t below); /* 0..below-1; 0 for below 0 */
void node_move_delivery(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state);

/* node_burst.c */
/* Sends one burst to peer: acknowledgements, then messages, first (may be NULL) before all others. */
void node_send_to_peer(struct node *node, int64_t now_ms, unsigned channel, uint16_t peer,
                       struct outbox_entry *first);
void node_send_beacon(struct node *node, int64_t now_ms, unsigned channel);

/* node_transmit.c */
void node_transmit(struct node *node, int64_t now_ms, unsigned channel);
void node_answer_came(struct node *node, int64_t now_ms, unsigned channel, uint16_t from);
void node_give_up_burst(struct node *node, int64_t now_ms, unsigned channel, int was_heard);
int64_t node_channel_deadline(const struct node *node, unsigned channel);

#endif
