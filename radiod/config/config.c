/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the configuration file for the daemon and radioctl, and tells a technician in one line what to correct. */
#include "radiod/config/config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol/wire/text.h"
#include "radiod/config/config_parse.h"

#define WHY_MAX 200
#define SHOWN_MAX 60 /* bytes of a wrong value that are repeated */

static const char station_section[] = "station";
static const char channel_prefix[] = "channel ";

void config_mistake(struct config_parse *parse, int line, const char *format, ...)
{
  char text[2 * CONFIG_ERROR_MAX];
  size_t room = parse->error_len - parse->error_used;
  va_list args;

  if (!parse->code)
    parse->code = -EINVAL;
  int head = snprintf(text, sizeof text, "%s%s:%d: ", parse->error_used ? "\n" : "", parse->path, line);
  if (head < 0 || (size_t)head >= sizeof text)
    return;
  va_start(args, format);
  vsnprintf(text + head, sizeof text - (size_t)head, format, args);
  va_end(args);
  /* A later mistake that does not fit whole waits for the next run; the first is told as far as possible. */
  if (parse->error_used && strlen(text) >= room)
    return;
  if (room == 0)
    return;
  snprintf(parse->error + parse->error_used, room, "%s", text);
  parse->error_used += strlen(parse->error + parse->error_used);
}

/* Bytes of value to show: cut between characters. */
static int shown(const char *value)
{
  size_t len = strlen(value);

  if (len <= SHOWN_MAX)
    return (int)len;
  len = SHOWN_MAX;
  while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
    len--;
  return (int)len;
}

void config_mistake_key(struct config_parse *parse, int line, const struct config_key *key, const char *value,
                        const char *why)
{
  config_mistake(parse, line, "%s = %.*s: %s; write e.g. \"%s = %s\"", key->name, shown(value), value, why, key->name,
                 key->example);
}

static struct config_channel *last_channel(struct config_parse *parse)
{
  return &parse->config.channel[parse->config.channel_count - 1];
}

static void begin_channel(struct config_parse *parse, const char *name)
{
  struct config *config = &parse->config;
  size_t len = strlen(name);

  parse->place = CONFIG_PLACE_SKIP;
  if (len == 0 || len >= CONFIG_NAME_MAX) {
    config_mistake(parse, parse->line, "[channel %.*s]: a channel's name has 1 to %d bytes; write e.g. [channel hf1]",
                   shown(name), name, CONFIG_NAME_MAX - 1);
    return;
  }
  for (size_t i = 0; i < config->channel_count; i++) {
    if (strcmp(config->channel[i].name, name) == 0) {
      config_mistake(parse, parse->line, "[channel %s]: the name is taken by line %d; choose another", name,
                     config->channel[i].line);
      return;
    }
  }
  if (config->channel_count == CONFIG_CHANNELS_MAX) {
    config_mistake(parse, parse->line, "[channel %s]: more than %d channels; remove one", name, CONFIG_CHANNELS_MAX);
    return;
  }
  config->channel_count++;
  struct config_channel *channel = last_channel(parse);
  memset(channel, 0, sizeof *channel);
  memcpy(channel->name, name, len + 1);
  channel->line = parse->line;
  config_key_presets(CONFIG_SECTION_CHANNEL, channel);
  parse->place = CONFIG_PLACE_CHANNEL;
}

static void begin_station(struct config_parse *parse)
{
  parse->place = CONFIG_PLACE_STATION;
  if (!parse->station_line) {
    parse->station_line = parse->line;
    return;
  }
  parse->place = CONFIG_PLACE_SKIP;
  config_mistake(parse, parse->line, "[station]: the section began in line %d already; join the two",
                 parse->station_line);
}

/* inih tells of sections only through their keys; empty and repeated ones must be seen too. */
static void begin_section(struct config_parse *parse, char *line)
{
  char *name = line + 1 + strspn(line + 1, " \t");
  char *end = strchr(name, ']');
  size_t prefix = sizeof channel_prefix - 1;

  parse->place = CONFIG_PLACE_SKIP;
  if (!end) {
    config_mistake(parse, parse->line, "%.*s: the closing ] is missing; write e.g. [channel hf1]", shown(line), line);
    line[0] = '\0';
    return;
  }
  const char *rest = end + 1 + strspn(end + 1, " \t");
  if (*rest && *rest != ';' && *rest != '#') {
    config_mistake(parse, parse->line, "%.*s: text after the section's name; put it on a line of its own",
                   shown(rest), rest);
    line[0] = '\0';
    return;
  }
  *end = '\0';
  for (char *last = end; last > name && strchr(" \t", last[-1]);)
    *--last = '\0';
  if (strcmp(name, station_section) == 0)
    begin_station(parse);
  else if (strncmp(name, channel_prefix, prefix) == 0)
    begin_channel(parse, name + prefix + strspn(name + prefix, " \t"));
  else
    config_mistake(parse, parse->line, "[%.*s]: no such section; write [station] or e.g. [channel hf1]", shown(name),
                   name);
  line[0] = '\0';
}

static void check_pending(struct config_parse *parse)
{
  if (parse->pending_line)
    config_mistake(parse, parse->pending_line, "neither [SECTION] nor KEY = VALUE; begin a remark with #");
  parse->pending_line = 0;
}

/* Reads a line's bytes.  Returns their number, -1 at the end of the file; size when they are too many. */
static int read_bytes(FILE *file, char *line, int size)
{
  int len = 0, c;

  while ((c = getc(file)) != EOF && c != '\n') {
    if (len < size - 1)
      line[len] = (char)c;
    if (len < size)
      len++;
  }
  if (c == EOF && len == 0)
    return -1;
  line[len < size ? len : size - 1] = '\0';
  return len;
}

/* Removes the line's end, a byte order mark and what stands before the first letter: to inih, an indented line would
 * go on with the value above it. */
static void trim(struct config_parse *parse, char *line)
{
  static const char bom[] = "\xef\xbb\xbf";
  const char *start = line;
  size_t len = strlen(line);

  while (len > 0 && strchr(" \t\r", line[len - 1]))
    line[--len] = '\0';
  if (parse->line == 1 && strncmp(start, bom, 3) == 0)
    start += 3;
  start += strspn(start, " \t");
  memmove(line, start, strlen(start) + 1);
}

/* inih's reader: hands over only lines that are fit to parse. */
static char *next_line(char *line, int size, void *stream)
{
  struct config_parse *parse = stream;

  check_pending(parse);
  int len = read_bytes(parse->file, line, size - 2);
  if (len < 0)
    return NULL;
  parse->line++;
  if (len == size - 2) {
    config_mistake(parse, parse->line, "the line is longer than %d bytes; shorten it", size - 3);
    line[0] = '\0';
    return line;
  }
  size_t text_len = strlen(line);
  int binary = text_len != (size_t)len;
  trim(parse, line);
  if (binary || text_count_chars(line, strlen(line)) < 0) {
    config_mistake(parse, parse->line, "the line is not UTF-8 text; write it again with a text editor");
    line[0] = '\0';
  } else if (line[0] == '[') {
    begin_section(parse, line);
  } else if (line[0] && line[0] != '#' && line[0] != ';') {
    parse->pending_line = parse->line;
  }
  return line;
}

static void complete_path(struct config_parse *parse, const struct config_key *key, void *base, const char *value)
{
  char *member = (char *)base + key->offset;

  if (value[0] == '/' || strncmp(value, "tcp:", 4) == 0)
    return;
  int len = snprintf(member, key->size, "%s%s", parse->folder, value);
  if (len < 0 || (size_t)len >= key->size)
    config_mistake_key(parse, parse->line, key, value, "is too long with the folder of this file");
}

static void unknown_key(struct config_parse *parse, enum config_section section, const char *name, const char *value)
{
  const struct config_key *nearest = config_key_nearest(section, name);

  if (nearest)
    config_mistake(parse, parse->line, "%s = %.*s: no such setting; did you mean \"%s = %s\"?", name, shown(value),
                   value, nearest->name, nearest->example);
  else
    config_mistake(parse, parse->line, "%.*s = %.*s: no such setting here; remove the line", shown(name), name,
                   shown(value), value);
}

static void take_key(struct config_parse *parse, enum config_section section, void *base, int *key_line,
                     const char *name, const char *value)
{
  const struct config_key *key = config_key_find(section, name);
  char why[WHY_MAX];

  if (!key) {
    unknown_key(parse, section, name, value);
    return;
  }
  int *seen = &key_line[config_key_index(key)];
  if (*seen) {
    config_mistake(parse, parse->line, "%s = %.*s: was set in line %d already; remove one of the two", name,
                   shown(value), value, abs(*seen));
    return;
  }
  *seen = parse->line;
  if (config_key_set(key, base, value, why, sizeof why) < 0) {
    *seen = -parse->line;
    config_mistake_key(parse, parse->line, key, value, why);
  } else if (key->type == CONFIG_TYPE_PATH) {
    complete_path(parse, key, base, value);
  }
}

static int take_value(void *user, const char *section, const char *name, const char *value)
{
  struct config_parse *parse = user;

  (void)section; /* the reader keeps the place */
  parse->pending_line = 0;
  switch (parse->place) {
  case CONFIG_PLACE_STATION:
    take_key(parse, CONFIG_SECTION_STATION, &parse->config, parse->station_key_line, name, value);
    break;
  case CONFIG_PLACE_CHANNEL:
    take_key(parse, CONFIG_SECTION_CHANNEL, last_channel(parse), parse->key_line[parse->config.channel_count - 1],
             name, value);
    break;
  case CONFIG_PLACE_NONE:
    config_mistake(parse, parse->line, "%.*s = %.*s: stands before the first section; begin with [station]",
                   shown(name), name, shown(value), value);
    break;
  case CONFIG_PLACE_SKIP:
    break;
  }
  return 1;
}

static int open_file(struct config_parse *parse)
{
  struct stat info;
  const char *slash = strrchr(parse->path, '/');
  size_t folder_len = slash ? (size_t)(slash - parse->path) + 1 : 0;
  int code = 0;

  if (folder_len >= sizeof parse->folder)
    code = -ENAMETOOLONG;
  else if (stat(parse->path, &info) < 0)
    code = -errno;
  else if (!S_ISREG(info.st_mode))
    code = S_ISDIR(info.st_mode) ? -EISDIR : -EINVAL;
  else if (!(parse->file = fopen(parse->path, "re")))
    code = -errno;
  if (code) {
    snprintf(parse->error, parse->error_len, "%s: cannot read the configuration: %s; check the path and its rights",
             parse->path, strerror(-code));
    return code;
  }
  memcpy(parse->folder, parse->path, folder_len);
  parse->folder[folder_len] = '\0';
  return 0;
}

int config_read(struct config *out, const char *path, char *error, size_t error_len)
{
  struct config_parse parse = {.path = path, .error = error, .error_len = error_len};

  if (error_len)
    error[0] = '\0';
  int rc = open_file(&parse);
  if (rc < 0)
    return rc;
  config_key_presets(CONFIG_SECTION_STATION, &parse.config);
  rc = ini_parse_stream(next_line, &parse, take_value, &parse);
  if (rc == -2)
    parse.code = -ENOMEM;
  if (ferror(parse.file)) {
    parse.code = -EIO;
    snprintf(error, error_len, "%s: reading failed after line %d; check the disk", path, parse.line);
  }
  fclose(parse.file);
  if (parse.code != -EIO)
    config_check(&parse);
  if (!parse.code)
    *out = parse.config;
  return parse.code;
}
