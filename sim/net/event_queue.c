/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of a simulation in the order in which they happen: a binary heap. */
#include "sim/net/event_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

static int comes_before(const struct event *a, const struct event *b)
{
  return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
  struct event kept = *a;
  *a = *b;
  *b = kept;
}

int event_queue_push(struct event_queue *queue, struct event event)
{
  if (queue->count == queue->size) {
    size_t larger = queue->size ? 2 * queue->size : FIRST_SIZE;
    struct event *grown = realloc(queue->heap, larger * sizeof *grown);
    if (!grown)
      return -ENOMEM;
    queue->heap = grown;
    queue->size = larger;
  }
  event.order = queue->pushed++;
  size_t at = queue->count++;
  queue->heap[at] = event;
  for (; at && comes_before(&queue->heap[at], &queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
    swap(&queue->heap[at], &queue->heap[(at - 1) / 2]);
  return 0;
}

int event_queue_pop(struct event_queue *queue, struct event *out)
{
  if (!queue->count)
    return 0;
  *out = queue->heap[0];
  queue->heap[0] = queue->heap[--queue->count];
  for (size_t at = 0, child; (child = 2 * at + 1) < queue->count; at = child) {
    if (child + 1 < queue->count && comes_before(&queue->heap[child + 1], &queue->heap[child]))
      child++;
    if (!comes_before(&queue->heap[child], &queue->heap[at]))
      break;
    swap(&queue->heap[child], &queue->heap[at]);
  }
  return 1;
}

void event_queue_wipe(struct event_queue *queue)
{
  free(queue->heap);
  memset(queue, 0, sizeof *queue);
}
