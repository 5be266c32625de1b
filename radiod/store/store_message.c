/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns messages into rows of the store and back, bit for bit. */
#include <errno.h>
#include <string.h>

#include "radiod/store/store_impl.h"

const struct text *store_message_text(const struct message *message)
{
  static const struct text none;

  switch (message->kind) {
  case MESSAGE_KEY:
    return &none;
  case MESSAGE_STATUS:
    return &message->body.status.text;
  case MESSAGE_ALERT:
    return &message->body.alert.text;
  case MESSAGE_RECEIPT:
    return &message->body.receipt.text;
  default:
    return &message->body.text;
  }
}

/* The encoders assert what the checks promise; a store must refuse instead. */
static int check_body(const struct message *message)
{
  char why[120];
  const struct text *text = store_message_text(message);

  if (text->len > TEXT_MAX_BYTES || text_count_chars(text->bytes, text->len) < 0)
    return -EINVAL;
  switch (message->kind) {
  case MESSAGE_STATUS:
    return status_check(&message->body.status, why, sizeof why) ? -EINVAL : 0;
  case MESSAGE_ALERT:
    return alert_check(&message->body.alert, why, sizeof why) ? -EINVAL : 0;
  case MESSAGE_TEXT:
  case MESSAGE_KEY:
    return 0;
  case MESSAGE_RECEIPT:
    return message->body.receipt.step < RECEIPT_STEP_COUNT && message->body.receipt.officer <= RECEIPT_OFFICER_MAX
               ? 0
               : -EINVAL;
  default:
    return -EINVAL;
  }
}

int store_encode_body(const struct message *message, uint8_t *buf, size_t size)
{
  struct bit_writer writer;

  if (check_body(message))
    return -EINVAL;
  bits_writer_init(&writer, buf, size);
  message_encode_body(message, NULL, 0, &writer);
  return writer.overflow ? -EMSGSIZE : (int)bits_put_len(&writer);
}

static int decode_body(struct message *message, const void *body, int len)
{
  struct bit_reader reader;

  if (!body || len <= 0)
    return -EBADMSG;
  bits_reader_init(&reader, body, (size_t)len);
  return message_decode_body(message, &reader, NULL, NULL);
}

/* The numbers of a row, in the order of STORE_ENTRY_COLUMNS. */
enum column {
  COLUMN_ID,
  COLUMN_ORIGIN,
  COLUMN_COUNTER,
  COLUMN_DEST,
  COLUMN_KIND,
  COLUMN_PRECEDENCE,
  COLUMN_BORN,
  COLUMN_OUTGOING,
  COLUMN_STORED,
  COLUMN_BODY,
  COLUMN_REF_COUNTER,
  COLUMN_HEARD_FROM,
  COLUMN_CHANNEL,
  COLUMN_MODE,
  COLUMN_SNR,
  COLUMN_FRAME_COUNTER,
  COLUMN_LOCAL_STEP,
  COLUMN_LOCAL_OFFICER,
  COLUMN_UNPROVEN
};

static void read_reception(sqlite3_stmt *row, struct store_entry *entry)
{
  entry->reception.from = (uint16_t)sqlite3_column_int64(row, COLUMN_HEARD_FROM);
  entry->reception.channel = (uint8_t)sqlite3_column_int64(row, COLUMN_CHANNEL);
  entry->reception.mode = (uint8_t)sqlite3_column_int64(row, COLUMN_MODE);
  entry->reception.snr_cb = (int16_t)sqlite3_column_int64(row, COLUMN_SNR);
  entry->reception.now_ms = entry->stored_ms;
  entry->reception.frame_counter = (uint32_t)sqlite3_column_int64(row, COLUMN_FRAME_COUNTER);
  entry->local_step = (int)sqlite3_column_int64(row, COLUMN_LOCAL_STEP);
  entry->local_officer = (uint8_t)sqlite3_column_int64(row, COLUMN_LOCAL_OFFICER);
}

int store_read_entry(sqlite3_stmt *row, struct store_entry *out)
{
  struct message *message = &out->message;

  memset(out, 0, sizeof *out);
  out->row = sqlite3_column_int64(row, COLUMN_ID);
  message->id.origin = (uint16_t)sqlite3_column_int64(row, COLUMN_ORIGIN);
  message->id.counter = (uint32_t)sqlite3_column_int64(row, COLUMN_COUNTER);
  message->dest = (uint16_t)sqlite3_column_int64(row, COLUMN_DEST);
  message->kind = (uint8_t)sqlite3_column_int64(row, COLUMN_KIND);
  message->precedence = (uint8_t)sqlite3_column_int64(row, COLUMN_PRECEDENCE);
  message->born_ms = sqlite3_column_int64(row, COLUMN_BORN);
  message->is_unproven = sqlite3_column_int64(row, COLUMN_UNPROVEN) != 0;
  out->outgoing = sqlite3_column_int64(row, COLUMN_OUTGOING) != 0;
  out->stored_ms = sqlite3_column_int64(row, COLUMN_STORED);
  if (!out->outgoing)
    read_reception(row, out);
  const void *body = sqlite3_column_blob(row, COLUMN_BODY);
  if (decode_body(message, body, sqlite3_column_bytes(row, COLUMN_BODY)))
    return -EBADMSG;
  if (message->kind == MESSAGE_RECEIPT)
    message->body.receipt.ref_counter = (uint32_t)sqlite3_column_int64(row, COLUMN_REF_COUNTER);
  return 0;
}
