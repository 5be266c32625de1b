/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a station and the simulator's ether say to each other over a UNIX socket, for both sides to include.
 *
 * The socket is SOCK_SEQPACKET, both ends are on one machine: numbers are in the machine's own byte order and every
 * message is one struct below.  The station sends a hello and gets a welcome.  From then on the ether sends one
 * ether_block each 20 ms of air time; the station sends ether_tx messages when it has something to transmit. */
#ifndef HW_AUDIO_ETHER_WIRE_H
#define HW_AUDIO_ETHER_WIRE_H

#include <stdint.h>

#define ETHER_MAGIC 0x65746831u  /* "eth1" */
#define ETHER_NAME_MAX 32        /* station name with its terminating zero: letters, digits, - and _ */
#define ETHER_BLOCK_SAMPLES 160  /* 20 ms */
#define ETHER_TX_SAMPLES_MAX 800 /* in one ether_tx */

/* The most samples that a station may have queued and not yet on the air, 2 s.  The station keeps to it; the ether
 * drops one that does not. */
#define ETHER_TX_WINDOW 16000

/* RMS of a burst that the ether takes as the power to which its signal-to-noise ratio refers: a freedv modem at
 * ETHER_NOMINAL_LEVEL_PCT.  Another level is louder or weaker, as on the air. */
#define ETHER_NOMINAL_RMS 6000
#define ETHER_NOMINAL_LEVEL_PCT 50

struct ether_hello {
  uint32_t magic;
  char name[ETHER_NAME_MAX];
};

struct ether_welcome {
  uint32_t magic;
  int32_t error; /* 0, -EADDRINUSE (another station has the name), -EINVAL (bad name), -ENOSPC (ether full) */
};

enum ether_tx_type {
  ETHER_TX_SAMPLES = 1, /* samples follow, 1..ETHER_TX_SAMPLES_MAX, to the end of the message */
  ETHER_TX_FLUSH = 2,   /* forget what is queued; no samples */
};

struct ether_tx {
  uint32_t type;
  int16_t samples[ETHER_TX_SAMPLES_MAX];
};

struct ether_block {
  uint32_t sequence; /* counts blocks: a gap means that this station was too slow and lost some */
  uint32_t played;   /* how many of this station's samples have left its queue since the welcome, modulo 2^32 */
  int16_t samples[ETHER_BLOCK_SAMPLES];
};

#endif
