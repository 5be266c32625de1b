/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control API: HTTP and JSON over a UNIX socket, described in radiod/api/API.md.  The only way in. */
#ifndef RADIOD_API_H
#define RADIOD_API_H

#include <stddef.h>
#include <uv.h>

#include "radiod/daemon/station.h"

struct api;

/* Listens on the UNIX socket path (mode 0660), driven by loop.  A stale socket is replaced, a live one refused
 * (-EADDRINUSE). Returns 0 or a negative errno code with one line in err. */
int api_start(struct api **out, uv_loop_t *loop, struct station *station, const char *path, char *err,
              size_t err_len);

/* Closes connections and the socket, and unlinks it; the loop must run once more to end its handles.  NULL is
 * allowed. */
void api_stop(struct api *api);

#endif
