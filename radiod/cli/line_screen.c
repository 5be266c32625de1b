/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal around a line that a person writes. */
#include "radiod/cli/line_screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "radiod/cli/output.h"

#define PROMPT "> "
#define PROMPT_COLUMNS 2
#define COLUMNS_UNKNOWN 80
#define COLUMNS_MIN 8
/* The bytes of one key come together: an Esc that stays alone is the key Esc. */
#define ESC_MS 50
#define ASK_AGAIN_MS 1000

struct screen {
  struct line_edit *line;
  line_note_fn *write_note;
  void *context;
  char note[LINE_NOTE_MAX];
  int is_stale;  /* the note is of an older text */
  int is_silent; /* the last note wants to be asked for again */
  struct termios found;
  sigset_t mask_found;
  int signal_fd;
};

static int make_raw(const struct screen *screen)
{
  struct termios raw = screen->found;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) ? -errno : 0;
}

/* What was typed ahead is dropped: the rest of a pasted text is no command for the shell. */
static void leave(const struct screen *screen)
{
  fputs("\r\033[J", stdout);
  fflush(stdout);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen->found);
}

/* Signals become readable, so that none comes between the terminal and its restoration. */
static int catch_signals(struct screen *screen)
{
  static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
  sigset_t mask;
  sigemptyset(&mask);
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
    sigaddset(&mask, caught[i]);
  if (sigprocmask(SIG_BLOCK, &mask, &screen->mask_found))
    return -errno;
  screen->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  return screen->signal_fd < 0 ? -errno : 0;
}

static void release_signals(const struct screen *screen)
{
  if (screen->signal_fd >= 0)
    close(screen->signal_fd);
  sigprocmask(SIG_SETMASK, &screen->mask_found, NULL);
}

static size_t columns_now(void)
{
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < COLUMNS_MIN)
    return COLUMNS_UNKNOWN;
  return size.ws_col;
}

static void draw(const struct screen *screen)
{
  size_t begin, end, columns = columns_now();
  size_t cursor = PROMPT_COLUMNS + line_edit_window(screen->line, columns - PROMPT_COLUMNS, &begin, &end);
  printf("\r\033[K" PROMPT "%.*s\r\n", (int)(end - begin), screen->line->text + begin);
  printf("\033[K%.*s\033[A\r\033[%zuC", (int)out_fitting(screen->note, columns - 1), screen->note, cursor);
  fflush(stdout);
}

static int key_waits(void)
{
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

static void ask(struct screen *screen)
{
  screen->is_stale = 0;
  screen->is_silent = screen->write_note(screen->context, screen->line, screen->note) == -EAGAIN;
  draw(screen);
}

/* Returns 1 while the writer goes on, else what line_screen_edit returns. */
static int take_event(struct screen *screen, enum line_event event)
{
  switch (event) {
  case LINE_ENTERED:
    return 0;
  case LINE_CANCELLED:
    return -ECANCELED;
  case LINE_REFUSED:
    putchar('\a');
    break;
  case LINE_CHANGED:
    screen->is_stale = 1;
    break;
  default:
    break;
  }
  return 1;
}

static int take_keys(struct screen *screen)
{
  unsigned char bytes[64];
  int result = 1;
  ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count < 0 && errno == EINTR)
    return 1;
  if (count <= 0)
    return -ECANCELED;
  for (ssize_t i = 0; i < count && result == 1; i++)
    result = take_event(screen, line_edit_byte(screen->line, bytes[i]));
  return result;
}

/* Ends the program by the signal, as if it had come now. */
static void die(const struct screen *screen, int number)
{
  leave(screen);
  sigprocmask(SIG_SETMASK, &screen->mask_found, NULL);
  raise(number);
}

static int take_signal(struct screen *screen)
{
  struct signalfd_siginfo info;
  if (read(screen->signal_fd, &info, sizeof info) != sizeof info)
    return 1;
  switch (info.ssi_signo) {
  case SIGWINCH:
    break;
  case SIGTSTP:
    leave(screen);
    raise(SIGSTOP);
    return make_raw(screen) ? -ECANCELED : 1;
  case SIGCONT:
    return make_raw(screen) ? -ECANCELED : 1;
  default:
    die(screen, (int)info.ssi_signo);
    return -ECANCELED;
  }
  return 1;
}

static int wait_ms(const struct screen *screen)
{
  if (screen->line->sequence_len)
    return ESC_MS;
  return screen->is_silent ? ASK_AGAIN_MS : -1;
}

/* One event.  Returns as take_event. */
static int step(struct screen *screen)
{
  struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = screen->signal_fd, .events = POLLIN}};
  int is_pause = 0, count = poll(fds, 2, wait_ms(screen)), result = 1;
  if (count < 0)
    return errno == EINTR ? 1 : -errno;
  if (fds[1].revents)
    result = take_signal(screen);
  else if (fds[0].revents)
    result = take_keys(screen);
  else
    is_pause = 1;
  if (is_pause && screen->line->sequence_len)
    return take_event(screen, line_edit_pause(screen->line));
  if (result != 1)
    return result;
  draw(screen);
  if ((is_pause || (screen->is_stale && !screen->is_silent)) && !key_waits())
    ask(screen);
  return 1;
}

static int run(struct screen *screen)
{
  int result = 1;
  ask(screen);
  while (result == 1)
    result = step(screen);
  return result;
}

int line_screen_edit(struct line_edit *line, line_note_fn *note, void *context)
{
  struct screen screen = {.line = line, .write_note = note, .context = context, .signal_fd = -1};
  if (tcgetattr(STDIN_FILENO, &screen.found))
    return -errno;
  int err = catch_signals(&screen);
  if (!err)
    err = make_raw(&screen);
  if (!err) {
    err = run(&screen);
    leave(&screen);
  }
  release_signals(&screen);
  return err;
}
