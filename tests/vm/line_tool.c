/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PTT and input lines at the command line, for tests inside a virtual machine. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hw/lines.h"
#include "hw/ptt.h"

static const char usage[] = "usage: line_tool ptt SPEC             reads \"on\", \"off\", \"quit\"\n"
                            "       line_tool input CHIP LINE MS [low]  prints debounced changes\n";

static int run_ptt(const char *spec)
{
  char err[300], word[16];
  struct ptt *ptt;
  if (ptt_open(&ptt, spec, err, sizeof err) != 0) {
    printf("error %s\n", err);
    return 1;
  }
  printf("open\n");
  while (scanf("%15s", word) == 1 && strcmp(word, "quit") != 0)
    printf("%s %d\n", word, ptt_key(ptt, strcmp(word, "on") == 0));
  ptt_close(ptt);
  printf("closed\n");
  return 0;
}

static int run_input(const struct line_name *name, unsigned debounce_ms)
{
  char err[300];
  struct line_input *input;
  if (line_input_open(&input, name, debounce_ms, err, sizeof err) != 0) {
    printf("error %s\n", err);
    return 1;
  }
  printf("value %d\n", line_input_value(input));
  int changed = 0, value;
  while (changed >= 0) {
    struct pollfd ready = {.fd = line_input_fd(input), .events = POLLIN};
    if (poll(&ready, 1, -1) < 0)
      break;
    changed = line_input_read(input, &value);
    if (changed > 0)
      printf("change %d\n", value);
  }
  line_input_close(input);
  printf("gone %d\n", changed);
  return 0;
}

int main(int argc, char **argv)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 3 && strcmp(argv[1], "ptt") == 0)
    return run_ptt(argv[2]);
  if (argc >= 5 && strcmp(argv[1], "input") == 0) {
    struct line_name name = {.chip = argv[2], .line = argv[3], .is_active_low = argc > 5};
    return run_input(&name, (unsigned)strtoul(argv[4], NULL, 10));
  }
  fputs(usage, stderr);
  return 2;
}
