/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of the network's authority: their signed form, and what they change. */
#include "protocol/crypto/order.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/bits.h"
#include "protocol/crypto/directory_entry.h"
#include "protocol/wire/station.h"

#define SIGN_LABEL "radiod order v1" /* signed before the order, with the network's id: both ends know them */
#define COMMIT_LABEL "radiod epoch v1"
#define LABEL_LEN (sizeof SIGN_LABEL - 1)
#define IMPLIED_LEN (LABEL_LEN + DIRECTORY_NETWORK_ID_LEN)
#define HEAD_LEN 5 /* type and version */
#define REVOKE_LEN 2
#define EPOCH_LEN (6 + ORDER_COMMIT_LEN)
#define BODY_MAX (HEAD_LEN + DIRECTORY_ENTRY_MAX)

_Static_assert(BODY_MAX + DIRECTORY_SIGNATURE_LEN <= ORDER_WIRE_MAX, "the longest order fits");

/* An order as it is signed: what is implied, then what is written. */
struct signed_order {
  uint8_t implied[IMPLIED_LEN];
  uint8_t body[BODY_MAX];
};

static void write_implied(struct signed_order *out, const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN])
{
  memcpy(out->implied, SIGN_LABEL, LABEL_LEN);
  memcpy(out->implied + LABEL_LEN, network_id, DIRECTORY_NETWORK_ID_LEN);
}

static size_t encode_body(const struct order *order, uint8_t out[BODY_MAX])
{
  struct bit_writer writer;
  bits_writer_init(&writer, out, BODY_MAX);
  bits_put(&writer, order->type, 8);
  bits_put(&writer, order->version, 32);
  switch (order->type) {
  case ORDER_PUT:
    return HEAD_LEN + directory_entry_encode(&order->as.put, out + HEAD_LEN);
  case ORDER_REVOKE:
    bits_put(&writer, order->as.revoke, 16);
    break;
  case ORDER_EPOCH:
    bits_put(&writer, order->as.epoch.epoch, 32);
    bits_put(&writer, order->as.epoch.wait_min, 16);
    bits_put_bytes(&writer, order->as.epoch.commit, ORDER_COMMIT_LEN);
  }
  return bits_put_len(&writer);
}

static int decode_put(struct directory_entry *out, const uint8_t *buf, size_t len)
{
  return directory_entry_decode(out, buf, len) == (int)len ? 0 : -EBADMSG;
}

static int decode_revoke(struct order *out, const uint8_t *buf, size_t len)
{
  out->as.revoke = len == REVOKE_LEN ? (uint16_t)(buf[0] << 8 | buf[1]) : STATION_NONE;
  return station_is_valid(out->as.revoke) ? 0 : -EBADMSG;
}

static int decode_epoch(struct order *out, const uint8_t *buf, size_t len)
{
  struct bit_reader reader;
  bits_reader_init(&reader, buf, len);
  out->as.epoch.epoch = bits_get(&reader, 32);
  out->as.epoch.wait_min = (uint16_t)bits_get(&reader, 16);
  bits_get_bytes(&reader, out->as.epoch.commit, ORDER_COMMIT_LEN);
  return len == EPOCH_LEN ? 0 : -EBADMSG;
}

static int decode_body(struct order *out, const uint8_t *buf, size_t len)
{
  struct bit_reader reader;
  bits_reader_init(&reader, buf, HEAD_LEN);
  unsigned type = bits_get(&reader, 8);
  out->type = (enum order_type)type;
  out->version = bits_get(&reader, 32);
  switch (type) {
  case ORDER_PUT:
    return decode_put(&out->as.put, buf + HEAD_LEN, len - HEAD_LEN);
  case ORDER_REVOKE:
    return decode_revoke(out, buf + HEAD_LEN, len - HEAD_LEN);
  case ORDER_EPOCH:
    return decode_epoch(out, buf + HEAD_LEN, len - HEAD_LEN);
  default:
    return -EBADMSG;
  }
}

int order_sign(const struct order *order, const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN],
               const uint8_t sign_secret[64], uint8_t *buf, size_t size)
{
  struct signed_order message;
  struct order read;
  char why[128];
  if (order->type == ORDER_PUT && directory_entry_check(&order->as.put, why, sizeof why))
    return -EINVAL;
  write_implied(&message, network_id);
  size_t len = encode_body(order, message.body);
  if (decode_body(&read, message.body, len)) /* stations would refuse it */
    return -EINVAL;
  if (size < len + DIRECTORY_SIGNATURE_LEN)
    return -ENOSPC;
  memcpy(buf, message.body, len);
  crypto_sign_detached(buf + len, NULL, (const uint8_t *)&message, IMPLIED_LEN + len, sign_secret);
  return (int)len + DIRECTORY_SIGNATURE_LEN;
}

int order_open(struct order *out, const uint8_t network_id[DIRECTORY_NETWORK_ID_LEN],
               const uint8_t authority[DIRECTORY_KEY_LEN], const uint8_t *buf, size_t len)
{
  struct signed_order message;
  struct order order = {0};
  if (len < HEAD_LEN + DIRECTORY_SIGNATURE_LEN || len > BODY_MAX + DIRECTORY_SIGNATURE_LEN)
    return -EBADMSG;
  size_t body_len = len - DIRECTORY_SIGNATURE_LEN;
  write_implied(&message, network_id);
  memcpy(message.body, buf, body_len);
  if (crypto_sign_verify_detached(buf + body_len, (const uint8_t *)&message, IMPLIED_LEN + body_len, authority))
    return -EKEYREJECTED;
  if (decode_body(&order, buf, body_len))
    return -EBADMSG;
  *out = order;
  return 0;
}

static int refuse(int err, char *why, size_t why_len, const char *text)
{
  snprintf(why, why_len, "%s", text);
  return err;
}

int order_apply(const struct order *order, struct directory *directory, char *why, size_t why_len)
{
  int err = 0;
  if (order->version <= directory->version)
    return refuse(-EALREADY, why, why_len, "the directory is as new already");
  if (order->version - directory->version > 1)
    return refuse(-ERANGE, why, why_len, "an order before this one has not come yet");
  if (order->type == ORDER_PUT)
    err = directory_put(directory, &order->as.put, why, why_len);
  else if (order->type == ORDER_REVOKE)
    err = directory_remove(directory, order->as.revoke, why, why_len);
  if (!err)
    directory->version = order->version;
  return err;
}

void order_commit(const uint8_t secret[KEYRING_KEY_LEN], uint8_t commit[ORDER_COMMIT_LEN])
{
  uint8_t input[sizeof COMMIT_LABEL - 1 + KEYRING_KEY_LEN];
  memcpy(input, COMMIT_LABEL, sizeof COMMIT_LABEL - 1);
  memcpy(input + sizeof COMMIT_LABEL - 1, secret, KEYRING_KEY_LEN);
  crypto_generichash(commit, ORDER_COMMIT_LEN, input, sizeof input, NULL, 0);
  sodium_memzero(input, sizeof input);
}
