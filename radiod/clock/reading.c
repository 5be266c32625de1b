/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the computer's clocks for the post's time scale. */
#include <fcntl.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "radiod/clock/clock.h"

static int64_t read_ms(clockid_t clock)
{
  struct timespec now;

  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void read_boot(char out[STORE_BOOT_MAX])
{
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t len = fd < 0 ? 0 : read(fd, out, STORE_BOOT_MAX - 1);

  if (fd >= 0)
    close(fd);
  out[len > 0 ? len : 0] = '\0';
  out[strcspn(out, "\n")] = '\0';
}

/* adjtimex(2): TIME_ERROR as long as nothing disciplines the clock; a kernel that does not tell is believed. */
static int is_synchronised(void)
{
  struct timex state = {.modes = 0};

  return adjtimex(&state) != TIME_ERROR;
}

void clock_read(struct clock_reading *out, enum config_clock policy)
{
  memset(out, 0, sizeof *out);
  read_boot(out->boot);
  out->boot_ms = read_ms(CLOCK_BOOTTIME);
  if (policy == CONFIG_CLOCK_NONE)
    return;
  out->wall_ms = read_ms(CLOCK_REALTIME);
  out->is_vouched = clock_is_plausible(out->wall_ms) && (policy == CONFIG_CLOCK_MANUAL || is_synchronised());
}
