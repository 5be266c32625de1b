/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes small files of secrets for the network folder and the posts' key files. */
#include "radiod/network/network_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int network_fail(char *err, size_t err_len, int code, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return code;
}

static int fail_errno(char *err, size_t err_len, const char *path, const char *what, const char *remedy)
{
  int code = errno ? -errno : -EIO;

  return network_fail(err, err_len, code, "%s: cannot %s: %s; %s", path, what, strerror(-code), remedy);
}

/* Opens a file that holds secrets; others must not have been able to read or change it. */
static int open_private(const char *path, const struct network_format *format, size_t *size, char *err,
                        size_t err_len)
{
  struct stat info;
  int code = 0;

  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return fail_errno(err, err_len, path, "open it", errno == ENOENT ? format->remedy : "run this as its owner");
  if (fstat(fd, &info) < 0)
    code = fail_errno(err, err_len, path, "read its mode", "check the disk");
  else if (!S_ISREG(info.st_mode))
    code = network_fail(err, err_len, -EINVAL, "%s: not a file; name the file itself", path);
  else if (info.st_mode & (S_IRWXG | S_IRWXO))
    code = network_fail(err, err_len, -EACCES,
                        "%s: others may open it (mode %04o), and it holds secret keys; run: chmod 600 %s", path,
                        (unsigned)(info.st_mode & 07777), path);
  else if (info.st_size < 1 || (size_t)info.st_size > format->size_max)
    code = network_fail(err, err_len, -EBADMSG, "%s: not a %s file (%lld bytes); %s", path, format->kind,
                        (long long)info.st_size, format->remedy);
  if (code) {
    close(fd);
    return code;
  }
  *size = (size_t)info.st_size;
  return fd;
}

static int read_all(int fd, char *bytes, size_t size)
{
  size_t used = 0;

  while (used < size) {
    ssize_t n = read(fd, bytes + used, size - used);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -errno;
    if (n == 0)
      break;
    used += (size_t)n;
  }
  bytes[used] = '\0';
  return memchr(bytes, '\0', used) ? -EBADMSG : 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
  while (size > 0) {
    ssize_t n = write(fd, bytes, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -errno;
    bytes += n;
    size -= (size_t)n;
  }
  return 0;
}

/* Takes one value.  Returns 0 or -EBADMSG. */
static int take_value(const struct network_field *field, const char *value)
{
  size_t len = strlen(value), used = 0;
  char *end;

  switch (field->kind) {
  case NETWORK_FIELD_NUMBER: {
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number > UINT32_MAX)
      return -EBADMSG;
    uint32_t stored = (uint32_t)number;
    memcpy(field->at, &stored, sizeof stored);
    return 0;
  }
  case NETWORK_FIELD_TEXT:
    if (len == 0 || len >= field->size)
      return -EBADMSG;
    memcpy(field->at, value, len + 1);
    return 0;
  case NETWORK_FIELD_HEX:
  case NETWORK_FIELD_BLOB:
    break;
  }
  if (sodium_hex2bin(field->at, field->size, value, len, NULL, &used, NULL) != 0)
    return -EBADMSG;
  if (field->kind == NETWORK_FIELD_BLOB)
    *field->len = used;
  return field->kind == NETWORK_FIELD_HEX && used != field->size ? -EBADMSG : 0;
}

/* Returns the file's version or a negative errno code. */
static int check_first_line(const char *path, const struct network_format *format, const char *line, char *err,
                            size_t err_len)
{
  size_t kind_len = strlen(format->kind);
  char *end;

  if (strncmp(line, format->kind, kind_len) != 0 || line[kind_len] != ' ')
    return network_fail(err, err_len, -EBADMSG, "%s: not a %s file; %s", path, format->kind, format->remedy);
  const char *digits = line + kind_len + 1;
  unsigned long version = strtoul(digits, &end, 10);
  if (end == digits || *end)
    return network_fail(err, err_len, -EBADMSG, "%s:1: the version of the file is unreadable; %s", path,
                        format->remedy);
  if (version < 1 || version > format->version)
    return network_fail(err, err_len, -EPROTO,
                        "%s: written in version %lu of its format, and this program knows version %u; "
                        "install the radiod that wrote it, or a newer one",
                        path, version, format->version);
  return (int)version;
}

static int take_line(const char *path, int number, char *line, const struct network_field *fields, size_t count,
                     int *seen, char *err, size_t err_len)
{
  char *value = strchr(line, ' ');

  if (value)
    *value++ = '\0';
  for (size_t i = 0; value && i < count; i++) {
    if (strcmp(fields[i].name, line) != 0)
      continue;
    if (seen[i]++ || take_value(&fields[i], value) < 0)
      return network_fail(err, err_len, -EBADMSG, "%s:%d: %s is wrong or there twice; restore the file from a copy",
                          path, number, fields[i].name);
    return 0;
  }
  return network_fail(err, err_len, -EBADMSG, "%s:%d: the line is damaged; restore the file from a copy", path,
                      number);
}

static int parse(const char *path, const struct network_format *format, char *bytes,
                 const struct network_field *fields, size_t count, char *err, size_t err_len)
{
  int seen[NETWORK_FIELDS_MAX] = {0};
  char *rest = bytes;

  int version = check_first_line(path, format, strsep(&rest, "\n"), err, err_len);
  int code = version < 0 ? version : 0;
  for (int number = 2; !code && rest && *rest; number++)
    code = take_line(path, number, strsep(&rest, "\n"), fields, count, seen, err, err_len);
  for (size_t i = 0; !code && i < count; i++)
    if (!seen[i] && fields[i].since <= (unsigned)version)
      code = network_fail(err, err_len, -EBADMSG, "%s: %s is missing, the file is cut short; restore it from a copy",
                          path, fields[i].name);
  return code;
}

int network_file_read(const char *path, const struct network_format *format, const struct network_field *fields,
                      size_t count, char *err, size_t err_len)
{
  size_t size = 0;

  int fd = open_private(path, format, &size, err, err_len);
  if (fd < 0)
    return fd;
  char *bytes = sodium_init() < 0 ? NULL : sodium_malloc(size + 1); /* sodium_free wipes */
  int code = bytes ? read_all(fd, bytes, size) : -ENOMEM;
  close(fd);
  if (code == -EBADMSG)
    network_fail(err, err_len, code, "%s: holds bytes that are no text; restore it from a copy", path);
  else if (code)
    network_fail(err, err_len, code, "%s: cannot read it: %s; check the disk", path, strerror(-code));
  else
    code = parse(path, format, bytes, fields, count, err, err_len);
  sodium_free(bytes);
  return code;
}

/* Bytes of a field's line at most. */
static size_t line_max(const struct network_field *field)
{
  return strlen(field->name) + 16 + 2 * field->size;
}

static size_t print_field(char *out, size_t size, const struct network_field *field)
{
  size_t used = (size_t)snprintf(out, size, "%s ", field->name);
  size_t len = field->kind == NETWORK_FIELD_BLOB ? *field->len : field->size;
  uint32_t number;

  switch (field->kind) {
  case NETWORK_FIELD_NUMBER:
    memcpy(&number, field->at, sizeof number);
    used += (size_t)snprintf(out + used, size - used, "%" PRIu32, number);
    break;
  case NETWORK_FIELD_TEXT:
    used += (size_t)snprintf(out + used, size - used, "%s", (const char *)field->at);
    break;
  case NETWORK_FIELD_HEX:
  case NETWORK_FIELD_BLOB:
    sodium_bin2hex(out + used, size - used, field->at, len);
    used += 2 * len;
    break;
  }
  out[used] = '\n';
  return used + 1;
}

/* Returns the file's text, to be freed with sodium_free, or NULL. */
static char *print_file(const struct network_format *format, const struct network_field *fields, size_t count,
                        size_t *len)
{
  size_t size = strlen(format->kind) + 16;

  for (size_t i = 0; i < count; i++)
    size += line_max(&fields[i]);
  char *text = sodium_malloc(size);
  if (!text)
    return NULL;
  *len = (size_t)snprintf(text, size, "%s %u\n", format->kind, format->version);
  for (size_t i = 0; i < count; i++)
    *len += print_field(text + *len, size - *len, &fields[i]);
  return text;
}

static int sync_folder(const char *path)
{
  char copy[PATH_MAX];

  snprintf(copy, sizeof copy, "%s", path);
  int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int code = fsync(fd) < 0 && errno != EINVAL ? -errno : 0; /* EINVAL: a file system without folder sync */
  close(fd);
  return code;
}

/* Gives the finished file its name.  Not every file system (FAT sticks, network shares) knows both ways not to
 * overwrite. */
static int give_name(const char *from, const char *path, int overwrite)
{
  if (overwrite)
    return rename(from, path) < 0 ? -errno : 0;
  if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -errno;
  if (link(from, path) < 0)
    return -errno;
  unlink(from);
  return 0;
}

static int write_temporary(int fd, const char *text, size_t len)
{
  int code = fchmod(fd, 0600) < 0 ? -errno : 0;

  if (!code)
    code = write_all(fd, text, len);
  if (!code && fsync(fd) < 0)
    code = -errno;
  if (close(fd) < 0 && !code)
    code = -errno;
  return code;
}

static int write_file(const char *path, const char *text, size_t len, int overwrite)
{
  char temporary[PATH_MAX];

  int written = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
  if (written < 0 || (size_t)written >= sizeof temporary)
    return -ENAMETOOLONG;
  int fd = mkostemp(temporary, O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int code = write_temporary(fd, text, len);
  if (!code)
    code = give_name(temporary, path, overwrite);
  if (code) {
    unlink(temporary);
    return code;
  }
  return sync_folder(path);
}

int network_file_write(const char *path, const struct network_format *format, const struct network_field *fields,
                       size_t count, int overwrite, char *err, size_t err_len)
{
  size_t len = 0;

  char *text = print_file(format, fields, count, &len);
  int code = text ? write_file(path, text, len, overwrite) : -ENOMEM;
  sodium_free(text);
  if (code == -EEXIST)
    network_fail(err, err_len, code, "%s: exists already and was not touched; name another file, or say --force",
                 path);
  else if (code)
    network_fail(err, err_len, code,
                 "%s: cannot write it: %s; check the folder, its rights and the space on the disk", path,
                 strerror(-code));
  return code;
}
