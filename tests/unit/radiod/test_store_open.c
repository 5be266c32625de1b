/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of opening the store: it is private, has one owner, and a file that cannot be trusted is left as it is. */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

#define FILE_MAX (1 << 20)
#define ERR_MAX 600

/* A store with 200 messages, closed. */
static void fill(struct scratch *scratch)
{
  static const uint16_t recipients[] = {PEER};
  struct store *store = sample_open(scratch);

  for (uint32_t i = 1; i <= 200; i++) {
    struct message message = sample_text(US, i, "Kay la plen dlo, nou bezwen kannot ak dra.");

    sample_send(store, &message, recipients, 1);
  }
  store_close(store);
}

static void refuse(struct scratch *scratch, int expected, const char *remedy)
{
  struct store *store = NULL;
  char err[ERR_MAX] = "", path[SCRATCH_PATH_MAX];

  snprintf(path, sizeof path, "%s", scratch_path(scratch, "radiod.db"));
  assert_int_equal(store_open(&store, path, err, sizeof err), expected);
  assert_null(store);
  if (strncmp(err, path, strlen(path)) != 0 || !strstr(err, remedy))
    fail_msg("neither \"%s\" nor \"%s\" in: %s", path, remedy, err);
}

/* Refused, and not one byte of the file changed. */
static void refuse_untouched(struct scratch *scratch, int expected, const char *remedy)
{
  uint8_t *before = malloc(FILE_MAX), *after = malloc(FILE_MAX);

  assert_true(before && after);
  size_t len = scratch_read(scratch_path(scratch, "radiod.db"), before, FILE_MAX);
  refuse(scratch, expected, remedy);
  assert_int_equal(scratch_read(scratch_path(scratch, "radiod.db"), after, FILE_MAX), len);
  assert_memory_equal(before, after, len);
  free(before);
  free(after);
}

static void sql(struct scratch *scratch, const char *text)
{
  sqlite3 *db;

  assert_int_equal(sqlite3_open(scratch_path(scratch, "radiod.db"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t sql_int(struct scratch *scratch, const char *text)
{
  sqlite3_stmt *statement;
  sqlite3 *db;

  assert_int_equal(sqlite3_open(scratch_path(scratch, "radiod.db"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  int64_t value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

static void store_is_private(void **state)
{
  static const char *const names[] = {"radiod.db", "radiod.db-wal", "radiod.db-shm", "radiod.db.lock"};
  mode_t old = umask(0);
  struct store *store = sample_open(*state);
  struct message message = sample_text(PEER, 1, "x");
  struct stat info;

  sample_receive(store, &message);
  umask(old);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(stat(scratch_path(*state, names[i]), &info), 0);
    assert_int_equal(info.st_mode & 077, 0);
  }
  store_close(store);
}

static void second_opener_is_refused(void **state)
{
  struct store *store = sample_open(*state);

  refuse(*state, -EBUSY, "another radiod");
  store = sample_reopen(*state, store); /* free again at once */
  store_close(store);
}

static void backup_may_read_a_running_store(void **state)
{
  struct store *store = sample_open(*state);
  struct message message = sample_text(PEER, 1, "x");

  sample_receive(store, &message);
  assert_int_equal(sql_int(*state, "SELECT count(*) FROM message"), 1);
  store_close(store);
}

static void busy_store_is_told_and_nothing_lost(void **state)
{
  static const uint16_t recipients[] = {PEER};
  struct store *store = sample_open(*state);
  struct node_store node = store_node(store);
  struct message message = sample_text(US, 1, "x");
  sqlite3 *db;

  assert_int_equal(sqlite3_open(scratch_path(*state, "radiod.db"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(node.commit_outgoing(node.context, &message, recipients, 1), -EBUSY);
  assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(node.commit_outgoing(node.context, &message, recipients, 1), 0);
  sqlite3_close(db);
  store_close(store);
}

static void newer_schema_is_refused(void **state)
{
  fill(*state);
  sql(*state, "PRAGMA user_version = 99");
  refuse_untouched(*state, -EPROTO, "newer radiod");
}

static void foreign_database_is_refused(void **state)
{
  sql(*state, "CREATE TABLE music (title TEXT)");
  refuse_untouched(*state, -EBADMSG, "Move it");
}

static void other_files_are_refused(void **state)
{
  char text[9000];

  memset(text, 'a', sizeof text);
  scratch_write(scratch_path(*state, "radiod.db"), text, sizeof text, 0600);
  refuse_untouched(*state, -EBADMSG, ".recover");
  scratch_write(scratch_path(*state, "radiod.db"), text, 10, 0600);
  refuse_untouched(*state, -EBADMSG, ".recover");
}

static void missing_folder_is_named(void **state)
{
  struct store *store = NULL;
  char err[ERR_MAX] = "", path[SCRATCH_PATH_MAX];

  snprintf(path, sizeof path, "%s/no/radiod.db", ((struct scratch *)*state)->folder);
  assert_int_equal(store_open(&store, path, err, sizeof err), -ENOENT);
  assert_non_null(strstr(err, "make the folder"));
}

static void damage(struct scratch *scratch, long at, const void *bytes, size_t len)
{
  FILE *file = fopen(scratch_path(scratch, "radiod.db"), "r+");

  assert_non_null(file);
  assert_int_equal(fseek(file, at, SEEK_SET), 0);
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

static void overwritten_page_is_found(void **state)
{
  uint8_t garbage[4096];
  struct stat info;

  fill(*state);
  memset(garbage, 0xa5, sizeof garbage);
  assert_int_equal(stat(scratch_path(*state, "radiod.db"), &info), 0);
  damage(*state, info.st_size / 8192 * 4096, garbage, sizeof garbage);
  refuse_untouched(*state, -EBADMSG, ".recover");
}

static void truncated_store_is_found(void **state)
{
  struct stat info;

  fill(*state);
  assert_int_equal(stat(scratch_path(*state, "radiod.db"), &info), 0);
  assert_int_equal(truncate(scratch_path(*state, "radiod.db"), info.st_size / 2), 0);
  refuse_untouched(*state, -EBADMSG, ".recover");
}

static int count_entry(void *context, const struct store_entry *entry)
{
  (void)entry;
  ++*(int *)context;
  return 0;
}

static int count_waiting(void *context, const struct message *message, uint16_t recipient, enum delivery_state state,
                         uint32_t attempts)
{
  (void)message;
  (void)recipient;
  (void)state;
  (void)attempts;
  ++*(int *)context;
  return 0;
}

/* Whatever a damaged store lets through must end in an error code, never in a crash. */
static void use_damaged(struct store *store)
{
  static const uint16_t recipients[] = {PEER, OTHER};
  struct store_filter filter = {.limit = 1000};
  struct message message = sample_text(US, 5000, "x"), in = sample_text(PEER, 5001, "y");
  struct reception reception = sample_reception(PEER, 1);
  struct node_store node = store_node(store);
  int count = 0;

  store_list(store, &filter, count_entry, &count);
  store_each_waiting(store, count_waiting, &count);
  node.commit_outgoing(node.context, &message, recipients, 2);
  node.commit_received(node.context, &in, &reception);
  store_add_event(store, NOW_MS, STORE_INFO, "test", "x");
}

static void random_damage_is_survived(void **state)
{
  char good[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX], err[ERR_MAX];
  uint8_t garbage[64];
  struct stat info;
  int refused = 0;

  fill(*state);
  snprintf(path, sizeof path, "%s", scratch_path(*state, "radiod.db"));
  snprintf(good, sizeof good, "%s", scratch_path(*state, "good.db"));
  scratch_copy(path, good, 0600);
  assert_int_equal(stat(path, &info), 0);
  uint64_t dice = chance_seed();
  for (int round = 0; round < 150; round++) {
    struct store *store = NULL;

    unlink(scratch_path(*state, "radiod.db-wal"));
    unlink(scratch_path(*state, "radiod.db-shm"));
    scratch_copy(good, path, 0600);
    for (size_t i = 0; i < sizeof garbage; i++)
      garbage[i] = (uint8_t)chance(&dice, 256);
    damage(*state, chance(&dice, (uint32_t)info.st_size - 64), garbage, 1 + chance(&dice, 64));
    int code = store_open(&store, path, err, sizeof err);
    if (!code)
      use_damaged(store);
    refused += code != 0;
    store_close(store);
  }
  print_message("%d of 150 damaged stores refused at open\n", refused);
}

static void damaged_row_does_not_hide_the_others(void **state)
{
  struct store_filter filter = {.limit = 1000};
  int count = 0, waiting = 0;

  fill(*state);
  sql(*state, "UPDATE message SET body = x'ffffff' WHERE id = 100");
  struct store *store = sample_open(*state);
  assert_int_equal(store_list(store, &filter, count_entry, &count), -EBADMSG);
  assert_int_equal(count, 199);
  assert_int_equal(store_each_waiting(store, count_waiting, &waiting), -EBADMSG);
  assert_int_equal(waiting, 199);
  store_close(store);
}

static void a_store_keeps_to_the_station_that_made_it(void **state)
{
  static const uint8_t network[STORE_NETWORK_ID_LEN] = "haiti-1", other[STORE_NETWORK_ID_LEN] = "haiti-2";
  struct scratch *scratch = *state;
  char err[ERR_MAX] = "";
  struct store *store = sample_open(scratch);
  assert_int_equal(store_claim(store, network, 7, err, sizeof err), 0);
  store_close(store);
  store = sample_open(scratch);
  assert_int_equal(store_claim(store, network, 7, err, sizeof err), 0);
  assert_int_equal(store_claim(store, network, 8, err, sizeof err), -EPERM);
  assert_non_null(strstr(err, "station 7 of this network"));
  assert_int_equal(store_claim(store, other, 7, err, sizeof err), -EPERM);
  assert_non_null(strstr(err, "another network"));
  store_close(store);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(store_is_private),
      CASE(second_opener_is_refused),
      CASE(a_store_keeps_to_the_station_that_made_it),
      CASE(backup_may_read_a_running_store),
      CASE(busy_store_is_told_and_nothing_lost),
      CASE(newer_schema_is_refused),
      CASE(foreign_database_is_refused),
      CASE(other_files_are_refused),
      CASE(missing_folder_is_named),
      CASE(overwritten_page_is_found),
      CASE(truncated_store_is_found),
      CASE(random_damage_is_survived),
      CASE(damaged_row_does_not_hide_the_others),
  };

  return cmocka_run_group_tests_name("store_open", tests, NULL, NULL);
}
