/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the tables of PROTOCOL.md with those of the code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/wire/alert.h"
#include "protocol/wire/precedence.h"
#include "protocol/wire/status.h"
#include "tests/unit/protocol/cmocka_all.h"
#include "tests/unit/protocol/vector_file.h"

#define CELLS_MAX 8

static const char *document_path;

/* The next row of a table, cut into its cells; NULL after the last.  The cells live until the next call. */
static const char *next_row(const char *at, char *cell[CELLS_MAX])
{
  static char row[512], nothing[] = "";
  const char *end = strchr(at, '\n');
  if (*at != '|' || !end || (size_t)(end - at) >= sizeof row)
    return NULL;
  memcpy(row, at + 1, (size_t)(end - at) - 1);
  row[end - at - 1] = 0;
  char *rest = row;
  for (size_t i = 0; i < CELLS_MAX; i++) {
    cell[i] = rest ? strsep(&rest, "|") : nothing;
    cell[i] += strspn(cell[i], " ");
    for (size_t len = strlen(cell[i]); len > 0 && cell[i][len - 1] == ' '; len--)
      cell[i][len - 1] = 0;
  }
  return end + 1;
}

static const char *find_table(const struct vector_file *file, const char *heading)
{
  const char *at = strstr(file->pristine, heading);
  assert_non_null(at);
  at = strchr(at, '\n') + 1;   /* heading */
  return strchr(at, '\n') + 1; /* rule */
}

static void the_events_of_the_document_are_those_of_the_code(void **state)
{
  const char *at = find_table(*state, "| code | name | category |");
  char *cell[CELLS_MAX];
  unsigned event = 0;
  while ((at = next_row(at, cell))) {
    const struct alert_event_info *info = alert_event_info(event);
    assert_non_null(info);
    assert_int_equal(atoi(cell[0]), event++);
    assert_string_equal(cell[1], info->name);
    assert_string_equal(cell[2], alert_code_name(ALERT_LIST_CATEGORY, info->category));
    assert_string_equal(cell[3], precedence_name(info->precedence));
    assert_string_equal(cell[4], alert_code_name(ALERT_LIST_RESPONSE, info->response));
    assert_int_equal(atoi(cell[5]), info->expiry);
  }
  assert_int_equal(event, ALERT_EVENT_COUNT);
}

static void the_status_fields_of_the_document_are_those_of_the_code(void **state)
{
  const char *at = find_table(*state, "| group | bit | field |");
  char *cell[CELLS_MAX];
  unsigned field = 0, group = 0;
  while ((at = next_row(at, cell))) {
    assert_true(field < STATUS_FIELD_COUNT);
    const struct status_field_info *info = status_field_info(field++);
    if (*cell[0]) {
      assert_string_equal(cell[0], status_group_name(group));
      assert_int_equal(atoi(cell[1]), group++);
    }
    assert_int_equal(info->group, group - 1);
    assert_string_equal(cell[2], info->name);
    assert_int_equal(atoi(cell[3]), info->bits);
    assert_int_equal(*cell[5] == '-' ? -1 : atoi(cell[5]), info->unknown_code);
    assert_int_equal(!strcmp(cell[6], "yes"), info->top_is_more);
  }
  assert_int_equal(field, STATUS_FIELD_COUNT);
  assert_int_equal(group, STATUS_GROUP_COUNT);
}

static int read_document(void **state)
{
  *state = vector_file_read(document_path);
  return 0;
}

static int free_document(void **state)
{
  vector_file_free(*state);
  return 0;
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_events_of_the_document_are_those_of_the_code),
      cmocka_unit_test(the_status_fields_of_the_document_are_those_of_the_code),
  };
  if (argc != 2) {
    fprintf(stderr, "usage: test_document_tables PROTOCOL.md\n");
    return 2;
  }
  document_path = argv[1];
  return cmocka_run_group_tests(tests, read_document, free_document);
}
