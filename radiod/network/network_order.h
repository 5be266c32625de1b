/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order files of the network folder.  Only radiod/network uses this; others read one through network.h. */
#ifndef RADIOD_NETWORK_ORDER_H
#define RADIOD_NETWORK_ORDER_H

#include "radiod/network/network.h"

/* Writes order->file: an order that was never sent, because the change it belongs to failed, is overwritten. */
int network_order_write(struct network_order *order, char *err, size_t err_len);

#endif
