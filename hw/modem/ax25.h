/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AX.25 2.2 unnumbered information (UI) frames around bursts, for TNCs that carry nothing else. */
#ifndef HW_MODEM_AX25_H
#define HW_MODEM_AX25_H

#include <stddef.h>
#include <stdint.h>

#define AX25_INFO_MAX 256  /* what every TNC must accept */
#define AX25_HEADER_LEN 16 /* two addresses, control, PID */
#define AX25_FRAME_MAX (AX25_HEADER_LEN + AX25_INFO_MAX)

struct ax25_address {
  char call[7]; /* 1 to 6 of A-Z 0-9, upper case */
  uint8_t ssid; /* 0..15 */
};

/* Reads "HH2ABC" or "hh2abc-7".  Returns 0 or -EINVAL. */
int ax25_address_parse(struct ax25_address *out, const char *text);

int ax25_address_equal(const struct ax25_address *a, const struct ax25_address *b);

/* Writes a UI frame (without check sequence: the TNC's) to out, which holds AX25_FRAME_MAX.  Returns its length, or
 * -EMSGSIZE if len is over AX25_INFO_MAX. */
int ax25_wrap(uint8_t *out, const struct ax25_address *to, const struct ax25_address *from, const uint8_t *info,
              size_t len);

struct ax25_frame {
  struct ax25_address to, from;
  const uint8_t *info; /* inside the bytes given to ax25_unwrap */
  size_t info_len;
};

/* Reads a UI frame without layer 3 (PID 0xF0), with up to eight digipeaters.  Returns 0, or -EBADMSG if it is
 * anything else or broken. */
int ax25_unwrap(struct ax25_frame *out, const uint8_t *frame, size_t len);

#endif
