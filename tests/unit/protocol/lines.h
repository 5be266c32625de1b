/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of relaying have in common: stations in a line, and bursts sealed by hand as a station or a thief would.
 */
#ifndef TESTS_UNIT_PROTOCOL_LINES_H
#define TESTS_UNIT_PROTOCOL_LINES_H

#include "protocol/base/bits.h"
#include "protocol/wire/bundle.h"
#include "tests/unit/protocol/ether.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

/* Stations in a line, not started: each hears only those next to it. */
struct ether *line_new(unsigned count, uint64_t seed);
void line_connect(struct ether *ether, uint16_t a, uint16_t b, int is_connected);

/* Likewise, started, and long enough ago that all know the way to all. */
struct ether *line_at_work(unsigned count, uint64_t seed);

void run_for(struct ether *ether, int64_t ms);
enum delivery_state state_of(struct ether *ether, uint16_t from, struct message_id id, uint16_t to);
/* NULL when it has not come. */
struct fake_received *received_by(struct ether *ether, uint16_t station, struct message_id id);

/* An alert for all, of an event that lasts a week. */
struct message alert_for_all(unsigned precedence, const char *text);

/* Seals items with a keyring, in the name of source, for dest (or FRAME_TO_ALL), and hands them to a station. */
void inject(struct ether *ether, struct keyring *keyring, uint16_t source, uint16_t dest, uint32_t counter,
            const struct bit_writer *items, uint16_t to);
/* Likewise one bundle under the hop key. */
void inject_bundle(struct ether *ether, struct keyring *keyring, uint16_t source, uint32_t counter,
                   const struct bundle_head *head, const uint8_t *content, uint16_t to);

#endif
