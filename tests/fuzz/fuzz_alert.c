/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the alert decoder: the input is the alert's bits. */
#include "protocol/wire/alert.h"
#include "tests/fuzz/fuzz.h"

static int decode(void *out, struct bit_reader *in, void *context)
{
  (void)context;
  return alert_decode(out, in);
}

static void encode(const void *in, struct bit_writer *out, void *context)
{
  (void)context;
  alert_encode(in, out);
}

/* What the surfaces do with an alert that came in. */
static void show(const struct alert *alert)
{
  fuzz_check_text(&alert->text);
  FUZZ_CHECK(alert_event_info(alert->event));
  FUZZ_CHECK(alert_expiry_minutes(alert->expiry) > 0);
  for (unsigned i = 0; i < ALERT_LIST_COUNT; i++)
    FUZZ_CHECK(alert_code_name(i, alert->code[i]));
  for (unsigned station = 0; station < 300; station += 7)
    (void)alert_concerns(alert, station, (int)(station % 9) - 1, (int)(station % 12) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct fuzz_codec codec = {sizeof(struct alert), decode, encode, NULL};
  struct alert alert;
  if (!fuzz_codec_check(&codec, data, size, &alert))
    show(&alert);
  return 0;
}
