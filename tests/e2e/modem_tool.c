/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A KISS modem at the command line, for tests: events go out as JSON lines, bursts come in as lines of hex digits.
 */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hw/modem.h"
#include "hw/modems.h"

#define LINE_MAX_LEN (2 * MODEM_BURST_MAX + 5)

static const char usage[] =
    "usage: modem_tool DEVICE [air=1200] [callsign=HH2AA] [to=RADIOD] [ax25=1] [baud=9600] [port=0] [txdelay=MS]\n"
    "                  [txtail=MS] [persist=0..255] [slottime=MS] [ptt=SPEC] [lead=MS] [tail=MS]\n"
    "       modem_tool alsa:...|ether:... [modes=DATAC0,DATAC3] [level=50] [ptt=none] [lead=MS] [tail=MS]\n";

struct settings {
  struct kiss_settings kiss;
  const char *modes;
  unsigned level_pct;
};

static int set_option(struct settings *all, char *option)
{
  struct kiss_settings *s = &all->kiss;
  char *value = strchr(option, '=');
  if (!value)
    return -EINVAL;
  *value++ = '\0';
  const struct {
    const char *name;
    int *number;
    unsigned *count;
    const char **text;
  } options[] = {
      {"air", NULL, &s->air_baud, NULL},
      {"callsign", NULL, NULL, &s->callsign},
      {"to", NULL, NULL, &s->path_to},
      {"ax25", &s->ax25, NULL, NULL},
      {"baud", NULL, &s->baud, NULL},
      {"port", NULL, &s->port, NULL},
      {"txdelay", &s->txdelay_ms, NULL, NULL},
      {"txtail", &s->txtail_ms, NULL, NULL},
      {"persist", &s->persistence, NULL, NULL},
      {"slottime", &s->slottime_ms, NULL, NULL},
      {"ptt", NULL, NULL, &s->ptt},
      {"lead", NULL, &s->lead_ms, NULL},
      {"tail", NULL, &s->tail_ms, NULL},
      {"modes", NULL, NULL, &all->modes},
      {"level", NULL, &all->level_pct, NULL},
  };
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    if (strcmp(options[i].name, option) != 0)
      continue;
    if (options[i].number)
      *options[i].number = atoi(value);
    if (options[i].count)
      *options[i].count = (unsigned)strtoul(value, NULL, 10);
    if (options[i].text)
      *options[i].text = value;
    return 0;
  }
  return -EINVAL;
}

static void print_text(const char *event, const char *text)
{
  printf("{\"event\":\"%s\",\"text\":\"", event);
  for (; *text; text++)
    printf(*text == '"' || *text == '\\' ? "\\%c" : isprint((unsigned char)*text) ? "%c" : "?", *text);
  printf("\"}\n");
}

static void print_frame(const struct modem_event *event)
{
  printf("{\"event\":\"frame\",\"mode\":%u,\"hex\":\"", event->mode);
  for (size_t i = 0; i < event->len; i++)
    printf("%02x", event->bytes[i]);
  printf("\"}\n");
}

static void print_event(const struct modem_event *event)
{
  switch (event->type) {
  case MODEM_EVENT_FRAME:
    print_frame(event);
    break;
  case MODEM_EVENT_CARRIER:
    printf("{\"event\":\"carrier\",\"busy\":%u}\n", event->busy);
    break;
  case MODEM_EVENT_SENT:
    printf("{\"event\":\"sent\",\"mode\":%u,\"keyed_us\":%u}\n", event->mode, event->keyed_us);
    break;
  case MODEM_EVENT_FAULT:
    print_text("fault", event->text);
    break;
  case MODEM_EVENT_READY:
    print_text("ready", event->text);
    break;
  }
}

/* Returns the number of bytes, or -EINVAL. */
static int parse_hex(uint8_t *out, const char *line)
{
  int len = 0;
  for (; *line; line += 2, len++) {
    unsigned byte;
    if (len == MODEM_BURST_MAX || !isxdigit((unsigned char)line[0]) || !isxdigit((unsigned char)line[1]) ||
        sscanf(line, "%2x", &byte) != 1)
      return -EINVAL;
    out[len] = (uint8_t)byte;
  }
  return len;
}

static void send_line(struct modem *modem, const char *line)
{
  uint8_t bytes[MODEM_BURST_MAX];
  const char *colon = strchr(line, ':');
  unsigned mode = colon ? (unsigned)strtoul(line, NULL, 10) : 0;
  int len = parse_hex(bytes, colon ? colon + 1 : line);
  int error = len < 0 ? len : modem_send(modem, mode, bytes, (size_t)len);
  if (error)
    print_text("refused", strerror(-error));
}

/* Takes what stdin has.  Returns 0 at its end or at a line "quit". */
static int read_lines(struct modem *modem, char *buf, size_t *used)
{
  ssize_t got = read(STDIN_FILENO, buf + *used, LINE_MAX_LEN - *used);
  if (got <= 0)
    return 0;
  *used += (size_t)got;
  char *end;
  while ((end = memchr(buf, '\n', *used))) {
    *end = '\0';
    if (strcmp(buf, "quit") == 0)
      return 0;
    send_line(modem, buf);
    *used -= (size_t)(end + 1 - buf);
    memmove(buf, end + 1, *used);
  }
  return *used < LINE_MAX_LEN;
}

static void run(struct modem *modem)
{
  struct modem_event event;
  char buf[LINE_MAX_LEN];
  size_t used = 0;
  for (int going = 1; going;) {
    struct pollfd ready[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = modem_fd(modem), .events = POLLIN}};
    if (poll(ready, 2, -1) < 0)
      return;
    if (ready[0].revents)
      going = read_lines(modem, buf, &used);
    while (modem_next_event(modem, &event))
      print_event(&event);
  }
}

/* Opens the kind of modem that the name of its device implies. */
static int open_modem(struct modem **out, const struct settings *settings, char *err, size_t err_len)
{
  const struct kiss_settings *kiss = &settings->kiss;
  if (strncmp(kiss->device, "alsa:", 5) != 0 && strncmp(kiss->device, "ether:", 6) != 0)
    return kiss_modem_open(out, kiss, err, err_len);
  const struct freedv_settings freedv = {.audio = kiss->device,
                                         .ptt = kiss->ptt ? kiss->ptt : "none",
                                         .modes = settings->modes,
                                         .lead_ms = kiss->lead_ms,
                                         .tail_ms = kiss->tail_ms,
                                         .level_pct = settings->level_pct};
  return freedv_modem_open(out, &freedv, err, err_len);
}

int main(int argc, char **argv)
{
  char err[MODEM_TEXT_MAX];
  struct settings settings = {
      .kiss = {.air_baud = 1200, .ax25 = 1, .txdelay_ms = -1, .txtail_ms = -1, .persistence = -1, .slottime_ms = -1},
      .level_pct = 50};
  if (argc < 2) {
    fputs(usage, stderr);
    return 2;
  }
  settings.kiss.device = argv[1];
  for (int i = 2; i < argc; i++)
    if (set_option(&settings, argv[i]) != 0) {
      fputs(usage, stderr);
      return 2;
    }
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct modem *modem;
  if (open_modem(&modem, &settings, err, sizeof err) != 0) {
    fprintf(stderr, "modem_tool: %s\n", err);
    return 1;
  }
  run(modem);
  modem_close(modem);
  return 0;
}
