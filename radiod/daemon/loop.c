/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's only loop: modems, timers, signals and the control API on one thread. */
#include "radiod/daemon/loop.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "radiod/api/api.h"
#include "radiod/daemon/station_life.h"

struct loop {
  uv_loop_t uv;
  uv_prepare_t prepare;
  uv_timer_t timer;
  uv_signal_t terminate, interrupt, hangup;
  uv_poll_t poll[CONFIG_CHANNELS_MAX];
  size_t poll_count;
  int stop, reload; /* why the loop was stopped */
  const char *config_path;
  struct station *station;
  struct api *api;
};

static void on_readable(uv_poll_t *poll, int status, int events)
{
  /* What woke the loop is taken up by on_prepare, before the loop sleeps again. */
  (void)poll;
  (void)status;
  (void)events;
}

static void on_timer(uv_timer_t *timer)
{
  (void)timer;
}

/* Everything that happened - a modem's event, a request, a deadline - is served here, before the loop sleeps. */
static void on_prepare(uv_prepare_t *prepare)
{
  struct loop *loop = prepare->data;
  int64_t deadline = station_service(loop->station);
  if (deadline == INT64_MAX) {
    uv_timer_stop(&loop->timer);
    return;
  }
  int64_t wait = deadline - station_now_ms(loop->station);
  uv_update_time(&loop->uv);
  uv_timer_start(&loop->timer, on_timer, wait > 0 ? (uint64_t)wait : 1, 0);
}

static void on_stop(uv_signal_t *handle, int signal)
{
  struct loop *loop = handle->data;
  (void)signal;
  loop->stop = 1;
  uv_stop(&loop->uv);
}

static void start_polls(struct loop *loop)
{
  loop->poll_count = station_channel_count(loop->station);
  for (size_t i = 0; i < loop->poll_count; i++) {
    uv_poll_init(&loop->uv, &loop->poll[i], station_poll_fd(loop->station, i));
    uv_poll_start(&loop->poll[i], UV_READABLE, on_readable);
  }
}

/* Closing takes a turn of the loop, and a handle may be used again only after it. */
static void stop_polls(struct loop *loop)
{
  for (size_t i = 0; i < loop->poll_count; i++) {
    uv_poll_stop(&loop->poll[i]);
    uv_close((uv_handle_t *)&loop->poll[i], NULL);
  }
  loop->poll_count = 0;
}

static void on_reload(uv_signal_t *handle, int signal)
{
  struct loop *loop = handle->data;
  (void)signal;
  loop->reload = 1;
  uv_stop(&loop->uv);
}

/* Between two runs of the loop: the polls of the old radios must have been closed before their modems are. */
static void reload(struct loop *loop)
{
  struct config config;
  char why[CONFIG_ERROR_MAX];
  if (config_read(&config, loop->config_path, why, sizeof why)) {
    station_refuse_reload(loop->station, why);
    return;
  }
  stop_polls(loop);
  uv_run(&loop->uv, UV_RUN_NOWAIT);
  station_reload(loop->station, &config);
  start_polls(loop);
}

/* Runs until a signal asks for the end. */
static void serve(struct loop *loop)
{
  while (!loop->stop) {
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    /* While the settings are read they may change once more. */
    while (loop->reload && !loop->stop) {
      loop->reload = 0;
      reload(loop);
    }
  }
}

static void start_signal(struct loop *loop, uv_signal_t *handle, uv_signal_cb callback, int signal)
{
  uv_signal_init(&loop->uv, handle);
  handle->data = loop;
  uv_signal_start(handle, callback, signal);
}

static void start_handles(struct loop *loop)
{
  start_signal(loop, &loop->terminate, on_stop, SIGTERM);
  start_signal(loop, &loop->interrupt, on_stop, SIGINT);
  start_signal(loop, &loop->hangup, on_reload, SIGHUP);
  uv_timer_init(&loop->uv, &loop->timer);
  uv_prepare_init(&loop->uv, &loop->prepare);
  loop->prepare.data = loop;
  uv_prepare_start(&loop->prepare, on_prepare);
  start_polls(loop);
}

static void close_handle(uv_handle_t *handle, void *context)
{
  (void)context;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

static void close_loop(struct loop *loop)
{
  uv_walk(&loop->uv, close_handle, NULL);
  uv_run(&loop->uv, UV_RUN_DEFAULT);
  int err = uv_loop_close(&loop->uv);
  assert(err == 0);
  (void)err;
}

int loop_run(const char *config_path, const struct config *config, char *err, size_t err_len)
{
  struct loop loop = {.config_path = config_path};
  int error = station_open(&loop.station, config, err, err_len);
  if (error)
    return error;
  uv_loop_init(&loop.uv);
  error = api_start(&loop.api, &loop.uv, loop.station, config->socket, err, err_len);
  if (!error) {
    start_handles(&loop);
    serve(&loop);
    api_stop(loop.api);
  }
  close_loop(&loop);
  station_close(loop.station);
  return error;
}
