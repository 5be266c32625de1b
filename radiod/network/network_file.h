/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files of secrets: lines "NAME VALUE" under a first line that tells kind and version.  Only radiod/network
 * uses them. */
#ifndef RADIOD_NETWORK_FILE_H
#define RADIOD_NETWORK_FILE_H

#include <stddef.h>
#include <stdint.h>

enum network_field_kind {
  NETWORK_FIELD_NUMBER, /* uint32_t */
  NETWORK_FIELD_TEXT,   /* char[size] */
  NETWORK_FIELD_HEX,    /* uint8_t[size], all of it */
  NETWORK_FIELD_BLOB,   /* uint8_t[size], of which *len are used */
};

/* One line of the file and the variable behind it; all fields of a file are required, but for those that came with a
 * later version than the file's: these keep their value. */
struct network_field {
  const char *name;
  enum network_field_kind kind;
  void *at;
  size_t size;
  size_t *len;
  unsigned since; /* version that brought it; 0: the first */
};

#define NETWORK_FIELDS_MAX 16

/* What a file is: told in its first line, "KIND VERSION". */
struct network_format {
  const char *kind;   /* "radiod-key" */
  unsigned version;   /* the newest; older ones are read too */
  const char *remedy; /* what makes such a file: "radioctl network export" */
  size_t size_max;    /* bytes of the file */
};

/* Reads the file into the fields.  Refuses one that others may read or write (-EACCES), of another kind or damaged
 * (-EBADMSG), of an unknown version (-EPROTO).  Fields may hold some of the values after an error. */
int network_file_read(const char *path, const struct network_format *format, const struct network_field *fields,
                      size_t count, char *err, size_t err_len);

/* Writes the file whole or not at all, mode 0600.  -EEXIST if there is one and overwrite is zero. */
int network_file_write(const char *path, const struct network_format *format, const struct network_field *fields,
                       size_t count, int overwrite, char *err, size_t err_len);

/* Fills err and returns code. */
int network_fail(char *err, size_t err_len, int code, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
