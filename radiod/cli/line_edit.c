/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of text as keys change it. */
#include "radiod/cli/line_edit.h"

#include <string.h>
#include <wchar.h>

#define CTRL(letter) ((letter)&0x1f)
#define ESC 0x1b
#define DELETE 0x7f

void line_edit_init(struct line_edit *line)
{
  memset(line, 0, sizeof *line);
}

int line_edit_chars(const struct line_edit *line)
{
  return text_count_chars(line->text, line->len);
}

static int continues(char byte)
{
  return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t before(const struct line_edit *line, size_t at)
{
  while (at > 0 && continues(line->text[--at]))
    ;
  return at;
}

static size_t after(const struct line_edit *line, size_t at)
{
  if (at < line->len)
    at++;
  while (at < line->len && continues(line->text[at]))
    at++;
  return at;
}

/* The begin of the word before the cursor. */
static size_t word_before(const struct line_edit *line)
{
  size_t at = line->at;
  while (at > 0 && line->text[at - 1] == ' ')
    at--;
  while (at > 0 && line->text[at - 1] != ' ')
    at--;
  return at;
}

static enum line_event move(struct line_edit *line, size_t at)
{
  if (at == line->at)
    return LINE_SAME;
  line->at = at;
  return LINE_MOVED;
}

static enum line_event erase(struct line_edit *line, size_t from, size_t to)
{
  if (from == to)
    return LINE_SAME;
  memmove(line->text + from, line->text + to, line->len - to + 1);
  line->len -= to - from;
  line->at = from;
  return LINE_CHANGED;
}

static enum line_event insert(struct line_edit *line, const char *bytes, size_t len)
{
  if (line->len + len > LINE_MAX_BYTES)
    return LINE_REFUSED;
  memmove(line->text + line->at + len, line->text + line->at, line->len - line->at + 1);
  memcpy(line->text + line->at, bytes, len);
  line->len += len;
  line->at += len;
  return LINE_CHANGED;
}

static enum line_event enter(const struct line_edit *line)
{
  int chars = line_edit_chars(line);
  return chars > 0 && chars <= TEXT_MAX_CHARS ? LINE_ENTERED : LINE_REFUSED;
}

static enum line_event control_key(struct line_edit *line, unsigned char key)
{
  switch (key) {
  case CTRL('A'):
    return move(line, 0);
  case CTRL('B'):
    return move(line, before(line, line->at));
  case CTRL('C'):
    return LINE_CANCELLED;
  case CTRL('D'):
    return line->len ? erase(line, line->at, after(line, line->at)) : LINE_CANCELLED;
  case CTRL('E'):
    return move(line, line->len);
  case CTRL('F'):
    return move(line, after(line, line->at));
  case CTRL('H'):
  case DELETE:
    return erase(line, before(line, line->at), line->at);
  case CTRL('I'):
    return insert(line, " ", 1);
  case CTRL('J'):
  case CTRL('M'):
    return enter(line);
  case CTRL('K'):
    return erase(line, line->at, line->len);
  case CTRL('U'):
    return erase(line, 0, line->at);
  case CTRL('W'):
    return erase(line, word_before(line), line->at);
  default:
    return LINE_SAME;
  }
}

/* Sequences that terminals send for a key, without their Esc. */
static enum line_event special_key(struct line_edit *line, const char *sequence)
{
  static const struct {
    const char *sequence;
    char key;
  } keys[] = {{"[D", 'B'},  {"OD", 'B'},  {"[C", 'F'}, {"OC", 'F'}, {"[H", 'A'},  {"OH", 'A'},
              {"[1~", 'A'}, {"[7~", 'A'}, {"[F", 'E'}, {"OF", 'E'}, {"[4~", 'E'}, {"[8~", 'E'}};
  if (!strcmp(sequence, "[3~"))
    return erase(line, line->at, after(line, line->at));
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (!strcmp(sequence, keys[i].sequence))
      return control_key(line, CTRL((unsigned char)keys[i].key));
  return LINE_SAME;
}

/* ECMA-48: Esc [, parameters, and a final byte; or Esc O and one byte.  Linux consoles send Esc [ [ and one byte. */
static int is_whole_key(const unsigned char *sequence, size_t len)
{
  if (len < 3)
    return len == 2 && sequence[1] != '[' && sequence[1] != 'O';
  if (len == 3 && sequence[1] == '[' && sequence[2] == '[')
    return 0;
  return sequence[1] == 'O' || (sequence[len - 1] >= 0x40 && sequence[len - 1] <= 0x7e);
}

/* The byte after an Esc.  A sequence that is longer than any key's is swallowed to its end. */
static enum line_event take_key(struct line_edit *line, unsigned char byte)
{
  char keys[LINE_SEQUENCE_MAX];
  if (byte == CTRL('C') || (byte == ESC && line->sequence_len == 1))
    return LINE_CANCELLED;
  if (line->sequence_len == LINE_SEQUENCE_MAX)
    line->sequence_len--;
  line->sequence[line->sequence_len++] = byte;
  if (!is_whole_key(line->sequence, line->sequence_len))
    return LINE_WAITS;
  size_t len = line->sequence_len - 1;
  memcpy(keys, line->sequence + 1, len);
  keys[len] = '\0';
  line->sequence_len = 0;
  return special_key(line, keys);
}

static size_t character_len(unsigned char first)
{
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/* A character of several bytes; what turns out to be none is dropped. */
static enum line_event take_character(struct line_edit *line, unsigned char byte)
{
  if (line->sequence_len && !continues((char)byte)) {
    line->sequence_len = 0;
    return line_edit_byte(line, byte);
  }
  line->sequence[line->sequence_len++] = byte;
  size_t len = character_len(line->sequence[0]);
  if (line->sequence_len < len)
    return LINE_WAITS;
  line->sequence_len = 0;
  if (text_count_chars((const char *)line->sequence, len) != 1)
    return LINE_SAME;
  return insert(line, (const char *)line->sequence, len);
}

enum line_event line_edit_byte(struct line_edit *line, unsigned char byte)
{
  if (line->sequence_len && line->sequence[0] == ESC)
    return take_key(line, byte);
  if (line->sequence_len || byte >= 0x80)
    return take_character(line, byte);
  if (byte == ESC) {
    line->sequence[line->sequence_len++] = byte;
    return LINE_WAITS;
  }
  if (byte < ' ' || byte == DELETE)
    return control_key(line, byte);
  return insert(line, (const char *)&byte, 1);
}

enum line_event line_edit_pause(struct line_edit *line)
{
  if (line->sequence_len != 1 || line->sequence[0] != ESC)
    return LINE_WAITS;
  line->sequence_len = 0;
  return LINE_CANCELLED;
}

/* Columns of the character at text[at]. */
static size_t width_at(const struct line_edit *line, size_t at)
{
  mbstate_t state = {0};
  wchar_t c;
  size_t len = mbrtowc(&c, line->text + at, line->len - at, &state);
  int width = len == 0 || len > line->len - at ? 1 : wcwidth(c);
  return width < 0 ? 1 : (size_t)width;
}

size_t line_edit_window(const struct line_edit *line, size_t columns, size_t *begin, size_t *end)
{
  size_t cursor = 0, used;
  *begin = line->at;
  while (*begin > 0) {
    size_t at = before(line, *begin);
    if (cursor + width_at(line, at) >= columns)
      break;
    cursor += width_at(line, at);
    *begin = at;
  }
  used = cursor;
  *end = line->at;
  while (*end < line->len && used + width_at(line, *end) < columns) {
    used += width_at(line, *end);
    *end = after(line, *end);
  }
  return cursor;
}
