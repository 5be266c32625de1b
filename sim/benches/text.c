/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the text code on the messages of a file, each alone: size in whole bytes, exactness, time.
 *
 *   bench-text FILE.tsv     text in the last column, language in the second of three; one JSON object comes out */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/text/codec.h"
#include "protocol/text/utf8.h"

#define LANGUAGES_MAX 16
#define LANGUAGE_LEN 15

struct sum {
  char name[LANGUAGE_LEN + 1];
  uint64_t messages, chars, raw_bytes, packed_bytes;
};

struct bench {
  struct sum all, language[LANGUAGES_MAX];
  size_t language_count;
  uint64_t failures;
  int64_t most_extra; /* bytes by which a message grew; negative: none did */
  double write_ms, write_most_ms, read_ms, read_most_ms;
};

/* Of this process: what else runs on the machine does not count. */
static double cpu_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Characters; bytes of what is not UTF-8 count as one each. */
static uint64_t count_chars(const char *text, size_t len)
{
  uint64_t chars = 0;
  for (size_t i = 0; i < len; chars++) {
    size_t step = utf8_decode(NULL, text + i, len - i);
    i += step ? step : 1;
  }
  return chars;
}

static void add(struct sum *sum, const char *text, size_t len, size_t packed_len)
{
  sum->messages++;
  sum->chars += count_chars(text, len);
  sum->raw_bytes += len;
  sum->packed_bytes += packed_len;
}

/* The sum of a language; NULL if there are too many. */
static struct sum *find_language(struct bench *bench, const char *name, size_t len)
{
  len = len < LANGUAGE_LEN ? len : LANGUAGE_LEN;
  for (size_t i = 0; i < bench->language_count; i++)
    if (strlen(bench->language[i].name) == len && !memcmp(bench->language[i].name, name, len))
      return &bench->language[i];
  if (bench->language_count == LANGUAGES_MAX)
    return NULL;
  struct sum *sum = &bench->language[bench->language_count++];
  memcpy(sum->name, name, len);
  return sum;
}

static void spend(double *total, double *most, double began_ms)
{
  double took = cpu_ms() - began_ms;
  *total += took;
  *most = took > *most ? took : *most;
}

static void measure(struct bench *bench, struct sum *language, const char *text, size_t len)
{
  uint8_t *packed = malloc(len + 1);
  char *back = malloc(len + 1);
  size_t back_len = 0;
  double began = cpu_ms();
  size_t packed_len = text_pack(packed, text, len);
  spend(&bench->write_ms, &bench->write_most_ms, began);
  began = cpu_ms();
  int err = text_unpack(back, len + 1, &back_len, packed, packed_len);
  spend(&bench->read_ms, &bench->read_most_ms, began);
  bench->failures += err || back_len != len || memcmp(back, text, len) != 0;
  int64_t extra = (int64_t)packed_len - (int64_t)len;
  bench->most_extra = extra > bench->most_extra ? extra : bench->most_extra;
  add(&bench->all, text, len, packed_len);
  if (language)
    add(language, text, len, packed_len);
  free(packed);
  free(back);
}

static void measure_line(struct bench *bench, const char *line, size_t len)
{
  const char *text = memrchr(line, '\t', len), *first = memchr(line, '\t', len);
  struct sum *language = NULL;
  if (first && text != first)
    language = find_language(bench, first + 1, strcspn(first + 1, "\t"));
  text = text ? text + 1 : line;
  if (text < line + len)
    measure(bench, language, text, len - (size_t)(text - line));
}

/* Length of a line without its end, whichever system wrote it. */
static size_t without_line_end(const char *line, size_t len)
{
  len -= line[len - 1] == '\n';
  return len - (len && line[len - 1] == '\r');
}

static json_t *sum_json(const struct sum *sum)
{
  double chars = sum->chars ? (double)sum->chars : 1;
  return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f}", "messages", (json_int_t)sum->messages, "chars",
                   (json_int_t)sum->chars, "raw_bytes", (json_int_t)sum->raw_bytes, "packed_bytes",
                   (json_int_t)sum->packed_bytes, "bits_per_char", (double)sum->packed_bytes * 8 / chars,
                   "raw_bits_per_char", (double)sum->raw_bytes * 8 / chars);
}

static void print(const struct bench *bench)
{
  json_t *json = sum_json(&bench->all), *languages = json_object();
  double messages = bench->all.messages ? (double)bench->all.messages : 1;
  for (size_t i = 0; i < bench->language_count; i++)
    json_object_set_new(languages, bench->language[i].name, sum_json(&bench->language[i]));
  json_object_set_new(json, "languages", languages);
  json_object_set_new(json, "roundtrip_failures", json_integer((json_int_t)bench->failures));
  json_object_set_new(json, "most_extra_bytes", json_integer((json_int_t)bench->most_extra));
  json_object_set_new(json, "encode_ms", json_real(bench->write_ms / messages));
  json_object_set_new(json, "encode_max_ms", json_real(bench->write_most_ms));
  json_object_set_new(json, "decode_ms", json_real(bench->read_ms / messages));
  json_object_set_new(json, "decode_max_ms", json_real(bench->read_most_ms));
  json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
  putchar('\n');
  json_decref(json);
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: bench-text FILE.tsv\n");
    return 2;
  }
  FILE *in = fopen(argv[1], "rb");
  if (!in) {
    fprintf(stderr, "bench-text: %s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  static struct bench bench = {.most_extra = INT64_MIN};
  char *line = NULL;
  size_t size = 0;
  for (ssize_t len; (len = getline(&line, &size, in)) > 0;)
    measure_line(&bench, line, without_line_end(line, (size_t)len));
  free(line);
  fclose(in);
  if (!bench.all.messages) {
    fprintf(stderr, "bench-text: %s: has no text in it\n", argv[1]);
    return 1;
  }
  print(&bench);
  return bench.failures ? 1 : 0;
}
