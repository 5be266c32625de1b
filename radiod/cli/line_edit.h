/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of text as keys change it: UTF-8 in, no terminal.  The screen around it is in line_screen.h. */
#ifndef RADIOD_CLI_LINE_EDIT_H
#define RADIOD_CLI_LINE_EDIT_H

#include <stddef.h>

#include "protocol/wire/text.h"

/* Room beyond what a message holds: what is too long is shortened by the writer, not cut off by us. */
#define LINE_MAX_BYTES (2 * TEXT_MAX_BYTES)
#define LINE_SEQUENCE_MAX 8

enum line_event {
  LINE_WAITS,     /* within a character or a key's sequence */
  LINE_SAME,      /* nothing that shows */
  LINE_MOVED,     /* the cursor */
  LINE_CHANGED,   /* the text */
  LINE_REFUSED,   /* a key that cannot be followed: no room, or nothing to send */
  LINE_ENTERED,   /* the text is what its writer wants to send */
  LINE_CANCELLED, /* the writer wants to send nothing */
};

struct line_edit {
  char text[LINE_MAX_BYTES + 1];             /* valid UTF-8 without control characters, followed by a zero */
  size_t len, at;                            /* bytes; at: the cursor, always between two characters */
  unsigned char sequence[LINE_SEQUENCE_MAX]; /* of a character or key that has not come whole */
  size_t sequence_len;
};

void line_edit_init(struct line_edit *line);

/* Takes the next byte from the keyboard. */
enum line_event line_edit_byte(struct line_edit *line, unsigned char byte);

/* No further byte came for a while: an Esc that begins no key's sequence is a key itself. */
enum line_event line_edit_pause(struct line_edit *line);

int line_edit_chars(const struct line_edit *line);

/* The part of the text to show on a screen of so many columns: text[*begin..*end), with the cursor at the returned
 * column, below columns (at least 2).  What goes before *begin and behind *end does not fit. */
size_t line_edit_window(const struct line_edit *line, size_t columns, size_t *begin, size_t *end);

#endif
