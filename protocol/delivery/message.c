/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all kinds of message have in common: checks, lifetime, and the way to their codecs. */
#include "protocol/delivery/message.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define DAY_MS (24 * INT64_C(3600000))

/* A status report is overtaken by the next ones within a day; what a person wrote is worth a week. */
#define LIFE_DAY 23  /* 24 hours */
#define LIFE_WEEK 29 /* 7 days */
#define OPEN_END_LIFETIME_MS (31 * DAY_MS)

const char *message_kind_name(unsigned kind)
{
  switch (kind) {
  case MESSAGE_STATUS:
    return "status";
  case MESSAGE_ALERT:
    return "alert";
  case MESSAGE_TEXT:
    return "text";
  case MESSAGE_RECEIPT:
    return "receipt";
  case MESSAGE_KEY:
    return "key";
  default:
    return NULL;
  }
}

static int refuse(char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return -EINVAL;
}

static int text_check(const struct text *text, int required, char *why, size_t why_len)
{
  int chars = text_count_chars(text->bytes, text->len);
  if (chars < 0)
    return refuse(why, why_len, "text: not UTF-8, or with control characters");
  if (chars > TEXT_MAX_CHARS)
    return refuse(why, why_len, "text: longer than 200 characters; shorten it or send two messages");
  if (required && chars == 0)
    return refuse(why, why_len, "text: empty; write at least one character");
  return 0;
}

static int receipt_check(const struct receipt *receipt, char *why, size_t why_len)
{
  if (receipt->step >= RECEIPT_STEP_COUNT || receipt->officer > RECEIPT_OFFICER_MAX)
    return refuse(why, why_len, "receipt: no such step or officer number");
  return text_check(&receipt->text, receipt->step == RECEIPT_REFUSED, why, why_len);
}

int message_check(const struct message *message, char *why, size_t why_len)
{
  if (message->precedence >= PRECEDENCE_COUNT)
    return refuse(why, why_len, "precedence: ROUTINE, PRIORITY, IMMEDIATE or FLASH");
  switch (message->kind) {
  case MESSAGE_STATUS:
    return status_check(&message->body.status, why, why_len);
  case MESSAGE_ALERT:
    return alert_check(&message->body.alert, why, why_len);
  case MESSAGE_TEXT:
    return text_check(&message->body.text, 1, why, why_len);
  case MESSAGE_RECEIPT:
    return receipt_check(&message->body.receipt, why, why_len);
  case MESSAGE_KEY:
    return 0;
  default:
    return refuse(why, why_len, "kind: no such kind of message");
  }
}

uint8_t message_life(const struct message *message)
{
  switch (message->kind) {
  case MESSAGE_STATUS:
    return LIFE_DAY;
  case MESSAGE_ALERT:
    return message->body.alert.expiry;
  case MESSAGE_KEY:
    return ALERT_EXPIRY_UNTIL_CANCELLED;
  default:
    return LIFE_WEEK;
  }
}

int64_t message_life_ms(uint8_t life)
{
  uint32_t minutes = alert_expiry_minutes(life);
  return minutes == UINT32_MAX ? OPEN_END_LIFETIME_MS : minutes * INT64_C(60000);
}

int64_t message_lifetime_ms(const struct message *message)
{
  return message_life_ms(message_life(message));
}

static void key_encode(const struct epoch_key *key, struct bit_writer *out)
{
  bits_put(out, key->epoch, 32);
  bits_put_bytes(out, key->secret, sizeof key->secret);
}

static int key_decode(struct epoch_key *out, struct bit_reader *in)
{
  struct epoch_key key = {.epoch = bits_get(in, 32)};
  bits_get_bytes(in, key.secret, sizeof key.secret);
  if (in->underflow)
    return -EBADMSG;
  *out = key;
  return 0;
}

void message_encode_body(const struct message *message, const struct status_report *base, uint32_t base_ref,
                         struct bit_writer *out)
{
  switch (message->kind) {
  case MESSAGE_STATUS:
    if (base)
      status_encode_delta(&message->body.status, base, base_ref, out);
    else
      status_encode(&message->body.status, out);
    break;
  case MESSAGE_ALERT:
    alert_encode(&message->body.alert, out);
    break;
  case MESSAGE_TEXT:
    text_encode(&message->body.text, out);
    break;
  case MESSAGE_KEY:
    key_encode(&message->body.key, out);
    break;
  default:
    receipt_encode(&message->body.receipt, out);
  }
}

int message_decode_body(struct message *message, struct bit_reader *in, status_find_base_fn *find_base, void *context)
{
  switch (message->kind) {
  case MESSAGE_STATUS:
    return status_decode(&message->body.status, in, find_base, context);
  case MESSAGE_ALERT:
    return alert_decode(&message->body.alert, in);
  case MESSAGE_TEXT:
    return text_decode(&message->body.text, in);
  case MESSAGE_RECEIPT:
    return receipt_decode(&message->body.receipt, in);
  case MESSAGE_KEY:
    return key_decode(&message->body.key, in);
  default:
    return -EBADMSG;
  }
}
