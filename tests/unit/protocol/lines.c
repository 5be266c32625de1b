/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of relaying have in common. */
#include "tests/unit/protocol/lines.h"

#include <string.h>

#include "protocol/link/frame.h"
#include "tests/unit/protocol/cmocka_all.h"

void line_connect(struct ether *ether, uint16_t a, uint16_t b, int is_connected)
{
  ether->deaf[a][b] = ether->deaf[b][a] = !is_connected;
}

struct ether *line_new(unsigned count, uint64_t seed)
{
  struct ether *ether = ether_new(count, seed);
  ether->config.beacon_interval_ms = 1800000;
  for (uint16_t a = 1; a <= count; a++)
    for (uint16_t b = 1; b < a; b++)
      line_connect(ether, a, b, a == b + 1);
  return ether;
}

struct ether *line_at_work(unsigned count, uint64_t seed)
{
  struct ether *ether = line_new(count, seed);
  ether_start_all(ether);
  run_for(ether, HOUR_MS / 4);
  return ether;
}

void run_for(struct ether *ether, int64_t ms)
{
  ether_run(ether, ether->now_ms + ms);
}

enum delivery_state state_of(struct ether *ether, uint16_t from, struct message_id id, uint16_t to)
{
  struct fake_delivery *delivery = fake_store_delivery(&ether->station[from].store, id, to);
  assert_non_null(delivery);
  return delivery->state;
}

struct fake_received *received_by(struct ether *ether, uint16_t station, struct message_id id)
{
  return fake_store_received(&ether->station[station].store, id);
}

struct message alert_for_all(unsigned precedence, const char *text)
{
  struct message message = {.dest = STATION_ALL, .kind = MESSAGE_ALERT, .precedence = (uint8_t)precedence};
  alert_init(&message.body.alert, 12);
  message.body.alert.expiry = 29; /* 7 days */
  assert_int_equal(text_set(&message.body.alert.text, text, strlen(text)), 0);
  return message;
}

void inject(struct ether *ether, struct keyring *keyring, uint16_t source, uint16_t dest, uint32_t counter,
            const struct bit_writer *items, uint16_t to)
{
  struct frame frame = {.source = source, .dest = dest, .counter = counter, .len = bits_put_len(items)};
  uint8_t bytes[LINK_BURST_MAX];
  uint16_t self = keyring->self;
  memcpy(frame.plain, items->buf, frame.len);
  keyring->self = source; /* a thief can write whatever it likes */
  int len = frame_seal(keyring, &frame, bytes);
  keyring->self = self;
  assert_true(len > 0);
  ether_burst(ether, to, bytes, (size_t)len);
}

void inject_bundle(struct ether *ether, struct keyring *keyring, uint16_t source, uint32_t counter,
                   const struct bundle_head *head, const uint8_t *content, uint16_t to)
{
  uint8_t buf[FRAME_PLAIN_MAX];
  struct bit_writer writer;
  bits_writer_init(&writer, buf, sizeof buf);
  bundle_encode(head, content, source, counter, &writer);
  assert_false(writer.overflow);
  inject(ether, keyring, source, FRAME_TO_ALL, counter, &writer, to);
}
