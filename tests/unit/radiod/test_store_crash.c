/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kills a writer at random moments and fills its disk: what was reported committed is there, whole and once. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/radiod/store_samples.h"

#define KILLS 60
#define REPORTS_MAX 400
#define RECEIPT_STEP 7 /* every so many messages a receipt comes in */

static const uint16_t both[] = {PEER, OTHER};

/* What the writer says after a commit returned. */
struct report {
  uint32_t counter;
  uint16_t origin;
  uint16_t state; /* of the delivery to PEER; own messages only */
};

static int report_to(int fd, uint16_t origin, uint32_t counter, enum delivery_state state)
{
  struct report report = {counter, origin, (uint16_t)state};

  return write(fd, &report, sizeof report) == sizeof report ? 0 : -EPIPE;
}

/* One of ours goes out, is sent, a message and now and then a receipt come in. */
static int write_round(struct node_store *node, uint32_t counter, int fd)
{
  struct message own = sample_text(US, counter, "nou la"), theirs = sample_status(PEER, counter, "24");
  struct reception reception = sample_reception(PEER, counter);

  int code = node->reserve_counters(node->context, counter + 1);
  if (!code)
    code = node->commit_outgoing(node->context, &own, both, 2);
  if (!code)
    code = report_to(fd, US, counter, DELIVERY_QUEUED);
  if (!code)
    code = node->commit_delivery(node->context, own.id, PEER, DELIVERY_SENT, 1, NOW_MS);
  if (!code)
    code = report_to(fd, US, counter, DELIVERY_SENT);
  if (!code)
    code = node->commit_received(node->context, &theirs, &reception);
  if (!code)
    code = report_to(fd, PEER, counter, 0);
  if (code || counter % RECEIPT_STEP)
    return code;
  struct message receipt = sample_receipt(OTHER, counter, RECEIPT_READ, counter, "");
  reception.from = OTHER;
  code = node->commit_received(node->context, &receipt, &reception);
  return code ? code : report_to(fd, OTHER, counter, 0);
}

/* Writes until killed. */
static void write_for_ever(const char *path, int fd)
{
  struct store *store;
  uint32_t counter;
  char err[400];

  if (store_open(&store, path, err, sizeof err) || store_first_counter(store, &counter))
    _exit(1);
  struct node_store node = store_node(store);
  while (write_round(&node, counter, fd) == 0)
    counter++;
  _exit(2);
}

static size_t take_reports(int fd, struct report *reports, size_t max)
{
  size_t bytes = 0;
  ssize_t n = 1;

  while (n > 0 && bytes < max * sizeof *reports) {
    n = read(fd, (char *)reports + bytes, max * sizeof *reports - bytes);
    assert_true(n >= 0);
    bytes += (size_t)n;
  }
  return bytes / sizeof *reports;
}

/* Lets a writer get so many reports out, and kills it in the middle of what it does next. */
static size_t run_and_kill(struct scratch *scratch, uint64_t *dice, struct report reports[REPORTS_MAX])
{
  int ends[2], status;
  char path[SCRATCH_PATH_MAX];

  snprintf(path, sizeof path, "%s", scratch_path(scratch, "radiod.db"));
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    close(ends[0]);
    write_for_ever(path, ends[1]);
  }
  close(ends[1]);
  size_t count = take_reports(ends[0], reports, chance(dice, 30));
  for (volatile uint32_t spin = chance(dice, 400000); spin > 0;)
    spin--;
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  count += take_reports(ends[0], reports + count, REPORTS_MAX - count);
  assert_true(count < REPORTS_MAX);
  close(ends[0]);
  return count;
}

static void check_report(struct store *store, const struct report *report)
{
  struct message_id id = {report->origin, report->counter};
  struct store_entry entry;

  assert_int_equal(store_get(store, id, &entry), 0);
  if (report->origin == US)
    assert_true(sample_delivery(store, id, PEER).state >= report->state);
  if (report->origin == OTHER)
    assert_int_equal(sample_delivery(store, (struct message_id){US, report->counter}, OTHER).state, DELIVERY_READ);
}

static int check_whole(void *context, const struct store_entry *entry)
{
  struct store *store = context;

  if (entry->outgoing) {
    sample_delivery(store, entry->message.id, PEER);
    sample_delivery(store, entry->message.id, OTHER);
  }
  return 0;
}

static void killed_writer_loses_nothing(void **state)
{
  struct report *reports = calloc(REPORTS_MAX, sizeof *reports);
  size_t total = 0;
  uint32_t top = 0;

  assert_non_null(reports);
  uint64_t dice = chance_seed();
  for (int round = 0; round < KILLS; round++) {
    size_t count = run_and_kill(*state, &dice, reports);
    struct store *store = sample_open(*state);
    const struct store_filter filter = {.kind = -1, .limit = 400};
    uint32_t first = 0;

    for (size_t i = 0; i < count; i++) {
      check_report(store, &reports[i]);
      top = reports[i].counter > top ? reports[i].counter : top;
    }
    assert_int_equal(store_list(store, &filter, check_whole, store), 0);
    assert_int_equal(store_first_counter(store, &first), 0);
    assert_true(first > top); /* no counter is given out twice */
    store_close(store);
    total += count;
  }
  print_message("%d kills, %zu commits reported, none lost\n", KILLS, total);
  free(reports);
}

/* Sends texts until the store refuses.  Returns the first counter that was refused; *code says why. */
static uint32_t send_until_refused(struct store *store, uint32_t counter, int *code)
{
  struct node_store node = store_node(store);
  char text[TEXT_MAX_CHARS + 1];

  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  for (;; counter++) {
    struct message message = sample_text(US, counter, text);

    *code = node.commit_outgoing(node.context, &message, both, 2);
    if (*code)
      return counter;
    assert_true(counter < 100000);
  }
}

/* Messages 1 to refused - 1 are there with both deliveries, nothing of the refused one is. */
static void check_up_to(struct store *store, uint32_t refused)
{
  struct store_entry entry;

  for (uint32_t counter = 1; counter < refused; counter++) {
    struct message_id id = {US, counter};

    assert_int_equal(store_get(store, id, &entry), 0);
    sample_delivery(store, id, PEER);
    sample_delivery(store, id, OTHER);
  }
  assert_int_equal(store_get(store, (struct message_id){US, refused}, &entry), -ENOENT);
}

/* A small file system in a name space of our own, which ends with this process whatever happens. */
static int mount_small(struct scratch *scratch)
{
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return -errno;
  return mount("radiod-test", scratch->folder, "tmpfs", 0, "size=800k,mode=0700") < 0 ? -errno : 0;
}

static int unmount_teardown(void **state)
{
  struct scratch *scratch = *state;

  umount2(scratch->folder, MNT_DETACH); /* fails when nothing could be mounted */
  return scratch_teardown(state);
}

static int add_events_until_refused(struct store *store)
{
  int code = 0;

  for (int i = 0; !code && i < 10000; i++)
    code = store_add_event(store, NOW_MS, STORE_ERROR, "store", "full");
  return code;
}

static void full_disk_refuses_and_loses_nothing(void **state)
{
  static uint8_t ballast[200000];
  struct scratch *scratch = *state;
  struct store *store;
  int code;

  if (mount_small(scratch) < 0) {
    print_message("no right to mount a small disk\n");
    skip();
  }
  scratch_write(scratch_path(scratch, "ballast"), ballast, sizeof ballast, 0600);
  store = sample_open(scratch);
  uint32_t refused = send_until_refused(store, 1, &code);
  assert_int_equal(code, -ENOSPC);
  assert_true(refused > 10);
  check_up_to(store, refused);
  assert_int_equal(add_events_until_refused(store), -ENOSPC);
  assert_int_equal(unlink(scratch_path(scratch, "ballast")), 0);
  uint32_t refused_later = send_until_refused(store, refused, &code); /* goes on without being opened again */
  assert_int_equal(code, -ENOSPC);
  assert_true(refused_later > refused);
  store = sample_reopen(scratch, store);
  check_up_to(store, refused_later);
  store_close(store);
}

static void no_room_for_a_new_store_is_told(void **state)
{
  static uint8_t ballast[790000];
  struct scratch *scratch = *state;
  struct store *store = NULL;
  char err[400] = "";

  if (mount_small(scratch) < 0)
    skip();
  scratch_write(scratch_path(scratch, "ballast"), ballast, sizeof ballast, 0600);
  assert_int_equal(store_open(&store, scratch_path(scratch, "radiod.db"), err, sizeof err), -ENOSPC);
  assert_non_null(strstr(err, "space"));
  assert_int_equal(unlink(scratch_path(scratch, "ballast")), 0);
  store = sample_open(scratch);
  store_close(store);
}

static void failing_writes_lose_nothing(void **state)
{
  struct store *store = sample_open(*state);
  struct rlimit old, small = {300000, RLIM_INFINITY};
  int code;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  small.rlim_max = old.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  uint32_t refused = send_until_refused(store, 1, &code);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  signal(SIGXFSZ, SIG_DFL);
  assert_true(code == -EIO || code == -ENOSPC);
  store = sample_reopen(*state, store);
  check_up_to(store, refused);
  store_close(store);
}

int main(void)
{
#define MOUNTED(name) cmocka_unit_test_setup_teardown(name, scratch_setup, unmount_teardown)
#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
  const struct CMUnitTest tests[] = {
      CASE(killed_writer_loses_nothing),
      MOUNTED(full_disk_refuses_and_loses_nothing),
      MOUNTED(no_room_for_a_new_store_is_told),
      CASE(failing_writes_lose_nothing),
  };

  return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
