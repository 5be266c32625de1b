/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the node share: its state and the functions that cross between them. */
#ifndef PROTOCOL_DELIVERY_NODE_IMPL_H
#define PROTOCOL_DELIVERY_NODE_IMPL_H

#include "protocol/crypto/envelope.h"
#include "protocol/crypto/proof.h"
#include "protocol/delivery/floods.h"
#include "protocol/delivery/node.h"
#include "protocol/delivery/outbox.h"
#include "protocol/delivery/peers.h"
#include "protocol/link/frame.h"
#include "protocol/link/pieces.h"
#include "protocol/route/routes.h"
#include "protocol/route/trickle.h"
#include "protocol/wire/item.h"

/* Counters are reserved in blocks, so that not every frame costs a durable write. */
#define COUNTER_BLOCK 64
#define ACTIONS_MAX 32
/* Actions that one step may need: nothing is begun unless there is room for what people must be told of it. */
#define ACTIONS_SPARE 4
#define ACKS_MAX 32
#define COLLECTORS_MAX 8
#define RECEIPTED_MAX 32
#define NEVER INT64_MAX

/* A burst of items for one station that holds several messages stays this short, and one with pieces too: a FLASH can
 * pre-empt at the next one.  A single message that fits a burst below the second limit goes whole. */
#define BURST_LIMIT_US 5000000
#define BURST_WHOLE_LIMIT_US 7500000

/* An acknowledgement that this station owes. */
struct owed_ack {
  uint16_t peer;
  uint8_t channel;
  struct ack ack;
  int64_t due_ms; /* not before: the peer's transmitter is still going down */
};

/* A notice owed to a station whose counter has been higher: it was restored from an old backup. */
struct owed_notice {
  uint16_t peer; /* STATION_NONE: none */
  uint8_t channel;
  uint16_t echo;
  uint32_t counter;
  int64_t due_ms;
};

/* The state of one channel.  Half duplex: it is sending, or waiting for an answer, or free. */
struct channel_state {
  uint8_t up, busy, sending;
  uint8_t contending;      /* slot_ms was drawn for the burst that wants to go */
  uint8_t contender;       /* its rank */
  uint16_t answer_from;    /* station whose acknowledgement is awaited, 0: none */
  int64_t quiet_until_ms;  /* others may answer each other until then */
  int64_t slot_ms;         /* own turn in the contention */
  int64_t answer_until_ms; /* end of waiting for answer_from */
  int64_t answer_begin_ms; /* its carrier must have been heard by then, if it is one that can be heard */
  uint8_t answer_begun;    /* a carrier was heard since the burst ended */
  int64_t send_until_ms;   /* a burst that has not ended by then is taken for lost */
  struct trickle trickle;  /* of the beacons */
  int64_t first_beacon_ms; /* when the first beacon since the channel came up goes out */
  int64_t told_ms;         /* when the last beacon went out */
  int64_t list_ms;         /* when the list of what is held goes out, NEVER: not wanted */
  uint8_t started;         /* the first beacon has gone out */
  uint8_t short_beacons;   /* in a row, without entries */
  uint8_t stuck_warned;    /* that the carrier does not end */
  uint8_t no_counters;     /* the store refused frame numbers at the last attempt */
  int64_t busy_since_ms;   /* while busy */
  int64_t pause_until_ms;  /* nothing at all is sent before */
  int64_t duty_us;         /* air still allowed by the duty-cycle limit, at duty_ms */
  int64_t duty_ms;
  int64_t polled_until_ms; /* LINK_ACCESS_POLLED */
};

/* Pieces of one bundle as they come in. */
struct collection {
  struct bundle_head head; /* origin STATION_NONE: free */
  uint16_t source;         /* of a sealed bundle: each neighbour sends its own journey's */
  int64_t changed_ms;
  struct piece_collector pieces;
};

/* A message that came through others, for which a receipt went out: the same journey is not receipted again. */
struct receipted {
  struct message_id id;
  uint8_t journey;
};

struct node {
  struct node_config config;
  struct node_store store;
  struct outbox outbox;
  struct floods floods;
  struct peers peers;
  struct routes *routes;
  struct beacon told; /* routes that were news, as told on one of the channels at told_ms */
  int64_t told_ms;
  uint8_t had_news;        /* at the last tick */
  unsigned known_stations; /* with a route, when the last beacon went out */
  struct channel_state channel[NODE_CHANNELS_MAX];
  struct owed_ack ack[ACKS_MAX];
  size_t ack_count;
  struct owed_notice notice;
  struct { /* a roll call's invitation that waits to go out */
    uint16_t station;
    uint8_t channel, seconds;
  } poll;
  struct collection *collection; /* COLLECTORS_MAX, made when the first piece comes */
  struct receipted receipted[RECEIPTED_MAX];
  unsigned receipted_at;
  struct node_action action[ACTIONS_MAX];
  size_t action_head, action_count;
  uint32_t next_counter, reserved_until; /* counters next..reserved_until-1 may be used */
  uint32_t first_counter;                /* of this life */
  uint64_t random;
  int64_t now_ms; /* of the last tick */
  int64_t started_ms, rejected_warned_ms;
  int64_t clock_offset_ms; /* unix time minus node time, while has_clock */
  uint8_t has_clock;
  int64_t time_ms;         /* coordinator: when the time goes out next */
  int64_t time_told_ms;    /* and when it did last */
  struct held_bundle time; /* the last one told or believed */
  int64_t epoch_begin_ms;  /* when the next hop key is used for sending; NEVER: none waits */
  int64_t counter_raised_ms;
  struct node_stats stats;
};

/* A frame that was opened, and how it came. */
struct arrival {
  const struct frame *frame;
  struct reception reception;
  uint32_t airtime_ms; /* of its burst */
  unsigned acks;       /* acknowledgements seen in this frame */
};

/* node.c */
int node_has_room(const struct node *node); /* for the actions of one more step */
struct node_action *node_push_action(struct node *node, enum node_action_type type, unsigned channel);
void node_warn(struct node *node, const char *format, ...) __attribute__((format(printf, 2, 3)));
int node_draw_counter(struct node *node, uint32_t *out); /* 0 or the store's error */
uint32_t node_random(struct node *node, uint32_t below); /* 0..below-1; 0 for below 0 */
void node_move_delivery(struct node *node, int64_t now_ms, struct outbox_entry *entry, enum delivery_state state);
uint16_t node_self(const struct node *node);
int node_is_coordinator(const struct node *node, uint16_t station);
uint16_t node_age_minutes(int64_t born_ms, int64_t now_ms);

/* node_submit.c */
/* Says whether a message can be filed, and for whom: node_submit's errors, with why. */
int node_check_message(const struct node *node, const struct message *message,
                       uint16_t recipients[DIRECTORY_MAX_STATIONS], size_t *count, char *why, size_t why_len);
/* Files what the node itself sends: a receipt. */
int node_submit_own(struct node *node, int64_t now_ms, struct message *message);
void node_add_bundle_entry(struct node *node, const struct bundle_head *head, int64_t born_ms, uint16_t from);

/* node_path.c */
struct node_path {
  uint16_t hop; /* STATION_NONE: nowhere now */
  int channel;
};
struct node_path node_choose_path(const struct node *node, int64_t now_ms, const struct outbox_entry *entry);
/* The cheapest channel to a neighbour; -1: none is up. */
int node_choose_channel(const struct node *node, int64_t now_ms, uint16_t hop);
void node_update_link(struct node *node, int64_t now_ms, uint16_t station);
void node_update_links(struct node *node, int64_t now_ms); /* of all stations */
/* This station travels, and was near to that one within a daily round. */
int node_will_visit(const struct node *node, int64_t now_ms, uint16_t station);
void node_keep_visits(struct node *node, int64_t now_ms);
/* The mode that reaches the stations heard on the channel; -1 when none carries len bytes. */
int node_broadcast_mode(const struct node *node, int64_t now_ms, unsigned channel, size_t len);
unsigned node_count_neighbours(const struct node *node, int64_t now_ms, unsigned channel);
int node_is_neighbour(const struct node *node, int64_t now_ms, unsigned channel, uint16_t station);

/* node_bundle.c: what passes through this station to another. */
/* How long an originator waits for the receipt of what is in others' custody. */
int64_t node_receipt_patience_ms(const struct node *node, const struct outbox_entry *entry);
/* Receipts of what went to all come spread over so long, or they would all come at once. */
int64_t node_receipts_spread_ms(const struct node *node);
/* Non-zero in a network where not every station can tell every other that it has what went to all. */
int node_is_crowded(const struct node *node);
/* Non-zero when what went to all is receipted to this station, and brought to it alone if it did not come. */
int node_follows_flood(const struct node *node, int64_t now_ms, uint16_t station);
/* Writes the sealed content of an entry's bundle, and its life; is_stable: the same at every call.  Returns bytes or
 * the store's error. */
int node_bundle_content(struct node *node, const struct outbox_entry *entry, int is_stable, uint8_t *life,
                        uint8_t content[BUNDLE_MAX]);
#define BUNDLE_PLAIN_MAX (BUNDLE_MAX - ENVELOPE_OVERHEAD)
/* Writes what is sealed of an own message.  Returns bytes. */
size_t node_bundle_plain(const struct node *node, const struct outbox_entry *entry, const struct message *message,
                         int is_stable, uint8_t plain[BUNDLE_PLAIN_MAX]);
/* Writes the body of an own message, a report as a difference where that is known to be understood; is_stable: the
 * same at every call. */
void node_encode_body(const struct node *node, const struct outbox_entry *entry, const struct message *message,
                      int is_stable, struct bit_writer *out);
int node_take_bundle(struct node *node, struct arrival *in, struct bit_reader *reader);
int node_take_pieces(struct node *node, struct arrival *in, struct bit_reader *reader);
void node_end_custody(struct node *node, struct outbox_entry *entry);
/* It is not to be delivered any more: custody ends, an own delivery is cancelled. */
void node_call_off(struct node *node, int64_t now_ms, struct outbox_entry *entry);

/* node_message.c: what arrives for this station. */
void node_owe_ack(struct node *node, const struct arrival *in, const struct ack *ack);
enum ack_code node_keep_message(struct node *node, const struct arrival *in, const struct message *message);
int node_take_message(struct node *node, struct arrival *in, uint8_t type, struct bit_reader *reader);
int node_take_ack(struct node *node, struct arrival *in, struct bit_reader *reader);
/* Non-zero when the message came on this journey or an earlier one, and a receipt went out. */
int node_was_receipted(const struct node *node, struct message_id id, unsigned journey);
enum ack_code node_open_envelope(struct node *node, struct arrival *in, const struct bundle_head *head,
                                 const uint8_t *content);

/* node_flood.c: messages for all, orders and the time. */
int node_start_flood(struct node *node, int64_t now_ms, const struct held_bundle *bundle);
/* Keeps a bundle for all, and passes it on.  Returns 0, -ESTALE (its time is over), -ENOBUFS (nothing less grave
 * gives way: it is not remembered either, and may come again) or the store's error. */
int node_keep_flood(struct node *node, int64_t now_ms, const struct held_bundle *bundle);
void node_end_flood(struct node *node, struct flood *flood);
/* What a revoked station raised. */
void node_end_floods_of(struct node *node, uint16_t station);
void node_take_flood(struct node *node, struct arrival *in, const struct bundle_head *head, const uint8_t *content);
int node_take_proof(struct node *node, struct arrival *in, struct bit_reader *reader);
int node_take_list(struct node *node, struct arrival *in, struct bit_reader *reader);
void node_hear_digest(struct node *node, int64_t now_ms, unsigned channel, uint16_t station, uint16_t digest);
void node_schedule_flood(struct node *node, int64_t now_ms, struct flood *flood);
/* The recipient of an own message for all has not said that it has it. */
void node_repeat_flood(struct node *node, int64_t now_ms, struct message_id id, uint16_t recipient);
void node_expire_floods(struct node *node, int64_t now_ms);
int node_flood_message(struct node *node, int64_t now_ms, const struct message *message);
/* Writes an own message for all, with room for its proof but without it. */
void node_write_flood(const struct node *node, const struct message *message, struct held_bundle *out);

/* node_reference.c: updates and cancellations end what they speak of. */
/* message is what the flood carries. */
void node_heed_reference(struct node *node, int64_t now_ms, struct flood *flood, const struct message *message);
/* Something held here has ended this alert: an old copy of it counts for nothing. */
int node_is_superseded(const struct node *node, struct message_id id);

/* node_flood_order.c */
/* How long this station leaves others the precedence in passing a flood on. */
int64_t node_flood_delay_ms(const struct node *node, int64_t now_ms, unsigned channel, const struct flood *flood);

/* node_order.c: orders, hop keys and the time. */
void node_take_order(struct node *node, int64_t now_ms, struct held_bundle *bundle);
void node_restore_orders(struct node *node, int64_t now_ms);
/* The order that began the present epoch, for a station that is behind and was not told lately.  Returns non-zero
 * when out is set. */
int node_load_missed_order(struct node *node, int64_t now_ms, uint16_t station, struct held_bundle *out);
enum ack_code node_take_key(struct node *node, int64_t now_ms, const struct epoch_key *key);
void node_take_time(struct node *node, struct arrival *in, const struct held_bundle *bundle);
void node_tell_time(struct node *node, int64_t now_ms);
void node_hear_clockless(struct node *node, int64_t now_ms);
void node_write_time(const struct node *node, int64_t now_ms, struct held_bundle *out);
void node_plan_epoch(struct node *node, int64_t now_ms);
void node_begin_epoch_if_due(struct node *node, int64_t now_ms, int is_heard);

/* node_beacon.c */
void node_start_beacons(struct node *node, int64_t now_ms, unsigned channel);
int node_take_beacon(struct node *node, struct arrival *in, struct bit_reader *reader);
void node_init_beacons(struct node *node, int64_t now_ms, unsigned channel);
int64_t node_beacon_due_ms(const struct node *node, unsigned channel);
void node_send_beacon(struct node *node, int64_t now_ms, unsigned channel);
int64_t node_list_ready_ms(const struct node *node, unsigned channel);
void node_want_list(struct node *node, int64_t now_ms, unsigned channel);
/* There is news: the shortest interval begins on all channels. */
void node_reset_beacons(struct node *node, int64_t now_ms);
void node_beacon_news(struct node *node, int64_t now_ms);

/* node_counter.c */
void node_note_behind(struct node *node, int64_t now_ms, unsigned channel, const struct frame *frame);
int node_take_counter(struct node *node, struct arrival *in, struct bit_reader *reader);

/* node_draft.c: a burst in the making. */
struct draft {
  struct frame frame;
  struct bit_writer writer;
  int short_ok; /* only items that may go under the short tag */
  int mode;
  enum node_purpose purpose;
};
int node_draft_begin(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft, uint16_t dest);
void node_draft_init(const struct node *node, struct draft *draft, uint16_t dest, uint32_t counter);
/* The mode for what the draft holds now; -1 when none carries it. */
int node_draft_mode(const struct node *node, int64_t now_ms, unsigned channel, const struct draft *draft);
/* Bytes of the burst in that mode, filled up as the mode wants it; and the time that they take. */
size_t node_draft_padded(const struct node *node, unsigned channel, const struct draft *draft);
uint32_t node_draft_airtime_us(const struct node *node, unsigned channel, const struct draft *draft);
void node_draft_send(struct node *node, int64_t now_ms, unsigned channel, struct draft *draft);
void node_draft_copy(struct draft *to, const struct draft *from);

/* node_draft_message.c: each leaves the draft as it was if nothing fits. */
/* Chooses the mode.  Returns non-zero when the draft goes out within the limit. */
int node_draft_fits(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                    uint32_t limit_us);
/* Adds an own message straight to its recipient, in its short form.  Returns non-zero if it fits. */
int node_draft_direct(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      const struct outbox_entry *entry, const struct message *message, uint32_t limit_us);
/* Adds the bundle whole.  Returns non-zero if it fits. */
int node_draft_bundle(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                      const struct held_bundle *bundle, uint32_t limit_us);
/* Adds pieces from index first on, at most so many.  Returns how many fit. */
unsigned node_draft_pieces(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                           const struct held_bundle *bundle, unsigned first, unsigned most, uint32_t limit_us);

/* node_burst.c */
/* Sends one burst to peer: acknowledgements, then messages, first (may be NULL) before all others. */
void node_send_to_peer(struct node *node, int64_t now_ms, unsigned channel, uint16_t peer,
                       struct outbox_entry *first);

/* node_flood_burst.c */
/* The one that is due and still needed; NULL: none. */
struct flood *node_next_flood(struct node *node, int64_t now_ms, unsigned channel);
/* Drafts what goes out of it next, and notes in its turn what is left: whole; or without the signature, which
 * follows; or in pieces.  Returns non-zero when there is something to send. */
int node_draft_flood(const struct node *node, int64_t now_ms, unsigned channel, struct draft *draft,
                     struct flood *flood, const struct held_bundle *bundle);
void node_send_flood(struct node *node, int64_t now_ms, unsigned channel, struct flood *flood);
void node_send_list(struct node *node, int64_t now_ms, unsigned channel);

/* node_access.c */
/* From when the channel's rules allow a burst of this precedence; NEVER: not until something happens. */
int64_t node_access_ms(const struct node *node, int64_t now_ms, unsigned channel, unsigned precedence);
void node_use_duty(struct node *node, int64_t now_ms, unsigned channel, uint32_t airtime_us);
int node_poll_waits(const struct node *node, unsigned channel); /* a call waits to go out */
int node_take_poll(struct node *node, struct arrival *in, struct bit_reader *reader);

/* node_transmit.c */
int64_t node_answer_ms(const struct link_channel *link); /* airtime of an answer in the slowest mode */
void node_init_channel(struct node *node, int64_t now_ms, unsigned channel);
void node_transmit(struct node *node, int64_t now_ms, unsigned channel);
void node_answer_came(struct node *node, int64_t now_ms, unsigned channel, uint16_t from);
void node_give_up_burst(struct node *node, int64_t now_ms, unsigned channel, int was_heard);
int64_t node_channel_deadline(const struct node *node, int64_t now_ms, unsigned channel);

#endif
