/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 8-bit count code of status reports: exact to 63, then coarser (shared domain guide, PROTOCOL.md section 5.2).
 */
#ifndef PROTOCOL_WIRE_LOG8_H
#define PROTOCOL_WIRE_LOG8_H

#include <stdint.h>

#define LOG8_UNKNOWN 255 /* unknown, or more than LOG8_MAX_COUNT */
#define LOG8_MAX_COUNT 4672

/* The code whose value is nearest to count; LOG8_UNKNOWN when count lies more than half a step above LOG8_MAX_COUNT.
 */
uint8_t log8_encode(uint32_t count);

/* The count that code stands for; code must not be LOG8_UNKNOWN. */
uint32_t log8_decode(uint8_t code);

/* Non-zero when the code stands for one count only (0..63). */
int log8_is_exact(uint8_t code);

#endif
