/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON of the control API: what is read comes back the same, and what is wrong changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/wire/log8.h"
#include "radiod/api/json_message.h"
#include "radiod/api/json_phrase.h"
#include "radiod/api/json_read.h"
#include "radiod/api/json_status.h"

#define ROUNDS 20000

static struct directory directory;

static int make_directory(void **state)
{
  static const struct directory_entry entries[] = {
      {.number = 1,
       .role = STATION_ROLE_COORDINATOR,
       .sector = 3,
       .department = -1,
       .callsign = "PAP1",
       .name = "Capital"},
      {.number = 2, .role = STATION_ROLE_POST, .sector = 2, .department = 1, .callsign = "BLD1", .name = "Belladère"},
      {.number = 7,
       .role = STATION_ROLE_COORDINATOR,
       .sector = -1,
       .department = -1,
       .callsign = "CAP1",
       .name = "Cap"}};
  char why[80];
  *state = NULL;
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
    if (directory_add(&directory, &entries[i], why, sizeof why))
      return -1;
  return 0;
}

static int file_as(unsigned self, const char *text, struct api_filing *out, struct api_problem *problem)
{
  struct api_read_context context = {&directory, self, NULL};
  json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(body);
  int err = api_read_filing(out, body, &context, problem);
  json_decref(body);
  return err;
}

static void ids_are_read_strictly(void **state)
{
  static const char *const bad[] = {"",      "-",    "2",    "2-",           "-1",     "0-1",  "2-0",  "02-1", "2-01",
                                    "251-1", "2-1 ", " 2-1", "2-4294967296", "1280-1", "2--1", "2-1-", "+2-1"};
  struct message_id id = {9, 9};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(api_id_parse(bad[i], &id), -EINVAL);
  assert_int_equal(id.origin, 9);
  assert_int_equal(api_id_parse("250-4294967295", &id), 0);
  char text[API_ID_MAX];
  api_id_format(id, text);
  assert_string_equal(text, "250-4294967295");
  assert_int_equal(api_id_parse("1279-4294967295", &id), 0);
  api_id_format(id, text);
  assert_string_equal(text, "1279-4294967295");
}

static void the_low_half_of_a_counter_finds_the_nearest_earlier_one(void **state)
{
  (void)state;
  assert_int_equal(api_counter_before(0x20005, 0x0004), 0x20004);
  assert_int_equal(api_counter_before(0x20005, 0x0006), 0x10006);
  assert_int_equal(api_counter_before(5, 3), 3);
}

static void bytes_that_are_no_text_become_question_marks(void **state)
{
  static const char bytes[] = "a\xff\xc3\x28\x1b[31m\xed\xa0\x80é\n\0z";
  (void)state;
  json_t *string = api_json_string(bytes, sizeof bytes - 1);
  assert_non_null(string);
  assert_string_equal(json_string_value(string), "a?"
                                                 "?("
                                                 "?[31m?"
                                                 "?"
                                                 "?é\n?z");
  json_decref(string);
}

static void times_before_the_first_are_null(void **state)
{
  (void)state;
  json_t *none = api_json_time(0), *before = api_json_time(INT64_MIN), *far = api_json_time(INT64_MAX);
  assert_true(json_is_null(none) && json_is_null(before) && json_is_null(far));
  json_t *some = api_json_time(1500);
  assert_string_equal(json_string_value(some), "1970-01-01T00:00:01.500Z");
  json_decref(some);
}

/* Every code of every field survives the way to JSON and back. */
static void every_code_of_every_field_comes_back(void **state)
{
  (void)state;
  for (int field = 0; field < STATUS_FIELD_COUNT; field++) {
    const struct status_field_info *info = status_field_info((enum status_field)field);
    for (unsigned code = 0; code < 1u << info->bits; code++) {
      struct status_report report;
      struct api_problem problem;
      status_init(&report);
      if (info->type == STATUS_TYPE_CHOICE && (code > info->max_code || !info->names[code]))
        continue;
      if (code > info->max_code && (int)code != info->unknown_code)
        continue;
      json_t *value = api_json_field((enum status_field)field, (uint16_t)code);
      assert_int_equal(api_read_field(&report, (enum status_field)field, value, &problem), 0);
      assert_int_equal(report.value[field], code);
      json_decref(value);
    }
  }
}

static void a_refused_filing_leaves_everything_as_it_was(void **state)
{
  struct api_filing filing, before;
  struct api_problem problem;
  (void)state;
  memset(&filing, 0x5a, sizeof filing);
  before = filing;
  assert_int_equal(file_as(2, "{\"kind\":\"text\",\"to\":\"1\",\"text\":\"x\",\"y\":1}", &filing, &problem), -EINVAL);
  assert_string_equal(problem.code, "unknown_field");
  assert_non_null(strstr(problem.text, "y"));
  assert_memory_equal(&filing, &before, sizeof filing);
}

static void a_recipient_is_found_by_any_of_its_names(void **state)
{
  static const char *const names[] = {"1", "\"1\"", "\"pap1\"", "\"CAPITAL\"", NULL};
  (void)state;
  for (int i = 0; names[i]; i++) {
    struct api_filing filing;
    struct api_problem problem;
    char body[120];
    snprintf(body, sizeof body, "{\"kind\":\"text\",\"to\":%s,\"text\":\"x\"}", names[i]);
    assert_int_equal(file_as(2, body, &filing, &problem), 0);
    assert_int_equal(filing.message.dest, 1);
  }
}

static void a_call_for_help_needs_no_recipient(void **state)
{
  struct api_filing filing;
  struct api_problem problem;
  (void)state;
  assert_int_equal(file_as(2, "{\"kind\":\"alert\",\"event\":\"officer_distress\"}", &filing, &problem), 0);
  assert_int_equal(filing.message.dest, 1);
  assert_int_equal(filing.message.precedence, FLASH);
  assert_int_equal(file_as(1, "{\"kind\":\"alert\",\"event\":\"officer_distress\"}", &filing, &problem), 0);
  assert_int_equal(filing.message.dest, STATION_ALL);
}

static void expiry_takes_hours_then_days(void **state)
{
  static const struct {
    int hours, code;
  } cases[] = {{1, 0}, {24, 23}, {48, 24}, {744, 53}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct api_filing filing;
    struct api_problem problem;
    char body[120];
    snprintf(body, sizeof body, "{\"kind\":\"alert\",\"event\":\"flood\",\"expiry_h\":%d}", cases[i].hours);
    assert_int_equal(file_as(2, body, &filing, &problem), 0);
    assert_int_equal(filing.message.body.alert.expiry, cases[i].code);
    assert_int_equal(alert_expiry_minutes(filing.message.body.alert.expiry), cases[i].hours * 60);
  }
}

static const char *no_name(void *context, unsigned channel)
{
  (void)context;
  (void)channel;
  return NULL;
}

static int64_t same_time(void *context, int64_t node_ms)
{
  (void)context;
  return node_ms;
}

static const char *no_mode(void *context, unsigned channel, unsigned mode)
{
  (void)context;
  (void)channel;
  (void)mode;
  return NULL;
}

/* Reads of random text that begins like a report: whatever is accepted can be written again. */
static void whatever_is_accepted_can_be_shown(void **state)
{
  static const char *const parts[] = {
      "\"fields\":{\"battery\":%d}", "\"fields\":{\"persons_in\":%d}", "\"state\":\"open\"",
      "\"fields\":{\"wait\":%d}",    "\"restriction\":[\"freight\"]",  "\"text\":\"%d\"",
      "\"state\":\"restricted\"",    "\"fields\":{\"needs\":[]}",      "\"x\":%d"};
  struct api_names names = {.channel = no_name, .mode = no_mode, .unix_ms = same_time};
  unsigned seed = (unsigned)time(NULL), accepted = 0;
  (void)state;
  print_message("seed %u\n", seed);
  srand(seed);
  for (int round = 0; round < ROUNDS; round++) {
    char one[80], other[80], body[240];
    size_t first = (size_t)rand() % 9, second = (size_t)rand() % 9;
    struct store_entry entry = {.outgoing = round & 1, .row = 1};
    struct api_filing filing;
    struct api_problem problem;
    if (!strncmp(parts[first], parts[second], 6))
      continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(one, sizeof one, parts[first], rand() % 6000 - 500);
    snprintf(other, sizeof other, parts[second], rand() % 6000 - 500);
#pragma GCC diagnostic pop
    snprintf(body, sizeof body, "{\"kind\":\"status\",\"to\":1,%s,%s}", one, other);
    if (file_as(2, body, &filing, &problem))
      continue;
    accepted++;
    entry.message = filing.message;
    entry.message.id = (struct message_id){2, 1};
    json_t *shown = api_json_message(&entry, &directory, 2, &names);
    assert_non_null(shown);
    assert_non_null(json_object_get(json_object_get(shown, "status"), "fields"));
    json_decref(shown);
  }
  assert_true(accepted > 0);
}

static json_t *phrase_of(const char *bytes)
{
  struct text text;
  assert_int_equal(text_set(&text, bytes, strlen(bytes)), 0);
  return api_json_phrase(&text);
}

static const char *sentence_of(const json_t *phrase, const char *language)
{
  return json_string_value(json_object_get(json_object_get(phrase, "sentences"), language));
}

static void a_text_that_is_a_phrase_comes_with_it_in_all_languages(void **state)
{
  (void)state;
  json_t *phrase = phrase_of("Réunion à 08:00, Hinche."), *none = phrase_of("Réunion à 8:00, Hinche.");
  assert_true(json_is_null(none));
  assert_int_equal(json_integer_value(json_object_get(phrase, "number")), 478);
  assert_string_equal(json_string_value(json_object_get(phrase, "language")), "fr");
  assert_string_equal(sentence_of(phrase, "en"), "Meeting at 08:00, Hinche.");
  assert_string_equal(sentence_of(phrase, "fr"), "Réunion à 08:00, Hinche.");
  assert_string_equal(sentence_of(phrase, "es"), "Reunión a las 08:00, Hinche.");
  assert_string_equal(sentence_of(phrase, "ht"), "Reyinyon a 08:00, Hinche.");
  json_decref(phrase);
  json_decref(none);
}

static void a_narrowed_message_has_one_language_and_no_phrase_stays_none(void **state)
{
  (void)state;
  json_t *message = json_pack("{s:o}", "phrase", phrase_of("No."));
  api_phrase_narrow(message, PHRASE_HT);
  const json_t *phrase = json_object_get(message, "phrase");
  assert_int_equal(json_object_size(json_object_get(phrase, "sentences")), 1);
  assert_string_equal(sentence_of(phrase, "ht"), "Non.");
  json_object_set_new(message, "phrase", json_null());
  api_phrase_narrow(message, PHRASE_HT);
  assert_true(json_is_null(json_object_get(message, "phrase")));
  json_decref(message);
}

static size_t count_found(const char *words)
{
  json_t *reply = api_json_phrases(words, PHRASE_EN);
  size_t count = json_array_size(json_object_get(reply, "phrases"));
  json_decref(reply);
  return count;
}

static void every_word_must_begin_a_word_of_the_phrase(void **state)
{
  (void)state;
  assert_int_equal(count_found(NULL), phrase_count());
  assert_int_equal(count_found("  "), phrase_count());
  assert_int_equal(count_found("tsunami"), 1);
  assert_int_equal(count_found("TSUN mont"), 1);
  assert_int_equal(count_found("sunami"), 0);
  assert_int_equal(count_found("smugglings"), 0);
  assert_int_equal(count_found("tsunami xyzzy"), 0);
  assert_int_equal(count_found("\xc3"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_are_read_strictly),
      cmocka_unit_test(the_low_half_of_a_counter_finds_the_nearest_earlier_one),
      cmocka_unit_test(bytes_that_are_no_text_become_question_marks),
      cmocka_unit_test(times_before_the_first_are_null),
      cmocka_unit_test(every_code_of_every_field_comes_back),
      cmocka_unit_test(a_refused_filing_leaves_everything_as_it_was),
      cmocka_unit_test(a_recipient_is_found_by_any_of_its_names),
      cmocka_unit_test(a_call_for_help_needs_no_recipient),
      cmocka_unit_test(expiry_takes_hours_then_days),
      cmocka_unit_test(whatever_is_accepted_can_be_shown),
      cmocka_unit_test(a_text_that_is_a_phrase_comes_with_it_in_all_languages),
      cmocka_unit_test(a_narrowed_message_has_one_language_and_no_phrase_stays_none),
      cmocka_unit_test(every_word_must_begin_a_word_of_the_phrase),
  };
  return cmocka_run_group_tests(tests, make_directory, NULL);
}
