/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what messages are made of. */
#include "protocol/delivery/message.h"

#include <stddef.h>

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
  default:
    return NULL;
  }
}
