/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The authority of the tests' network: gives each station a directory of its own, and signs orders that change it. */
#ifndef TESTS_UNIT_PROTOCOL_AUTHORITY_H
#define TESTS_UNIT_PROTOCOL_AUTHORITY_H

#include "protocol/crypto/order.h"
#include "tests/unit/protocol/ether.h"

/* Before any station starts: from then on orders change the directory and the keyring of each station alone. */
void authority_separate_stations(struct ether *ether);

/* The order in its signed form.  Returns its length. */
size_t authority_sign(const struct order *order, uint8_t out[ORDER_WIRE_MAX]);

struct order authority_revoke(uint32_t version, uint16_t station);
struct order authority_begin_epoch(uint32_t version, const struct epoch_key *key, uint16_t wait_min);

/* Signs the order and files it at a station, which must take it. */
void authority_send(struct ether *ether, uint16_t from, const struct order *order);

/* Files the hop key for one station at another. */
struct message_id authority_send_key(struct ether *ether, uint16_t from, uint16_t to, const struct epoch_key *key);

struct epoch_key authority_key(uint32_t epoch);

#endif
