/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The UNIX socket on which the control API listens. */
#ifndef RADIOD_API_LISTEN_H
#define RADIOD_API_LISTEN_H

#include <stddef.h>

#define LISTEN_PATH_MAX 108 /* of sockaddr_un, zero included */

/* Makes a listening, non-blocking socket at path, mode 0660 from its first moment.  A stale socket is replaced; a
 * live one is refused (-EADDRINUSE), as is any other file (-EEXIST).  Returns the descriptor or a negative errno code
 * with one line in err. */
int listen_open(const char *path, char *err, size_t err_len);

#endif
