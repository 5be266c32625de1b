/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes order files: a signed order and, of a new epoch, the hop key itself. */
#include "radiod/network/network_order.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "radiod/network/network_file.h"

#define ORDER_FIELD_COUNT 4

static const struct network_format order_format = {
    .kind = "radiod-order",
    .version = 1,
    .remedy = "orders are made by: radioctl network add, change, revoke or rekey",
    .size_max = 2048,
};

static void list_fields(struct network_field fields[ORDER_FIELD_COUNT], struct network_order *order)
{
  const struct network_field list[ORDER_FIELD_COUNT] = {
      {"version", NETWORK_FIELD_NUMBER, &order->version, sizeof order->version, NULL, 0},
      {"what", NETWORK_FIELD_TEXT, order->what, sizeof order->what, NULL, 0},
      {"order", NETWORK_FIELD_BLOB, order->wire, sizeof order->wire, &order->len, 0},
      {"hop_secret", NETWORK_FIELD_BLOB, order->hop_secret, sizeof order->hop_secret, &order->hop_secret_len, 0},
  };

  memcpy(fields, list, sizeof list);
}

int network_order_path(const char *folder, uint32_t version, char *out, size_t size)
{
  int len = snprintf(out, size, "%s/order-%05u", folder, version);

  return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

int network_order_write(struct network_order *order, char *err, size_t err_len)
{
  struct network_field fields[ORDER_FIELD_COUNT];

  list_fields(fields, order);
  return network_file_write(order->file, &order_format, fields, ORDER_FIELD_COUNT, 1, err, err_len);
}

int network_read_order(const char *file, struct network_order *out, char *err, size_t err_len)
{
  struct network_field fields[ORDER_FIELD_COUNT];
  struct network_order order = {.version = 0};

  int len = snprintf(order.file, sizeof order.file, "%s", file);
  if (len < 0 || (size_t)len >= sizeof order.file)
    return network_fail(err, err_len, -ENAMETOOLONG, "%.80s...: the path is too long; use a shorter one", file);
  list_fields(fields, &order);
  int code = network_file_read(file, &order_format, fields, ORDER_FIELD_COUNT, err, err_len);
  if (!code && (order.len == 0 || (order.hop_secret_len && order.hop_secret_len != KEYRING_KEY_LEN)))
    code = network_fail(err, err_len, -EBADMSG, "%s: order or hop_secret is cut short; restore the file from a copy",
                        file);
  if (!code)
    *out = order;
  sodium_memzero(&order, sizeof order);
  return code;
}
