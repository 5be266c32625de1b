/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How urgent a message is; the codes are those on air. */
#ifndef PROTOCOL_WIRE_PRECEDENCE_H
#define PROTOCOL_WIRE_PRECEDENCE_H

enum precedence { ROUTINE, PRIORITY, IMMEDIATE, FLASH, PRECEDENCE_COUNT };

const char *precedence_name(unsigned precedence); /* "ROUTINE" ...; NULL if out of range */
int precedence_find(const char *name);            /* either case; precedence or -ENOENT */

#endif
