/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the test vectors and tables of PROTOCOL.md. */
#include "tests/unit/protocol/vector_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/protocol/cmocka_all.h"

#define OPENING "```vector"
#define CLOSING "```"

static char *read_whole(const char *path)
{
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  assert_int_equal(fseek(in, 0, SEEK_END), 0);
  long size = ftell(in);
  assert_true(size > 0);
  rewind(in);
  char *text = calloc(1, (size_t)size + 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, (size_t)size, in), size);
  fclose(in);
  return text;
}

static void add_line(struct vector *vector, char *line)
{
  char *equals = strstr(line, " = ");
  assert_non_null(equals);
  assert_true(vector->count < VECTOR_LINES_MAX);
  *equals = 0;
  vector->key[vector->count] = line;
  vector->value[vector->count++] = equals + 3;
}

struct vector_file *vector_file_read(const char *path)
{
  struct vector_file *file = calloc(1, sizeof *file);
  assert_non_null(file);
  file->text = read_whole(path);
  file->pristine = read_whole(path);
  struct vector *open = NULL;
  char *rest = file->text, *line;
  while ((line = strsep(&rest, "\n"))) {
    if (!open && !strcmp(line, OPENING)) {
      assert_true(file->count < VECTORS_MAX);
      open = &file->vector[file->count++];
    } else if (open && !strcmp(line, CLOSING)) {
      open = NULL;
    } else if (open) {
      add_line(open, line);
    } else {
      (void)sscanf(line, "There are %zu vectors.", &file->stated);
    }
  }
  assert_null(open);
  return file;
}

void vector_file_free(struct vector_file *file)
{
  free(file->text);
  free(file->pristine);
  free(file);
}

const char *vector_find(const struct vector *vector, const char *key)
{
  for (size_t i = 0; i < vector->count; i++)
    if (!strcmp(vector->key[i], key))
      return vector->value[i];
  return NULL;
}

const char *vector_get(const struct vector *vector, const char *key)
{
  const char *value = vector_find(vector, key);
  if (!value)
    fail_msg("vector \"%s\" lacks \"%s\"", vector_find(vector, "name"), key);
  return value;
}

uint32_t vector_number(const struct vector *vector, const char *key)
{
  char *end;
  const char *value = vector_get(vector, key);
  unsigned long number = strtoul(value, &end, 10);
  assert_true(isdigit((unsigned char)*value) && !*end && number <= UINT32_MAX);
  return (uint32_t)number;
}

size_t hex_read(const char *hex, size_t digits, uint8_t *out)
{
  assert_int_equal(digits % 2, 0);
  for (size_t i = 0; i < digits / 2; i++) {
    unsigned byte;
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
    out[i] = (uint8_t)byte;
  }
  return digits / 2;
}

size_t vector_hex(const struct vector *vector, const char *key, uint8_t out[VECTOR_BYTES_MAX])
{
  const char *hex = vector_get(vector, key);
  size_t digits = strlen(hex);
  assert_true(digits / 2 <= VECTOR_BYTES_MAX);
  assert_int_equal(strspn(hex, "0123456789abcdef"), digits);
  return hex_read(hex, digits, out);
}

void vector_expect(const struct vector *vector, const char *key, const uint8_t *bytes, size_t len)
{
  uint8_t expected[VECTOR_BYTES_MAX];
  size_t expected_len = vector_hex(vector, key, expected);
  if (len != expected_len || memcmp(bytes, expected, len)) {
    print_error("vector \"%s\", \"%s\" gives ", vector_get(vector, "name"), key);
    for (size_t i = 0; i < len; i++)
      print_error("%02x", bytes[i]);
    print_error("\n");
  }
  assert_int_equal(len, expected_len);
  assert_memory_equal(bytes, expected, len);
}
