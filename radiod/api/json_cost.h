/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message would cost as JSON, for a client to show before anything is sent. */
#ifndef RADIOD_API_JSON_COST_H
#define RADIOD_API_JSON_COST_H

#include <jansson.h>

#include "protocol/delivery/node_cost.h"
#include "radiod/api/json_common.h"
#include "radiod/api/json_message.h"

/* message is the one that was asked about. */
json_t *api_json_cost(const struct node_cost *cost, const struct message *message, const struct directory *directory,
                      const struct api_names *names);

#endif
