/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the status decoder, differences included.  The input: one byte, the length of a whole report that is the
 * base of every difference; that report; then the report itself. */
#include <errno.h>

#include "protocol/wire/status.h"
#include "tests/fuzz/fuzz.h"

struct base {
  int is_known;
  struct status_report report;
  uint32_t ref; /* the last one asked for */
};

static int find_base(void *context, uint32_t base_ref, struct status_report *out)
{
  struct base *base = context;
  base->ref = base_ref;
  if (!base->is_known)
    return -ENOENT;
  *out = base->report;
  return 0;
}

static int decode(void *out, struct bit_reader *in, void *context)
{
  return status_decode(out, in, find_base, context);
}

static void encode_whole(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  status_encode(in, out);
}

static void encode_delta(const void *in, struct bit_writer *out, void *context)
{
  struct base *base = context;
  status_encode_delta(in, &base->report, base->ref, out);
}

/* What the surfaces do with a report that came in. */
static void show(const struct status_report *report)
{
  char text[200];
  fuzz_check_text(&report->text);
  FUZZ_CHECK(status_state_name(report->state));
  FUZZ_CHECK(status_equal(report, report));
  for (unsigned i = 0; i < STATUS_FIELD_COUNT; i++)
    if (report->groups & 1u << status_field_info(i)->group)
      FUZZ_CHECK(status_field_format(i, report->value[i], text, sizeof text) < sizeof text);
}

static void check_forms(struct base *base, const uint8_t *data, size_t size)
{
  struct fuzz_codec whole = {sizeof(struct status_report), decode, encode_whole, base};
  struct fuzz_codec delta = {sizeof(struct status_report), decode, encode_delta, base};
  struct status_report report, same;
  if (fuzz_codec_check(&whole, data, size, &report))
    return;
  show(&report);
  if (!base->is_known)
    return;
  FUZZ_CHECK(!fuzz_codec_check(&delta, data, size, &same));
  FUZZ_CHECK(status_equal(&report, &same));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_input in = {data, size};
  struct base base = {0};
  struct bit_reader reader;
  size_t len;
  const uint8_t *bytes = fuzz_take_bytes(&in, fuzz_take_number(&in, 1), &len);
  bits_reader_init(&reader, bytes, len);
  base.is_known = !status_decode(&base.report, &reader, find_base, &(struct base){0});
  check_forms(&base, in.at, in.left);
  return 0;
}
