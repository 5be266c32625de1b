/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `ether` as a demonstration starts it: options, signals, what it leaves behind. */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "hw/audio.h"

#define ARGUMENTS_MAX 16

struct place {
  char folder[40], socket_path[64], log_path[64];
};

static void place_make(struct place *place)
{
  strcpy(place->folder, "/tmp/ether-test-XXXXXX");
  assert_non_null(mkdtemp(place->folder));
  snprintf(place->socket_path, sizeof place->socket_path, "%s/socket", place->folder);
  snprintf(place->log_path, sizeof place->log_path, "%s/log", place->folder);
}

static void place_remove(const struct place *place)
{
  unlink(place->socket_path);
  unlink(place->log_path);
  assert_int_equal(rmdir(place->folder), 0);
}

/* Starts it with arguments up to NULL.  ready gets its ready pipe if it is not NULL. */
static pid_t start(const char *const *arguments, int *ready)
{
  int fds[2];
  char number[12];
  const char *argv[ARGUMENTS_MAX] = {ETHER_PROGRAM};
  size_t n = 1;
  assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (*arguments)
      argv[n++] = *arguments++;
    if (ready) {
      int fd = dup(fds[1]);
      snprintf(number, sizeof number, "%d", fd);
      argv[n++] = "--ready-fd";
      argv[n++] = number;
    }
    execv(ETHER_PROGRAM, (char *const *)argv);
    _exit(127);
  }
  close(fds[1]);
  if (ready)
    *ready = fds[0];
  else
    close(fds[0]);
  return child;
}

static void wait_ready(int fd)
{
  char line[8];
  assert_int_equal(read(fd, line, sizeof line), 6);
  close(fd);
}

static int wait_exit(pid_t child)
{
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run(const char *const *arguments)
{
  return wait_exit(start(arguments, NULL));
}

static void wrong_options_are_refused(void **state)
{
  (void)state;
  const char *const wrong[][5] = {
      {NULL},
      {"--socket", "", NULL},
      {"--socket", "/nonexistent/socket", NULL},
      {"--socket", "/tmp/x", "--snr", "loud", NULL},
      {"--socket", "/tmp/x", "--snr", "nan", NULL},
      {"--socket", "/tmp/x", "--seed", "-1", NULL},
      {"--socket", "/tmp/x", "--att", "A:B", NULL},
      {"--socket", "/tmp/x", "--att", "A:B:C", NULL},
      {"--socket", "/tmp/x", "--att", "A::3", NULL},
      {"--socket", "/tmp/x", "--ready-fd", "-3", NULL},
      {"--socket", "/tmp/x", "--log", "/nonexistent/log", NULL},
      {"--socket", "/tmp/x", "extra", NULL},
      {"--nonsense", NULL},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(run(wrong[i]), EXIT_FAILURE);
}

static void sigterm_ends_it_and_removes_the_socket(void **state)
{
  (void)state;
  struct place place;
  int ready;
  place_make(&place);
  const char *const arguments[] = {"--socket", place.socket_path, "--snr", "5", "--att", "A:B:60", NULL};
  pid_t child = start(arguments, &ready);
  wait_ready(ready);
  assert_int_equal(access(place.socket_path, F_OK), 0);
  assert_int_equal(run(arguments), EXIT_FAILURE); /* a second one on the same socket */
  assert_int_equal(access(place.socket_path, F_OK), 0);
  kill(child, SIGTERM);
  assert_int_equal(wait_exit(child), EXIT_SUCCESS);
  assert_int_not_equal(access(place.socket_path, F_OK), 0);
  place_remove(&place);
}

/* Plays 300 samples as station A and waits until they have been on the air. */
static void play(const struct place *place)
{
  struct audio *audio;
  char spec[100], err[200];
  int16_t samples[300] = {0};
  int64_t deadline_ms = clock_ms() + 20000;
  snprintf(spec, sizeof spec, "ether:%s:A", place->socket_path);
  assert_int_equal(audio_open(&audio, spec, err, sizeof err), 0);
  assert_int_equal(audio_write(audio, samples, 300), 0);
  assert_int_equal(audio_pending(audio) > 0, 1);
  while (audio_pending(audio) > 0) {
    assert_true(clock_ms() < deadline_ms);
    assert_true(audio_read(audio, samples, 160, 100) >= 0);
  }
  audio_close(audio);
}

static void killed_ether_is_replaced_and_logs_key_downs(void **state)
{
  (void)state;
  struct place place;
  int ready;
  char log[400] = "";
  place_make(&place);
  const char *const arguments[] = {"--socket", place.socket_path, "--log", place.log_path, NULL};
  pid_t child = start(arguments, &ready);
  wait_ready(ready);
  kill(child, SIGKILL);
  assert_int_equal(wait_exit(child), -SIGKILL);
  assert_int_equal(access(place.socket_path, F_OK), 0); /* left behind */
  child = start(arguments, &ready);
  wait_ready(ready);
  play(&place);
  kill(child, SIGTERM);
  assert_int_equal(wait_exit(child), EXIT_SUCCESS);
  int fd = open(place.log_path, O_RDONLY | O_CLOEXEC);
  assert_true(read(fd, log, sizeof log - 1) > 0);
  close(fd);
  assert_non_null(strstr(log, "\"station\":\"A\",\"event\":\"key\",\"samples\":0,\"collision\":false}\n"));
  assert_non_null(strstr(log, "\"station\":\"A\",\"event\":\"unkey\",\"samples\":300,\"collision\":false}\n"));
  place_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_options_are_refused),
      cmocka_unit_test(sigterm_ends_it_and_removes_the_socket),
      cmocka_unit_test(killed_ether_is_replaced_and_logs_key_downs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
