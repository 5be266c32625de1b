/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts: what became of a message at its recipient, told to its originator. */
#include "protocol/wire/receipt.h"

#include <errno.h>
#include <string.h>

static const char *const step_names[RECEIPT_STEP_COUNT] = {"received", "read", "acted", "refused", "expired",
                                                             "base unknown"};

const char *receipt_step_name(unsigned step)
{
  return step < RECEIPT_STEP_COUNT ? step_names[step] : NULL;
}

int receipt_step_find(const char *name)
{
  for (int i = 0; i < RECEIPT_STEP_COUNT; i++)
    if (!strcmp(name, step_names[i]))
      return i;
  return -ENOENT;
}

void receipt_encode(const struct receipt *receipt, struct bit_writer *out)
{
  bits_put(out, receipt->step, 3);
  bits_put(out, receipt->officer, 6);
  bits_put(out, receipt->ref_counter & 0xffff, 16);
  bits_put(out, receipt->text.len > 0, 1);
  if (receipt->text.len)
    text_encode(&receipt->text, out);
}

int receipt_decode(struct receipt *out, struct bit_reader *in)
{
  struct receipt receipt = {0};
  receipt.step = (uint8_t)bits_get(in, 3);
  receipt.officer = (uint8_t)bits_get(in, 6);
  receipt.ref_counter = bits_get(in, 16);
  int has_text = (int)bits_get(in, 1);
  if (in->underflow || receipt.step >= RECEIPT_STEP_COUNT)
    return -EBADMSG;
  if (has_text) {
    int err = text_decode(&receipt.text, in);
    if (err)
      return err;
  }
  *out = receipt;
  return 0;
}
