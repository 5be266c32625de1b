/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and deliveries of the store as JSON, for a client to read. */
#ifndef RADIOD_API_JSON_MESSAGE_H
#define RADIOD_API_JSON_MESSAGE_H

#include <jansson.h>

#include "radiod/api/json_common.h"
#include "radiod/store/store.h"

/* What the post knows: names of a channel and of one of its modes (NULL where the configuration no longer has them),
 * and the time of day of a moment of the node's time (0: not known). */
struct api_names {
  void *context;
  const char *(*channel)(void *context, unsigned channel);
  const char *(*mode)(void *context, unsigned channel, unsigned mode);
  int64_t (*unix_ms)(void *context, int64_t node_ms);
};

/* One message whole, without its deliveries. */
json_t *api_json_message(const struct store_entry *entry, const struct directory *directory, unsigned self,
                         const struct api_names *names);

/* because: why it waits, NULL when it does not. */
json_t *api_json_delivery(const struct store_delivery *delivery, const struct directory *directory,
                          const struct api_names *names, const char *because);

#endif
