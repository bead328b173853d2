/* SPDX-License-Identifier: MIT */
/*
 * A binary heap of parcels; see queue.h.
 */
#include "queue.h"

#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct hop_parcel *a, const struct hop_parcel *b);
static void sink(struct hop_queue *queue);

struct hop_parcel *hop_queue_put(struct hop_queue *queue, uint64_t due_us, size_t size) {
    if (queue->count == queue->room) {
        size_t room = queue->room ? 2 * queue->room : 1024;
        struct hop_parcel **heap = realloc(queue->heap, room * sizeof(struct hop_parcel *));
        if (heap == NULL) return NULL;
        queue->heap = heap;
        queue->room = room;
    }
    struct hop_parcel *parcel = malloc(sizeof *parcel + size);
    if (parcel == NULL) return NULL;
    parcel->due_us = due_us;
    parcel->number = queue->next_number++;
    parcel->size = size;
    size_t at = queue->count++;
    for (; at > 0 && before(parcel, queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        queue->heap[at] = queue->heap[(at - 1) / 2];
    queue->heap[at] = parcel;
    return parcel;
}

struct hop_parcel *hop_queue_take_due(struct hop_queue *queue, uint64_t now_us) {
    if (queue->count == 0 || queue->heap[0]->due_us > now_us) return NULL;
    struct hop_parcel *first = queue->heap[0];
    queue->heap[0] = queue->heap[--queue->count];
    if (queue->count > 0) sink(queue);
    return first;
}

uint64_t hop_queue_due(const struct hop_queue *queue) {
    return queue->count > 0 ? queue->heap[0]->due_us : UINT64_MAX;
}

static bool before(const struct hop_parcel *a, const struct hop_parcel *b) {
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->number < b->number;
}

static void sink(struct hop_queue *queue) {
    struct hop_parcel *moving = queue->heap[0];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->count) break;
        if (child + 1 < queue->count && before(queue->heap[child + 1], queue->heap[child])) child++;
        if (!before(queue->heap[child], moving)) break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    queue->heap[at] = moving;
}
