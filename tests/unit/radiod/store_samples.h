/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and a store to put them in, for the tests of the store. */
#ifndef TEST_STORE_SAMPLES_H
#define TEST_STORE_SAMPLES_H

#include "radiod/store/store.h"
#include "tests/unit/radiod/scratch.h"

#define US 1
#define PEER 2
#define OTHER 3
#define NOW_MS 1700000000000

/* Opens or opens again scratch's radiod.db; the test fails if that is refused. */
struct store *sample_open(struct scratch *scratch);
struct store *sample_reopen(struct scratch *scratch, struct store *store);

struct message sample_text(uint16_t origin, uint32_t counter, const char *text);
struct message sample_status(uint16_t origin, uint32_t counter, const char *battery);
struct message sample_alert(uint16_t origin, uint32_t counter, const char *text);
struct message sample_receipt(uint16_t origin, uint32_t counter, uint8_t step, uint32_t ref_counter,
                              const char *text);
struct reception sample_reception(uint16_t from, uint32_t frame_counter);

/* Commits; the test fails if that is refused. */
void sample_send(struct store *store, const struct message *message, const uint16_t *recipients, size_t count);
void sample_receive(struct store *store, const struct message *message);

/* Fails the test unless both are the same message, body included. */
void assert_same_message(const struct message *a, const struct message *b);

/* The delivery of id to recipient; the test fails if there is none. */
struct store_delivery sample_delivery(struct store *store, struct message_id id, uint16_t recipient);

#endif
