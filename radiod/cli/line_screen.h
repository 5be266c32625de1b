/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal around a line that a person writes: keys in, the line and a note below it out.  Whatever ends it, the
 * terminal is left as it was found. */
#ifndef RADIOD_CLI_LINE_SCREEN_H
#define RADIOD_CLI_LINE_SCREEN_H

#include <stddef.h>

#include "radiod/cli/line_edit.h"

#define LINE_NOTE_MAX 700

/* Writes what stands below the line.  Returns 0; or -EAGAIN: ask again when the writer pauses, not at each key. */
typedef int line_note_fn(void *context, const struct line_edit *line, char note[LINE_NOTE_MAX]);

/* Standard input and output must be terminals.  The note is asked for after each change, when no further key waits.
 * Returns 0 when the line was entered, -ECANCELED when its writer gave up or the input ended, or another negative
 * errno code.  A signal that ends programs ends this one. */
int line_screen_edit(struct line_edit *line, line_note_fn *note, void *context);

#endif
