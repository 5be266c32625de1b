/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of the running post, for the daemon's loop; everybody else uses station.h. */
#ifndef RADIOD_STATION_LIFE_H
#define RADIOD_STATION_LIFE_H

#include "radiod/daemon/station.h"

/* Reads keys, opens the store and the radios.  Returns 0 or a negative errno code with one line in err. */
int station_open(struct station **out, const struct config *config, char *err, size_t err_len);

/* Unkeys and closes the radios, closes the store.  NULL is allowed. */
void station_close(struct station *station);

/* Exchanges the radios and timers for those of config, as a restart would; what is on its way is sent again.  Keys,
 * store and socket stay; a change of those is answered by a line in the log that asks for a restart. */
void station_reload(struct station *station, const struct config *config);

/* Notes why a reload did not happen. */
void station_refuse_reload(struct station *station, const char *why);

/* File descriptors to poll for reading: one for each channel, valid until the next reload. */
int station_poll_fd(const struct station *station, size_t channel);

/* Takes what the modems have to say and does what is due.  Returns when to call again at the latest (node time). */
int64_t station_service(struct station *station);

#endif
