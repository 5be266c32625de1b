/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ether in a thread of the test, with its socket in a folder of its own, and soft modems that join it. */
#ifndef ETHER_FIXTURE_H
#define ETHER_FIXTURE_H

#include <stdbool.h>

#include "hw/modem.h"
#include "sim/ether/server.h"

#define FIXTURE_MODEMS_MAX 3
#define FIXTURE_FRAMES_MAX 16
#define FIXTURE_DEADLINE_MS 30000 /* of a wait; the tests need a tenth of it on an idle machine */

struct heard_modem {
  struct modem *modem;
  size_t ready, sent, faults, frame_count;
  bool busy;
  uint32_t keyed_us;
  struct modem_event frames[FIXTURE_FRAMES_MAX];
};

struct ether_fixture;

struct ether_fixture *fixture_new(double snr_db);

/* Before modems join. */
void fixture_attenuate(struct ether_fixture *fixture, const char *a, const char *b, double db);
void fixture_start(struct ether_fixture *fixture);

/* Ends the ether; modems and the rest live on. */
void fixture_stop(struct ether_fixture *fixture);

void fixture_free(struct ether_fixture *fixture);

const char *fixture_socket(const struct ether_fixture *fixture);

/* Opens a soft modem as station name and waits until it is ready. */
struct heard_modem *fixture_modem(struct ether_fixture *fixture, const char *name);

/* Takes events of all modems until done(context) or the deadline, which fails the test. */
void fixture_wait(struct ether_fixture *fixture, bool (*done)(const void *context), const void *context,
                  const char *what);

/* For fixture_wait: context is a struct heard_modem. */
bool has_sent(const void *context);
bool has_frame(const void *context);
bool is_idle(const void *context);
bool is_busy(const void *context);
bool has_fault(const void *context);
bool is_ready_again(const void *context);

/* Reads what the ether's log holds; the caller frees it. */
char *fixture_log(struct ether_fixture *fixture);

/* A connected socket of the ether's kind, without a hello. */
int fixture_connect(const struct ether_fixture *fixture);

#endif
