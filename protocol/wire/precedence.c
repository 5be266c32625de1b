/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the precedences. */
#include "protocol/wire/precedence.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

static const char *const precedences[PRECEDENCE_COUNT] = {"ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"};

const char *precedence_name(unsigned precedence)
{
  return precedence < PRECEDENCE_COUNT ? precedences[precedence] : NULL;
}

int precedence_find(const char *name)
{
  for (int i = 0; i < PRECEDENCE_COUNT; i++)
    if (!strcasecmp(name, precedences[i]))
      return i;
  return -ENOENT;
}
