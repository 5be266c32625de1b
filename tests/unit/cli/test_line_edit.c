/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that a person writes: what each key does to it, and that no bytes can break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "radiod/cli/line_edit.h"

#define ROUNDS 200000
#define LEFT "\033[D"
#define RIGHT "\033[C"
#define HOME "\033[H"
#define END "\033[F"
#define DEL "\033[3~"
#define BACK "\177"

/* Types all bytes; returns what the last one did. */
static enum line_event type(struct line_edit *line, const char *keys)
{
  enum line_event event = LINE_SAME;
  for (; *keys; keys++)
    event = line_edit_byte(line, (unsigned char)*keys);
  return event;
}

static void check_typed(const char *keys, const char *text, size_t at)
{
  struct line_edit line;
  line_edit_init(&line);
  type(&line, keys);
  assert_string_equal(line.text, text);
  assert_int_equal(line.len, strlen(text));
  assert_int_equal(line.at, at);
}

static void characters_go_in_at_the_cursor(void **state)
{
  (void)state;
  check_typed("kamyon", "kamyon", 6);
  check_typed("kmyon" HOME RIGHT "a", "kamyon", 2);
  check_typed("a\tb", "a b", 3);
}

static void the_cursor_never_stands_within_a_character(void **state)
{
  (void)state;
  check_typed("èò" LEFT "x", "èxò", 3);
  check_typed("漢字" LEFT LEFT LEFT RIGHT "x", "漢x字", 4);
  check_typed("\xf0\x9f\x9a\x9a!" HOME RIGHT BACK, "!", 0);
}

static void keys_of_every_terminal_move_and_erase(void **state)
{
  static const char *const homes[] = {"\033[H", "\033OH", "\033[1~", "\033[7~", "\001"};
  static const char *const ends[] = {"\033[F", "\033OF", "\033[4~", "\033[8~", "\005"};
  char keys[32];
  (void)state;
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
    strcat(strcat(strcpy(keys, "ab"), homes[i]), "x");
    check_typed(keys, "xab", 1);
    strcat(strcat(keys, ends[i]), "y");
    check_typed(keys, "xaby", 4);
  }
  check_typed("ab\033OD\033OD\033OCx", "axb", 2);
  check_typed("abc" HOME DEL, "bc", 0);
  check_typed("abc" HOME "\004", "bc", 0);
  check_typed("abc\b", "ab", 2);
}

static void whole_parts_are_erased_at_once(void **state)
{
  (void)state;
  check_typed("avant après" LEFT LEFT LEFT LEFT LEFT "\013", "avant ", 6);
  check_typed("avant après" LEFT LEFT LEFT LEFT LEFT "\025", "après", 0);
  check_typed("wout la  bare\027", "wout la  ", 9);
  check_typed("wout la  bare\027\027", "wout ", 5);
  check_typed("mot\027\027", "", 0);
}

static void keys_without_effect_say_so(void **state)
{
  struct line_edit line;
  (void)state;
  line_edit_init(&line);
  assert_int_equal(type(&line, LEFT), LINE_SAME);
  assert_int_equal(type(&line, RIGHT), LINE_SAME);
  assert_int_equal(type(&line, BACK), LINE_SAME);
  assert_int_equal(type(&line, "\013"), LINE_SAME);
  assert_int_equal(type(&line, "a"), LINE_CHANGED);
  assert_int_equal(type(&line, LEFT), LINE_MOVED);
}

static void keys_that_mean_nothing_here_leave_no_trace(void **state)
{
  (void)state;
  check_typed("a\033[5~\033[15;2~\033OP\033x\033[[A\033[A\033[200~b\033[201~", "ab", 2);
  check_typed("a\033[123456789;123456789Rb", "ab", 2);
}

static void what_is_no_character_is_dropped(void **state)
{
  (void)state;
  check_typed("a\xff\xfe\x62", "ab", 2);
  check_typed("a\xc3x", "ax", 2);
  check_typed("a\xed\xa0\x80\xc0\xaf\xc2\x85x", "ax", 2);
  check_typed("a\x80\x80x", "ax", 2);
  check_typed("a\xe6\xbc\033[Dx", "xa", 1);
}

static void enter_sends_what_a_message_can_hold(void **state)
{
  struct line_edit line;
  (void)state;
  line_edit_init(&line);
  assert_int_equal(type(&line, "\r"), LINE_REFUSED);
  for (unsigned i = 0; i < TEXT_MAX_CHARS; i++)
    type(&line, "ò");
  assert_int_equal(type(&line, "\r"), LINE_ENTERED);
  assert_int_equal(type(&line, "\n"), LINE_ENTERED);
  type(&line, "x");
  assert_int_equal(line_edit_chars(&line), TEXT_MAX_CHARS + 1);
  assert_int_equal(type(&line, "\r"), LINE_REFUSED);
  type(&line, BACK);
  assert_int_equal(type(&line, "\r"), LINE_ENTERED);
}

static void a_full_line_takes_no_more_and_loses_nothing(void **state)
{
  struct line_edit line;
  (void)state;
  line_edit_init(&line);
  for (unsigned i = 0; i < LINE_MAX_BYTES - 1; i++)
    assert_int_equal(type(&line, "x"), LINE_CHANGED);
  assert_int_equal(type(&line, "é"), LINE_REFUSED);
  assert_int_equal(line.len, LINE_MAX_BYTES - 1);
  assert_int_equal(type(&line, "x"), LINE_CHANGED);
  assert_int_equal(type(&line, "x"), LINE_REFUSED);
  assert_int_equal(line.len, LINE_MAX_BYTES);
  assert_int_equal(type(&line, HOME "\013"), LINE_CHANGED);
  assert_int_equal(line.len, 0);
}

static void esc_cancels_only_when_it_begins_no_key(void **state)
{
  struct line_edit line;
  (void)state;
  line_edit_init(&line);
  type(&line, "ab");
  assert_int_equal(type(&line, "\033"), LINE_WAITS);
  assert_int_equal(type(&line, "[D"), LINE_MOVED);
  assert_int_equal(line_edit_pause(&line), LINE_WAITS);
  type(&line, "\033");
  assert_int_equal(line_edit_pause(&line), LINE_CANCELLED);
  assert_int_equal(type(&line, "\033\033"), LINE_CANCELLED);
}

static void ctrl_c_cancels_wherever_it_comes(void **state)
{
  static const char *const before[] = {"", "ab", "ab\033", "ab\033[", "ab\033[1", "ab\xc3"};
  (void)state;
  for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
    struct line_edit line;
    line_edit_init(&line);
    type(&line, before[i]);
    assert_int_equal(type(&line, "\003"), LINE_CANCELLED);
  }
}

static void ctrl_d_cancels_an_empty_line_only(void **state)
{
  struct line_edit line;
  (void)state;
  line_edit_init(&line);
  type(&line, "a");
  assert_int_equal(type(&line, "\004"), LINE_SAME);
  type(&line, BACK);
  assert_int_equal(type(&line, "\004"), LINE_CANCELLED);
}

static size_t window(struct line_edit *line, size_t columns, char *shown)
{
  size_t begin, end, cursor = line_edit_window(line, columns, &begin, &end);
  assert_true(cursor < columns && begin <= line->at && line->at <= end && end <= line->len);
  memcpy(shown, line->text + begin, end - begin);
  shown[end - begin] = '\0';
  return cursor;
}

static void the_window_follows_the_cursor(void **state)
{
  struct line_edit line;
  char shown[LINE_MAX_BYTES + 1];
  (void)state;
  line_edit_init(&line);
  type(&line, "abcdefghij");
  assert_int_equal(window(&line, 20, shown), 10);
  assert_string_equal(shown, "abcdefghij");
  assert_int_equal(window(&line, 5, shown), 4);
  assert_string_equal(shown, "ghij");
  type(&line, HOME RIGHT);
  assert_int_equal(window(&line, 5, shown), 1);
  assert_string_equal(shown, "abcd");
}

static void the_window_counts_columns_not_bytes(void **state)
{
  struct line_edit line;
  char shown[LINE_MAX_BYTES + 1];
  (void)state;
  line_edit_init(&line);
  type(&line, "éé漢字");
  assert_int_equal(window(&line, 7, shown), 6);
  assert_string_equal(shown, "éé漢字");
  assert_int_equal(window(&line, 4, shown), 2);
  assert_string_equal(shown, "字");
}

/* Whatever comes, the text stays text, and the cursor stands between characters of it. */
static void no_bytes_break_the_line(void **state)
{
  static const unsigned char likely[] = {0x1b, '[',  'D',  'C',  '3',  '~',  0x7f,
                                         0xc3, 0xa8, 0xe6, 0xbc, 0xa2, 0x15, 0x0b};
  unsigned seed = (unsigned)time(NULL);
  struct line_edit line;
  char shown[LINE_MAX_BYTES + 1];
  (void)state;
  print_message("seed %u\n", seed);
  srand(seed);
  line_edit_init(&line);
  for (unsigned i = 0; i < ROUNDS; i++) {
    int is_any = rand() % 2;
    line_edit_byte(&line, (unsigned char)(is_any ? rand() : likely[(size_t)rand() % sizeof likely]));
    if (rand() % 16 == 0)
      line_edit_pause(&line);
    assert_true(line.len <= LINE_MAX_BYTES && line.at <= line.len && line.sequence_len <= LINE_SEQUENCE_MAX);
    assert_int_equal(line.text[line.len], 0);
    assert_true(text_count_chars(line.text, line.at) >= 0);
    assert_true(text_count_chars(line.text + line.at, line.len - line.at) >= 0);
    window(&line, 2 + (size_t)rand() % 100, shown);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(characters_go_in_at_the_cursor),
      cmocka_unit_test(the_cursor_never_stands_within_a_character),
      cmocka_unit_test(keys_of_every_terminal_move_and_erase),
      cmocka_unit_test(whole_parts_are_erased_at_once),
      cmocka_unit_test(keys_without_effect_say_so),
      cmocka_unit_test(keys_that_mean_nothing_here_leave_no_trace),
      cmocka_unit_test(what_is_no_character_is_dropped),
      cmocka_unit_test(enter_sends_what_a_message_can_hold),
      cmocka_unit_test(a_full_line_takes_no_more_and_loses_nothing),
      cmocka_unit_test(esc_cancels_only_when_it_begins_no_key),
      cmocka_unit_test(ctrl_c_cancels_wherever_it_comes),
      cmocka_unit_test(ctrl_d_cancels_an_empty_line_only),
      cmocka_unit_test(the_window_follows_the_cursor),
      cmocka_unit_test(the_window_counts_columns_not_bytes),
      cmocka_unit_test(no_bytes_break_the_line),
  };
  setlocale(LC_CTYPE, "C.UTF-8");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
