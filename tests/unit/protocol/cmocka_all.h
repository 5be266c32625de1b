/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka with the headers it needs before it, for every test of the protocol. */
#ifndef TESTS_UNIT_PROTOCOL_CMOCKA_ALL_H
#define TESTS_UNIT_PROTOCOL_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
