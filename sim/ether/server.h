/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ether's sockets and its clock: stations join over a UNIX socket (hw/audio/ether_wire.h) and hear each other in
 * real time.  One thread; it is the caller's until it ends. */
#ifndef SIM_ETHER_SERVER_H
#define SIM_ETHER_SERVER_H

#include <stddef.h>
#include <stdio.h>

#include "sim/ether/mixer.h"

struct server_settings {
  const char *socket_path;
  struct mixer *mixer; /* set up, nobody joined */
  FILE *log;           /* JSON lines of key-downs, or NULL */
  FILE *notes;         /* lines for a person, or NULL */
  int ready_fd;        /* gets one line when stations can join, then is closed; -1: nobody wants to know */
  int stop_fd;         /* readable: end */
};

/* Serves until told to stop, then removes the socket.  Returns 0, or a negative errno code with one line in err. */
int server_run(const struct server_settings *settings, char *err, size_t err_len);

#endif
